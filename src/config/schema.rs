//! The published JSON Schemas, made of the raw types so that they cannot say anything else.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::Value;

use super::DEFAULT_SETTINGS;
use super::raw::{RawSettings, RawTypes};

/// Schema of `claude-hooks.toml`, with the built-in defaults in it.
pub fn settings_schema() -> Value {
    let mut schema = generate::<RawSettings>();
    let defaults: toml::Table =
        DEFAULT_SETTINGS.parse().expect("config/default.toml is checked by a test of this crate");
    for (section, table) in &defaults {
        for (name, value) in table.as_table().into_iter().flatten() {
            let place = format!("/properties/{section}/properties/{name}");
            if let Some(Value::Object(property)) = schema.pointer_mut(&place) {
                let value = serde_json::to_value(value).expect("a TOML value without dates is a JSON value");
                property.insert("default".to_owned(), value);
            }
        }
    }
    schema
}

/// Schema of `agents.json`.
pub fn agents_schema() -> Value {
    generate::<RawTypes>()
}

fn generate<T: JsonSchema>() -> Value {
    // Draft 7 and no references: what editors for TOML and JSON understand best.
    let settings = SchemaSettings::draft07().with(|settings| settings.inline_subschemas = true);
    let mut schema = settings.into_generator().into_root_schema_for::<T>().to_value();
    without_null(&mut schema);
    schema
}

/// An `Option` is a key that may be left out; TOML has no null, and in JSON it would be noise.
fn without_null(value: &mut Value) {
    match value {
        Value::Object(object) => {
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(choices)) = object.get_mut("enum") {
                choices.retain(|choice| !choice.is_null());
            }
            if let Some(Value::Array(choices)) = object.get_mut("anyOf") {
                choices.retain(|choice| choice.get("type").is_none_or(|name| name != "null"));
            }
            object.retain(|key, value| key != "default" || !hollow(value));
            object.values_mut().for_each(without_null);
        }
        Value::Array(items) => items.iter_mut().for_each(without_null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether a default says nothing: null, or an object of such.
fn hollow(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(object) => object.values().all(hollow),
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => false,
    }
}
