//! JSON with places: serde's errors and our own name line, column and path.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use super::error::advice;
use super::origin::position;
use super::{ConfigError, Origin};

/// One step from a value to one inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    Index(usize),
}

/// A JSON text that can say where in it a value stands.
#[derive(Debug)]
pub(super) struct Document<'a> {
    text: &'a str,
    path: PathBuf,
}

impl<'a> Document<'a> {
    pub(super) fn new(text: &'a str, path: &Path) -> Self {
        Self { text, path: path.to_owned() }
    }

    pub(super) fn parse<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        let mut deserializer = serde_json::Deserializer::from_str(self.text);
        let parsed = serde_path_to_error::deserialize(&mut deserializer);
        let value = parsed.map_err(|error| self.translate(&error))?;
        deserializer.end().map_err(|error| self.syntax(&error))?;
        Ok(value)
    }

    /// An error about the value at `steps`, or about the nearest thing around it that is there.
    pub(super) fn bad(&self, steps: &[Step], reason: impl Into<String>) -> ConfigError {
        let (line, column) = position(self.text, locate(self.text, steps));
        ConfigError::BadValue { at: self.at(line, column), key: dotted(steps), reason: reason.into() }
    }

    fn at(&self, line: usize, column: usize) -> Origin {
        Origin::File { path: self.path.clone(), line, column: Some(column) }
    }

    fn syntax(&self, error: &serde_json::Error) -> ConfigError {
        let at = self.at(error.line(), error.column());
        ConfigError::Syntax { at, message: format!("this is not JSON: {}", bare(error)) }
    }

    fn translate(&self, error: &serde_path_to_error::Error<serde_json::Error>) -> ConfigError {
        let inner = error.inner();
        if !inner.is_data() {
            return self.syntax(inner);
        }
        let mut steps: Vec<Step> = error
            .path()
            .iter()
            .filter_map(|segment| match segment {
                Segment::Seq { index } => Some(Step::Index(*index)),
                Segment::Map { key } => Some(Step::Key(key.clone())),
                Segment::Enum { .. } | Segment::Unknown => None,
            })
            .collect();
        let message = bare(inner);
        let names = quoted(&message);
        let at = self.at(inner.line(), inner.column());
        if let (Some(given), true) = (names.first(), message.starts_with("unknown field")) {
            if steps.last() != Some(&Step::Key((*given).to_owned())) {
                steps.push(Step::Key((*given).to_owned()));
            }
            let known: Vec<&str> = names[1..].iter().copied().filter(|name| !name.starts_with('$')).collect();
            return ConfigError::Unknown {
                at,
                what: "key",
                given: dotted(&steps),
                advice: advice(given, &known),
            };
        }
        if let (Some(given), true) = (names.first(), message.starts_with("unknown variant")) {
            let reason = format!("must be one of {}, not {given:?}", names[1..].join(", "));
            return ConfigError::BadValue { at, key: dotted(&steps), reason };
        }
        if let (Some(name), true) = (names.first(), message.starts_with("missing field")) {
            let reason = format!("is missing: every {} needs it", parent_word(&steps));
            steps.push(Step::Key((*name).to_owned()));
            return ConfigError::BadValue { at, key: dotted(&steps), reason };
        }
        ConfigError::BadValue { at, key: dotted(&steps), reason: reworded(&message) }
    }
}

fn parent_word(steps: &[Step]) -> &'static str {
    match steps.len() {
        0 => "types file",
        2 => "type",
        _ => "one",
    }
}

/// serde's message without the place that `serde_json` adds to it.
fn bare(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    message.strip_suffix(&place).unwrap_or(&message).to_owned()
}

/// The names between backticks.
fn quoted(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

/// "invalid type: string "x", expected u32" in the words of the other messages.
fn reworded(message: &str) -> String {
    if message.starts_with("invalid length") {
        return "must be an object { … }, not a list".to_owned();
    }
    let told = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    let Some((given, expected)) = told.and_then(|told| told.rsplit_once(", expected ")) else {
        return format!("is not right: {message}");
    };
    let expected = match expected {
        "a boolean" => "true or false",
        "a string" => "a text in quotes",
        "a sequence" => "a list [ … ]",
        "a map" => "an object { … }",
        "f64" => "a number",
        "u64" | "u32" => "a whole number of 0 or more",
        other if other.starts_with("struct ") => "an object { … }",
        other => other,
    };
    format!("must be {expected}, not {given}")
}

/// `types.dev.container.command[0]`
fn dotted(steps: &[Step]) -> String {
    if steps.is_empty() {
        return "the file".to_owned();
    }
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Key(key) if text.is_empty() => text.push_str(key),
            Step::Key(key) => {
                text.push('.');
                text.push_str(key);
            }
            Step::Index(index) => {
                text.push('[');
                text.push_str(&index.to_string());
                text.push(']');
            }
        }
    }
    text
}

/// Byte offset of the value at `steps` in a text that is known to be JSON; of the last step that is there otherwise.
fn locate(text: &str, steps: &[Step]) -> usize {
    let mut scan = Scan { bytes: text.as_bytes(), at: 0 };
    scan.space();
    let mut found = scan.at;
    for step in steps {
        if scan.enter(step).is_none() {
            break;
        }
        found = scan.at;
    }
    found
}

/// Walks over valid JSON; `None` is "not there".
#[derive(Debug)]
struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|b| b.is_ascii_whitespace() || b == b':' || b == b',') {
            self.at += 1;
        }
    }

    /// From the start of a container to the start of its member.
    fn enter(&mut self, step: &Step) -> Option<()> {
        let opening = match step {
            Step::Key(_) => b'{',
            Step::Index(_) => b'[',
        };
        (self.peek()? == opening).then_some(())?;
        self.at += 1;
        let mut index = 0;
        loop {
            self.space();
            if matches!(self.peek()?, b'}' | b']') {
                return None;
            }
            let wanted = match step {
                Step::Key(wanted) => {
                    let start = self.at;
                    self.string();
                    let key = serde_json::from_slice::<String>(self.bytes.get(start..self.at)?).ok()?;
                    self.space();
                    key == *wanted
                }
                Step::Index(wanted) => index == *wanted,
            };
            if wanted {
                return Some(());
            }
            self.value();
            index += 1;
        }
    }

    /// Over a string, from its first quote.
    fn string(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            self.at += if byte == b'\\' { 2 } else { 1 };
            if byte == b'"' {
                return;
            }
        }
    }

    /// Over any value.
    fn value(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => self.string(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' | b',' if depth == 0 => return,
                b'}' | b']' => {
                    depth -= 1;
                    self.at += 1;
                }
                _ => {
                    self.at += 1;
                    continue;
                }
            }
            if depth == 0 {
                return;
            }
        }
    }
}
