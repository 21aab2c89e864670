//! How near a life is to its walls, and which of them ended it: pure.
//!
//! ```text
//!            90 % twice in a row (cpu: 95 % five times)
//!   far ─────────────────────────────────────────────▶ near
//!    ▲                                                  │
//!    └───────── below 80 % once, or the life ends ──────┘
//! ```
//!
//! **Invariant:** each change is told once; between the two bounds nothing changes, so that who sways there tells nothing.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;
use serde_json::{Value, json};
use strum::IntoEnumIterator as _;

use crate::model::{DiskState, Limits, StopCause, Usage, Wall};

const NEAR: f64 = 0.90;
/// Docker shows one that is throttled at a little less than its limit.
const NEAR_CPU: f64 = 0.95;
const CLEAR: f64 = 0.80;
/// Samples in a row: one alone may be a moment's peak.
const SAMPLES: u32 = 2;
/// A build is allowed to use what it has.
const SAMPLES_CPU: u32 = 5;
/// A tenth of a large disk is much: of more than this only the last 10 GiB are near the wall.
const DISK_MOST: u64 = 100 << 30;
/// The same for files.
const FILES_MOST: u64 = 1_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Measure {
    Memory {
        /// Its own limit, not the host's memory.
        own: bool,
    },
    MilliCpus,
    Pids,
    Bytes,
    Files,
    State,
}

/// How much is used up of one thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Level {
    measure: Measure,
    used: u64,
    limit: u64,
}

/// What a sample changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Near(Level),
    /// `None`: there is no such limit any more.
    Cleared(Wall, Option<Level>),
}

/// For how many samples in a row each wall was near that was not told yet.
pub(crate) type Streaks = BTreeMap<Wall, u32>;

impl Level {
    pub(crate) fn wall(self) -> Wall {
        match self.measure {
            Measure::Memory { .. } => Wall::Memory,
            Measure::MilliCpus => Wall::Cpu,
            Measure::Pids => Wall::Pids,
            Measure::Bytes | Measure::Files => Wall::Disk,
            Measure::State => Wall::State,
        }
    }

    fn free(self) -> u64 {
        self.limit.saturating_sub(self.used)
    }

    /// 1 is the wall itself.
    #[expect(clippy::cast_precision_loss, reason = "a ratio need not be exact")]
    pub(crate) fn ratio(self) -> f64 {
        let of = |part: u64, whole: u64| part as f64 / whole.max(1) as f64;
        match self.measure {
            Measure::Memory { .. } | Measure::MilliCpus | Measure::Pids | Measure::State => {
                of(self.used, self.limit)
            }
            Measure::Bytes => (1.0 - of(self.free(), self.limit.min(DISK_MOST))).max(0.0),
            Measure::Files => (1.0 - of(self.free(), self.limit.min(FILES_MOST))).max(0.0),
        }
    }

    fn is_near(self) -> bool {
        self.ratio() >= if self.wall() == Wall::Cpu { NEAR_CPU } else { NEAR }
    }

    /// For programs; `unit` says what is counted.
    pub(crate) fn data(self) -> Value {
        let unit = match self.measure {
            Measure::Memory { .. } | Measure::Bytes | Measure::State => "bytes",
            Measure::MilliCpus => "milli_cpus",
            Measure::Pids => "pids",
            Measure::Files => "files",
        };
        json!({ "used": self.used, "limit": self.limit, "unit": unit })
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { used, limit, .. } = *self;
        let percent = self.ratio() * 100.0;
        match self.measure {
            Measure::Memory { own } => {
                let of_host = if own { "" } else { " of the host" };
                write!(f, "memory {}{of_host} ({percent:.0} %)", amounts(used, limit))
            }
            Measure::MilliCpus => {
                write!(f, "cpu {} of {} processors ({percent:.0} %)", thousandths(used), thousandths(limit))
            }
            Measure::Pids => write!(f, "pids {used} of {limit} ({percent:.0} %)"),
            Measure::Bytes => write!(f, "disk {} free", amounts(self.free(), limit)),
            Measure::State => write!(f, "state {} ({percent:.0} %)", amounts(used, limit)),
            Measure::Files => write!(f, "disk with room for {} of {limit} files", self.free()),
        }
    }
}

/// Both in the unit of the second: `3.7 of 4.0 GiB`.
#[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
fn amounts(part: u64, whole: u64) -> String {
    let (shift, unit) = unit(whole);
    let scaled = |bytes: u64| bytes as f64 / (1_u64 << shift) as f64;
    format!("{:.1} of {:.1} {unit}", scaled(part), scaled(whole))
}

fn unit(bytes: u64) -> (u32, &'static str) {
    [(40, "TiB"), (30, "GiB"), (20, "MiB")]
        .into_iter()
        .find(|(shift, _)| bytes >> shift > 0)
        .unwrap_or((10, "KiB"))
}

