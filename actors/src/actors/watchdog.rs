//! The watchdog: looks at the whole fleet once a tick and hands each instance its part.
//!
//! It owns the rhythm. Rounds never overlap and each next one is timed after the last has ended. A round that fails or
//! panics is only that: a look that failed means "don't know". While docker is away it asks more often.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix::{Actor, Addr, AsyncContext, Context, Handler, Message, SpawnHandle};
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::messages::{
    FleetImages, FleetLook, ImagesNow, Ping, Refresh, RoundNow, RowsChanged, SuspendFleet, Targets,
    WantedImages,
};
use super::registry::Registry;
use crate::effects::Tools;
use crate::metrics::{Round, Skipped};
use crate::model::{EventKind, InstanceName, NewEvent, assign};
use crate::ports::StoreError;

/// The wall clock may differ from the monotonic one by this much between two rounds (DESIGN "Failure rules").
const CLOCK_TOLERANCE: SignedDuration = SignedDuration::from_secs(30);
/// Pause between looks while docker is away, doubling.
const AWAY_FIRST: Duration = Duration::from_secs(1);
const AWAY_MOST: Duration = Duration::from_secs(10);
/// Rounds asked for out of turn are at least this far apart.
const OUT_OF_TURN: Duration = Duration::from_millis(200);
/// How soon images are compared when something suggests it: not while whatever it was is still under way.
const COMPARE_AFTER: Duration = Duration::from_secs(10);
/// Image names are looked up in one round of so many: it costs a docker call per name.
const IMAGES_EVERY: u64 = 5;

/// When the watchdog last ended a round, readable from every thread.
#[derive(Clone, Debug)]
pub(crate) struct Pulse {
    origin: Instant,
    last_s: Arc<AtomicU64>,
}

impl Pulse {
    pub(crate) fn new(now: Instant) -> Self {
        Self { origin: now, last_s: Arc::new(AtomicU64::new(0)) }
    }

    fn beat(&self, now: Instant) {
        self.last_s.store(now.duration_since(self.origin).as_secs(), Ordering::Relaxed);
    }

    /// Whole seconds since the last beat.
    pub(crate) fn age_s(&self, now: Instant) -> u64 {
        now.duration_since(self.origin).as_secs().saturating_sub(self.last_s.load(Ordering::Relaxed))
    }
}

#[derive(Debug)]
pub(crate) struct Watchdog {
    tools: Tools,
    registry: Addr<Registry>,
    interval: Duration,
    pulse: Pulse,
    /// Both clocks at the end of the last round.
    clocks: (Instant, Timestamp),
    round: u64,
    running: bool,
    /// Somebody asked for a round while one was running.
    again: bool,
    /// The images are about to be compared.
    comparing: bool,
    away: Duration,
    suspect: Option<String>,
    timer: Option<SpawnHandle>,
    ended: Option<Instant>,
}

/// Report: the boot pass has been tried; ticks may begin.
#[derive(Debug, Message)]
#[rtype(result = "()")]
pub(crate) struct Begin;

/// Report: a round has ended.
#[derive(Debug, Message)]
#[rtype(result = "()")]
struct RoundDone {
    /// `None`: it panicked.
    result: Option<RoundResult>,
    began: Instant,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum RoundResult {
    Seen,
    Away,
    Suspect(String),
    StoreFails,
}

impl RoundResult {
    fn measured(&self) -> Round {
        match self {
            Self::Seen => Round::Seen,
            Self::Away => Round::DockerAway,
            Self::Suspect(_) => Round::DatabaseSuspect,
            Self::StoreFails => Round::DatabaseFailed,
        }
    }
}

impl Watchdog {
    pub(crate) fn new(tools: Tools, registry: Addr<Registry>, interval: Duration, pulse: Pulse) -> Self {
        let clocks = (tools.clock.now(), tools.clock.wall());
        Self {
            tools,
            registry,
            interval,
            pulse,
            clocks,
            round: 0,
            running: false,
            again: false,
            comparing: false,
            away: AWAY_FIRST,
            suspect: None,
            timer: None,
            ended: None,
        }
    }

