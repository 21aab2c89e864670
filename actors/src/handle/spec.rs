//! What an instance should be made of, and what it is made of.

use super::{FleetError, FleetHandle};
use crate::drift::{AgentSpec, plain_names};
use crate::effects::look;
use crate::model::{ContainerId, Desired, InstanceName};

impl FleetHandle {
    /// Asks docker anew: what it says counts, not what is remembered.
    pub async fn spec(&self, name: &InstanceName) -> Result<AgentSpec, FleetError> {
        let row = self.row(name).await?;
        let tools = &self.parts.tools;
        let why_not = |reason| Ok(AgentSpec::new(name, &row.overrides, Err(reason), None));
        let desired = match self.catalog().resolve(&row) {
            Desired::Container(desired) => desired,
            Desired::Unresolvable { reason } => return why_not(reason),
            Desired::Host | Desired::Gone => {
                let agent_type = &row.agent_type;
                return why_not(format!(
                    "{name} is of the host-mode type {agent_type}, which has no containers"
                ));
            }
        };
        let image = tools.runtime.image(&desired.spec.image).await?.map(|image| image.id);
        let observed = match look(tools, name, self.containers_of(name)).await?.main {
            Some(main) => {
                let token = desired.spec.token_env.as_deref();
                tools.runtime.container_spec(&main.id, &plain_names(&desired), token).await?
            }
            None => None,
        };
        Ok(AgentSpec::new(name, &row.overrides, Ok((&desired, image)), observed.as_ref()))
    }

    /// The id under which the picture shows it; a container that was renamed away is found by it.
    fn containers_of(&self, name: &InstanceName) -> Vec<ContainerId> {
        let snapshot = self.snapshot();
        let id = snapshot.agents.get(name).and_then(|agent| agent.observed.container_id.clone());
        id.as_deref().and_then(ContainerId::parse).into_iter().collect()
    }
}
