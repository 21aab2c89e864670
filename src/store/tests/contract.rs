//! The store keeps the contract of its port, as the one in memory does.

use std::sync::Arc;

use claude_hooks_actors::ports::{LeaseStore, RolloutStore, TaskStore};
use claude_hooks_actors::testing::contract;
use claude_hooks_actors::testing::contract::store::StoreWorld;
use jiff::Timestamp;

use super::*;

/// A database in a directory of its own, which is removed with it; `None` only while it is opened again.
struct SqliteWorld(Option<Fixture>);

impl SqliteWorld {
    fn new() -> Self {
        Self(Some(Fixture::new()))
    }

    fn fixture(&self) -> &Fixture {
        self.0.as_ref().expect("it is there but for the moment of a restart")
    }
}

#[async_trait::async_trait]
impl StoreWorld for SqliteWorld {
    fn store(&self) -> Arc<dyn AgentStore> {
        Arc::new(self.fixture().store.clone())
    }

    fn leases(&self) -> Arc<dyn LeaseStore> {
        Arc::new(self.fixture().store.clone())
    }

    fn tasks(&self) -> Arc<dyn TaskStore> {
        Arc::new(self.fixture().store.clone())
    }

    fn rollouts(&self) -> Arc<dyn RolloutStore> {
        Arc::new(self.fixture().store.clone())
    }

    async fn reopen(&mut self) {
        self.0 = self.0.take().map(Fixture::restart);
    }

    fn now(&self) -> Timestamp {
        Timestamp::now()
    }

    async fn insert_elsewhere(&self, name: &InstanceName) {
        let hand = self.fixture().by_hand();
        hand.execute("INSERT INTO agents(name,type) VALUES(?1,'dev')", [name.as_ref()])
            .expect("the name is free");
    }

    async fn replace(&self) {
        let other = Fixture::new();
        let (from, to) = (other.dir.paths().database(), self.fixture().dir.paths().database());
        fs::rename(from, to).expect("both are on one file system");
    }
}

#[tokio::test]
async fn the_store_on_sqlite_keeps_the_contract_of_the_store() {
    contract::store::all(SqliteWorld::new).await;
}

#[tokio::test]
async fn the_store_on_sqlite_keeps_the_contract_of_leases() {
    contract::leases::all(SqliteWorld::new).await;
}

#[tokio::test]
async fn the_store_on_sqlite_keeps_the_contract_of_tasks() {
    contract::tasks::all(SqliteWorld::new).await;
}

#[tokio::test]
async fn the_store_on_sqlite_keeps_the_contract_of_rollouts() {
    contract::rollouts::all(SqliteWorld::new).await;
}
