//! The dashboard's files over HTTP, asked for as a browser does, without a token.

use super::client::{Answer, TestServer};

const BROWSER: &str = "Accept: text/html,application/xhtml+xml,*/*;q=0.8\r\n";

impl TestServer {
    /// Asks as somebody without a token.
    fn browse(&self, method: &str, path: &str, more: &str) -> Answer {
        self.ask_as(&self.address.to_string(), method, path, more, "")
    }
}

#[test]
fn the_page_is_there_for_everybody_and_runs_only_what_is_its_own() {
    let server = TestServer::start();
    for accept in ["", "Accept: */*\r\n", BROWSER] {
        let answer = server.browse("GET", "/", accept);
        assert_eq!(answer.status, 200, "{accept}");
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert!(answer.body.contains("<title>claude-hooks</title>"), "{answer:?}");
    }
    let answer = server.browse("GET", "/", BROWSER);
    let policy = answer.header("content-security-policy").expect("the page has a policy");
    assert!(policy.starts_with("default-src 'none'; script-src 'self'; "), "{policy}");
    assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
    for (header, value) in [
        ("cache-control", "no-cache"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("vary", "Accept, Accept-Encoding"),
    ] {
        assert_eq!(answer.header(header), Some(value), "{header}");
    }
}

#[test]
fn a_view_of_the_page_can_be_opened_by_its_address() {
    let server = TestServer::start();
    let page = server.browse("GET", "/", BROWSER).body;
    for path in ["/agents/dev-2", "/timeline", "/events", "/plan?x=1", "/tasks", "/sign-in", "/agents/"] {
        let answer = server.browse("GET", path, BROWSER);
        assert_eq!((answer.status, &answer.body), (200, &page), "{path}");
    }
    assert_eq!(server.ask_socket("GET", "/timeline", BROWSER, "").body, page);
}

#[test]
fn what_is_missing_is_no_page() {
    let server = TestServer::start();
    let missing = ["/api", "/api/v1/nothing", "/api/timeline", "/assets/gone.js", "/assets/", "/gone.png"];
    for path in missing {
        assert_eq!(server.browse("GET", path, BROWSER).status, 401, "{path}");
        let answer = server.ask("GET", path, BROWSER, "");
        assert_eq!((answer.status, answer.problem_name().as_str()), (404, "unknown-path"), "{path}");
    }
    for path in ["/../Cargo.toml", "/%2e%2e/Cargo.toml", "//index.html", "/index.html/"] {
        assert_eq!(server.browse("GET", path, "").status, 401, "{path}");
    }
    // Programs that mistype a path are not given HTML.
    assert_eq!(server.ask("GET", "/agents", "Accept: application/json\r\n", "").status, 404);
    assert_eq!(server.browse("POST", "/", BROWSER).status, 401);
}

#[test]
fn a_route_is_no_page_for_whoever_asks_as_a_browser_does() {
    let server = TestServer::start();
    for path in ["/healthz", "/readyz", "/session/links", "/api/v1/agents", "/api/v1/agents/dev"] {
        let answer = server.browse("GET", path, BROWSER);
        assert_eq!((answer.status, answer.problem_name().as_str()), (401, "unauthorized"), "{path}");
    }
    assert_eq!(server.ask("GET", "/healthz", BROWSER, "").json()["alive"], false);
}

/// What the door reads must be what the router reads, or it lets strangers in.
#[test]
fn a_path_that_is_written_oddly_leads_a_stranger_to_the_page_at_most() {
    let server = TestServer::start();
    let page = server.browse("GET", "/", BROWSER).body;
    for path in [
        "/%61pi/v1/agents",
        "/api%2Fv1%2Fagents",
        "/%68ealthz",
        "/%73ession/links",
        "//api/v1/agents",
        "/./api/v1/agents",
        "/x/../api/v1/agents",
        "/x/%2e%2e/api/v1/agents",
        "/API/v1/agents",
        "/api/v1/%61gents",
        "/healthz/",
        "/healthz;x",
    ] {
        for accept in ["", BROWSER] {
            let answer = server.browse("GET", path, accept);
            assert!(
                answer.status == 401 || (answer.status, &answer.body) == (200, &page),
                "{path}: {answer:?}"
            );
        }
    }
}

#[test]
fn the_page_too_is_only_for_requests_meant_for_this_host() {
    let server = TestServer::start();
    let answer = server.ask_as("evil.example", "GET", "/", BROWSER, "");
    assert_eq!((answer.status, answer.problem_name().as_str()), (403, "host-not-allowed"));
    let answer = server.browse("GET", "/", "Origin: http://evil.example\r\n");
    assert_eq!((answer.status, answer.problem_name().as_str()), (403, "origin-not-allowed"));
}

#[test]
fn whoever_has_the_file_is_told_that_it_still_holds() {
    let server = TestServer::start();
    let tag = |more: &str| {
        let answer = server.browse("HEAD", "/", more);
        assert_eq!((answer.status, answer.body.as_str()), (200, ""), "{more}");
        let coding = answer.header("content-encoding").map(ToOwned::to_owned);
        (answer.header("etag").expect("every file has a tag").to_owned(), coding)
    };
    let (plain, none) = tag("");
    let (gzip, coding) = tag("Accept-Encoding: gzip, deflate, br, zstd\r\n");
    assert_eq!((none, coding.as_deref()), (None, Some("gzip")));
    assert_ne!(plain, gzip, "a strong tag names one representation");
    assert_eq!(tag("Accept-Encoding: gzip;q=0\r\n").0, plain);
    for held in [plain.clone(), format!("\"other\", {plain}"), format!("W/{plain}"), "*".into()] {
        let answer = server.browse("GET", "/", &format!("If-None-Match: {held}\r\n"));
        assert_eq!((answer.status, answer.body.as_str()), (304, ""), "{held}");
        assert_eq!(answer.header("etag"), Some(plain.as_str()));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
    }
    for held in [gzip, "\"other\"".into()] {
        assert_eq!(server.browse("GET", "/", &format!("If-None-Match: {held}\r\n")).status, 200, "{held}");
    }
}
