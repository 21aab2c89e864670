//! A blocking face on reqwest: stories read from top to bottom.

use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, RequestBuilder};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::runtime::Runtime;

/// Drives the requests of all stories.
pub(crate) static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| Runtime::new().expect("a runtime can be started"));

/// Longer than every wait that a story asks the daemon for.
const PATIENCE: Duration = Duration::from_mins(2);

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    headers: HeaderMap,
    pub(crate) body: String,
}

impl Reply {
    /// A header that is text.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    #[track_caller]
    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("not what was expected ({error}), {}: {}", self.status, self.body))
    }

    /// Fails unless the status is this one; gives itself for the next step.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// Fails unless this is a problem document of RFC 9457 that agrees with the status.
    #[track_caller]
    pub(crate) fn problem(&self) -> Value {
        assert!(self.content_type.starts_with("application/problem+json"), "{self:?}");
        let problem: Value = self.json();
        assert_eq!(problem["status"], self.status, "{problem}");
        assert!(problem["type"].is_string() && problem["title"].is_string(), "{problem}");
        problem
    }
}

pub(crate) fn send(request: RequestBuilder) -> Result<Reply, reqwest::Error> {
    RUNTIME.block_on(async {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let content_type = headers.get("content-type").and_then(|value| value.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        Ok(Reply { status, content_type, headers, body: response.text().await? })
    })
}

/// A client that keeps no connection: the daemon is killed and restarted under it.
pub(crate) fn client(socket: Option<&Path>) -> Client {
    let mut builder = Client::builder().pool_max_idle_per_host(0).no_proxy();
    if let Some(path) = socket {
        builder = builder.unix_socket(path);
    }
    builder.build().expect("a client without TLS needs nothing")
}

pub(crate) fn request(client: &Client, method: Method, url: &str) -> RequestBuilder {
    client.request(method, url).timeout(PATIENCE)
}
