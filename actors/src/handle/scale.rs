//! Pools that grow and shrink.

use tokio::task::JoinHandle;

use super::{FleetError, FleetHandle, MAX_SCALE, Reconciled, ScaleReport};
use crate::model::{Agent, CatalogError, InstanceName, NewAgent, Outcome, Overrides, TypeName};

/// One member on its way in or out.
type Settling = JoinHandle<Result<Reconciled, FleetError>>;

impl FleetHandle {
    /// Makes the type have `count` rows: adds `<type>-default` and then the lowest free `<type>-<n>`, removes the
    /// highest-numbered first and the default last. Rows with a name of the operator's own are never removed. What
    /// fails for one member is told in its place of the report, beside what was done to the others.
    pub async fn scale(&self, agent_type: &TypeName, count: usize) -> Result<ScaleReport, FleetError> {
        self.admit()?;
        self.catalog().find(agent_type.as_ref())?;
        if count > MAX_SCALE {
            let reason = format!("a type has at most {MAX_SCALE} agents");
            return Err(CatalogError::BadValue { field: "count".into(), reason }.into());
        }
        let rows = self.parts.tools.store.agents().await?;
        let taken: Vec<&InstanceName> = rows.iter().map(|row| &row.name).collect();
        let of_type: Vec<&Agent> = rows.iter().filter(|row| row.agent_type == *agent_type).collect();
        if of_type.len() > count {
            self.shrink(agent_type, &of_type, of_type.len() - count).await
        } else {
            self.grow(agent_type, &taken, count - of_type.len(), of_type.len()).await
        }
    }

    async fn grow(
        &self,
        agent_type: &TypeName,
        taken: &[&InstanceName],
        by: usize,
        unchanged: usize,
    ) -> Result<ScaleReport, FleetError> {
        let candidates = std::iter::once(None).chain((2..).map(Some)).map(|n| member(agent_type, n));
        let mut agents = Vec::with_capacity(by);
        for name in candidates {
            if agents.len() == by {
                break;
            }
            let name = name?;
            if !taken.contains(&&name) {
                agents.push(NewAgent {
                    name,
                    agent_type: agent_type.clone(),
                    overrides: Overrides::default(),
                });
            }
        }
        let commit = move |fleet: Self| async move {
            if !agents.is_empty() {
                fleet.parts.tools.store.insert_agents(&agents).await?;
            }
            let settle = |agent: NewAgent| {
                fleet.created(&agent);
                let (fleet, name) = (fleet.clone(), agent.name.clone());
                (name, tokio::spawn(async move { fleet.refresh(&agent.name, None).await }))
            };
            Ok(agents.into_iter().map(settle).collect::<Vec<_>>())
        };
        let mut report = ScaleReport { unchanged, ..ScaleReport::default() };
        for (name, settling) in self.see_through(commit).await? {
            report.created.push(self.told(name, settling).await);
        }
        Ok(report)
    }

    async fn shrink(
        &self,
        agent_type: &TypeName,
        of_type: &[&Agent],
        by: usize,
    ) -> Result<ScaleReport, FleetError> {
        let mut removable: Vec<(u32, InstanceName)> = of_type
            .iter()
            .filter_map(|row| Some((member_number(agent_type, &row.name)?, row.name.clone())))
            .collect();
        removable.sort();
        if removable.len() < by {
            return Err(FleetError::Denied {
                reason: format!(
                    "{} agents of type {agent_type} have names of your own, and those are never removed by scaling",
                    of_type.len() - removable.len()
                ),
                help: "delete the ones that should go by name".into(),
            });
        }
        let going = removable.split_off(removable.len() - by);
        let mut report = ScaleReport { unchanged: of_type.len() - by, ..ScaleReport::default() };
        let settling: Vec<_> = going
            .into_iter()
            .rev()
            .map(|(_, name)| {
                let (handle, going) = (self.clone(), name.clone());
                (name, tokio::spawn(async move { handle.delete(&going, None).await }))
            })
            .collect();
        for (name, settling) in settling {
            report.removed.push(self.told(name, settling).await);
        }
        Ok(report)
    }

    /// What became of one member. That it failed must not hide what was done to the others.
    async fn told(&self, name: InstanceName, settling: Settling) -> Reconciled {
        let error = match settling.await {
            Ok(Ok(done)) => return done,
            Ok(Err(error)) => error,
            Err(_panicked) => FleetError::Busy(name.to_string()),
        };
        // Not there: somebody else deleted it meanwhile.
        let gone = matches!(error, FleetError::NotFound(_));
        let outcome = if gone { Outcome::Unchanged } else { Outcome::Failed };
        let reason = Some(error.to_string());
        let agent = self.snapshot().agents.get(&name).cloned();
        Reconciled { name, outcome, reason, agent }
    }
}

/// `<type>-default`, or `<type>-<n>`.
fn member(agent_type: &TypeName, number: Option<u32>) -> Result<InstanceName, CatalogError> {
    let text =
        number.map_or_else(|| format!("{agent_type}-default"), |number| format!("{agent_type}-{number}"));
    InstanceName::parse(&text).map_err(|error| CatalogError::BadValue {
        field: "type".into(),
        reason: format!("{text:?}: {error}"),
    })
}

/// The number of a pool member that scaling may have made; the default is the first.
fn member_number(agent_type: &TypeName, name: &InstanceName) -> Option<u32> {
    let rest = name.as_ref().strip_prefix(agent_type.as_ref())?.strip_prefix('-')?;
    if rest == "default" {
        return Some(1);
    }
    rest.parse().ok().filter(|number: &u32| *number >= 2 && number.to_string() == rest)
}
