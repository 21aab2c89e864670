use std::sync::Arc;

use claude_hooks_actors::model::{DesiredView, ObservedView, Power};
use claude_hooks_actors::testing::{name, type_name};
use strum::IntoEnumIterator as _;

use super::*;

fn agent(number: usize, phase: Phase, lifecycle: Lifecycle) -> AgentView {
    AgentView {
        name: name(&format!("a-{number}")),
        agent_type: type_name("a"),
        pool: type_name("a"),
        lifecycle,
        host_mode: phase == Phase::Host,
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
            container_id: None,
            image: None,
            image_id: None,
            started_at: None,
            restart_count: None,
            exit_code: None,
            incarnation: None,
            limits: None,
            state_volume: None,
            observed_at: Some(Timestamp::UNIX_EPOCH),
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

fn fleet(agents: impl IntoIterator<Item = (Phase, Lifecycle)>) -> FleetSnapshot {
    let agents = agents.into_iter().enumerate().map(|(number, (phase, lifecycle))| {
        let agent = agent(number, phase, lifecycle);
        (agent.name.clone(), Arc::new(agent))
    });
    FleetSnapshot { agents: agents.collect(), booted: true, ..FleetSnapshot::default() }
}

#[test]
fn agents_are_counted_by_what_they_do() {
    let none = Circumstances::default();
    assert_eq!(words(&fleet([]), &none), "no agents");
    assert_eq!(words(&fleet([(Phase::Running, Lifecycle::Hot)]), &none), "1 agent: 1 running");
    let types_wanted = Some("/etc/claude-hooks/agents.json".into());
    assert_eq!(
        words(&fleet([]), &Circumstances { types_wanted, ..none.clone() }),
        "no agents; no types: declare them in /etc/claude-hooks/agents.json, then restart this service"
    );
    let many = [
        (Phase::Stopped, Lifecycle::Lazy),
        (Phase::Running, Lifecycle::Hot),
        (Phase::Stopped, Lifecycle::Hot),
        (Phase::Running, Lifecycle::Lazy),
        (Phase::Backoff, Lifecycle::Hot),
    ];
    assert_eq!(words(&fleet(many), &none), "5 agents: 2 running, 1 asleep, 1 stopped, 1 failing");
}

#[test]
fn no_phase_is_left_out_of_the_count() {
    for phase in Phase::iter() {
        for lifecycle in [Lifecycle::Hot, Lifecycle::Lazy] {
            let word = word(&agent(1, phase, lifecycle));
            assert!(WORDS.contains(&word), "{word}");
        }
    }
}

#[test]
fn what_keeps_it_from_its_work_is_told_on_one_line() {
    let circumstances = Circumstances {
        unreachable_since: Some("2026-01-02T03:04:05.6Z".parse().expect("a timestamp")),
        not_reloaded: Some("c.toml:3: unknown\nREADY=1".to_owned()),
        types_wanted: None,
    };
    let unlooked = FleetSnapshot { booted: false, ..fleet([(Phase::Unknown, Lifecycle::Hot)]) };
    assert_eq!(
        words(&unlooked, &circumstances),
        "the first pass over the fleet is under way; 1 agent: 1 of unknown state; docker unreachable since \
         2026-01-02 03:04:05Z; config not reloaded, the old one holds: c.toml:3: unknown READY=1"
    );
    let long = Circumstances { not_reloaded: Some("x".repeat(10_000)), ..circumstances };
    assert_eq!(words(&unlooked, &long).chars().count(), LONGEST);
}
