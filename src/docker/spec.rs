//! What a container was made of: its inspect, and that of its image, to tell what is whose.

use std::collections::BTreeSet;

use claude_hooks_actors::model::{ContainerId, ObservedSpec};
use claude_hooks_actors::ports::RuntimeError;

use super::errors::Subject;
use super::invoke::Call;
use super::runtime::CliRuntime;
use super::{args, parse};

impl CliRuntime {
    pub(super) async fn read_spec(
        &self,
        id: &ContainerId,
        shown: &BTreeSet<String>,
        token: Option<&str>,
    ) -> Result<Option<ObservedSpec>, RuntimeError> {
        let call = Call::look("inspect", args::inspect(&[id.to_string()]), self.deadlines.look);
        let container = match self.change(call, Subject::Container(id.as_ref())).await {
            Ok(stdout) => stdout,
            Err(RuntimeError::NotFound { .. }) => return Ok(None),
            Err(error) => return Err(error),
        };
        let image = parse::image_of(&container)?;
        let call = Call::look("image inspect", args::inspect_image(&image), self.deadlines.look);
        let image = match self.change(call, Subject::Image(&image)).await {
            Ok(stdout) => Some(parse::image_config(&stdout)?),
            Err(RuntimeError::NoSuchImage { .. }) => None,
            Err(error) => return Err(error),
        };
        parse::spec(&container, image, shown, token).map(Some)
    }
}
