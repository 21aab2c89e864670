//! A daemon that answers by a script, to see what the client sends and how it takes the answers.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};

/// What the client sent: `METHOD path`, the headers that matter, the body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) if_match: Option<String>,
    pub(crate) lease_fence: Option<String>,
    pub(crate) accept: Option<String>,
    pub(crate) last_event_id: Option<String>,
    pub(crate) body: String,
}

/// An answer: status, further header lines, body.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    status: u16,
    headers: String,
    body: String,
}

impl Answer {
    pub(crate) fn ok(body: impl Into<String>) -> Self {
        Self { status: 200, headers: "content-type: application/json\r\n".to_owned(), body: body.into() }
    }

    /// A stream that ends after these frames.
    pub(crate) fn stream(body: impl Into<String>) -> Self {
        Self { headers: "content-type: text/event-stream\r\n".to_owned(), ..Self::ok(body) }
    }

    pub(crate) fn tagged(generation: u64, body: impl Into<String>) -> Self {
        let ok = Self::ok(body);
        Self { headers: format!("{}etag: \"{generation}\"\r\n", ok.headers), ..ok }
    }

    pub(crate) fn problem(status: u16, kind: &str, detail: &str, help: Option<&str>) -> Self {
        let body = serde_json::json!({
            "type": format!("urn:claude-hooks:problem:{kind}"), "title": kind, "status": status, "detail": detail,
            "help": help,
        });
        Self {
            status,
            headers: "content-type: application/problem+json\r\n".to_owned(),
            body: body.to_string(),
        }
    }
}

/// Listens in a directory of its own until it is dropped; answers in the order of its script.
#[derive(Debug)]
pub(crate) struct FakeDaemon {
    dir: tempfile::TempDir,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl FakeDaemon {
    /// Must be called inside a tokio runtime.
    pub(crate) fn start(script: Vec<Answer>) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory can be made");
        let listener = UnixListener::bind(dir.path().join("s")).expect("a socket can be bound there");
        let seen = Arc::new(Mutex::new(Vec::new()));
        let log = seen.clone();
        tokio::spawn(async move {
            for answer in script {
                let Ok((stream, _)) = listener.accept().await else { return };
                let Some(request) = serve(stream, &answer).await else { return };
                log.lock().expect("nobody panics with it").push(request);
            }
        });
        Self { dir, seen }
    }

    pub(crate) fn socket(&self) -> PathBuf {
        self.dir.path().join("s")
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("nobody panics with it").clone()
    }
}

async fn serve(mut stream: UnixStream, answer: &Answer) -> Option<Seen> {
    let mut bytes = Vec::new();
    let (head, length) = loop {
        let mut piece = [0; 4096];
        let count = stream.read(&mut piece).await.ok()?;
        bytes.extend_from_slice(&piece[..count]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some(end) = text.find("\r\n\r\n") {
            let head = text[..end].to_owned();
            let length = header(&head, "content-length").and_then(|l| l.parse().ok()).unwrap_or(0);
            if bytes.len() >= end + 4 + length {
                break (head, length);
            }
        }
        if count == 0 {
            return None;
        }
    };
    let body = String::from_utf8_lossy(&bytes[bytes.len() - length..]).into_owned();
    let line = head.lines().next()?.trim_end_matches(" HTTP/1.1").to_owned();
    let seen = Seen {
        line,
        if_match: header(&head, "if-match"),
        lease_fence: header(&head, "lease-fence"),
        accept: header(&head, "accept").filter(|accept| accept != "*/*"),
        last_event_id: header(&head, "last-event-id"),
        body,
    };
    let Answer { status, headers, body } = answer;
    let length = body.len();
    let text = format!(
        "HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n{body}"
    );
    stream.write_all(text.as_bytes()).await.ok()?;
    Some(seen)
}

fn header(head: &str, name: &str) -> Option<String> {
    head.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        key.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
    })
}
