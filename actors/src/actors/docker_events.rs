//! The fast path: follows `docker events` and passes on hints to look again.
//!
//! Hints are never state. What was missed while the stream was down is found by a full look after each connection.

use std::sync::Arc;
use std::time::Duration;

use actix::Addr;
use futures_util::StreamExt as _;

use super::messages::{HintOf, RoundNow};
use super::registry::Registry;
use super::watchdog::Watchdog;
use crate::ports::ContainerRuntime;

const RECONNECT_FIRST: Duration = Duration::from_secs(1);
const RECONNECT_MOST: Duration = Duration::from_secs(30);

/// What changes nothing that we look at.
const IDLE_ACTIONS: [&str; 6] = ["create", "attach", "detach", "top", "resize", "archive-path"];

/// Runs until the registry is gone.
pub(crate) async fn follow(
    runtime: Arc<dyn ContainerRuntime>,
    registry: Addr<Registry>,
    watchdog: Addr<Watchdog>,
) {
    let mut pause = RECONNECT_FIRST;
    let mut first = true;
    while registry.connected() {
        match runtime.events().await {
            Err(error) => log::debug!("cannot follow docker's events: {error}"),
            Ok(mut events) => {
                if !std::mem::take(&mut first) {
                    watchdog.do_send(RoundNow);
                }
                while let Some(event) = events.next().await {
                    match event {
                        Ok(event) if IDLE_ACTIONS.contains(&event.action.as_str()) => {}
                        Ok(event) => {
                            pause = RECONNECT_FIRST;
                            registry.do_send(HintOf { name: event.instance, action: event.action });
                        }
                        Err(error) => {
                            log::info!("docker's events ended: {error}");
                            break;
                        }
                    }
                }
                // Docker may be gone, which the next look will tell sooner than the next tick.
                watchdog.do_send(RoundNow);
            }
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(RECONNECT_MOST);
    }
}
