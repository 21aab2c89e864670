//! A type without containers has rows, and nothing else.

use std::time::Duration;

use claude_hooks_actors::model::{EventKind, Outcome, Phase, ReconcileReport};
use serde_json::json;

use crate::harness::{Fleet, host, hot, let_pass};

#[test]
fn a_host_mode_agent_is_a_row_and_never_a_container_or_an_event_about_one() {
    let Some(mut fleet) = Fleet::new([host("desk")]) else { return };
    fleet.with_faults();
    fleet.without_docker_events(1);
    fleet.start();
    assert_eq!(fleet.create("desk-2", "desk").outcome, Outcome::Unchanged);
    for name in ["desk-default", "desk-2"] {
        let agent = fleet.agent(name);
        assert!(agent.host_mode, "{agent:?}");
        assert_eq!(agent.observed.phase, Phase::Host);
        assert_eq!((agent.observed.container_id, agent.desired.image), (None, None));
    }
    for verb in ["start", "stop", "restart", "recreate"] {
        let refused = fleet.post(&format!("/api/v1/agents/desk-2/{verb}"), &json!({}));
        assert!((400..500).contains(&refused.status), "{verb}: {refused:?}");
        assert!(refused.problem().to_string().contains("host-mode"), "{refused:?}");
    }
    let report: ReconcileReport = fleet.post("/api/v1/reconcile", &json!({})).expect(200).json();
    assert_eq!((report.unchanged.len(), report.failed.len()), (2, 0), "{report:?}");
    let_pass(Duration::from_secs(3));
    fleet.delete("desk-2").expect(200);
    assert_eq!(fleet.containers(), Vec::<String>::new());
    assert_eq!(fleet.faults().changes().len(), 0, "{:?}", fleet.faults().changes());
    let rows = [EventKind::AgentCreated, EventKind::AgentUpdated, EventKind::AgentDeleted];
    for event in fleet.stored().into_iter().filter(|event| event.instance.is_some()) {
        assert!(rows.contains(&event.kind), "{event:?}");
    }
}

#[test]
fn what_only_a_container_has_is_refused() {
    let Some(fleet) = Fleet::started([host("desk")]) else { return };
    let body = json!({ "name": "desk-2", "type": "desk", "image": "other:1" });
    let refused = fleet.post("/api/v1/agents", &body);
    assert!((400..500).contains(&refused.status), "{refused:?}");
    assert!(refused.problem().to_string().contains("host mode"), "{refused:?}");
}

#[test]
fn a_type_that_turns_to_host_mode_loses_its_containers_and_keeps_their_volumes() {
    let Some(mut fleet) = Fleet::started([hot("dev")]) else { return };
    assert!(fleet.inspect("dev-default").is_some());
    assert!(fleet.sigterm().success());
    fleet.declare(host("dev"));
    fleet.start();
    fleet.eventually("the container is gone", Duration::from_mins(1), || {
        fleet.inspect("dev-default").is_none().then_some(())
    });
    assert!(fleet.inspect_volume("dev-default").is_some());
    assert_eq!(fleet.agent("dev-default").observed.phase, Phase::Host);
}
