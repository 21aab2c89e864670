//! `leases`: an agent claimed, kept and given back; `agents/{name}/cordon` and `hold`.

use std::time::Duration;

use actix_web::http::header::{self, HeaderMap};
use actix_web::{HttpRequest, HttpResponse, web};
use claude_hooks_actors::handle::FleetHandle;
use claude_hooks_actors::model::{
    AgentView, ClaimRequest, ClaimTarget, InstanceName, LeaseId, LeaseView, TypeName,
};

use super::description::CHANGING;
use super::{BASE, answer};
use crate::door::Peer;
use crate::extract::{Fields, JsonBody, Node, Params, bad_name, instance_in_path};
use crate::problem::{Problem, ProblemKind};
use crate::wire::{Claim, Hold, List, Nothing};

/// Every later call on a lease carries its fence in this header.
pub(crate) const LEASE_FENCE: &str = "Lease-Fence";

/// The leases that stand: who works with which agent.
#[utoipa::path(
    get,
    path = "/api/v1/leases",
    operation_id = "list_leases",
    tag = "leases",
    responses(
        (status = OK, description = "The leases", body = List<LeaseView>),
    ),
    extensions(("x-problems" = json!([ProblemKind::Busy]))),
)]
pub(crate) async fn list(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    Ok(answer::list(fleet.leases().await?, fleet.snapshot().generation))
}

/// Claims an agent; answers when it runs, or says who holds what.
///
/// Whoever hangs up meanwhile holds nothing.
#[utoipa::path(
    post,
    path = "/api/v1/leases",
    operation_id = "claim",
    tag = "leases",
    request_body = Claim,
    responses(
        (status = CREATED,
            description = "It is yours until it expires; renew it", body = LeaseView,
            headers(("Location" = String,
            description = "The lease's address"))),
    ),
    extensions(("x-problems" = json!([
        ProblemKind::AgentNotFound, ProblemKind::InvalidName, ProblemKind::UnknownType,
        ProblemKind::Denied, ProblemKind::NobodyFree, ProblemKind::Parked, ProblemKind::NotAwake, CHANGING,
    ]))),
)]
pub(crate) async fn claim(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    let acquire = fleet.acquire(claim_request(body.object()?)?);
    let lease = match request.conn_data::<Peer>() {
        Some(peer) => tokio::select! {
            lease = acquire => lease?,
            () = peer.gone() => {
                return Err(Problem::new(ProblemKind::Busy, "whoever asked hung up before there was an answer"));
            }
        },
        None => acquire.await?,
    };
    let location = format!("{BASE}/leases/{}", lease.id);
    Ok(HttpResponse::Created().insert_header((header::LOCATION, location)).json(lease))
}

/// Renews a lease for as long as it was granted for.
#[utoipa::path(
    put,
    path = "/api/v1/leases/{id}",
    operation_id = "renew_lease",
    tag = "leases",
    params(
        ("id" = LeaseId, Path, description = "The lease"),
        ("Lease-Fence" = u64, Header, description = "The fence of the lease"),
    ),
    request_body = Option<Nothing>,
    responses(
        (status = OK, description = "The lease with its new end", body = LeaseView),
    ),
    extensions(("x-problems" = json!([
        ProblemKind::LeaseNotFound, ProblemKind::LeaseStale, ProblemKind::FenceRequired,
        ProblemKind::InvalidHeader, CHANGING,
    ]))),
)]
pub(crate) async fn renew(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    body.nothing()?;
    let (id, fence) = (lease_in_path(&request)?, fence(request.headers())?);
    Ok(HttpResponse::Ok().json(fleet.renew(id, fence).await?))
}

