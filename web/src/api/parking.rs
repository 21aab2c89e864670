//! `agents/{name}/park` and `need-human`: who gets no work for a time, and who waits for a person.

use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use claude_hooks_actors::handle::{FleetError, FleetHandle, ParkEnd, ParkRequest};
use claude_hooks_actors::model::{AgentView, InstanceName, ParkKind, SaidBy};
use jiff::Timestamp;
use strum::IntoEnumIterator as _;

use super::answer;
use super::description::CHANGING;
use crate::extract::{Fields, JsonBody, Node, Params, instance_in_path};
use crate::problem::{Problem, ProblemKind};
use crate::wire::{NeedHuman, Nothing, Park, ParkedAgent};

/// Gives an agent no work, and does not start it, until a time or until somebody reopens it.
#[utoipa::path(
    post,
    path = "/api/v1/agents/{name}/park",
    operation_id = "park_agent",
    tag = "agents",
    params(
        ("name" = InstanceName, Path, description = "The agent"),
    ),
    request_body = Park,
    responses(
        (status = OK,
            description = "The agent", body = ParkedAgent,
            headers(("ETag" = String,
            description = "The row's generation, for If-Match"))),
    ),
    extensions(("x-problems" = json!([ProblemKind::AgentNotFound, ProblemKind::Denied, CHANGING]))),
)]
pub(crate) async fn park(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    let name = instance_in_path(&request)?;
    let mut fields = body.object()?;
    let holder = text(&mut fields, "holder")?;
    let whole_account = match fields.take("scope") {
        None => false,
        Some(node) => match node.text()? {
            "agent" => false,
            "account" => true,
            _ => return Err(node.refuse("must be \"agent\" or \"account\"")),
        },
    };
    let by = if holder.is_some() { SaidBy::Dispatcher } else { SaidBy::Operator };
    let asked = ParkRequest { holder, whole_account, ..park_request(fields, by)? };
    let parked_agents = fleet.park(&name, asked).await?;
    let agent = fleet.snapshot().agents.get(&name).cloned().ok_or(FleetError::NotFound(name))?;
    let tag = answer::etag(agent.desired.generation);
    let agent = AgentView::clone(&agent);
    Ok(HttpResponse::Ok().insert_header((header::ETAG, tag)).json(ParkedAgent { agent, parked_agents }))
}

/// Lets a parked agent work again.
#[utoipa::path(
    delete,
    path = "/api/v1/agents/{name}/park",
    operation_id = "reopen_agent",
    tag = "agents",
    params(
        ("name" = InstanceName, Path, description = "The agent"),
    ),
    request_body = Option<Nothing>,
    responses(
        (status = OK,
            description = "The agent", body = AgentView,
            headers(("ETag" = String,
            description = "The row's generation, for If-Match"))),
    ),
    extensions(("x-problems" = json!([ProblemKind::AgentNotFound, ProblemKind::Denied, CHANGING]))),
)]
pub(crate) async fn reopen(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    body.nothing()?;
    let name = instance_in_path(&request)?;
    fleet.reopen(&name, SaidBy::Operator).await?;
    shown(&fleet, &name)
}

/// Says that an agent cannot go on without a person.
#[utoipa::path(
    post,
    path = "/api/v1/agents/{name}/need-human",
    operation_id = "need_human",
    tag = "agents",
    params(
        ("name" = InstanceName, Path, description = "The agent"),
    ),
    request_body = NeedHuman,
    responses(
        (status = OK,
            description = "The agent", body = AgentView,
            headers(("ETag" = String,
            description = "The row's generation, for If-Match"))),
    ),
    extensions(("x-problems" = json!([ProblemKind::AgentNotFound, ProblemKind::Denied, CHANGING]))),
)]
pub(crate) async fn need_human(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    let name = instance_in_path(&request)?;
    let mut fields = body.object()?;
    let reason = fields.require("reason")?.text()?.to_owned();
    fields.finish()?;
    fleet.need_human(&name, &reason, SaidBy::Operator).await?;
    shown(&fleet, &name)
}

/// Says that a person has seen to it.
#[utoipa::path(
    delete,
    path = "/api/v1/agents/{name}/need-human",
    operation_id = "human_came",
    tag = "agents",
    params(
        ("name" = InstanceName, Path, description = "The agent"),
    ),
    request_body = Option<Nothing>,
    responses(
        (status = OK,
            description = "The agent", body = AgentView,
            headers(("ETag" = String,
            description = "The row's generation, for If-Match"))),
    ),
    extensions(("x-problems" = json!([ProblemKind::AgentNotFound, ProblemKind::Denied, CHANGING]))),
)]
pub(crate) async fn human_came(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    body.nothing()?;
    let name = instance_in_path(&request)?;
    fleet.human_came(&name, SaidBy::Operator).await?;
    shown(&fleet, &name)
}

/// What remains in `fields`: `kind`, `reason?`, `until?` or `for_s?`.
pub(crate) fn park_request(mut fields: Fields, by: SaidBy) -> Result<ParkRequest, Problem> {
    let kind = kind(&fields.require("kind")?)?;
    let reason = text(&mut fields, "reason")?.unwrap_or_default();
    let (until, length) = (fields.take("until"), fields.take("for_s"));
    let end = match (until.and_then(Node::unless_null), length.and_then(Node::unless_null)) {
        (Some(node), Some(_)) => return Err(node.refuse("cannot be given together with for_s")),
        (Some(node), None) => ParkEnd::At(moment(&node)?),
        (None, Some(node)) => ParkEnd::After(Duration::from_secs(node.count()?)),
        (None, None) => ParkEnd::Open,
    };
    fields.finish()?;
    Ok(ParkRequest { kind, reason, end, by, holder: None, whole_account: false })
}

fn kind(node: &Node) -> Result<ParkKind, Problem> {
    let kinds = ParkKind::iter().map(|kind| kind.to_string()).collect::<Vec<_>>().join(", ");
    node.text()?.parse().map_err(|_| node.refuse(format!("must be one of {kinds}")))
}

fn text(fields: &mut Fields, member: &'static str) -> Result<Option<String>, Problem> {
    let node = fields.take(member).and_then(Node::unless_null);
    node.map(|node| node.text().map(ToOwned::to_owned)).transpose()
}

fn moment(node: &Node) -> Result<Timestamp, Problem> {
    node.text()?.parse().map_err(|_| node.refuse("must be a time such as 2026-01-31T12:00:00Z"))
}

fn shown(fleet: &FleetHandle, name: &InstanceName) -> Result<HttpResponse, Problem> {
    match fleet.snapshot().agents.get(name) {
        Some(agent) => Ok(answer::agent(agent)),
        None => Err(Problem::new(ProblemKind::AgentNotFound, format!("there is no agent {name}"))),
    }
}
