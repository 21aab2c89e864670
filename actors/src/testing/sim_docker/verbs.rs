//! What docker does when it is asked, whoever asks.

use super::state::{Draft, SimVolume, State};
use crate::model::{ContainerId, ContainerState, DiskState, Lifecycle, OurLabels, RestartPolicy};
use crate::ports::{CreateRequest, RuntimeError};

/// As large as nobody fills it by chance.
const EMPTY_DISK: DiskState = DiskState { free: 900 << 30, total: 1 << 40, files: None };

impl State {
    /// Image first, name second, volume last: so docker leaves nothing behind when it refuses.
    pub(super) fn create(&mut self, request: CreateRequest) -> Result<ContainerId, RuntimeError> {
        let image_id = self.need_image(&request.spec.image)?;
        self.need_free_name(&request.container_name)?;
        self.need_volume(&request.volume_name);
        let policy = match request.spec.lifecycle {
            Lifecycle::Hot => RestartPolicy::UnlessStopped,
            Lifecycle::Lazy => RestartPolicy::No,
        };
        Ok(self.insert(Draft {
            name: request.container_name.clone(),
            // A label without a value is an absent one, and the volume's label stands on volumes only.
            labels: OurLabels { volume: None, ..request.labels.clone() },
            policy,
            image: request.spec.image.clone(),
            image_id,
            volume: Some(request.volume_name.clone()),
            request: Some(request),
        }))
    }

    pub(super) fn need_free_name(&self, name: &str) -> Result<(), RuntimeError> {
        let Some(holder) = self.by_name(name) else { return Ok(()) };
        let detail = format!(
            "Conflict. The container name \"/{name}\" is already in use by container \"{}\". \
             You have to remove (or rename) that container to be able to reuse that name.",
            holder.seen.id
        );
        Err(RuntimeError::Conflict { detail })
    }

    /// A volume that a container names and that is missing is made in silence, without labels.
    pub(super) fn need_volume(&mut self, name: &str) {
        self.create_volume(name, OurLabels::default());
    }

    /// Silent about a volume that exists: it keeps its labels and its time.
    pub(super) fn create_volume(&mut self, name: &str, labels: OurLabels) {
        if self.volumes.contains_key(name) {
            return;
        }
        let created_at = self.stamp_seconds();
        let serial = self.serial();
        let volume = SimVolume {
            name: name.to_owned(),
            created_at,
            labels,
            owner: None,
            serial,
            disk: EMPTY_DISK,
            bytes: 0,
        };
        self.volumes.insert(name.to_owned(), volume);
    }

    pub(super) fn remove_volume(&mut self, name: &str) -> Result<(), RuntimeError> {
        let users = self.volume_users(name);
        if !self.volumes.contains_key(name) {
            return Err(RuntimeError::NotFound { what: format!("volume {name}") });
        }
        if !users.is_empty() {
            let users: Vec<&str> = users.iter().map(AsRef::as_ref).collect();
            let detail = format!("remove {name}: volume is in use - [{}]", users.join(", "));
            return Err(RuntimeError::Conflict { detail });
        }
        self.volumes.remove(name);
        Ok(())
    }

    pub(super) fn volume_users(&self, name: &str) -> Vec<ContainerId> {
        let uses = |volume: &Option<String>| volume.as_deref() == Some(name);
        self.containers.values().filter(|c| uses(&c.seen.state_volume)).map(|c| c.seen.id.clone()).collect()
    }

    /// The one-off run makes a missing volume in silence, like every run.
    pub(super) fn hand_over(&mut self, volume: &str, image: &str, user: &str) -> Result<(), RuntimeError> {
        self.need_image(image)?;
        self.need_volume(volume);
        self.touch_volume(volume);
        if let Some(volume) = self.volumes.get_mut(volume) {
            volume.owner = Some(user.to_owned());
        }
        Ok(())
    }

    /// Docker 20.10 takes `CreatedAt` from the directory's last change, so a chown or a new file at the top moves it.
    pub(super) fn touch_volume(&mut self, name: &str) {
        let stamp = self.stamp_seconds();
        if let Some(volume) = self.volumes.get_mut(name) {
            volume.created_at = stamp;
        }
    }

