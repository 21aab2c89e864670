//! One that runs and is not well.

use super::*;
use crate::model::HealthAction;

const QUIET: Duration = Duration::from_mins(1);

/// What a row of `agent_type` asks for whose type says so of health.
fn with_health(agent_type: &str, action: HealthAction, under_lease: bool) -> Desired {
    let Desired::Container(mut container) = desired(agent_type, Power::On) else {
        panic!("it has containers")
    };
    container.health.action = action;
    container.health.quiet = QUIET;
    container.health.under_lease = under_lease;
    Desired::Container(container)
}

fn hot() -> Desired {
    with_health("dev", HealthAction::Restart, false)
}

/// All that speaks for a restart.
fn ill() -> Illness {
    Illness {
        confirmed: Some(now()),
        silent_since: Some(now() - QUIET),
        pause_until: None,
        turn: Some(now()),
    }
}

fn of(illness: Illness) -> History {
    History { illness: Some(illness), up_since: Some(now() - Duration::from_hours(1)), ..History::default() }
}

fn decided(desired: &Desired, history: &History) -> Decision {
    decide(desired, Some(&seen(ours(desired, ContainerState::Running, false))), history, now())
}

fn restart() -> Action {
    Action::Restart { reason: StopReason::Unhealthy }
}

#[test]
fn it_is_restarted_once_all_agrees_and_for_each_other_case_says_what_it_waits_for() {
    let at = now();
    let later = at + Duration::from_mins(3);
    let seconds = Duration::from_secs;
    let found = |illness: Illness| {
        let decision = decided(&hot(), &of(illness));
        (decision.rule, decision.recheck, decision.action != Action::None)
    };
    // `now()` moves on a little from call to call.
    let ill = Illness { confirmed: Some(at + seconds(1)), silent_since: Some(at - 2 * QUIET), ..ill() };
    assert_eq!(found(ill), (Rule::Unhealthy, None, true));
    let paused = Illness { pause_until: Some(later), turn: Some(later + QUIET), ..ill };
    assert_eq!(found(paused), (Rule::UnhealthyPause, Some(later), false));
    let prints = Illness { silent_since: Some(at - seconds(30)), turn: Some(later), ..ill };
    assert_eq!(found(prints), (Rule::UnhealthyPrints, None, false));
    let unheard = Illness { silent_since: None, turn: Some(later), ..ill };
    assert_eq!(found(unheard), (Rule::UnhealthyUnconfirmed, None, false));
    let crowded = Illness { turn: Some(later), confirmed: None, ..ill };
    assert_eq!(found(crowded), (Rule::UnhealthyBudget, Some(later), false));
    for confirmed in [None, Some(at - seconds(10))] {
        assert_eq!(found(Illness { confirmed, ..ill }), (Rule::UnhealthyUnconfirmed, None, false));
    }
}

#[test]
fn whoever_only_wants_to_be_told_is_only_told() {
    let told = with_health("dev", HealthAction::Monitor, true);
    assert_eq!(decided(&told, &of(ill())).rule, Rule::UnhealthyTold);
    assert_eq!(decided(&told, &of(ill())).action, Action::None);
}

#[test]
fn a_lease_protects_it_unless_the_type_says_otherwise_and_a_task_always_does() {
    let under_lease = with_health("dev", HealthAction::Restart, true);
    let used =
        |leased, working| History { usage: Usage { leased, working, ..Usage::default() }, ..of(ill()) };
    for (desired, leased, working, expected) in [
        (hot(), false, false, restart()),
        (hot(), true, false, Action::None),
        (hot(), true, true, Action::None),
        (under_lease.clone(), false, false, restart()),
        (under_lease.clone(), true, false, restart()),
        (under_lease, true, true, Action::None),
    ] {
        let decision = decided(&desired, &used(leased, working));
        assert_eq!(decision.action, expected, "{leased} {working}");
        assert!(expected != Action::None || decision.rule == Rule::UnhealthyInUse);
    }
}

#[test]
fn output_does_not_matter_where_the_type_says_so() {
    let Desired::Container(mut container) = hot() else { panic!("it has containers") };
    container.health.quiet = Duration::ZERO;
    let unheard = Illness { silent_since: None, ..ill() };
    assert_eq!(decided(&Desired::Container(container), &of(unheard)).action, restart());
}

