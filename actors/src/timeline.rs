//! What the instances went through in a window of time, told from the stored events: one lane for each. Pure.
//!
//! ```text
//!  events ── phases (what the container did) ── spans ──┐
//!         ── the fleet's own: docker or we were away ───┴─▶ spans with `unknown` where nobody looked
//!         └─ everything else ── marks
//! ```
//!
//! **Invariant:** the spans of a lane are in order, adjoin, and cover the window. No old state is shown for a time in
//! which nobody looked.
//!
//! The events were not made for this: the end of a stop on purpose and that of a backoff are none. The first is taken to
//! have come within `TRANSIENT`; the second, if it lasts until now, is told by the present picture.

mod gaps;
mod phases;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::model::{Event, EventKind, InstanceName, Phase, TypeName};
use crate::ports::PastEvents;

pub use gaps::{FLEET_KINDS, Gap, GapCause};
pub use phases::PHASE_KINDS;

/// Longest that a stop on purpose takes: the grace, and a moment for the kill after it.
const TRANSIENT: SignedDuration = SignedDuration::from_secs(20);
/// Most marks of one lane; older ones are only counted.
const MARKS_MOST: usize = 200;

/// Some time in one phase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Span {
    pub phase: Phase,
    pub from: Timestamp,
    pub to: Timestamp,
    /// The event that began it, if it was one.
    pub seq: Option<u64>,
}

/// An event on a lane.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Mark {
    pub seq: u64,
    pub at: Timestamp,
    pub kind: EventKind,
    pub cause: Option<String>,
    pub detail: Option<String>,
}

/// One instance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Lane {
    pub instance: InstanceName,
    #[serde(rename = "type")]
    pub agent_type: Option<TypeName>,
    /// It has no row any more.
    pub deleted: bool,
    pub spans: Vec<Span>,
    /// The newest, oldest first.
    pub marks: Vec<Mark>,
    pub marks_omitted: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Timeline {
    pub from: Timestamp,
    pub to: Timestamp,
    /// By name.
    pub items: Vec<Lane>,
    pub gaps: Vec<Gap>,
    /// Time of the oldest stored event if there were older ones, which are forgotten.
    pub expired_before: Option<Timestamp>,
}

/// How an instance is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Present {
    pub instance: InstanceName,
    pub agent_type: TypeName,
    pub phase: Phase,
    /// Since when it has been in this phase, if that is known.
    pub since: Option<Timestamp>,
}

/// A change of phase: when, to what, and by which event.
type Change = (Timestamp, Phase, Option<u64>);

#[derive(Debug, Default)]
struct Draft<'a> {
    agent_type: Option<&'a TypeName>,
    /// In order; the first may be from before the window.
    phase_events: Vec<&'a Event>,
    marks: VecDeque<&'a Event>,
    omitted: usize,
}

/// Tells the lanes of `present` and of whoever else the events are about. `from` must be before `to`.
pub fn timeline(
    (from, to): (Timestamp, Timestamp),
    past: &PastEvents,
    present: &[Present],
    host_types: &BTreeSet<TypeName>,
) -> Timeline {
    let gaps = gaps::gaps((from, to), past);
    let present: BTreeMap<&InstanceName, &Present> =
        present.iter().map(|present| (&present.instance, present)).collect();
    let mut drafts: BTreeMap<&InstanceName, Draft<'_>> =
        present.iter().map(|(name, present)| (*name, Draft::of(present))).collect();
    let told: BTreeSet<&InstanceName> =
        past.within.iter().filter_map(|event| event.instance.as_ref()).collect();
    for event in &past.before {
        let Some(instance) = event.instance.as_ref().filter(|_| phases::tells(event.kind)) else { continue };
        if present.contains_key(instance) || told.contains(instance) || phases::leaves_something(event.kind) {
            drafts.entry(instance).or_default().take_earlier(event);
        }
    }
    for event in &past.within {
        let Some(instance) = &event.instance else { continue };
        drafts.entry(instance).or_default().take(event);
    }
    let whole = past.oldest <= 1;
    let lane = |(instance, draft): (&InstanceName, Draft<'_>)| {
        let present = present.get(instance).copied();
        let is_host = draft.agent_type.is_some_and(|agent_type| host_types.contains(agent_type));
        let changes = phases::changes(&draft.phase_events, present, is_host, whole, from);
        Lane {
            instance: instance.clone(),
            agent_type: draft.agent_type.cloned(),
            deleted: present.is_none(),
            spans: gaps::cut(spans(&changes, (from, to)), &gaps),
            marks: draft.marks.into_iter().map(Mark::from).collect(),
            marks_omitted: draft.omitted,
        }
    };
    let items = drafts.into_iter().map(lane).collect();
    Timeline { from, to, items, gaps, expired_before: past.oldest_at.filter(|_| !whole) }
}

impl<'a> Draft<'a> {
    fn of(present: &'a Present) -> Self {
        Self { agent_type: Some(&present.agent_type), ..Self::default() }
    }

    /// The phase that it was in when the window began.
    fn take_earlier(&mut self, event: &'a Event) {
        self.agent_type = self.agent_type.or(event.agent_type.as_ref());
        self.phase_events.push(event);
    }

    fn take(&mut self, event: &'a Event) {
        self.agent_type = event.agent_type.as_ref().or(self.agent_type);
        if phases::tells(event.kind) {
            self.phase_events.push(event);
        }
        // A pull tells a line for every layer.
        if event.kind == EventKind::ImagePulling {
            return;
        }
        self.marks.push_back(event);
        if self.marks.len() > MARKS_MOST {
            self.marks.pop_front();
            self.omitted += 1;
        }
    }
}

impl From<&Event> for Mark {
    fn from(event: &Event) -> Self {
        Self {
            seq: event.seq,
            at: event.at,
            kind: event.kind,
            cause: event.cause.clone(),
            detail: event.detail.clone(),
        }
    }
}

/// What lies in the window. The first change is at its beginning or before; the wall clock may have gone back in between,
/// and then no time passes.
fn spans(changes: &[Change], (from, to): (Timestamp, Timestamp)) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut reached = from;
    for (index, &(_, phase, seq)) in changes.iter().enumerate() {
        let end = changes.get(index + 1).map_or(to, |(next, _, _)| (*next).clamp(reached, to));
        if end == reached {
            continue;
        }
        match spans.last_mut() {
            Some(last) if last.phase == phase => last.to = end,
            Some(_) | None => spans.push(Span { phase, from: reached, to: end, seq }),
        }
        reached = end;
    }
    spans
}
