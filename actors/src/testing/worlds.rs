//! The fakes as worlds of the contract suites.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;

use super::contract::runs::{RunsWorld, Script};
use super::contract::runtime::{Program, RuntimeWorld};
use super::contract::store::StoreWorld;
use super::{Behaviour, MemoryStore, SimDocker, TestClock, type_name};
use crate::model::{FleetId, FleetPrefix, InstanceName, NewAgent, OurLabels, Overrides};
use crate::ports::{
    AgentStore, Clock, ContainerRuntime, HealthRuntime, LeaseStore, RolloutStore, TaskRuntime, TaskStore,
};

const STAYING: &str = "staying:1";
const ENDING: &str = "ending:1";
const BROKEN: &str = "broken:1";
const ALONE: &str = "alone:1";

/// A simulated engine with the three programs of the suite.
#[derive(Clone, Debug)]
pub struct SimWorld {
    pub sim: SimDocker,
}

impl SimWorld {
    pub fn new() -> Self {
        let prefix = FleetPrefix::parse("contract").expect("a valid prefix");
        let sim = SimDocker::new(FleetId::random(), prefix);
        sim.add_image(STAYING);
        sim.add_image(ALONE);
        let usual = Behaviour::default();
        let exits = Some((std::time::Duration::from_millis(10), 3));
        sim.behave(ENDING, Behaviour { exits, says: vec!["hello".into()], ..usual.clone() });
        let error = "unable to find user nosuch: no matching entries in passwd file".to_owned();
        sim.behave(BROKEN, Behaviour { cannot_start: Some(error), ..usual });
        Self { sim }
    }
}

impl Default for SimWorld {
    fn default() -> Self {
        Self::new()
    }
}

fn program(image: &str) -> Program {
    Program { image: image.to_owned(), command: Vec::new() }
}

#[async_trait]
impl RuntimeWorld for SimWorld {
    fn runtime(&self) -> Arc<dyn ContainerRuntime> {
        Arc::new(self.sim.clone())
    }

    fn fleet(&self) -> FleetId {
        self.sim.fleet()
    }

    fn prefix(&self) -> FleetPrefix {
        self.sim.prefix().clone()
    }

    fn staying(&self) -> Program {
        program(STAYING)
    }

    fn ending(&self) -> Program {
        program(ENDING)
    }

    fn broken(&self) -> Program {
        program(BROKEN)
    }

    fn alone(&self) -> Program {
        program(ALONE)
    }

    async fn kill_by_hand(&self, container: &str) {
        self.sim.kill(container);
    }

    async fn pause_by_hand(&self, container: &str) {
        self.sim.pause(container);
    }

    async fn rename_by_hand(&self, container: &str, name: &str) {
        self.sim.rename_by_hand(container, name).expect("the point chooses a free name");
    }

    async fn remove_by_hand(&self, container: &str) {
        self.sim.remove_by_hand(container);
    }

    async fn run_foreign(&self, container: &str) {
        self.sim.run_foreign(container, OurLabels::default());
    }

    async fn clean(&self) {
        for container in self.sim.containers() {
            self.sim.remove_by_hand(&container.name);
        }
        for volume in self.sim.volumes() {
            self.sim.remove_volume_by_hand(&volume.name).expect("nobody uses it any more");
        }
    }
}

impl RunsWorld for SimWorld {
    fn tasks(&self) -> Arc<dyn TaskRuntime> {
        Arc::new(self.sim.clone())
    }

    fn health(&self) -> Arc<dyn HealthRuntime> {
        Arc::new(self.sim.clone())
    }

    fn argv(&self, script: Script) -> Vec<String> {
        let line = match script {
            Script::Exit(code) => format!("exit {code}"),
            Script::Sleep(time) => format!("sleep {}", time.as_secs()),
            Script::Print(bytes) => format!("print {bytes}"),
            Script::Cat => "cat".into(),
            Script::Hang => "hang".into(),
            Script::Stubborn => "stubborn".into(),
            Script::Missing => "no-such-program".into(),
        };
        line.split(' ').map(Into::into).collect()
    }
}

/// A store in memory on a clock of its own.
#[derive(Clone, Debug)]
pub struct MemoryWorld {
    pub store: MemoryStore,
    pub clock: TestClock,
}

impl MemoryWorld {
    pub fn new() -> Self {
        let clock = TestClock::new();
        Self { store: MemoryStore::new(FleetId::random(), Arc::new(clock.clone())), clock }
    }
}

impl Default for MemoryWorld {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl StoreWorld for MemoryWorld {
    fn store(&self) -> Arc<dyn AgentStore> {
        Arc::new(self.store.clone())
    }

    fn leases(&self) -> Arc<dyn LeaseStore> {
        Arc::new(self.store.clone())
    }

    fn tasks(&self) -> Arc<dyn TaskStore> {
        Arc::new(self.store.clone())
    }

    fn rollouts(&self) -> Arc<dyn RolloutStore> {
        Arc::new(self.store.clone())
    }

    async fn reopen(&mut self) {
        self.store = self.store.reopen();
    }

    fn now(&self) -> Timestamp {
        self.clock.wall()
    }

    async fn insert_elsewhere(&self, name: &InstanceName) {
        let row =
            NewAgent { name: name.clone(), agent_type: type_name("dev"), overrides: Overrides::default() };
        self.store.write_elsewhere(|rows| rows.add(&row, self.clock.wall()));
    }

    async fn replace(&self) {
        self.store.set_replaced(true);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::contract;

    #[tokio::test(start_paused = true)]
    async fn the_simulated_docker_keeps_the_contract_of_the_runtime() {
        let world = SimWorld::new();
        contract::runtime::all(&world).await;
        assert_eq!((world.sim.containers(), world.sim.volumes()), (vec![], vec![]));
    }

    #[tokio::test(start_paused = true)]
    async fn the_simulated_docker_keeps_the_contract_of_runs() {
        let world = SimWorld::new();
        contract::runs::all(&world).await;
        world.sim.assert_invariants();
    }

    #[tokio::test(start_paused = true)]
    async fn the_store_in_memory_keeps_the_contract_of_the_store() {
        contract::store::all(MemoryWorld::new).await;
    }

    #[tokio::test(start_paused = true)]
    async fn the_store_in_memory_keeps_the_contract_of_leases() {
        contract::leases::all(MemoryWorld::new).await;
    }

    #[tokio::test(start_paused = true)]
    async fn the_store_in_memory_keeps_the_contract_of_tasks() {
        contract::tasks::all(MemoryWorld::new).await;
    }

    #[tokio::test(start_paused = true)]
    async fn the_store_in_memory_keeps_the_contract_of_rollouts() {
        contract::rollouts::all(MemoryWorld::new).await;
    }
}
