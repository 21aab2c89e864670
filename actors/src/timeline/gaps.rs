//! When nobody looked: docker could not be asked, or the supervisor did not run.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::Span;
use crate::model::{Event, EventKind, Phase};
use crate::ports::PastEvents;

/// Kinds that begin and end gaps; they are about no instance.
pub const FLEET_KINDS: [EventKind; 4] = [
    EventKind::DockerUnreachable,
    EventKind::DockerRecovered,
    EventKind::SupervisorStarted,
    EventKind::SupervisorStopping,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum GapCause {
    DockerUnreachable,
    SupervisorDown,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Gap {
    pub from: Timestamp,
    pub to: Timestamp,
    pub why: GapCause,
}

/// The gaps within the window, by their beginning.
pub(super) fn gaps((from, to): (Timestamp, Timestamp), past: &PastEvents) -> Vec<Gap> {
    let mut found = Vec::new();
    let (mut away, mut down): (Option<Timestamp>, Option<Timestamp>) = (None, None);
    let of_fleet = |event: &&Event| event.instance.is_none() && FLEET_KINDS.contains(&event.kind);
    let mut events: Vec<&Event> = past.before.iter().chain(&past.within).filter(of_fleet).collect();
    events.sort_by_key(|event| event.seq);
    let mut end = |begin: Option<Timestamp>, end: Timestamp, why| {
        let Some(begin) = begin else { return };
        let (begin, end) = (begin.clamp(from, to), end.clamp(from, to));
        if begin < end {
            found.push(Gap { from: begin, to: end, why });
        }
    };
    for event in events {
        if event.kind == EventKind::DockerUnreachable {
            away = away.or(Some(event.at));
        } else if event.kind == EventKind::SupervisorStopping {
            down = Some(event.at);
        } else {
            // A supervisor that starts finds out anew whether docker is still away.
            end(away.take(), event.at, GapCause::DockerUnreachable);
        }
        if event.kind == EventKind::SupervisorStarted {
            end(down.take().or_else(|| last_sign(event)), event.at, GapCause::SupervisorDown);
        }
    }
    end(away, to, GapCause::DockerUnreachable);
    end(down, to, GapCause::SupervisorDown);
    found.sort_by_key(|gap| (gap.from, gap.why));
    found
}

/// Until when the supervisor before this one is known to have lived, if it was killed.
fn last_sign(started: &Event) -> Option<Timestamp> {
    started.data.get("last_sign_of_life")?.as_str()?.parse().ok()
}

/// The same spans, with `unknown` in the gaps.
pub(super) fn cut(spans: Vec<Span>, gaps: &[Gap]) -> Vec<Span> {
    let mut cut = Vec::with_capacity(spans.len());
    let unknown = |from, to| Span { phase: Phase::Unknown, from, to, seq: None };
    for span in spans {
        let mut reached = span.from;
        for gap in gaps {
            let (from, to) = (gap.from.clamp(reached, span.to), gap.to.clamp(reached, span.to));
            if from == to {
                continue;
            }
            if reached < from {
                push(&mut cut, Span { from: reached, to: from, ..span.clone() });
            }
            push(&mut cut, unknown(from, to));
            reached = to;
        }
        if reached < span.to {
            push(&mut cut, Span { from: reached, ..span });
        }
    }
    cut
}

fn push(spans: &mut Vec<Span>, span: Span) {
    match spans.last_mut() {
        Some(last) if last.phase == span.phase => last.to = span.to,
        Some(_) | None => spans.push(span),
    }
}
