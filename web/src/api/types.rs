//! `types` and their pools.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use claude_hooks_actors::handle::FleetHandle;

use super::{answer, force};
use crate::extract::{JsonBody, Params, type_in_path};
use crate::nearest::nearest;
use crate::problem::{Problem, ProblemKind};

/// Most instances of one type: far more than a host carries, far fewer than a slip of the finger makes.
const MAX_COUNT: usize = 1000;

pub(crate) async fn list(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    answer::list(&fleet.types(), fleet.snapshot().generation)
}

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
