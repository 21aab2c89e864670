//! Volumes: look, make, hand over, remove.

use std::collections::{BTreeMap, HashSet};

use claude_hooks_actors::model::{ContainerId, ObservedVolume, check_image};
use claude_hooks_actors::ports::{NewVolume, RuntimeError};

use super::args::Dialect;
use super::errors::Subject;
use super::invoke::Call;
use super::runtime::{CliRuntime, refused};
use super::{args, missing, parse, runner};

impl CliRuntime {
    pub(super) async fn look_at_volumes(
        &self,
        names: &[String],
    ) -> Result<Vec<ObservedVolume>, RuntimeError> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let verb = "volume inspect";
        let finished =
            self.cli.run(Call::look(verb, args::inspect_volumes(names), self.deadlines.look)).await?;
        let missing = missing::confirmed(verb, names, &finished)?;
        let found = parse::volumes(&finished.stdout)?;
        let answered: HashSet<&str> = found.iter().map(|volume| volume.name.as_str()).collect();
        missing::all_answered(verb, names, &missing, |name| answered.contains(name))?;
        Ok(found)
    }

    pub(super) async fn look_at_our_volumes(&self) -> Result<Vec<ObservedVolume>, RuntimeError> {
        let call = Call::look("volume ls", args::our_volumes(self.settings.fleet), self.deadlines.look);
        let names = parse::names("volume ls", &self.change(call, Subject::Engine).await?)?;
        // One that goes between the two is left out: it is gone.
        self.look_at_volumes(&names).await
    }

    /// It walks through every file, so it gets the longer deadline.
    pub(super) async fn measure_volumes(&self) -> Result<BTreeMap<String, u64>, RuntimeError> {
        match self.dialect() {
            Dialect::Docker => {
                let call = Call::look("system df", args::volume_sizes(), self.deadlines.change);
                parse::sizes(&self.change(call, Subject::Engine).await?)
            }
            Dialect::Podman => Err(refused("podman does not tell programs how large a volume is".into())),
        }
    }

    pub(super) async fn make_volume(&self, volume: &NewVolume) -> Result<(), RuntimeError> {
        let call = Call::new("volume create", args::create_volume(volume), self.deadlines.change);
        match self.change(call, Subject::Volume(&volume.name)).await {
            Ok(_) => Ok(()),
            // podman's way to say what docker passes over in silence.
            Err(RuntimeError::Other { stderr, .. }) if stderr.contains("volume already exists") => Ok(()),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn drop_volume(&self, name: &str) -> Result<(), RuntimeError> {
        let call = Call::new("volume rm", args::remove_volume(name), self.deadlines.change);
        self.change(call, Subject::Volume(name)).await.map(drop)
    }

    pub(super) async fn users_of_volume(&self, name: &str) -> Result<Vec<ContainerId>, RuntimeError> {
        let call = Call::look("ps", args::volume_users(name), self.deadlines.look);
        parse::ids("ps", &self.change(call, Subject::Volume(name)).await?)
    }

    pub(super) async fn hand_over(&self, volume: &str, image: &str, user: &str) -> Result<(), RuntimeError> {
        check_image(image).map_err(|error| refused(error.to_string()))?;
        // The engine mounts it, so not the file of this process: that may be replaced, or in a container of its own.
        let program = self.settings.runner.to_str().ok_or_else(|| refused(runner::NOT_TEXT.into()))?;
        let fleet = self.settings.fleet;
        let run = || {
            let args = args::hand_over(volume, image, user, program, fleet);
            self.change(Call::new("run", args, self.deadlines.change), Subject::Image(image))
        };
        match run().await {
            Err(RuntimeError::Conflict { detail }) => {
                // An interrupted hand-over of ours may hold the name; somebody else's container is left alone.
                let call = Call::look("ps", args::hand_over_left(volume, fleet), self.deadlines.look);
                let left = parse::ids("ps", &self.change(call, Subject::Engine).await?)?;
                if left.is_empty() {
                    return Err(RuntimeError::Conflict { detail });
                }
                for id in &left {
                    self.remove_container(id, true).await?;
                }
                run().await.map(drop)
            }
            other => other.map(drop),
        }
    }
}
