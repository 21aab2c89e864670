//! `types` and their pools.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use claude_hooks_actors::handle::{FleetHandle, ScaleReport, TypeView};
use claude_hooks_actors::model::TypeName;

use super::description::CHANGING;
use super::{answer, force};
use crate::extract::{JsonBody, Params, type_in_path};
use crate::nearest::nearest;
use crate::problem::{Problem, ProblemKind};
use crate::wire::{List, Scale};

/// Most instances of one type: far more than a host carries, far fewer than a slip of the finger makes.
const MAX_COUNT: usize = 1000;

/// The types of agents that are declared.
#[utoipa::path(
    get,
    path = "/api/v1/types",
    operation_id = "list_types",
    tag = "types",
    responses(
        (status = OK, description = "The types", body = List<TypeView>),
    ),
    extensions(("x-problems" = json!([]))),
)]
pub(crate) async fn list(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    Ok(answer::list(fleet.types(), fleet.snapshot().generation))
}

/// Makes or removes agents until a type has so many.
///
/// Members are named `<type>-default`, `<type>-2`, …; agents with names of your own are never removed.
#[utoipa::path(
    post,
    path = "/api/v1/types/{type}/scale",
    operation_id = "scale_type",
    tag = "types",
    params(
        ("type" = TypeName, Path, description = "The type"),
        ("force" = Option<bool>, Query,
            description = "Take it from whoever works with it instead of waiting for them"),
    ),
    request_body = Scale,
    responses(
        (status = OK, description = "What became of each", body = ScaleReport),
    ),
    extensions(("x-problems" = json!(["404 unknown-type", ProblemKind::Denied, CHANGING]))),
)]
pub(crate) async fn scale(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    let fleet = fleet.forcing(force(&request)?);
    let agent_type = type_in_path(&request)?;
    let mut fields = body.object()?;
    let count = fields.require("count")?;
    let wanted = usize::try_from(count.count()?).ok().filter(|wanted| *wanted <= MAX_COUNT);
    let wanted = wanted.ok_or_else(|| count.refuse(format!("must be at most {MAX_COUNT}")))?;
    fields.finish()?;
    let types = fleet.types();
    if !types.iter().any(|declared| declared.name == agent_type) {
        let known: Vec<&str> = types.iter().map(|declared| declared.name.as_ref()).collect();
        let problem = Problem::new(ProblemKind::UnknownType, format!("there is no type {agent_type}"))
            .status(StatusCode::NOT_FOUND)
            .with("known", known.clone());
        return Err(match nearest(agent_type.as_ref(), known) {
            Some(nearest) => problem.help(format!("did you mean {nearest:?}?")).with("nearest", nearest),
            None => problem.help("GET /api/v1/types lists the types"),
        });
    }
    Ok(HttpResponse::Ok().json(fleet.scale(&agent_type, wanted).await?))
}
