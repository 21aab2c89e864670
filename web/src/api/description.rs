//! The API's description (OpenAPI 3.1), made of what stands at the handlers.
//!
//! A handler says with `#[utoipa::path]` what it takes and answers, and in `x-problems` which problems it may answer beside
//! those that every request can meet; `finish` makes documented answers of them. What is routed and what is described is
//! held against each other by tests, as is every answer that the other tests get.

mod finish;
mod told;

use std::sync::OnceLock;

use actix_web::{HttpRequest, HttpResponse};
use bytes::Bytes;
use serde_json::Value;
use utoipa::OpenApi;

use super::{
    actions, agents, events, fleet, health, leases, logs, metrics, parking, rollouts, session, stats, tasks,
    timeline, types, viewer, volumes, wait,
};
use crate::extract::Params;
use crate::problem::Problem;
pub(super) use told::{CHANGING, DOCKER, STORED};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "claude-hooks",
        description = "Keeps a fleet of long-lived AI coding agents alive on one host. Whoever reaches this API owns the \
                       host: over TCP every request needs the token or a session, on the Unix socket the file's mode is \
                       the lock.\n\nEvery refusal and failure is a problem document (RFC 9457) with a stable `type`. \
                       Requests that change something must say `Content-Type: application/json`, also without a body. A \
                       parameter or member that is not described is refused. Every `GET` that is answered at once also \
                       answers `HEAD`. Clients must ignore members of answers that they do not know.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    tags(
        (name = "agents", description = "The rows, and the containers that follow them"),
        (name = "types", description = "The declared types and their pools"),
        (name = "leases", description = "Who works with which agent"),
        (name = "tasks", description = "Commands run inside agents"),
        (name = "rollouts", description = "New images for many agents, one after the other"),
        (name = "events", description = "What happens and what happened"),
        (name = "fleet", description = "All agents together"),
        (name = "health", description = "For monitors"),
        (name = "session", description = "Signing browsers in"),
        (name = "description", description = "This document"),
    ),
    paths(
        agents::list,
        agents::create,
        agents::show,
        agents::update,
        agents::delete,
        agents::why,
        agents::spec,
        actions::start,
        actions::stop,
        actions::restart,
        actions::recreate,
        actions::recover,
        actions::adopt,
        actions::wipe,
        wait::wait,
        logs::logs,
        events::of_agent,
        events::of_fleet,
        leases::cordon,
        leases::uncordon,
        leases::hold,
        leases::unhold,
        parking::park,
        parking::reopen,
        parking::need_human,
        parking::human_came,
        leases::list,
        leases::claim,
        leases::renew,
        leases::release,
        tasks::list,
        tasks::submit,
        tasks::show,
        tasks::cancel,
        tasks::output,
        rollouts::list,
        rollouts::start,
        rollouts::show,
        rollouts::pause,
        rollouts::resume,
        rollouts::abort,
        types::list,
        types::scale,
        stats::sample,
        timeline::show,
        volumes::list,
        fleet::plan,
        fleet::reconcile,
        health::alive,
        health::ready,
        metrics::show,
        session::show,
        session::sign_in,
        session::sign_out,
        session::make_link,
        show,
        viewer::show,
    ),
    components(schemas(
        crate::wire::Picture,
        crate::wire::Problem,
        claude_hooks_actors::handle::Occupied,
        claude_hooks_actors::model::FleetStats,
        wait::Goal,
    )),
)]
struct Annotations;

/// The whole document.
pub(crate) fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| {
        let annotated = serde_json::to_value(Annotations::openapi())
            .expect("an OpenAPI document has only string keys and plain values");
        finish::finish(annotated)
    })
}

/// This description (OpenAPI 3.1).
#[utoipa::path(
    get,
    path = "/api/v1/openapi.json",
    operation_id = "openapi",
    tag = "description",
    responses((status = OK, description = "The document", body = Value, content_type = "application/json")),
    extensions(("x-problems" = json!([]))),
)]
pub(crate) async fn show(request: HttpRequest) -> Result<HttpResponse, Problem> {
    static TEXT: OnceLock<Bytes> = OnceLock::new();
    Params::of(&request)?.finish()?;
    let text = TEXT.get_or_init(|| document().to_string().into());
    Ok(HttpResponse::Ok().content_type("application/json").body(text.clone()))
}

#[cfg(test)]
mod tests;
