//! What happens to docker from outside.

use std::time::Duration;

use super::{NAMES, Run};
use crate::model::{ContainerState, Health, ObservedContainer, OurLabels, RestartPolicy};
use crate::testing::{DockerdRestart, Foreign};

impl Run {
    pub(super) fn lay_hands(&mut self) {
        match self.dice.below(24) {
            0 => self.restart_dockerd(),
            1 | 2 => self.foreign(),
            4..=6 if self.ails => self.ail(),
            3 => {
                self.trace.note("agent:1 means another image");
                self.world.docker.retag("agent:1");
            }
            _ => self.meddle(),
        }
    }

    pub(super) fn ours(&self) -> Vec<ObservedContainer> {
        let mut all = self.world.docker.containers();
        all.retain(|container| container.belongs_to(self.world.docker.fleet()));
        all
    }

    pub(super) fn foreign_on_our_names(&self) -> Vec<String> {
        let all = self.world.docker.containers().into_iter();
        let names = all.filter(|c| !c.belongs_to(self.world.docker.fleet())).map(|c| c.name);
        names.filter(|name| !self.bystanders.contains(name)).collect()
    }

    fn restart_dockerd(&mut self) {
        let how = match self.dice.below(3) {
            0 => DockerdRestart::Graceful,
            1 => DockerdRestart::Killed,
            _ => DockerdRestart::LiveRestore,
        };
        self.trace.note(format!("dockerd: {how:?}"));
        self.world.docker.restart_dockerd(how);
    }

    /// The checks of one begin to fail, or pass again.
    fn ail(&mut self) {
        let ours = self.ours();
        let Some(container) = self.dice.pick(&ours).cloned() else { return };
        let (docker, well) = (&self.world.docker, self.dice.one_in(4));
        self.trace.note(format!("checks of {}: {well}", container.name));
        if container.is_up() && self.dice.one_in(3) {
            docker.healthcheck(&container.name, if well { Health::Healthy } else { Health::Unhealthy });
        } else {
            docker.probes_pass(&container.name, well);
        }
    }

    /// All checks pass from now on.
    pub(super) fn heal(&mut self) {
        self.world.docker.probes_as_ordered();
        for container in self.ours().into_iter().filter(|container| container.health.is_some()) {
            self.world.docker.healthcheck(&container.name, Health::Healthy);
        }
    }

    /// Somebody makes a container under a name of ours.
    fn foreign(&mut self) {
        let container = format!("claude-hooks-{}", self.name());
        if self.world.docker.container(&container).is_some() {
            return;
        }
        self.foreigners += 1;
        let volume = (!self.dice.one_in(4)).then(|| format!("handmade-{}", self.foreigners));
        self.trace.note(format!("foreign {container} on {volume:?}"));
        let running = self.dice.one_in(2);
        self.world.docker.run_foreign_with(Foreign { volume, running, ..Foreign::named(&container) });
        if self.adopting {
            self.world.docker.permit_adoption(&container);
        }
    }

    /// Something happens to one of our containers.
    fn meddle(&mut self) {
        let ours = self.ours();
        let Some(container) = self.dice.pick(&ours).cloned() else { return };
        let docker = self.world.docker.clone();
        let (name, state) = (container.name.as_str(), container.state);
        let runs = state == ContainerState::Running;
        let settled = !matches!(state, ContainerState::Dead | ContainerState::Removing);
        let done = match self.dice.below(20) {
            0 if container.is_up() => {
                docker.kill(name);
                "kill"
            }
            1 if container.is_up() => {
                docker.stop_by_hand(name);
                "stop"
            }
            // Nobody starts by hand what is visibly being replaced.
            2 | 3 if !container.is_up() && settled && self.alone(&container) && !name.ends_with("-prev") => {
                // An image that cannot start is part of the game.
                drop(docker.start_by_hand(name));
                "start"
            }
            4..7 => {
                docker.fail_removal(name, 0);
                docker.remove_by_hand(name);
                "rm -f"
            }
            7..10 if runs => {
                docker.crash(name, 1);
                "crash"
            }
            10 if runs => {
                docker.oom(name);
                "oom"
            }
            11 if runs => {
                docker.oom_of_child(name);
                "oom of a child"
            }
            12 | 13 if runs => {
                docker.pause(name);
                "pause"
            }
            14 if settled => self.rename(name),
            15 if settled => {
                let policies = [RestartPolicy::No, RestartPolicy::Always, RestartPolicy::UnlessStopped];
                let policy = self.dice.pick(&policies).copied().unwrap_or(RestartPolicy::No);
                docker.update_by_hand(name, policy).expect("it can be updated");
                "update --restart"
            }
            16 => {
                docker.fail_removal(name, 1);
                "make its removal fail"
            }
            17 => {
                docker.remove_slowly(name, Duration::from_secs(self.dice.below(40)));
                "rm, slowly"
            }
            18 if self.dice.one_in(4) => self.lose_state(&container),
            _ => return,
        };
        self.trace.note(format!("by hand: {done} {name}"));
    }

    /// No other container of its instance is there, which could be running on the same volume.
    fn alone(&self, container: &ObservedContainer) -> bool {
        let same = |other: &&ObservedContainer| other.labels.instance == container.labels.instance;
        self.ours().iter().filter(same).count() == 1
    }

    fn rename(&mut self, name: &str) -> &'static str {
        let other = if self.dice.one_in(2) {
            "elsewhere".to_owned()
        } else {
            format!("claude-hooks-{}", self.name())
        };
        if self.world.docker.container(&other).is_none() {
            self.world.docker.rename_by_hand(name, &other).expect("the name is free");
        }
        "rename"
    }

    fn lose_state(&mut self, container: &ObservedContainer) -> &'static str {
        self.world.docker.fail_removal(&container.name, 0);
        self.world.docker.remove_by_hand(&container.name);
        if let Some(volume) = &container.state_volume {
            // Another container of the instance may still hold it.
            drop(self.world.docker.remove_volume_by_hand(volume));
            if self.dice.one_in(2) {
                self.world.docker.create_volume_by_hand(volume, OurLabels::default());
            }
        }
        "lose the state of"
    }

    /// What an operator does who reads the conditions: foreign containers go, and names are given back.
    pub(super) fn clear_names(&mut self) {
        for foreign in self.foreign_on_our_names() {
            self.trace.note(format!("remove the foreign {foreign}"));
            self.world.docker.remove_by_hand(&foreign);
        }
        for container in self.ours() {
            let instance = container.labels.instance.clone().unwrap_or_default();
            let on_another = NAMES
                .iter()
                .any(|(name, _)| *name != instance && container.name == format!("claude-hooks-{name}"));
            if on_another && container.state != ContainerState::Removing {
                self.foreigners += 1;
                let away = format!("away-{}", self.foreigners);
                self.world.docker.rename_by_hand(&container.name, &away).expect("the name was never used");
            }
        }
    }
}
