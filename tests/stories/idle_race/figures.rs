//! What the claims of a race met, and how long they took.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use super::Round;
use super::engine_log::{Lives, Step};

/// How an agent was when somebody asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Met {
    Awake,
    /// We had decided to stop it, and the engine had not told it yet.
    Decided,
    /// The engine had told it to end, and it had not ended.
    Stopping,
    Asleep,
}

#[derive(Debug)]
pub(super) struct Figures {
    took: BTreeMap<Met, Vec<Duration>>,
    stops: usize,
}

impl Figures {
    /// `container` gives the name of an instance's container, `decided` when it was decided to stop it.
    pub(super) fn of(
        rounds: &[Round],
        lives: &Lives,
        container: impl Fn(&str) -> String,
        decided: impl Fn(&str) -> Vec<Timestamp>,
    ) -> Self {
        let mut took: BTreeMap<Met, Vec<Duration>> = BTreeMap::new();
        for round in rounds {
            let stops = decided(&round.instance);
            let met = match lives.before(&container(&round.instance), round.asked_at) {
                Some((since, Step::Started))
                    if stops.iter().any(|at| (since..=round.asked_at).contains(at)) =>
                {
                    Met::Decided
                }
                Some((_, Step::Started)) => Met::Awake,
                Some((_, Step::Told)) => Met::Stopping,
                Some((_, Step::Ended)) | None => Met::Asleep,
            };
            took.entry(met).or_default().push(round.took);
        }
        for took in took.values_mut() {
            took.sort();
        }
        Self { took, stops: lives.stops() }
    }

    pub(super) fn met(&self, met: Met) -> usize {
        self.took.get(&met).map_or(0, Vec::len)
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} stops", self.stops)?;
        for (met, took) in &self.took {
            let (middle, most) = (took[took.len() / 2], took[took.len() - 1]);
            write!(f, "; {} met it {met:?} (half within {middle:.0?}, all within {most:.0?})", took.len())?;
        }
        Ok(())
    }
}
