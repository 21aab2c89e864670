//! Small values to begin a test with.

use claude_hooks_actors::model::{
    AgentView, DesiredView, Event, EventKind, Lifecycle, ObservedView, Phase, Power,
};
use claude_hooks_actors::testing::{name, type_name};
use jiff::Timestamp;

/// An agent of type `dev` in `phase`.
pub(crate) fn view(instance: &str, phase: Phase) -> AgentView {
    AgentView {
        name: name(instance),
        agent_type: type_name("dev"),
        pool: type_name("dev"),
        lifecycle: Lifecycle::Hot,
        host_mode: false,
        desired: DesiredView {
            power: Power::On,
            image: Some("agent:1".into()),
            spec_hash: None,
            state_limit_bytes: None,
            generation: 3,
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
        next_action: Some("wait for docker".into()),
        last_stop: None,
    }
}

/// Event number `seq`, about `instance`.
pub(crate) fn event(seq: u64, kind: EventKind, instance: &str) -> Event {
    Event {
        seq,
        at: Timestamp::UNIX_EPOCH,
        kind,
        instance: Some(name(instance)),
        agent_type: Some(type_name("dev")),
        incarnation: None,
        cause: None,
        detail: None,
        data: serde_json::Value::Null,
        caused_by: None,
    }
}
