use crate::tests::client::TestServer;

#[test]
fn the_page_shows_every_operation_and_loads_nothing_and_runs_nothing() {
    let server = TestServer::start();
    let answer = server.ask("GET", "/api/v1/docs", "", "");
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = answer.header("content-security-policy").expect("a policy of its own");
    assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{policy}");
    for forbidden in ["<script", " src=", "url(", "@import", "<link", " style=", " onclick"] {
        assert!(!answer.body.contains(forbidden), "{forbidden}");
    }
    for shown in [
        "id=\"create_agent\"",
        "PATCH",
        "/api/v1/tasks/{id}/output",
        "id=\"schema-AgentView\"",
        "for <code>ttl_s</code> seconds",
    ] {
        assert!(answer.body.contains(shown), "{shown}");
    }
}

#[test]
fn the_description_and_its_page_are_behind_the_door() {
    let server = TestServer::start();
    let host = server.address.to_string();
    for path in ["/api/v1/openapi.json", "/api/v1/docs"] {
        assert_eq!(server.ask_as(&host, "GET", path, "", "").status, 401, "{path}");
        assert_eq!(server.ask_socket("GET", path, "", "").status, 200, "{path}");
    }
}
