//! `volumes`: the state that is kept, and for whom.

use actix_web::{HttpRequest, HttpResponse, web};
use claude_hooks_actors::handle::{FleetHandle, VolumeList};

use super::description::{DOCKER, STORED};
use crate::extract::Params;
use crate::problem::Problem;
use crate::wire::Volumes;

/// State volumes that are kept without an agent.
#[utoipa::path(
    get,
    path = "/api/v1/volumes",
    operation_id = "list_volumes",
    tag = "fleet",
    params(
        ("all" = Option<bool>, Query, description = "Also those that an agent has"),
        ("sizes" = Option<bool>, Query,
            description = "Measured, which takes docker a walk through all files"),
    ),
    responses(
        (status = OK, description = "The volumes", body = Volumes),
    ),
    extensions(("x-problems" = json!([STORED, DOCKER]))),
)]
pub(crate) async fn list(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(&request)?;
    let (all, sizes) = (params.flag("all")?, params.flag("sizes")?);
    params.finish()?;
    let VolumeList { items, sizes_unknown } = fleet.volumes(all, sizes).await?;
    Ok(HttpResponse::Ok().json(Volumes { items, sizes_unknown, generation: fleet.snapshot().generation }))
}
