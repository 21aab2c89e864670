//! `agents/{name}/<verb>`: what an operator does to one agent. All are idempotent.

use actix_web::{HttpRequest, HttpResponse, web};
use claude_hooks_actors::handle::{Command, FleetHandle};

use super::{answer, force};
use crate::extract::{JsonBody, Params, instance_in_path};
use crate::problem::Problem;

pub(crate) async fn start(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    body.nothing()?;
    command(&request, &fleet, Command::Start).await
}

pub(crate) async fn stop(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    body.nothing()?;
    command(&request, &fleet, Command::Stop).await
}

pub(crate) async fn restart(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    body.nothing()?;
    command(&request, &fleet, Command::Restart).await
}

pub(crate) async fn recreate(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    body.nothing()?;
    command(&request, &fleet, Command::Recreate).await
}

pub(crate) async fn adopt(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    body.nothing()?;
    command(&request, &fleet, Command::Adopt).await
}

/// Without `{"accept_state_loss": true}` the fleet refuses and says what would be lost.
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
    answer::reconciled_ok(&fleet.command(&name, command, force).await?)
}

/// Destroys the state of an agent for ever, so the body must name it once more.
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
