//! `If-Match`, by which a change names the generation that it changes. Pure but for the header map.

use actix_web::http::header::{HeaderMap, IF_MATCH};
use claude_hooks_actors::model::InstanceName;

use crate::problem::{Problem, ProblemKind, generation_mismatch};

/// What a change may meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum IfMatch {
    Absent,
    /// `*`: whatever generation is there.
    Any,
    /// One of these generations; empty when none of the tags could ever be ours.
    OneOf(Vec<u64>),
}

impl IfMatch {
    pub(crate) fn read(headers: &HeaderMap) -> Result<Self, Problem> {
        let mut result = Self::Absent;
        for value in headers.get_all(IF_MATCH) {
            let text = value.to_str().map_err(|_| bad("If-Match holds bytes that are no text"))?;
            match (Self::parse(text)?, &mut result) {
                (parsed, Self::Absent) => result = parsed,
                (Self::OneOf(more), Self::OneOf(known)) => known.extend(more),
                _ => return Err(bad("\"*\" cannot stand beside other tags")),
            }
        }
        Ok(result)
    }

    fn parse(text: &str) -> Result<Self, Problem> {
        if text.trim() == "*" {
            return Ok(Self::Any);
        }
        let mut generations = Vec::new();
        for tag in text.split(',').map(str::trim) {
            // If-Match compares strongly, so a weak tag, like one that we never gave, is well-formed and matches nothing.
            let (weak, quoted) = tag.strip_prefix("W/").map_or((false, tag), |rest| (true, rest));
            let inner = quoted.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
            let inner = inner.ok_or_else(|| bad(&format!("{tag:?} is not an entity tag")))?;
            if let (false, Ok(generation)) = (weak, inner.parse()) {
                generations.push(generation);
            }
        }
        Ok(Self::OneOf(generations))
    }

    /// The generation to change, given the one that is there; `None` is any. Absent counts as any: whether it may be
    /// absent is the route's to say.
    pub(crate) fn expect(&self, name: &InstanceName, current: u64) -> Result<Option<u64>, Problem> {
        match self {
            Self::Absent | Self::Any => Ok(None),
            Self::OneOf(generations) if generations.contains(&current) => Ok(Some(current)),
            Self::OneOf(generations) => {
                let expected = if let [one] = generations.as_slice() { Some(*one) } else { None };
                Err(generation_mismatch(name, expected, current))
            }
        }
    }
}

fn bad(detail: &str) -> Problem {
    Problem::new(ProblemKind::InvalidHeader, detail)
        .field("If-Match")
        .help("send the ETag as it was received, with its quotes: If-Match: \"3\"")
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use claude_hooks_actors::testing::name;

    use super::*;

    fn read(values: &[&'static str]) -> Result<IfMatch, Problem> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(IF_MATCH, HeaderValue::from_static(value));
        }
        IfMatch::read(&headers)
    }

    #[test]
    fn tags_are_read_as_generations() {
        for (values, expected) in [
            (&[][..], IfMatch::Absent),
            (&["*"], IfMatch::Any),
            (&["\"3\""], IfMatch::OneOf(vec![3])),
            (&["\"3\", \"5\""], IfMatch::OneOf(vec![3, 5])),
            (&["\"3\"", "\"5\""], IfMatch::OneOf(vec![3, 5])),
            (&["W/\"3\""], IfMatch::OneOf(vec![])),
            (&["\"not ours\""], IfMatch::OneOf(vec![])),
        ] {
            assert_eq!(read(values).expect("well-formed"), expected, "{values:?}");
        }
        for odd in [&["3"][..], &["\"3"], &[""], &["*", "\"3\""], &["\"3\",*"]] {
            assert_eq!(read(odd).expect_err("odd").kind(), ProblemKind::InvalidHeader, "{odd:?}");
        }
    }

    #[test]
    fn only_the_generation_that_is_there_may_be_changed() {
        let dev = name("dev");
        assert_eq!(IfMatch::OneOf(vec![3, 4]).expect(&dev, 4).expect("it is there"), Some(4));
        assert_eq!(IfMatch::Any.expect(&dev, 4).expect("any will do"), None);
        for stale in [vec![3], vec![], vec![2, 3]] {
            let refused = IfMatch::OneOf(stale).expect(&dev, 4).expect_err("stale");
            assert_eq!(refused.kind(), ProblemKind::GenerationMismatch);
            assert_eq!(refused.to_json()["current_generation"], 4);
        }
    }
}
