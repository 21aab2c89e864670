use super::*;

fn act(desired: &Desired, observed: &InstanceObservation, history: &History) -> (Rule, Action) {
    let decision = decide(desired, Some(observed), history, now());
    (decision.rule, decision.action)
}

fn hot() -> Desired {
    desired("dev", Power::On)
}

fn lazy() -> Desired {
    desired("lazy", Power::On)
}

fn asked(request: Request) -> History {
    History { request: Some(request), ..History::default() }
}

fn down_for(seconds: u64) -> History {
    History { down_since: Some(now() - Duration::from_secs(seconds)), ..History::default() }
}

fn id() -> ContainerId {
    crate::testing::container_id(1)
}

fn drifted(start: bool) -> (Rule, Action) {
    (Rule::Drift, Action::Recreate { old: id(), cause: RecreateCause::Drift, start })
}

#[test]
fn without_a_row_nothing_is_made_and_what_is_ours_is_removed() {
    let nothing = InstanceObservation::default();
    assert_eq!(act(&Desired::Gone, &nothing, &History::default()), (Rule::NoRow, Action::None));
    assert_eq!(act(&Desired::Host, &nothing, &History::default()), (Rule::HostMode, Action::None));
    for unwanted in [Desired::Gone, Desired::Host] {
        let there = seen(ours(&hot(), ContainerState::Running, false));
        assert_eq!(act(&unwanted, &there, &History::default()), (Rule::Orphan, Action::Remove));
    }
}

#[test]
fn a_foreign_container_is_a_conflict_until_adoption_is_asked_for() {
    let foreign = Some(container(7, ContainerState::Running, 1));
    let foreign = InstanceObservation { foreign, ..InstanceObservation::default() };
    for request in [Request::Start, Request::Stop, Request::Restart, Request::Recreate, Request::Recover] {
        assert_eq!(act(&hot(), &foreign, &asked(request)), (Rule::NameConflict, Action::None), "{request:?}");
    }
    let old = crate::testing::container_id(7);
    let adopt = Action::Recreate { old, cause: RecreateCause::Adopted, start: true };
    assert_eq!(act(&hot(), &foreign, &asked(Request::Adopt)), (Rule::AdoptRequested, adopt));
}

#[test]
fn an_absent_container_is_created_and_only_a_hot_one_that_is_not_held_down_started() {
    let nothing = InstanceObservation::default();
    let created = |start| (Rule::Absent, Action::Create { start });
    assert_eq!(act(&hot(), &nothing, &History::default()), created(true));
    assert_eq!(act(&lazy(), &nothing, &History::default()), created(false));
    assert_eq!(act(&desired("dev", Power::Off), &nothing, &History::default()), created(false));
}

#[test]
fn another_spec_is_recreated_whatever_the_container_does() {
    for state in [
        ContainerState::Created,
        ContainerState::Running,
        ContainerState::Paused,
        ContainerState::Exited,
        ContainerState::Restarting,
    ] {
        let there = seen(ours(&hot(), state, true));
        assert_eq!(act(&hot(), &there, &History::default()), drifted(true), "{state}");
    }
    let asleep = seen(ours(&lazy(), ContainerState::Exited, true));
    assert_eq!(act(&lazy(), &asleep, &History::default()), drifted(false));
    let awake = seen(ours(&lazy(), ContainerState::Running, true));
    assert_eq!(act(&lazy(), &awake, &History::default()), drifted(true));
}

#[test]
fn a_hot_container_that_is_down_is_started_after_dockers_own_policy_had_its_go() {
    let there = seen(ours(&hot(), ContainerState::Exited, false));
    let started = (Rule::Down, Action::Start { id: id() });
    assert_eq!(act(&hot(), &there, &down_for(3)), (Rule::RestartGrace, Action::None));
    assert_eq!(act(&hot(), &there, &down_for(6)), started);
    let waited_for = History { fresh: true, ..down_for(0) };
    assert_eq!(act(&hot(), &there, &waited_for), started);
    let never_ran = seen(ours(&hot(), ContainerState::Created, false));
    assert_eq!(act(&hot(), &never_ran, &down_for(0)), started);
}

#[test]
fn a_lazy_container_sleeps_until_it_is_asked_for_and_stops_on_request() {
    let asleep = seen(ours(&lazy(), ContainerState::Exited, false));
    assert_eq!(act(&lazy(), &asleep, &History::default()), (Rule::LazyAsleep, Action::None));
    assert_eq!(act(&lazy(), &asleep, &asked(Request::Start)), (Rule::Down, Action::Start { id: id() }));
    let awake = seen(ours(&lazy(), ContainerState::Running, false));
    assert_eq!(act(&lazy(), &awake, &History::default()), (Rule::LazyAwake, Action::None));
    let stop = Action::Stop { reason: StopReason::Requested };
    assert_eq!(act(&lazy(), &awake, &asked(Request::Stop)), (Rule::StopRequested, stop));
}

