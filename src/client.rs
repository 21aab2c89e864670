//! The command line's way to the running daemon: HTTP over its Unix socket.

mod problem;
mod sse;

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use claude_hooks_actors::model::LeaseId;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, TryStreamExt};
use reqwest::header::{ACCEPT, CONTENT_TYPE, ETAG, IF_MATCH};
use reqwest::{Method, RequestBuilder, Response};
use serde_json::Value;

pub use problem::Problem;
pub use sse::{Frame, SseParser};

/// A read is answered from memory; a daemon that takes longer hangs.
const READ_PATIENCE: Duration = Duration::from_secs(15);

/// Why the daemon did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("no daemon answers on {}", socket.display())]
    NoDaemon { socket: PathBuf },
    #[error("no permission to use {}", socket.display())]
    Permission { socket: PathBuf },
    #[error("the daemon on {} did not answer within {after:?}", socket.display())]
    NoAnswer { socket: PathBuf, after: Duration },
    /// The connection broke after the request was sent: it may have been carried out.
    #[error("the connection to the daemon broke: {detail}")]
    Broken { detail: String },
    #[error("the daemon refuses: {0}")]
    Refused(Box<Problem>),
    #[error("what answers on {} is not this daemon, or another version of it: {detail}", socket.display())]
    Garbled { socket: PathBuf, detail: String },
}

impl ClientError {
    /// Nobody listens there: work that can be done alone may be done alone.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::NoDaemon { .. })
    }

    /// Neither the daemon nor, behind it, docker could be reached.
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::NoDaemon { .. } | Self::Permission { .. } | Self::NoAnswer { .. } | Self::Broken { .. } => {
                true
            }
            Self::Refused(problem) => problem.is_docker_outage(),
            Self::Garbled { .. } => false,
        }
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::NoDaemon { .. } => Some(
                "start it with `claude-hooks serve` (or `systemctl start claude-hooks` where it is a service); if it \
                 runs with another data directory, say which with --data-dir or --socket"
                    .to_owned(),
            ),
            Self::Permission { .. } => {
                Some("run this as the user whose daemon it is; the socket is for that user alone".to_owned())
            }
            Self::NoAnswer { .. } => {
                Some("look at its log; if it hangs, restart it: the containers keep running".to_owned())
            }
            Self::Broken { .. } => {
                Some("a change may have been carried out: look with `claude-hooks agents list`".to_owned())
            }
            Self::Refused(problem) => problem.help(),
            Self::Garbled { .. } => Some("use the program that the daemon was started from".to_owned()),
        }
    }
}

/// A body as it comes.
pub type ByteStream = BoxStream<'static, Result<Bytes, ClientError>>;