    fn next_in(&mut self, pause: Duration, ctx: &mut Context<Self>) {
        if let Some(timer) = self.timer.take() {
            ctx.cancel_future(timer);
        }
        self.timer = Some(ctx.run_later(pause, |watchdog, ctx| {
            watchdog.timer = None;
            watchdog.begin(ctx);
        }));
    }

    fn begin(&mut self, ctx: &mut Context<Self>) {
        if self.running {
            self.again = true;
            self.tools.metrics.round_skipped(Skipped::Overlap);
            return;
        }
        if self.clock_jumped() {
            self.tools.metrics.round_skipped(Skipped::ClockJumped);
            // What this round would compare was measured across the jump.
            return self.next_in(OUT_OF_TURN, ctx);
        }
        self.running = true;
        self.round += 1;
        let images = self.round % IMAGES_EVERY == 1;
        let (tools, registry, addr) = (self.tools.clone(), self.registry.clone(), ctx.address());
        let began = tools.clock.now();
        actix::spawn(async move {
            let work = actix::spawn(async move { round(&tools, &registry, images).await });
            let result = work.await.ok();
            addr.do_send(RoundDone { result, began });
        });
    }

    fn clock_jumped(&mut self) -> bool {
        let (mono, wall) = (self.tools.clock.now(), self.tools.clock.wall());
        let (mono_before, wall_before) = std::mem::replace(&mut self.clocks, (mono, wall));
        let passed =
            SignedDuration::try_from(mono.duration_since(mono_before)).unwrap_or(SignedDuration::MAX);
        let jump = wall.duration_since(wall_before) - passed;
        if jump.abs() <= CLOCK_TOLERANCE {
            return false;
        }
        let detail = format!("the wall clock moved by {} s against the monotonic one", jump.as_secs());
        log::warn!("{detail}; this round is void");
        self.tools.events.emit(NewEvent::new(EventKind::ClockJumped, wall).detail(detail));
        true
    }

