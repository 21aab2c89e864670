//! `agents/{name}/logs`: a container's output, as text or followed.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use claude_hooks_actors::handle::{FleetError, FleetHandle, LogOptions, LogStream};
use claude_hooks_actors::model::InstanceName;
use futures_util::StreamExt as _;
use tokio::sync::OwnedSemaphorePermit;

use super::description::{DOCKER, STORED};
use crate::extract::{Params, instance_in_path};
use crate::problem::{Problem, ProblemKind};
use crate::server::Bounds;
use crate::sse::{self, LogTail};
use crate::stop::StopSignal;

/// Lines unless the request says otherwise.
const DEFAULT_TAIL: u32 = 200;
/// Most lines; docker's own log is bounded too.
const MAX_TAIL: u32 = 100_000;

/// What the container of an agent printed.
///
/// As text, both streams in the order they came in. With `follow`, as server-sent events: `log` frames
/// `{"stream": "stdout" | "stderr", "text": …}`, then `end`, or `error` with a problem.
#[utoipa::path(
    get,
    path = "/api/v1/agents/{name}/logs",
    operation_id = "agent_logs",
    tag = "agents",
    params(
        ("name" = InstanceName, Path, description = "The agent"),
        ("follow" = Option<bool>, Query, description = "Go on until the container stops"),
        ("tail" = Option<u32>, Query,
            description = "So many of the last lines; 200 by default",
            maximum = 100_000),
        ("timestamps" = Option<bool>, Query, description = "Begin each line with docker's time"),
    ),
    responses(
        (status = OK,
            description = "The output",
            content((String = "text/plain; charset=utf-8"), (String = "text/event-stream"))),
    ),
    extensions(("x-problems" = json!([
        ProblemKind::AgentNotFound, ProblemKind::Busy, ProblemKind::Denied, ProblemKind::Stopping,
        ProblemKind::TooManyStreams, STORED, DOCKER,
    ]))),
)]
pub(crate) async fn logs(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    bounds: web::Data<Bounds>,
    stop: web::Data<StopSignal>,
) -> Result<HttpResponse, Problem> {
    let options = options(Params::of(&request)?)?;
    let name = instance_in_path(&request)?;
    if options.follow && stop.is_stopped() {
        return Err(FleetError::Stopping.into());
    }
    let place = bounds.streams.admit()?;
    let lines = fleet.logs(&name, options).await?;
    if options.follow {
        return Ok(sse::respond(LogTail::new(lines), StopSignal::clone(&stop), place));
    }
    Ok(plain(lines, place))
}

fn options(mut params: Params) -> Result<LogOptions, Problem> {
    let options = LogOptions {
        follow: params.flag("follow")?,
        tail: params.number("tail", 0..=MAX_TAIL)?.unwrap_or(DEFAULT_TAIL),
        timestamps: params.flag("timestamps")?,
    };
    params.finish()?;
    Ok(options)
}

/// Both streams in the order they came in, byte for byte. A failure on the way cuts the connection, so that the client does
/// not take the beginning for the whole.
fn plain(lines: LogStream, place: OwnedSemaphorePermit) -> HttpResponse {
    let body = lines.map(move |line| {
        // Kept with the stream, and with it the place.
        let _held = &place;
        line.map(|line| line.bytes)
            .inspect_err(|error| log::warn!("reading a container's log failed: {error}"))
    });
    HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "text/plain; charset=utf-8")).streaming(body)
}
