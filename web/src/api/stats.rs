//! `stats`: what the instances use of the machine, once. Again and again it comes with the events, if asked for.

use actix_web::{HttpRequest, HttpResponse, web};
use claude_hooks_actors::handle::{FleetError, FleetHandle};

use crate::extract::Params;
use crate::problem::Problem;
use crate::stop::StopSignal;

/// Takes the seconds that docker measures for.
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
