//! Looking at containers: one list and one inspect for the whole fleet, whatever its size.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::Ordering;

use claude_hooks_actors::model::{ContainerId, FleetObservation, ObservedContainer};
use claude_hooks_actors::ports::{RuntimeError, Target};

use super::args::{self, Dialect};
use super::errors::{Subject, classify};
use super::invoke::{Call, Finished};
use super::parse::{self, Listed};
use super::runtime::CliRuntime;
use super::{missing, parse::containers};

/// Arguments of one inspect: 64 bytes each, far below the 2 MiB that Linux takes.
const INSPECT_MAX: usize = 1500;

/// Found containers by id, so that asking by name and by id gives one of each.
type Found = BTreeMap<ContainerId, ObservedContainer>;

impl CliRuntime {
    /// The body of `observe_fleet`.
    pub(super) async fn look_at_fleet(&self, expected: &[Target]) -> Result<FleetObservation, RuntimeError> {
        let listed = self.list().await?;
        let (asked, listed_names) = self.worth_inspecting(&listed, expected);
        drop(listed);
        let mut found = Found::new();
        self.inspect(&asked, &mut found).await?;
        // A container that the list had under the name of an instance may be gone by now, or renamed, with another one
        // in its place. Only then is a second inspect needed.
        let held: HashSet<&str> = found.values().map(|container| container.name.as_str()).collect();
        let unsure: Vec<String> =
            listed_names.into_iter().filter(|name| !held.contains(name.as_str())).collect();
        self.inspect(&unsure, &mut found).await?;
        Ok(FleetObservation { containers: found.into_values().collect() })
    }

    /// The body of `observe`.
    pub(super) async fn look_at(&self, targets: &[Target]) -> Result<FleetObservation, RuntimeError> {
        let mut asked = Asked::default();
        for target in targets {
            asked.add(&self.settings.prefix.container(&target.name));
            target.known.iter().for_each(|id| asked.add(id.as_ref()));
        }
        let mut found = Found::new();
        self.inspect(&asked.names, &mut found).await?;
        Ok(FleetObservation { containers: found.into_values().collect() })
    }

    /// One container by id; `None` is confirmed.
    pub(super) async fn look_at_one(
        &self,
        id: &ContainerId,
    ) -> Result<Option<ObservedContainer>, RuntimeError> {
        let mut found = Found::new();
        self.inspect(&[id.to_string()], &mut found).await?;
        Ok(found.remove(id))
    }

    /// What to inspect, and the names of expected instances that the list showed.
    fn worth_inspecting(&self, listed: &[Listed], expected: &[Target]) -> (Vec<String>, Vec<String>) {
        let (fleet, prefix) = (self.settings.fleet.to_string(), &self.settings.prefix);
        let mut asked = Asked::default();
        let mut by_name: HashMap<&str, &ContainerId> = HashMap::new();
        for container in listed {
            by_name.extend(container.names.iter().map(|name| (name.as_str(), &container.id)));
            let of_our_form = |name: &String| prefix.instance_of_container(name).is_some();
            if container.fleet == fleet || container.names.iter().any(of_our_form) {
                asked.add(container.id.as_ref());
            }
        }
        let mut listed_names = Vec::new();
        for target in expected {
            let name = prefix.container(&target.name);
            // Known ids first: one that the list had is asked already.
            target.known.iter().for_each(|id| asked.add(id.as_ref()));
            if by_name.contains_key(name.as_str()) {
                listed_names.push(name);
            } else {
                asked.add(&name);
            }
        }
        (asked.names, listed_names)
    }

    async fn list(&self) -> Result<Vec<Listed>, RuntimeError> {
        let mut finished = self.list_in(self.dialect()).await?;
        if self.dialect() == Dialect::Docker && finished.stderr.contains("can't evaluate field Label") {
            // podman, whatever the program is called; it keeps labels as a map.
            self.podman.store(true, Ordering::Relaxed);
            finished = self.list_in(Dialect::Podman).await?;
        }
        if !finished.exit.ok() {
            return Err(classify("ps", finished.exit, &finished.stderr, Subject::Engine));
        }
        parse::list(&finished.stdout)
    }

    async fn list_in(&self, dialect: Dialect) -> Result<Finished, RuntimeError> {
        self.cli.run(Call::look("ps", args::list(dialect), self.deadlines.look)).await
    }

    /// Inspects by name or id; each is found, or confirmed absent, or the whole look fails.
    async fn inspect(&self, names: &[String], found: &mut Found) -> Result<(), RuntimeError> {
        for chunk in names.chunks(INSPECT_MAX) {
            let call = Call::look("inspect", args::inspect(chunk), self.deadlines.look);
            let finished = self.cli.run(call).await?;
            let missing = missing::confirmed("inspect", chunk, &finished)?;
            let seen = containers(&finished.stdout)?;
            let answered: HashSet<&str> =
                seen.iter().flat_map(|c| [c.id.as_ref(), c.name.as_str()]).collect();
            missing::all_answered("inspect", chunk, &missing, |name| answered.contains(name))?;
            found.extend(seen.into_iter().map(|container| (container.id.clone(), container)));
        }
        Ok(())
    }
}

/// Names and ids to inspect, each once, in order.
#[derive(Default)]
struct Asked {
    names: Vec<String>,
    known: HashSet<String>,
}

impl Asked {
    fn add(&mut self, name: &str) {
        if self.known.insert(name.to_owned()) {
            self.names.push(name.to_owned());
        }
    }
}
