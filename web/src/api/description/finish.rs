//! What no annotation says: problems as documented answers, credentials, and schemas as strict as the handlers. Pure.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};
use strum::IntoEnumIterator as _;

use super::told::{EVERYBODY, NEEDS_CREDENTIAL, WITH_BODY, WITH_QUERY};
use crate::problem::ProblemKind;
use crate::wire::PROBLEM_PREFIX;

/// How a handler names the problems that it may answer.
const TOLD: &str = "x-problems";
/// They answer whatever the query says.
const PROBES: [&str; 2] = ["/healthz", "/readyz"];

/// The document as it is served.
pub(super) fn finish(mut document: Value) -> Value {
    document["info"]["version"] = env!("CARGO_PKG_VERSION").into();
    document["servers"] = json!([{ "url": "/" }]);
    document["security"] = json!([{ "token": [] }, { "session": [] }]);
    document["components"]["securitySchemes"] = json!({
        "token": { "type": "http", "scheme": "bearer", "description": "The token from the file in the data directory." },
        "session": {
            "type": "apiKey", "in": "cookie", "name": "claude-hooks-session-7117",
            "description": "A browser's session. The name ends in the port that the supervisor listens on. Beside it the \
                            browser must say that the request comes from the dashboard: Sec-Fetch-Site: same-origin.",
        },
    });
    merge_flattened(&mut document);
    name_items(&mut document["components"]["schemas"]);
    let mut brought = BTreeSet::new();
    for (path, operations) in members(&mut document["paths"]) {
        for (method, operation) in members(operations) {
            tell_problems(path, method, operation);
            spell_parameters(operation);
            never_null_bodies(operation);
            references(&operation["requestBody"], &mut brought);
        }
    }
    refuse_unknown(&mut document["components"]["schemas"], brought);
    document
}

fn members(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flatten()
}

/// Makes answers of what the handler names and what every request may meet, one per status.
fn tell_problems(path: &str, method: &str, operation: &mut Value) {
    let mut by_status: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
    let mut tell =
        |kind: ProblemKind, status: String| by_status.entry(status).or_default().insert(kind.name());
    let open = operation["security"] == json!([{}]);
    let credential = if open { &[] } else { NEEDS_CREDENTIAL };
    let query = if PROBES.contains(&path) { &[] } else { WITH_QUERY };
    let body = if method == "get" { &[] } else { WITH_BODY };
    for kind in [EVERYBODY, credential, query, body].into_iter().flatten() {
        tell(*kind, kind.status().as_str().to_owned());
    }
    let own = operation.as_object_mut().and_then(|operation| operation.remove(TOLD)).unwrap_or_default();
    for text in texts(&own) {
        let named = text.split_once(' ').and_then(|(status, name)| {
            let kind = ProblemKind::iter().find(|kind| kind.name() == name)?;
            Some((kind, status.to_owned()))
        });
        let (kind, status) =
            named.unwrap_or_else(|| panic!("{method} {path}: {text:?} is no problem of ours"));
        tell(kind, status);
    }
    for (status, names) in by_status {
        let answer = &mut operation["responses"][&status];
        if answer.is_null() {
            *answer = json!({ "description": titles(&names) });
        }
        answer["content"]["application/problem+json"] = json!({ "schema": schema(&status, &names) });
        if let Some(header) = header(&status) {
            answer["headers"] = header;
        }
    }
}

/// The texts of a list of lists.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::String(text) => vec![text],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

fn titles(names: &BTreeSet<&'static str>) -> String {
    let kinds = ProblemKind::iter().filter(|kind| names.contains(kind.name()));
    kinds.map(|kind| format!("`{}`: {}", kind.name(), kind.title())).collect::<Vec<_>>().join("\n\n")
}

fn schema(status: &str, names: &BTreeSet<&'static str>) -> Value {
    let types: Vec<String> = names.iter().map(|name| format!("{PROBLEM_PREFIX}{name}")).collect();
    let status: u16 = status.parse().expect("made of a status");
    json!({
        "allOf": [{ "$ref": "#/components/schemas/Problem" }],
        "properties": { "type": { "enum": types }, "status": { "const": status } },
    })
}

