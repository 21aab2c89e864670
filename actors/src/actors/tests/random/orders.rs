//! What operators and other processes ask for.

use std::collections::BTreeMap;
use std::future::Future;

use super::ledger::Order;
use super::{IMAGES, NAMES, Run};
use crate::FleetHandle;
use crate::actors::tests::world::new;
use crate::handle::Command;
use crate::model::{Lifecycle, NewAgent, Overrides, Power};
use crate::ports::Clock as _;
use crate::testing::{name, type_name};

/// Largest pool; `dev` has two names of its own besides.
const POOL: u64 = 6;

impl Run {
    pub(super) fn order(&mut self, handle: &FleetHandle) {
        match self.dice.below(20) {
            0..4 => self.create(handle),
            4..8 => self.update(handle),
            8..10 => self.delete(handle),
            10..15 => self.command(handle),
            15 => self.scale(handle),
            16 => {
                let (adopt, fleet) = (self.dice.one_in(8), handle.clone());
                let mut orders = Vec::new();
                if adopt {
                    self.permit_adoptions();
                    // Foreign containers without a row get one.
                    orders = NAMES.iter().map(|(row, _)| self.ledger.begin(&name(row))).collect();
                }
                self.begin(format!("reconcile all, adopt {adopt}"), async move {
                    drop(fleet.reconcile_all(adopt).await);
                    orders.into_iter().for_each(Order::failed);
                });
            }
            17 | 18 => {
                let (name, fleet) = (name(self.name()), handle.clone());
                self.begin(
                    format!("reconcile {name}"),
                    async move { drop(fleet.reconcile_one(&name).await) },
                );
            }
            _ => self.hang_up(),
        }
    }

    pub(super) fn begin(&mut self, label: String, order: impl Future<Output = ()> + 'static) {
        self.trace.note(&label);
        let trace = self.trace.clone();
        let done = format!("  done: {label}");
        let task = tokio::task::spawn_local(async move {
            order.await;
            trace.note(done);
        });
        self.pending.retain(|(_, task)| !task.is_finished());
        self.pending.push((label, task));
    }

    /// The client goes away before it has its answer.
    fn hang_up(&mut self) {
        let place = usize::try_from(self.dice.below(4)).unwrap_or(0);
        if let Some((label, task)) = self.pending.get(place) {
            task.abort();
            self.trace.note(format!("hang up: {label}"));
        }
    }

    fn overrides(&mut self) -> Overrides {
        let image = self.dice.pick(&IMAGES).map(ToString::to_string).filter(|_| self.dice.one_in(2));
        let lifecycle = match self.dice.below(6) {
            0 => Some(Lifecycle::Hot),
            1 => Some(Lifecycle::Lazy),
            _ => None,
        };
        let env = match self.dice.below(3) {
            0 => BTreeMap::from([("E".to_owned(), self.dice.below(3).to_string())]),
            _ => BTreeMap::new(),
        };
        Overrides { lifecycle, image, env, ..Overrides::default() }
    }

    fn new_agent(&mut self) -> NewAgent {
        let (name, agent_type) = self.dice.pick(&NAMES).copied().unwrap_or(NAMES[0]);
        let overrides = if agent_type == "host" { Overrides::default() } else { self.overrides() };
        NewAgent { overrides, ..new(name, agent_type) }
    }

    fn create(&mut self, handle: &FleetHandle) {
        let (agent, fleet) = (self.new_agent(), handle.clone());
        let order = self.ledger.begin(&agent.name);
        self.begin(format!("create {} {:?}", agent.name, agent.overrides.image), async move {
            let overrides = agent.overrides.clone();
            match fleet.create(agent).await {
                Ok(_) => order.acknowledged(Some(overrides)),
                Err(_) => order.failed(),
            }
        });
    }

