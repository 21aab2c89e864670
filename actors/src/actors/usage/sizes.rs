//! Which state volume is walked through next. A walk costs the disk much, so there is one at a time and each seldom.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

/// Between two walks through one volume.
const PAUSE: Duration = Duration::from_hours(1);
/// The same for one that is near its limit, whose owner may be tidying up.
const PAUSE_NEAR: Duration = Duration::from_mins(5);

#[derive(Debug)]
struct Walked {
    at: Instant,
    /// `None`: it could not be told.
    bytes: Option<u64>,
}

/// What is known of the sizes of volumes.
#[derive(Debug, Default)]
pub(super) struct Sizes(BTreeMap<String, Walked>);

impl Sizes {
    /// The volume of `limits` that was walked through the longest ago, if it is its time. Others are forgotten.
    pub(super) fn due(&mut self, limits: &BTreeMap<String, u64>, now: Instant) -> Option<String> {
        self.0.retain(|volume, _| limits.contains_key(volume));
        let since = |volume: &String| self.0.get(volume).map(|walked| walked.at);
        let due = |(volume, limit): &(&String, &u64)| {
            self.0.get(*volume).is_none_or(|walked| {
                let near = walked.bytes.is_some_and(|bytes| bytes >= **limit / 10 * 8);
                now.duration_since(walked.at) >= if near { PAUSE_NEAR } else { PAUSE }
            })
        };
        limits.iter().filter(due).min_by_key(|(volume, _)| since(volume)).map(|(volume, _)| volume.clone())
    }

    pub(super) fn walked(&mut self, volume: String, bytes: Option<u64>, at: Instant) {
        self.0.insert(volume, Walked { at, bytes });
    }

    pub(super) fn bytes(&self, volume: &str) -> Option<u64> {
        self.0.get(volume)?.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_volume_has_its_turn_and_one_near_its_limit_sooner() {
        let now = Instant::now();
        let at = |minutes: u64| now + Duration::from_mins(minutes);
        let limits: BTreeMap<String, u64> = ["a", "b"].map(|name| (name.to_owned(), 100)).into();
        let mut sizes = Sizes::default();
        assert_eq!(sizes.due(&limits, at(0)).as_deref(), Some("a"));
        sizes.walked("a".into(), Some(79), at(0));
        assert_eq!(sizes.due(&limits, at(1)).as_deref(), Some("b"));
        sizes.walked("b".into(), Some(80), at(1));
        assert_eq!(sizes.due(&limits, at(5)), None);
        assert_eq!(sizes.due(&limits, at(6)).as_deref(), Some("b"));
        // One that cannot be told is not tried all the time.
        sizes.walked("b".into(), None, at(6));
        assert_eq!(sizes.due(&limits, at(59)), None);
        assert_eq!(sizes.due(&limits, at(66)).as_deref(), Some("a"), "the longest ago");
        assert_eq!((sizes.bytes("a"), sizes.bytes("b"), sizes.bytes("c")), (Some(79), None, None));
        assert_eq!(sizes.due(&BTreeMap::new(), at(66)), None);
        assert_eq!(sizes.bytes("a"), None, "nobody asks any more");
    }
}
