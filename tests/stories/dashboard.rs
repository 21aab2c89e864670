//! The dashboard as a browser meets it: its files, signing in and out, and the links that the command line prints.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::harness::{Fleet, Reply, host, stderr};

/// What a browser sends when a page is opened.
const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

impl Fleet {
    fn browse(&self, path: &str) -> RequestBuilder {
        self.tcp_bare(Method::GET, path).header("Accept", BROWSER)
    }

    /// As the page itself asks, with the session that it has.
    fn page_asks(&self, method: Method, path: &str, cookie: &str) -> Reply {
        let request = self.tcp_bare(method, path).header("Cookie", cookie);
        self.send(request.header("Sec-Fetch-Site", "same-origin").header("Content-Type", "application/json"))
    }

    fn sign_in(&self, body: &Value) -> Reply {
        let origin = format!("http://{}", self.address());
        self.send(self.tcp_bare(Method::POST, "/session").header("Origin", origin).json(body))
    }

    fn how(&self, cookie: &str) -> Value {
        self.page_asks(Method::GET, "/session", cookie).expect(200).json::<Value>()["how"].clone()
    }

    /// The code of a fresh link.
    fn code(&self) -> String {
        let link = self.cli_ok(&["dashboard", "--print"]);
        let begin = format!("http://{}/sign-in#code=", self.address());
        let code = link.trim().strip_prefix(&begin);
        code.unwrap_or_else(|| panic!("{link} begins with {begin}")).to_owned()
    }
}

/// The pair that a browser sends back.
fn cookie(reply: &Reply) -> String {
    let set = reply.header("set-cookie").unwrap_or_else(|| panic!("a session is a cookie: {reply:?}"));
    assert!(set.contains("; HttpOnly") && set.contains("; SameSite=Strict"), "{set}");
    set.split(';').next().expect("a cookie begins with its pair").to_owned()
}

/// No containers: nothing here asks docker for any.
fn fleet() -> Option<Fleet> {
    Fleet::started([host("desk")])
}

#[test]
fn the_page_is_delivered_to_everybody_and_kept_by_the_browser() {
    let Some(fleet) = fleet() else { return };
    let page = fleet.send(fleet.browse("/")).expect(200);
    assert!(page.content_type.starts_with("text/html"), "{page:?}");
    let policy = page.header("content-security-policy").expect("the page has a policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self';"), "{policy}");
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    for view in ["/agents/desk-default", "/timeline", "/sign-in"] {
        assert_eq!(fleet.send(fleet.browse(view)).expect(200).body, page.body, "{view}");
    }
    let tag = page.header("etag").expect("every file has a tag").to_owned();
    let again = fleet.send(fleet.browse("/").header("If-None-Match", &tag)).expect(304);
    assert_eq!(again.body, "");
    let packed = fleet.send(fleet.tcp_bare(Method::HEAD, "/").header("Accept-Encoding", "gzip")).expect(200);
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    assert_ne!(packed.header("etag"), Some(tag.as_str()));
    fleet.send(fleet.browse("/api/v1/nothing")).expect(401).problem();
    fleet.send(fleet.tcp(Method::GET, "/api/v1/nothing").header("Accept", BROWSER)).expect(404).problem();
    fleet.send(fleet.browse("/").header("Host", "evil.example")).expect(403).problem();
}

/// Every file that the page names is there, as the kind that the page takes it for.
#[test]
fn all_that_the_page_loads_is_in_the_program() {
    let Some(fleet) = fleet() else { return };
    let page = fleet.send(fleet.browse("/")).expect(200).body;
    let named = page.split(['"', '\'']).filter(|text| text.starts_with('/') && text.contains('.'));
    for path in named {
        let file = fleet.send(fleet.tcp_bare(Method::GET, path)).expect(200);
        assert!(!file.content_type.starts_with("text/html"), "{path}: {file:?}");
    }
}

