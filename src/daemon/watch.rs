//! What happens beside serving: the first pass, a look at the fleet each second, and what the service manager and the log
//! are told of both.

use std::time::Duration;

use actix_rt::task::JoinHandle;
use claude_hooks_actors::FleetHandle;
use claude_hooks_actors::handle::FleetError;
use claude_hooks_actors::model::{Outcome, ReconcileReport};
use jiff::Timestamp;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

use super::DaemonError;
use super::reload::Reloader;
use super::service_manager::{ServiceManager, feed_watchdog};
use super::status::{Circumstances, words};

/// How often it is looked whether the actors that nobody respawns still live, and how the fleet is.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// How often the service manager is told that the first pass goes on.
const PATIENCE_ASKED: Duration = Duration::from_secs(10);

#[derive(Debug)]
pub(super) struct Watch {
    fleet: FleetHandle,
    reloader: Reloader,
    manager: ServiceManager,
    circumstances: Circumstances,
    /// The first pass, until it has ended.
    boot: Option<JoinHandle<Result<ReconcileReport, FleetError>>>,
    asked_for_patience: Option<Instant>,
    beat: Interval,
}

impl Watch {
    /// Begins the first pass.
    pub(super) fn new(fleet: FleetHandle, reloader: Reloader) -> Self {
        let mut beat = interval(HEARTBEAT);
        beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let first = fleet.clone();
        actix_rt::spawn(feed_watchdog(fleet.clone()));
        Self {
            boot: Some(actix_rt::spawn(async move { first.boot().await })),
            fleet,
            reloader,
            manager: ServiceManager::default(),
            circumstances: Circumstances::default(),
            asked_for_patience: None,
            beat,
        }
    }

    /// Waits for the next heartbeat or the end of the first pass. Nothing is lost if it is given up halfway.
    pub(super) async fn next(&mut self) -> Result<(), DaemonError> {
        let Some(boot) = &mut self.boot else {
            self.beat.tick().await;
            return self.look();
        };
        tokio::select! {
            ended = boot => {
                self.boot = None;
                match ended {
                    Ok(Ok(report)) => {
                        tell(&report);
                        self.look()?;
                        self.manager.ready();
                    }
                    Ok(Err(error)) => log::error!("the first pass did not happen: {error}"),
                    Err(error) => log::error!("the first pass panicked: {error}"),
                }
                Ok(())
            }
            _ = self.beat.tick() => {
                let now = Instant::now();
                if self.asked_for_patience.is_none_or(|last| now.duration_since(last) >= PATIENCE_ASKED) {
                    self.asked_for_patience = Some(now);
                    self.manager.still_starting();
                }
                self.look()
            }
        }
    }

    fn look(&mut self) -> Result<(), DaemonError> {
        if !self.fleet.is_connected() {
            return Err(DaemonError::ActorsDied);
        }
        let snapshot = self.fleet.snapshot();
        self.circumstances.unreachable_since = (snapshot.docker_reachable == Some(false))
            .then(|| self.circumstances.unreachable_since.unwrap_or_else(Timestamp::now));
        self.circumstances.types_wanted = self.reloader.types_wanted();
        self.manager.status(&words(&snapshot, &self.circumstances));
        Ok(())
    }

    /// Reads the config anew. What follows from it is done, and told of, afterwards: a replaced container takes its time.
    pub(super) async fn reload(&mut self) {
        let booted = self.boot.is_none();
        if booted {
            self.manager.reloading();
        }
        let reloaded = self.reloader.reload(&self.fleet).await;
        if reloaded.is_ok() && booted {
            // During the first pass that one takes care of it.
            let fleet = self.fleet.clone();
            actix_rt::spawn(async move {
                match fleet.reconcile_all(false).await {
                    Ok(report) => tell(&report),
                    Err(error) => log::warn!("what is new in the config is followed later: {error}"),
                }
            });
        }
        self.circumstances.not_reloaded = reloaded.err().map(|error| error.to_string());
        // An actor that died is noticed by the next heartbeat.
        let _ = self.look();
        if booted {
            self.manager.ready();
        }
    }

    pub(super) async fn stop(&mut self) {
        self.manager.stopping();
        self.fleet.stop().await;
    }
}

/// What a pass over the fleet did, as `agents-sync` prints it.
fn tell(report: &ReconcileReport) {
    for line in report.lines() {
        log::info!("{line}");
    }
    for (_, names) in report.buckets().into_iter().filter(|(outcome, _)| *outcome == Outcome::Failed) {
        for name in names {
            let reason = report.reasons.get(name).map_or("no reason is known", String::as_str);
            log::warn!(instance = name.as_ref(); "not as its row asks: {reason}");
        }
    }
}
