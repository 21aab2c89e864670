use std::os::unix::net::UnixListener;

use serde_json::json;

use super::*;

fn asked(arguments: &[&str]) -> Asked {
    let arguments = ["agent"].iter().chain(arguments).map(std::ffi::OsString::from);
    words::parse(arguments).expect("it can be meant")
}

#[test]
fn what_is_typed_becomes_a_request_that_names_nobody() {
    for (arguments, method, path, body) in [
        (&["status"][..], "GET", "/self", None),
        (&["hold", "20m"], "POST", "/hold", Some(json!({ "ttl_s": 1200 }))),
        (&["unhold"], "DELETE", "/hold", None),
        (&["progress", "half", "done"], "POST", "/progress", Some(json!({ "text": "half done" }))),
        (&["need-human", "sign in"], "POST", "/need-human", Some(json!({ "reason": "sign in" }))),
        (&["need-human", "--done"], "DELETE", "/need-human", None),
        (
            &["park", "quota", "--for", "30m", "--reason", "weekly"],
            "POST",
            "/park",
            Some(json!({ "kind": "quota", "for_s": 1800, "reason": "weekly" })),
        ),
        (
            &["park", "auth", "--until", "2026-01-31T12:00:00Z"],
            "POST",
            "/park",
            Some(json!({ "kind": "auth", "until": "2026-01-31T12:00:00Z", "reason": "" })),
        ),
        (&["reopen"], "DELETE", "/park", None),
    ] {
        let asked = asked(arguments);
        assert_eq!((asked.method, asked.path, asked.body), (method, path, body), "{arguments:?}");
    }
    for refused in
        [&["park", "quota"][..], &["park", "lunch", "--for", "1h"], &["hold"], &["need-human"], &[]]
    {
        let arguments = ["agent"].iter().chain(refused).map(std::ffi::OsString::from);
        assert!(words::parse(arguments).is_err(), "{refused:?}");
    }
}

/// What a server that answers `answer` has the client say.
fn against(answer: &'static str) -> (Result<Value, ClientError>, String) {
    let temp = tempfile::tempdir().expect("a temporary directory");
    let path = temp.path().join("socket");
    let listener = UnixListener::bind(&path).expect("bound");
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut heard = vec![0; 4096];
        let length = stream.read(&mut heard).expect("a request");
        stream.write_all(answer.as_bytes()).expect("answered");
        String::from_utf8_lossy(&heard[..length]).into_owned()
    });
    let told = ask(&path, &asked(&["progress", "half done"]));
    (told, server.join().expect("no panic"))
}

#[test]
fn a_request_is_plain_http_and_a_refusal_says_what_to_do() {
    let (told, heard) = against("HTTP/1.1 200 OK\r\nx: y\r\n\r\n{\"name\":\"a\",\"type\":\"dev\"}");
    assert_eq!(told.expect("it is fine")["name"], "a");
    assert!(heard.starts_with("POST /progress HTTP/1.1\r\n"), "{heard}");
    assert!(heard.ends_with("\r\n\r\n{\"text\":\"half done\"}"), "{heard}");
    let (told, _) = against("HTTP/1.1 429 No\r\n\r\n{\"detail\":\"too often\",\"help\":\"wait\"}");
    assert_eq!(told.expect_err("refused").to_string(), "too often (wait)");
    for odd in ["", "HTTP/1.1 200 OK\r\n\r\n{", "what\r\n\r\n{}"] {
        let (told, _) = against(odd);
        assert!(matches!(told, Err(ClientError::Garbled(_))), "{odd:?}: {told:?}");
    }
}

#[test]
fn without_a_socket_it_is_said_how_there_comes_to_be_one() {
    let error = ask(Path::new("/nowhere/agent/socket"), &asked(&["status"])).expect_err("there is none");
    assert!(error.to_string().contains("\"agent_socket\": true"), "{error}");
}

#[test]
fn the_answer_is_told_in_words() {
    let answer = json!({
        "name": "dev-2", "type": "dev",
        "parked": { "kind": "quota", "reopens_at": "2026-01-31T12:00:00Z", "reason": "weekly" },
        "conditions": [{ "type": "ready", "reason": "running" }, { "type": "needs_human", "reason": "sign in" }],
        "progress": { "text": "half done", "at": "2026-01-31T11:00:00Z" },
    });
    let told = words::told(&asked(&["status"]), &answer);
    let expected = "dev-2 (dev)\nparked (quota) until 2026-01-31T12:00:00Z weekly\nneeds_human: sign in\nprogress: half done";
    assert_eq!(told, expected);
}
