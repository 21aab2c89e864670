//! Says once what is odd in the database, not once per read.

use std::collections::HashMap;
use std::sync::Mutex;

use super::locked;

/// Above this many complaints the memory of them starts anew; a flood of odd rows must not become a leak.
const REMEMBERED: usize = 1024;

/// What was complained about: where, and what was wrong there.
#[derive(Debug, Default)]
pub(super) struct Odd {
    said: Mutex<HashMap<String, String>>,
}

impl Odd {
    /// Logs, unless the same was said of the same place before. Returns whether it did.
    pub(super) fn tell(&self, place: &str, problem: &str) -> bool {
        let mut said = locked(&self.said);
        if said.get(place).is_some_and(|before| before == problem) {
            return false;
        }
        if said.len() >= REMEMBERED {
            said.clear();
        }
        said.insert(place.to_owned(), problem.to_owned());
        drop(said);
        log::warn!(place, problem; "{place} in the database is odd: {problem}");
        true
    }

    /// Tells the problem of the place, or forgets it if there is none (any more).
    pub(super) fn settle(&self, place: &str, problem: Option<&str>) {
        match problem {
            Some(problem) => {
                self.tell(place, problem);
            }
            None => self.forget(place),
        }
    }

    /// The place is in order (again).
    pub(super) fn forget(&self, place: &str) {
        locked(&self.said).remove(place);
    }
}