#[test]
fn a_lazy_one_that_nobody_needs_is_put_to_sleep_and_its_idle_clock_runs_on() {
    let lazy = with_health("lazy", HealthAction::Restart, true);
    let stop = Action::Stop { reason: StopReason::Unhealthy };
    let up_since = Some(now() - Duration::from_mins(10));
    let alone = |illness| History { up_since, ..of(illness) };
    assert_eq!(decided(&lazy, &alone(ill())).action, stop);
    let held = Usage { held_until: Some(now() + QUIET), ..Usage::default() };
    assert_eq!(decided(&lazy, &History { usage: held, ..alone(ill()) }).action, restart());
    let waiting = Illness { turn: Some(now() + Duration::from_hours(2)), ..ill() };
    let asleep = up_since.map(|since| since + Duration::from_mins(30));
    assert_eq!(decided(&lazy, &alone(waiting)).recheck, asleep, "it may sleep before its turn comes");
    let over = History { up_since: Some(now() - Duration::from_hours(1)), ..of(waiting) };
    assert_eq!(decided(&lazy, &over).action, Action::Stop { reason: StopReason::Idle });
}

#[test]
fn only_what_runs_as_it_should_is_restarted_for_its_health() {
    let other = |state, drifted, history: &History| {
        let main = ours(&hot(), state, drifted);
        decide(&hot(), Some(&seen(main)), history, now()).rule
    };
    for state in
        [ContainerState::Created, ContainerState::Paused, ContainerState::Restarting, ContainerState::Exited]
    {
        assert!(!other(state, false, &of(ill())).is_about_health(), "{state}");
    }
    assert_eq!(other(ContainerState::Running, true, &of(ill())), Rule::Drift);
    let held = desired("dev", Power::Off);
    assert_eq!(decided(&held, &of(ill())).rule, Rule::HeldDown);
    let suspended = History { suspended: true, ..of(ill()) };
    assert_eq!(decided(&hot(), &suspended).rule, Rule::Suspended);
    let first = History { first_pass: true, looks: 1, ..of(ill()) };
    assert_eq!(decided(&hot(), &first).action, Action::LookAgain, "not because of one look");
    let mut failed = of(ill());
    failed.failed(now() + QUIET, 0.0);
    assert_eq!(decided(&hot(), &failed).rule, Rule::BackingOff);
}

/// Every combination of what speaks for and against it.
#[test]
fn it_is_never_cut_unless_every_sign_agrees() {
    let at = now();
    let around = [None, Some(at - Duration::from_hours(1)), Some(at), Some(at + Duration::from_hours(1))];
    let flags = [false, true];
    let mut restarted = 0;
    for agent_type in ["dev", "lazy"] {
        for action in [HealthAction::Monitor, HealthAction::Restart] {
            for under_lease in flags {
                let desired = with_health(agent_type, action, under_lease);
                for (leased, working) in [(false, false), (true, false), (true, true)] {
                    for confirmed in around {
                        for silent_since in around {
                            for pause_until in around {
                                for turn in around {
                                    let illness = Illness { confirmed, silent_since, pause_until, turn };
                                    let usage = Usage { leased, working, ..Usage::default() };
                                    let up_since = Some(at);
                                    let history = History {
                                        illness: Some(illness),
                                        usage,
                                        up_since,
                                        ..History::default()
                                    };
                                    let main = ours(&desired, ContainerState::Running, false);
                                    let decision = decide(&desired, Some(&seen(main)), &history, at);
                                    let ago = |time: Option<Instant>, least: Duration| {
                                        time.is_some_and(|time| time + least <= at)
                                    };
                                    let agrees = action == HealthAction::Restart
                                        && !working
                                        && (!leased || under_lease)
                                        && pause_until.is_none_or(|until| until <= at)
                                        && ago(silent_since, QUIET)
                                        && turn.is_none_or(|turn| turn <= at)
                                        && confirmed.is_some_and(|found| found >= at);
                                    assert_eq!(
                                        decision.action.cuts(),
                                        agrees,
                                        "{decision:?}\n{desired:?}\n{history:?}"
                                    );
                                    restarted += u32::from(agrees);
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    assert!(restarted > 0, "the sweep reaches a restart");
}
