//! Values that use every field, so that a store which loses one is found out.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::model::{
    ContainerId, HealthRestarts, HealthSource, Incarnation, InstanceMemory, LastStop, Lifecycle, Limits,
    Mount, NearWalls, NewAgent, Overrides, PendingKind, PendingRequest, Pin, PinKind, RolloutId, StopCause,
    StopIntent, StopReason, ToldUnhealthy, Wall,
};
use crate::testing::{name, type_name};

pub(in crate::testing::contract) fn row(instance: &str) -> NewAgent {
    NewAgent { name: name(instance), agent_type: type_name("dev"), overrides: Overrides::default() }
}

pub(super) fn overrides() -> Overrides {
    Overrides {
        lifecycle: Some(Lifecycle::Lazy),
        image: Some("agent:2".into()),
        command: Some(vec!["sh".into(), "-c".into(), "echo \"ä\"; sleep 1".into()]),
        env: BTreeMap::from([("KEY".into(), "value with 'quotes', \"doubles\" and ünïcode".into())]),
        mounts: vec![Mount { source: "/srv/code".into(), target: "/work".into(), read_only: true }],
        network: Some("bridge".into()),
        limits: Limits { memory_bytes: Some(4 << 30), milli_cpus: Some(1500), pids: Some(512) },
    }
}

pub(super) fn container(digit: char) -> ContainerId {
    ContainerId::parse(&digit.to_string().repeat(64)).expect("64 hexadecimal digits")
}

pub(in crate::testing::contract) fn incarnation(digit: char) -> Incarnation {
    Incarnation { container: container(digit), started_at: "2025-01-01T00:00:00.123456789Z".into() }
}

pub(super) fn memory(at: Timestamp) -> InstanceMemory {
    InstanceMemory {
        pending: Some(PendingRequest { what: PendingKind::Recreate, of: incarnation('b') }),
        container: Some(container('a')),
        running: Some(incarnation('a')),
        restart_count: 4,
        intent: Some(StopIntent { incarnation: incarnation('a'), reason: StopReason::Recreated, at }),
        last_stop: Some(LastStop {
            incarnation: incarnation('b'),
            at,
            cause: StopCause::Oom,
            exit_code: Some(137),
            detail: Some("killed for memory".into()),
            capsule: None,
        }),
        crash_loop_since: Some(at),
        near: Some(NearWalls {
            of: incarnation('a'),
            walls: BTreeMap::from([(Wall::Memory, at), (Wall::Disk, at)]),
        }),
        unhealthy: Some(ToldUnhealthy { of: incarnation('a'), source: HealthSource::Healthcheck }),
        health_restarts: Some(HealthRestarts { count: 2, last: at }),
        pin: Some(Pin {
            image: "agent:1".into(),
            rollout: RolloutId::random(),
            kind: PinKind::Trial {
                from: "sha256:a".into(),
                to: "sha256:b".into(),
                failed: Some("no".into()),
            },
        }),
        told_stale: Some("sha256:c".into()),
    }
}
