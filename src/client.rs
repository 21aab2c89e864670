//! A client of the running daemon, for the command line and for programs of your own: HTTP over its Unix socket.
//!
//! There is a method per thing that can be asked, by resource; names and bodies are the types of the model and of
//! [`wire`], so what is sent is well-formed. An [`Answer`] is read as its type when that is wanted: until then it is the
//! JSON that came, with members that this version may not know. Whatever goes wrong is one [`ClientError`], with the
//! daemon's own [`Problem`] document inside where it refused.
//!
//! ```no_run
//! use claude_hooks::client::wire::{Claim, NewTask};
//! use claude_hooks::client::{Client, ClientError};
//!
//! # async fn work() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new("/home/ann/.local/state/claude-hooks/claude-hooks.sock".as_ref());
//! for agent in client.agents().await?.read()?.items {
//!     println!("{} is {}", agent.name, agent.observed.phase);
//! }
//! let argv = vec!["make".to_owned(), "test".to_owned()];
//! let task = NewTask { argv, agent_type: Some("dev".parse()?), ..NewTask::default() };
//! let task = client.submit(&task).await?.read()?;
//! let done = client.task(task.id, Some(60)).await?.read()?;
//! println!("{}: exit code {:?}", done.state, done.exit_code);
//!
//! let claim = Claim { agent_type: Some("dev".parse()?), holder: "me".to_owned(), ..Claim::default() };
//! match client.claim(&claim).await {
//!     Ok(lease) => println!("got {}", lease.read()?.instance),
//!     Err(ClientError::Refused(problem)) if problem.name() == "nobody-free" => println!("{problem}"),
//!     Err(error) => return Err(error.into()),
//! }
//! # Ok(())
//! # }
//! ```

mod agents;
mod answer;
mod error;
mod events;
mod fleet;
mod help;
mod leases;
mod parking;
mod rollouts;
mod sse;
mod tasks;

use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder, Response};
use serde::Serialize;
use serde_json::Value;

pub use agents::{Action, LogStream, Logged, Tagged};
pub use answer::Answer;
pub use claude_hooks_web::wire;
pub use claude_hooks_web::wire::Problem;
pub use error::ClientError;
pub use events::{EventQuery, EventStream, Happening};
pub use rollouts::RolloutWish;
pub use sse::{Frame, SseParser};
pub use tasks::TaskQuery;

/// A read is answered from memory; a daemon that takes longer hangs.
const READ_PATIENCE: Duration = Duration::from_secs(15);

/// A body as it comes.
pub type ByteStream = BoxStream<'static, Result<Bytes, ClientError>>;

fn pieces(answer: Response) -> ByteStream {
    answer.bytes_stream().map_err(|error| ClientError::broken(&error)).boxed()
}

/// One daemon, by its socket.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    socket: PathBuf,
}

impl Client {
    pub fn new(socket: &Path) -> Self {
        let http = reqwest::Client::builder()
            .unix_socket(socket)
            .no_proxy()
            .build()
            .expect("a client without TLS and resolver has nothing that can fail");
        Self { http, socket: socket.to_owned() }
    }

    /// A path from the root begins with a slash, any other is below the API.
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let base = if path.starts_with('/') { "" } else { "/api/v1/" };
        self.http.request(method, format!("http://localhost{base}{path}"))
    }

    /// Reads what the daemon answers from memory.
    async fn get<T>(&self, path: &str) -> Result<Answer<T>, ClientError> {
        self.answer(self.request(Method::GET, path).timeout(READ_PATIENCE)).await
    }

    /// Reads what the daemon must ask docker for first, so it may take as long as docker does.
    async fn get_slowly<T>(&self, path: &str) -> Result<Answer<T>, ClientError> {
        self.answer(self.request(Method::GET, path)).await
    }

    /// Changes something. Without a deadline of its own: a create may wait for docker.
    fn change(
        &self,
        method: Method,
        path: &str,
        body: &impl Serialize,
    ) -> Result<RequestBuilder, ClientError> {
        let body = serde_json::to_value(body).map_err(|error| self.garbled(error.to_string()))?;
        let request = self.request(method, path).header(CONTENT_TYPE, "application/json");
        Ok(request.body(body.to_string()))
    }

    async fn post<T>(&self, path: &str, body: &impl Serialize) -> Result<Answer<T>, ClientError> {
        self.answer(self.change(Method::POST, path, body)?).await
    }

    /// The body as it comes.
    async fn stream(&self, path: &str, accept: &'static str) -> Result<ByteStream, ClientError> {
        Ok(pieces(self.send(self.request(Method::GET, path).header(ACCEPT, accept)).await?))
    }

    async fn answer<T>(&self, request: RequestBuilder) -> Result<Answer<T>, ClientError> {
        let answer = self.send(request).await?;
        self.json(answer).await
    }

    /// Sends it; what is no success is an error.
    async fn send(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        let answer = request.send().await.map_err(|error| self.translate(&error))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let body = answer.bytes().await.map_err(|error| self.translate(&error))?;
        Err(match serde_json::from_slice(&body) {
            Ok(problem) => ClientError::Refused(Box::new(problem)),
            Err(_) => self.garbled(format!("status {status} without a problem document")),
        })
    }

    async fn json<T>(&self, answer: Response) -> Result<Answer<T>, ClientError> {
        let body = answer.bytes().await.map_err(|error| self.translate(&error))?;
        let json = if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&body).map_err(|error| self.garbled(error.to_string()))?
        };
        Ok(Answer::new(json, &self.socket))
    }

    /// For answers that are not of the shape that was agreed.
    fn garbled(&self, detail: impl Into<String>) -> ClientError {
        ClientError::Garbled { socket: self.socket.clone(), detail: detail.into() }
    }

    fn translate(&self, error: &reqwest::Error) -> ClientError {
        ClientError::of_request(error, &self.socket, READ_PATIENCE)
    }
}

/// `?a=1&b=2`. Names, words and numbers of ours need no escaping.
fn query(pairs: &[String]) -> String {
    if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
}

/// What it adds to a path that somebody is not waited for.
fn forcing(force: bool) -> &'static str {
    if force { "?force=1" } else { "" }
}

#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod tests;

/// The programs of the page are compiled.
#[cfg(doctest)]
#[doc = include_str!("../docs/api.md")]
struct ApiPage;
