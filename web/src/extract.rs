//! Reading requests: names, parameters, headers and bodies, each refusal a problem that names its field.
//!
//! actix's own extractors answer in plain text and stop at the first letter they dislike, so they are not used.

mod body;
mod fields;
mod if_match;
pub(crate) mod params;

pub(crate) use body::JsonBody;
pub(crate) use fields::{Fields, Node};
pub(crate) use if_match::IfMatch;
pub(crate) use params::Params;

use actix_web::HttpRequest;
use actix_web::http::{StatusCode, header};
use claude_hooks_actors::model::{InstanceName, NameError, TypeName};

use crate::problem::{Problem, ProblemKind};

/// The `{name}` of the path. A text that is no name is the name of no agent: 404, with what is wrong with it.
pub(crate) fn instance_in_path(request: &HttpRequest) -> Result<InstanceName, Problem> {
    let text = request.match_info().query("name");
    InstanceName::parse(text).map_err(|error| {
        Problem::new(ProblemKind::AgentNotFound, format!("there is no agent {:?}: {error}", shown(text)))
    })
}

/// The `{type}` of the path.
pub(crate) fn type_in_path(request: &HttpRequest) -> Result<TypeName, Problem> {
    let text = request.match_info().query("type");
    TypeName::parse(text).map_err(|error| {
        Problem::new(ProblemKind::UnknownType, format!("there is no type {:?}: {error}", shown(text)))
            .status(StatusCode::NOT_FOUND)
    })
}

/// A name in a body or a parameter that is not one.
pub(crate) fn bad_name(field: &str, given: &str, error: &NameError) -> Problem {
    Problem::new(ProblemKind::InvalidName, format!("{:?} is not a name: {error}", shown(given))).field(field)
}

/// As much of a text as is worth repeating; what is wrong with the rest is said by the error.
fn shown(text: &str) -> String {
    text.chars().take(80).collect()
}

/// Which of two media types the `Accept` header names first; neither if it names neither.
pub(crate) fn accepts_first<'a>(request: &HttpRequest, one: &'a str, other: &'a str) -> Option<&'a str> {
    let accepted = request.headers().get_all(header::ACCEPT).filter_map(|value| value.to_str().ok());
    accepted
        .flat_map(|value| value.split(','))
        .map(|range| range.split(';').next().unwrap_or(range).trim())
        .find_map(|range| [one, other].into_iter().find(|known| known.eq_ignore_ascii_case(range)))
}
