//! A server on a free port and a socket, and requests to it as bytes: the door is about what no HTTP library lets one send.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;

use claude_hooks_actors::handle::FleetHandle;
use serde_json::Value;

use super::conformance;
use crate::{ApiToken, HostRule, StopSwitch, WebSettings, server, stop_switch};

pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef";
/// Small, so that a test need not send much.
pub(crate) const BODY_LIMIT: usize = 1024;

/// A server of our own, stopped when it goes out of scope.
pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    socket: PathBuf,
    switch: StopSwitch,
    thread: Option<JoinHandle<()>>,
    _directory: tempfile::TempDir,
}

/// An answer, taken apart.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: String,
}

impl Answer {
    /// One that no server gave.
    pub(crate) fn of(status: u16, media: &str, body: &str) -> Self {
        let head = format!("HTTP/1.1 {status} X\r\ncontent-type: {media}");
        Self { status, head, body: body.to_owned() }
    }

    /// The body, checked for what all of ours have.
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/json"), "{self:?}");
        serde_json::from_str(&self.body).expect("the body is JSON")
    }

    /// The body without the sizes of its chunks.
    pub(crate) fn unchunked(&self) -> String {
        assert_eq!(self.header("transfer-encoding"), Some("chunked"), "{self:?}");
        let (mut rest, mut whole) = (self.body.as_str(), String::new());
        loop {
            let (size, after) = rest.split_once("\r\n").expect("a chunk begins with its size");
            let size = usize::from_str_radix(size, 16).expect("a size is a number");
            if size == 0 {
                return whole;
            }
            whole.push_str(&after[..size]);
            rest = &after[size + 2..];
        }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    /// The problem document, checked for what all of them have.
    pub(crate) fn problem(&self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"), "{self:?}");
        assert_eq!(self.header("cache-control"), Some("no-store"), "{self:?}");
        let problem: Value = serde_json::from_str(&self.body).expect("a problem is JSON");
        assert_eq!(problem["status"], self.status, "{self:?}");
        problem
    }

    /// The stable end of the problem's type.
    pub(crate) fn problem_name(&self) -> String {
        let problem = self.problem();
        let name = problem["type"].as_str().and_then(|name| name.strip_prefix(crate::PROBLEM_PREFIX));
        name.expect("every type begins alike").to_owned()
    }
}

impl TestServer {
    /// Over a handle with no fleet behind it.
    pub(crate) fn start() -> Self {
        Self::over(async || FleetHandle::detached())
    }

    /// Over the fleet that `make` starts on the server's own thread and actix system.
    pub(crate) fn over(make: impl AsyncFnOnce() -> FleetHandle + Send + 'static) -> Self {
        let directory = tempfile::tempdir().expect("a directory of our own");
        let socket = directory.path().join("api.sock");
        let tcp = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = tcp.local_addr().expect("a bound address");
        let uds = UnixListener::bind(&socket).expect("a free socket");
        let (switch, stop) = stop_switch();
        let settings = WebSettings {
            tcp: Some(tcp),
            uds: Some(uds),
            token: ApiToken::parse(TOKEN).expect("long enough"),
            sessions: None,
            hosts: vec![HostRule::parse("fleet.example.org").expect("a host")],
            body_limit_bytes: BODY_LIMIT,
            stop,
        };
        let serve = move || {
            actix_rt::System::new().block_on(async {
                let server = server(make().await, settings).expect("both listeners are good");
                server.await.expect("the server ends in order");
            });
        };
        let thread = Some(std::thread::spawn(serve));
        Self { address, socket, switch, thread, _directory: directory }
    }

    /// Sends a request with the right Host and token, over TCP.
    pub(crate) fn ask(&self, method: &str, path: &str, more: &str, body: &str) -> Answer {
        let auth = format!("Authorization: Bearer {TOKEN}\r\n{more}");
        self.ask_as(&self.address.to_string(), method, path, &auth, body)
    }

