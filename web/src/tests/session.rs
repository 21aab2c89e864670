//! Signing in, what a session may do, and what it takes to forge one's way in.

use serde_json::json;

use super::client::{Answer, TOKEN, TestServer};

const JSON: &str = "Content-Type: application/json\r\n";
const OWN_PAGE: &str = "Sec-Fetch-Site: same-origin\r\n";

impl TestServer {
    /// Asks without a token.
    fn visit(&self, method: &str, path: &str, more: &str, body: &str) -> Answer {
        self.ask_as(&self.address.to_string(), method, path, more, body)
    }

    fn sign_in(&self, body: &serde_json::Value) -> Answer {
        self.visit("POST", "/session", JSON, &body.to_string())
    }

    /// The header by which a browser shows its session.
    fn signed_in(&self) -> String {
        let answer = self.sign_in(&json!({ "token": TOKEN }));
        assert_eq!((answer.status, answer.body.as_str()), (204, ""), "{answer:?}");
        cookie(&answer)
    }

    fn how(&self, more: &str) -> serde_json::Value {
        let answer = self.visit("GET", "/session", more, "").json();
        assert_eq!(answer["signed_in"], !answer["how"].is_null());
        assert_eq!(answer["version"], env!("CARGO_PKG_VERSION"));
        answer["how"].clone()
    }

    fn link(&self) -> String {
        let answer = self.ask_socket("POST", "/session/links", JSON, "");
        assert_eq!(answer.status, 201, "{answer:?}");
        let answer = answer.json();
        assert_eq!(answer["expires_in_s"], 60);
        let url = answer["url"].as_str().expect("a link has an address").to_owned();
        let before = format!("http://{}/sign-in#code=", self.address);
        url.strip_prefix(&before).unwrap_or_else(|| panic!("{url} begins with {before}")).to_owned()
    }
}

fn cookie(answer: &Answer) -> String {
    let value = answer.header("set-cookie").expect("a session is a cookie");
    let (pair, attributes) = value.split_once("; ").expect("a cookie has attributes");
    assert_eq!(attributes, "Path=/; HttpOnly; SameSite=Strict; Max-Age=2592000");
    format!("Cookie: {pair}\r\n")
}

#[test]
fn whoever_has_the_token_gets_a_session_that_opens_every_door_to_the_page() {
    let server = TestServer::start();
    assert_eq!(server.how(""), serde_json::Value::Null);
    let cookie = server.signed_in();
    let with = |more: &str| format!("{cookie}{more}");
    assert_eq!(server.how(&cookie), "session");
    assert_eq!(server.visit("GET", "/api/v1/agents", &cookie, "").status, 200);
    assert_eq!(server.visit("GET", "/api/v1/agents", &with(OWN_PAGE), "").status, 200);
    // Beyond the door: the name is none.
    let delete = server.visit("DELETE", "/api/v1/agents/Dev", &with(OWN_PAGE), "");
    assert_eq!(delete.status, 404);
    let origin = format!("Origin: http://{}\r\n", server.address);
    assert_eq!(server.visit("DELETE", "/api/v1/agents/Dev", &with(&origin), "").status, 404);
    let out = server.visit("DELETE", "/session", &with(OWN_PAGE), "");
    assert_eq!(out.status, 204);
    assert!(out.header("set-cookie").is_some_and(|cookie| cookie.ends_with("Max-Age=0")), "{out:?}");
    let answer = server.visit("GET", "/api/v1/agents", &cookie, "");
    assert_eq!((answer.status, answer.problem_name().as_str()), (401, "unauthorized"));
    assert_eq!(server.how(&cookie), serde_json::Value::Null);
    assert_eq!(server.visit("DELETE", "/session", &cookie, "").status, 204, "once more is no error");
}

#[test]
fn a_session_is_of_no_use_to_another_page() {
    let server = TestServer::start();
    let cookie = server.signed_in();
    for (method, more) in [
        ("GET", "Sec-Fetch-Site: same-site\r\n"),
        ("GET", "Sec-Fetch-Site: cross-site\r\n"),
        ("GET", "Origin: http://127.0.0.1:1\r\n"),
        ("DELETE", ""),
        ("DELETE", "Sec-Fetch-Site: none\r\n"),
        ("DELETE", "Sec-Fetch-Site: same-site\r\n"),
        ("DELETE", "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: same-origin\r\n"),
        ("DELETE", "Origin: null\r\n"),
    ] {
        let answer = server.visit(method, "/api/v1/agents/Dev", &format!("{cookie}{more}"), "");
        assert_eq!(
            (answer.status, answer.problem_name().as_str()),
            (403, "origin-not-allowed"),
            "{method} {more}"
        );
    }
    // A page that is opened by hand, or by a bookmark.
    let typed = format!("{cookie}Sec-Fetch-Site: none\r\n");
    assert_eq!(server.visit("GET", "/api/v1/agents", &typed, "").status, 200);
    // With the token nothing of that matters: no browser sends it by itself.
    assert_eq!(server.ask("DELETE", "/api/v1/agents/Dev", "Sec-Fetch-Site: cross-site\r\n", "").status, 404);
}

