//! What is routed is described, and the description is sound in itself.

use std::collections::{BTreeMap, BTreeSet};

use claude_hooks_actors::model::{InstanceName, TypeName};
use serde_json::{Value, json};

use super::document;
use crate::tests::client::TestServer;

type Operations = BTreeSet<(String, String)>;

fn described() -> Operations {
    let paths = document()["paths"].as_object().expect("paths");
    let operations = paths.iter().flat_map(|(path, methods)| {
        methods.as_object().expect("methods").keys().map(|method| (method.to_uppercase(), path.clone()))
    });
    operations.collect()
}

/// `HEAD` is a `GET` without a body, and is not described.
fn routed() -> Operations {
    let routes = crate::api::routes();
    let operations = routes
        .allowed()
        .flat_map(|(path, allow)| allow.split(", ").map(move |method| (method.to_owned(), path.to_owned())));
    operations.filter(|(method, _)| method != "HEAD").collect()
}

#[test]
fn everything_that_is_routed_is_described() {
    let missing: Vec<_> = routed().difference(&described()).cloned().collect();
    assert!(
        missing.is_empty(),
        "routed, but not in the API's description: {missing:?}\nput #[utoipa::path(…)] on the handler, as its neighbours \
         have it, and name the handler in `paths(…)` of web/src/api/description.rs"
    );
}

#[test]
fn everything_that_is_described_is_routed() {
    let surplus: Vec<_> = described().difference(&routed()).cloned().collect();
    assert!(
        surplus.is_empty(),
        "described, but not routed in web/src/api.rs: {surplus:?}\nlook at `path` and method of the handler's \
         #[utoipa::path(…)], and at the methods that resource(…) names"
    );
}

#[test]
fn every_method_that_a_resource_names_is_answered_by_a_handler() {
    let server = TestServer::start();
    for (path, allow) in crate::api::routes().allowed() {
        let path = path.replace(['{', '}'], "");
        for method in allow.split(", ").filter(|method| *method != "HEAD") {
            // A parameter that no handler knows: none begins to do anything.
            let answer = server.ask(method, &format!("{path}?not-known=1"), "", "");
            assert_ne!(answer.status, 405, "{method} {path}");
        }
    }
}

#[test]
fn operations_have_names_of_their_own_and_words_for_people() {
    let mut seen = BTreeMap::new();
    for (path, methods) in document()["paths"].as_object().expect("paths") {
        for (method, operation) in methods.as_object().expect("methods") {
            let here = format!("{method} {path}");
            let id = operation["operationId"].as_str().unwrap_or_else(|| panic!("{here} has no name"));
            assert_eq!(seen.insert(id, here.clone()), None, "{here}: the name {id} is taken");
            assert!(operation["summary"].is_string(), "{here}: a doc comment must say what it does");
            let tag = operation["tags"][0].as_str().unwrap_or_default();
            let tags = document()["tags"].as_array().expect("tags");
            assert!(tags.iter().any(|known| known["name"] == tag), "{here}: there is no tag {tag:?}");
        }
    }
}

fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get("$ref").and_then(Value::as_str));
            object.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_reference_leads_to_a_schema_and_every_schema_is_valid_and_used() {
    let document = document();
    let mut found = BTreeSet::new();
    references(document, &mut found);
    for reference in &found {
        let pointer = reference.strip_prefix('#').expect("references stay inside the document");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
    // Named where a stream or a problem is described in words.
    let in_words = ["FleetStats", "Occupied", "Event", "Picture"];
    for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
        assert!(jsonschema::draft202012::meta::is_valid(schema), "{name} is no JSON Schema: {schema}");
        let reference = format!("#/components/schemas/{name}");
        assert!(
            found.contains(reference.as_str()) || in_words.contains(&name.as_str()),
            "{name} is not used"
        );
    }
}

#[test]
fn names_are_described_as_they_are_read() {
    let long = "x".repeat(63);
    let too_long = "x".repeat(64);
    let texts = [
        "dev",
        "dev-2",
        "2",
        "a-",
        "dev-prev",
        "-prev",
        "prev",
        "dev-prev-2",
        "",
        "-a",
        "A",
        "a_b",
        "é",
        "a b",
        "a\n",
        &long,
        &too_long,
    ];
    for text in texts {
        for (name, parsed) in
            [("InstanceName", InstanceName::parse(text).is_ok()), ("TypeName", TypeName::parse(text).is_ok())]
        {
            let schema = &document()["components"]["schemas"][name];
            assert_eq!(jsonschema::is_valid(schema, &json!(text)), parsed, "{name} {text:?}");
        }
    }
}
