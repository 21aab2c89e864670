use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use clap::CommandFactory as _;
use claude_hooks_actors::model::FleetPrefix;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::args::{AgentsVerb, Cli, Verb};
use super::context::{Asking, Context};
use super::failure::{Exit, Failure};
use super::{agents, completions, events, fleet, logs, parse};
use crate::client::Client;
use crate::client::fake::{Answer, FakeDaemon};
use crate::config::{ClientSettings, Flags, Sources};
use crate::data_dir::DataPaths;

/// Collects what is printed.
#[derive(Clone, Debug, Default)]
pub(super) struct Printed(Arc<Mutex<Vec<u8>>>);

impl Printed {
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.lock().expect("nobody panics with it").clone()).expect("we print UTF-8")
    }
}

impl Write for Printed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("nobody panics with it").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A reader that has gone, as behind `| head`.
struct ClosedPipe;

impl Write for ClosedPipe {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(io::ErrorKind::BrokenPipe.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The time of every test: 2026-01-01T12:00:00Z.
pub(super) fn noon() -> Timestamp {
    "2026-01-01T12:00:00Z".parse().expect("a time")
}

/// A context that prints into the two that are returned beside it: output, and what is told beside it.
pub(super) fn context(json: bool) -> (Context, Printed, Printed) {
    let (out, err) = (Printed::default(), Printed::default());
    let context = Context {
        json,
        terminal: false,
        out: Box::new(out.clone()),
        err: Box::new(err.clone()),
        input: || Ok(String::new()),
        now: noon,
        reconnect_pause: Duration::ZERO,
    };
    (context, out, err)
}

pub(super) fn asking(socket: &Path, json: bool) -> (Asking, Printed, Printed) {
    let (context, out, err) = context(json);
    let settings = ClientSettings {
        data: DataPaths::new("/nowhere"),
        socket: socket.to_owned(),
        prefix: FleetPrefix::parse("claude-hooks").expect("a prefix"),
    };
    (Asking { context, client: Client::new(socket), settings }, out, err)
}

pub(super) fn agents_verb(arguments: &[&str]) -> AgentsVerb {
    match parse(&[&["agents"], arguments].concat()).expect("valid").verb {
        Verb::Agents { verb } => verb,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_definition_of_the_command_line_has_no_contradiction() {
    Cli::command().debug_assert();
}

#[test]
fn help_says_every_verb() {
    let mut command = Cli::command().term_width(100);
    let mut text = command.render_long_help().to_string();
    for path in [
        &["agents"][..],
        &["agents", "create"],
        &["agents", "update"],
        &["agents", "delete"],
        &["agents", "hold"],
        &["agents", "park"],
        &["leases"],
        &["leases", "claim"],
        &["leases", "renew"],
        &["scale"],
        &["events"],
        &["agents-sync"],
        &["exec"],
        &["tasks"],
        &["dashboard"],
        &["volumes"],
        &["backup"],
        &["restore"],
    ] {
        let verb = path.iter().fold(&mut command, |command, name| {
            command.find_subcommand_mut(name).expect("the verb is there")
        });
        let help = verb.clone().term_width(100).render_help();
        writeln!(text, "\n──── {}\n{help}", path.join(" ")).expect("a String takes every text");
    }
    insta::assert_snapshot!(text);
}

#[test]
fn what_cannot_be_meant_is_a_usage_error() {
    for arguments in [
        &["frobnicate"][..],
        &[],
        &["agents", "show", "../a"],
        &["agents", "show", "-x"],
        &["agents", "create", "dev-2"],
        &["agents", "create", "dev-2", "--type", "dev", "--mount", "relative:/x"],
        &["agents", "create", "dev-2", "--type", "dev", "--mount", "/a"],
        &["agents", "create", "dev-2", "--type", "dev", "--env", "NOVALUE"],
        &["agents", "create", "dev-2", "--type", "dev", "--memory", "4x"],
        &["agents", "create", "dev-2", "--type", "dev", "--cpus", "many"],
        &["agents", "create", "dev-2", "--type", "dev", "--lifecycle", "warm"],
        &["agents", "recover", "dev-2"],
        &["agents", "stop"],
        &["scale", "dev"],
        &["scale", "dev=-1"],
        &["scale", "Dev=1"],
        &["events", "--kind", "nothing"],
        &["agents-sync", "--dry-run", "--adopt"],
        &["completions", "cobol"],
        &["exec", "dev-1"],
        &["agents", "cordon"],
        &["agents", "hold", "a"],
        &["agents", "hold", "a", "--for", "1w"],
        &["leases", "claim", "--holder", "x"],
        &["leases", "claim", "--holder", "x", "--type", "dev", "--instance", "a"],
        &["leases", "claim", "--type", "dev"],
        &["leases", "claim", "--type", "dev", "--holder", "x", "--wake", "5s", "--asleep"],
        &["leases", "renew", "1", "--fence", "1"],
        &["leases", "release", "01980000-0000-7000-8000-000000000000"],
        &["exec", "--", "true"],
        &["exec", "dev-1", "--type", "dev", "--", "true"],
        &["exec", "dev-1", "--timeout", "0", "--", "true"],
        &["tasks", "show", "dev-1"],
        &["tasks", "list", "--state", "busy"],
        &["tasks", "cancel"],
    ] {
        let error = parse(arguments).expect_err(&arguments.join(" "));
        assert_eq!(error.exit_code(), 2, "{arguments:?}: {error}");
    }
}

#[test]
fn flags_that_hold_everywhere_may_stand_behind_the_verb() {
    let cli = parse(&["agents", "list", "--data-dir", "/d", "--socket", "/s", "--json"]).expect("valid");
    assert!(cli.globals.json);
    let expected = Flags { data_dir: Some("/d".into()), socket: Some("/s".into()), ..Flags::default() };
    assert_eq!(cli.flags(), expected);
    let cli = parse(&["serve", "--listen", "127.0.0.1:0"]).expect("valid");
    assert_eq!(cli.flags().listen.as_deref(), Some("127.0.0.1:0"));
}

#[test]
fn every_shell_gets_a_completion_script() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let (mut context, out, _) = context(false);
        completions::run(&mut context, shell.parse().expect("a shell")).expect("printable");
        for word in ["agents-sync", "dry-run", "recreate", "json", "version", "uncordon", "leases", "release"]
        {
            assert!(out.text().contains(word), "{shell}: {word}");
        }
        for verb in Cli::command().get_subcommands().filter(|verb| verb.is_hide_set()) {
            let name = verb.get_name();
            let spelt = [name.to_owned(), name.replace('-', "_"), name.replace('-', "__")];
            assert!(!spelt.iter().any(|name| out.text().contains(name)), "{shell} offers {name}");
        }
    }
}

#[test]
fn a_reader_that_has_gone_is_a_quiet_success() {
    let (mut context, _, _) = context(false);
    context.out = Box::new(ClosedPipe);
    let failure = context.line("x").expect_err("the pipe is closed");
    let mut told = Vec::new();
    assert_eq!((failure.tell(&mut told), told.as_slice()), (Exit::Done, &b""[..]));
}

/// What the process would print to stderr and exit with.
pub(super) fn ending(failure: &Failure) -> (Exit, String) {
    let mut told = Vec::new();
    let exit = failure.tell(&mut told);
    (exit, String::from_utf8(told).expect("UTF-8"))
}

#[actix_rt::test]
async fn without_a_daemon_it_is_said_how_to_start_one() {
    let (mut asking, out, _) = asking(Path::new("/nonexistent/s"), false);
    let failure = agents::run(&mut asking, AgentsVerb::List).await.expect_err("nobody listens");
    let (exit, told) = ending(&failure);
    assert_eq!((exit, out.text().as_str()), (Exit::Unreachable, ""));
    insta::assert_snapshot!(told);
}

#[actix_rt::test]
async fn a_refusal_is_told_with_field_and_help() {
    let problem =
        Answer::problem(422, "unknown-type", "there is no type \"def\"", Some("did you mean \"dev\"?"));
    let daemon = FakeDaemon::start(vec![problem]);
    let (mut asking, _, _) = asking(&daemon.socket(), false);
    let verb = agents_verb(&["create", "a", "--type", "def"]);
    let (exit, told) = ending(&agents::run(&mut asking, verb).await.expect_err("a 422"));
    assert_eq!(exit, Exit::Failed);
    assert_eq!(told, "error: the daemon refuses: there is no type \"def\"\nhelp: did you mean \"dev\"?\n");
}

#[actix_rt::test]
async fn create_sends_what_was_said_and_nothing_else() {
    let answer = json!({ "name": "dev-2", "outcome": "created" }).to_string();
    let daemon = FakeDaemon::start(vec![Answer::ok(answer.clone()), Answer::ok(answer)]);
    let (mut asking, out, _) = asking(&daemon.socket(), false);
    let small = agents_verb(&["create", "dev-2", "--type", "dev"]);
    agents::run(&mut asking, small).await.expect("created");
    let all = agents_verb(&[
        "create",
        "dev-2",
        "--type",
        "dev",
        "--lifecycle",
        "lazy",
        "--image",
        "i:1",
        "--env",
        "A=1=2",
        "-e",
        "B=",
        "--mount",
        "/a:/b:ro",
        "--mount",
        "/c:/d",
        "--network",
        "none",
        "--memory",
        "4g",
        "--cpus",
        "0.5",
        "--pids",
        "9",
        "--",
        "sleep",
        "--help",
    ]);
    agents::run(&mut asking, all).await.expect("created");
    assert_eq!(out.text(), "dev-2: created\ndev-2: created\n");
    let bodies: Vec<Value> =
        daemon.seen().iter().map(|seen| serde_json::from_str(&seen.body).expect("JSON")).collect();
    assert_eq!(daemon.seen()[0].line, "POST /api/v1/agents");
    insta::assert_json_snapshot!(bodies);
}

#[actix_rt::test]
async fn update_changes_the_generation_that_it_read() {
    let changed = json!({ "name": "dev-2", "outcome": "recreated" }).to_string();
    let daemon = FakeDaemon::start(vec![Answer::tagged(7, "{}"), Answer::ok(changed)]);
    let (mut asking, _, _) = asking(&daemon.socket(), false);
    let verb = agents_verb(&[
        "update", "dev-2", "--env", "A=1", "--memory", "1g", "--unset", "image", "--unset", "cpus",
        "--unset", "env.B", "--unset", "C",
    ]);
    agents::run(&mut asking, verb).await.expect("updated");
    let seen = &daemon.seen()[1];
    assert_eq!((seen.line.as_str(), seen.if_match.as_deref()), ("PATCH /api/v1/agents/dev-2", Some("\"7\"")));
    let body: Value = serde_json::from_str(&seen.body).expect("JSON");
    let env = json!({ "A": "1", "B": null, "C": null });
    assert_eq!(body, json!({ "env": env, "image": null, "limits": { "memory": "1g", "cpus": null } }));
}

#[actix_rt::test]
async fn an_update_that_says_nothing_or_the_opposite_is_a_usage_error() {
    let (mut asking, _, _) = asking(Path::new("/nonexistent/s"), false);
    for arguments in [
        &["update", "a"][..],
        &["update", "a", "--image", "i:1", "--unset", "image"],
        &["update", "a", "-e", "K=1", "--unset", "K"],
    ] {
        let failure = agents::run(&mut asking, agents_verb(arguments)).await.expect_err("nothing to do");
        assert_eq!(ending(&failure).0, Exit::Usage, "{arguments:?}");
    }
}

#[actix_rt::test]
async fn one_agent_that_fails_does_not_keep_the_others_from_their_turn() {
    let daemon = FakeDaemon::start(vec![
        Answer::ok(json!({ "name": "a", "outcome": "failed", "reason": "no image\u{1b}[31m" }).to_string()),
        Answer::problem(404, "agent-not-found", "there is no agent b", None),
        Answer::ok(json!({ "name": "c", "outcome": "started" }).to_string()),
    ]);
    let (mut asking, out, err) = asking(&daemon.socket(), false);
    let verb = agents_verb(&["start", "a", "b", "c", "--force"]);
    let failure = agents::run(&mut asking, verb).await.expect_err("a and b failed");
    assert_eq!(ending(&failure), (Exit::Failed, String::new()));
    assert_eq!(out.text(), "a: failed\nc: started\n");
    assert!(err.text().contains("a: no image·[31m\n"), "{}", err.text());
    assert!(err.text().contains("b: the daemon refuses: there is no agent b\n"), "{}", err.text());
    assert_eq!(daemon.seen()[2].line, "POST /api/v1/agents/c/start?force=1");
}

#[actix_rt::test]
async fn json_is_what_the_daemon_said() {
    let answer = json!({ "items": [], "generation": 3 });
    let daemon = FakeDaemon::start(vec![Answer::ok(answer.to_string())]);
    let (mut asking, out, err) = asking(&daemon.socket(), true);
    agents::run(&mut asking, AgentsVerb::List).await.expect("listed");
    assert_eq!(serde_json::from_str::<Value>(&out.text()).expect("JSON"), answer);
    assert_eq!(err.text(), "");
}

#[actix_rt::test]
async fn what_several_agents_answer_is_one_document() {
    let of = |name: &str| json!({ "name": name, "outcome": "started" });
    let missing = || Answer::problem(404, "agent-not-found", "there is no agent b", None);
    let ok = |name: &str| Answer::ok(of(name).to_string());
    let scaled = json!({ "created": [], "removed": [], "unchanged": 1 });
    let answers = vec![
        ok("a"),
        ok("a"),
        missing(),
        ok("c"),
        Answer::ok(scaled.to_string()),
        Answer::ok(scaled.to_string()),
    ];
    let daemon = FakeDaemon::start(answers);
    let print = |out: Printed| serde_json::from_str::<Value>(&out.text()).expect("one JSON document");

    let (mut one, out, _) = asking(&daemon.socket(), true);
    agents::run(&mut one, agents_verb(&["start", "a"])).await.expect("started");
    assert_eq!(print(out), of("a"));
    let (mut three, out, _) = asking(&daemon.socket(), true);
    agents::run(&mut three, agents_verb(&["start", "a", "b", "c"])).await.expect_err("b is not there");
    assert_eq!(print(out), json!({ "items": [of("a"), of("c")] }));
    let (mut scaling, out, _) = asking(&daemon.socket(), true);
    let Verb::Scale(args) = parse(&["scale", "dev=1", "boss=1"]).expect("valid").verb else {
        panic!("scale")
    };
    fleet::scale(&mut scaling, &args).await.expect("scaled");
    assert_eq!(print(out), json!({ "items": [scaled, scaled] }));
}

#[actix_rt::test]
async fn what_needed_no_container_to_change_is_told_in_words_that_fit_the_verb() {
    for (verb, phase, told) in [
        ("stop", Some("stopped"), "stopped"),
        ("start", Some("running"), "unchanged; it is running"),
        ("delete", None, "deleted; it had no container"),
    ] {
        let observed = phase.map(|phase| json!({ "phase": phase }));
        let answer = json!({ "name": "a", "outcome": "unchanged", "observed": observed });
        let daemon = FakeDaemon::start(vec![Answer::ok(answer.to_string())]);
        let (mut asking, out, _) = asking(&daemon.socket(), false);
        agents::run(&mut asking, agents_verb(&[verb, "a"])).await.expect("done");
        assert_eq!(out.text(), format!("a: {told}\n"));
    }
}

#[test]
fn a_mistyped_kind_of_event_is_told_the_kinds_and_no_verb_gets_the_help() {
    let wrong = parse(&["events", "--kind", "container_strted"]).expect_err("no such kind").to_string();
    assert!(wrong.contains("container_started") && wrong.contains("state_lost"), "{wrong}");
    let nothing = parse(&[]).expect_err("a verb is missing").to_string();
    assert!(nothing.contains("Commands:") && !nothing.contains("hand-over-volume"), "{nothing}");
    let options = parse(&["--json"]).expect_err("a verb is missing").to_string();
    assert!(options.contains("agents-sync") && !options.contains("hand-over-volume"), "{options}");
}

#[actix_rt::test]
async fn scale_says_what_came_and_went() {
    let report = json!({
        "created": [{ "name": "dev-2", "outcome": "created" }, { "name": "dev-3", "outcome": "failed", "reason": "x" }],
        "removed": [], "unchanged": 1,
    });
    let daemon = FakeDaemon::start(vec![Answer::ok(report.to_string())]);
    let (mut asking, out, err) = asking(&daemon.socket(), false);
    let Verb::Scale(args) = parse(&["scale", "dev=3"]).expect("valid").verb else { panic!("scale") };
    let failure = fleet::scale(&mut asking, &args).await.expect_err("dev-3 failed");
    assert_eq!(failure.exit(), Exit::Failed);
    assert_eq!(out.text(), "dev: created dev-2; removed -; unchanged 1\n");
    assert_eq!(err.text(), "dev-3 is not created: x\n");
    assert_eq!(daemon.seen()[0].line, "POST /api/v1/types/dev/scale");
    assert_eq!(daemon.seen()[0].body, "{\"count\":3}");
}

const EVENT: &str = r#"{"seq":7,"at":"2026-01-01T11:59:00Z","kind":"container_stopped","instance":"dev-1","type":"dev","incarnation":null,"cause":"killed","detail":"exit code 137\nfrom outside","data":null,"caused_by":null}"#;

#[actix_rt::test]
async fn events_are_shown_as_a_page_with_the_filters_of_the_flags() {
    let page = format!("{{\"items\":[{EVENT}],\"generation\":1}}");
    let daemon = FakeDaemon::start(vec![Answer::ok(page)]);
    let (mut asking, out, _) = asking(&daemon.socket(), false);
    let verb = parse(&[
        "events",
        "--kind",
        "container_stopped",
        "--instance",
        "dev-1",
        "--type",
        "dev",
        "--after",
        "6",
    ]);
    let Verb::Events(args) = verb.expect("valid").verb else { panic!("events") };
    events::run(&mut asking, args).await.expect("shown");
    let expected = "2026-01-01 11:59:00Z       7  container_stopped          dev-1              killed: exit code 137 from outside\n";
    assert_eq!(out.text(), expected);
    let seen = &daemon.seen()[0];
    assert_eq!(
        seen.line,
        "GET /api/v1/events?kind=container_stopped&instance=dev-1&type=dev&limit=50&after=6"
    );
    assert_eq!(seen.accept.as_deref(), Some("application/json"));
}

#[actix_rt::test]
async fn following_events_goes_on_where_a_broken_stream_ended() {
    let first = format!(
        ": ping\n\nid: 6\nevent: snapshot\ndata: {{}}\n\nid: 7\nevent: container_stopped\ndata: {EVENT}\n\n"
    );
    let daemon = FakeDaemon::start(vec![
        Answer::stream(first),
        Answer::stream("event: resync\ndata: {}\n\n"),
        Answer::problem(503, "stopping", "the supervisor is stopping", None),
    ]);
    let (mut asking, out, err) = asking(&daemon.socket(), true);
    let Verb::Events(args) = parse(&["events", "-f", "--after", "5"]).expect("valid").verb else {
        panic!("events")
    };
    let failure = events::run(&mut asking, args).await.expect_err("the third answer is a refusal");
    assert_eq!(failure.exit(), Exit::Failed);
    assert_eq!(out.text().lines().count(), 1, "{}", out.text());
    assert!(err.text().contains("trying again") && err.text().contains("missing here"), "{}", err.text());
    let cursors: Vec<Option<String>> = daemon.seen().into_iter().map(|seen| seen.last_event_id).collect();
    assert_eq!(cursors, [Some("5".to_owned()), Some("7".to_owned()), Some("7".to_owned())]);
}

#[actix_rt::test]
async fn followed_logs_keep_the_two_streams_apart() {
    let frames = "retry: 2000\n\nevent: log\ndata: {\"stream\":\"stdout\",\"text\":\"a\\n\"}\n\n\
                  event: log\ndata: {\"stream\":\"stderr\",\"text\":\"b\\n\"}\n\nevent: end\ndata: {}\n\n";
    let daemon = FakeDaemon::start(vec![Answer::stream(frames)]);
    let (mut asking, out, err) = asking(&daemon.socket(), false);
    let Verb::Logs(args) = parse(&["logs", "-f", "dev-1", "-n", "5"]).expect("valid").verb else {
        panic!("logs")
    };
    logs::run(&mut asking, args).await.expect("shown");
    assert_eq!((out.text().as_str(), err.text().as_str()), ("a\n", "b\n"));
    assert_eq!(daemon.seen()[0].line, "GET /api/v1/agents/dev-1/logs?tail=5&follow=1");
}

#[test]
fn check_config_shows_every_value_with_its_origin() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let file = dir.path().join("c.toml");
    std::fs::write(&file, "[watchdog]\ninterval_s = 5\n[docker]\nparallel = 3\n").expect("writable");
    std::fs::write(dir.path().join("agents.json"), crate::config::DEFAULT_TYPES).expect("writable");
    let sources = Sources {
        config: Some(file),
        env: [("HOME", "/home/x"), ("CLAUDE_HOOKS_DATA_DIR", "/srv/data")]
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .into(),
        ..Sources::default()
    };
    let (mut context, out, _) = context(false);
    super::check_config::run(&mut context, &sources, false).expect("valid");
    // The widths depend on where temporary directories are made.
    let text = out.text().replace(&dir.path().display().to_string(), "<dir>");
    let lines: Vec<String> =
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    insta::assert_snapshot!(lines.join("\n"));
}
