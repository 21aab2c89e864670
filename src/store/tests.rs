//! The store against real files; what a hand with `sqlite3` would do is done by a raw connection.

mod backups;
mod by_hand;
mod concurrent;
mod contract;
mod events;
mod leases;
mod migration;
mod opening;
mod released;
mod replaced;
mod restoring;
mod rows;
mod tasks;

use std::fs;
use std::path::Path;

use claude_hooks_actors::model::{InstanceName, NewAgent, Overrides};
use claude_hooks_actors::ports::AgentStore;
use claude_hooks_actors::testing::{name, type_name};
use rusqlite::Connection;
use tempfile::TempDir;

use super::*;

/// A store in a directory of its own; fields drop in this order.
struct Fixture {
    store: SqliteStore,
    dir: DataDir,
    temp: TempDir,
}

impl Fixture {
    fn new() -> Self {
        let temp = TempDir::new().expect("a temporary directory");
        let dir = DataDir::open(temp.path()).expect("it is ours");
        let store = SqliteStore::open(&dir).expect("a new database");
        Self { store, dir, temp }
    }

    /// Another program on the same file.
    fn by_hand(&self) -> Connection {
        by_hand(&self.dir.paths().database())
    }

    /// The daemon dies and starts again.
    fn restart(self) -> Self {
        let Self { store, dir, temp } = self;
        drop(store);
        let store = SqliteStore::open(&dir).expect("it was closed in order");
        Self { store, dir, temp }
    }

    async fn insert(&self, text: &str) {
        self.store.insert_agents(&[new(text)]).await.expect("the name is free");
    }

    async fn names(&self) -> Vec<InstanceName> {
        let agents = self.store.agents().await.expect("readable");
        agents.into_iter().map(|agent| agent.name).collect()
    }
}

fn by_hand(path: &Path) -> Connection {
    let connection = Connection::open(path).expect("it is there");
    connection.busy_timeout(open::BUSY_TIMEOUT).expect("it takes a timeout");
    connection
}

/// An agent of type `dev`, without overrides.
fn new(text: &str) -> NewAgent {
    NewAgent { name: name(text), agent_type: type_name("dev"), overrides: Overrides::default() }
}

/// Names in a directory, sorted.
fn listing(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("readable");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}
