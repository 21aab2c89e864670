//! What the API refuses: each with a problem document, and without a call of docker.

use std::net::IpAddr;

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::{Fleet, Reply, host, hot, lazy};

/// A fleet whose docker is only called when a request asks for it.
fn fleet() -> Option<Fleet> {
    let mut fleet = Fleet::new([lazy("dev"), host("desk")])?;
    fleet.with_faults();
    fleet.without_docker_events(3600);
    fleet.start();
    fleet.faults().reset();
    Some(fleet)
}

#[track_caller]
fn assert_refused(reply: &Reply, status: u16, about: &str) {
    assert_eq!(reply.status, status, "{about}: {reply:?}");
    let problem = reply.problem();
    for member in ["type", "detail", "help"] {
        assert!(
            problem[member].as_str().is_some_and(|text| !text.is_empty()),
            "{about}: {member}: {problem}"
        );
    }
}

#[track_caller]
fn assert_no_docker_call(fleet: &Fleet) {
    let calls = fleet.faults().calls();
    assert!(calls.is_empty(), "refused, but docker was called: {calls:?}");
}

#[test]
fn what_is_no_name_is_refused_with_the_field_and_without_a_docker_call() {
    let Some(fleet) = fleet() else { return };
    let long = "a".repeat(300);
    for name in ["-x", "../a", "a;b", "é", "", "A", "a b", "a-prev", "a\n", &long] {
        let refused = fleet.post("/api/v1/agents", &json!({ "name": name, "type": "dev" }));
        assert_refused(&refused, 422, name);
        assert_eq!(refused.problem()["field"], "name", "{name:?}: {refused:?}");
    }
    for name in ["-x", "..%2Fa", "a;b", "%C3%A9", "a%00b", &long] {
        assert_refused(&fleet.get(&format!("/api/v1/agents/{name}")), 404, name);
        let delete = fleet.unix(Method::DELETE, &format!("/api/v1/agents/{name}"));
        let refused = fleet.send(delete.header("Content-Type", "application/json"));
        assert_refused(&refused, 404, name);
    }
    assert_no_docker_call(&fleet);
    assert_eq!(fleet.agents().len(), 2);
}

#[test]
fn values_that_docker_could_read_otherwise_are_refused_without_a_docker_call() {
    let Some(fleet) = fleet() else { return };
    let mount = |source: &str, target: &str| json!({ "mounts": [{ "source": source, "target": target }] });
    let cases: Vec<(&str, Value)> = vec![
        ("a key with a space", json!({ "env": { "A B": "1" } })),
        ("a key with =", json!({ "env": { "A=B": "1" } })),
        ("a value with a newline", json!({ "env": { "A": "1\nB=2" } })),
        ("a value with NUL", json!({ "env": { "A": "1\u{0}" } })),
        ("the root of the host", mount("/", "/host")),
        ("the docker socket", mount("/var/run/docker.sock", "/run/docker.sock")),
        ("the other docker socket", mount("/run/docker.sock", "/x")),
        ("a directory above the socket", mount("/run", "/x")),
        ("a way up", mount("/srv/../var/run/docker.sock", "/x")),
        ("a mount outside every allowed root", mount("/srv", "/x")),
        ("over the state", mount("/srv", "/state")),
        ("an image that is an option", json!({ "image": "--privileged" })),
        ("the host's network", json!({ "network": "host" })),
        ("a network that is an option", json!({ "network": "--privileged" })),
        ("a lifecycle that is none", json!({ "lifecycle": "warm" })),
        ("less memory than docker takes", json!({ "limits": { "memory": "1k" } })),
        ("an unknown field", json!({ "privileged": true })),
    ];
    for (about, mut body) in cases {
        body["name"] = "refused".into();
        body["type"] = "dev".into();
        let refused = fleet.post("/api/v1/agents", &body);
        assert_refused(&refused, 422, about);
        assert!(refused.problem()["field"].is_string(), "{about}: the field is named: {refused:?}");
        let change = body.as_object_mut().expect("it is an object");
        change.remove("name");
        change.remove("type");
        assert_refused(&fleet.patch("dev-default", &body), 422, about);
    }
    assert_no_docker_call(&fleet);
    assert_eq!(fleet.agents().len(), 2);
}

#[test]
fn an_unknown_type_is_refused_with_the_nearest_one() {
    let Some(fleet) = fleet() else { return };
    let refused = fleet.post("/api/v1/agents", &json!({ "name": "a", "type": "dve" }));
    assert_refused(&refused, 422, "an unknown type");
    let problem = refused.problem();
    assert_eq!((&problem["field"], &problem["nearest"]), (&"type".into(), &"dev".into()), "{problem}");
    assert_no_docker_call(&fleet);
}

#[test]
fn a_body_that_is_too_big_or_no_json_is_refused() {
    let Some(fleet) = fleet() else { return };
    let post = || fleet.unix(Method::POST, "/api/v1/agents");
    let huge = json!({ "name": "big", "type": "dev", "env": { "A": "x".repeat(10 << 20) } }).to_string();
    let json_body = |text: String| post().header("Content-Type", "application/json").body(text);
    assert_refused(&fleet.send(json_body(huge)), 413, "10 MB");
    assert_refused(&fleet.send(json_body("{".to_owned())), 400, "half an object");
    assert_refused(&fleet.send(json_body("[]".to_owned())), 422, "a list");
    let valid = json!({ "name": "form", "type": "dev" }).to_string();
    for kind in ["text/plain", "application/x-www-form-urlencoded"] {
        let reply = fleet.send(post().header("Content-Type", kind).body(valid.clone()));
        assert_refused(&reply, 415, kind);
    }
    assert_refused(&fleet.send(post().body(valid)), 415, "no content type");
    assert_no_docker_call(&fleet);
}

