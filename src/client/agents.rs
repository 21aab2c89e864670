//! Agents: rows, what is done to them, why they are as they are, and what they print.

use std::collections::VecDeque;

use claude_hooks_actors::drift::AgentSpec;
use claude_hooks_actors::handle::Wiped;
use claude_hooks_actors::model::{AgentView, InstanceName, Why};
use claude_hooks_web::wire::{AgentPatch, Changed, Confirm, Hold, List, NewAgent, Nothing, Recover, Waited};
use futures_util::StreamExt as _;
use reqwest::Method;
use reqwest::header::{ETAG, IF_MATCH};
use serde::Deserialize;

use super::{Answer, ByteStream, Client, ClientError, Frame, READ_PATIENCE, SseParser, forcing, query};

/// What is done to the container of an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Lets it run; a hot one that was stopped by hand runs again.
    Start,
    /// A hot one stays down until it is started.
    Stop,
    /// Stops and starts the same container.
    Restart,
    /// Replaces the container, with what the name of its image means now.
    Recreate,
    /// Goes on after the state was lost, with an empty volume; refused unless the loss is accepted.
    Recover { accept_state_loss: bool },
    /// Takes over a foreign container of its name.
    Adopt,
}

/// An agent and the tag by which a change names what it changes.
#[derive(Clone, Debug)]
pub struct Tagged {
    pub agent: Answer<AgentView>,
    pub tag: String,
}

impl Client {
    /// All agents, by name.
    pub async fn agents(&self) -> Result<Answer<List<AgentView>>, ClientError> {
        self.get("agents").await
    }

    pub async fn agent(&self, name: &InstanceName) -> Result<Tagged, ClientError> {
        let request = self.request(Method::GET, &format!("agents/{name}")).timeout(READ_PATIENCE);
        let answer = self.send(request).await?;
        let tag = answer.headers().get(ETAG).and_then(|tag| tag.to_str().ok()).map(ToOwned::to_owned);
        let tag = tag.ok_or_else(|| self.garbled(format!("agents/{name} has no ETag")))?;
        Ok(Tagged { agent: self.json(answer).await?, tag })
    }

    /// Answers once docker has done what is due; a failure of docker is in the outcome.
    pub async fn create_agent(&self, agent: &NewAgent) -> Result<Answer<Changed>, ClientError> {
        self.post("agents", agent).await
    }

    /// `tag` is that of the agent as it was read, or `*`. `force` takes it from whoever works with it.
    pub async fn update_agent(
        &self,
        name: &InstanceName,
        changes: &AgentPatch,
        tag: &str,
        force: bool,
    ) -> Result<Answer<Changed>, ClientError> {
        let path = format!("agents/{name}{}", forcing(force));
        self.answer(self.change(Method::PATCH, &path, changes)?.header(IF_MATCH, tag)).await
    }

    /// The row and the container; the state stays. Without a `tag`, whatever is there.
    pub async fn delete_agent(
        &self,
        name: &InstanceName,
        tag: Option<&str>,
        force: bool,
    ) -> Result<Answer<Changed>, ClientError> {
        let mut request =
            self.change(Method::DELETE, &format!("agents/{name}{}", forcing(force)), &Nothing {})?;
        if let Some(tag) = tag {
            request = request.header(IF_MATCH, tag);
        }
        self.answer(request).await
    }

    /// `force` takes it from whoever works with it instead of waiting for them.
    pub async fn act(
        &self,
        name: &InstanceName,
        action: Action,
        force: bool,
    ) -> Result<Answer<Changed>, ClientError> {
        let path = |verb: &str| format!("agents/{name}/{verb}{}", forcing(force));
        match action {
            Action::Start => self.post(&path("start"), &Nothing {}).await,
            Action::Stop => self.post(&path("stop"), &Nothing {}).await,
            Action::Restart => self.post(&path("restart"), &Nothing {}).await,
            Action::Recreate => self.post(&path("recreate"), &Nothing {}).await,
            Action::Adopt => self.post(&path("adopt"), &Nothing {}).await,
            Action::Recover { accept_state_loss } => {
                self.post(&path("recover"), &Recover { accept_state_loss }).await
            }
        }
    }

