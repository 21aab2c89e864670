//! Leases, holds and the idle clock.

use super::*;

const IDLE: Duration = Duration::from_mins(30);

fn act(desired: &Desired, observed: &InstanceObservation, history: &History) -> (Rule, Action) {
    let decision = decide(desired, Some(observed), history, now());
    (decision.rule, decision.action)
}

fn lazy() -> Desired {
    desired("lazy", Power::On)
}

fn hot() -> Desired {
    desired("dev", Power::On)
}

fn leased() -> History {
    History { usage: Usage { leased: true, ..Usage::default() }, ..History::default() }
}

fn id() -> ContainerId {
    crate::testing::container_id(1)
}

fn lazy_in(state: ContainerState) -> InstanceObservation {
    seen(ours(&lazy(), state, false))
}

#[test]
fn a_lease_or_a_hold_wakes_a_lazy_instance() {
    let at = now();
    let held = Usage { held_until: Some(at + Duration::from_secs(1)), ..Usage::default() };
    let over = Usage { held_until: Some(at), ..Usage::default() };
    for (usage, wakes) in [(leased().usage, true), (held, true), (over, false), (Usage::default(), false)] {
        let history = History { usage, ..History::default() };
        let decided = decide(&lazy(), Some(&lazy_in(ContainerState::Exited)), &history, at);
        let expected = if wakes { Action::Start { id: id() } } else { Action::None };
        assert_eq!(decided.action, expected, "{usage:?}");
        let absent = decide(&lazy(), Some(&InstanceObservation::default()), &history, at);
        assert_eq!(absent.action, Action::Create { start: wakes }, "{usage:?}");
    }
}

#[test]
fn the_idle_clock_runs_from_the_last_use_or_from_when_it_came_up() {
    let at = now();
    let ago = |minutes| Some(at - Duration::from_mins(minutes));
    let sleep = Action::Stop { reason: StopReason::Idle };
    for (up_since, last_active, due) in [
        (ago(10), None, Some(at + Duration::from_mins(20))),
        (ago(300), ago(10), Some(at + Duration::from_mins(20))),
        (ago(10), ago(300), Some(at + Duration::from_mins(20))),
        (ago(30), None, None),
        (ago(300), ago(30), None),
    ] {
        let usage = Usage { last_active, ..Usage::default() };
        let history = History { up_since, usage, ..History::default() };
        let decided = decide(&lazy(), Some(&lazy_in(ContainerState::Running)), &history, at);
        let expected = match due {
            Some(due) => Decision::until(Rule::LazyAwake, due),
            None => Decision::act(Rule::Idle, sleep.clone()),
        };
        assert_eq!(decided, expected, "up since {up_since:?}, active {last_active:?}");
    }
}

#[test]
fn nothing_that_is_leased_or_held_falls_asleep() {
    let at = now();
    let long_ago = Some(at - IDLE * 10);
    let awake = lazy_in(ContainerState::Running);
    let history = History { up_since: long_ago, ..leased() };
    assert_eq!(act(&lazy(), &awake, &history), (Rule::AsDesired, Action::None));
    let held_until = Some(at + Duration::from_secs(9));
    let held =
        History { up_since: long_ago, usage: Usage { held_until, ..Usage::default() }, ..History::default() };
    let decided = decide(&lazy(), Some(&awake), &held, at);
    assert_eq!(
        (decided.action, decided.recheck),
        (Action::None, held_until),
        "the end of a hold is looked at"
    );
}

#[test]
fn one_that_is_awake_already_when_it_is_started_by_hand_is_looked_at_when_its_idle_time_is_over() {
    let at = now();
    let usage = Usage { last_active: Some(at), ..Usage::default() };
    let asked = Some(Request::Start);
    let history = History { up_since: Some(at - IDLE), usage, request: asked, ..History::default() };
    let decided = decide(&lazy(), Some(&lazy_in(ContainerState::Running)), &history, at);
    assert_eq!(decided, Decision::until(Rule::AsDesired, at + IDLE));
}

#[test]
fn a_stop_by_hand_of_a_leased_sleeper_waits_and_it_wakes_for_its_holder() {
    let stop = History { request: Some(Request::Stop), ..leased() };
    let start = Action::Start { id: id() };
    assert_eq!(act(&lazy(), &lazy_in(ContainerState::Exited), &stop), (Rule::Down, start));
    assert_eq!(act(&lazy(), &lazy_in(ContainerState::Running), &stop), (Rule::Draining, Action::None));
    let left = History { usage: Usage::default(), ..stop };
    let stops = Action::Stop { reason: StopReason::Requested };
    assert_eq!(act(&lazy(), &lazy_in(ContainerState::Running), &left), (Rule::StopRequested, stops));
}

#[test]
fn what_is_waited_for_is_not_left_paused() {
    let unpause = (Rule::Paused, Action::Unpause { id: id() });
    for (desired, drifted) in [(hot(), true), (desired("dev", Power::Off), false), (Desired::Gone, false)] {
        let paused = seen(ours(&hot(), ContainerState::Paused, drifted));
        assert_eq!(act(&desired, &paused, &leased()), unpause, "{desired:?}");
    }
    let paused = seen(ours(&hot(), ContainerState::Paused, true));
    let mut failed = leased();
    failed.failed(now(), 0.0);
    assert_eq!(act(&hot(), &paused, &failed), (Rule::BackingOff, Action::None));
}

#[test]
fn a_hot_instance_knows_no_idle_time() {
    let runs = seen(ours(&hot(), ContainerState::Running, false));
    let history = History { up_since: Some(now() - IDLE * 10), ..History::default() };
    assert_eq!(act(&hot(), &runs, &history), (Rule::AsDesired, Action::None));
}

#[test]
fn what_would_cut_a_leased_instance_waits_and_what_does_not_run_is_not_cut() {
    let draining = (Rule::Draining, Action::None);
    let asked = |request| History { request: Some(request), ..leased() };
    for (desired, observed, history) in [
        (hot(), seen(ours(&hot(), ContainerState::Running, true)), leased()),
        (hot(), seen(ours(&hot(), ContainerState::Running, false)), asked(Request::Recreate)),
        (hot(), seen(ours(&hot(), ContainerState::Running, false)), asked(Request::Restart)),
        (desired("dev", Power::Off), seen(ours(&hot(), ContainerState::Running, false)), leased()),
        (lazy(), lazy_in(ContainerState::Running), asked(Request::Stop)),
        (Desired::Gone, seen(ours(&hot(), ContainerState::Running, false)), leased()),
    ] {
        assert_eq!(act(&desired, &observed, &history), draining, "{desired:?} {history:?}");
    }
    let down = seen(ours(&hot(), ContainerState::Exited, true));
    let recreate = Action::Recreate { old: id(), cause: RecreateCause::Drift, start: true };
    assert_eq!(act(&hot(), &down, &leased()), (Rule::Drift, recreate));
    let down = seen(ours(&hot(), ContainerState::Exited, false));
    assert_eq!(act(&Desired::Gone, &down, &leased()), (Rule::Orphan, Action::Remove));
}