#[test]
fn tcp_wants_the_token_on_every_path_and_says_no_more_without_it() {
    let Some(fleet) = fleet() else { return };
    let paths = ["/api/v1/agents", "/api/v1/events", "/api/v1/plan", "/api/v1/types", "/nowhere"];
    for path in paths {
        let bare = fleet.send(fleet.tcp_bare(Method::GET, path));
        assert_refused(&bare, 401, path);
        let wrong = fleet.send(fleet.tcp_bare(Method::GET, path).bearer_auth("wrong"));
        assert_refused(&wrong, 401, path);
    }
    let body = json!({ "name": "sneaky", "type": "dev" });
    assert_refused(&fleet.send(fleet.tcp_bare(Method::POST, "/api/v1/agents").json(&body)), 401, "POST");
    assert_no_docker_call(&fleet);
    fleet.send(fleet.tcp(Method::GET, "/api/v1/agents")).expect(200);
    fleet.send(fleet.tcp(Method::GET, "/nowhere")).expect(404).problem();
    let method = fleet.send(fleet.tcp(Method::PUT, "/api/v1/agents").json(&body));
    assert_refused(&method, 405, "a method without meaning");
    // The token in the address would end up in logs and histories.
    let query = format!("/api/v1/agents?token={}", fleet.token());
    assert_refused(&fleet.send(fleet.tcp_bare(Method::GET, &query)), 401, "a token in the address");
}

#[test]
fn the_stream_wants_the_token_like_everything_else() {
    let Some(fleet) = fleet() else { return };
    let ask = |request: RequestBuilder| request.header("Accept", "text/event-stream");
    assert_refused(&fleet.send(ask(fleet.tcp_bare(Method::GET, "/api/v1/events"))), 401, "no token");
    drop(crate::harness::Stream::open(ask(fleet.tcp(Method::GET, "/api/v1/events"))));
}

#[test]
fn a_foreign_host_or_origin_is_refused_even_with_the_token() {
    let Some(fleet) = fleet() else { return };
    let body = json!({ "name": "rebound", "type": "dev" });
    let requests = || {
        let post = fleet.tcp(Method::POST, "/api/v1/agents").json(&body);
        [fleet.tcp(Method::GET, "/api/v1/agents"), post]
    };
    for foreign in ["evil.example", "evil.example:7117", "127.0.0.1.evil.example"] {
        for request in requests() {
            assert_refused(&fleet.send(request.header("Host", foreign)), 403, foreign);
        }
    }
    for origin in ["http://evil.example", "null", "https://127.0.0.1"] {
        for request in requests() {
            assert_refused(&fleet.send(request.header("Origin", origin)), 403, origin);
        }
    }
    let own = format!("http://{}", fleet.address());
    fleet.send(fleet.tcp(Method::GET, "/api/v1/agents").header("Origin", own)).expect(200);
    assert_no_docker_call(&fleet);
    assert_eq!(fleet.agents().len(), 2);
}

#[test]
fn the_listener_is_on_loopback_and_can_be_left_out() {
    let Some(mut fleet) = Fleet::started([lazy("dev")]) else { return };
    let address = fleet.address();
    let (ip, port) = address.rsplit_once(':').expect("the address has a port");
    assert!(ip.parse::<IpAddr>().expect("the address is in figures").is_loopback(), "{address}");
    assert_ne!(port, "0");
    assert!(fleet.sigterm().success());
    fleet.set("server", "listen", "");
    fleet.start();
    fleet.get("/api/v1/agents").expect(200);
    assert!(std::net::TcpStream::connect(&address).is_err(), "nothing listens on TCP any more");
}

#[test]
fn a_mount_below_an_allowed_root_is_made_and_a_link_out_of_it_is_not() {
    let Some(mut fleet) = Fleet::new([hot("dev")]) else { return };
    let root = fleet.path("allowed");
    std::fs::create_dir_all(root.join("code")).expect("the directory is ours");
    std::os::unix::fs::symlink("/var/run", root.join("link")).expect("the directory is ours");
    fleet.set("fleet", "mount_roots", json!([root]));
    fleet.start();
    let body = |name: &str, source: &str| {
        let mounts = json!([{ "source": root.join(source), "target": "/work", "read_only": true }]);
        json!({ "name": name, "type": "dev", "mounts": mounts })
    };
    fleet.post("/api/v1/agents", &body("inside", "code")).expect(201);
    assert_eq!(fleet.status("inside"), "running");
    let outside = fleet.post("/api/v1/agents", &body("outside", "link"));
    let failed = outside.status == 201 && outside.json::<Value>()["outcome"] == "failed";
    assert!(failed || (400..500).contains(&outside.status), "{outside:?}");
    assert_eq!(fleet.inspect("outside"), None, "the link leads to the docker socket");
}
