//! A JSON value that knows where it stands, so that every refusal names its path. Pure.

use serde_json::{Map, Value};

use crate::nearest::nearest;
use crate::problem::{Problem, ProblemKind};

/// A value and its path in the body, such as `mounts[0].source`.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    path: String,
    value: Value,
}

impl Node {
    pub(crate) fn root(value: Value) -> Self {
        Self { path: String::new(), value }
    }

    /// What stands here is not what it should be; `reason` goes on after the path: "must be …".
    pub(crate) fn refuse(&self, reason: impl Into<String>) -> Problem {
        let reason = reason.into();
        if self.path.is_empty() {
            return Problem::new(ProblemKind::InvalidValue, format!("the body {reason}"));
        }
        Problem::new(ProblemKind::InvalidValue, format!("{} {reason}", self.path)).field(self.path.clone())
    }

    pub(crate) fn path(&self) -> &str {
        &self.path
    }

    fn mismatch(&self, wanted: &str) -> Problem {
        let found = match &self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        self.refuse(format!("must be {wanted}, not {found}"))
    }

    /// `None` for null, which in a patch takes an override away.
    pub(crate) fn unless_null(self) -> Option<Self> {
        (!self.value.is_null()).then_some(self)
    }

    pub(crate) fn text(&self) -> Result<&str, Problem> {
        self.value.as_str().ok_or_else(|| self.mismatch("a string"))
    }

    pub(crate) fn flag(&self) -> Result<bool, Problem> {
        self.value.as_bool().ok_or_else(|| self.mismatch("true or false"))
    }

    /// A whole number from 0.
    pub(crate) fn count(&self) -> Result<u64, Problem> {
        self.value.as_u64().ok_or_else(|| self.mismatch("a whole number from 0"))
    }

    pub(crate) fn number(&self) -> Result<f64, Problem> {
        self.value.as_f64().ok_or_else(|| self.mismatch("a number"))
    }

    pub(crate) fn is_number(&self) -> bool {
        self.value.is_number()
    }

    pub(crate) fn list(self) -> Result<Vec<Self>, Problem> {
        let Value::Array(items) = self.value else { return Err(self.mismatch("a list")) };
        let items = items.into_iter().enumerate();
        Ok(items.map(|(index, value)| Self { path: format!("{}[{index}]", self.path), value }).collect())
    }

    pub(crate) fn object(self) -> Result<Fields, Problem> {
        let Value::Object(members) = self.value else { return Err(self.mismatch("an object")) };
        Ok(Fields { path: self.path, members, known: Vec::new() })
    }
}

/// The members of an object, taken one by one; what is left at the end was not known.
#[derive(Debug)]
pub(crate) struct Fields {
    path: String,
    members: Map<String, Value>,
    known: Vec<&'static str>,
}

impl Fields {
    fn path_of(&self, member: &str) -> String {
        if self.path.is_empty() { member.to_owned() } else { format!("{}.{member}", self.path) }
    }

    /// The member, if it is there (null is).
    pub(crate) fn take(&mut self, member: &'static str) -> Option<Node> {
        self.known.push(member);
        let value = self.members.remove(member)?;
        Some(Node { path: self.path_of(member), value })
    }

    /// The member, which must be there and not null.
    pub(crate) fn require(&mut self, member: &'static str) -> Result<Node, Problem> {
        self.take(member).and_then(Node::unless_null).ok_or_else(|| {
            let path = self.path_of(member);
            Problem::new(ProblemKind::InvalidValue, format!("{path} is missing")).field(path)
        })
    }

    /// All members, for objects whose keys are data.
    pub(crate) fn entries(self) -> Vec<(String, Node)> {
        let path = self.path;
        let entries = self.members.into_iter();
        entries.map(|(key, value)| (key.clone(), Node { path: format!("{path}.{key}"), value })).collect()
    }

    /// Refuses what was not taken, with the nearest name that would have been.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        let Some(unknown) = self.members.keys().next() else { return Ok(()) };
        let place = if self.path.is_empty() { "here".to_owned() } else { format!("in {}", self.path) };
        let problem =
            Problem::new(ProblemKind::UnknownField, format!("there is no field {unknown:?} {place}"))
                .field(self.path_of(unknown));
        Err(match nearest(unknown, self.known.iter().copied()) {
            Some(nearest) => problem.help(format!("did you mean {nearest:?}?")).with("nearest", nearest),
            None if self.known.is_empty() => problem.help("nothing is expected in the body"),
            None => problem.help(format!("known are: {}", self.known.join(", "))),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(value: Value) -> Fields {
        Node::root(value).object().expect("an object")
    }

    #[test]
    fn a_refusal_names_the_path_and_what_was_found() {
        let mut body = fields(json!({ "mounts": [{ "source": 7 }] }));
        let mounts = body.take("mounts").expect("there").list().expect("a list");
        let mut mount = mounts.into_iter().next().expect("one").object().expect("an object");
        let refused = mount.require("source").expect("there").text().expect_err("7 is no text").to_json();
        assert_eq!(refused["field"], "mounts[0].source");
        assert_eq!(refused["detail"], "mounts[0].source must be a string, not a number");
        let missing = mount.require("target").expect_err("not there").to_json();
        assert_eq!(
            (&missing["field"], &missing["detail"]),
            (&json!("mounts[0].target"), &json!("mounts[0].target is missing"))
        );
    }

    #[test]
    fn an_unknown_member_is_refused_with_the_nearest_one() {
        let mut body = fields(json!({ "lifecycel": "hot" }));
        assert!(body.take("lifecycle").is_none());
        let refused = body.finish().expect_err("unknown").to_json();
        assert_eq!(refused["field"], "lifecycel");
        assert_eq!(refused["nearest"], "lifecycle");
    }
}
