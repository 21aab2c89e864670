//! Who gets in, and what the others are told. No request here gets as far as the fleet.

use std::io::Read as _;
use std::time::{Duration, Instant};

use super::client::{BODY_LIMIT, TOKEN, TestServer, open};

const JSON: &str = "Content-Type: application/json\r\n";

/// Every route, with a method that it has.
const ROUTES: [(&str, &str); 23] = [
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/api/v1/agents"),
    ("POST", "/api/v1/agents"),
    ("GET", "/api/v1/agents/dev"),
    ("PATCH", "/api/v1/agents/dev"),
    ("DELETE", "/api/v1/agents/dev"),
    ("POST", "/api/v1/agents/dev/start"),
    ("POST", "/api/v1/agents/dev/stop"),
    ("POST", "/api/v1/agents/dev/restart"),
    ("POST", "/api/v1/agents/dev/recreate"),
    ("POST", "/api/v1/agents/dev/recover"),
    ("POST", "/api/v1/agents/dev/adopt"),
    ("POST", "/api/v1/agents/dev/wipe"),
    ("GET", "/api/v1/agents/dev/wait"),
    ("GET", "/api/v1/agents/dev/logs"),
    ("GET", "/api/v1/agents/dev/why"),
    ("GET", "/api/v1/agents/dev/events"),
    ("GET", "/api/v1/types"),
    ("POST", "/api/v1/types/dev/scale"),
    ("GET", "/api/v1/plan"),
    ("POST", "/api/v1/reconcile"),
    ("GET", "/api/v1/events"),
];

#[test]
fn over_tcp_every_route_wants_the_token_the_stream_included() {
    let server = TestServer::start();
    let host = server.address.to_string();
    for (method, path) in ROUTES {
        let answer = server.ask_as(&host, method, path, JSON, "");
        assert_eq!(answer.status, 401, "{method} {path}");
        assert_eq!(answer.problem_name(), "unauthorized");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer realm=\"claude-hooks\""));
    }
    let wrong = [
        "Authorization: Bearer 0123456789abcdef0123456789abcdeF\r\n".to_owned(),
        format!("Authorization: Basic {TOKEN}\r\n"),
        format!("Authorization: Bearer {TOKEN}\r\nAuthorization: Bearer {TOKEN}\r\n"),
        format!("Cookie: token={TOKEN}\r\n"),
        "Authorization: Bearer \r\n".to_owned(),
    ];
    for header in wrong {
        assert_eq!(server.ask_as(&host, "GET", "/api/v1/agents", &header, "").status, 401, "{header}");
    }
    let path = format!("/api/v1/agents?token={TOKEN}&access_token={TOKEN}");
    assert_eq!(server.ask_as(&host, "GET", &path, "", "").status, 401);
    assert_eq!(server.ask("GET", "/api/v1/agents", "", "").status, 200);
}

#[test]
fn the_socket_needs_no_token_and_no_host() {
    let server = TestServer::start();
    assert_eq!(server.ask_socket("GET", "/api/v1/agents", "", "").status, 200);
    assert_eq!(server.ask_socket("GET", "/nothing", "", "").status, 404);
}

#[test]
fn an_unknown_path_is_401_for_strangers_and_404_for_friends() {
    let server = TestServer::start();
    let host = server.address.to_string();
    for path in
        ["/nothing", "/api", "/api/v1", "/api/v1/", "/api/v1/nothing", "/api/v2/agents", "/api/v1/agents/"]
    {
        assert_eq!(server.ask_as(&host, "GET", path, "", "").status, 401, "{path}");
        let answer = server.ask("GET", path, "", "");
        assert_eq!((answer.status, answer.problem_name().as_str()), (404, "unknown-path"), "{path}");
    }
}

#[test]
fn a_foreign_host_is_refused_before_the_token_is_looked_at() {
    let server = TestServer::start();
    let port = server.address.port();
    let auth = format!("Authorization: Bearer {TOKEN}\r\n");
    for host in [
        "evil.example".to_owned(),
        format!("evil.example:{port}"),
        "127.0.0.1:1".to_owned(),
        "127.0.0.1".to_owned(),
    ] {
        let answer = server.ask_as(&host, "GET", "/api/v1/agents", &auth, "");
        assert_eq!((answer.status, answer.problem_name().as_str()), (403, "host-not-allowed"), "{host}");
        assert_eq!(server.ask_as(&host, "GET", "/nothing", "", "").status, 403, "{host}");
    }
    for host in [format!("localhost:{port}"), format!("[::1]:{port}"), "fleet.example.org".to_owned()] {
        assert_eq!(server.ask_as(&host, "GET", "/api/v1/agents", &auth, "").status, 200, "{host}");
    }
    let elsewhere = format!(
        "GET http://evil.example/api/v1/agents HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{auth}Connection: close\r\n\r\n"
    );
    assert_eq!(server.send(elsewhere.as_bytes()).status, 403);
    let no_host = format!("GET /api/v1/agents HTTP/1.0\r\n{auth}\r\n");
    assert_eq!(server.send(no_host.as_bytes()).status, 403);
}