    /// Destroys the state of an agent that was deleted, for ever.
    pub async fn wipe_agent(&self, name: &InstanceName) -> Result<Answer<Wiped>, ClientError> {
        self.post(&format!("agents/{name}/wipe"), &Confirm { confirm: name.clone() }).await
    }

    /// Grants no new lease on it, or grants them again.
    pub async fn cordon(
        &self,
        name: &InstanceName,
        cordoned: bool,
    ) -> Result<Answer<AgentView>, ClientError> {
        let verb = if cordoned { "cordon" } else { "uncordon" };
        self.post(&format!("agents/{name}/{verb}"), &Nothing {}).await
    }

    /// Wakes a lazy one and keeps it awake for so many seconds; `None` no longer.
    pub async fn hold(
        &self,
        name: &InstanceName,
        ttl_s: Option<u64>,
    ) -> Result<Answer<AgentView>, ClientError> {
        let path = format!("agents/{name}/hold");
        match ttl_s {
            Some(ttl_s) => self.post(&path, &Hold { ttl_s }).await,
            None => self.answer(self.change(Method::DELETE, &path, &Nothing {})?).await,
        }
    }

    /// Until it is in `state`, a phase or `gone`; too late is a problem `wait-timeout`.
    pub async fn wait_for(
        &self,
        name: &InstanceName,
        state: &str,
        timeout_s: u64,
    ) -> Result<Answer<Waited>, ClientError> {
        self.get_slowly(&format!("agents/{name}/wait?state={state}&timeout_s={timeout_s}")).await
    }

    /// Why it is in its phase.
    pub async fn why(&self, name: &InstanceName) -> Result<Answer<Why>, ClientError> {
        self.get(&format!("agents/{name}/why")).await
    }

    /// What it should be made of, and what docker says it is made of.
    pub async fn spec(&self, name: &InstanceName) -> Result<Answer<AgentSpec>, ClientError> {
        self.get_slowly(&format!("agents/{name}/spec")).await
    }

    /// The last lines that its container printed, both streams in the order they came in.
    pub async fn logs(&self, name: &InstanceName, tail: u32) -> Result<ByteStream, ClientError> {
        self.stream(&format!("agents/{name}/logs?tail={tail}"), "text/plain").await
    }

    /// The last lines and what follows, until the container stops.
    pub async fn follow_logs(&self, name: &InstanceName, tail: u32) -> Result<LogStream, ClientError> {
        let pairs = [format!("tail={tail}"), "follow=1".to_owned()];
        let path = format!("agents/{name}/logs{}", query(&pairs));
        let bytes = self.stream(&path, "text/event-stream").await?;
        Ok(LogStream { bytes, parser: SseParser::default(), frames: VecDeque::new(), client: self.clone() })
    }
}

/// A piece of a container's output, as it wrote it and not in lines.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Logged {
    /// `stdout` or `stderr`.
    pub stream: String,
    pub text: String,
}

/// A container's output as it comes.
pub struct LogStream {
    bytes: ByteStream,
    parser: SseParser,
    /// Came already, and is told first.
    frames: VecDeque<Frame>,
    client: Client,
}

impl std::fmt::Debug for LogStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogStream").field("client", &self.client).finish_non_exhaustive()
    }
}

impl LogStream {
    /// The next; `None` at the end.
    pub async fn next(&mut self) -> Option<Result<Logged, ClientError>> {
        loop {
            while let Some(frame) = self.frames.pop_front() {
                if let Some(told) = self.read(&frame) {
                    return Some(told);
                }
            }
            match self.bytes.next().await? {
                Ok(piece) => self.frames.extend(self.parser.push(&piece)),
                Err(error) => return Some(Err(error)),
            }
        }
    }

    fn read(&self, frame: &Frame) -> Option<Result<Logged, ClientError>> {
        let garbled = |error: serde_json::Error| self.client.garbled(error.to_string());
        match frame.event.as_str() {
            "log" => Some(serde_json::from_str(&frame.data).map_err(garbled)),
            "error" => Some(match serde_json::from_str(&frame.data) {
                Ok(problem) => Err(ClientError::Refused(problem)),
                Err(error) => Err(garbled(error)),
            }),
            // `end`, and what a later daemon may add.
            _ => None,
        }
    }
}
