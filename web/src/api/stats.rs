//! `stats`: what the instances use of the machine, once. Again and again it comes with the events, if asked for.

use actix_web::{HttpRequest, HttpResponse, web};
use claude_hooks_actors::handle::{FleetError, FleetHandle};
use claude_hooks_actors::model::FleetStats;

use super::description::DOCKER;
use crate::extract::Params;
use crate::problem::{Problem, ProblemKind};
use crate::stop::StopSignal;

/// What the agents use of the machine, once. Takes the seconds that docker measures for.
#[utoipa::path(
    get,
    path = "/api/v1/stats",
    operation_id = "stats",
    tag = "fleet",
    responses(
        (status = OK, description = "One sample", body = FleetStats),
    ),
    extensions(("x-problems" = json!([ProblemKind::Stopping, DOCKER]))),
)]
pub(crate) async fn sample(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    stop: web::Data<StopSignal>,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    let mut stop = StopSignal::clone(&stop);
    tokio::select! {
        stats = fleet.stats() => Ok(HttpResponse::Ok().json(stats?.as_ref())),
        () = stop.stopped() => Err(FleetError::Stopping.into()),
    }
}
