//! What the daemon costs, against docker itself in the same run: ratios, so that a slow machine says the same.
//!
//! `just bench`; a part of it: `just bench boot`, `quiet`, `reaction`, `dispatching`, `idle`. What was measured stands in
//! `docs/benchmarks.md`.

mod boot;
mod dispatching;
mod figures;
mod idle;
mod quiet;
mod reaction;

use std::env;

use serde_json::json;

use stories::harness::types::TypeDecl;
use stories::harness::{Fleet, hot, lazy};

/// The instruments of the stories, of which a benchmark needs a part.
#[expect(dead_code, unused_imports, reason = "the stories use the rest")]
#[path = "../../tests/stories"]
mod stories {
    pub(crate) mod harness;
}

/// Agents of the fleet whose daemon has nothing to do.
const FLEET: usize = 100;
/// So many of them run; the others sleep.
const AWAKE: usize = 50;

fn main() {
    // Cargo adds `--bench`.
    let wanted: Vec<String> = env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let parts: [(&str, fn()); 5] = [
        ("boot", boot::run),
        ("quiet", quiet::run),
        ("reaction", reaction::run),
        ("dispatching", dispatching::run),
        ("idle", idle::run),
    ];
    for word in &wanted {
        assert!(
            parts.iter().any(|(name, _)| name == word),
            "no part is called {word}: boot, quiet, reaction, dispatching, idle"
        );
    }
    for (name, part) in parts {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            println!("{name}");
            part();
        }
    }
}

/// A fleet that is not started yet.
fn fleet(types: impl IntoIterator<Item = TypeDecl>) -> Fleet {
    Fleet::new(types).expect("a benchmark needs a docker engine: ./scripts/install-missing")
}

/// A started fleet of [`FLEET`] agents.
fn large() -> Fleet {
    let mut fleet = fleet([hot("hot"), lazy("lazy")]);
    fleet.start();
    for (name, count) in [("hot", AWAKE), ("lazy", FLEET - AWAKE)] {
        fleet.post(&format!("/api/v1/types/{name}/scale"), &json!({ "count": count })).expect(200);
    }
    let containers = fleet.containers().len();
    assert_eq!(containers, FLEET, "every agent has its container");
    fleet
}
