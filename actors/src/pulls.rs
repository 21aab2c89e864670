//! Images on their way from a registry: one pull per image at a time, however many want it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde_json::json;
use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::effects::Tools;
use crate::model::{EventKind, NewEvent, PullPolicy};
use crate::ports::{PullProgress, RuntimeError};

/// Progress is told at most that often.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// How far a pull has come.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Progress {
    /// Layers that the image has, as far as docker has said.
    pub(crate) layers: usize,
    /// Layers that are here.
    pub(crate) done: usize,
    /// Docker's latest words.
    pub(crate) line: String,
}

#[derive(Clone, Debug)]
struct State {
    progress: Progress,
    /// Set at the end.
    result: Option<Result<(), RuntimeError>>,
}

/// The pulls that are under way, by image.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pulls {
    under_way: Arc<Mutex<BTreeMap<String, watch::Receiver<State>>>>,
}

impl Pulls {
    fn under_way(&self) -> MutexGuard<'_, BTreeMap<String, watch::Receiver<State>>> {
        // What is in there is whole whatever panicked.
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How far the pull of an image has come, if one is under way.
    pub(crate) fn of(&self, image: &str) -> Option<Progress> {
        self.under_way().get(image).map(|pull| pull.borrow().progress.clone())
    }
}

/// The entry goes however the pull ends, also when whoever pulls is cut.
struct Leads<'a> {
    pulls: &'a Pulls,
    image: &'a str,
    state: watch::Sender<State>,
}

impl Drop for Leads<'_> {
    fn drop(&mut self) {
        self.pulls.under_way().remove(self.image);
    }
}

enum Role<'a> {
    Leads(Leads<'a>),
    Follows(watch::Receiver<State>),
}

fn role<'a>(pulls: &'a Pulls, image: &'a str) -> Role<'a> {
    let mut under_way = pulls.under_way();
    if let Some(pull) = under_way.get(image) {
        return Role::Follows(pull.clone());
    }
    let (state, reader) = watch::channel(State { progress: Progress::default(), result: None });
    under_way.insert(image.to_owned(), reader);
    Role::Leads(Leads { pulls, image, state })
}

/// Fetches an image, or waits for whoever does so already. `event` says for whom; its kind and words are filled in.
pub(crate) async fn fetch(
    tools: &Tools,
    image: &str,
    policy: PullPolicy,
    event: NewEvent,
) -> Result<(), RuntimeError> {
    loop {
        match role(&tools.pulls, image) {
            Role::Leads(lead) => return pull(tools, &lead, policy, &event).await,
            Role::Follows(mut pull) => {
                let ended = pull.wait_for(|state| state.result.is_some()).await;
                let result = ended.ok().and_then(|state| state.result.clone());
                if let Some(result) = result {
                    return result;
                }
                // Whoever pulled was cut off: somebody else must.
            }
        }
    }
}

async fn pull(
    tools: &Tools,
    lead: &Leads<'_>,
    policy: PullPolicy,
    event: &NewEvent,
) -> Result<(), RuntimeError> {
    let tell = |kind: EventKind, data: serde_json::Value| {
        let mut told = NewEvent::new(kind, tools.clock.wall());
        told.instance.clone_from(&event.instance);
        told.agent_type.clone_from(&event.agent_type);
        let mut data = data;
        if let (Some(data), Some(more)) = (data.as_object_mut(), event.data.as_object()) {
            data.extend(more.clone());
        }
        told.data(data)
    };
    let image = lead.image;
    tools.events.emit(tell(EventKind::ImagePulling, json!({ "image": image })));
    let (lines, mut progress) = mpsc::channel::<PullProgress>(64);
    let report = async {
        let mut layers = Layers::default();
        let mut told = Instant::now();
        while let Some(PullProgress { line }) = progress.recv().await {
            let now = layers.hear(line);
            lead.state.send_modify(|state| state.progress = now.clone());
            if told.elapsed() >= TELL_EVERY {
                told = Instant::now();
                let data = json!({ "image": image, "layers": now.layers, "done": now.done });
                tools.events.emit(tell(EventKind::ImagePulling, data).detail(now.line));
            }
        }
    };
    let (pulled, ()) = tokio::join!(tools.runtime.pull(image, policy, lines), report);
    match &pulled {
        Ok(()) => {
            let progress = lead.state.borrow().progress.clone();
            let data = json!({ "image": image, "layers": progress.layers });
            tools.events.emit(tell(EventKind::ImagePulled, data));
        }
        Err(error) => {
            let failed = tell(EventKind::ImagePullFailed, json!({ "image": image }));
            tools.events.emit(failed.cause(error.word()).detail(error.to_string()));
        }
    }
    lead.state.send_modify(|state| state.result = Some(pulled.clone()));
    pulled
}

/// The layers of an image, by what docker prints of each.
#[derive(Debug, Default)]
struct Layers {
    known: BTreeSet<String>,
    done: BTreeSet<String>,
}

impl Layers {
    fn hear(&mut self, line: String) -> Progress {
        // `a2abf6c4d29d: Pull complete`; other lines are about the whole image.
        let of_layer = |id: &str| id.len() == 12 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        if let Some((id, what)) = line.split_once(": ").filter(|(id, _)| of_layer(id)) {
            self.known.insert(id.to_owned());
            if what.starts_with("Pull complete") || what.starts_with("Already exists") {
                self.done.insert(id.to_owned());
            }
        }
        Progress { layers: self.known.len(), done: self.done.len(), line }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_are_counted_as_docker_tells_of_them() {
        let mut layers = Layers::default();
        let lines = [
            ("latest: Pulling from agent", 0, 0),
            ("a2abf6c4d29d: Pulling fs layer", 1, 0),
            ("a9edb18cadd1: Already exists", 2, 1),
            ("a2abf6c4d29d: Verifying Checksum", 2, 1),
            ("a2abf6c4d29d: Pull complete", 2, 2),
            ("Digest: sha256:ee89b00528ff4f02f2405e4ee221743ebc3f8e8dd0bfd5c4c20a2fa2aaa7ede3", 2, 2),
            ("Status: Downloaded newer image for agent:latest", 2, 2),
        ];
        for (line, known, done) in lines {
            let progress = layers.hear(line.to_owned());
            assert_eq!((progress.layers, progress.done, progress.line.as_str()), (known, done, line));
        }
    }
}
