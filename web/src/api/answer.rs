//! The shapes that answers share.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, HttpResponseBuilder};
use claude_hooks_actors::handle::Reconciled;
use claude_hooks_actors::model::AgentView;
use serde::Serialize;

use crate::wire::{Changed, List};

/// `{ "items": […], "generation": n }`.
pub(crate) fn list<T: Serialize>(items: Vec<T>, generation: u64) -> HttpResponse {
    HttpResponse::Ok().json(List { items, generation })
}

/// The tag by which a later change names what it changes: the generation of the row, not of the container.
pub(crate) fn etag(generation: u64) -> HeaderValue {
    HeaderValue::from_str(&format!("\"{generation}\"")).expect("digits in quotes are a header value")
}

/// An agent with its tag.
pub(crate) fn agent(agent: &AgentView) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::ETAG, etag(agent.desired.generation))).json(agent)
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
pub(crate) fn reconciled_ok(done: &Reconciled) -> HttpResponse {
    reconciled(StatusCode::OK, done).json(Changed::from(done))
}