fn pieces(answer: Response) -> ByteStream {
    let broken = |error: reqwest::Error| ClientError::Broken { detail: innermost(&error) };
    answer.bytes_stream().map_err(broken).boxed()
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

    /// Reads `path` below `/api/v1`.
    pub async fn get(&self, path: &str) -> Result<Value, ClientError> {
        let request = self.request(Method::GET, path).timeout(READ_PATIENCE);
        self.json(self.answer(request).await?).await
    }

    /// Reads what the daemon must ask docker for first, so it may take as long as docker does.
    pub async fn get_slowly(&self, path: &str) -> Result<Value, ClientError> {
        self.json(self.answer(self.request(Method::GET, path)).await?).await
    }

    /// Reads `path` and the entity tag of what it found.
    pub async fn get_tagged(&self, path: &str) -> Result<(Value, String), ClientError> {
        let answer = self.answer(self.request(Method::GET, path).timeout(READ_PATIENCE)).await?;
        let tag = answer.headers().get(ETAG).and_then(|tag| tag.to_str().ok()).map(ToOwned::to_owned);
        let tag = tag.ok_or_else(|| self.garbled(format!("{path} has no ETag")))?;
        Ok((self.json(answer).await?, tag))
    }

    /// Reads a page of the events.
    pub async fn get_json_of_stream(&self, path: &str) -> Result<Value, ClientError> {
        let request = self.request(Method::GET, path).timeout(READ_PATIENCE);
        self.json(self.answer(request.header(ACCEPT, "application/json")).await?).await
    }

    /// Changes something. Without a deadline of its own: a create may wait for docker.
    pub async fn change(
        &self,
        method: Method,
        path: &str,
        body: &Value,
        if_match: Option<&str>,
    ) -> Result<Value, ClientError> {
        let mut request = self.request(method, path).header(CONTENT_TYPE, "application/json");
        request = request.body(body.to_string());
        if let Some(tag) = if_match {
            request = request.header(IF_MATCH, tag);
        }
        self.json(self.answer(request).await?).await
    }

    /// Renews (`PUT`) or releases (`DELETE`) a lease.
    pub async fn on_lease(&self, method: Method, id: LeaseId, fence: u64) -> Result<Value, ClientError> {
        let request = self.request(method, &format!("leases/{id}")).timeout(READ_PATIENCE);
        let request = request.header(CONTENT_TYPE, "application/json").header("Lease-Fence", fence);
        self.json(self.answer(request).await?).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, ClientError> {
        self.change(Method::POST, path, body, None).await
    }

    /// Reads the body of `path` as it comes.
    pub async fn stream(&self, path: &str, accept: &'static str) -> Result<ByteStream, ClientError> {
        let request = self.request(Method::GET, path).header(ACCEPT, accept);
        Ok(pieces(self.answer(request).await?))
    }

    /// Follows a stream of events from behind `last` on.
    pub async fn follow(&self, path: &str, last: Option<&str>) -> Result<ByteStream, ClientError> {
        let mut request = self.request(Method::GET, path).header(ACCEPT, "text/event-stream");
        if let Some(last) = last {
            request = request.header("Last-Event-ID", last);
        }
        Ok(pieces(self.answer(request).await?))
    }

    /// A path from the root begins with a slash, any other is below the API.
    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let base = if path.starts_with('/') { "" } else { "/api/v1/" };
        self.http.request(method, format!("http://localhost{base}{path}"))
    }

    async fn answer(&self, request: RequestBuilder) -> Result<Response, ClientError> {
        let answer = request.send().await.map_err(|error| self.translate(&error))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let body = answer.bytes().await.map_err(|error| self.translate(&error))?;
        Err(match Problem::parse(&body) {
            Some(problem) => ClientError::Refused(Box::new(problem)),
            None => self.garbled(format!("status {status} without a problem document")),
        })
    }

    async fn json(&self, answer: Response) -> Result<Value, ClientError> {
        let body = answer.bytes().await.map_err(|error| self.translate(&error))?;
        if body.is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_slice(&body).map_err(|error| self.garbled(error.to_string()))
    }

    /// For answers that are JSON, but not of the shape that was agreed.
    pub fn garbled(&self, detail: impl Into<String>) -> ClientError {
        ClientError::Garbled { socket: self.socket.clone(), detail: detail.into() }
    }

    fn translate(&self, error: &reqwest::Error) -> ClientError {
        let socket = self.socket.clone();
        if error.is_timeout() {
            return ClientError::NoAnswer { socket, after: READ_PATIENCE };
        }
        if error.is_connect() {
            return match io_kind(error) {
                Some(io::ErrorKind::PermissionDenied) => ClientError::Permission { socket },
                _ => ClientError::NoDaemon { socket },
            };
        }
        ClientError::Broken { detail: innermost(error) }
    }
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |error| error.source())
}

fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    causes(error).find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind)
}

/// The last cause says what happened; the ones around it only who noticed.
fn innermost(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(|| error.to_string(), ToString::to_string)
}

#[cfg(test)]
pub(crate) mod fake;
#[cfg(test)]
mod tests;