#[test]
fn a_foreign_origin_is_refused_before_the_token_is_looked_at() {
    let server = TestServer::start();
    let own = server.address;
    for origin in ["http://evil.example", "null", "https://127.0.0.1", "http://localhost"] {
        let answer = server.ask("GET", "/api/v1/agents", &format!("Origin: {origin}\r\n"), "");
        assert_eq!((answer.status, answer.problem_name().as_str()), (403, "origin-not-allowed"), "{origin}");
        let stranger = format!("Origin: {origin}\r\n");
        assert_eq!(server.ask_as(&own.to_string(), "GET", "/nothing", &stranger, "").status, 403, "{origin}");
    }
    let answer = server.ask("GET", "/api/v1/agents", &format!("Origin: http://{own}\r\n"), "");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), None);
}

#[test]
fn a_method_without_meaning_is_405_with_those_that_have_one() {
    let server = TestServer::start();
    for (method, path, allow) in [
        ("PUT", "/api/v1/agents", "GET, HEAD, POST"),
        ("POST", "/api/v1/agents/dev", "GET, HEAD, PATCH, DELETE"),
        ("GET", "/api/v1/agents/dev/start", "POST"),
        ("POST", "/api/v1/events", "GET"),
        ("OPTIONS", "/api/v1/agents", "GET, HEAD, POST"),
        ("DELETE", "/healthz", "GET, HEAD"),
        ("TRACE", "/api/v1/agents", "GET, HEAD, POST"),
    ] {
        let answer = server.ask(method, path, "", "");
        assert_eq!(
            (answer.status, answer.problem_name().as_str()),
            (405, "method-not-allowed"),
            "{method} {path}"
        );
        assert_eq!(answer.header("allow"), Some(allow), "{method} {path}");
    }
}

#[test]
fn every_mutation_must_say_that_it_is_json_with_and_without_a_body() {
    let server = TestServer::start();
    for (method, path) in ROUTES.into_iter().filter(|(method, _)| matches!(*method, "POST" | "PATCH")) {
        for kind in
            ["", "Content-Type: text/plain\r\n", "Content-Type: application/x-www-form-urlencoded\r\n"]
        {
            for body in ["", "{}"] {
                let answer = server.ask(method, path, kind, body);
                assert_eq!(answer.status, 415, "{method} {path} {kind}");
                assert_eq!(answer.problem_name(), "json-required");
            }
        }
    }
    let answer = server.ask("DELETE", "/api/v1/agents/dev", "Content-Type: text/plain\r\n", "x");
    assert_eq!(answer.status, 415);
    assert_eq!(server.ask("DELETE", "/api/v1/agents/dev", "", "{}").status, 415);
    // Without a body it gets further: to the name, which is none.
    assert_eq!(server.ask("DELETE", "/api/v1/agents/Dev", "", "").status, 404);
}

#[test]
fn a_body_that_is_too_large_is_refused_however_it_is_sent() {
    let server = TestServer::start();
    let large = "x".repeat(10 << 20);
    let answer = server.ask("POST", "/api/v1/agents", JSON, &large);
    assert_eq!((answer.status, answer.problem_name().as_str()), (413, "body-too-large"));
    assert_eq!(answer.problem()["limit_bytes"], BODY_LIMIT);
    let mut chunked = format!(
        "POST /api/v1/agents HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {TOKEN}\r\n{JSON}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
        server.address
    )
    .into_bytes();
    for _ in 0..8 {
        chunked.extend(format!("200\r\n{}\r\n", "x".repeat(512)).bytes());
    }
    chunked.extend(b"0\r\n\r\n");
    assert_eq!(server.send(&chunked).status, 413);
    // A stranger's is not even looked at.
    let answer = server.ask_as(&server.address.to_string(), "POST", "/api/v1/agents", JSON, &large);
    assert_eq!(answer.status, 401);
}

#[test]
fn a_body_that_is_not_what_is_wanted_is_refused_with_a_reason() {
    let server = TestServer::start();
    for (body, status, name) in [
        ("", 400, "invalid-json"),
        ("{", 400, "invalid-json"),
        ("{\"name\": \"\u{e9}\", \"type\": \"dev\"}", 422, "invalid-name"),
        ("{\"name\": \"../a\", \"type\": \"dev\"}", 422, "invalid-name"),
        ("{\"type\": \"dev\"}", 422, "invalid-value"),
        ("[]", 422, "invalid-value"),
        ("{\"name\": \"a\", \"type\": \"dev\", \"imgae\": \"x\"}", 422, "unknown-field"),
    ] {
        let answer = server.ask("POST", "/api/v1/agents", JSON, body);
        assert_eq!((answer.status, answer.problem_name().as_str()), (status, name), "{body}");
    }
    let answer = server.ask("POST", "/api/v1/agents/dev/start", JSON, "{\"force\": true}");
    assert_eq!((answer.status, answer.problem_name().as_str()), (422, "unknown-field"));
    let answer = server.ask("POST", "/api/v1/agents/dev/wipe", JSON, "{\"confirm\": \"dev-2\"}");
    assert_eq!((answer.status, &answer.problem()["field"]), (422, &"confirm".into()));
    let answer = server.ask("POST", "/api/v1/types/dev/scale", JSON, "{\"count\": 1001}");
    assert_eq!((answer.status, &answer.problem()["field"]), (422, &"count".into()));
}

