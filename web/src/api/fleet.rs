//! `plan` and `reconcile`: what would be done to the fleet, and doing it.

use actix_web::{HttpRequest, HttpResponse, web};
use claude_hooks_actors::handle::FleetHandle;
use claude_hooks_actors::model::InstanceName;

use super::answer;
use crate::extract::{JsonBody, Node, Params, bad_name};
use crate::problem::Problem;

pub(crate) async fn plan(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    let plan = fleet.plan().await?;
    answer::list(&plan.items, fleet.snapshot().generation)
}

/// Nothing, `{"adopt": true}` or `{"instance": "dev-2"}`.
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
    answer::reconciled_ok(&fleet.reconcile_one(&name).await?)
}