    /// One that is already being removed is left to it: wait until it is gone.
    pub(super) fn remove(&mut self, id: &ContainerId, force: bool) -> Result<(), RuntimeError> {
        let name = self.name_of(id);
        let Ok(container) = self.find(id) else { return Ok(()) };
        match container.seen.state {
            ContainerState::Removing => return Ok(()),
            ContainerState::Running | ContainerState::Paused | ContainerState::Restarting if !force => {
                let state = container.seen.state;
                let detail = format!(
                    "You cannot remove a {state} container {id}. \
                     Stop the container before attempting removal or force remove"
                );
                return Err(RuntimeError::Conflict { detail });
            }
            ContainerState::Running | ContainerState::Paused | ContainerState::Restarting => {
                container.stopped_by_hand = true;
                self.emit(id, "kill");
                self.set_down(id, 137, false);
            }
            ContainerState::Created | ContainerState::Exited | ContainerState::Dead => {}
        }
        let container = self.find(id)?;
        if container.stuck_removals > 0 {
            container.stuck_removals -= 1;
            container.life += 1;
            container.seen.state = ContainerState::Dead;
            let stderr =
                format!("driver \"overlay2\" failed to remove root filesystem for {name}: device busy");
            return Err(RuntimeError::Other { verb: "rm", code: "1".into(), stderr });
        }
        self.vanish(id);
        Ok(())
    }

    pub(super) fn rename(&mut self, id: &ContainerId, name: &str) -> Result<(), RuntimeError> {
        let old = self.find(id)?.seen.name.clone();
        if old == name {
            let stderr = "Renaming a container with the same name as its current name".into();
            return Err(RuntimeError::Other { verb: "rename", code: "1".into(), stderr });
        }
        self.need_free_name(name)?;
        name.clone_into(&mut self.find(id)?.seen.name);
        self.emit(id, "rename");
        Ok(())
    }

    /// Asked when a process ends: a restart that is already pending still comes (measured on 20.10). That of one which was
    /// stopped meanwhile does not.
    pub(super) fn set_policy(&mut self, id: &ContainerId, policy: RestartPolicy) -> Result<(), RuntimeError> {
        let container = self.find(id)?;
        if matches!(container.seen.state, ContainerState::Dead | ContainerState::Removing) {
            let detail = format!("container {} is marked for removal and cannot be \"update\"", id.short());
            return Err(RuntimeError::Conflict { detail });
        }
        container.seen.restart_policy = policy;
        if policy == RestartPolicy::No && container.seen.state == ContainerState::Exited {
            container.life += 1;
        }
        self.emit(id, "update");
        Ok(())
    }

    pub(super) fn pause(&mut self, id: &ContainerId) -> Result<(), RuntimeError> {
        self.shift(id, ContainerState::Running, ContainerState::Paused, "pause")
    }

    pub(super) fn unpause(&mut self, id: &ContainerId) -> Result<(), RuntimeError> {
        self.shift(id, ContainerState::Paused, ContainerState::Running, "unpause")
    }

    fn shift(
        &mut self,
        id: &ContainerId,
        from: ContainerState,
        to: ContainerState,
        verb: &'static str,
    ) -> Result<(), RuntimeError> {
        let container = self.find(id)?;
        if container.seen.state != from {
            let stderr = format!("Container {} is not {from}", id.short());
            return Err(RuntimeError::Other { verb, code: "1".into(), stderr });
        }
        container.seen.state = to;
        self.emit(id, verb);
        Ok(())
    }

    /// Two running containers of one instance on one volume would destroy each other's data.
    pub(super) fn check_twins(&mut self, id: &ContainerId) {
        let Some(this) = self.containers.get(id) else { return };
        let twin = self.containers.values().find(|other| {
            let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
            other.seen.id != *id
                && other.is_up()
                && same(&other.seen.labels.fleet, &this.seen.labels.fleet)
                && same(&other.seen.labels.instance, &this.seen.labels.instance)
                && same(&other.seen.state_volume, &this.seen.state_volume)
        });
        if let Some(twin) = twin {
            let text =
                format!("{} was started while {} ran on the same volume", this.seen.name, twin.seen.name);
            self.violations.push(text);
        }
    }
}
