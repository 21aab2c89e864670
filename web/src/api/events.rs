//! `events` and `agents/{name}/events`: the log as pages, or live.

use actix_web::http::header::HeaderName;
use actix_web::{HttpRequest, HttpResponse, web};
use claude_hooks_actors::handle::{FleetError, FleetHandle};
use claude_hooks_actors::model::{EventFilter, EventKind, EventPage, InstanceName, TypeName};
use strum::IntoEnumIterator as _;

use super::description::STORED;
use crate::extract::{Params, accepts_first, instance_in_path, params};
use crate::nearest::nearest;
use crate::problem::{Problem, ProblemKind};
use crate::server::Bounds;
use crate::sse::{self, Ask, PAGE, Resume, Tail};
use crate::stop::StopSignal;
use crate::wire::Events;

const JSON: &str = "application/json";
const STREAM: &str = "text/event-stream";
/// By which a browser that was cut off says what it saw last.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Events in a page unless the request says otherwise.
const DEFAULT_LIMIT: u32 = 100;
/// Most events in a page.
const MAX_LIMIT: u32 = 1000;
/// Largest number that an event can have: what the database can count.
const MAX_SEQ: u64 = i64::MAX.cast_unsigned();

/// What happens, live; a page of what happened with `Accept: application/json`.
///
/// The stream has two kinds of frames. Events carry their number as `id` and their kind as `event`; `data` is an `Event`.
/// Frames of the picture carry no number: `snapshot` is the whole fleet, `picture` what has changed in it since; both are a
/// `Picture`. `stats` says what the agents use, as `FleetStats`. After `resync` some events are missing.
#[utoipa::path(
    get,
    path = "/api/v1/events",
    operation_id = "list_events",
    tag = "events",
    params(
        ("instance" = Option<Vec<InstanceName>>, Query, description = "Only about these agents"),
        ("kind" = Option<Vec<EventKind>>, Query,
            description = "Only these kinds; may be repeated, or joined by commas"),
        ("type" = Option<Vec<TypeName>>, Query, description = "Only about agents of these types"),
        ("cause" = Option<Vec<String>>, Query, description = "Only with one of these causes"),
        ("q" = Option<String>, Query,
            description = "Only with this text in kind, agent, type, cause or detail"),
        ("after" = Option<u64>, Query, description = "Only later than this number"),
        ("before" = Option<u64>, Query,
            description = "A page of the newest before this number; not beside after, and not on a stream"),
        ("limit" = Option<u32>, Query,
            description = "Most events of a page; 100 by default. Not on a stream",
            minimum = 1,
            maximum = 1000),
        ("stats" = Option<bool>, Query,
            description = "On a stream: also what the agents use, every few seconds"),
        ("Last-Event-ID" = Option<String>, Header,
            description = "On a stream: go on behind this number; wins over after"),
    ),
    responses(
        (status = OK,
            description = "A page, or a stream",
            content((Events = "application/json"), (String = "text/event-stream"))),
    ),
    extensions(("x-problems" = json!([STORED, ProblemKind::Stopping, ProblemKind::TooManyStreams]))),
)]
pub(crate) async fn of_fleet(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    bounds: web::Data<Bounds>,
    stop: web::Data<StopSignal>,
) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(&request)?;
    let filter = EventFilter { instances: instances(&mut params)?, ..but_instances(&mut params)? };
    if accepts_first(&request, JSON, STREAM) == Some(JSON) {
        return page(&fleet, params, &filter).await;
    }
    live(&request, &fleet, &bounds, &stop, params, filter).await
}