    fn update(&mut self, handle: &FleetHandle) {
        let (agent, fleet) = (self.new_agent(), handle.clone());
        let order = self.ledger.begin(&agent.name);
        let (name, overrides) = (agent.name, agent.overrides);
        let label = format!("update {name} {:?} {:?}", overrides.image, overrides.lifecycle);
        self.begin(label, async move {
            let Ok(row) = fleet.row(&name).await else { return order.failed() };
            match fleet.update(&name, row.generation, overrides.clone()).await {
                Ok(_) => order.acknowledged(Some(overrides)),
                Err(_) => order.failed(),
            }
        });
    }

    fn delete(&mut self, handle: &FleetHandle) {
        let name = self.name();
        if name == NAMES[0].0 {
            return;
        }
        let (name, fleet) = (crate::testing::name(name), handle.clone());
        let order = self.ledger.begin(&name);
        self.begin(format!("delete {name}"), async move {
            match fleet.delete(&name, None).await {
                Ok(_) => order.acknowledged(None),
                Err(_) => order.failed(),
            }
        });
    }

    fn command(&mut self, handle: &FleetHandle) {
        let commands = [
            Command::Start,
            Command::Start,
            Command::Stop,
            Command::Stop,
            Command::Restart,
            Command::Recreate,
            Command::Adopt,
            Command::Recover { accept_state_loss: true },
        ];
        let command = self.dice.pick(&commands).copied().unwrap_or(Command::Start);
        let (name, fleet) = (name(self.name()), handle.clone());
        if command == Command::Adopt {
            self.permit_adoptions();
        }
        self.begin(format!("{command:?} {name}"), async move {
            drop(fleet.command(&name, command, false).await);
        });
    }

    fn scale(&mut self, handle: &FleetHandle) {
        let (count, fleet) = (self.dice.below(POOL), handle.clone());
        let members = ["dev-default", "dev-2", "dev-3", "dev-4", "dev-5", "dev-6", "dev-7"].map(name);
        // Which of them come or go is the fleet's choice.
        let orders = members.each_ref().map(|member| self.ledger.begin(member));
        self.begin(format!("scale dev={count}"), async move {
            let count = usize::try_from(count).expect("a small number");
            drop(fleet.scale(&type_name("dev"), count).await);
            orders.into_iter().for_each(Order::failed);
        });
    }

    /// From here on the foreign containers on our names may be taken over.
    fn permit_adoptions(&mut self) {
        self.adopting = true;
        for foreign in self.foreign_on_our_names() {
            self.world.docker.permit_adoption(&foreign);
        }
    }

    /// Another process writes to the table.
    pub(super) fn write_elsewhere(&mut self) {
        let agent = self.new_agent();
        let (name, at) = (agent.name.clone(), self.world.clock.wall());
        let exists = self.world.store.rows().agents.contains_key(&name);
        let order = self.ledger.begin(&name);
        if !exists {
            self.trace.note(format!("elsewhere: add {name}"));
            self.world.store.write_elsewhere(|rows| rows.add(&agent, at));
            return order.acknowledged(Some(agent.overrides));
        }
        match self.dice.below(3) {
            0 if name.as_ref() != NAMES[0].0 => {
                self.trace.note(format!("elsewhere: remove {name}"));
                self.world.store.write_elsewhere(|rows| rows.agents.remove(&name));
                order.acknowledged(None);
            }
            1 => {
                self.trace.note(format!("elsewhere: turn {name} off or on"));
                self.world.store.write_elsewhere(|rows| {
                    if let Some(row) = rows.agents.get_mut(&name) {
                        row.power = if row.power == Power::On { Power::Off } else { Power::On };
                        row.generation += 1;
                    }
                });
                order.failed();
            }
            _ => {
                self.trace.note(format!("elsewhere: edit {name} {:?}", agent.overrides.image));
                self.world.store.write_elsewhere(|rows| {
                    if let Some(row) = rows.agents.get_mut(&name) {
                        row.overrides = agent.overrides.clone();
                        row.generation += 1;
                    }
                });
                order.acknowledged(Some(agent.overrides));
            }
        }
    }
}
