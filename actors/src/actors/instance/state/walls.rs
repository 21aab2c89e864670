//! What the instance uses of what it may use: what is told of it, and what is left of it when a life ends.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Now, State};
use crate::limits::{self, Change, End, Level, Streaks};
use crate::model::{
    Capsule, Desired, EventKind, Incarnation, LastStop, NearWalls, NewEvent, ObservedContainer, Usage, Wall,
};

/// The last sample of the present life.
#[derive(Debug)]
pub(super) struct Sampled {
    of: Incarnation,
    usage: Usage,
    streaks: Streaks,
}

impl State {
    /// Takes in what a life used; one that is not the present one, or may be about to end, is passed over.
    pub(in crate::actors::instance) fn measured(
        &mut self,
        of: &Incarnation,
        usage: Usage,
        now: Now,
    ) -> Vec<NewEvent> {
        let acting = self.acting().is_some();
        if acting
            || self.memory.running.as_ref() != Some(of)
            || !matches!(self.desired, Desired::Container(_))
        {
            return Vec::new();
        }
        let before = self.sampled.take().filter(|sampled| sampled.of == *of);
        let mut streaks = before.map(|sampled| sampled.streaks).unwrap_or_default();
        let mut near = self.memory.near.take().map(|near| near.walls).unwrap_or_default();
        let changes = limits::judge(&mut near, &mut streaks, &usage);
        self.memory.near = (!near.is_empty()).then(|| NearWalls { of: of.clone(), walls: near });
        self.sampled = Some(Sampled { of: of.clone(), usage, streaks });
        changes
            .into_iter()
            .map(|change| match change {
                Change::Near(level) => self
                    .wall_event(EventKind::LimitNear, level.wall(), of, now)
                    .data(level.data())
                    .detail(level.to_string()),
                Change::Cleared(wall, Some(level)) => self
                    .wall_event(EventKind::LimitCleared, wall, of, now)
                    .data(level.data())
                    .detail(level.to_string()),
                Change::Cleared(wall, None) => {
                    self.wall_event(EventKind::LimitCleared, wall, of, now).detail("the limit is lifted")
                }
            })
            .collect()
    }

    /// What was told of a life is over with it.
    pub(super) fn forget_walls(&mut self, now: Now) -> Vec<NewEvent> {
        let running = self.memory.running.clone();
        self.sampled.take_if(|sampled| running.as_ref() != Some(&sampled.of));
        let Some(over) = self.memory.near.take_if(|near| running.as_ref() != Some(&near.of)) else {
            return Vec::new();
        };
        let cleared = |wall: &Wall| {
            self.wall_event(EventKind::LimitCleared, *wall, &over.of, now)
                .detail("the life that was near it is over")
        };
        over.walls.keys().map(cleared).collect()
    }

    fn wall_event(&self, kind: EventKind, wall: Wall, of: &Incarnation, now: Now) -> NewEvent {
        self.event(kind, now).cause(wall.to_string()).incarnation(of.clone())
    }

    pub(in crate::actors::instance) fn near_walls(&self) -> Vec<Wall> {
        self.memory.near.iter().flat_map(|near| near.walls.keys().copied()).collect()
    }

    /// The walls that the present life is near to, in words: as last measured, if that was since the daemon began.
    pub(in crate::actors::instance) fn near_in_words(&self) -> Option<String> {
        let near = self.memory.near.as_ref()?;
        let levels: Vec<Level> =
            self.sampled.iter().flat_map(|sampled| limits::levels(&sampled.usage)).collect();
        let words = |wall: &Wall| {
            let level = levels.iter().find(|level| level.wall() == *wall);
            level.map_or_else(|| wall.to_string(), ToString::to_string)
        };
        Some(near.walls.keys().map(words).collect::<Vec<_>>().join(", "))
    }

    /// The last sample of the present life, for people.
    pub(in crate::actors::instance) fn last_sample(&self, now: Now) -> Option<Value> {
        let Sampled { usage, .. } = self.sampled.as_ref()?;
        let levels: Vec<String> = limits::levels(usage).map(|level| level.to_string()).collect();
        let age = now.wall.duration_since(usage.at).as_secs().max(0);
        Some(
            json!({ "at": usage.at, "age_s": age, "used": levels.join(", "), "pids_refused": usage.pids_refused }),
        )
    }

    /// Puts the wall that ended the life, if that is known, into its capsule and its detail.
    pub(super) fn name_wall(
        &self,
        stop: &mut LastStop,
        capsule: &mut Capsule,
        main: Option<&ObservedContainer>,
    ) {
        let sampled = self.sampled.as_ref().filter(|sampled| sampled.of == stop.incarnation);
        capsule.usage = sampled.map(|sampled| Box::new(sampled.usage.clone()));
        let Some(main) = main.filter(|main| main.incarnation() == stop.incarnation) else { return };
        let at: Timestamp = main.finished_at.parse().unwrap_or(stop.at);
        let (wall, words) = limits::wall_of(End {
            cause: stop.cause,
            at,
            error: &main.error,
            limits: &main.limits,
            disk: capsule.disk,
            last: capsule.usage.as_deref(),
        });
        capsule.wall = wall;
        let told = [stop.detail.take(), words].into_iter().flatten().collect::<Vec<_>>().join("; ");
        stop.detail = (!told.is_empty()).then_some(told);
    }
}