    /// Sends a request with the headers given, over TCP.
    pub(crate) fn ask_as(&self, host: &str, method: &str, path: &str, more: &str, body: &str) -> Answer {
        let answer = self.send(&request(&format!("Host: {host}\r\n{more}"), method, path, body));
        conformance::check(method, path, body, &answer);
        answer
    }

    /// Sends bytes as they are over TCP.
    pub(crate) fn send(&self, request: &[u8]) -> Answer {
        let stream = TcpStream::connect(self.address).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a stream takes a time limit");
        exchange(stream, request)
    }

    /// Sends a request without a token over the Unix socket.
    pub(crate) fn ask_socket(&self, method: &str, path: &str, more: &str, body: &str) -> Answer {
        let stream = UnixStream::connect(&self.socket).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a stream takes a time limit");
        let answer = exchange(stream, &request(&format!("Host: localhost\r\n{more}"), method, path, body));
        conformance::check(method, path, body, &answer);
        answer
    }

    /// Sends a JSON request without waiting for the answer; whoever drops what this returns hangs up.
    pub(crate) fn begin_to_ask(
        &self,
        over_tcp: bool,
        method: &str,
        path: &str,
        body: &str,
    ) -> Box<dyn Write> {
        let host = if over_tcp { self.address.to_string() } else { "localhost".to_owned() };
        let json = "Content-Type: application/json";
        let headers = format!("Host: {host}\r\nAuthorization: Bearer {TOKEN}\r\n{json}\r\n");
        let mut stream: Box<dyn Write> = if over_tcp {
            Box::new(TcpStream::connect(self.address).expect("the server listens"))
        } else {
            Box::new(UnixStream::connect(&self.socket).expect("the server listens"))
        };
        stream.write_all(&request(&headers, method, path, body)).expect("the server reads");
        stream
    }

    /// Stops it and waits for its end.
    pub(crate) fn stop(&mut self) {
        self.switch.stop();
        if let Some(thread) = self.thread.take() {
            thread.join().expect("the server does not panic");
        }
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.switch.stop();
        if let Some(thread) = self.thread.take() {
            // A panic there is told by its own message; a second one here would abort.
            let _ = thread.join();
        }
    }
}

fn request(headers: &str, method: &str, path: &str, body: &str) -> Vec<u8> {
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    format!("{method} {path} HTTP/1.1\r\n{headers}{length}Connection: close\r\n\r\n{body}").into_bytes()
}

fn exchange(mut stream: impl Read + Write, request: &[u8]) -> Answer {
    // An early refusal may end the connection while we still write; the answer is what counts.
    if let Err(error) = stream.write_all(request) {
        assert!(
            matches!(error.kind(), io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset),
            "{error}"
        );
    }
    let mut bytes = Vec::new();
    let mut chunk = [0_u8; 4096];
    // Not to the end of the connection: after an early refusal the server lingers for what is still being sent.
    while !is_whole(&bytes) {
        match stream.read(&mut chunk).expect("the server answers") {
            0 => break,
            count => bytes.extend_from_slice(&chunk[..count]),
        }
    }
    let text = String::from_utf8(bytes).expect("answers are text");
    let (head, body) =
        text.split_once("\r\n\r\n").unwrap_or_else(|| panic!("an answer has a head: {text:?}"));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status line");
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

/// An open stream over TCP, its head read.
pub(crate) fn open(server: &TestServer, path: &str) -> TcpStream {
    let mut stream = TcpStream::connect(server.address).expect("the server listens");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a stream takes a time limit");
    let host = server.address;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {TOKEN}\r\n\r\n");
    stream.write_all(request.as_bytes()).expect("the server reads");
    stream
}

/// Whether the answer has all the bytes that its head announces. A head that announces none is read to the end.
fn is_whole(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    length.and_then(|length| length.parse().ok()).is_some_and(|length: usize| body.len() >= length)
}
