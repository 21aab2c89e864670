//! What an agent may say of itself by its own socket, and what it cannot.

use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::Duration;

use claude_hooks_actors::testing::name;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use super::world::{World, condition, eventually};
use crate::serve_agent;

/// The socket of one agent, served on a thread of its own.
struct Socket {
    path: PathBuf,
    ends: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
    _directory: tempfile::TempDir,
}

impl Socket {
    fn of(world: &World, instance: &'static str) -> Self {
        let directory = tempfile::tempdir().expect("a directory of our own");
        let path = directory.path().join("socket");
        let listener = UnixListener::bind(&path).expect("a free socket");
        let (ends, ended) = oneshot::channel();
        let fleet = world.fleet.clone();
        let serve = move || {
            let ended = async { drop(ended.await) };
            let served = serve_agent(fleet, name(instance), listener, ended);
            actix_rt::System::new().block_on(served).expect("it ends in order");
        };
        let thread = Some(std::thread::spawn(serve));
        Self { path, ends: Some(ends), thread, _directory: directory }
    }

    /// Status and body of the answer to these bytes.
    fn raw(&self, request: &str) -> (u16, Value) {
        let mut stream = UnixStream::connect(&self.path).expect("somebody listens");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a timeout can be set");
        // A server that refuses early may not read all of it.
        let _ = stream.write_all(request.as_bytes());
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or_default();
        let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
        (status, serde_json::from_str(body).unwrap_or_default())
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.raw(&format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        drop(self.ends.take());
        let ended = self.thread.take().expect("it was started").join();
        assert!(ended.is_ok() || std::thread::panicking());
    }
}

#[test]
fn an_agent_parks_itself_and_nobody_else() {
    let world = World::with(&[("alice", "dev"), ("bob", "dev")]);
    let socket = Socket::of(&world, "alice");
    let (status, told) = socket.ask("GET", "/self", &Value::Null);
    assert_eq!((status, &told["name"], &told["parked"]), (200, &json!("alice"), &Value::Null), "{told}");
    let park = json!({ "kind": "quota", "for_s": 3600, "reason": "weekly\u{1b}[2J limit" });
    let (status, told) = socket.ask("POST", "/park", &park);
    assert_eq!((status, &told["parked"]["by"]), (200, &json!("agent")), "{told}");
    assert_eq!(told["parked"]["reason"], "weekly [2J limit", "inert");
    let alice = world.get("agents/alice").json();
    assert!(condition(&alice, "parked").is_some(), "{alice}");
    assert!(condition(&world.get("agents/bob").json(), "parked").is_none(), "it spoke of itself");
    let refused = world.post("leases", &json!({ "instance": "alice", "holder": "h" }));
    assert_eq!((refused.status, refused.problem_name().as_str()), (503, "parked"));
    assert_eq!(socket.ask("DELETE", "/park", &Value::Null).0, 200, "it parked itself");
    assert!(condition(&world.get("agents/alice").json(), "parked").is_none());

    for (method, path, body) in [
        ("GET", "/api/v1/agents", Value::Null),
        ("GET", "/agents/bob", Value::Null),
        ("GET", "/self/../bob", Value::Null),
        ("POST", "/api/v1/agents/bob/park", json!({ "kind": "other" })),
    ] {
        assert_eq!(socket.ask(method, path, &body).0, 404, "{method} {path}");
    }
    for key in ["name", "instance", "scope", "holder"] {
        let mut body = park.clone();
        body[key] = json!("bob");
        let (status, told) = socket.ask("POST", "/park", &body);
        assert_eq!((status, &told["field"]), (422, &json!(key)), "{told}");
    }
    assert!(condition(&world.get("agents/bob").json(), "parked").is_none());
}

#[test]
fn what_an_operator_said_stands_and_bounds_are_kept() {
    let world = World::with(&[("alice", "dev")]);
    let socket = Socket::of(&world, "alice");
    for body in [
        json!({ "kind": "quota" }),
        json!({ "kind": "quota", "for_s": 9 * 86_400 }),
        json!({ "kind": "quota", "until": "2001-01-01T00:00:00Z" }),
    ] {
        assert_eq!(socket.ask("POST", "/park", &body).0, 422, "{body}");
    }
    world.post("agents/alice/park", &json!({ "kind": "other", "reason": "an operator's" }));
    for (method, body) in [("DELETE", Value::Null), ("POST", json!({ "kind": "auth", "for_s": 1 }))] {
        let (status, told) = socket.ask(method, "/park", &body);
        assert_eq!(status, 409, "{method}: {told}");
    }
    assert_eq!(socket.ask("POST", "/hold", &json!({ "ttl_s": 60 })).0, 409, "a hot one runs anyway");
    let large = "x".repeat(9000);
    assert_eq!(socket.ask("POST", "/progress", &json!({ "text": large })).0, 413);
}

#[test]
fn an_agent_tells_how_far_it_is_and_asks_for_a_person() {
    let world = World::with(&[("alice", "dev")]);
    let socket = Socket::of(&world, "alice");
    let (status, told) = socket.ask("POST", "/progress", &json!({ "text": "half\ndone" }));
    assert_eq!((status, &told["progress"]["text"]), (200, &json!("half done")), "{told}");
    assert_eq!(world.get("agents/alice").json()["progress"]["text"], "half done");
    assert_eq!(socket.ask("POST", "/need-human", &json!({ "reason": "sign in" })).0, 200);
    assert_eq!(
        condition(&world.get("agents/alice").json(), "needs_human").expect("it is one")["reason"],
        "sign in"
    );
    assert_eq!(socket.ask("DELETE", "/need-human", &Value::Null).0, 200);
    assert!(condition(&world.get("agents/alice").json(), "needs_human").is_none());
}

#[test]
fn an_agent_keeps_itself_awake_and_shortens_no_hold_of_an_operator() {
    let world = World::with(&[("z", "lazy")]);
    let socket = Socket::of(&world, "z");
    assert_eq!(socket.ask("POST", "/hold", &json!({ "ttl_s": 600 })).0, 200);
    assert!(condition(&world.get("agents/z").json(), "kept_awake").is_some());
    assert_eq!(socket.ask("DELETE", "/hold", &Value::Null).0, 200);
    assert!(condition(&world.get("agents/z").json(), "kept_awake").is_none());
    assert_eq!(socket.ask("POST", "/hold", &json!({ "ttl_s": 86_400 })).0, 422, "at most two hours");

    let held = world.post("agents/z/hold", &json!({ "ttl_s": 3600 })).json();
    let until = condition(&held, "kept_awake").expect("it is held")["reason"].clone();
    assert_eq!(socket.ask("POST", "/hold", &json!({ "ttl_s": 60 })).0, 200);
    assert_eq!(condition(&world.get("agents/z").json(), "kept_awake").expect("it is held")["reason"], until);
    assert_eq!(socket.ask("DELETE", "/hold", &Value::Null).0, 409);
    assert!(condition(&world.get("agents/z").json(), "kept_awake").is_some());
}

#[test]
fn a_flood_is_refused_and_others_are_served() {
    let world = World::with(&[("alice", "dev"), ("bob", "dev")]);
    let (alice, bob) = (Socket::of(&world, "alice"), Socket::of(&world, "bob"));
    let answers: Vec<u16> =
        (0..30).map(|word| alice.ask("POST", "/progress", &json!({ "text": word.to_string() })).0).collect();
    let refused = answers.iter().filter(|status| **status == 429).count();
    assert!((1..=10).contains(&refused), "{answers:?}");
    assert_eq!(bob.ask("GET", "/self", &Value::Null).0, 200, "another one has its own measure");
    assert_eq!(world.get("agents").status, 200);

    // Connections that say nothing are few, and end.
    let silent: Vec<UnixStream> =
        (0..50).map(|_| UnixStream::connect(&bob.path).expect("the queue has room")).collect();
    assert_eq!(world.get("agents").status, 200);
    drop(silent);
    eventually("it is heard again", || (bob.ask("GET", "/self", &Value::Null).0 == 200).then_some(()));
    assert_eq!(bob.raw("no http\r\n\r\n").0, 400);
}
