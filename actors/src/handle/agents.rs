//! Rows and what operators ask of single instances: commit first, then settle.

use serde_json::json;

use super::{Command, FleetError, FleetHandle, Reconciled, Wiped};
use crate::actors::Forget;
use crate::decide::Request;
use crate::model::{
    Agent, AgentChange, CatalogError, Condition, ConditionType, Desired, EventKind, InstanceName, Lifecycle,
    NewAgent, Overrides, Power,
};

impl FleetHandle {
    /// Commits the row, then reconciles it. A docker failure is an `Ok` with `Outcome::Failed`: the row stands.
    pub async fn create(&self, agent: NewAgent) -> Result<Reconciled, FleetError> {
        self.admit()?;
        self.catalog().check(&agent.agent_type, &agent.overrides, true)?;
        self.see_through(|fleet| async move { fleet.commit_new(&agent, None).await }).await
    }

    pub(super) async fn commit_new(
        &self,
        agent: &NewAgent,
        request: Option<Request>,
    ) -> Result<Reconciled, FleetError> {
        self.parts.tools.store.insert_agents(std::slice::from_ref(agent)).await?;
        self.created(agent);
        self.refresh(&agent.name, request).await
    }

    pub(super) fn created(&self, agent: &NewAgent) {
        let event = self.event(EventKind::AgentCreated).instance(&agent.name).agent_type(&agent.agent_type);
        self.parts.tools.events.emit(event);
    }

    /// Replaces the overrides of the row at generation `expected`, then reconciles it.
    pub async fn update(
        &self,
        name: &InstanceName,
        expected: u64,
        overrides: Overrides,
    ) -> Result<Reconciled, FleetError> {
        self.admit()?;
        let row = self.row(name).await?;
        self.check_update(&row, &overrides)?;
        let change = AgentChange { overrides: Some(overrides), power: None };
        let name = name.clone();
        let commit = move |fleet: Self| async move {
            let row = fleet.parts.tools.store.update_agent(&name, Some(expected), &change).await?;
            fleet.updated(&row, "edited");
            fleet.refresh(&name, None).await
        };
        self.see_through(commit).await
    }

    /// Mounts that the row has already were allowed when they were written.
    fn check_update(&self, row: &Agent, overrides: &Overrides) -> Result<(), FleetError> {
        let catalog = self.catalog();
        catalog.check(&row.agent_type, overrides, false)?;
        for mount in overrides.mounts.iter().filter(|mount| !row.overrides.mounts.contains(mount)) {
            mount.check_roots(&catalog.mount_roots).map_err(CatalogError::from)?;
        }
        Ok(())
    }

    fn updated(&self, row: &Agent, cause: &str) {
        let event =
            self.event(EventKind::AgentUpdated).instance(&row.name).agent_type(&row.agent_type).cause(cause);
        self.parts.tools.events.emit(event.data(json!({ "generation": row.generation, "power": row.power })));
    }

    /// Deletes the row, then removes the container; the volume stays.
    pub async fn delete(&self, name: &InstanceName, expected: Option<u64>) -> Result<Reconciled, FleetError> {
        self.admit()?;
        let row = match self.row(name).await {
            // Deleted before, without force, while somebody worked with it: they are not waited for any longer.
            Err(FleetError::NotFound(_)) if self.force && self.is_leased(name).await? => {
                let name = name.clone();
                return self.see_through(|fleet| async move { fleet.refresh(&name, None).await }).await;
            }
            row => row?,
        };
        let commit = move |fleet: Self| async move {
            fleet.parts.tools.store.delete_agent(&row.name, expected).await?;
            // Its leases stay until their holders are done.
            fleet.parts.dispatcher.do_send(Forget { name: row.name.clone() });
            let event = fleet.event(EventKind::AgentDeleted).instance(&row.name).agent_type(&row.agent_type);
            fleet.parts.tools.events.emit(event);
            fleet.refresh(&row.name, None).await
        };
        self.see_through(commit).await
    }

