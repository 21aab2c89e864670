//! What an agent may say of itself. No path and no body names an agent.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, web};
use claude_hooks_actors::handle::{FleetError, FleetHandle};
use claude_hooks_actors::model::{AgentView, Condition, SaidBy};
use serde_json::{Value, json};

use super::Speaker;
use crate::api::{Routes, park_request, read, resource};
use crate::extract::{JsonBody, Params};
use crate::problem::{Problem, ProblemKind};

pub(super) fn routes(config: &mut web::ServiceConfig) {
    Routes::default()
        .service(resource("/self", "GET, HEAD").route(read().to(show)))
        .service(
            resource("/hold", "POST, DELETE").route(web::post().to(hold)).route(web::delete().to(unhold)),
        )
        .service(resource("/progress", "POST").route(web::post().to(progress)))
        .service(
            resource("/need-human", "POST, DELETE")
                .route(web::post().to(need_human))
                .route(web::delete().to(human_came)),
        )
        .service(
            resource("/park", "POST, DELETE").route(web::post().to(park)).route(web::delete().to(reopen)),
        )
        .register(config);
    config.default_service(web::to(nothing_here));
}

async fn nothing_here(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let detail = format!("there is nothing at {}", request.path());
    Err(Problem::new(ProblemKind::UnknownPath, detail)
        .help("an agent may ask for self, hold, progress, need-human and park"))
}

/// What an agent is told of itself: nothing of its row, its account or its neighbours.
fn told(agent: &AgentView) -> Value {
    let plain = |condition: &Condition| json!({ "type": condition.kind, "reason": condition.reason });
    let conditions: Vec<Value> = agent.conditions.iter().filter(|c| c.status).map(plain).collect();
    let parked = agent.parked.as_ref().map(|parked| {
        json!({ "kind": parked.kind, "reason": parked.reason, "until": parked.until,
                "reopens_at": parked.reopens_at, "since": parked.since, "by": parked.by })
    });
    json!({
        "name": agent.name, "type": agent.agent_type, "lifecycle": agent.lifecycle, "task": agent.task,
        "leased": agent.lease.is_some(), "parked": parked, "needs_human": agent.needs_human,
        "progress": agent.progress, "conditions": conditions,
    })
}

fn answer(fleet: &FleetHandle, speaker: &Speaker) -> Result<HttpResponse, Problem> {
    match fleet.snapshot().agents.get(&speaker.0) {
        Some(agent) => Ok(HttpResponse::Ok().json(told(agent))),
        None => Err(FleetError::NotFound(speaker.0.clone()).into()),
    }
}

async fn show(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    speaker: web::Data<Speaker>,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    answer(&fleet, &speaker)
}

async fn hold(
    fleet: web::Data<FleetHandle>,
    speaker: web::Data<Speaker>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let mut fields = body.object()?;
    let length = fields.require("ttl_s")?.count()?;
    fields.finish()?;
    fleet.own_hold(&speaker.0, Some(Duration::from_secs(length))).await?;
    answer(&fleet, &speaker)
}

async fn unhold(
    fleet: web::Data<FleetHandle>,
    speaker: web::Data<Speaker>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    body.nothing()?;
    fleet.own_hold(&speaker.0, None).await?;
    answer(&fleet, &speaker)
}

async fn progress(
    fleet: web::Data<FleetHandle>,
    speaker: web::Data<Speaker>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let mut fields = body.object()?;
    let text = fields.require("text")?.text()?.to_owned();
    fields.finish()?;
    fleet.progress(&speaker.0, &text).await?;
    answer(&fleet, &speaker)
}

async fn need_human(
    fleet: web::Data<FleetHandle>,
    speaker: web::Data<Speaker>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let mut fields = body.object()?;
    let reason = fields.require("reason")?.text()?.to_owned();
    fields.finish()?;
    fleet.need_human(&speaker.0, &reason, SaidBy::Agent).await?;
    answer(&fleet, &speaker)
}

async fn human_came(
    fleet: web::Data<FleetHandle>,
    speaker: web::Data<Speaker>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    body.nothing()?;
    fleet.human_came(&speaker.0, SaidBy::Agent).await?;
    answer(&fleet, &speaker)
}

async fn park(
    fleet: web::Data<FleetHandle>,
    speaker: web::Data<Speaker>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let asked = park_request(body.object()?, SaidBy::Agent)?;
    fleet.park(&speaker.0, asked).await?;
    answer(&fleet, &speaker)
}

async fn reopen(
    fleet: web::Data<FleetHandle>,
    speaker: web::Data<Speaker>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    body.nothing()?;
    fleet.reopen(&speaker.0, SaidBy::Agent).await?;
    answer(&fleet, &speaker)
}
