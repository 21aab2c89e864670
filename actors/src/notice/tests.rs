use super::*;
use crate::model::StopIntent;
use crate::testing::{container, container_id};

fn at() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

fn look(main: ObservedContainer) -> InstanceObservation {
    InstanceObservation { main: Some(main), ..InstanceObservation::default() }
}

fn running(life: u32) -> ObservedContainer {
    container(1, ContainerState::Running, life)
}

fn exited(life: u32, code: i64) -> ObservedContainer {
    ObservedContainer { exit_code: code, ..container(1, ContainerState::Exited, life) }
}

fn remembered(life: u32) -> InstanceMemory {
    notice(&InstanceMemory::default(), &look(running(life)), at()).memory
}

fn causes(noticed: &Noticed) -> Vec<StopCause> {
    let cause = |fact: &Fact| match fact {
        Fact::Stopped { stop, .. } => Some(stop.cause),
        Fact::Started { .. } | Fact::Missing { .. } => None,
    };
    noticed.facts.iter().filter_map(cause).collect()
}

#[test]
fn a_stop_is_noticed_once_however_often_it_is_looked_at() {
    let first = notice(&remembered(1), &look(exited(1, 137)), at());
    assert_eq!(causes(&first), [StopCause::Killed]);
    assert_eq!(first.deaths, 0, "a stop by other hands does not speak against the container");
    let second = notice(&first.memory, &look(exited(1, 137)), at());
    assert_eq!(second.facts, []);
    assert_eq!(second.deaths, 0);
}

#[test]
fn a_stop_while_the_daemon_was_down_is_noticed_at_the_first_look() {
    let forgotten = notice(&InstanceMemory::default(), &look(exited(1, 0)), at());
    assert_eq!(causes(&forgotten), [StopCause::Exited]);
}

#[test]
fn the_cause_comes_from_the_intent_then_from_what_docker_says() {
    let intent = |life| {
        let incarnation = running(life).incarnation();
        Some(StopIntent { incarnation, reason: StopReason::Requested, at: at() })
    };
    let ours = InstanceMemory { intent: intent(1), ..remembered(1) };
    let noticed = notice(&ours, &look(exited(1, 137)), at());
    assert_eq!(causes(&noticed), [StopCause::Requested]);
    assert_eq!(noticed.deaths, 0);
    assert_eq!(noticed.memory.intent, None, "an intent is used once");

    let of_an_older_life = InstanceMemory { intent: intent(1), ..remembered(2) };
    assert_eq!(causes(&notice(&of_an_older_life, &look(exited(2, 137)), at())), [StopCause::Killed]);

    let oom = ObservedContainer { oom_killed: true, ..exited(1, 137) };
    assert_eq!(causes(&notice(&remembered(1), &look(oom), at())), [StopCause::Oom]);
    assert_eq!(causes(&notice(&remembered(1), &look(exited(1, 143)), at())), [StopCause::Killed]);
    assert_eq!(causes(&notice(&remembered(1), &look(exited(1, 3)), at())), [StopCause::Crashed]);
    let refused = ObservedContainer { error: "exec: not found".into(), ..exited(1, 127) };
    assert_eq!(causes(&notice(&remembered(1), &look(refused), at())), [StopCause::StartFailed]);
}

#[test]
fn a_life_that_came_and_went_between_two_looks_still_counts() {
    let restarted = ObservedContainer { restart_count: 3, ..running(9) };
    let noticed = notice(&remembered(1), &look(restarted), at());
    assert_eq!(causes(&noticed), [StopCause::Crashed]);
    assert_eq!(noticed.deaths, 3);
    assert!(
        matches!(&noticed.facts[1], Fact::Started { incarnation } if incarnation.started_at.ends_with("09Z"))
    );
}

#[test]
fn restarting_is_a_death_and_its_return_is_a_start() {
    let dead = notice(&remembered(1), &look(container(1, ContainerState::Restarting, 1)), at());
    assert_eq!(dead.deaths, 1);
    let back = notice(&dead.memory, &look(ObservedContainer { restart_count: 1, ..running(2) }), at());
    assert!(matches!(back.facts.as_slice(), [Fact::Started { .. }]), "{back:?}");
}

#[test]
fn a_container_that_vanished_is_missing_once() {
    let missing = notice(&remembered(1), &InstanceObservation::default(), at());
    let Fact::Missing { container, incarnation: Some(_) } = &missing.facts[0] else { panic!("{missing:?}") };
    assert_eq!(*container, container_id(1));
    assert_eq!(notice(&missing.memory, &InstanceObservation::default(), at()).facts, []);
    assert_eq!(notice(&InstanceMemory::default(), &InstanceObservation::default(), at()).facts, []);
}

#[test]
fn a_container_that_never_ran_raises_nothing() {
    let created = notice(&InstanceMemory::default(), &look(container(1, ContainerState::Created, 0)), at());
    assert_eq!(created.facts, []);
    assert_eq!(created.memory.container, Some(container_id(1)));
}

#[test]
fn another_container_starts_its_counts_anew() {
    let other = ObservedContainer { restart_count: 7, ..container(2, ContainerState::Running, 5) };
    let noticed = notice(&remembered(1), &look(other), at());
    assert_eq!(noticed.deaths, 0);
    assert!(matches!(noticed.facts.as_slice(), [Fact::Started { .. }]));
}
