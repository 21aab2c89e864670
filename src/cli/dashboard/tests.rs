use serde_json::json;

use super::*;
use crate::cli::args::Verb;
use crate::cli::failure::Exit;
use crate::cli::parse;
use crate::cli::tests::{asking, ending};
use crate::client::fake::{Answer, FakeDaemon};

const URL: &str = "http://127.0.0.1:7117/sign-in#code=abc";

fn link() -> Answer {
    Answer::ok(json!({ "url": URL, "expires_in_s": 60 }).to_string())
}

fn args(arguments: &[&str]) -> DashboardArgs {
    match parse(&[&["dashboard"], arguments].concat()).expect("valid").verb {
        Verb::Dashboard(args) => args,
        other => panic!("{other:?}"),
    }
}

#[actix_rt::test]
async fn the_link_is_asked_for_at_the_socket_and_printed() {
    let daemon = FakeDaemon::start(vec![link(); 3]);
    let (mut to_people, out, err) = asking(&daemon.socket(), false);
    run(&mut to_people, args(&["--no-open"])).await.expect("printed");
    run(&mut to_people, args(&["--print"])).await.expect("printed");
    let told = format!("{URL}\nThis link signs one browser in, once, within 60 s.\n{URL}\n");
    assert_eq!((out.text(), err.text()), (told, String::new()));
    let (mut to_programs, out, _) = asking(&daemon.socket(), true);
    run(&mut to_programs, args(&[])).await.expect("printed");
    let document: serde_json::Value = serde_json::from_str(&out.text()).expect("JSON");
    assert_eq!(document["url"], URL);
    assert_eq!(daemon.seen()[0].line, "POST /session/links");
}

#[actix_rt::test]
async fn a_daemon_that_no_browser_can_reach_says_what_to_do() {
    let detail = "the supervisor listens on its Unix socket only";
    let refusal = Answer::problem(409, "denied", detail, Some("set [server] listen"));
    let daemon = FakeDaemon::start(vec![refusal]);
    let (mut asking, out, _) = asking(&daemon.socket(), false);
    let refused = run(&mut asking, args(&[])).await.expect_err("no link");
    let (exit, told) = ending(&refused);
    assert_eq!((exit, out.text().as_str()), (Exit::Failed, ""));
    assert!(told.contains(detail) && told.contains("set [server] listen"), "{told}");
}