    /// Does what an operator asks of one instance, and settles it.
    pub async fn command(
        &self,
        name: &InstanceName,
        command: Command,
        force: bool,
    ) -> Result<Reconciled, FleetError> {
        self.admit()?;
        let row = self.row(name).await?;
        let lifecycle = match self.catalog().resolve(&row) {
            Desired::Container(desired) => desired.lifecycle(),
            Desired::Host | Desired::Gone => {
                return Err(FleetError::Denied {
                    reason: format!(
                        "{name} is of the host-mode type {}, which has no containers",
                        row.agent_type
                    ),
                    help: "give the type a container in the config, or use an agent of another type".into(),
                });
            }
            Desired::Unresolvable { reason } => {
                let help = "mend the row or the config first".into();
                return Err(FleetError::Denied { reason, help });
            }
        };
        let (power, request) = match (command, lifecycle) {
            (Command::Start, _) => (Some(Power::On), Request::Start),
            (Command::Stop, Lifecycle::Hot) => (Some(Power::Off), Request::Stop),
            (Command::Stop, Lifecycle::Lazy) => (None, Request::Stop),
            (Command::Restart, _) => (Some(Power::On), Request::Restart),
            (Command::Recreate, _) => (None, Request::Recreate),
            (Command::Adopt, _) => (None, Request::Adopt),
            (Command::Recover { accept_state_loss: true }, _) => (None, Request::Recover),
            (Command::Recover { accept_state_loss: false }, _) => return self.refuse_recover(name),
        };
        let asleep_on_request = lifecycle == Lifecycle::Lazy && command == Command::Stop;
        let commit = move |fleet: Self| async move {
            if asleep_on_request {
                fleet.end_hold(&row.name).await?;
            }
            if let Some(power) = power.filter(|power| *power != row.power) {
                let change = AgentChange { overrides: None, power: Some(power) };
                let row = fleet.parts.tools.store.update_agent(&row.name, None, &change).await?;
                fleet.updated(&row, if power == Power::On { "start" } else { "stop" });
            }
            fleet.refresh(&row.name, Some(request)).await
        };
        self.forcing(force || self.force).see_through(commit).await
    }

    fn refuse_recover(&self, name: &InstanceName) -> Result<Reconciled, FleetError> {
        let agent = self.snapshot().agents.get(name).cloned();
        let lost = |c: &Condition| c.kind == ConditionType::StateLost && c.status;
        let is_lost = agent.as_ref().is_some_and(|agent| agent.conditions.iter().any(lost));
        let reason = if is_lost {
            format!("the state of {name} is lost, and going on means to begin without it")
        } else {
            format!("the state of {name} is not lost, so there is nothing to recover from")
        };
        let help = "bring the volume back and reconcile, or repeat with accept_state_loss".into();
        Err(FleetError::Denied { reason, help })
    }

    /// Destroys the state volume of a name that has neither row nor container.
    pub async fn wipe(&self, name: &InstanceName) -> Result<Wiped, FleetError> {
        self.admit()?;
        let tools = &self.parts.tools;
        let denied = |reason: String, help: &str| FleetError::Denied { reason, help: help.into() };
        if tools.store.agent(name).await?.is_some() {
            return Err(denied(
                format!("the agent {name} exists"),
                "delete the agent first; its state stays until it is wiped",
            ));
        }
        let volume = tools.prefix.volume(name);
        let Some(seen) = tools.runtime.volumes(std::slice::from_ref(&volume)).await?.pop() else {
            return Err(denied(
                format!("there is no volume {volume}"),
                "nothing that this fleet made for the agent is left; a volume that was adopted with its container has \
                 its own name, and docker volume rm removes it",
            ));
        };
        let ours = seen.labels.fleet == Some(tools.fleet.to_string())
            && seen.labels.instance.as_deref() == Some(name.as_ref());
        if !ours {
            let help = "remove it with docker volume rm if you are sure that nobody needs it";
            return Err(denied(format!("the volume {volume} is not this fleet's"), help));
        }
        tools.runtime.remove_volume(&volume).await?;
        let event = self
            .event(EventKind::StateWiped)
            .instance(name)
            .detail(format!("the volume {volume} was destroyed"));
        tools.events.emit(event);
        Ok(Wiped { volume })
    }
}
