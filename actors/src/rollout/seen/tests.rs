use serde_json::json;

use super::*;

fn agent(conditions: &[(ConditionType, bool)]) -> AgentView {
    let condition = |(kind, status): &(ConditionType, bool)| json!({ "type": kind, "status": status, "reason": kind.to_string(), "since": "2026-01-31T12:00:00Z" });
    let agent = json!({
        "name": "dev-2", "type": "dev", "pool": "dev", "lifecycle": "hot", "host_mode": false,
        "desired": { "power": "on", "image": "agent:1", "spec_hash": null, "generation": 1 },
        "observed": { "phase": "running", "image_id": "sha256:a" },
        "conditions": conditions.iter().map(condition).collect::<Vec<_>>(),
    });
    serde_json::from_value(agent).expect("an agent")
}

#[test]
fn what_holds_for_an_agent_speaks_for_or_against_its_container() {
    use ConditionType::{
        CrashLoop, EffectFailing, Healthy, LimitNear, NeedsHuman, Parked, Ready, StateLost, Unhealthy,
    };
    let plain = Seen {
        image: Some("agent:1".into()),
        image_id: Some("sha256:a".into()),
        up: true,
        ..Seen::default()
    };
    let word = |kind: ConditionType| Some(kind.to_string());
    let table = [
        ((Ready, true), plain.clone()),
        ((Healthy, true), plain.clone()),
        ((Healthy, false), Seen { starting: true, ..plain.clone() }),
        ((NeedsHuman, true), plain.clone()),
        ((LimitNear, true), plain.clone()),
        ((Unhealthy, true), Seen { trouble: word(Unhealthy), ..plain.clone() }),
        ((CrashLoop, true), Seen { trouble: word(CrashLoop), ..plain.clone() }),
        ((CrashLoop, false), plain.clone()),
        ((Parked, true), Seen { obstacle: word(Parked), ..plain.clone() }),
        ((StateLost, true), Seen { obstacle: word(StateLost), ..plain.clone() }),
        ((EffectFailing, true), Seen { failing: word(EffectFailing), ..plain }),
    ];
    for (condition, expected) in table {
        assert_eq!(seen(&agent(&[condition])), Some(expected), "{condition:?}");
    }
    assert_eq!(seen(&agent(&[(ConditionType::DockerUnreachable, true)])), None, "nothing is known");
}