/// What a client should look at beside the body.
fn header(status: &str) -> Option<Value> {
    let seconds = json!({ "Retry-After": {
        "description": "When it is worth asking again, in seconds, where that is known",
        "schema": { "type": "string", "pattern": "^[0-9]+$" },
    } });
    let challenge = json!({ "WWW-Authenticate": { "schema": { "type": "string" } } });
    match status {
        "401" => Some(challenge),
        "429" | "502" | "503" => Some(seconds),
        _ => None,
    }
}

/// `1`, `true` or nothing after the name is yes.
fn spell_parameters(operation: &mut Value) {
    let parameters = operation.get_mut("parameters").and_then(Value::as_array_mut);
    for parameter in parameters.into_iter().flatten() {
        let in_query = parameter["in"] == "query";
        let schema = &mut parameter["schema"];
        let is_flag = schema["type"] == "boolean" || schema["type"] == json!(["boolean", "null"]);
        if is_flag && in_query {
            *schema = json!({ "type": "string", "enum": ["1", "0", "true", "false", ""] });
        } else if let Some(types) = schema["type"].as_array() {
            // A parameter cannot be null, only left out.
            let kind = types.iter().find(|kind| **kind != "null").cloned().unwrap_or_default();
            schema["type"] = kind;
        } else {
            without_null(schema);
        }
    }
}

/// A body that may be left out is an object where it is there.
fn never_null_bodies(operation: &mut Value) {
    let content = operation.get_mut("requestBody").and_then(|body| body.get_mut("content"));
    for (_, media) in content.into_iter().flat_map(members) {
        without_null(&mut media["schema"]);
    }
}

fn without_null(schema: &mut Value) {
    let Some(of) = schema["oneOf"].as_array() else { return };
    let mut others = of.iter().filter(|one| one["type"] != "null").cloned();
    if let (Some(one), None) = (others.next(), others.next()) {
        *schema = one;
    }
}

/// An object that others were written into is one object to whoever reads it.
fn merge_flattened(document: &mut Value) {
    let known = document["components"]["schemas"].clone();
    let mut merged_away = BTreeSet::new();
    for (_, schema) in members(&mut document["components"]["schemas"]) {
        let Some(parts) = schema["allOf"].as_array() else { continue };
        let mut merged = json!({ "type": "object" });
        if let Some(description) = schema.get("description") {
            merged["description"] = description.clone();
        }
        references(&schema["allOf"], &mut merged_away);
        let (mut properties, mut required) = (Map::new(), Vec::new());
        for part in parts {
            let part = part["$ref"].as_str().map_or(part, |reference| &known[name_of(reference)]);
            properties.extend(part["properties"].as_object().cloned().unwrap_or_default());
            required.extend(part["required"].as_array().cloned().unwrap_or_default());
        }
        merged["properties"] = properties.into();
        merged["required"] = required.into();
        *schema = merged;
    }
    let mut used = BTreeSet::new();
    references(document, &mut used);
    if let Some(schemas) = document["components"]["schemas"].as_object_mut() {
        schemas.retain(|name, _| used.contains(name) || !merged_away.contains(name));
    }
}

/// What a list is of has a name.
fn name_items(schemas: &mut Value) {
    let known: BTreeSet<String> = members(schemas).map(|(name, _)| name.clone()).collect();
    for (name, schema) in members(schemas) {
        if let Some(of) = name.strip_prefix("List_").filter(|of| known.contains(*of)) {
            schema["properties"]["items"]["items"] = json!({ "$ref": format!("#/components/schemas/{of}") });
        }
    }
}

fn name_of(reference: &str) -> &str {
    reference.strip_prefix("#/components/schemas/").unwrap_or(reference)
}

/// The names of the schemas that a value refers to.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(object) => {
            if let Some(reference) = object.get("$ref").and_then(Value::as_str) {
                found.insert(name_of(reference).to_owned());
            }
            object.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A request with a member that is not known is refused; the schemas of requests say so too.
fn refuse_unknown(schemas: &mut Value, mut names: BTreeSet<String>) {
    let mut done = BTreeSet::new();
    while let Some(name) = names.pop_first() {
        let schema = &mut schemas[&name];
        if schema["type"] == "object" && schema.get("additionalProperties").is_none() {
            schema["additionalProperties"] = false.into();
        }
        done.insert(name);
        references(schema, &mut names);
        names.retain(|name| !done.contains(name));
    }
}
