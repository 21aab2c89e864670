//! Holds every answer that a test gets against the API's description.
//!
//! Stricter than the description, which lets answers grow: a member that is not described fails here, so that it cannot be
//! forgotten. What a request brought and was taken must be described as well.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::Value;

use super::client::Answer;
use crate::api::description;

/// What is said when a check fails.
const HOW: &str = "the API's description does not say so: see #[utoipa::path(…)] at the handler, and the types in web/src/wire";

/// The document with no room for members that are not described.
static STRICT: LazyLock<Value> = LazyLock::new(|| {
    let mut document = description::document().clone();
    for schema in
        document["components"]["schemas"].as_object_mut().into_iter().flat_map(|all| all.values_mut())
    {
        close(schema);
    }
    document
});

fn close(schema: &mut Value) {
    if schema["properties"].is_object() && schema.get("additionalProperties").is_none() {
        schema["additionalProperties"] = false.into();
    }
}

/// Panics unless the request, if it was taken, and the answer are as the description says.
pub(super) fn check(method: &str, address: &str, body: &str, answer: &Answer) {
    let (path, query) = address.split_once('?').unwrap_or((address, ""));
    // Files of the page, paths that lead nowhere and methods that have no meaning are no operations.
    let Some((template, operation)) = operation(method, path) else { return };
    let here = format!("{method} {template}");
    let status = answer.status.to_string();
    let told = &operation["responses"][&status];
    assert!(told.is_object(), "{here} answered {answer:?}; {HOW}");
    if (200..300).contains(&answer.status) {
        check_request(&here, operation, query, body);
    }
    let Some(media) = answer.header("content-type") else {
        assert!(told.get("content").is_none(), "{here} answered {status} without a body; {HOW}");
        return;
    };
    let schema = &told["content"][media]["schema"];
    assert!(schema.is_object(), "{here} answered {status} as {media}; {HOW}");
    if media.ends_with("json") && method != "HEAD" {
        let value = serde_json::from_str(&answer.body).expect("the body is JSON");
        validate(&format!("{here} {status} {media}"), schema, &value);
    }
}

fn check_request(here: &str, operation: &Value, query: &str, body: &str) {
    let known = operation["parameters"].as_array().map(Vec::as_slice).unwrap_or_default();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let name = pair.split('=').next().unwrap_or(pair);
        let described = known.iter().any(|one| one["name"] == name && one["in"] == "query");
        assert!(described, "{here} takes the parameter {name}; {HOW}");
    }
    if !body.is_empty() {
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        assert!(schema.is_object(), "{here} takes the body {body}; {HOW}");
        let value = serde_json::from_str(body).expect("what was taken is JSON");
        validate(&format!("{here} takes"), schema, &value);
    }
}

/// The operation that answers, as the router chooses it: a path without parameters goes first.
fn operation(method: &str, path: &str) -> Option<(&'static str, &'static Value)> {
    let method = if method == "HEAD" { "get".to_owned() } else { method.to_lowercase() };
    let paths = STRICT["paths"].as_object().expect("a description has paths");
    let found = paths.iter().filter(|(template, _)| fits(template, path));
    let (template, operations) = found.min_by_key(|(template, _)| template.matches('{').count())?;
    Some((template, operations.get(method)?))
}

fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut given) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return true,
            (Some(wanted), Some(given)) if wanted.starts_with('{') && !given.is_empty() => {}
            (Some(wanted), Some(given)) if wanted == given => {}
            (_, _) => return false,
        }
    }
}

fn validate(what: &str, schema: &Value, value: &Value) {
    static KNOWN: LazyLock<Mutex<HashMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let mut known = KNOWN.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    let validator = known.entry(what.to_owned()).or_insert_with(|| {
        let mut schema = schema.clone();
        schema["components"] = STRICT["components"].clone();
        Arc::new(jsonschema::draft202012::new(&schema).unwrap_or_else(|error| panic!("{what}: {error}")))
    });
    let validator = Arc::clone(validator);
    drop(known);
    let wrong: Vec<String> =
        validator.iter_errors(value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(wrong.is_empty(), "{what} {value}\n{}\n{HOW}", wrong.join("\n"));
}

#[test]
fn a_member_a_status_and_a_parameter_that_are_not_described_are_found() {
    let ready = Answer::of(200, "application/json", "{\"ready\":true}");
    check("GET", "/readyz", "", &ready);
    let other_member = Answer::of(200, "application/json", "{\"ready\":true,\"since\":1}");
    let other_status = Answer::of(202, "application/json", "{\"ready\":true}");
    let other_media = Answer::of(200, "text/plain", "ready");
    for (address, answer) in [
        ("/readyz", &other_member),
        ("/readyz", &other_status),
        ("/readyz", &other_media),
        ("/readyz?since=1", &ready),
    ] {
        let found = std::panic::catch_unwind(|| check("GET", address, "", answer));
        assert!(found.is_err(), "{address} {answer:?}");
    }
}
