//! How often somebody may be wrong. Pure but for its lock.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// So many wrong guesses in [`WINDOW`], then all are refused for the rest of it, right or wrong.
const AT_MOST: u32 = 10;
const WINDOW: Duration = Duration::from_mins(1);

/// Wrong guesses of each peer. A guess counts as wrong until it turns out right, so that many at once do not slip through.
#[derive(Debug, Default)]
pub(crate) struct Guesses(Mutex<HashMap<IpAddr, Window>>);

#[derive(Clone, Copy, Debug)]
struct Window {
    began: Instant,
    guesses: u32,
}

impl Guesses {
    /// Counts a guess, or says how long none is taken.
    pub(crate) fn count(&self, peer: IpAddr, now: Instant) -> Result<(), Duration> {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        windows.retain(|_, window| now.saturating_duration_since(window.began) < WINDOW);
        let window = windows.entry(peer).or_insert(Window { began: now, guesses: 0 });
        if window.guesses >= AT_MOST {
            return Err((window.began + WINDOW).saturating_duration_since(now));
        }
        window.guesses += 1;
        Ok(())
    }

    /// The guess was right.
    pub(crate) fn forgive(&self, peer: IpAddr) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&peer);
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const PEER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

    #[test]
    fn after_ten_wrong_guesses_a_peer_waits_out_the_minute() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        for _ in 0..AT_MOST {
            assert_eq!(guesses.count(PEER, now), Ok(()));
        }
        let later = now + Duration::from_secs(20);
        assert_eq!(guesses.count(PEER, later), Err(Duration::from_secs(40)));
        assert_eq!(guesses.count(IpAddr::V4(Ipv4Addr::BROADCAST), later), Ok(()), "others are not held up");
        assert_eq!(guesses.count(PEER, now + WINDOW), Ok(()));
    }

    #[test]
    fn a_right_guess_makes_good_for_the_wrong_ones() {
        let (guesses, now) = (Guesses::default(), Instant::now());
        for _ in 0..5 * AT_MOST {
            assert_eq!(guesses.count(PEER, now), Ok(()));
            guesses.forgive(PEER);
        }
    }
}
