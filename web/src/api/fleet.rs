//! `plan` and `reconcile`: what would be done to the fleet, and doing it.

use actix_web::{HttpRequest, HttpResponse, web};
use claude_hooks_actors::handle::FleetHandle;
use claude_hooks_actors::model::{InstanceName, PlanItem};

use super::answer;
use super::description::{CHANGING, DOCKER, STORED};
use crate::extract::{JsonBody, Node, Params, bad_name};
use crate::problem::{Problem, ProblemKind};
use crate::wire::{List, Reconcile, Reconciliation};

/// What a reconcile would do, and why.
#[utoipa::path(
    get,
    path = "/api/v1/plan",
    operation_id = "plan",
    tag = "fleet",
    responses(
        (status = OK, description = "A line per agent", body = List<PlanItem>),
    ),
    extensions(("x-problems" = json!([STORED, DOCKER]))),
)]
pub(crate) async fn plan(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    let plan = fleet.plan().await?;
    Ok(answer::list(plan.items, fleet.snapshot().generation))
}

/// Makes the containers follow the rows: of the whole fleet, or of one agent.
#[utoipa::path(
    post,
    path = "/api/v1/reconcile",
    operation_id = "reconcile",
    tag = "fleet",
    request_body = Option<Reconcile>,
    responses(
        (status = OK,
            description = "Names by outcome; of one agent, what became of it", body = Reconciliation),
    ),
    extensions(("x-problems" = json!([
        ProblemKind::AgentNotFound, ProblemKind::InvalidName, ProblemKind::Denied, CHANGING, DOCKER,
    ]))),
)]
pub(crate) async fn reconcile(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    let mut fields = body.object_or_empty()?;
    let adopt = fields.take("adopt");
    let adopts = adopt.as_ref().map_or(Ok(false), Node::flag)?;
    let instance = fields.take("instance");
    fields.finish()?;
    let Some(instance) = instance else {
        return Ok(HttpResponse::Ok().json(fleet.reconcile_all(adopts).await?));
    };
    if adopt.is_some() {
        let help = "POST /api/v1/agents/{name}/adopt adopts one agent";
        return Err(instance.refuse("cannot stand beside adopt").help(help));
    }
    let text = instance.text()?;
    let name = InstanceName::parse(text).map_err(|error| bad_name(instance.path(), text, &error))?;
    Ok(answer::reconciled_ok(&fleet.reconcile_one(&name).await?))
}
