//! `volumes`: the state that is kept, and for whom.

use actix_web::{HttpRequest, HttpResponse, web};
use claude_hooks_actors::handle::FleetHandle;

use super::answer;
use crate::extract::Params;
use crate::problem::Problem;

/// `?all=1`: also those that a row has. `?sizes=1`: measured, which takes docker a walk through all files.
pub(crate) async fn list(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(&request)?;
    let (all, sizes) = (params.flag("all")?, params.flag("sizes")?);
    params.finish()?;
    let volumes = fleet.volumes(all, sizes).await?;
    let mut body = answer::json_of(&volumes)?;
    body["generation"] = fleet.snapshot().generation.into();
    Ok(HttpResponse::Ok().json(body))
}