/// What happened to an agent, as a page; live with `Accept: text/event-stream`.
///
/// An agent that is gone still has its history.
#[utoipa::path(
    get,
    path = "/api/v1/agents/{name}/events",
    operation_id = "agent_events",
    tag = "events",
    params(
        ("name" = InstanceName, Path, description = "The agent"),
        ("kind" = Option<Vec<EventKind>>, Query,
            description = "Only these kinds; may be repeated, or joined by commas"),
        ("type" = Option<Vec<TypeName>>, Query, description = "Only about agents of these types"),
        ("cause" = Option<Vec<String>>, Query, description = "Only with one of these causes"),
        ("q" = Option<String>, Query,
            description = "Only with this text in kind, agent, type, cause or detail"),
        ("after" = Option<u64>, Query, description = "Only later than this number"),
        ("before" = Option<u64>, Query,
            description = "A page of the newest before this number; not beside after, and not on a stream"),
        ("limit" = Option<u32>, Query,
            description = "Most events of a page; 100 by default. Not on a stream",
            minimum = 1,
            maximum = 1000),
        ("stats" = Option<bool>, Query,
            description = "On a stream: also what the agents use, every few seconds"),
        ("Last-Event-ID" = Option<String>, Header,
            description = "On a stream: go on behind this number; wins over after"),
    ),
    responses(
        (status = OK,
            description = "A page, or a stream",
            content((Events = "application/json"), (String = "text/event-stream"))),
    ),
    extensions(("x-problems" = json!([
        ProblemKind::AgentNotFound, STORED, ProblemKind::Stopping, ProblemKind::TooManyStreams,
    ]))),
)]
pub(crate) async fn of_agent(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
    bounds: web::Data<Bounds>,
    stop: web::Data<StopSignal>,
) -> Result<HttpResponse, Problem> {
    let name = instance_in_path(&request)?;
    let mut params = Params::of(&request)?;
    let of_agent = EventFilter { instances: vec![name.clone()], ..EventFilter::default() };
    let filter = EventFilter { instances: of_agent.instances.clone(), ..but_instances(&mut params)? };
    if !fleet.snapshot().agents.contains_key(&name)
        && fleet.latest_events(1, &of_agent).await?.items.is_empty()
    {
        return Err(FleetError::NotFound(name).into());
    }
    if accepts_first(&request, JSON, STREAM) == Some(STREAM) {
        return live(&request, &fleet, &bounds, &stop, params, filter).await;
    }
    page(&fleet, params, &filter).await
}

fn but_instances(params: &mut Params) -> Result<EventFilter, Problem> {
    let kinds = params.list("kind").iter().map(|text| kind(text)).collect::<Result<_, _>>()?;
    let types = types(params)?;
    let causes = params.list("cause");
    let text = params.text("q")?.filter(|text| !text.is_empty());
    Ok(EventFilter { kinds, types, causes, text, instances: Vec::new() })
}

pub(super) fn types(params: &mut Params) -> Result<Vec<TypeName>, Problem> {
    let texts = params.list("type");
    texts.iter().map(|text| named(TypeName::parse(text), "type", text)).collect()
}

pub(super) fn instances(params: &mut Params) -> Result<Vec<InstanceName>, Problem> {
    let texts = params.list("instance");
    texts.iter().map(|text| named(InstanceName::parse(text), "instance", text)).collect()
}

fn named<T>(parsed: Result<T, impl std::fmt::Display>, param: &str, text: &str) -> Result<T, Problem> {
    parsed.map_err(|error| params::bad(param, &format!("{text:?} is not a name: {error}")))
}

fn kind(text: &str) -> Result<EventKind, Problem> {
    text.parse().map_err(|_| {
        let known = || EventKind::iter().map(Into::into);
        let problem = params::bad("kind", &format!("{text:?} is not a kind of event"));
        match nearest(text, known()) {
            Some(nearest) => problem.help(format!("did you mean {nearest:?}?")).with("nearest", nearest),
            None => problem.help(format!("known are: {}", known().collect::<Vec<&str>>().join(", "))),
        }
    })
}

