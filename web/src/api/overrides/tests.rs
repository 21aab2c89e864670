use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::problem::ProblemKind;

fn try_patch(base: Overrides, body: Value) -> Result<Overrides, Problem> {
    let mut fields = Node::root(body).object()?;
    let result = patch(&mut fields, base)?;
    fields.finish()?;
    Ok(result)
}

fn full() -> Overrides {
    Overrides {
        lifecycle: Some(Lifecycle::Lazy),
        image: Some("agent:2".into()),
        command: Some(vec!["run".into()]),
        env: BTreeMap::from([("A".into(), "1".into()), ("B".into(), "2".into())]),
        mounts: vec![Mount { source: "/srv/a".into(), target: "/a".into(), read_only: true }],
        network: Some("bridge".into()),
        limits: Limits { memory_bytes: Some(4 << 30), milli_cpus: Some(2000), pids: Some(512) },
    }
}

#[test]
fn every_override_can_be_set() {
    let body = json!({
        "lifecycle": "lazy", "image": "agent:2", "command": ["run"], "env": { "A": "1", "B": "2" },
        "mounts": [{ "source": "/srv/a", "target": "/a", "read_only": true }],
        "network": "bridge", "limits": { "memory": "4g", "cpus": 2, "pids": 512 },
    });
    assert_eq!(try_patch(Overrides::default(), body).expect("valid"), full());
}

#[test]
fn null_takes_an_override_away_and_absence_leaves_it() {
    assert_eq!(try_patch(full(), json!({})).expect("valid"), full());
    let body = json!({
        "lifecycle": null, "image": null, "command": null, "env": null, "mounts": null, "network": null,
        "limits": null,
    });
    assert_eq!(try_patch(full(), body).expect("valid"), Overrides::default());
}

#[test]
fn env_and_limits_are_patched_member_by_member_and_lists_are_replaced() {
    let body = json!({
        "env": { "A": null, "C": "3" }, "limits": { "cpus": 0.5, "pids": null }, "command": [], "mounts": [],
    });
    let expected = Overrides {
        env: BTreeMap::from([("B".into(), "2".into()), ("C".into(), "3".into())]),
        limits: Limits { memory_bytes: Some(4 << 30), milli_cpus: Some(500), pids: None },
        command: Some(vec![]),
        mounts: vec![],
        ..full()
    };
    assert_eq!(try_patch(full(), body).expect("valid"), expected);
}

#[test]
fn memory_is_bytes_or_a_text_with_a_unit() {
    let memory = |value: Value| {
        let body = json!({ "limits": { "memory": value } });
        Ok::<_, Problem>(try_patch(Overrides::default(), body)?.limits.memory_bytes)
    };
    assert_eq!(memory(json!("512m")).expect("valid"), Some(512 << 20));
    assert_eq!(memory(json!(1_073_741_824)).expect("valid"), Some(1 << 30));
    for odd in [json!("lots"), json!(1.5), json!(-1), json!(true)] {
        assert_eq!(memory(odd.clone()).expect_err("odd").to_json()["field"], "limits.memory", "{odd}");
    }
}

#[test]
fn a_refusal_says_where_and_what_was_meant() {
    let bodies = [
        json!({ "lifecycle": "host" }),
        json!({ "lifecycle": "lasy" }),
        json!({ "imgae": "a" }),
        json!({ "privileged": true }),
        json!({ "image": 7 }),
        json!({ "command": "sleep 1" }),
        json!({ "command": ["sleep", 1] }),
        json!({ "env": { "A": 1 } }),
        json!({ "mounts": [{ "source": "/srv" }] }),
        json!({ "mounts": [{ "source": "/srv", "target": "/a", "readonly": true }] }),
        json!({ "limits": { "memroy": "4g" } }),
        json!({ "limits": { "cpus": "2" } }),
        json!({ "limits": { "cpus": 0 } }),
        json!({ "limits": { "pids": 4_294_967_296_u64 } }),
        json!([]),
    ];
    let refused: Vec<Value> = bodies
        .into_iter()
        .map(|body| try_patch(Overrides::default(), body).expect_err("refused").to_json())
        .collect();
    insta::assert_json_snapshot!(refused);
}

#[test]
fn a_field_that_is_not_known_is_not_a_bad_value() {
    let refused = try_patch(Overrides::default(), json!({ "user": "root" })).expect_err("unknown");
    assert_eq!(refused.kind(), ProblemKind::UnknownField);
}