#[test]
fn whoever_signs_in_with_the_token_stays_signed_in_over_a_restart_until_he_signs_out() {
    let Some(mut fleet) = fleet() else { return };
    assert_eq!(fleet.how("a=b"), Value::Null);
    let signed_in = fleet.sign_in(&json!({ "token": fleet.token() })).expect(204);
    let cookie = cookie(&signed_in);
    assert_eq!(fleet.how(&cookie), "session");
    fleet.page_asks(Method::GET, "/api/v1/agents", &cookie).expect(200);
    let body = json!({ "name": "mine", "type": "desk" });
    let create = || fleet.tcp_bare(Method::POST, "/api/v1/agents").header("Cookie", &cookie).json(&body);
    // A page on another port of this host, and a program that only has the cookie.
    fleet.send(create().header("Sec-Fetch-Site", "same-site")).expect(403).problem();
    fleet.send(create().header("Origin", "http://evil.example")).expect(403).problem();
    fleet.send(create()).expect(403).problem();
    fleet.send(create().header("Sec-Fetch-Site", "same-origin")).expect(201);

    let file = std::fs::read_to_string(fleet.data().join("sessions.json")).expect("sessions are kept");
    let secret = cookie.split('=').next_back().expect("a cookie has a value");
    assert!(!file.contains(secret) && !file.contains(&fleet.token()), "a secret is on disk");
    // The same port again: it is part of the cookie's name, as it is of the page's address.
    fleet.set("server", "listen", fleet.address());
    fleet.restart();
    fleet.page_asks(Method::GET, "/api/v1/agents", &cookie).expect(200);
    fleet.kill9();
    fleet.start();
    fleet.page_asks(Method::GET, "/api/v1/agents", &cookie).expect(200);

    let out = fleet.page_asks(Method::DELETE, "/session", &cookie).expect(204);
    assert!(out.header("set-cookie").is_some_and(|cookie| cookie.contains("Max-Age=0")), "{out:?}");
    fleet.page_asks(Method::GET, "/api/v1/agents", &cookie).expect(401).problem();
    fleet.restart();
    fleet.page_asks(Method::GET, "/api/v1/agents", &cookie).expect(401).problem();
}

#[test]
fn a_new_token_ends_every_session() {
    let Some(mut fleet) = fleet() else { return };
    let cookie = cookie(&fleet.sign_in(&json!({ "token": fleet.token() })).expect(204));
    fleet.set("server", "listen", fleet.address());
    assert!(fleet.sigterm().success());
    std::fs::remove_file(fleet.data().join("token")).expect("the token is a file");
    fleet.start();
    fleet.page_asks(Method::GET, "/api/v1/agents", &cookie).expect(401).problem();
    assert_eq!(fleet.how(&cookie), Value::Null);
}

#[test]
fn wrong_tokens_are_taken_ten_times_a_minute() {
    let Some(fleet) = fleet() else { return };
    for _ in 0..10 {
        fleet.sign_in(&json!({ "token": "wrong" })).expect(401).problem();
    }
    let held_up = fleet.sign_in(&json!({ "token": fleet.token() })).expect(429);
    assert!(held_up.problem()["type"].as_str().is_some_and(|kind| kind.ends_with(":too-many-tries")));
    assert!(held_up.header("retry-after").is_some(), "{held_up:?}");
    fleet.send(fleet.tcp(Method::GET, "/api/v1/agents")).expect(200);
}

#[test]
fn the_command_line_gives_a_link_that_signs_in_once() {
    let Some(mut fleet) = fleet() else { return };
    let code = fleet.code();
    let cookie = cookie(&fleet.sign_in(&json!({ "code": code })).expect(204));
    assert_eq!(fleet.how(&cookie), "session");
    fleet.sign_in(&json!({ "code": code })).expect(401).problem();
    assert!(!fleet.log().contains(&code), "a code is no word for the log");
    let told = fleet.cli_ok(&["dashboard"]);
    assert!(told.contains("/sign-in#code=") && told.contains("once"), "{told}");
    fleet.page_asks(Method::POST, "/session/links", &cookie).expect(409).problem();

    assert!(fleet.sigterm().success());
    fleet.set("server", "listen", "");
    fleet.start();
    let refused = fleet.cli(&["dashboard"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("[server] listen"), "{}", stderr(&refused));
}
