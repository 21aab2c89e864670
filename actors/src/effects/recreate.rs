//! Replacing a container as a transaction: the old one is kept, renamed, until the new one has proven itself.
//!
//! ```text
//! journal Begun ─ rename old ─ create new ─ stop old ─ start new ─ look ─ journal Verified ─ remove old ─ clear
//!        └──────────────── any failure, or a kill: replay ────────────┘            └─ a kill: replay ─┘
//! ```
//! Replay of `Begun` removes the new container and gives the old one its name and its power back; replay of `Verified`
//! removes the old one. Both can be cut and replayed again.

use std::time::Duration;

use super::{
    EffectError, EffectResult, Subject, Tools, created, desired, image_for, look, request, stop, volume,
};
use crate::decide::RecreateCause;
use crate::model::{
    ContainerId, ContainerState, DesiredContainer, ObservedContainer, RestartPolicy, StopReason, VolumeRecord,
};
use crate::ports::{RecreateJournal, RecreateStep, RuntimeError, Target};

/// How long a new container must stay up before the old one is given up.
const PROOF: Duration = Duration::from_millis(700);

pub(super) async fn run(
    tools: &Tools,
    subject: &mut Subject,
    old: &ContainerId,
    cause: RecreateCause,
    start: bool,
) -> EffectResult {
    let mut desired = desired(subject)?;
    let old = find(subject, old)?;
    // Everything that can be known to fail is asked before the old container is touched.
    desired.spec.image = image_for(tools, subject, &desired).await?;
    let image = &desired.spec.image;
    if tools.runtime.image(image).await?.is_none() {
        let detail = "build or pull it, or name another; the old container was left as it is".to_owned();
        return Err(RuntimeError::NoSuchImage { image: image.clone(), detail }.into());
    }
    if cause == RecreateCause::Adopted {
        adopt_volume(tools, subject, &old).await?;
    } else {
        check_volume(tools, subject, &old).await?;
    }
    let journal = RecreateJournal {
        instance: subject.name.clone(),
        old: old.id.clone(),
        old_ran: old.is_up(),
        old_policy: old.restart_policy,
        new: None,
        step: RecreateStep::Begun,
    };
    tools.store.put_journal(&journal).await?;
    subject.journal = Some(journal);
    let replaced = replace(tools, subject, &desired, &old, start).await;
    match replaced {
        Ok(new) => {
            verified(tools, subject).await?;
            created(tools, subject, new).await?;
            finish(tools, subject, &old).await
        }
        Err(error) => {
            // If this fails too, the journal stays and the instance replays it after a pause.
            if let Err(undo) = replay(tools, subject).await {
                log::warn!(instance = subject.name.as_ref(); "could not undo a failed recreate yet: {undo}");
            }
            Err(error)
        }
    }
}

fn find(subject: &Subject, id: &ContainerId) -> Result<ObservedContainer, EffectError> {
    let observed = &subject.observed;
    let found = observed.main.iter().chain(&observed.foreign).find(|container| container.id == *id);
    found
        .cloned()
        .ok_or_else(|| EffectError::Refused(format!("the container {} is not there any more", id.short())))
}

/// The volume of an adopted container stays its state. One without a volume at `/state` would lose what it holds.
async fn adopt_volume(tools: &Tools, subject: &mut Subject, old: &ObservedContainer) -> EffectResult {
    if old.belongs_to(tools.fleet) {
        return Err(EffectError::Refused(format!(
            "the container is the one of {}, which was renamed: it gets its own name back once this one is free",
            old.labels.instance.as_deref().unwrap_or("another agent"),
        )));
    }
    if old.state == ContainerState::Restarting {
        return Err(EffectError::Refused(
            "the container is restarting: stop it or wait until it runs, then adopt it".into(),
        ));
    }
    let Some(name) = old.state_volume.clone() else {
        return Err(EffectError::Refused(
            "the container has no volume at /state, so adopting it would lose what it holds: move its state into a volume, or remove the container".into(),
        ));
    };
    let Some(seen) = tools.runtime.volumes(std::slice::from_ref(&name)).await?.pop() else {
        return Err(RuntimeError::NotFound { what: format!("the volume {name}") }.into());
    };
    volume::refuse_second_writer(tools, subject, &name, Some(&old.id)).await?;
    let record = match (&subject.volume, seen.labels.volume) {
        (Some(VolumeRecord::Ours { uuid }), Some(label)) if *uuid == label => return Ok(()),
        _ => VolumeRecord::Adopted { name, created_at: seen.created_at },
    };
    volume::record(tools, subject, record).await
}

/// The old container must hold the row's volume; otherwise the new one would begin on another state.
async fn check_volume(tools: &Tools, subject: &mut Subject, old: &ObservedContainer) -> EffectResult {
    volume::remember(tools, subject, old).await?;
    let name = volume::name(tools, subject);
    if old.state_volume.as_deref() != Some(name.as_str()) {
        return Err(EffectError::Refused(format!(
            "the container mounts {} at /state, not {name}: remove it by hand if its state may go",
            old.state_volume.as_deref().unwrap_or("nothing"),
        )));
    }
    Ok(())
}

