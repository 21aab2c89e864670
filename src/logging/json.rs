//! One log line as a JSON object, for programs that collect logs.

use jiff::Timestamp;
use log::Record;
use log::kv::{self, VisitSource};
use serde::Serialize;
use serde_json::{Map, Value};

#[derive(Serialize)]
struct Line<'a> {
    time: Timestamp,
    level: &'static str,
    target: &'a str,
    message: String,
    /// Apart from the rest, so that no field can pass for a part of the line.
    #[serde(skip_serializing_if = "Map::is_empty")]
    fields: Map<String, Value>,
}

pub(super) fn line(record: &Record<'_>, time: Timestamp) -> String {
    let mut fields = Fields(Map::new());
    // A visitor that never fails meets no error.
    let _ = record.key_values().visit(&mut fields);
    let line = Line {
        time,
        level: record.level().as_str(),
        target: record.target(),
        message: record.args().to_string(),
        fields: fields.0,
    };
    serde_json::to_string(&line).expect("texts, numbers and a map with texts as keys are JSON")
}

struct Fields(Map<String, Value>);

impl<'kvs> VisitSource<'kvs> for Fields {
    fn visit_pair(&mut self, key: kv::Key<'kvs>, value: kv::Value<'kvs>) -> Result<(), kv::Error> {
        let json = if let Some(switch) = value.to_bool() {
            switch.into()
        } else if let Some(number) = value.to_u64() {
            number.into()
        } else if let Some(number) = value.to_i64() {
            number.into()
        } else {
            value.to_string().into()
        };
        self.0.insert(key.to_string(), json);
        Ok(())
    }
}