    fn judge(&mut self, result: Option<&RoundResult>) -> Duration {
        let suspect = match result {
            Some(RoundResult::Suspect(reason)) => Some(reason.clone()),
            Some(RoundResult::Seen | RoundResult::Away | RoundResult::StoreFails) | None => None,
        };
        if suspect != self.suspect {
            self.registry.do_send(SuspendFleet { reason: suspect.clone() });
            self.suspect = suspect;
        }
        match result {
            Some(RoundResult::Away) => {
                let pause = self.away.min(self.interval);
                self.away = (self.away * 2).min(AWAY_MOST);
                pause
            }
            Some(RoundResult::Seen) => {
                self.away = AWAY_FIRST;
                self.interval
            }
            Some(RoundResult::Suspect(_) | RoundResult::StoreFails) => self.interval.min(AWAY_MOST),
            None => {
                log::error!("a round of the watchdog panicked; the next one comes as usual");
                self.interval
            }
        }
    }
}

/// One round: is the database still ours, did somebody else write, what does docker say.
async fn round(tools: &Tools, registry: &Addr<Registry>, images: bool) -> RoundResult {
    match tools.store.verify().await {
        Ok(()) => {}
        Err(StoreError::Replaced { detail }) => return RoundResult::Suspect(detail),
        Err(error) => {
            log::error!("the database cannot be checked, nothing is judged: {error}");
            return RoundResult::StoreFails;
        }
    }
    let tombstones = match rows(tools, registry).await {
        Ok(tombstones) => tombstones,
        Err(error) => {
            log::error!("the rows cannot be read, nothing is judged: {error}");
            return RoundResult::StoreFails;
        }
    };
    let Ok(targets) = registry.send(Targets).await else { return RoundResult::StoreFails };
    let began = tools.clock.now();
    let seen = tools.runtime.observe_fleet(&targets).await;
    let at = tools.clock.wall();
    let away = seen.is_err();
    let seen = seen.map(|seen| assign(&tools.prefix, tools.fleet, &seen, at));
    let look = FleetLook { seen, began, at, tombstones, settle: false, adopt: false };
    if registry.send(look).await.is_err() {
        return RoundResult::StoreFails;
    }
    if away {
        return RoundResult::Away;
    }
    if images {
        compare_images(tools, registry).await;
    }
    RoundResult::Seen
}

/// Looks up what the names of images mean now, and lets every instance compare that with what it has.
async fn compare_images(tools: &Tools, registry: &Addr<Registry>) {
    let Ok(names) = registry.send(WantedImages).await else { return };
    let mut ids = BTreeMap::new();
    for name in names {
        match tools.runtime.image(&name).await {
            Ok(Some(image)) => drop(ids.insert(name, image.id)),
            Ok(None) => {}
            // What cannot be asked now is not forgotten for that.
            Err(_) => return,
        }
    }
    registry.do_send(FleetImages { ids: Arc::new(ids) });
}

async fn rows(tools: &Tools, registry: &Addr<Registry>) -> Result<Vec<InstanceName>, StoreError> {
    let tombstones = tools.store.tombstones().await?;
    if let Some(rows) = tools.changed_rows().await? {
        log::info!(rows = rows.len(); "another process changed the rows");
        let changed = RowsChanged { rows, tombstones: tombstones.clone() };
        for name in registry.send(changed).await.unwrap_or_default() {
            registry.do_send(Refresh { name, request: None, reply: None });
        }
    }
    Ok(tombstones)
}

impl Actor for Watchdog {
    type Context = Context<Self>;
}

impl Handler<Begin> for Watchdog {
    type Result = ();

    fn handle(&mut self, _: Begin, ctx: &mut Self::Context) {
        self.pulse.beat(self.tools.clock.now());
        self.next_in(self.interval, ctx);
        ctx.notify(ImagesNow);
    }
}

impl Handler<ImagesNow> for Watchdog {
    type Result = ();

    fn handle(&mut self, _: ImagesNow, ctx: &mut Self::Context) {
        if std::mem::replace(&mut self.comparing, true) {
            return;
        }
        // Many replaced at once are one comparison.
        ctx.run_later(COMPARE_AFTER, |watchdog, _| {
            watchdog.comparing = false;
            let (tools, registry) = (watchdog.tools.clone(), watchdog.registry.clone());
            actix::spawn(async move { compare_images(&tools, &registry).await });
        });
    }
}

impl Handler<RoundNow> for Watchdog {
    type Result = ();

    fn handle(&mut self, _: RoundNow, ctx: &mut Self::Context) {
        if self.running {
            self.again = true;
            return;
        }
        let now = self.tools.clock.now();
        let since = self.ended.map_or(OUT_OF_TURN, |ended| now.duration_since(ended));
        self.next_in(OUT_OF_TURN.saturating_sub(since), ctx);
    }
}

impl Handler<RoundDone> for Watchdog {
    type Result = ();

    fn handle(&mut self, RoundDone { result, began }: RoundDone, ctx: &mut Self::Context) {
        self.running = false;
        let now = self.tools.clock.now();
        self.ended = Some(now);
        self.pulse.beat(now);
        let ended = result.as_ref().map_or(Round::Panicked, RoundResult::measured);
        self.tools.metrics.round(ended, now.duration_since(began));
        let away = result == Some(RoundResult::Away);
        let pause = self.judge(result.as_ref());
        let again = std::mem::take(&mut self.again) && !away;
        self.next_in(if again { OUT_OF_TURN } else { pause }, ctx);
    }
}

impl Handler<Ping> for Watchdog {
    type Result = ();

    fn handle(&mut self, _: Ping, _: &mut Self::Context) {}
}