/// Gives an agent back.
#[utoipa::path(
    delete,
    path = "/api/v1/leases/{id}",
    operation_id = "release_lease",
    tag = "leases",
    params(
        ("id" = LeaseId, Path, description = "The lease"),
        ("Lease-Fence" = u64, Header, description = "The fence of the lease"),
    ),
    request_body = Option<Nothing>,
    responses(
        (status = NO_CONTENT, description = "It is free"),
    ),
    extensions(("x-problems" = json!([
        ProblemKind::LeaseNotFound, ProblemKind::LeaseStale, ProblemKind::FenceRequired,
        ProblemKind::InvalidHeader, CHANGING,
    ]))),
)]
pub(crate) async fn release(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    body.nothing()?;
    let (id, fence) = (lease_in_path(&request)?, fence(request.headers())?);
    fleet.release(id, fence).await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Grants no new lease on an agent; one that stands goes on.
#[utoipa::path(
    post,
    path = "/api/v1/agents/{name}/cordon",
    operation_id = "cordon_agent",
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
pub(crate) async fn cordon(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    body.nothing()?;
    set_cordoned(&request, &fleet, true).await
}

/// Grants leases on an agent again.
#[utoipa::path(
    post,
    path = "/api/v1/agents/{name}/uncordon",
    operation_id = "uncordon_agent",
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
pub(crate) async fn uncordon(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    body.nothing()?;
    set_cordoned(&request, &fleet, false).await
}

async fn set_cordoned(
    request: &HttpRequest,
    fleet: &FleetHandle,
    cordoned: bool,
) -> Result<HttpResponse, Problem> {
    Params::of(request)?.finish()?;
    let name = instance_in_path(request)?;
    fleet.cordon(&name, cordoned).await?;
    shown(fleet, &name)
}

/// Wakes a lazy agent and keeps it awake for `ttl_s` seconds from now.
#[utoipa::path(
    post,
    path = "/api/v1/agents/{name}/hold",
    operation_id = "hold_agent",
    tag = "agents",
    params(
        ("name" = InstanceName, Path, description = "The agent"),
    ),
    request_body = Hold,
    responses(
        (status = OK,
            description = "The agent", body = AgentView,
            headers(("ETag" = String,
            description = "The row's generation, for If-Match"))),
    ),
    extensions(("x-problems" = json!([ProblemKind::AgentNotFound, ProblemKind::Denied, CHANGING]))),
)]
pub(crate) async fn hold(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    let name = instance_in_path(&request)?;
    let mut fields = body.object()?;
    let length = fields.require("ttl_s")?.count()?;
    fields.finish()?;
    fleet.hold(&name, Some(Duration::from_secs(length))).await?;
    shown(&fleet, &name)
}

/// Keeps a lazy agent awake no longer.
#[utoipa::path(
    delete,
    path = "/api/v1/agents/{name}/hold",
    operation_id = "unhold_agent",
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
pub(crate) async fn unhold(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    body.nothing()?;
    let name = instance_in_path(&request)?;
    fleet.hold(&name, None).await?;
    shown(&fleet, &name)
}

fn shown(fleet: &FleetHandle, name: &InstanceName) -> Result<HttpResponse, Problem> {
    match fleet.snapshot().agents.get(name) {
        Some(agent) => Ok(answer::agent(agent)),
        None => Err(claude_hooks_actors::handle::FleetError::NotFound(name.clone()).into()),
    }
}

/// `{instance | type, holder, ttl_s?, wait_s?, wake_s?}`; `wake_s: null` does not wait until it runs.
fn claim_request(mut fields: Fields) -> Result<ClaimRequest, Problem> {
    let target = target(&mut fields)?;
    let holder = fields.require("holder")?.text()?.to_owned();
    let mut request = ClaimRequest::new(target, holder);
    let seconds = |node: &Node| node.count().map(Duration::from_secs);
    if let Some(ttl) = fields.take("ttl_s") {
        request.ttl = seconds(&ttl)?;
    }
    if let Some(wait) = fields.take("wait_s") {
        request.wait = seconds(&wait)?;
    }
    if let Some(wake) = fields.take("wake_s") {
        request.wake = wake.unless_null().map(|wake| seconds(&wake)).transpose()?;
    }
    fields.finish()?;
    Ok(request)
}

/// Exactly one of `instance` and `type`.
pub(super) fn target(fields: &mut Fields) -> Result<ClaimTarget, Problem> {
    match (fields.take("instance"), fields.take("type")) {
        (Some(node), None) => {
            let text = node.text()?;
            let name = InstanceName::parse(text).map_err(|error| bad_name(node.path(), text, &error))?;
            Ok(ClaimTarget::Instance(name))
        }
        (None, Some(node)) => {
            let text = node.text()?;
            let name = TypeName::parse(text).map_err(|error| bad_name(node.path(), text, &error))?;
            Ok(ClaimTarget::Type(name))
        }
        (Some(node), Some(_)) => {
            Err(node.refuse("cannot be given together with type: name one agent, or a type"))
        }
        (None, None) => {
            let detail = "either instance or type must say which agent is wanted";
            Err(Problem::new(ProblemKind::InvalidValue, detail).field("instance"))
        }
    }
}

fn lease_in_path(request: &HttpRequest) -> Result<LeaseId, Problem> {
    let text = request.match_info().get("id").unwrap_or_default();
    LeaseId::parse(text)
        .ok_or_else(|| Problem::new(ProblemKind::LeaseNotFound, format!("{text:?} is not the id of a lease")))
}

pub(super) fn fence(headers: &HeaderMap) -> Result<u64, Problem> {
    let Some(value) = headers.get(LEASE_FENCE) else {
        let detail = format!("a call on a lease needs {LEASE_FENCE} with the fence of the lease");
        return Err(Problem::new(ProblemKind::FenceRequired, detail).field(LEASE_FENCE));
    };
    let number = value.to_str().ok().and_then(|text| text.trim().parse().ok());
    number.ok_or_else(|| {
        let detail = format!("{LEASE_FENCE} must be the fence of the lease, a whole number");
        Problem::new(ProblemKind::InvalidHeader, detail).field(LEASE_FENCE)
    })
}
