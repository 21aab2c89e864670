//! The port, as the supervisor sees it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::mpsc;

use super::SimDocker;
use super::call::{CHANGE, LOOK, PULL, STOP_EXTRA};
use super::journal::Verb;
use super::life::Starter;
use super::state::{SimVolume, State};
use crate::model::{
    ContainerId, ContainerState, ContainerStats, DiskState, FleetId, FleetObservation, FleetPrefix,
    ObservedContainer, ObservedSpec, ObservedVolume, PullPolicy, RestartPolicy,
};
use crate::ports::{
    ContainerRuntime, CreateRequest, EventStream, ImageInfo, LastWords, LogOptions, LogStream, LogTarget,
    NewVolume, PullProgress, RuntimeError, Target,
};

/// Bytes of the simulated host.
const HOST_MEMORY: u64 = 8 << 30;

#[async_trait]
impl ContainerRuntime for SimDocker {
    async fn observe_fleet(&self, expected: &[Target]) -> Result<FleetObservation, RuntimeError> {
        let (fleet, prefix, targets) = (self.fleet, self.prefix.clone(), expected.to_vec());
        self.call(Verb::ObserveFleet, String::new(), LOOK, move |state| {
            if state.faults.garbled {
                let detail = "line 1 is not JSON: \"{\\\"ID\\\":\\\"4f\"".into();
                return Err(RuntimeError::Garbled { verb: "ps", detail });
            }
            let mut ids = inspected(state, &prefix, &targets);
            if !state.faults.empty {
                ids.extend(listed(state, fleet, &prefix));
            }
            Ok(observation(state, &ids))
        })
        .await
    }

    async fn observe(&self, targets: &[Target]) -> Result<FleetObservation, RuntimeError> {
        let names: Vec<&str> = targets.iter().map(|target| target.name.as_ref()).collect();
        let (prefix, wanted) = (self.prefix.clone(), targets.to_vec());
        self.call(Verb::Observe, names.join(","), LOOK, move |state| {
            let ids = inspected(state, &prefix, &wanted);
            Ok(observation(state, &ids))
        })
        .await
    }

    async fn image(&self, reference: &str) -> Result<Option<ImageInfo>, RuntimeError> {
        let wanted = reference.to_owned();
        self.call(Verb::Image, reference.to_owned(), LOOK, move |state| {
            Ok(state.find_image(&wanted).map(|id| ImageInfo { id }))
        })
        .await
    }

    async fn pull(
        &self,
        reference: &str,
        policy: PullPolicy,
        progress: mpsc::Sender<PullProgress>,
    ) -> Result<(), RuntimeError> {
        let wanted = reference.to_owned();
        self.call(Verb::Pull, reference.to_owned(), PULL, move |state| {
            let fetch = match policy {
                PullPolicy::Never => false,
                PullPolicy::Missing => state.images.find(&wanted).is_none(),
                PullPolicy::Always => true,
            };
            if !fetch {
                return state.need_image(&wanted).map(|_| ());
            }
            let Some(id) = state.images.offered(&wanted) else {
                let detail = format!("manifest for {wanted} not found: manifest unknown");
                return Err(RuntimeError::NoSuchImage { image: wanted, detail });
            };
            for line in ["Pulling fs layer", "Download complete", "Pull complete"] {
                // Somebody who does not read does not hold up docker.
                let _unread = progress.try_send(PullProgress { line: line.into() });
            }
            state.images.tag(&wanted, id);
            Ok(())
        })
        .await
    }

    async fn tag_image(&self, image: &str, name: &str) -> Result<(), RuntimeError> {
        let (image, wanted) = (image.to_owned(), name.to_owned());
        self.call(Verb::TagImage, name.to_owned(), CHANGE, move |state| {
            let id = state.need_image(&image)?;
            state.images.tag(&wanted, id);
            Ok(())
        })
        .await
    }

    async fn untag_image(&self, name: &str) -> Result<(), RuntimeError> {
        let wanted = name.to_owned();
        self.call(Verb::UntagImage, name.to_owned(), CHANGE, move |state| state.untag(&wanted)).await
    }

    async fn image_tags(&self, repository: &str) -> Result<Vec<String>, RuntimeError> {
        let wanted = repository.to_owned();
        self.call(Verb::ImageTags, wanted.clone(), LOOK, move |state| Ok(state.images.tags(&wanted))).await
    }

    async fn volumes(&self, names: &[String]) -> Result<Vec<ObservedVolume>, RuntimeError> {
        let wanted = names.to_vec();
        self.call(Verb::Volumes, names.join(","), LOOK, move |state| {
            Ok(wanted.iter().filter_map(|name| state.volumes.get(name)).map(SimVolume::observed).collect())
        })
        .await
    }

    async fn fleet_volumes(&self) -> Result<Vec<ObservedVolume>, RuntimeError> {
        let ours = Some(self.fleet.to_string());
        self.call(Verb::FleetVolumes, String::new(), LOOK, move |state| {
            let all = state.volumes.values().map(SimVolume::observed);
            Ok(all.filter(|volume| volume.labels.fleet == ours).collect())
        })
        .await
    }

