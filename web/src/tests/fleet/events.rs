//! The event log in pages.

use serde_json::{Value, json};

use super::world::World;

const JSON: &str = "Accept: application/json\r\n";

fn page(world: &World, path: &str) -> Value {
    world.server.ask("GET", &format!("/api/v1/{path}"), JSON, "").json()
}

fn seqs(page: &Value) -> Vec<u64> {
    let items = page["items"].as_array().expect("a list of items");
    items.iter().map(|event| event["seq"].as_u64().expect("a number")).collect()
}

fn kinds(page: &Value) -> Vec<&str> {
    let items = page["items"].as_array().expect("a list of items");
    items.iter().map(|event| event["kind"].as_str().expect("a kind")).collect()
}

#[test]
fn the_log_is_read_page_by_page_without_a_gap() {
    let world = World::empty();
    for name in ["a", "b", "c"] {
        world.post("agents", &json!({ "name": name, "type": "dev" }));
    }
    world.stored("c");
    let whole = page(&world, "events?after=0&limit=1000");
    let all = seqs(&whole);
    assert_eq!(all, (1..=all.len() as u64).collect::<Vec<_>>());
    assert_eq!((&whole["oldest"], &whole["newest"]), (&json!(1), &json!(all.len())));
    assert!(whole["generation"].is_u64());

    let mut read = Vec::new();
    loop {
        let next = page(&world, &format!("events?after={}&limit=2", read.last().unwrap_or(&0)));
        let items = seqs(&next);
        assert!(items.len() <= 2, "{items:?}");
        if items.is_empty() {
            break;
        }
        read.extend(items);
    }
    assert_eq!(read, all);
    assert_eq!(seqs(&page(&world, "events?limit=2")), all[all.len() - 2..], "the newest, oldest first");
}

#[test]
fn an_event_says_what_happened_to_whom_and_because_of_what() {
    let world = World::empty();
    world.post("agents", &json!({ "name": "alice", "type": "dev" }));
    world.stored("alice");
    let events = page(&world, "agents/alice/events?kind=container_created");
    insta::assert_json_snapshot!(events["items"][0], {
        ".at" => "[time]",
        ".data.container" => "[id]",
    });
}

#[test]
fn pages_are_narrowed_by_kind_instance_and_type() {
    let world = World::empty();
    for (name, agent_type) in [("alice", "dev"), ("bob", "dev"), ("z", "lazy")] {
        world.post("agents", &json!({ "name": name, "type": agent_type }));
    }
    world.stored("z");
    let created = page(&world, "events?kind=agent_created,container_created&instance=alice,z");
    assert_eq!(
        kinds(&created),
        ["agent_created", "container_created", "agent_created", "container_created"],
        "{created}"
    );
    let lazy = page(&world, "events?type=lazy");
    assert!(!seqs(&lazy).is_empty(), "{lazy}");
    assert!(lazy["items"].as_array().expect("items").iter().all(|event| event["instance"] == "z"), "{lazy}");
    let own = world.get("agents/z/events").json();
    assert_eq!(own["items"], page(&world, "events?instance=z")["items"]);
    let nobody = world.get("agents/nobody/events");
    assert_eq!((nobody.status, nobody.problem_name().as_str()), (404, "agent-not-found"));
}

#[test]
fn the_log_is_read_backwards_to_its_beginning_and_searched() {
    let world = World::empty();
    for name in ["a", "b", "c"] {
        world.post("agents", &json!({ "name": name, "type": "dev" }));
    }
    world.stored("c");
    let all = seqs(&page(&world, "events?after=0&limit=1000"));
    let mut read = seqs(&page(&world, "events?limit=2"));
    loop {
        let earlier = seqs(&page(&world, &format!("events?before={}&limit=2", read[0])));
        if earlier.is_empty() {
            break;
        }
        read.splice(0..0, earlier);
    }
    assert_eq!(read, all, "each page is oldest first, so that it goes in front of what was read");

    let of_b = page(&world, "events?before=1000&instance=b&kind=agent_created,container_created");
    assert_eq!(kinds(&of_b), ["agent_created", "container_created"]);
    assert_eq!(kinds(&page(&world, "events?cause=absent&limit=1")), ["container_created"]);
    assert_eq!(kinds(&page(&world, "agents/b/events?q=AGENT_CRE&before=1000")), ["agent_created"]);
    assert!(seqs(&page(&world, "events?q=nothing+says+this")).is_empty());
    let refused = world.server.ask("GET", "/api/v1/events?before=1&after=1", JSON, "");
    assert_eq!((refused.status, &refused.problem()["field"]), (400, &json!("before")));
}
