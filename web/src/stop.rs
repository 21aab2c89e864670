//! One switch that ends every stream and then the server.
//!
//! A stream of events has no end of its own, so a graceful stop would wait for it until it is cut; the switch lets the
//! streams end first.

use tokio::sync::watch;

/// Held by whoever stops the server. Dropping it stops the server too.
#[derive(Debug)]
pub struct StopSwitch(watch::Sender<bool>);

impl StopSwitch {
    /// Ends all streams and waits, lets requests under way finish for a few seconds, and ends the server.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

/// Held by whoever must end when the server stops.
#[derive(Clone, Debug)]
pub struct StopSignal(watch::Receiver<bool>);

impl StopSignal {
    /// Resolves once the switch is thrown or dropped.
    pub async fn stopped(&mut self) {
        // An error means that the switch is gone: nobody could ever throw it.
        let _ = self.0.wait_for(|stopped| *stopped).await;
    }

    pub fn is_stopped(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }
}

/// A switch and the signal that it gives.
pub fn stop_switch() -> (StopSwitch, StopSignal) {
    let (sender, receiver) = watch::channel(false);
    (StopSwitch(sender), StopSignal(receiver))
}
