//! `rollouts`: a new image for many agents, one after the other.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use claude_hooks_actors::handle::{FleetHandle, ROLLOUTS_MOST};
use claude_hooks_actors::model::{Rollout, RolloutId, Strategy, TypeName};

use super::description::{CHANGING, DOCKER, STORED};
use super::{BASE, answer};
use crate::extract::{Fields, JsonBody, Node, Params, bad_name};
use crate::problem::{Problem, ProblemKind};
use crate::wire::{List, NewRollout, Nothing};

/// Rollouts in an answer unless the request says otherwise.
const DEFAULT_LIMIT: u32 = 20;

/// The last rollouts, newest first.
#[utoipa::path(
    get,
    path = "/api/v1/rollouts",
    operation_id = "list_rollouts",
    tag = "rollouts",
    params(
        ("limit" = Option<u32>, Query, description = "So many at most; usually 20", minimum = 1, maximum = 200),
    ),
    responses(
        (status = OK, description = "The rollouts", body = List<Rollout>),
    ),
    extensions(("x-problems" = json!([STORED]))),
)]
pub(crate) async fn list(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(&request)?;
    let limit = params.number("limit", 1..=ROLLOUTS_MOST)?.unwrap_or(DEFAULT_LIMIT);
    params.finish()?;
    Ok(answer::list(fleet.rollouts(limit).await?, fleet.snapshot().generation))
}

/// Begins a rollout; it is durable when this answers. With `dry_run`, says what it would do.
#[utoipa::path(
    post,
    path = "/api/v1/rollouts",
    operation_id = "start_rollout",
    tag = "rollouts",
    params(
        ("dry_run" = Option<bool>, Query, description = "Say what would be done, and do nothing"),
    ),
    request_body = Option<NewRollout>,
    responses(
        (status = OK, description = "What would be done; its id is no rollout's", body = Rollout),
        (status = CREATED,
            description = "It has begun, or is done already where nobody is stale", body = Rollout,
            headers(("Location" = String,
            description = "The rollout's address"))),
    ),
    extensions(("x-problems" = json!([ProblemKind::UnknownType, ProblemKind::InvalidName, ProblemKind::RolloutUnderWay, ProblemKind::Denied, CHANGING, DOCKER]))),
)]
pub(crate) async fn start(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(&request)?;
    let dry_run = params.flag("dry_run")?;
    params.finish()?;
    let mut fields = body.object_or_empty()?;
    let agent_type = fields.take("type").and_then(Node::unless_null);
    let named = |node: Node| {
        let text = node.text()?.to_owned();
        TypeName::parse(&text).map_err(|error| bad_name("type", &text, &error))
    };
    let agent_type = agent_type.map(named).transpose()?;
    let strategy = match fields.take("strategy") {
        Some(node) => strategy(node.object()?)?,
        None => Strategy::default(),
    };
    fields.finish()?;
    if dry_run {
        return Ok(HttpResponse::Ok().json(fleet.plan_rollout(agent_type, strategy).await?));
    }
    let rollout = fleet.start_rollout(agent_type, strategy).await?;
    let location = format!("{BASE}/rollouts/{}", rollout.id);
    Ok(HttpResponse::Created().insert_header((header::LOCATION, location)).json(rollout))
}

/// What is not said is as usual.
fn strategy(mut fields: Fields) -> Result<Strategy, Problem> {
    let mut strategy = Strategy::default();
    let small = |node: &Node| u32::try_from(node.count()?).map_err(|_| node.refuse("is too large"));
    if let Some(node) = fields.take("width") {
        strategy.width = small(&node)?;
    }
    if let Some(node) = fields.take("canary") {
        strategy.canary = small(&node)?;
    }
    if let Some(node) = fields.take("watch_s") {
        strategy.watch_s = node.count()?;
    }
    if let Some(node) = fields.take("drain_s") {
        strategy.drain_s = node.unless_null().map(|node| node.count()).transpose()?;
    }
    if let Some(node) = fields.take("pull") {
        strategy.pull = node.unless_null().map(|node| node.flag()).transpose()?;
    }
    fields.finish()?;
    Ok(strategy)
}

/// How far a rollout has come.
#[utoipa::path(
    get,
    path = "/api/v1/rollouts/{id}",
    operation_id = "show_rollout",
    tag = "rollouts",
    params(
        ("id" = RolloutId, Path, description = "The rollout"),
    ),
    responses(
        (status = OK, description = "The rollout", body = Rollout),
    ),
    extensions(("x-problems" = json!([ProblemKind::RolloutNotFound, STORED]))),
)]
pub(crate) async fn show(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    Ok(HttpResponse::Ok().json(fleet.rollout(rollout_in_path(&request)?).await?))
}

/// Begins with no further member; whoever is under way goes on to the end.
#[utoipa::path(
    post,
    path = "/api/v1/rollouts/{id}/pause",
    operation_id = "pause_rollout",
    tag = "rollouts",
    params(
        ("id" = RolloutId, Path, description = "The rollout"),
    ),
    request_body = Option<Nothing>,
    responses(
        (status = OK, description = "The rollout", body = Rollout),
    ),
    extensions(("x-problems" = json!([ProblemKind::RolloutNotFound, ProblemKind::Denied, CHANGING]))),
)]
pub(crate) async fn pause(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    body.nothing()?;
    Ok(HttpResponse::Ok().json(fleet.pause_rollout(rollout_in_path(&request)?).await?))
}

/// Goes on with a paused rollout; members that went back are tried once more.
#[utoipa::path(
    post,
    path = "/api/v1/rollouts/{id}/resume",
    operation_id = "resume_rollout",
    tag = "rollouts",
    params(
        ("id" = RolloutId, Path, description = "The rollout"),
    ),
    request_body = Option<Nothing>,
    responses(
        (status = OK, description = "The rollout", body = Rollout),
    ),
    extensions(("x-problems" = json!([ProblemKind::RolloutNotFound, ProblemKind::Denied, CHANGING]))),
)]
pub(crate) async fn resume(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    body.nothing()?;
    Ok(HttpResponse::Ok().json(fleet.resume_rollout(rollout_in_path(&request)?).await?))
}

/// Ends a rollout; everything is left as it is.
#[utoipa::path(
    post,
    path = "/api/v1/rollouts/{id}/abort",
    operation_id = "abort_rollout",
    tag = "rollouts",
    params(
        ("id" = RolloutId, Path, description = "The rollout"),
    ),
    request_body = Option<Nothing>,
    responses(
        (status = OK, description = "The rollout", body = Rollout),
    ),
    extensions(("x-problems" = json!([ProblemKind::RolloutNotFound, ProblemKind::Denied, CHANGING]))),
)]
pub(crate) async fn abort(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    body.nothing()?;
    Ok(HttpResponse::Ok().json(fleet.abort_rollout(rollout_in_path(&request)?).await?))
}

fn rollout_in_path(request: &HttpRequest) -> Result<RolloutId, Problem> {
    let text = request.match_info().get("id").unwrap_or_default();
    RolloutId::parse(text).ok_or_else(|| {
        Problem::new(ProblemKind::RolloutNotFound, format!("{text:?} is not the id of a rollout"))
    })
}
