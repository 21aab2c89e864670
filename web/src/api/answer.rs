//! The shapes that answers share.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder};
use claude_hooks_actors::handle::Reconciled;
use claude_hooks_actors::model::AgentView;
use serde::Serialize;
use serde_json::{Value, json};

use crate::problem::{Problem, ProblemKind};

/// A value of ours as JSON.
pub(crate) fn json_of(value: &impl Serialize) -> Result<Value, Problem> {
    serde_json::to_value(value).map_err(|error| {
        log::error!("an answer could not be written as JSON: {error}");
        Problem::new(ProblemKind::Internal, "the answer could not be written as JSON")
    })
}

/// `{ "items": […], "generation": n }`.
pub(crate) fn list(items: &impl Serialize, generation: u64) -> Result<HttpResponse, Problem> {
    Ok(HttpResponse::Ok().json(json!({ "items": json_of(items)?, "generation": generation })))
}

/// The tag by which a later change names what it changes: the generation of the row, not of the container.
pub(crate) fn etag(generation: u64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{generation}\"")).expect("digits in quotes are a header value")
}

/// An agent with its tag.
pub(crate) fn agent(agent: &AgentView) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::ETAG, etag(agent.desired.generation))).json(agent)
}

/// The agent's own members with `outcome` and `reason` beside them; only the name when the row is gone.
pub(crate) fn reconciled_json(done: &Reconciled) -> Result<Value, Problem> {
    let mut body = match &done.agent {
        Some(agent) => json_of(agent.as_ref())?,
        None => json!({ "name": done.name }),
    };
    body["outcome"] = json_of(&done.outcome)?;
    body["reason"] = json_of(&done.reason)?;
    Ok(body)
}

/// What became of an agent. A failure of docker is in `outcome`, not in the status: what was asked is on record and is
/// retried.
pub(crate) fn reconciled(status: StatusCode, done: &Reconciled) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    if let Some(agent) = &done.agent {
        response.insert_header((header::ETAG, etag(agent.desired.generation)));
    }
    response
}

/// [`reconciled`] with its body.
pub(crate) fn reconciled_ok(done: &Reconciled) -> Result<HttpResponse, Problem> {
    Ok(reconciled(StatusCode::OK, done).json(reconciled_json(done)?))
}
