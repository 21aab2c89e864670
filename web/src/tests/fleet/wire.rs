//! The bodies that clients write are what the handlers read, member by member.

use std::collections::{BTreeMap, BTreeSet};

use claude_hooks_actors::model::{LeaseId, Lifecycle, Mount};
use claude_hooks_actors::testing::{name, type_name};
use serde_json::Value;

use super::sse::Sse;
use super::world::World;
use crate::api::description;
use crate::wire::{
    AgentPatch, Change, Claim, Confirm, Hold, LimitsPatch, Memory, NewAgent, NewTask, Picture, Reconcile,
    Recover, Scale, SignIn,
};

fn patch() -> AgentPatch {
    let mount = Mount { source: "/srv/code".into(), target: "/work".into(), read_only: true };
    let limits = LimitsPatch {
        memory: Change::Set(Memory::Text("64m".into())),
        cpus: Change::Set(0.5),
        pids: Change::Set(64),
    };
    AgentPatch {
        lifecycle: Change::Set(Lifecycle::Lazy),
        image: Change::Set("agent:1".into()),
        command: Change::Set(vec!["run".into()]),
        env: Change::Set(BTreeMap::from([("A".into(), Some("1".into())), ("B".into(), None)])),
        mounts: Change::Set(vec![mount]),
        network: Change::Set("none".into()),
        limits: Change::Set(limits),
    }
}

/// Method, path, headers and a body in which every member that is described is there.
fn requests() -> Vec<(&'static str, &'static str, &'static str, &'static str, Value)> {
    let dev = Some(name("dev-default"));
    let new = NewAgent { name: name("dev-2"), agent_type: type_name("dev"), overrides: patch() };
    let claim = Claim {
        instance: dev.clone(),
        agent_type: Some(type_name("dev")),
        holder: "me".into(),
        ttl_s: Some(1),
        wait_s: Some(0),
        wake_s: Change::Set(0),
    };
    let task = NewTask {
        argv: vec!["run".into()],
        instance: dev.clone(),
        agent_type: Some(type_name("dev")),
        stdin: Some("a".into()),
        stdin_base64: Some("YQ==".into()),
        env: BTreeMap::from([("A".into(), "1".into())]),
        workdir: Some("/".into()),
        timeout_s: Some(1),
        idempotency_key: Some("key".into()),
        retry: true,
        lease: Some(LeaseId::random()),
    };
    let json = |value: Result<Value, _>| value.expect("plain values");
    vec![
        ("POST", "agents", "", "NewAgent", json(serde_json::to_value(new))),
        ("PATCH", "agents/dev-default", "If-Match: *\r\n", "AgentPatch", json(serde_json::to_value(patch()))),
        (
            "POST",
            "agents/dev-default/recover",
            "",
            "Recover",
            json(serde_json::to_value(Recover { accept_state_loss: true })),
        ),
        ("POST", "agents/dev-default/hold", "", "Hold", json(serde_json::to_value(Hold { ttl_s: 1 }))),
        (
            "POST",
            "agents/gone/wipe",
            "",
            "Confirm",
            json(serde_json::to_value(Confirm { confirm: name("gone") })),
        ),
        ("POST", "types/dev/scale", "", "Scale", json(serde_json::to_value(Scale { count: 1 }))),
        (
            "POST",
            "reconcile",
            "",
            "Reconcile",
            json(serde_json::to_value(Reconcile { adopt: true, instance: dev })),
        ),
        ("POST", "leases", "", "Claim", json(serde_json::to_value(claim))),
        ("POST", "tasks", "Lease-Fence: 1\r\n", "NewTask", json(serde_json::to_value(task))),
        (
            "POST",
            "/session",
            "",
            "SignIn",
            json(serde_json::to_value(SignIn { token: Some("t".into()), code: Some("c".into()) })),
        ),
    ]
}

/// Members that exclude each other: one of each pair is left out, then the other.
const EITHER: [(&str, &str); 4] =
    [("instance", "type"), ("stdin", "stdin_base64"), ("adopt", "instance"), ("token", "code")];

#[test]
fn every_member_that_is_described_is_taken_by_its_handler() {
    let world = World::with(&[("dev-default", "dev")]);
    for (method, path, more, schema, full) in requests() {
        let described = &description::document()["components"]["schemas"][schema]["properties"];
        let described: BTreeSet<_> = described.as_object().expect("members").keys().collect();
        let members = full.as_object().expect("members");
        assert_eq!(
            members.keys().collect::<BTreeSet<_>>(),
            described,
            "{schema}: this test must send every member"
        );
        for second in [false, true] {
            let mut body = members.clone();
            for (one, other) in EITHER {
                if body.contains_key(one) && body.contains_key(other) {
                    body.remove(if second { one } else { other });
                }
            }
            let answer = world.send(method, path, more, &body.into());
            if answer.status >= 300 {
                let name = answer.problem_name();
                let unread = ["unknown-field", "invalid-value", "invalid-name", "invalid-json"];
                assert!(!unread.contains(&name.as_str()), "{method} {path} {}", answer.problem());
            }
        }
    }
}

#[test]
fn frames_of_the_picture_are_what_clients_read() {
    let world = World::with(&[("dev-default", "dev")]);
    let mut stream = Sse::open(&world, "events", "");
    let frame = stream.next().expect("a first frame");
    let picture: Picture = serde_json::from_value(frame.json()).expect("a picture");
    assert_eq!(serde_json::to_value(&picture).expect("plain values"), frame.json());
    assert_eq!((picture.agents.len(), picture.gone.len()), (1, 0));
}