#[test]
fn a_wrong_token_is_refused_and_so_is_everything_after_ten() {
    let server = TestServer::start();
    for guess in 1..10 {
        let answer = server.sign_in(&json!({ "token": format!("{guess}{}", &TOKEN[1..]) }));
        assert_eq!((answer.status, answer.problem_name().as_str()), (401, "unauthorized"), "{guess}");
        assert_eq!(answer.header("set-cookie"), None);
        assert!(!answer.body.contains(&TOKEN[1..]), "{answer:?}");
    }
    assert_eq!(server.sign_in(&json!({ "code": "x" })).status, 401);
    for body in [json!({ "token": TOKEN }), json!({ "code": server.link() })] {
        let answer = server.sign_in(&body);
        assert_eq!((answer.status, answer.problem_name().as_str()), (429, "too-many-tries"));
        let wait: u64 = answer.header("retry-after").and_then(|wait| wait.parse().ok()).expect("seconds");
        assert!((1..=60).contains(&wait), "{wait}");
    }
    assert_eq!(server.ask("GET", "/api/v1/agents", "", "").status, 200, "programs are not held up");
}

#[test]
fn what_is_no_attempt_to_sign_in_is_not_counted_as_one() {
    let server = TestServer::start();
    for body in [json!({}), json!({ "token": TOKEN, "code": "x" }), json!({ "token": 1 }), json!({ "x": 1 })]
    {
        for _ in 0..5 {
            assert_eq!(server.sign_in(&body).status, 422, "{body}");
        }
    }
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    assert_eq!(server.visit("POST", "/session", form, "token=x").status, 415);
    assert_eq!(server.visit("PUT", "/session", "", "").status, 405);
    server.signed_in();
}

#[test]
fn a_link_signs_in_once() {
    let server = TestServer::start();
    let code = server.link();
    let answer = server.sign_in(&json!({ "code": code }));
    assert_eq!(answer.status, 204, "{answer:?}");
    assert_eq!(server.how(&cookie(&answer)), "session");
    assert_eq!(server.sign_in(&json!({ "code": code })).status, 401);
}

#[test]
fn only_the_socket_and_the_token_make_links() {
    let server = TestServer::start();
    assert_eq!(server.ask("POST", "/session/links", JSON, "").status, 201);
    assert_eq!(server.visit("POST", "/session/links", JSON, "").status, 401);
    let session = format!("{}{OWN_PAGE}{JSON}", server.signed_in());
    let answer = server.visit("POST", "/session/links", &session, "");
    assert_eq!((answer.status, answer.problem_name().as_str()), (409, "denied"));
}

#[test]
fn how_one_is_let_in_is_said() {
    let server = TestServer::start();
    assert_eq!(server.how(&format!("Authorization: Bearer {TOKEN}\r\n")), "token");
    assert_eq!(server.ask_socket("GET", "/session", "", "").json()["how"], "socket");
    let cookie = server.signed_in();
    // A wrong token is not made good by a session.
    let both = format!("{cookie}Authorization: Bearer wrong\r\n");
    assert_eq!(server.visit("GET", "/api/v1/agents", &both, "").status, 401);
    assert_eq!(server.ask_socket("POST", "/session", JSON, "{}").problem_name(), "denied");
}

#[test]
fn behind_a_proxy_with_tls_the_cookie_is_for_tls_only() {
    let server = TestServer::start();
    let origin = format!("{JSON}Origin: https://fleet.example.org\r\n");
    let body = json!({ "token": TOKEN }).to_string();
    let answer = server.ask_as("fleet.example.org", "POST", "/session", &origin, &body);
    assert_eq!(answer.status, 204, "{answer:?}");
    assert!(answer.header("set-cookie").is_some_and(|cookie| cookie.ends_with("; Secure")), "{answer:?}");
}
