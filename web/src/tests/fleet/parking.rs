//! Parked agents, and agents that need a person.

use serde_json::{Value, json};

use super::world::{World, condition};
use crate::tests::client::Answer;

fn parked_problem(answer: &Answer) -> Value {
    assert_eq!((answer.status, answer.problem_name().as_str()), (503, "parked"), "{answer:?}");
    answer.problem()
}

#[test]
fn a_parked_agent_is_refused_with_the_time_when_to_ask_again() {
    let world = World::with(&[("alice", "dev"), ("bob", "dev")]);
    let claims = [json!({ "instance": "alice", "holder": "h" }), json!({ "type": "dev", "holder": "h" })];
    world.post("agents/bob/park", &json!({ "kind": "other" }));
    let body = json!({ "kind": "quota", "reason": "weekly\nlimit", "for_s": 7200 });
    let answer = world.post("agents/alice/park", &body);
    assert_eq!((answer.status, answer.header("etag")), (200, Some("\"1\"")), "{answer:?}");
    let agent = answer.json();
    let parked = &agent["parked"];
    assert_eq!(
        (&parked["kind"], &parked["reason"], &parked["by"]),
        (&json!("quota"), &json!("weekly limit"), &json!("operator"))
    );
    let shown = condition(&agent, "parked").expect("it is a condition");
    assert_eq!(shown["next_retry_at"], parked["reopens_at"]);
    for claim in claims.iter().chain([&json!({ "type": "dev", "holder": "h", "wait_s": 600 })]) {
        let refused = world.post("leases", claim);
        let problem = parked_problem(&refused);
        assert_eq!(problem["retry_at"], parked["reopens_at"], "{claim}");
        let retry: u64 = refused.header("retry-after").expect("it says when").parse().expect("seconds");
        assert!((7000..=7200).contains(&retry), "{retry}");
        assert_eq!(problem["occupied"][0]["parked"], "quota");
    }
    for attempt in ["first", "again"] {
        let agent = world.delete("agents/alice/park");
        assert_eq!(agent.status, 200, "{attempt}");
        assert_eq!(agent.json()["parked"], Value::Null, "{attempt}: it is parked no more");
    }
    assert_eq!(world.post("leases", &claims[1]).status, 201);
    let open = parked_problem(&world.post("leases", &json!({ "instance": "bob", "holder": "h" })));
    assert_eq!(open["retry_at"], Value::Null, "nobody knows");
}

#[test]
fn a_dispatcher_parks_in_its_own_name_and_an_account_as_a_whole() {
    let world = World::with(&[("alice", "dev")]);
    let body = json!({ "kind": "auth", "holder": "night shift", "scope": "account", "for_s": 60 });
    let agent = world.post("agents/alice/park", &body).json();
    assert_eq!(agent["parked_agents"], json!(["alice"]), "{agent}");
    assert_eq!(
        (&agent["parked"]["by"], &agent["parked"]["holder"]),
        (&json!("dispatcher"), &json!("night shift"))
    );
    world.delete("agents/alice/park");
    world.post("agents/alice/park", &json!({ "kind": "other", "reason": "an operator's" }));
    let refused = world.post("agents/alice/park", &body);
    assert_eq!((refused.status, refused.problem_name().as_str()), (409, "denied"), "{refused:?}");
}

#[test]
fn an_agent_that_needs_a_person_says_so_until_one_came() {
    let world = World::with(&[("alice", "dev")]);
    let agent = world.post("agents/alice/need-human", &json!({ "reason": "sign in again" })).json();
    assert_eq!(condition(&agent, "needs_human").expect("it is one")["reason"], "sign in again");
    assert_eq!(world.post("leases", &json!({ "type": "dev", "holder": "h" })).status, 201, "it works on");
    let agent = world.delete("agents/alice/need-human").json();
    assert!(condition(&agent, "needs_human").is_none(), "{agent}");
    world.stored("alice");
    let path = "/api/v1/agents/alice/events?kind=agent_needs_human";
    let told = world.server.ask("GET", path, "Accept: application/json\r\n", "").json();
    assert_eq!(told["items"][0]["detail"], "sign in again", "{told}");
}

#[test]
fn what_is_said_about_parking_is_checked() {
    let world = World::with(&[("alice", "dev"), ("h", "host")]);
    for (body, field) in [
        (json!({}), "kind"),
        (json!({ "kind": "lunch" }), "kind"),
        (json!({ "kind": "quota", "until": "tomorrow" }), "until"),
        (json!({ "kind": "quota", "until": "2001-01-01T00:00:00Z" }), "until"),
        (json!({ "kind": "quota", "until": "9001-01-01T00:00:00Z" }), "until"),
        (json!({ "kind": "quota", "for_s": 0 }), "for_s"),
        (json!({ "kind": "quota", "for_s": u64::MAX }), "for_s"),
        (json!({ "kind": "quota", "for_s": 5, "until": "2101-01-01T00:00:00Z" }), "until"),
        (json!({ "kind": "quota", "scope": "everything" }), "scope"),
        (json!({ "kind": "quota", "reasons": "x" }), "reasons"),
    ] {
        let refused = world.post("agents/alice/park", &body);
        assert_eq!(
            (refused.status, &refused.problem()["field"]),
            (422, &json!(field)),
            "{body}: {refused:?}"
        );
    }
    let refused = world.post("agents/alice/need-human", &json!({ "reason": " \n" }));
    assert_eq!((refused.status, &refused.problem()["field"]), (422, &json!("reason")), "{refused:?}");
    let host = world.post("agents/h/park", &json!({ "kind": "other" }));
    assert_eq!((host.status, host.problem_name().as_str()), (409, "denied"));
    let nobody = [
        world.post("agents/nobody/park", &json!({ "kind": "other" })),
        world.delete("agents/nobody/park"),
        world.post("agents/nobody/need-human", &json!({ "reason": "x" })),
        world.delete("agents/nobody/need-human"),
    ];
    for answer in nobody {
        assert_eq!((answer.status, answer.problem_name().as_str()), (404, "agent-not-found"), "{answer:?}");
    }
}