/// `1.96`, `2`, `0.5`.
fn thousandths(milli: u64) -> String {
    let text = format!("{}.{:03}", milli / 1000, milli % 1000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// How much is used up of everything that has a limit and was measured; of the disk, what is scarcer.
pub(crate) fn levels(usage: &Usage) -> impl Iterator<Item = Level> {
    let level = |measure, used, limit| Level { measure, used, limit };
    let memory = Measure::Memory { own: usage.limits.memory_bytes.is_some() };
    let memory = level(memory, usage.memory_bytes, usage.memory_limit_bytes);
    let cpu = usage.limits.milli_cpus.map(|limit| level(Measure::MilliCpus, usage.milli_cpus, limit.into()));
    let pids = usage.limits.pids.map(|limit| level(Measure::Pids, usage.pids, limit.into()));
    let disk = usage.disk.and_then(|disk| scarcer(&disk));
    let state = usage.state.and_then(|state| Some(level(Measure::State, state.bytes?, state.limit_bytes)));
    [Some(memory), cpu, pids, disk, state].into_iter().flatten()
}

fn scarcer(disk: &DiskState) -> Option<Level> {
    let room = |measure, free: u64, limit: u64| Level { measure, used: limit.saturating_sub(free), limit };
    let files = disk.files.map(|files| room(Measure::Files, files.free, files.total));
    let counted = [Some(room(Measure::Bytes, disk.free, disk.total)), files].into_iter().flatten();
    counted.filter(|level| level.limit > 0).max_by(|a, b| a.ratio().total_cmp(&b.ratio()))
}

/// Takes a sample into account: `near` are the walls that were told, which it updates.
pub(crate) fn judge(
    near: &mut BTreeMap<Wall, Timestamp>,
    streaks: &mut Streaks,
    usage: &Usage,
) -> Vec<Change> {
    let levels: BTreeMap<Wall, Level> = levels(usage).map(|level| (level.wall(), level)).collect();
    let mut changes = Vec::new();
    for wall in Wall::iter() {
        let level = levels.get(&wall).copied();
        let unread = match wall {
            Wall::Disk => usage.disk.is_none(),
            Wall::State => usage.state.is_some_and(|state| state.bytes.is_none()),
            Wall::Memory | Wall::Cpu | Wall::Pids => false,
        };
        if unread {
            // Nobody knows; what was told stands.
            continue;
        }
        let told = near.contains_key(&wall);
        match level.filter(|level| level.is_near()) {
            Some(level) if !told => {
                let streak = streaks.entry(wall).or_default();
                *streak += 1;
                if *streak >= if wall == Wall::Cpu { SAMPLES_CPU } else { SAMPLES } {
                    near.insert(wall, usage.at);
                    streaks.remove(&wall);
                    changes.push(Change::Near(level));
                }
            }
            Some(_) => {}
            None => {
                streaks.remove(&wall);
                if told && level.is_none_or(|level| level.ratio() < CLEAR) {
                    near.remove(&wall);
                    changes.push(Change::Cleared(wall, level));
                }
            }
        }
    }
    changes
}

/// What is left of a life that ended unasked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End<'a> {
    pub(crate) cause: StopCause,
    pub(crate) at: Timestamp,
    /// What docker said went wrong.
    pub(crate) error: &'a str,
    pub(crate) limits: &'a Limits,
    pub(crate) disk: Option<DiskState>,
    /// The last sample of that life.
    pub(crate) last: Option<&'a Usage>,
}

/// The wall that a life certainly ran against, and in words what speaks for a wall. Of what is only likely, the last
/// sample is told and no wall named.
pub(crate) fn wall_of(end: End<'_>) -> (Option<Wall>, Option<String>) {
    let failed = matches!(end.cause, StopCause::Crashed | StopCause::StartFailed);
    let full = end.disk.is_some_and(|disk| disk.total > 0 && disk.free == 0);
    let no_files =
        end.disk.and_then(|disk| disk.files).is_some_and(|files| files.total > 0 && files.free == 0);
    let refused = end.last.and_then(|last| last.pids_refused).filter(|times| *times > 0);
    let certain = match end.cause {
        StopCause::Oom => Some((Wall::Memory, memory_words(end.limits))),
        _ if !failed => None,
        _ if end.error.contains("no space left on device") => Some((Wall::Disk, "disk: docker's is full".to_owned())),
        _ if full => Some((Wall::Disk, "disk: nothing is free where its state is".to_owned())),
        _ if no_files => Some((Wall::Disk, "disk: it takes no more files where its state is".to_owned())),
        _ => refused.zip(end.last).map(|(times, last)| {
            let limit = end.limits.pids.map(|limit| format!(" of {limit}")).unwrap_or_default();
            let words = format!(
                "pids: at its limit{limit} the kernel refused it a process ({times} times by {} s before its end)",
                age(last, end.at)
            );
            (Wall::Pids, words)
        }),
    };
    if let Some((wall, words)) = certain {
        return (Some(wall), Some(words));
    }
    (None, end.last.and_then(|last| likely(last, end.at)))
}

/// Docker counts a kill for memory only against the container's own limit, or, without one, the host's.
pub(crate) fn memory_words(limits: &Limits) -> String {
    match limits.memory_bytes {
        Some(limit) => {
            let (shift, unit) = unit(limit);
            #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
            let amount = limit as f64 / (1_u64 << shift) as f64;
            format!("memory: the limit of {amount:.1} {unit} was reached")
        }
        None => "memory: it has no limit of its own, and the host ran out".to_owned(),
    }
}

fn likely(last: &Usage, at: Timestamp) -> Option<String> {
    let near: Vec<String> =
        levels(last).filter(|level| level.is_near()).map(|level| level.to_string()).collect();
    (!near.is_empty())
        .then(|| format!("when last measured, {} s before its end: {}", age(last, at), near.join(", ")))
}

fn age(usage: &Usage, at: Timestamp) -> i64 {
    at.duration_since(usage.at).as_secs().max(0)
}

#[cfg(test)]
mod tests;
