use std::sync::Arc;

use super::*;
use crate::model::{Condition, DesiredView, LeaseId, ObservedView, Power, TaskId, TypeName};
use crate::testing::{name, type_name};

fn agent(text: &str, lifecycle: Lifecycle, phase: Phase) -> AgentView {
    let agent_type: TypeName = type_name("dev");
    AgentView {
        name: name(text),
        agent_type: agent_type.clone(),
        pool: agent_type,
        lifecycle,
        host_mode: false,
        desired: DesiredView {
            power: Power::On,
            image: None,
            spec_hash: None,
            state_limit_bytes: None,
            generation: 1,
        },
        observed: ObservedView {
            phase,
            since: None,
            image: None,
            container_id: None,
            image_id: None,
            started_at: None,
            restart_count: None,
            exit_code: None,
            incarnation: None,
            limits: None,
            state_volume: None,
            observed_at: None,
        },
        lease: None,
        task: None,
        parked: None,
        needs_human: None,
        progress: None,
        conditions: Vec::new(),
        near: Vec::new(),
        pin: None,
        next_action: None,
        last_stop: None,
    }
}

fn with(agents: impl IntoIterator<Item = AgentView>) -> FleetSnapshot {
    let agents = agents.into_iter().map(|agent| (agent.name.clone(), Arc::new(agent))).collect();
    FleetSnapshot { agents, ..FleetSnapshot::default() }
}

fn pool() -> ClaimTarget {
    ClaimTarget::Type(type_name("dev"))
}

fn free(snapshot: &FleetSnapshot, standings: &BTreeMap<InstanceName, Standing>) -> Vec<String> {
    let choice = choose(&pool(), snapshot, &BTreeMap::new(), standings);
    choice.free.iter().map(ToString::to_string).collect()
}

fn used_at(second: i64) -> Standing {
    let last_used_at = Some(Timestamp::from_second(second).expect("a time"));
    Standing { last_used_at, ..Standing::default() }
}

#[test]
fn running_ones_come_first_the_last_used_before_all_then_those_that_will_run_then_sleepers() {
    let snapshot = with([
        agent("a", Lifecycle::Lazy, Phase::Stopped),
        agent("b", Lifecycle::Hot, Phase::Starting),
        agent("c", Lifecycle::Hot, Phase::Running),
        agent("d", Lifecycle::Lazy, Phase::Running),
        agent("e", Lifecycle::Hot, Phase::Running),
    ]);
    let standings = BTreeMap::from([(name("d"), used_at(7)), (name("e"), used_at(9))]);
    assert_eq!(free(&snapshot, &standings), ["e", "d", "c", "b", "a"]);
}

#[test]
fn only_what_was_asked_for_is_given() {
    let snapshot =
        with([agent("a", Lifecycle::Hot, Phase::Running), agent("b", Lifecycle::Hot, Phase::Running)]);
    let none = BTreeMap::new();
    let one = ClaimTarget::Instance(name("b"));
    assert_eq!(choose(&one, &snapshot, &BTreeMap::new(), &none).free, [name("b")]);
    let other = ClaimTarget::Type(type_name("other"));
    assert!(choose(&other, &snapshot, &BTreeMap::new(), &none).is_empty());
}

#[test]
fn whoever_is_refused_hears_who_holds_what_and_what_is_the_matter() {
    let condition = |kind, reason: &str| Condition {
        kind,
        status: true,
        reason: reason.into(),
        since: Timestamp::UNIX_EPOCH,
        next_retry_at: None,
    };
    let mut sick = agent("sick", Lifecycle::Hot, Phase::Running);
    sick.conditions =
        vec![condition(ConditionType::Stale, "old"), condition(ConditionType::CrashLoop, "dies")];
    let mut busy = agent("busy", Lifecycle::Hot, Phase::Running);
    busy.task = Some(TaskId::random());
    let snapshot = with([
        agent("held", Lifecycle::Hot, Phase::Running),
        agent("cordoned", Lifecycle::Hot, Phase::Running),
        agent("unknown", Lifecycle::Hot, Phase::Unknown),
        agent("removing", Lifecycle::Hot, Phase::Removing),
        sick,
        busy,
    ]);
    let lease = Lease {
        id: LeaseId::random(),
        instance: name("held"),
        fence: 1,
        holder: "ci 7".into(),
        ttl: std::time::Duration::from_secs(15),
        acquired_at: Timestamp::UNIX_EPOCH,
        expires_at: Timestamp::UNIX_EPOCH,
    };
    let cordoned = Standing { cordoned: true, ..Standing::default() };
    let choice = choose(
        &pool(),
        &snapshot,
        &BTreeMap::from([(name("held"), lease)]),
        &BTreeMap::from([(name("cordoned"), cordoned)]),
    );
    assert_eq!(choice.free, []);
    let said = |instance: &str| {
        let occupied = choice.occupied.iter().find(|occupied| occupied.instance == name(instance));
        occupied.map(|occupied| occupied.reason.clone()).unwrap_or_default()
    };
    assert!(said("held").starts_with("ci 7 holds it until"));
    assert_eq!(said("cordoned"), "it is cordoned");
    assert_eq!(said("sick"), "dies");
    assert!(said("busy").contains("runs in it"));
    assert!(said("unknown").contains("docker"));
    assert!(said("removing").contains("removed"));
}
