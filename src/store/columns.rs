//! Values as the tables hold them, and a reader of rows that a hand may have written.

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Row;
use rusqlite::types::{Value, ValueRef};
use serde::de::DeserializeOwned;

/// Nine digits after the second, so that text order is time order.
pub(super) fn text_of(at: Timestamp) -> String {
    format!("{at:.9}")
}

/// Whole milliseconds, rounded up: what is not nothing stays so.
pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_nanos().div_ceil(1_000_000)).unwrap_or(i64::MAX)
}

/// SQLite counts to 2^63 - 1; nothing that we count comes near it.
pub(super) fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

pub(super) fn unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}

/// ` AND column IN (?, …)`, or nothing for an empty list, which wants all.
pub(super) fn among(
    column: &str,
    words: impl ExactSizeIterator<Item = impl Into<String>>,
    values: &mut Vec<Value>,
) -> String {
    if words.len() == 0 {
        return String::new();
    }
    let places = vec!["?"; words.len()].join(", ");
    values.extend(words.map(|word| Value::Text(word.into())));
    format!(" AND {column} IN ({places})")
}

/// Reads columns and remembers the first that it cannot understand.
pub(super) struct Reader<'r, 's> {
    row: &'r Row<'s>,
    pub(super) broken: Option<String>,
}

impl<'r, 's> Reader<'r, 's> {
    pub(super) fn new(row: &'r Row<'s>) -> Self {
        Self { row, broken: None }
    }

    pub(super) fn note(&mut self, column: &str, problem: &dyn std::fmt::Display) {
        self.broken
            .get_or_insert_with(|| format!("the row's column {column} cannot be understood: {problem}"));
    }

    /// Not `row.get`: a text that is not UTF-8 must not make every row unreadable.
    pub(super) fn text(&mut self, column: &str) -> rusqlite::Result<Option<String>> {
        let bytes = match self.row.get_ref(column)? {
            ValueRef::Null => return Ok(None),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
            ValueRef::Integer(number) => number.to_string().into_bytes(),
            ValueRef::Real(number) => number.to_string().into_bytes(),
        };
        Ok(Some(String::from_utf8(bytes).unwrap_or_else(|error| {
            self.note(column, &error.utf8_error());
            String::from_utf8_lossy(error.as_bytes()).into_owned()
        })))
    }

    pub(super) fn word<T>(&mut self, column: &str) -> rusqlite::Result<Option<T>>
    where
        T: std::str::FromStr,
        T::Err: std::fmt::Display,
    {
        self.parsed(column, str::parse)
    }

    pub(super) fn parsed<T, E: std::fmt::Display>(
        &mut self,
        column: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> rusqlite::Result<Option<T>> {
        let parsed = self.text(column)?.map(|text| parse(&text)).transpose();
        Ok(parsed.unwrap_or_else(|error| {
            self.note(column, &error);
            None
        }))
    }

    pub(super) fn json<T: DeserializeOwned>(&mut self, column: &str) -> rusqlite::Result<Option<T>> {
        self.parsed(column, |text| serde_json::from_str(text))
    }

    pub(super) fn number<T: TryFrom<i64, Error: std::fmt::Display>>(
        &mut self,
        column: &str,
    ) -> rusqlite::Result<Option<T>> {
        let parsed = self.row.get::<_, Option<i64>>(column)?.map(T::try_from).transpose();
        Ok(parsed.unwrap_or_else(|error| {
            self.note(column, &error);
            None
        }))
    }
}
