//! What the service manager is told, over `NOTIFY_SOCKET`; without one, nothing. systemd's protocol is `sd_notify(3)`.

use std::time::Duration;

use claude_hooks_actors::FleetHandle;
use sd_notify::NotifyState;

/// How long the loops have to answer before the service manager is not told that we live.
const PATIENCE: Duration = Duration::from_secs(2);
/// How much longer a start may take from each time on that it is said to go on.
const EXTENSION: Duration = Duration::from_mins(1);

/// Remembers what was said, so that nothing is said twice.
#[derive(Debug, Default)]
pub(super) struct ServiceManager {
    status: String,
    /// A socket that takes nothing is complained of once.
    deaf: bool,
}

impl ServiceManager {
    pub(super) fn status(&mut self, words: &str) {
        if self.status != words {
            words.clone_into(&mut self.status);
            self.tell(&[NotifyState::Status(words)]);
        }
    }

    /// The fleet was looked at and whoever asks is answered.
    pub(super) fn ready(&mut self) {
        self.tell(&[NotifyState::Ready]);
    }

    /// The first pass waits or works, and may take longer than a service manager allows a start.
    pub(super) fn still_starting(&mut self) {
        let microseconds = u32::try_from(EXTENSION.as_micros()).expect("a minute is 60 million microseconds");
        self.tell(&[NotifyState::ExtendTimeoutUsec(microseconds)]);
    }

    /// Followed by [`Self::ready`], however the reload ends.
    pub(super) fn reloading(&mut self) {
        match NotifyState::monotonic_usec_now() {
            Ok(now) => self.tell(&[NotifyState::Reloading, now]),
            Err(_) => self.tell(&[NotifyState::Reloading]),
        }
    }

    pub(super) fn stopping(&mut self) {
        self.tell(&[NotifyState::Stopping, NotifyState::Status("stopping; every container runs on")]);
    }

    fn tell(&mut self, state: &[NotifyState<'_>]) {
        if let Err(error) = sd_notify::notify(state)
            && !std::mem::replace(&mut self.deaf, true)
        {
            log::warn!("the service manager cannot be told how things are: {error}");
        }
    }
}

/// Says that we live, three times as often as asked for, while every loop answers. Whatever hangs ends this: the service
/// manager then kills and starts us, and containers do not notice.
pub(super) async fn feed_watchdog(fleet: FleetHandle) {
    let Some(allowed) = sd_notify::watchdog_enabled() else { return };
    // The next one comes soon, and a socket that is gone was told of already.
    feed(fleet, allowed, || drop(sd_notify::notify(&[NotifyState::Watchdog]))).await;
}

async fn feed(fleet: FleetHandle, allowed: Duration, mut we_live: impl FnMut()) {
    let mut well = true;
    loop {
        let health = fleet.health(PATIENCE.min(allowed / 3)).await;
        if health.is_alive() {
            we_live();
        } else if well {
            log::error!(
                "not everything answers, so the service manager is not told that we live: {health:?}"
            );
        }
        well = health.is_alive();
        tokio::time::sleep(allowed / 3).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[actix_rt::test]
    async fn a_fleet_whose_loops_do_not_answer_is_never_said_to_live() {
        let mut said = 0;
        let hung = FleetHandle::detached();
        let fed = feed(hung, Duration::from_millis(30), || said += 1);
        assert!(tokio::time::timeout(Duration::from_millis(300), fed).await.is_err(), "it goes on asking");
        assert_eq!(said, 0);
    }
}
