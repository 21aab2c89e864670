//! What can go wrong between the supervisor and docker, on demand or by a seeded dice.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use super::SimDocker;
use super::journal::Verb;
use super::state::State;
use crate::ports::RuntimeError;

/// How long a verb takes unless the test says otherwise.
const READ_TAKES: Duration = Duration::from_millis(10);
const CHANGE_TAKES: Duration = Duration::from_millis(20);

/// What becomes of one call.
#[derive(Clone, Debug)]
pub(super) enum Fate {
    Works,
    /// Nothing happens in docker.
    FailsBefore(RuntimeError),
    /// It happens, but the caller hears of a failure.
    FailsAfter(RuntimeError),
}

pub(super) type LateEffect = Box<dyn FnOnce(&mut State) + Send>;

pub(super) struct Faults {
    once: BTreeMap<Verb, VecDeque<Fate>>,
    always: BTreeMap<Verb, RuntimeError>,
    /// Hung before the effect.
    pub(super) hung: BTreeSet<Verb>,
    /// Hung between the effect and the answer.
    pub(super) hung_after: BTreeSet<Verb>,
    /// Calls that wait in a hung verb now.
    pub(super) waiting: BTreeMap<Verb, usize>,
    /// Verbs whose abandoned calls still work once they are released.
    pub(super) works_late: BTreeSet<Verb>,
    pub(super) late: Vec<(Verb, LateEffect)>,
    pub(super) unreachable: bool,
    pub(super) garbled: bool,
    pub(super) empty: bool,
    pub(super) resurrects: bool,
    chaos: Option<Chaos>,
    latency: BTreeMap<Verb, Duration>,
}

impl Default for Faults {
    fn default() -> Self {
        Self {
            once: BTreeMap::new(),
            always: BTreeMap::new(),
            hung: BTreeSet::new(),
            hung_after: BTreeSet::new(),
            waiting: BTreeMap::new(),
            works_late: BTreeSet::new(),
            late: Vec::new(),
            unreachable: false,
            garbled: false,
            empty: false,
            resurrects: true,
            chaos: None,
            latency: BTreeMap::new(),
        }
    }
}

struct Chaos {
    rng: SplitMix,
    /// In 1/2^32.
    threshold: u64,
}

impl Faults {
    pub(super) fn latency(&self, verb: Verb) -> Duration {
        let usual = if verb.changes() { CHANGE_TAKES } else { READ_TAKES };
        self.latency.get(&verb).copied().unwrap_or(usual)
    }

    pub(super) fn fate(&mut self, verb: Verb, deadline: Duration) -> Fate {
        if let Some(fate) = self.once.get_mut(&verb).and_then(VecDeque::pop_front) {
            return fate;
        }
        if let Some(error) = self.always.get(&verb) {
            return Fate::FailsBefore(error.clone());
        }
        self.chaos.as_mut().map_or(Fate::Works, |chaos| chaos.fate(verb, deadline))
    }
}

impl Chaos {
    fn fate(&mut self, verb: Verb, deadline: Duration) -> Fate {
        if self.rng.next() >> 32 >= self.threshold {
            return Fate::Works;
        }
        let name: &'static str = verb.into();
        let timeout = RuntimeError::Timeout { verb: name, after: deadline };
        let other =
            RuntimeError::Other { verb: name, code: "1".into(), stderr: "error of the chaos mode".into() };
        let unreachable = unreachable();
        match self.rng.next() % 6 {
            0 => Fate::FailsBefore(timeout),
            1 => Fate::FailsBefore(other),
            2 => Fate::FailsBefore(unreachable),
            3 => Fate::FailsAfter(timeout),
            4 => Fate::FailsAfter(other),
            _ => Fate::FailsAfter(unreachable),
        }
    }
}

pub(super) fn unreachable() -> RuntimeError {
    let detail = "Cannot connect to the Docker daemon. Is the docker daemon running?".into();
    RuntimeError::Unreachable { detail }
}

/// Small, and the same on every machine and in every version: a printed seed stays good.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

impl SimDocker {
    fn faults<R>(&self, f: impl FnOnce(&mut Faults) -> R) -> R {
        self.with(|state| f(&mut state.faults))
    }

    /// The next call of `verb` fails and does nothing. A `Timeout` first takes as long as it says.
    pub fn fail_next(&self, verb: Verb, error: RuntimeError) {
        self.faults(|faults| faults.once.entry(verb).or_default().push_back(Fate::FailsBefore(error)));
    }

