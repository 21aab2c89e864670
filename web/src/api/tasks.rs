//! `tasks`: commands run inside agents, what became of them, and what they printed.

use std::collections::BTreeMap;
use std::time::Duration;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use claude_hooks_actors::handle::{FleetError, FleetHandle, TASKS_MOST, TaskFilter, TaskView};
use claude_hooks_actors::model::{
    InstanceName, LeaseId, NewTask, Task, TaskId, TaskInput, TaskSpec, TaskState,
};
use futures_util::StreamExt as _;
use strum::IntoEnumIterator as _;

use super::description::{CHANGING, DOCKER, STORED};
use super::leases::{fence, target};
use super::{BASE, answer};
use crate::extract::params::bad;
use crate::extract::{Fields, JsonBody, Node, Params, bad_name};
use crate::problem::{Problem, ProblemKind};
use crate::server::Bounds;
use crate::stop::StopSignal;
use crate::wire::{self, List, Nothing};

/// Tasks in an answer unless the request says otherwise.
const DEFAULT_LIMIT: u32 = 100;
/// Furthest into an output: what fits into a file.
const MAX_OFFSET: u64 = i64::MAX.cast_unsigned();
/// Longest that a request may wait for the end of a task, in seconds.
const MAX_WAIT_S: u64 = 600;

/// Takes a task in. It is durable when this answers.
#[utoipa::path(
    post,
    path = "/api/v1/tasks",
    operation_id = "submit_task",
    tag = "tasks",
    params(
        ("Lease-Fence" = Option<u64>, Header, description = "The fence of `lease`, if the body names one"),
    ),
    request_body = wire::NewTask,
    responses(
        (status = CREATED,
            description = "It is taken in", body = TaskView,
            headers(("Location" = String,
            description = "The task's address"))),
    ),
    extensions(("x-problems" = json!([
        ProblemKind::AgentNotFound, ProblemKind::InvalidName, ProblemKind::UnknownType,
        ProblemKind::HostMode, ProblemKind::Denied, ProblemKind::KeyReused, ProblemKind::LeaseNotFound,
        ProblemKind::LeaseStale, ProblemKind::FenceRequired, ProblemKind::InvalidHeader, CHANGING,
    ]))),
)]
pub(crate) async fn submit(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    let task = fleet.submit(new_task(body.object()?, &request)?).await?;
    let location = format!("{BASE}/tasks/{}", task.id);
    Ok(HttpResponse::Created().insert_header((header::LOCATION, location)).json(TaskView::from(&task)))
}

/// Tasks, the newest first.
#[utoipa::path(
    get,
    path = "/api/v1/tasks",
    operation_id = "list_tasks",
    tag = "tasks",
    params(
        ("instance" = Option<InstanceName>, Query, description = "Only of this agent"),
        ("state" = Option<Vec<TaskState>>, Query,
            description = "Only in these states; may be repeated, or joined by commas"),
        ("before" = Option<TaskId>, Query, description = "Only older than this task"),
        ("limit" = Option<u32>, Query, description = "100 by default", minimum = 1, maximum = 1000),
    ),
    responses(
        (status = OK, description = "The tasks", body = List<TaskView>),
    ),
    extensions(("x-problems" = json!([ProblemKind::InvalidName, STORED]))),
)]
pub(crate) async fn list(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(&request)?;
    let named =
        |text: String| InstanceName::parse(&text).map_err(|error| bad_name("instance", &text, &error));
    let instance = params.text("instance")?.map(named).transpose()?;
    let state = |text: String| {
        let known = || TaskState::iter().map(|state| state.to_string()).collect::<Vec<_>>().join(", ");
        text.parse::<TaskState>()
            .map_err(|_| bad("state", &format!("must be one of {}, not {text:?}", known())))
    };
    let states = params.list("state").into_iter().map(state).collect::<Result<_, _>>()?;
    let before = match params.text("before")? {
        Some(text) => Some(TaskId::parse(&text).ok_or_else(|| bad("before", "must be the id of a task"))?),
        None => None,
    };
    let limit = params.number("limit", 1..=TASKS_MOST)?.unwrap_or(DEFAULT_LIMIT);
    params.finish()?;
    let tasks = fleet.tasks(&TaskFilter { instance, states }, before, limit).await?;
    Ok(answer::list(fleet.task_views(&tasks).await, fleet.snapshot().generation))
}

/// One task.
///
/// With `wait_s`, answers when it has ended, or after so long with what it is in.
#[utoipa::path(
    get,
    path = "/api/v1/tasks/{id}",
    operation_id = "show_task",
    tag = "tasks",
    params(
        ("id" = TaskId, Path, description = "The task"),
        ("wait_s" = Option<u64>, Query, description = "Seconds", maximum = 600),
    ),
    responses(
        (status = OK, description = "The task as it is", body = TaskView),
    ),
    extensions(("x-problems" = json!([ProblemKind::TaskNotFound, STORED, ProblemKind::Stopping]))),
)]
pub(crate) async fn show(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    stop: web::Data<StopSignal>,
) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(&request)?;
    let wait = params.number("wait_s", 0..=MAX_WAIT_S)?.map(Duration::from_secs);
    params.finish()?;
    let id = task_in_path(&request)?;
    let task = match wait {
        Some(wait) => {
            let mut stop = StopSignal::clone(&stop);
            tokio::select! {
                task = fleet.task_done(id, Some(wait)) => task?,
                () = stop.stopped() => return Err(FleetError::Stopping.into()),
            }
        }
        None => fleet.task(id).await?,
    };
    shown(HttpResponse::Ok(), &fleet, task).await
}

