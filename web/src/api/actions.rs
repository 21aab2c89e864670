//! `agents/{name}/<verb>`: what an operator does to one agent. All are idempotent.

use actix_web::{HttpRequest, HttpResponse, web};
use claude_hooks_actors::handle::{Command, FleetHandle, Wiped};
use claude_hooks_actors::model::InstanceName;

use super::description::{CHANGING, DOCKER};
use super::{answer, force};
use crate::extract::{JsonBody, Params, instance_in_path};
use crate::problem::{Problem, ProblemKind};
use crate::wire::{Changed, Confirm, Nothing, Recover};

/// Lets an agent run.
///
/// Clears a crash loop, and lets a hot one that was stopped by hand run again.
#[utoipa::path(
    post,
    path = "/api/v1/agents/{name}/start",
    operation_id = "start_agent",
    tag = "agents",
    params(
        ("name" = InstanceName, Path, description = "The agent"),
        ("force" = Option<bool>, Query,
            description = "Take it from whoever works with it instead of waiting for them"),
    ),
    request_body = Option<Nothing>,
    responses(
        (status = OK,
            description = "What became of it", body = Changed,
            headers(("ETag" = String,
            description = "The row's generation, for If-Match"))),
    ),
    extensions(("x-problems" = json!([ProblemKind::AgentNotFound, ProblemKind::Denied, CHANGING]))),
)]
pub(crate) async fn start(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    body.nothing()?;
    command(&request, &fleet, Command::Start).await
}

/// Stops an agent.
///
/// A hot one stays down until it is started; a lazy one may be woken.
#[utoipa::path(
    post,
    path = "/api/v1/agents/{name}/stop",
    operation_id = "stop_agent",
    tag = "agents",
    params(
        ("name" = InstanceName, Path, description = "The agent"),
        ("force" = Option<bool>, Query,
            description = "Take it from whoever works with it instead of waiting for them"),
    ),
    request_body = Option<Nothing>,
    responses(
        (status = OK,
            description = "What became of it", body = Changed,
            headers(("ETag" = String,
            description = "The row's generation, for If-Match"))),
    ),
    extensions(("x-problems" = json!([ProblemKind::AgentNotFound, ProblemKind::Denied, CHANGING]))),
)]
pub(crate) async fn stop(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    body.nothing()?;
    command(&request, &fleet, Command::Stop).await
}

/// Stops and starts the same container; the image stays.
#[utoipa::path(
    post,
    path = "/api/v1/agents/{name}/restart",
    operation_id = "restart_agent",
    tag = "agents",
    params(
        ("name" = InstanceName, Path, description = "The agent"),
        ("force" = Option<bool>, Query,
            description = "Take it from whoever works with it instead of waiting for them"),
    ),
    request_body = Option<Nothing>,
    responses(
        (status = OK,
            description = "What became of it", body = Changed,
            headers(("ETag" = String,
            description = "The row's generation, for If-Match"))),
    ),
    extensions(("x-problems" = json!([ProblemKind::AgentNotFound, ProblemKind::Denied, CHANGING]))),
)]
pub(crate) async fn restart(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    body.nothing()?;
    command(&request, &fleet, Command::Restart).await
}

/// Replaces the container, with what the name of its image means now.
#[utoipa::path(
    post,
    path = "/api/v1/agents/{name}/recreate",
    operation_id = "recreate_agent",
    tag = "agents",
    params(
        ("name" = InstanceName, Path, description = "The agent"),
        ("force" = Option<bool>, Query,
            description = "Take it from whoever works with it instead of waiting for them"),
    ),
    request_body = Option<Nothing>,
    responses(
        (status = OK,
            description = "What became of it", body = Changed,
            headers(("ETag" = String,
            description = "The row's generation, for If-Match"))),
    ),
    extensions(("x-problems" = json!([ProblemKind::AgentNotFound, ProblemKind::Denied, CHANGING]))),
)]
pub(crate) async fn recreate(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    body.nothing()?;
    command(&request, &fleet, Command::Recreate).await
}

/// Takes over a foreign container of the agent's name, with its volume.
#[utoipa::path(
    post,
    path = "/api/v1/agents/{name}/adopt",
    operation_id = "adopt_agent",
    tag = "agents",
    params(
        ("name" = InstanceName, Path, description = "The agent"),
        ("force" = Option<bool>, Query,
            description = "Take it from whoever works with it instead of waiting for them"),
    ),
    request_body = Option<Nothing>,
    responses(
        (status = OK,
            description = "What became of it", body = Changed,
            headers(("ETag" = String,
            description = "The row's generation, for If-Match"))),
    ),
    extensions(("x-problems" = json!([ProblemKind::AgentNotFound, ProblemKind::Denied, CHANGING]))),
)]
pub(crate) async fn adopt(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    body.nothing()?;
    command(&request, &fleet, Command::Adopt).await
}

/// Goes on after the state of an agent was lost, with an empty volume.
///
/// Without `{"accept_state_loss": true}` the fleet refuses and says what would be lost.
#[utoipa::path(
    post,
    path = "/api/v1/agents/{name}/recover",
    operation_id = "recover_agent",
    tag = "agents",
    params(
        ("name" = InstanceName, Path, description = "The agent"),
        ("force" = Option<bool>, Query,
            description = "Take it from whoever works with it instead of waiting for them"),
    ),
    request_body = Option<Recover>,
    responses(
        (status = OK,
            description = "What became of it", body = Changed,
            headers(("ETag" = String,
            description = "The row's generation, for If-Match"))),
    ),
    extensions(("x-problems" = json!([ProblemKind::AgentNotFound, ProblemKind::Denied, CHANGING]))),
)]
pub(crate) async fn recover(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let mut fields = body.object_or_empty()?;
    let accept_state_loss = fields.take("accept_state_loss").map_or(Ok(false), |node| node.flag())?;
    fields.finish()?;
    command(&request, &fleet, Command::Recover { accept_state_loss }).await
}

async fn command(
    request: &HttpRequest,
    fleet: &FleetHandle,
    command: Command,
) -> Result<HttpResponse, Problem> {
    let force = force(request)?;
    let name = instance_in_path(request)?;
    Ok(answer::reconciled_ok(&fleet.command(&name, command, force).await?))
}

/// Destroys the state of an agent that was deleted, for ever, so the body must name it once more.
#[utoipa::path(
    post,
    path = "/api/v1/agents/{name}/wipe",
    operation_id = "wipe_agent",
    tag = "agents",
    params(
        ("name" = InstanceName, Path, description = "The agent"),
    ),
    request_body = Confirm,
    responses(
        (status = OK, description = "What was destroyed", body = Wiped),
    ),
    extensions(("x-problems" = json!([ProblemKind::AgentNotFound, ProblemKind::Denied, CHANGING, DOCKER]))),
)]
pub(crate) async fn wipe(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    let name = instance_in_path(&request)?;
    let mut fields = body.object()?;
    let confirm = fields.require("confirm")?;
    if confirm.text()? != name.as_ref() {
        let help =
            format!("wiping destroys the state volume of {name} for ever; send {{\"confirm\": \"{name}\"}}");
        return Err(confirm.refuse(format!("must be {:?}, the agent's name", name.as_ref())).help(help));
    }
    fields.finish()?;
    Ok(HttpResponse::Ok().json(fleet.wipe(&name).await?))
}