    async fn volume_sizes(&self) -> Result<BTreeMap<String, u64>, RuntimeError> {
        self.call(Verb::VolumeSizes, String::new(), LOOK, |state| {
            Ok(state.volumes.iter().map(|(name, volume)| (name.clone(), volume.bytes)).collect())
        })
        .await
    }

    async fn volume_disks(&self, names: &[String]) -> Result<BTreeMap<String, DiskState>, RuntimeError> {
        let names = names.to_vec();
        self.call(Verb::VolumeDisks, String::new(), LOOK, move |state| {
            let there = names.iter().filter_map(|name| state.volumes.get(name));
            Ok(there.map(|volume| (volume.name.clone(), volume.disk)).collect())
        })
        .await
    }

    async fn volume_size(&self, name: &str) -> Result<Option<u64>, RuntimeError> {
        let volume = name.to_owned();
        self.call(Verb::VolumeSize, volume.clone(), LOOK, move |state| {
            Ok(state.volumes.get(&volume).map(|volume| volume.bytes))
        })
        .await
    }

    async fn create_volume(&self, volume: &NewVolume) -> Result<(), RuntimeError> {
        let new = volume.clone();
        self.call(Verb::CreateVolume, volume.name.clone(), CHANGE, move |state| {
            state.create_volume(&new.name, new.labels);
            Ok(())
        })
        .await
    }

    async fn hand_over_volume(&self, volume: &str, image: &str, user: &str) -> Result<(), RuntimeError> {
        let (name, image, user) = (volume.to_owned(), image.to_owned(), user.to_owned());
        let fleet = self.fleet;
        self.call(Verb::HandOverVolume, volume.to_owned(), CHANGE, move |state| {
            state.guard_volume(fleet, Verb::HandOverVolume, &name);
            state.hand_over(&name, &image, &user)
        })
        .await
    }

    async fn remove_volume(&self, name: &str) -> Result<(), RuntimeError> {
        let (fleet, wanted) = (self.fleet, name.to_owned());
        self.call(Verb::RemoveVolume, name.to_owned(), CHANGE, move |state| {
            let owner = state.volumes.get(&wanted).cloned();
            state.remove_volume(&wanted)?;
            if let Some(volume) = owner {
                state.volume_was_removed(fleet, &volume);
            }
            Ok(())
        })
        .await
    }

    async fn volume_users(&self, name: &str) -> Result<Vec<ContainerId>, RuntimeError> {
        let wanted = name.to_owned();
        self.call(Verb::VolumeUsers, name.to_owned(), LOOK, move |state| Ok(state.volume_users(&wanted)))
            .await
    }

    async fn create(&self, request: &CreateRequest) -> Result<ContainerId, RuntimeError> {
        let wanted = request.clone();
        self.call(Verb::Create, request.container_name.clone(), CHANGE, move |state| state.create(wanted))
            .await
    }

    async fn start(&self, id: &ContainerId) -> Result<(), RuntimeError> {
        self.change(Verb::Start, id, |state, id| state.start(id, Starter::Port)).await
    }

    async fn stop(&self, id: &ContainerId, grace: Duration) -> Result<(), RuntimeError> {
        let pass = self.enter(Verb::Stop, self.look(|state| state.name_of(id)), grace + STOP_EXTRA);
        let (fleet, wanted) = (self.fleet, id.clone());
        let signalled = self.perform(&pass, move |state| {
            state.guard(fleet, Verb::Stop, &wanted);
            state.signal_stop(&wanted, grace)
        });
        let result = match signalled.await {
            Ok(()) => self.wait_while(&pass, |state| is_up(state, id)).await,
            Err(error) => Err(error),
        };
        self.leave(&pass, result)
    }

    async fn remove(&self, id: &ContainerId, force: bool) -> Result<(), RuntimeError> {
        let pass = self.enter(Verb::Remove, self.look(|state| state.name_of(id)), CHANGE);
        let (fleet, wanted) = (self.fleet, id.clone());
        let begun = self.perform(&pass, move |state| {
            state.guard(fleet, Verb::Remove, &wanted);
            state.remove(&wanted, force)
        });
        let result = match begun.await {
            Ok(()) => self.wait_while(&pass, |state| state.containers.contains_key(id)).await,
            Err(error) => Err(error),
        };
        self.leave(&pass, result)
    }

    async fn rename(&self, id: &ContainerId, name: &str) -> Result<(), RuntimeError> {
        let name = name.to_owned();
        self.change(Verb::Rename, id, move |state, id| state.rename(id, &name)).await
    }

    async fn set_restart_policy(&self, id: &ContainerId, policy: RestartPolicy) -> Result<(), RuntimeError> {
        self.change(Verb::SetRestartPolicy, id, move |state, id| state.set_policy(id, policy)).await
    }

    async fn unpause(&self, id: &ContainerId) -> Result<(), RuntimeError> {
        self.change(Verb::Unpause, id, State::unpause).await
    }

