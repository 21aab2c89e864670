//! One-time codes: whoever may use the socket or the token may let a browser in, without the token passing through it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest as _, Sha256};

use super::sessions::random_secret;

/// How long a code can be used.
pub(crate) const GOOD_FOR: Duration = Duration::from_mins(1);
/// Beyond these the oldest is void.
const MOST: usize = 16;

/// Codes that were made and not used, oldest first, each by its hash and with its end. They end with the server.
#[derive(Debug, Default)]
pub(crate) struct Links(Mutex<Vec<([u8; 32], Instant)>>);

impl Links {
    pub(crate) fn make(&self, now: Instant) -> String {
        let code = random_secret();
        let mut codes = self.standing(now);
        if codes.len() >= MOST {
            codes.remove(0);
        }
        codes.push((hash(&code), now + GOOD_FOR));
        code
    }

    /// Whether the code is good; it is not any more.
    pub(crate) fn redeem(&self, code: &str, now: Instant) -> bool {
        let (mut codes, hash) = (self.standing(now), hash(code));
        let place = codes.iter().position(|(known, _)| *known == hash);
        place.map(|place| codes.remove(place)).is_some()
    }

    fn standing(&self, now: Instant) -> MutexGuard<'_, Vec<([u8; 32], Instant)>> {
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        codes.retain(|(_, end)| now < *end);
        codes
    }
}

fn hash(code: &str) -> [u8; 32] {
    Sha256::digest(code).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_good_once_and_for_a_minute() {
        let (links, now) = (Links::default(), Instant::now());
        let (first, second) = (links.make(now), links.make(now));
        assert!(!links.redeem("", now) && !links.redeem(&first[1..], now));
        assert!(links.redeem(&first, now + GOOD_FOR / 2));
        assert!(!links.redeem(&first, now + GOOD_FOR / 2), "it was used");
        assert!(!links.redeem(&second, now + GOOD_FOR), "it is too old");
    }

    #[test]
    fn many_codes_drive_out_the_oldest() {
        let (links, now) = (Links::default(), Instant::now());
        let first = links.make(now);
        let others: Vec<String> = (0..MOST).map(|_| links.make(now)).collect();
        assert!(!links.redeem(&first, now));
        assert!(others.iter().all(|code| links.redeem(code, now)));
    }
}
