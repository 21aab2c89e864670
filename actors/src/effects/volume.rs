//! The state volume: made once, recognised ever after, never removed.

use uuid::Uuid;

use super::{EffectError, Subject, Tools};
use crate::decide::Halt;
use crate::model::{
    ContainerId, DesiredContainer, FleetId, FleetPrefix, InstanceName, ObservedContainer, ObservedVolume,
    OurLabels, VolumeRecord,
};
use crate::ports::{NewVolume, RuntimeError, Target};

/// What must be done so that the row's volume is there.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Verdict {
    Ready,
    /// There is none, and none was ever in use.
    Make,
    /// It was made but perhaps not handed over: do that (again).
    Finish {
        uuid: String,
    },
    /// An earlier row of this name and fleet left it.
    TakeOver {
        uuid: String,
    },
    Halt(Halt),
}

/// Compares what the row remembers with what docker has, under the name `volume`.
fn judge(
    record: Option<&VolumeRecord>,
    seen: Option<&ObservedVolume>,
    ours: &OurLabels,
    volume: &str,
) -> Verdict {
    let label = |seen: &ObservedVolume| seen.labels.volume.clone();
    let lost = |detail: String| Verdict::Halt(Halt::StateLost { detail });
    match (record, seen) {
        (Some(VolumeRecord::Pending { uuid }), Some(seen)) if label(seen).as_ref() == Some(uuid) => {
            Verdict::Finish { uuid: uuid.clone() }
        }
        (None | Some(VolumeRecord::Pending { .. }), None) => Verdict::Make,
        (None | Some(VolumeRecord::Pending { .. }), Some(seen)) => {
            let same_owner = seen.labels.fleet == ours.fleet && seen.labels.instance == ours.instance;
            match label(seen) {
                Some(uuid) if same_owner => Verdict::TakeOver { uuid },
                _ => Verdict::Halt(Halt::VolumeConflict {
                    detail: format!(
                        "the volume {volume} exists but is not this fleet's: adopt the container that uses it, or make the name free and start the agent"
                    ),
                }),
            }
        }
        (Some(VolumeRecord::Ours { uuid }), Some(seen)) if label(seen).as_ref() == Some(uuid) => {
            Verdict::Ready
        }
        // It has no label of ours, and docker's creation time moves with every write at its top (measured on 20.10), so
        // it is only known by its name.
        (Some(VolumeRecord::Adopted { .. }), Some(_)) => Verdict::Ready,
        (Some(VolumeRecord::Ours { .. }), Some(_)) => lost(format!(
            "the volume {volume} is not the one that held this agent's state: bring the old one back and start the agent, or accept the loss with recover"
        )),
        (Some(VolumeRecord::Ours { .. } | VolumeRecord::Adopted { .. }), None) => lost(format!(
            "the volume {volume} with this agent's state is gone: bring it back and start the agent, or accept the loss with recover"
        )),
    }
}

/// The halt that a create would end in, for a plan.
pub(crate) fn halt(
    record: Option<&VolumeRecord>,
    seen: Option<&ObservedVolume>,
    fleet: FleetId,
    instance: &InstanceName,
    volume: &str,
) -> Option<Halt> {
    let (fleet, instance) = (Some(fleet.to_string()), Some(instance.to_string()));
    match judge(record, seen, &OurLabels { fleet, instance, ..OurLabels::default() }, volume) {
        Verdict::Halt(halt) => Some(halt),
        Verdict::Ready | Verdict::Make | Verdict::Finish { .. } | Verdict::TakeOver { .. } => None,
    }
}

/// The name under which a row's volume is mounted: an adopted one keeps its own.
pub(crate) fn name_of(
    prefix: &FleetPrefix,
    instance: &InstanceName,
    record: Option<&VolumeRecord>,
) -> String {
    match record {
        Some(VolumeRecord::Adopted { name, .. }) => name.clone(),
        Some(VolumeRecord::Pending { .. } | VolumeRecord::Ours { .. }) | None => prefix.volume(instance),
    }
}