    async fn events(&self) -> Result<EventStream, RuntimeError> {
        let receiver =
            self.call(Verb::Events, String::new(), LOOK, |state| Ok(state.signals.subscribe())).await?;
        Ok(self.event_stream(receiver))
    }

    async fn last_words(&self, container: &ObservedContainer) -> Result<LastWords, RuntimeError> {
        let (id, until) = (container.id.clone(), container.finished_at.parse::<jiff::Timestamp>().ok());
        let subject = self.look(|state| state.name_of(&id));
        self.call(Verb::LastWords, subject, LOOK, move |state| {
            let printed = &state.find(&id)?.log;
            let of_life = printed.iter().filter(|(at, _)| until.is_none_or(|until| *at <= until));
            let lines: Vec<&str> = of_life.map(|(_, line)| line.as_str()).collect();
            let tail = lines[lines.len().saturating_sub(20)..].join("\n");
            let volume = state.find(&id)?.seen.state_volume.clone();
            let disk = volume.and_then(|name| state.volumes.get(&name)).map(|volume| volume.disk);
            Ok(LastWords { log_tail: tail, disk })
        })
        .await
    }

    async fn container_spec(
        &self,
        id: &ContainerId,
        shown: &BTreeSet<String>,
        token: Option<&str>,
    ) -> Result<Option<ObservedSpec>, RuntimeError> {
        let (id, shown, token) = (id.clone(), shown.clone(), token.map(ToOwned::to_owned));
        let subject = self.look(|state| state.name_of(&id));
        self.call(Verb::ContainerSpec, subject, LOOK, move |state| {
            Ok(state.containers.get(&id).map(|container| container.made_of(&shown, token.as_deref())))
        })
        .await
    }

    async fn stats(&self, ids: &[ContainerId]) -> Result<Vec<ContainerStats>, RuntimeError> {
        let wanted = ids.to_vec();
        self.call(Verb::Stats, String::new(), LOOK, move |state| {
            Ok(wanted.iter().filter_map(|id| used(state, id)).collect())
        })
        .await
    }

    async fn logs(&self, target: &LogTarget, options: LogOptions) -> Result<LogStream, RuntimeError> {
        let id = target.0.clone();
        let subject = self.look(|state| state.name_of(&id));
        let wanted = id.clone();
        self.call(Verb::Logs, subject, LOOK, move |state| state.find(&wanted).map(|_| ())).await?;
        Ok(self.log_stream(id, options))
    }
}

impl SimDocker {
    /// A change of one container, watched for being a foreign one.
    async fn change(
        &self,
        verb: Verb,
        id: &ContainerId,
        effect: impl FnOnce(&mut State, &ContainerId) -> Result<(), RuntimeError> + Send + 'static,
    ) -> Result<(), RuntimeError> {
        let (fleet, id) = (self.fleet, id.clone());
        let subject = self.look(|state| state.name_of(&id));
        self.call(verb, subject, CHANGE, move |state| {
            state.guard(fleet, verb, &id);
            effect(state, &id)
        })
        .await
    }
}

/// What `docker ps` shows that is ours by label or by the form of its name.
fn listed(state: &State, fleet: FleetId, prefix: &FleetPrefix) -> BTreeSet<ContainerId> {
    let seen = state.containers.values().map(|container| &container.seen);
    seen.filter(|c| c.belongs_to(fleet) || prefix.instance_of_container(&c.name).is_some())
        .map(|c| c.id.clone())
        .collect()
}

/// What `docker inspect` finds of the targets, by exact name and by id.
fn inspected(state: &State, prefix: &FleetPrefix, targets: &[Target]) -> BTreeSet<ContainerId> {
    let names: BTreeSet<String> = targets.iter().map(|target| prefix.container(&target.name)).collect();
    let known: BTreeSet<&ContainerId> = targets.iter().flat_map(|target| &target.known).collect();
    let seen = state.containers.values().map(|container| &container.seen);
    seen.filter(|c| names.contains(&c.name) || known.contains(&c.id)).map(|c| c.id.clone()).collect()
}

fn observation(state: &State, ids: &BTreeSet<ContainerId>) -> FleetObservation {
    let containers = ids.iter().filter_map(|id| state.containers.get(id)).map(|c| c.seen.clone());
    FleetObservation { containers: containers.collect() }
}

/// Each the same, so that tests can name the figures, unless a test said otherwise.
fn used(state: &State, id: &ContainerId) -> Option<ContainerStats> {
    let container = state.containers.get(id)?;
    let runs = matches!(container.seen.state, ContainerState::Running | ContainerState::Paused);
    let limit = container.request.as_ref().and_then(|request| request.spec.limits.memory_bytes);
    runs.then(|| ContainerStats {
        container: id.clone(),
        cpu_percent: container.uses.cpu_percent,
        memory_bytes: container.uses.memory_bytes,
        memory_limit_bytes: limit.unwrap_or(HOST_MEMORY),
        pids: container.uses.pids,
        pids_refused: container.uses.pids_refused,
    })
}

fn is_up(state: &State, id: &ContainerId) -> bool {
    state.containers.get(id).is_some_and(|container| container.seen.is_up())
}
