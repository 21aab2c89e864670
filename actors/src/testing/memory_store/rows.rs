//! The tables beside the event log.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::model::{Agent, AgentChange, InstanceMemory, InstanceName, NewAgent, Power, Standing};
use crate::ports::{RecreateJournal, StoreError};

/// Open to tests that write as another process would, past every rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    pub agents: BTreeMap<InstanceName, Agent>,
    pub tombstones: BTreeSet<InstanceName>,
    pub memories: BTreeMap<InstanceName, InstanceMemory>,
    pub journals: BTreeMap<InstanceName, RecreateJournal>,
    pub standings: BTreeMap<InstanceName, Standing>,
}

impl Rows {
    pub(super) fn find(&mut self, name: &InstanceName) -> Result<&mut Agent, StoreError> {
        self.agents.get_mut(name).ok_or_else(|| StoreError::NotFound(name.clone()))
    }

    fn find_at(&mut self, name: &InstanceName, expected: Option<u64>) -> Result<&mut Agent, StoreError> {
        let agent = self.find(name)?;
        match expected {
            Some(expected) if expected != agent.generation => Err(StoreError::GenerationMismatch {
                name: name.clone(),
                expected,
                current: agent.generation,
            }),
            Some(_) | None => Ok(agent),
        }
    }

    /// A row as another process would insert it.
    pub fn add(&mut self, new: &NewAgent, now: Timestamp) -> Agent {
        let agent = Agent {
            name: new.name.clone(),
            agent_type: new.agent_type.clone(),
            overrides: new.overrides.clone(),
            power: Power::On,
            generation: 1,
            created_at: now,
            updated_at: now,
            volume: None,
            broken: None,
        };
        self.standings.remove(&agent.name);
        self.agents.insert(agent.name.clone(), agent.clone());
        agent
    }

    pub(super) fn insert(&mut self, agents: &[NewAgent], now: Timestamp) -> Result<Vec<Agent>, StoreError> {
        let mut names = BTreeSet::new();
        for new in agents {
            if self.agents.contains_key(&new.name) || !names.insert(&new.name) {
                return Err(StoreError::AlreadyExists(new.name.clone()));
            }
        }
        for name in names {
            self.tombstones.remove(name);
        }
        Ok(agents.iter().map(|new| self.add(new, now)).collect())
    }

    pub(super) fn update(
        &mut self,
        name: &InstanceName,
        expected: Option<u64>,
        change: &AgentChange,
        now: Timestamp,
    ) -> Result<Agent, StoreError> {
        let agent = self.find_at(name, expected)?;
        agent.overrides = change.overrides.clone().unwrap_or_else(|| agent.overrides.clone());
        agent.power = change.power.unwrap_or(agent.power);
        agent.generation += 1;
        agent.updated_at = now;
        Ok(agent.clone())
    }

    pub(super) fn delete(&mut self, name: &InstanceName, expected: Option<u64>) -> Result<(), StoreError> {
        self.find_at(name, expected)?;
        self.agents.remove(name);
        self.tombstones.insert(name.clone());
        Ok(())
    }
}
