//! `timeline`: what the agents went through in a window of time.

use actix_web::{HttpRequest, HttpResponse, web};
use claude_hooks_actors::handle::FleetHandle;
use claude_hooks_actors::model::{EventFilter, InstanceName, TypeName};
use claude_hooks_actors::timeline::Timeline;
use jiff::{SignedDuration, Timestamp};

use super::description::STORED;
use super::events::{instances, types};
use crate::extract::{Params, params};
use crate::problem::Problem;

/// The window unless the request says otherwise.
const DEFAULT: SignedDuration = SignedDuration::from_hours(1);
/// Longest window; the log may reach further back.
const LONGEST: SignedDuration = SignedDuration::from_hours(8 * 24);

/// What the agents went through in a window of time, told from the stored events.
#[utoipa::path(
    get,
    path = "/api/v1/timeline",
    operation_id = "timeline",
    tag = "events",
    params(
        ("from" = Option<jiff::Timestamp>, Query,
            description = "An hour before the end by default; at most 8 days before it"),
        ("to" = Option<jiff::Timestamp>, Query, description = "Now at the latest, and by default"),
        ("instance" = Option<Vec<InstanceName>>, Query, description = "Only about these agents"),
        ("type" = Option<Vec<TypeName>>, Query, description = "Only about agents of these types"),
    ),
    responses(
        (status = OK, description = "A lane per agent", body = Timeline),
    ),
    extensions(("x-problems" = json!([STORED]))),
)]
pub(crate) async fn show(
    request: HttpRequest,
    fleet: web::Data<FleetHandle>,
) -> Result<HttpResponse, Problem> {
    let mut params = Params::of(&request)?;
    let (from, to) = (time(&mut params, "from")?, time(&mut params, "to")?);
    let instances = instances(&mut params)?;
    let filter = EventFilter { instances, types: types(&mut params)?, ..EventFilter::default() };
    params.finish()?;
    let window = window(from, to, fleet.now())?;
    Ok(HttpResponse::Ok().json(fleet.timeline(window, &filter).await?))
}

fn time(params: &mut Params, name: &'static str) -> Result<Option<Timestamp>, Problem> {
    let Some(text) = params.text(name)? else { return Ok(None) };
    // What a `+` in front of an offset becomes in a query that was not encoded.
    let parsed = text.replace(' ', "+").parse();
    let wanted = || format!("must be a time such as 2026-01-31T12:00:00Z, not {text:?}");
    parsed.map(Some).map_err(|_| params::bad(name, &wanted()))
}

/// Nothing is known of the future, so the window ends now at the latest.
fn window(
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    now: Timestamp,
) -> Result<(Timestamp, Timestamp), Problem> {
    let to = to.unwrap_or(now).min(now);
    let from = from.unwrap_or_else(|| to.checked_sub(DEFAULT).unwrap_or(Timestamp::MIN));
    if from >= to {
        return Err(params::bad("from", "must be before the end of the window, which is now at the latest"));
    }
    if to.duration_since(from) > LONGEST {
        return Err(params::bad("from", "must be within 8 days of the end of the window"));
    }
    Ok((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hours: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_hours(1000 + hours)
    }

    #[test]
    fn a_window_ends_now_at_the_latest_and_is_not_too_long() {
        let now = at(0);
        for (from, to, expected) in [
            (None, None, (at(-1), now)),
            (Some(at(-5)), None, (at(-5), now)),
            (None, Some(at(-2)), (at(-3), at(-2))),
            (Some(at(-4)), Some(at(9)), (at(-4), now)),
            (Some(at(-8 * 24)), None, (at(-8 * 24), now)),
        ] {
            assert_eq!(window(from, to, now).expect("a window"), expected);
        }
        for (from, to) in [
            (Some(at(0)), None),
            (Some(at(1)), Some(at(2))),
            (Some(at(-1)), Some(at(-1))),
            (Some(at(-193)), None),
        ] {
            assert_eq!(window(from, to, now).expect_err("none").to_json()["field"], "from");
        }
    }
}