/// With `after`, what follows it; with `before`, the newest of what was before it; without either, the newest. Always
/// oldest first. `oldest` and `newest` bound what is stored, so that a reader knows whether its cursor still leads on.
async fn page(
    fleet: &FleetHandle,
    mut params: Params,
    filter: &EventFilter,
) -> Result<HttpResponse, Problem> {
    let after = params.number("after", 0..=MAX_SEQ)?;
    let before = params.number("before", 0..=MAX_SEQ)?;
    let limit = params.number("limit", 1..=MAX_LIMIT)?.unwrap_or(DEFAULT_LIMIT);
    params.finish()?;
    let EventPage { items, oldest, newest } = match (after, before) {
        (Some(after), None) => fleet.events_after(after, limit, filter).await?,
        (None, Some(before)) => fleet.events_before(before, limit, filter).await?,
        (None, None) => fleet.latest_events(limit, filter).await?,
        (Some(_), Some(_)) => return Err(params::bad("before", "cannot stand beside after")),
    };
    let generation = fleet.snapshot().generation;
    Ok(HttpResponse::Ok().json(Events { items, generation, oldest, newest }))
}

async fn live(
    request: &HttpRequest,
    fleet: &FleetHandle,
    bounds: &Bounds,
    stop: &StopSignal,
    mut params: Params,
    filter: EventFilter,
) -> Result<HttpResponse, Problem> {
    let after = params.number("after", 0..=MAX_SEQ)?;
    let stats = params.flag("stats")?;
    params.finish()?;
    if stop.is_stopped() {
        return Err(FleetError::Stopping.into());
    }
    let place = bounds.streams.admit()?;
    let header = request.headers().get(LAST_EVENT_ID).map(|value| value.to_str().unwrap_or("?"));
    // Before the store is asked, so that nothing falls between.
    let live = fleet.subscribe();
    let pages = {
        let (fleet, filter) = (fleet.clone(), filter.clone());
        move |ask| {
            let (fleet, filter) = (fleet.clone(), filter.clone());
            async move {
                match ask {
                    Ask::Newest => fleet.latest_events(1, &EventFilter::default()).await,
                    Ask::After(after) => fleet.events_after(after, PAGE, &filter).await,
                }
            }
        }
    };
    let tail = Tail::open(pages, filter, fleet.watch(), live, resume(header, after)).await?;
    let tail = tail.with_stats(stats.then(|| fleet.read_stats())).counting(bounds.streams.dropped());
    Ok(sse::respond(tail, stop.clone(), place))
}

/// The header wins: a browser that comes back repeats the address with its first `after`, and the header with what it
/// saw last. A header that cannot be read is answered with a resync, because a browser would never recover from a refusal.
fn resume(last_event_id: Option<&str>, after: Option<u64>) -> Resume {
    match last_event_id.map(str::trim).filter(|id| !id.is_empty()) {
        Some(id) => id.parse().map_or(Resume::Unreadable, Resume::After),
        None => after.map_or(Resume::Fresh, Resume::After),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cursor_of_the_header_wins_over_that_of_the_address() {
        for (header, after, expected) in [
            (None, None, Resume::Fresh),
            (None, Some(3), Resume::After(3)),
            (Some("7"), Some(3), Resume::After(7)),
            (Some(""), Some(3), Resume::After(3)),
            (Some("seven"), None, Resume::Unreadable),
            (Some("-1"), None, Resume::Unreadable),
        ] {
            assert_eq!(resume(header, after), expected, "{header:?} {after:?}");
        }
    }

    #[test]
    fn filters_are_lists_and_an_unknown_kind_is_refused_with_the_nearest() {
        let mut query = Params::parse("kind=container_started,name_conflict&type=dev&instance=dev-2,dev-3")
            .expect("a readable query");
        let filter = but_instances(&mut query).expect("known kinds");
        assert_eq!(filter.kinds, [EventKind::ContainerStarted, EventKind::NameConflict]);
        assert_eq!(filter.types.len(), 1);
        assert_eq!(instances(&mut query).expect("names").len(), 2);
        query.finish().expect("all taken");
        let refused = kind("container_startet").expect_err("unknown").to_json();
        assert_eq!(refused["status"], 400);
        assert_eq!(refused["field"], "kind");
        assert_eq!(refused["nearest"], "container_started");
    }
}