async fn replace(
    tools: &Tools,
    subject: &mut Subject,
    desired: &DesiredContainer,
    old: &ObservedContainer,
    start: bool,
) -> Result<ContainerId, EffectError> {
    tools.runtime.rename(&old.id, &tools.prefix.previous_container(&subject.name)).await?;
    if old.restart_policy != RestartPolicy::No {
        // One that was stopped in its restart backoff comes back by itself.
        tools.runtime.set_restart_policy(&old.id, RestartPolicy::No).await?;
    }
    let volume_name = volume::name(tools, subject);
    let new = tools.runtime.create(&request(tools, subject, desired, volume_name)).await?;
    made(tools, subject, &new).await?;
    // It may have been started since it was seen, and two must never run on one volume.
    let target = Target { name: subject.name.clone(), known: vec![old.id.clone()] };
    let seen = tools.runtime.observe(&[target]).await?.containers;
    if let Some(old) = seen.iter().find(|container| container.id == old.id && container.is_up()) {
        stop(tools, subject, old, StopReason::Recreated).await?;
    }
    if start {
        tools.runtime.start(&new).await?;
        tokio::time::sleep(PROOF).await;
        prove(tools, subject, &new).await?;
    }
    Ok(new)
}

async fn made(tools: &Tools, subject: &mut Subject, new: &ContainerId) -> EffectResult {
    if let Some(journal) = &mut subject.journal {
        journal.new = Some(new.clone());
        tools.store.put_journal(journal).await?;
    }
    Ok(())
}

async fn prove(tools: &Tools, subject: &Subject, new: &ContainerId) -> EffectResult {
    let seen = look(tools, &subject.name, vec![new.clone()]).await?;
    let Some(main) = seen.main.filter(|main| main.id == *new) else {
        return Err(EffectError::NotVerified("it is gone".into()));
    };
    if main.state == ContainerState::Running && main.restart_count == 0 {
        return Ok(());
    }
    let error = if main.error.is_empty() { String::new() } else { format!(", {}", main.error) };
    Err(EffectError::NotVerified(format!("it is {} with exit code {}{error}", main.state, main.exit_code)))
}

async fn verified(tools: &Tools, subject: &mut Subject) -> EffectResult {
    if let Some(journal) = &mut subject.journal {
        journal.step = RecreateStep::Verified;
        tools.store.put_journal(journal).await?;
    }
    Ok(())
}

async fn finish(tools: &Tools, subject: &mut Subject, old: &ObservedContainer) -> EffectResult {
    tools.runtime.remove(&old.id, true).await?;
    tools.store.clear_journal(&subject.name).await?;
    subject.journal = None;
    Ok(())
}

/// Finishes or undoes what the journal says was begun.
pub(super) async fn replay(tools: &Tools, subject: &mut Subject) -> EffectResult {
    let Some(journal) = subject.journal.clone() else { return Ok(()) };
    let known = journal.new.iter().chain([&journal.old]).cloned().collect();
    let target = Target { name: subject.name.clone(), known };
    let seen = tools.runtime.observe(&[target]).await?.containers;
    let old = seen.iter().find(|container| container.id == journal.old);
    let newer: Vec<&ObservedContainer> =
        seen.iter().filter(|c| c.id != journal.old && is_of(tools, subject, c)).collect();
    match (journal.step, old.filter(|old| !is_ending(old))) {
        (RecreateStep::Begun, Some(old)) => {
            for new in newer {
                tools.runtime.remove(&new.id, true).await?;
            }
            put_back(tools, old, &journal).await?;
        }
        (RecreateStep::Verified, Some(old)) => {
            // The new one is only trusted while it is there.
            if newer.into_iter().any(|new| !is_ending(new)) {
                tools.runtime.remove(&old.id, true).await?;
            } else {
                put_back(tools, old, &journal).await?;
            }
        }
        // The old one is gone, or is going and cannot be started again: whatever else there is goes on.
        (RecreateStep::Begun | RecreateStep::Verified, None) => {}
    }
    tools.store.clear_journal(&subject.name).await?;
    subject.journal = None;
    Ok(())
}

/// Made by us for this instance, whatever it is named now.
fn is_of(tools: &Tools, subject: &Subject, container: &ObservedContainer) -> bool {
    container.belongs_to(tools.fleet) && container.labels.instance.as_deref() == Some(subject.name.as_ref())
}

fn is_ending(container: &ObservedContainer) -> bool {
    matches!(container.state, ContainerState::Dead | ContainerState::Removing)
}

async fn put_back(tools: &Tools, old: &ObservedContainer, journal: &RecreateJournal) -> EffectResult {
    let name = tools.prefix.container(&journal.instance);
    if old.name != name {
        tools.runtime.rename(&old.id, &name).await?;
    }
    if old.restart_policy != journal.old_policy {
        tools.runtime.set_restart_policy(&old.id, journal.old_policy).await?;
    }
    if journal.old_ran && !old.is_up() {
        tools.runtime.start(&old.id).await?;
    }
    Ok(())
}
