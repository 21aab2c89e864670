use clap::error::ErrorKind;
use serde_json::{Value, json};

use crate::cli::args::{AgentsVerb, Verb};
use crate::cli::parse;

fn park(arguments: &[&str]) -> Value {
    let arguments = [&["agents", "park", "dev-2"], arguments].concat();
    match parse(&arguments).expect("it can be meant").verb {
        Verb::Agents { verb: AgentsVerb::Park(args) } => json!(args.park()),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_is_typed_becomes_the_body_of_the_request() {
    for (arguments, body) in [
        (&["auth"][..], json!({ "kind": "auth" })),
        (
            &["quota", "--for", "30m", "--reason", "weekly limit"],
            json!({ "kind": "quota", "for_s": 1800, "reason": "weekly limit" }),
        ),
        (
            &["other", "--until", "2026-01-31T13:00:00+01:00", "--account", "--holder", "night shift"],
            json!({ "kind": "other", "until": "2026-01-31T12:00:00Z", "scope": "account", "holder": "night shift" }),
        ),
    ] {
        assert_eq!(park(arguments), body);
    }
}

#[test]
fn a_time_without_its_offset_is_that_of_this_machine() {
    let body = park(&["quota", "--until", "2026-01-31T12:00"]);
    let until: jiff::Timestamp = body["until"].as_str().expect("a text").parse().expect("a time");
    let here = until.to_zoned(jiff::tz::TimeZone::system());
    assert_eq!(here.datetime().to_string(), "2026-01-31T12:00:00");
}

#[test]
fn what_cannot_be_meant_is_refused() {
    for arguments in [
        &["agents", "park", "a"][..],
        &["agents", "park", "a", "lunch"],
        &["agents", "park", "a", "quota", "--until", "tomorrow"],
        &["agents", "park", "a", "quota", "--for", "1h", "--until", "2026-01-31T12:00:00Z"],
        &["agents", "need-human", "a"],
        &["agents", "need-human", "a", "--done", "--reason", "x"],
        &["agents", "reopen"],
    ] {
        let kind = parse(arguments).expect_err("it cannot be meant").kind();
        assert_ne!(kind, ErrorKind::DisplayHelp, "{arguments:?}");
    }
}