/// Cancels a task. One that runs may take a moment to end.
#[utoipa::path(
    delete,
    path = "/api/v1/tasks/{id}",
    operation_id = "cancel_task",
    tag = "tasks",
    params(
        ("id" = TaskId, Path, description = "The task"),
    ),
    request_body = Option<Nothing>,
    responses(
        (status = ACCEPTED, description = "It ends, or has ended", body = TaskView),
    ),
    extensions(("x-problems" = json!([ProblemKind::TaskNotFound, CHANGING]))),
)]
pub(crate) async fn cancel(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    body.nothing()?;
    let task = fleet.cancel_task(task_in_path(&request)?).await?;
    shown(HttpResponse::Accepted(), &fleet, task).await
}

async fn shown(
    mut answer: HttpResponseBuilder,
    fleet: &FleetHandle,
    task: Task,
) -> Result<HttpResponse, Problem> {
    Ok(answer.json(fleet.task_views(&[task]).await.first()))
}

/// What a task printed: both streams as they came, byte for byte.
///
/// With `follow`, until its end.
#[utoipa::path(
    get,
    path = "/api/v1/tasks/{id}/output",
    operation_id = "task_output",
    tag = "tasks",
    params(
        ("id" = TaskId, Path, description = "The task"),
        ("offset" = Option<u64>, Query, description = "Begin at this byte"),
        ("follow" = Option<bool>, Query, description = "Go on until it ends"),
    ),
    responses(
        (status = OK, description = "The output", body = String, content_type = "application/octet-stream"),
    ),
    extensions(("x-problems" = json!([
        ProblemKind::TaskNotFound, ProblemKind::Denied, ProblemKind::Stopping,
        ProblemKind::TooManyStreams, STORED, DOCKER,
    ]))),
)]
pub(crate) async fn output(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    bounds: web::Data<Bounds>,
    stop: web::Data<StopSignal>,
) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(&request)?;
    let offset = params.number("offset", 0..=MAX_OFFSET)?.unwrap_or(0);
    let follow = params.flag("follow")?;
    params.finish()?;
    let id = task_in_path(&request)?;
    if follow && stop.is_stopped() {
        return Err(FleetError::Stopping.into());
    }
    let place = bounds.streams.admit()?;
    let pieces = fleet.task_output(id, offset, follow).await?;
    let mut stop = StopSignal::clone(&stop);
    let body = pieces.take_until(async move { stop.stopped().await }).map(move |piece| {
        // Kept with the stream, and with it the place.
        let _held = &place;
        piece.inspect_err(|error| log::warn!("reading a task's output failed: {error}"))
    });
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "application/octet-stream")).streaming(body))
}

/// `{argv, instance | type, stdin? | stdin_base64?, env?, workdir?, timeout_s?, idempotency_key?, retry?, lease?}`.
fn new_task(mut fields: Fields, request: &HttpRequest) -> Result<NewTask, Problem> {
    let words = fields.require("argv")?.list()?;
    let argv = words.iter().map(|word| word.text().map(str::to_owned)).collect::<Result<_, _>>()?;
    let target = target(&mut fields)?;
    let input = TaskInput { env: env(&mut fields)?, stdin: stdin(&mut fields)? };
    let text = |node: Option<Node>| node.map(|node| node.text().map(str::to_owned)).transpose();
    let workdir = text(fields.take("workdir"))?;
    let timeout = fields.take("timeout_s").map(|node| node.count()).transpose()?.map(Duration::from_secs);
    let retry = fields.take("retry").map_or(Ok(false), |node| node.flag())?;
    let idempotency_key = text(fields.take("idempotency_key"))?;
    let lease = match fields.take("lease") {
        Some(node) => {
            let id = LeaseId::parse(node.text()?).ok_or_else(|| node.refuse("must be the id of a lease"))?;
            Some((id, fence(request.headers())?))
        }
        None => None,
    };
    fields.finish()?;
    let spec = TaskSpec { argv, workdir, timeout, retry };
    Ok(NewTask { target, lease, spec, input, idempotency_key })
}

fn env(fields: &mut Fields) -> Result<BTreeMap<String, String>, Problem> {
    let Some(node) = fields.take("env") else { return Ok(BTreeMap::new()) };
    let entries = node.object()?.entries().into_iter();
    entries.map(|(name, value)| Ok((name, value.text()?.to_owned()))).collect()
}

fn stdin(fields: &mut Fields) -> Result<Bytes, Problem> {
    match (fields.take("stdin"), fields.take("stdin_base64")) {
        (None, None) => Ok(Bytes::new()),
        (Some(text), None) => Ok(Bytes::from(text.text()?.to_owned())),
        (None, Some(coded)) => match STANDARD.decode(coded.text()?) {
            Ok(bytes) => Ok(Bytes::from(bytes)),
            Err(error) => Err(coded.refuse(format!("must be base64: {error}"))),
        },
        (Some(_), Some(coded)) => Err(coded.refuse("cannot be given together with stdin")),
    }
}

fn task_in_path(request: &HttpRequest) -> Result<TaskId, Problem> {
    let text = request.match_info().get("id").unwrap_or_default();
    TaskId::parse(text)
        .ok_or_else(|| Problem::new(ProblemKind::TaskNotFound, format!("{text:?} is not the id of a task")))
}
