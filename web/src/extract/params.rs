//! The parameters of a query, taken one by one like the members of a body.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use actix_web::{HttpRequest, web};

use crate::nearest::nearest;
use crate::problem::{Problem, ProblemKind};

/// What follows the `?`; what is left at the end was not known.
#[derive(Debug)]
pub(crate) struct Params {
    pairs: Vec<(String, String)>,
    known: Vec<&'static str>,
}

impl Params {
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, Problem> {
        Self::parse(request.query_string())
    }

    pub(crate) fn parse(query: &str) -> Result<Self, Problem> {
        let pairs = web::Query::<Vec<(String, String)>>::from_query(query)
            .map_err(|error| Problem::new(ProblemKind::InvalidQuery, error.to_string()))?;
        Ok(Self { pairs: pairs.into_inner(), known: Vec::new() })
    }

    /// The parameter's value; naming it twice is refused, because nobody could say which counts.
    pub(crate) fn text(&mut self, name: &'static str) -> Result<Option<String>, Problem> {
        let mut values = self.all(name);
        match values.len() {
            0 => Ok(None),
            1 => Ok(values.pop()),
            _ => Err(bad(name, "is there more than once")),
        }
    }

    /// All values, each of which may be a list joined by commas.
    pub(crate) fn list(&mut self, name: &'static str) -> Vec<String> {
        let values = self.all(name);
        let items = values.iter().flat_map(|value| value.split(',')).map(str::trim);
        items.filter(|item| !item.is_empty()).map(ToOwned::to_owned).collect()
    }

    fn all(&mut self, name: &'static str) -> Vec<String> {
        self.known.push(name);
        self.pairs.extract_if(.., |(key, _)| key == name).map(|(_, value)| value).collect()
    }

    /// `1`, `true` or nothing after the name is yes; `0` and `false` are no, like no such parameter.
    pub(crate) fn flag(&mut self, name: &'static str) -> Result<bool, Problem> {
        match self.text(name)?.as_deref() {
            None | Some("0" | "false") => Ok(false),
            Some("1" | "true" | "") => Ok(true),
            Some(other) => Err(bad(name, &format!("must be 1 or 0, not {other:?}"))),
        }
    }

    /// A whole number within `range`.
    pub(crate) fn number<N>(
        &mut self,
        name: &'static str,
        range: RangeInclusive<N>,
    ) -> Result<Option<N>, Problem>
    where
        N: FromStr + PartialOrd + Display,
    {
        let Some(text) = self.text(name)? else { return Ok(None) };
        let number = text.parse().ok().filter(|number| range.contains(number));
        number.map(Some).ok_or_else(|| {
            let (from, to) = (range.start(), range.end());
            bad(name, &format!("must be a whole number from {from} to {to}, not {text:?}"))
        })
    }

    /// Refuses what was not taken, with the nearest name that would have been.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        let Some((unknown, _)) = self.pairs.first() else { return Ok(()) };
        let problem =
            Problem::new(ProblemKind::InvalidQuery, format!("there is no parameter {unknown:?} here"))
                .field(unknown.clone());
        Err(match nearest(unknown, self.known.iter().copied()) {
            Some(nearest) => problem.help(format!("did you mean {nearest:?}?")).with("nearest", nearest),
            None if self.known.is_empty() => problem.help("leave the query out"),
            None => problem.help(format!("known are: {}", self.known.join(", "))),
        })
    }
}

/// A parameter that is not what it should be.
pub(crate) fn bad(name: &str, reason: &str) -> Problem {
    Problem::new(ProblemKind::InvalidQuery, format!("{name} {reason}")).field(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(query: &str) -> Params {
        Params::parse(query).expect("a readable query")
    }

    #[test]
    fn flags_numbers_and_lists_are_read() {
        let mut query = params("force=1&tail=20&kind=a,b&kind=c,&follow");
        assert!(query.flag("force").expect("a flag"));
        assert!(query.flag("follow").expect("a flag"));
        assert!(!query.flag("timestamps").expect("absent"));
        assert_eq!(query.number("tail", 0..=100_u32).expect("a number"), Some(20));
        assert_eq!(query.list("kind"), ["a", "b", "c"]);
        query.finish().expect("all taken");
    }

    #[test]
    fn what_is_not_understood_is_refused_by_name() {
        assert!(params("force=yes").flag("force").is_err());
        assert!(params("tail=-1").number("tail", 0..=100_u32).is_err());
        assert!(params("tail=101").number("tail", 0..=100_u32).is_err());
        assert!(params("tail=1&tail=2").number("tail", 0..=100_u32).is_err());
        let mut query = params("forec=1");
        assert!(!query.flag("force").expect("absent"));
        let refused = query.finish().expect_err("unknown").to_json();
        assert_eq!((&refused["field"], &refused["nearest"]), (&"forec".into(), &"force".into()));
    }
}