#[test]
fn a_running_hot_container_is_left_alone_and_a_held_one_stopped() {
    let runs = seen(ours(&hot(), ContainerState::Running, false));
    assert_eq!(act(&hot(), &runs, &History::default()), (Rule::AsDesired, Action::None));
    let held = desired("dev", Power::Off);
    let stop = Action::Stop { reason: StopReason::Requested };
    assert_eq!(act(&held, &runs, &History::default()), (Rule::HeldDown, stop));
    let down = seen(ours(&hot(), ContainerState::Exited, false));
    assert_eq!(act(&held, &down, &History::default()), (Rule::HeldDown, Action::None));
}

#[test]
fn a_paused_hot_container_is_unpaused() {
    let paused = seen(ours(&hot(), ContainerState::Paused, false));
    assert_eq!(act(&hot(), &paused, &History::default()), (Rule::Paused, Action::Unpause { id: id() }));
}

#[test]
fn dead_and_removing_containers_are_cleared_and_never_created_over() {
    let clear = Action::Clear { id: id() };
    let dead = seen(ours(&hot(), ContainerState::Dead, false));
    assert_eq!(act(&hot(), &dead, &History::default()), (Rule::Dead, clear.clone()));
    let going = seen(ours(&hot(), ContainerState::Removing, false));
    assert_eq!(act(&hot(), &going, &down_for(1)), (Rule::BeingRemoved, Action::None));
    assert_eq!(act(&hot(), &going, &down_for(11)), (Rule::BeingRemoved, clear));
}

#[test]
fn docker_restarts_what_restarts_unless_it_is_a_crash_loop() {
    let restarting = seen(ours(&hot(), ContainerState::Restarting, false));
    assert_eq!(act(&hot(), &restarting, &History::default()), (Rule::Restarting, Action::None));
    let looping = History { crash_loop: Some(CrashLoop { next_try: now() }), ..History::default() };
    assert_eq!(act(&hot(), &restarting, &looping), (Rule::CrashLoop, Action::Calm { id: id() }));
}

#[test]
fn a_crash_loop_is_tried_at_its_time_and_at_once_when_started_by_hand() {
    let down = ObservedContainer {
        restart_policy: RestartPolicy::No,
        ..ours(&hot(), ContainerState::Exited, false)
    };
    let down = seen(down);
    let looping = |next_try| History { crash_loop: Some(CrashLoop { next_try }), ..History::default() };
    let later = looping(now() + Duration::from_mins(5));
    assert_eq!(act(&hot(), &down, &later), (Rule::CrashLoop, Action::None));
    let reconciled = History { fresh: true, ..later.clone() };
    assert_eq!(act(&hot(), &down, &reconciled), (Rule::CrashLoop, Action::None));
    let by_hand = History { request: Some(Request::Start), ..later };
    assert_eq!(act(&hot(), &down, &by_hand), (Rule::Down, Action::Start { id: id() }));
    let due = looping(now() - Duration::from_secs(1));
    assert_eq!(act(&hot(), &down, &due), (Rule::CrashLoop, Action::Start { id: id() }));
}

#[test]
fn a_crash_loop_is_not_tried_sooner_because_somebody_removed_the_container() {
    let nothing = InstanceObservation::default();
    for next_try in [now() + Duration::from_mins(5), now() - Duration::from_secs(1)] {
        let looping = History { crash_loop: Some(CrashLoop { next_try }), ..History::default() };
        assert_eq!(act(&hot(), &nothing, &looping), (Rule::Absent, Action::Create { start: false }));
        let by_hand = History { request: Some(Request::Start), ..looping };
        assert_eq!(act(&hot(), &nothing, &by_hand), (Rule::Absent, Action::Create { start: true }));
    }
}

#[test]
fn in_the_first_pass_nothing_that_runs_is_cut_because_of_one_look() {
    let first = |looks| History { first_pass: true, looks, fresh: true, ..History::default() };
    let runs = seen(ours(&hot(), ContainerState::Running, true));
    assert_eq!(act(&hot(), &runs, &first(1)), (Rule::FirstLook, Action::LookAgain));
    assert_eq!(act(&hot(), &runs, &first(2)), drifted(true));
    assert_eq!(act(&Desired::Gone, &runs, &first(1)), (Rule::FirstLook, Action::LookAgain));
    let down = seen(ours(&hot(), ContainerState::Exited, true));
    assert_eq!(act(&hot(), &down, &first(1)), drifted(true), "what is down can be replaced at once");
}

#[test]
fn a_failed_effect_waits_for_its_time_unless_somebody_asks() {
    let mut history = History::default();
    history.failed(now() + Duration::from_secs(1), 0.0);
    let nothing = InstanceObservation::default();
    assert_eq!(act(&hot(), &nothing, &history), (Rule::BackingOff, Action::None));
    let asked = History { fresh: true, ..history };
    assert_eq!(act(&hot(), &nothing, &asked).0, Rule::Absent);
}