#[test]
fn a_patch_must_name_the_generation_that_it_changes() {
    let server = TestServer::start();
    let answer = server.ask("PATCH", "/api/v1/agents/dev", JSON, "{}");
    assert_eq!((answer.status, answer.problem_name().as_str()), (428, "if-match-required"));
    let answer = server.ask("PATCH", "/api/v1/agents/dev", &format!("{JSON}If-Match: 3\r\n"), "{}");
    assert_eq!((answer.status, answer.problem_name().as_str()), (400, "invalid-header"));
    let tagged = format!("{JSON}If-Match: \"3\"\r\n");
    let answer = server.ask("PATCH", "/api/v1/agents/dev", &tagged, "{\"name\": \"other\"}");
    assert_eq!((answer.status, &answer.problem()["field"]), (422, &"name".into()));
    let merge = "Content-Type: application/merge-patch+json\r\n";
    assert_eq!(server.ask("PATCH", "/api/v1/agents/dev", merge, "{}").status, 428);
    assert_eq!(server.ask("POST", "/api/v1/agents", merge, "{}").status, 415);
}

#[test]
fn a_parameter_that_is_not_understood_is_refused() {
    let server = TestServer::start();
    for path in [
        "/api/v1/agents/dev/wait?state=runing",
        "/api/v1/agents/dev/wait?timeout_s=-1",
        "/api/v1/agents/dev/logs?tail=all",
        "/api/v1/agents/dev/logs?folow=1",
        "/api/v1/events?kind=container_startet",
        "/api/v1/events?after=x",
        "/api/v1/events?instance=-x",
        "/api/v1/agents?page=2",
    ] {
        let answer = server.ask("GET", path, "", "");
        assert_eq!((answer.status, answer.problem_name().as_str()), (400, "invalid-query"), "{path}");
    }
    assert_eq!(
        server.ask("POST", "/api/v1/agents/dev/start?forec=1", JSON, "").problem()["nearest"],
        "force"
    );
}

#[test]
fn what_is_no_name_names_no_agent() {
    let server = TestServer::start();
    let long = "x".repeat(300);
    for name in ["-x", "..%2Fa", "a;b", "%C3%A9", "a%0Ab", "dev", &long] {
        let answer = server.ask("GET", &format!("/api/v1/agents/{name}"), "", "");
        assert_eq!((answer.status, answer.problem_name().as_str()), (404, "agent-not-found"), "{name}");
    }
}

#[test]
fn answers_are_hardened_and_lists_have_items_and_a_generation() {
    let server = TestServer::start();
    let answer = server.ask("GET", "/api/v1/agents", "", "");
    assert_eq!(answer.body, "{\"items\":[],\"generation\":0}");
    for (header, value) in [
        ("content-type", "application/json"),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
        ("referrer-policy", "no-referrer"),
    ] {
        assert_eq!(answer.header(header), Some(value), "{header}");
    }
    // Announces the length of what GET would give, and sends none of it.
    let head = server.ask("HEAD", "/api/v1/agents", "", "");
    assert_eq!((head.status, head.body.as_str()), (200, ""));
}

#[test]
fn nothing_is_ready_before_the_boot_pass() {
    let server = TestServer::start();
    let answer = server.ask("GET", "/readyz", "", "");
    assert_eq!((answer.status, answer.problem_name().as_str()), (503, "not-ready"));
}

#[test]
fn a_wait_that_cannot_succeed_says_so_at_once() {
    let server = TestServer::start();
    let answer = server.ask("GET", "/api/v1/agents/dev/wait?state=running", "", "");
    assert_eq!((answer.status, answer.problem_name().as_str()), (404, "agent-not-found"));
    let answer = server.ask("GET", "/api/v1/agents/dev/wait?state=gone", "", "");
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (200, "{\"name\":\"dev\",\"state\":\"gone\",\"agent\":null}")
    );
}

#[test]
fn a_client_that_sends_nothing_or_half_a_head_is_let_go() {
    let server = TestServer::start();
    let began = Instant::now();
    let answer = server.send(b"GET /api/v1/agents HTTP/1.1\r\nHost: ");
    assert_eq!(answer.status, 408);
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[test]
fn the_switch_ends_the_server_with_idle_connections_open() {
    let mut server = TestServer::start();
    let mut idle = open(&server, "/api/v1/agents");
    let mut first = [0_u8; 12];
    idle.read_exact(&mut first).expect("an answer");
    assert_eq!(&first, b"HTTP/1.1 200");
    let began = Instant::now();
    server.stop();
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}
