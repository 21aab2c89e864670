//! What is parked: left alone while it runs, left down while it does not.

use super::*;

fn parked() -> History {
    History { parked: true, ..History::default() }
}

fn asked(request: Request) -> History {
    History { request: Some(request), ..parked() }
}

fn act(desired: &Desired, observed: &InstanceObservation, history: &History) -> (Rule, Action) {
    let decision = decide(desired, Some(observed), history, now());
    (decision.rule, decision.action)
}

fn id() -> ContainerId {
    crate::testing::container_id(1)
}

/// Of the type, in `state`, as docker shows it once its own restarting is taken off.
fn calm(desired: &Desired, state: ContainerState) -> InstanceObservation {
    seen(ObservedContainer { restart_policy: RestartPolicy::No, ..ours(desired, state, false) })
}

#[test]
fn what_is_down_is_not_started_until_it_is_reopened_and_docker_does_not_either() {
    let hot = desired("dev", Power::On);
    for state in [ContainerState::Created, ContainerState::Exited] {
        let down = calm(&hot, state);
        assert_eq!(act(&hot, &down, &parked()), (Rule::Parked, Action::None), "{state}");
        assert_eq!(
            act(&hot, &down, &History::default()),
            (Rule::Down, Action::Start { id: id() }),
            "{state}"
        );
        let fresh = History { fresh: true, ..parked() };
        assert_eq!(act(&hot, &down, &fresh), (Rule::Parked, Action::None), "a boot starts nothing: {state}");
        let looping = History { crash_loop: Some(CrashLoop { next_try: now() }), ..parked() };
        assert_eq!(act(&hot, &down, &looping), (Rule::Parked, Action::None), "no tries: {state}");
    }
    let off = Action::SetPolicy { id: id(), policy: RestartPolicy::No };
    for state in [ContainerState::Created, ContainerState::Exited, ContainerState::Running] {
        let with_policy = seen(ours(&hot, state, false));
        assert_eq!(act(&hot, &with_policy, &parked()), (Rule::PolicyDiffers, off.clone()), "{state}");
    }
    let restarting = seen(ours(&hot, ContainerState::Restarting, false));
    assert_eq!(act(&hot, &restarting, &parked()), (Rule::Parked, Action::Calm { id: id() }));
    let on = Action::SetPolicy { id: id(), policy: RestartPolicy::UnlessStopped };
    let runs = calm(&hot, ContainerState::Running);
    assert_eq!(act(&hot, &runs, &History::default()), (Rule::PolicyDiffers, on), "reopened, it has it again");
}

#[test]
fn one_that_vanished_is_made_again_and_left_stopped() {
    let absent = InstanceObservation::default();
    for (agent_type, starts) in [("dev", true), ("lazy", false)] {
        let desired = desired(agent_type, Power::On);
        assert_eq!(act(&desired, &absent, &parked()), (Rule::Absent, Action::Create { start: false }));
        assert_eq!(act(&desired, &absent, &History::default()).1, Action::Create { start: starts });
        let start = Action::Create { start: true };
        assert_eq!(act(&desired, &absent, &asked(Request::Start)), (Rule::Absent, start));
    }
}

#[test]
fn what_runs_is_left_alone_even_if_it_drifted() {
    let hot = desired("dev", Power::On);
    let drifted = seen(ObservedContainer {
        restart_policy: RestartPolicy::No,
        ..ours(&hot, ContainerState::Running, true)
    });
    assert_eq!(act(&hot, &drifted, &parked()), (Rule::Parked, Action::None));
    let recreate = |start| Action::Recreate { old: id(), cause: RecreateCause::Drift, start };
    assert_eq!(act(&hot, &drifted, &asked(Request::Recreate)), (Rule::Drift, recreate(true)), "by hand");
    let down = seen(ours(&hot, ContainerState::Exited, true));
    assert_eq!(act(&hot, &down, &parked()), (Rule::Drift, recreate(false)), "what is down stays down");
}

#[test]
fn what_an_operator_asks_for_is_done() {
    let hot = desired("dev", Power::On);
    let down = calm(&hot, ContainerState::Exited);
    assert_eq!(act(&hot, &down, &asked(Request::Start)), (Rule::Down, Action::Start { id: id() }));
    assert_eq!(
        act(&hot, &down, &asked(Request::Restart)),
        (Rule::RestartRequested, Action::Restart { reason: StopReason::Requested })
    );
    let stop = Action::Stop { reason: StopReason::Requested };
    let held = desired("dev", Power::Off);
    assert_eq!(act(&held, &calm(&hot, ContainerState::Running), &parked()), (Rule::HeldDown, stop.clone()));
    let lazy = desired("lazy", Power::On);
    let awake = calm(&lazy, ContainerState::Running);
    assert_eq!(act(&lazy, &awake, &asked(Request::Stop)), (Rule::StopRequested, stop));
    let gone = act(&Desired::Gone, &calm(&hot, ContainerState::Running), &parked());
    assert_eq!(gone, (Rule::Orphan, Action::Remove));
}

#[test]
fn a_sleeper_is_not_woken_and_one_that_is_awake_falls_asleep_unless_it_is_held() {
    let (lazy, at) = (desired("lazy", Power::On), now());
    let held_until = Some(at + Duration::from_secs(9));
    let held = History { usage: Usage { held_until, ..Usage::default() }, ..parked() };
    let leased = History { usage: Usage { leased: true, ..Usage::default() }, ..parked() };
    for needed in [&held, &leased] {
        let asleep = calm(&lazy, ContainerState::Exited);
        assert_eq!(act(&lazy, &asleep, needed), (Rule::Parked, Action::None));
    }
    let up_since = Some(at - Duration::from_hours(5));
    let awake = calm(&lazy, ContainerState::Running);
    let kept = decide(&lazy, Some(&awake), &History { up_since, ..held }, at);
    assert_eq!((kept.rule, kept.action, kept.recheck), (Rule::Parked, Action::None, held_until));
    let idle = Action::Stop { reason: StopReason::Idle };
    assert_eq!(act(&lazy, &awake, &History { up_since, ..parked() }), (Rule::Idle, idle));
    let works = act(&lazy, &awake, &History { up_since, ..leased });
    assert_eq!(works, (Rule::Parked, Action::None), "whoever works with it goes on");
}
