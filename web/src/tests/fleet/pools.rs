//! Types and their pools.

use serde_json::{Value, json};

use super::world::World;

fn names(list: &Value) -> Vec<&str> {
    let items = list.as_array().expect("a list");
    items.iter().map(|item| item["name"].as_str().expect("a name")).collect()
}

#[test]
fn types_are_listed_with_the_size_of_their_pools() {
    let world = World::with(&[("dev-default", "dev"), ("alice", "dev"), ("h", "host")]);
    let types = world.get("types").json();
    insta::assert_json_snapshot!(types["items"]);
}

#[test]
fn a_pool_grows_by_the_lowest_free_names_and_shrinks_from_the_highest() {
    let world = World::with(&[("dev-3", "dev")]);
    let grown = world.post("types/dev/scale", &json!({ "count": 4 }));
    assert_eq!(grown.status, 200, "{grown:?}");
    let grown = grown.json();
    assert_eq!(names(&grown["created"]), ["dev-default", "dev-2", "dev-4"]);
    assert_eq!((&grown["removed"], &grown["unchanged"]), (&json!([]), &json!(1)));
    assert!(grown["created"].as_array().expect("a list").iter().all(|one| one["outcome"] == "created"));

    let same = world.post("types/dev/scale", &json!({ "count": 4 })).json();
    assert_eq!((&same["created"], &same["unchanged"]), (&json!([]), &json!(4)));

    let shrunk = world.post("types/dev/scale", &json!({ "count": 1 })).json();
    assert_eq!(names(&shrunk["removed"]), ["dev-4", "dev-3", "dev-2"]);
    assert_eq!(names(&world.get("agents").json()["items"]), ["dev-default"]);
    assert_eq!(world.docker.containers().len(), 1);
    assert_eq!(world.docker.volumes().len(), 4, "volumes are never removed by scaling");
}

#[test]
fn agents_with_names_of_their_own_are_never_scaled_away() {
    let world = World::with(&[("alice", "dev"), ("dev-2", "dev")]);
    let refused = world.post("types/dev/scale", &json!({ "count": 0 }));
    assert_eq!((refused.status, refused.problem_name().as_str()), (409, "denied"));
    assert_eq!(names(&world.get("agents").json()["items"]), ["alice", "dev-2"], "nothing was done by halves");
    assert_eq!(world.post("types/dev/scale", &json!({ "count": 1 })).status, 200);
    assert_eq!(names(&world.get("agents").json()["items"]), ["alice"]);
}

#[test]
fn what_is_no_count_and_no_type_is_refused() {
    let world = World::empty();
    for count in [json!(1001), json!(-1), json!("3"), json!(1.5), json!(null)] {
        let refused = world.post("types/dev/scale", &json!({ "count": count }));
        assert_eq!((refused.status, refused.problem()["field"].as_str()), (422, Some("count")), "{count}");
    }
    let refused = world.post("types/def/scale", &json!({ "count": 1 }));
    assert_eq!((refused.status, refused.problem_name().as_str()), (404, "unknown-type"));
    assert_eq!(refused.problem()["nearest"], "dev");
}
