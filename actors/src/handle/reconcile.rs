//! The two entrances to docker: all instances, or one.

use std::sync::Arc;

use serde_json::json;
use tokio::sync::oneshot;

use super::{FleetError, FleetHandle, Reconciled};
use crate::actors::{Adoptable, Begin, Booted, FleetLook, Refresh, RoundNow, RowsChanged, Settled, Targets};
use crate::decide::Request;
use crate::effects::Tools;
use crate::model::{
    EventKind, FleetSnapshot, InstanceName, NewAgent, Outcome, Overrides, Plan, ReconcileReport, assign,
};
use crate::plan::plan;

impl FleetHandle {
    /// The first pass after a start. While docker cannot be asked it waits for it; the watchdog says when.
    pub async fn boot(&self) -> Result<ReconcileReport, FleetError> {
        let mut pictures = self.watch();
        loop {
            match self.reconcile_all(false).await {
                Ok(report) => {
                    self.booted().await;
                    return Ok(report);
                }
                Err(FleetError::Runtime(error)) => {
                    log::warn!("the boot pass waits for docker: {error}");
                    self.parts.watchdog.do_send(Begin);
                    self.parts.watchdog.do_send(RoundNow);
                }
                Err(error) => return Err(error),
            }
            let back = |snapshot: &Arc<FleetSnapshot>| snapshot.docker_reachable == Some(true);
            pictures.wait_for(back).await.map_err(|_| FleetError::Stopping)?;
        }
    }

    /// The first pass, tried once: for a program that ends afterwards.
    pub async fn boot_once(&self, adopt: bool) -> Result<ReconcileReport, FleetError> {
        let report = self.reconcile_all(adopt).await?;
        self.booted().await;
        Ok(report)
    }

    async fn booted(&self) {
        // A registry that is gone is noticed by everything else.
        let _ = self.parts.registry.send(Booted).await;
        self.parts.watchdog.do_send(Begin);
    }

    /// Looks at the whole fleet and settles every instance. `adopt` also takes over foreign containers of our prefix.
    pub async fn reconcile_all(&self, adopt: bool) -> Result<ReconcileReport, FleetError> {
        self.see_through(move |fleet| async move { fleet.reconcile_now(adopt).await }).await
    }

    async fn reconcile_now(&self, adopt: bool) -> Result<ReconcileReport, FleetError> {
        self.admit()?;
        let tools = &self.parts.tools;
        let began_at = tools.clock.now();
        let mut report = ReconcileReport::default();
        let tombstones = tools.store.tombstones().await?;
        let changed = self.changed_rows(&tombstones).await?;
        for (name, settled) in changed {
            push(&mut report, name, settled.await.ok());
        }
        let registry_gone = |_| FleetError::Busy("the registry".into());
        let targets = self.parts.registry.send(Targets).await.map_err(registry_gone)?;
        let began = tools.clock.now();
        let seen = tools.runtime.observe_fleet(&targets).await;
        let failed = seen.as_ref().err().cloned();
        let at = tools.clock.wall();
        let seen = seen.map(|seen| assign(&tools.prefix, tools.fleet, &seen, at));
        let look = FleetLook { seen, began, at, tombstones, settle: true, adopt };
        let waiting = self.parts.registry.send(look).await.map_err(registry_gone)?;
        if let Some(error) = failed {
            return Err(error.into());
        }
        self.admit()?;
        for (name, settled) in waiting {
            push(&mut report, name, settled.await.ok());
        }
        if adopt {
            self.adopt_unclaimed(&mut report).await?;
        }
        self.published().await;
        let counts: serde_json::Map<String, serde_json::Value> = report
            .buckets()
            .into_iter()
            .map(|(outcome, names)| (outcome.to_string(), json!(names.len())))
            .collect();
        let took = tools.clock.now().duration_since(began_at);
        let event = self.event(EventKind::ReconcileFinished);
        tools.events.emit(event.data(json!({ "counts": counts, "took_ms": took.as_millis() })));
        Ok(report)
    }

    /// Rows that another process wrote, each already being settled.
    async fn changed_rows(
        &self,
        tombstones: &[InstanceName],
    ) -> Result<Vec<(InstanceName, oneshot::Receiver<Settled>)>, FleetError> {
        let Some(rows) = self.parts.tools.changed_rows().await? else { return Ok(Vec::new()) };
        let gone = |_| FleetError::Busy("the registry".into());
        let changed = RowsChanged { rows, tombstones: tombstones.to_vec() };
        let names = self.parts.registry.send(changed).await.map_err(gone)?;
        let mut waiting = Vec::new();
        for name in names {
            let (reply, settled) = oneshot::channel();
            let refresh = Refresh { name: name.clone(), request: None, reply: Some(reply) };
            self.parts.registry.send(refresh).await.map_err(gone)?;
            waiting.push((name, settled));
        }
        Ok(waiting)
    }

    /// Foreign containers of our prefix that no row names: each gets a row of the type its name begins with.
    async fn adopt_unclaimed(&self, report: &mut ReconcileReport) -> Result<(), FleetError> {
        let unclaimed =
            self.parts.registry.send(Adoptable).await.map_err(|_| FleetError::Busy("the registry".into()))?;
        for name in unclaimed {
            let Some(agent_type) = self.catalog().type_by_name(&name) else {
                let reason = "its name begins with no declared type: create a row of this name first";
                report.push(name, Outcome::Failed, Some(reason.into()));
                continue;
            };
            let agent = NewAgent { name: name.clone(), agent_type, overrides: Overrides::default() };
            let done = self.commit_new(&agent, Some(Request::Adopt)).await?;
            report.push(name, done.outcome, done.reason);
        }
        Ok(())
    }

    /// An unknown name is `unchanged`, without a docker call.
    pub async fn reconcile_one(&self, name: &InstanceName) -> Result<Reconciled, FleetError> {
        self.admit()?;
        self.refresh(name, None).await
    }

    /// What `reconcile_all` would do; calls nothing that changes.
    pub async fn plan(&self) -> Result<Plan, FleetError> {
        let Tools { runtime, store, clock, fleet, .. } = &self.parts.tools;
        Ok(plan(&self.catalog(), store, runtime, clock, *fleet).await?)
    }
}

/// A name stands in one bucket only: what was done to it first in this pass.
fn push(report: &mut ReconcileReport, name: InstanceName, settled: Option<Settled>) {
    if report.contains(&name) {
        return;
    }
    match settled {
        // Neither a row nor a container: only what was stored of it had to go.
        Some(Settled { outcome: Outcome::Unchanged, reason: None, view: None }) => {}
        Some(settled) => report.push(name, settled.outcome, settled.reason),
        None => report.push(name, Outcome::Failed, Some("its actor was busy or died: try again".into())),
    }
}