    pub fn fail_next_n(&self, verb: Verb, times: usize, error: &RuntimeError) {
        let fates = std::iter::repeat_n(Fate::FailsBefore(error.clone()), times);
        self.faults(|faults| faults.once.entry(verb).or_default().extend(fates));
    }

    /// The next call of `verb` does its work, but its caller is told of a failure.
    pub fn work_but_fail_next(&self, verb: Verb, error: RuntimeError) {
        self.faults(|faults| faults.once.entry(verb).or_default().push_back(Fate::FailsAfter(error)));
    }

    /// Every call of `verb` fails until [`SimDocker::clear`].
    pub fn fail_always(&self, verb: Verb, error: RuntimeError) {
        self.faults(|faults| faults.always.insert(verb, error));
    }

    /// Forgets what was ordered for `verb` by the `fail` methods.
    pub fn clear(&self, verb: Verb) {
        self.faults(|faults| {
            faults.once.remove(&verb);
            faults.always.remove(&verb);
        });
    }

    /// Calls of `verb` do not come back until [`SimDocker::release`]: each ends in a `Timeout` at its deadline and has
    /// done nothing.
    pub fn hang(&self, verb: Verb) {
        self.faults(|faults| faults.hung.insert(verb));
    }

    /// As [`SimDocker::hang`], but what timed out or was dropped still happens when the verb is released: docker works on
    /// without its caller.
    pub fn hang_and_work_late(&self, verb: Verb) {
        self.faults(|faults| {
            faults.hung.insert(verb);
            faults.works_late.insert(verb);
        });
    }

    /// Calls of `verb` do their work at once, but the answer does not come until [`SimDocker::release`].
    pub fn hang_after_effect(&self, verb: Verb) {
        self.faults(|faults| faults.hung_after.insert(verb));
    }

    /// Lets the hung calls of `verb` go on.
    pub fn release(&self, verb: Verb) {
        self.with(|state| {
            state.faults.hung.remove(&verb);
            state.faults.hung_after.remove(&verb);
            state.faults.works_late.remove(&verb);
            let all = std::mem::take(&mut state.faults.late);
            let (due, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|(of, _)| *of == verb);
            state.faults.late = rest;
            for (_, effect) in due {
                effect(state);
            }
        });
    }

    /// Waits until a call of `verb` hangs: the moment to kill a supervisor before or after an effect.
    pub async fn wait_until_hung(&self, verb: Verb) {
        let mut revision = self.look(|state| state.revision.subscribe());
        while self.hanging(verb) == 0 {
            if revision.changed().await.is_err() {
                return;
            }
        }
    }

    /// How many calls of `verb` hang now.
    pub fn hanging(&self, verb: Verb) -> usize {
        self.look(|state| state.faults.waiting.get(&verb).copied().unwrap_or(0))
    }

    /// Every call fails with `Unreachable` and every stream ends, until set back.
    pub fn unreachable(&self, on: bool) {
        self.with(|state| {
            if on && !state.faults.unreachable {
                state.end_streams();
            }
            state.faults.unreachable = on;
        });
    }

    /// `docker ps` prints garbage: `observe_fleet` is `Garbled`.
    pub fn garble_lists(&self, on: bool) {
        self.faults(|faults| faults.garbled = on);
    }

    /// `docker ps` prints nothing, though `inspect` still finds what exists: `observe_fleet` sees only what was expected.
    pub fn empty_lists(&self, on: bool) {
        self.faults(|faults| faults.empty = on);
    }

    /// Whether a container stopped during its restart backoff, with a policy other than `no`, comes back all the same.
    /// Docker sometimes lets it; the simulation always does unless told otherwise.
    pub fn resurrect_stopped_in_backoff(&self, on: bool) {
        self.faults(|faults| faults.resurrects = on);
    }

    /// How long `verb` takes; the effect happens after half of it.
    pub fn set_latency(&self, verb: Verb, latency: Duration) {
        self.faults(|faults| faults.latency.insert(verb, latency));
    }

    /// From now on each call fails with `probability` (0 to 1), before or after its effect, by a dice of this seed.
    pub fn chaos(&self, seed: u64, probability: f64) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "clamped to 0..=2^32, which an u64 holds"
        )]
        let threshold = (probability.clamp(0.0, 1.0) * 4_294_967_296.0) as u64;
        self.faults(|faults| faults.chaos = Some(Chaos { rng: SplitMix(seed), threshold }));
    }

    pub fn calm(&self) {
        self.faults(|faults| faults.chaos = None);
    }
}
