//! Our program in every container, for the tasks: mounted where the engine sees this machine's files, copied where not.

use claude_hooks_actors::model::ContainerId;
use claude_hooks_actors::ports::{CreateRequest, RuntimeError};

use super::args;
use super::errors::Subject;
use super::invoke::Call;
use super::runtime::{CliRuntime, refused};

impl CliRuntime {
    /// The file to mount; `None`: it must be copied.
    pub(super) fn runner_to_mount(&self) -> Result<Option<String>, RuntimeError> {
        if !self.cli.environment.engine_is_here() {
            return Ok(None);
        }
        let path = self.settings.runner.to_str();
        path.map(|path| Some(path.to_owned())).ok_or_else(|| refused(NOT_TEXT.into()))
    }

    /// The directory of the agent's own socket, made if it is not there; `None`: it has none, also on an engine that does not
    /// see this machine's files, which could mount no socket of ours.
    pub(super) async fn agent_dir(&self, request: &CreateRequest) -> Result<Option<String>, RuntimeError> {
        if !request.spec.agent_socket || !self.cli.environment.engine_is_here() {
            return Ok(None);
        }
        let dir = self.settings.agent_dirs.join(request.instance.as_ref());
        let made = tokio::task::spawn_blocking({
            let dir = dir.clone();
            move || crate::data_dir::make_agent_dir(&dir)
        });
        let made =
            made.await.map_err(|panic| refused(format!("its directory could not be made: {panic}")))?;
        made.map_err(|error| refused(format!("cannot make {}: {error}", dir.display())))?;
        dir.to_str().map(|dir| Some(dir.to_owned())).ok_or_else(|| refused(NOT_TEXT.into()))
    }

    /// Copies it into a container, whether it runs or not. Some tens of megabytes, over any line: as long as a pull may take.
    pub(super) async fn put_runner(&self, id: &ContainerId) -> Result<(), RuntimeError> {
        let dir = self.settings.runner.parent().and_then(|dir| dir.to_str());
        let dir = dir.ok_or_else(|| refused(NOT_TEXT.into()))?;
        let call = Call::new("cp", args::put_runner(dir, id), self.deadlines.pull);
        self.change(call, Subject::Container(id.as_ref())).await.map(drop)
    }

    /// For one that was just made: without a runner it would look as it should, and be no good.
    pub(super) async fn put_runner_or_remove(&self, id: &ContainerId) -> Result<(), RuntimeError> {
        let Err(error) = self.put_runner(id).await else { return Ok(()) };
        if let Err(left) = self.remove_container(id, true).await {
            log::warn!(container = id.as_ref(); "it got no runner and cannot be removed: {left}");
        }
        Err(error)
    }
}

pub(super) const NOT_TEXT: &str =
    "the path of the runner is not UTF-8: docker cannot be told it; move the data directory";
