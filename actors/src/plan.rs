//! What a reconcile would do: the same decisions over one look, without an actor and without an effect.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::decide::{CrashLoop, Decision, Halt, History, decide, image_due};
use crate::effects::volume;
use crate::model::{
    Agent, Catalog, Desired, FleetId, InstanceMemory, InstanceName, InstanceObservation, Outcome, Plan,
    PlanItem, assign,
};
use crate::ports::{Clock, RecreateJournal, Runtime, RuntimeError, Store, StoreError, Target};

#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Looks at rows and containers and says what is due. Changes nothing.
pub async fn plan(
    catalog: &Catalog,
    store: &Arc<dyn Store>,
    runtime: &Arc<dyn Runtime>,
    clock: &Arc<dyn Clock>,
    fleet: FleetId,
) -> Result<Plan, PlanError> {
    let rows = store.agents().await?;
    let memories = store.memories().await?;
    let journals = store.journals().await?;
    let tombstones = store.tombstones().await?;
    let leased: BTreeSet<InstanceName> =
        store.leases().await?.into_iter().map(|lease| lease.instance).collect();
    let standings = store.standings().await?;
    let known =
        |name: &InstanceName| memories.get(name).and_then(|m| m.container.clone()).into_iter().collect();
    let targets: Vec<Target> =
        rows.iter().map(|row| Target { name: row.name.clone(), known: known(&row.name) }).collect();
    let seen = runtime.observe_fleet(&targets).await?;
    let seen = assign(&catalog.prefix, fleet, &seen, clock.wall());
    let halts = halts(catalog, runtime, fleet, &rows, &seen).await?;

    let mut names: BTreeSet<InstanceName> = rows.iter().map(|row| row.name.clone()).collect();
    let ours =
        seen.iter().filter(|(_, observation)| observation.main.is_some()).map(|(name, _)| name.clone());
    names.extend(ours);
    let emptied = rows.is_empty() && names.iter().any(|name| !tombstones.contains(name));
    let strangers = seen.iter().filter(|(_, observation)| observation.stranger(fleet).is_some());
    names.extend(strangers.map(|(name, _)| name.clone()));
    let nothing = InstanceObservation::default();
    let item = |name: InstanceName| {
        let row = rows.iter().find(|row| row.name == name);
        let desired = row.map_or(Desired::Gone, |row| catalog.resolve(row));
        let journal = journals.iter().find(|journal| journal.instance == name).cloned();
        let halt = halts.get(&name).cloned();
        let mut history = history(memories.get(&name), journal, halt, emptied, clock);
        history.usage.leased = leased.contains(&name);
        // One whose end has passed is reopened before anything else is done.
        let parked = standings.get(&name).and_then(|standing| standing.parked.as_ref());
        history.parked = parked.is_some_and(|parked| parked.reopens_at.is_none_or(|at| at > clock.wall()));
        history.image_due = match (&desired, seen.get(&name).and_then(|seen| seen.main.as_ref())) {
            (Desired::Container(desired), Some(main)) => {
                image_due(desired, main, memories.get(&name).and_then(|memory| memory.pin.as_ref()))
            }
            (_, None) | (Desired::Gone | Desired::Host | Desired::Unresolvable { .. }, Some(_)) => None,
        };
        let decision = decide(&desired, Some(seen.get(&name).unwrap_or(&nothing)), &history, clock.now());
        describe(name, &decision, &desired, &history)
    };
    Ok(Plan { items: names.into_iter().map(item).collect() })
}

fn history(
    memory: Option<&InstanceMemory>,
    journal: Option<RecreateJournal>,
    halt: Option<Halt>,
    suspended: bool,
    clock: &Arc<dyn Clock>,
) -> History {
    let looping = memory.is_some_and(|memory| memory.crash_loop_since.is_some());
    let crash_loop = looping.then(|| CrashLoop { next_try: clock.now() });
    // The cause of a halt was looked at just now, so there is nothing to try.
    let fresh = halt.is_none();
    History { crash_loop, fresh, journal, halt, suspended, ..History::default() }
}

fn describe(name: InstanceName, decision: &Decision, desired: &Desired, history: &History) -> PlanItem {
    let detail = match (desired, &history.halt) {
        (Desired::Unresolvable { reason }, _) => reason.clone(),
        (_, Some(Halt::StateLost { detail } | Halt::VolumeConflict { detail })) => detail.clone(),
        _ => decision.rule.explanation().to_owned(),
    };
    let stuck = matches!(desired, Desired::Unresolvable { .. })
        || history.halt.is_some()
        || decision.rule == crate::decide::Rule::NameConflict;
    let outcome = if stuck { Outcome::Failed } else { decision.action.outcome() };
    PlanItem {
        instance: name,
        action: decision.action.name().into(),
        outcome,
        rule: decision.rule.to_string(),
        detail,
    }
}

/// Rows without a container whose volume would halt a create: it is gone, another one, or not ours.
async fn halts(
    catalog: &Catalog,
    runtime: &Arc<dyn Runtime>,
    fleet: FleetId,
    rows: &[Agent],
    seen: &BTreeMap<InstanceName, InstanceObservation>,
) -> Result<BTreeMap<InstanceName, Halt>, RuntimeError> {
    let absent = |row: &&Agent| {
        let container = seen.get(&row.name).is_some_and(|observation| observation.main.is_some());
        !container && matches!(catalog.resolve(row), Desired::Container(_))
    };
    let absent: Vec<&Agent> = rows.iter().filter(absent).collect();
    let names: Vec<String> =
        absent.iter().map(|row| volume::name_of(&catalog.prefix, &row.name, row.volume.as_ref())).collect();
    let found = if names.is_empty() { Vec::new() } else { runtime.volumes(&names).await? };
    let halt = |(row, name): (&Agent, String)| {
        let volume = found.iter().find(|volume| volume.name == name);
        Some((row.name.clone(), volume::halt(row.volume.as_ref(), volume, fleet, &row.name, &name)?))
    };
    Ok(absent.into_iter().zip(names).filter_map(halt).collect())
}