/// Makes sure that the row's volume exists and is the one it always was; returns its name.
pub(super) async fn ensure(
    tools: &Tools,
    subject: &mut Subject,
    desired: &DesiredContainer,
) -> Result<String, EffectError> {
    let name = name(tools, subject);
    make(tools, subject, &name).await?;
    let seen = tools.runtime.volumes(std::slice::from_ref(&name)).await?.pop();
    let ours = labels(tools, subject, None);
    match judge(subject.volume.as_ref(), seen.as_ref(), &ours, &name) {
        Verdict::Ready => refuse_second_writer(tools, subject, &name, None).await?,
        Verdict::Halt(halt) => return Err(EffectError::Halted(halt)),
        Verdict::TakeOver { uuid } => {
            refuse_second_writer(tools, subject, &name, None).await?;
            record(tools, subject, VolumeRecord::Ours { uuid }).await?;
        }
        Verdict::Finish { uuid } => finish(tools, subject, desired, &name, uuid).await?,
        // It went between its making and the look: the next try makes it.
        Verdict::Make => return Err(RuntimeError::NotFound { what: format!("the volume {name}") }.into()),
    }
    Ok(name)
}

/// Makes the volume of a row that has none yet, its uuid stored first.
///
/// Without a look before: docker leaves a volume of this name that is there already as it is, and passes over it in
/// silence, so only the look afterwards says whose it is. One look is enough for both.
async fn make(tools: &Tools, subject: &mut Subject, name: &str) -> Result<(), EffectError> {
    let uuid = match &subject.volume {
        Some(VolumeRecord::Ours { .. } | VolumeRecord::Adopted { .. }) => return Ok(()),
        Some(VolumeRecord::Pending { uuid }) => uuid.clone(),
        None => {
            let uuid = Uuid::new_v4().to_string();
            record(tools, subject, VolumeRecord::Pending { uuid: uuid.clone() }).await?;
            uuid
        }
    };
    let labels = labels(tools, subject, Some(uuid));
    match tools.runtime.create_volume(&NewVolume { name: name.to_owned(), labels }).await {
        // Not in silence where the one that is there has another driver. The look says whose it is.
        Ok(()) | Err(RuntimeError::Conflict { .. }) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

pub(super) fn name(tools: &Tools, subject: &Subject) -> String {
    name_of(&tools.prefix, &subject.name, subject.volume.as_ref())
}

fn labels(tools: &Tools, subject: &Subject, uuid: Option<String>) -> OurLabels {
    OurLabels {
        fleet: Some(tools.fleet.to_string()),
        instance: Some(subject.name.to_string()),
        agent_type: subject.agent_type.as_ref().map(ToString::to_string),
        spec: None,
        lifecycle: None,
        volume: uuid,
    }
}

/// Hands a volume that was seen to be the one with `uuid` to its user.
async fn finish(
    tools: &Tools,
    subject: &mut Subject,
    desired: &DesiredContainer,
    name: &str,
    uuid: String,
) -> Result<(), EffectError> {
    if let Some(user) = desired.spec.user.as_deref().filter(|user| !is_root(user)) {
        tools.runtime.hand_over_volume(name, &desired.spec.image, user).await?;
    }
    record(tools, subject, VolumeRecord::Ours { uuid }).await
}

/// Whether the row knows the volume in use. One that was about to be made is in use by nobody: a container is only made
/// once its volume is recorded.
pub(crate) fn is_recorded(record: Option<&VolumeRecord>) -> bool {
    match record {
        Some(VolumeRecord::Ours { .. } | VolumeRecord::Adopted { .. }) => true,
        Some(VolumeRecord::Pending { .. }) | None => false,
    }
}

/// A fresh volume belongs to root already.
fn is_root(user: &str) -> bool {
    matches!(user.split(':').next(), Some("0" | "root"))
}

pub(super) async fn record(
    tools: &Tools,
    subject: &mut Subject,
    record: VolumeRecord,
) -> Result<(), EffectError> {
    tools.store.set_volume(&subject.name, Some(&record)).await?;
    subject.volume = Some(record);
    Ok(())
}

/// A row written anew while its container stayed: the volume in use is the one that the earlier row left, also where
/// another one was about to be made.
pub(super) async fn remember(
    tools: &Tools,
    subject: &mut Subject,
    container: &ObservedContainer,
) -> Result<(), EffectError> {
    if is_recorded(subject.volume.as_ref()) {
        return Ok(());
    }
    let Some(name) = container.state_volume.clone() else { return Ok(()) };
    let Some(seen) = tools.runtime.volumes(std::slice::from_ref(&name)).await?.pop() else {
        return Err(RuntimeError::NotFound { what: format!("the volume {name}") }.into());
    };
    let ours = name == tools.prefix.volume(&subject.name);
    let found = match seen.labels.volume.filter(|_| ours) {
        Some(uuid) => VolumeRecord::Ours { uuid },
        None => VolumeRecord::Adopted { name, created_at: seen.created_at },
    };
    record(tools, subject, found).await
}

/// Forgets the lost volume. One that the container mounts, or else that stands under its name, is used from here on.
pub(super) async fn accept_loss(tools: &Tools, subject: &mut Subject) -> Result<(), EffectError> {
    subject.volume = None;
    let mounted = subject.observed.main.as_ref().and_then(|main| main.state_volume.clone());
    let name = mounted.unwrap_or_else(|| name(tools, subject));
    let found = match tools.runtime.volumes(std::slice::from_ref(&name)).await?.pop() {
        Some(seen) => {
            let same_fleet = seen.labels.fleet == Some(tools.fleet.to_string())
                && name == tools.prefix.volume(&subject.name);
            let created_at = seen.created_at;
            Some(match seen.labels.volume.filter(|_| same_fleet) {
                Some(uuid) => VolumeRecord::Ours { uuid },
                None => VolumeRecord::Adopted { name, created_at },
            })
        }
        None => None,
    };
    tools.store.set_volume(&subject.name, found.as_ref()).await?;
    subject.volume = found;
    Ok(())
}

/// Docker mounts one volume into two containers without complaint; two agents on one state would ruin it.
///
/// `besides` is the container that is about to be replaced.
pub(super) async fn refuse_second_writer(
    tools: &Tools,
    subject: &Subject,
    volume: &str,
    besides: Option<&ContainerId>,
) -> Result<(), EffectError> {
    let mut users = tools.runtime.volume_users(volume).await?;
    users.retain(|user| Some(user) != besides);
    if users.is_empty() {
        return Ok(());
    }
    let target = Target { name: subject.name.clone(), known: users };
    let seen = tools.runtime.observe(&[target]).await?;
    let other = |container: &&ObservedContainer| container.is_up() && Some(&container.id) != besides;
    match seen.containers.iter().find(other) {
        None => Ok(()),
        Some(user) => {
            Err(EffectError::VolumeInUse { volume: volume.to_owned(), container: user.name.clone() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn volume(fleet: &str, uuid: Option<&str>) -> ObservedVolume {
        ObservedVolume {
            name: "v".into(),
            created_at: "then".into(),
            labels: OurLabels {
                fleet: Some(fleet.into()),
                instance: Some("a".into()),
                volume: uuid.map(Into::into),
                ..OurLabels::default()
            },
        }
    }

    fn ours() -> OurLabels {
        OurLabels { fleet: Some("f".into()), instance: Some("a".into()), ..OurLabels::default() }
    }

    fn verdict(record: Option<&VolumeRecord>, seen: Option<&ObservedVolume>) -> Verdict {
        judge(record, seen, &ours(), "v")
    }

    fn pending() -> VolumeRecord {
        VolumeRecord::Pending { uuid: "u".into() }
    }

    fn made() -> VolumeRecord {
        VolumeRecord::Ours { uuid: "u".into() }
    }

    fn adopted() -> VolumeRecord {
        VolumeRecord::Adopted { name: "v".into(), created_at: "then".into() }
    }

    #[test]
    fn a_volume_is_made_only_where_none_ever_was() {
        assert_eq!(verdict(None, None), Verdict::Make);
        assert_eq!(verdict(Some(&pending()), None), Verdict::Make);
        for record in [made(), adopted()] {
            assert!(matches!(verdict(Some(&record), None), Verdict::Halt(Halt::StateLost { .. })));
        }
    }

    #[test]
    fn the_same_volume_is_used_again_and_another_one_is_a_loss() {
        assert_eq!(verdict(Some(&made()), Some(&volume("f", Some("u")))), Verdict::Ready);
        assert_eq!(verdict(Some(&adopted()), Some(&volume("x", None))), Verdict::Ready);
        for other in [volume("f", Some("other")), volume("f", None)] {
            assert!(matches!(verdict(Some(&made()), Some(&other)), Verdict::Halt(Halt::StateLost { .. })));
        }
    }

    #[test]
    fn a_new_row_takes_over_what_its_name_left_but_nothing_of_others() {
        let left = volume("f", Some("old"));
        assert_eq!(verdict(None, Some(&left)), Verdict::TakeOver { uuid: "old".into() });
        assert_eq!(verdict(Some(&pending()), Some(&left)), Verdict::TakeOver { uuid: "old".into() });
        for foreign in [volume("other", Some("u2")), volume("f", None)] {
            assert!(matches!(verdict(None, Some(&foreign)), Verdict::Halt(Halt::VolumeConflict { .. })));
        }
    }

    #[test]
    fn a_volume_that_a_kill_left_half_made_is_finished() {
        assert_eq!(
            verdict(Some(&pending()), Some(&volume("f", Some("u")))),
            Verdict::Finish { uuid: "u".into() }
        );
    }
}
