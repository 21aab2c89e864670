//! From a row to a container: through the API, and from the table itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use claude_hooks_actors::model::{EventKind, Outcome, Phase, labels};
use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Fault, Fleet, On, SOON, engine, hot, lazy};
use crate::rows::insert_row;

const CREDENTIALS_PATH: &str = "/home/claude/.config/claude-code/.credentials.json";

/// The mount of a container at a place.
#[track_caller]
fn mounted_at<'a>(container: &'a Value, target: &str) -> &'a Value {
    let mounts = container["Mounts"].as_array().expect("a container has a list of mounts");
    let found = mounts.iter().find(|mount| mount["Destination"] == target);
    found.unwrap_or_else(|| panic!("nothing is mounted at {target}: {mounts:?}"))
}

#[test]
fn an_agent_created_through_the_api_runs_as_its_type_says() {
    let Some(mut fleet) = Fleet::new([]) else { return };
    let (code, credentials) = (fleet.path("code"), fleet.path("credentials.json"));
    fs::create_dir(&code).expect("the directory is ours");
    fs::write(&credentials, "{}").expect("the directory is ours");
    fleet.declare(
        hot("dev")
            .set("credentials", credentials.to_string_lossy())
            .container("user", "1000:1000")
            .container("env", json!({ "EDITOR": "vi" }))
            .container("mounts", json!([{ "source": code, "target": "/work", "read_only": true }])),
    );
    fleet.start();

    let made = fleet.create("alice", "dev");
    assert_eq!(made.outcome, Outcome::Created, "{made:?}");
    let agent = made.agent.expect("a created agent is shown");
    assert_eq!(agent.observed.phase, Phase::Running);

    let seen = fleet.inspect("alice").expect("there is a container of the instance's name");
    assert_eq!(seen["State"]["Running"], true);
    assert_eq!(seen["Config"]["Cmd"], json!(["run"]));
    let host = &seen["HostConfig"];
    assert_eq!(host["RestartPolicy"]["Name"], "unless-stopped");
    assert_eq!(host["Memory"], 64 << 20);
    assert_eq!(host["NanoCpus"], 500_000_000);
    assert_eq!(host["PidsLimit"], 64);
    assert_eq!(host["Init"], true);
    assert_eq!(host["CapDrop"], json!(["ALL"]));
    assert_eq!((&host["CapAdd"], &host["Privileged"]), (&Value::Null, &json!(false)));
    assert_eq!(host["NetworkMode"], "none");
    assert!(host["SecurityOpt"].to_string().contains("no-new-privileges"), "{}", host["SecurityOpt"]);
    assert!(host["LogConfig"]["Config"]["max-size"].is_string(), "{}", host["LogConfig"]);
    assert_eq!(seen["Config"]["User"], "1000:1000");

    let label = |name: &str| seen["Config"]["Labels"][name].as_str().unwrap_or_default().to_owned();
    assert_eq!(label(labels::INSTANCE), "alice");
    assert_eq!(label(labels::TYPE), "dev");
    assert_eq!(label(labels::LIFECYCLE), "hot");
    assert_eq!(Some(label(labels::SPEC)), agent.desired.spec_hash);

    let state = mounted_at(&seen, "/state");
    assert_eq!((&state["Type"], &state["Name"]), (&json!("volume"), &json!(fleet.volume("alice"))));
    assert_eq!(mounted_at(&seen, CREDENTIALS_PATH)["RW"], false);
    assert_eq!(mounted_at(&seen, "/work")["RW"], false);
    assert_eq!(mounted_at(&seen, "/.claude-hooks/runner")["RW"], false);
    let volume = fleet.inspect_volume("alice").expect("there is a volume of the instance's name");
    assert_eq!(volume["Labels"][labels::FLEET], label(labels::FLEET));
    assert!(volume["Labels"][labels::VOLUME].is_string(), "{volume}");
    // Nothing else of this machine is in it.
    assert_eq!(seen["Mounts"].as_array().map(Vec::len), Some(4), "{}", seen["Mounts"]);

    assert_eq!(fleet.exec("alice", &["print-env", "EDITOR"]), "EDITOR=vi");
    // A fresh volume belongs to root; the type's user must be able to write all the same.
    fleet.exec("alice", &["write", "/state/note", "mine"]);
    assert_eq!(fleet.exec("alice", &["cat", "/state/note"]), "mine");
}

#[test]
fn the_token_is_in_the_environment_and_nowhere_else() {
    const TOKEN: &str = "tok-5e1f0c9a7b";
    let begin = Timestamp::now().as_second().to_string();
    let Some(mut fleet) = Fleet::new([hot("dev").set("token_env", "AGENT_TOKEN")]) else { return };
    fleet.with_faults();
    fleet.give_token("dev", TOKEN);
    fleet.start();
    fleet.act("dev-default", "recreate");
    assert_eq!(fleet.exec("dev-default", &["print-env", "AGENT_TOKEN"]), format!("AGENT_TOKEN={TOKEN}"));
    // A failure shows docker's words; the token must not be among them either.
    fleet.faults().set(&[(On::Verb("create"), Fault::Fail("no such luck"))]);
    assert_eq!(fleet.create("unlucky", "dev").outcome, Outcome::Failed);

    let mut seen = fleet.inspect("dev-default").expect("it runs");
    let env = seen["Config"]["Env"].take();
    assert!(env.to_string().contains(TOKEN), "docker shows it in the environment: {env}");
    assert!(!seen.to_string().contains(TOKEN), "docker shows it elsewhere too: {seen}");
    let volume = fleet.inspect_volume("dev-default").expect("it has a volume").to_string();
    assert!(!volume.contains(TOKEN), "{volume}");
    let container = format!("container={}", fleet.container("dev-default"));
    let end = Timestamp::now().as_second().to_string();
    let told = engine::docker_ok(&["events", "--since", &begin, "--until", &end, "--filter", &container]);
    assert!(told.contains("container create") && !told.contains(TOKEN), "docker's events: {told}");
    for path in [
        "agents",
        "agents/dev-default",
        "agents/dev-default/logs",
        "agents/unlucky/why",
        "events?after=0&limit=1000",
        "types",
        "plan",
    ] {
        let request = fleet.unix(Method::GET, &format!("/api/v1/{path}"));
        let body = fleet.send(request.header("Accept", "application/json")).expect(200).body;
        assert!(!body.contains(TOKEN), "{path} shows the token");
    }
    let process = format!("/proc/{}", fleet.pid());
    for file in ["cmdline", "environ"] {
        let text = fs::read(format!("{process}/{file}")).expect("the daemon lives");
        assert!(!holds(&text, TOKEN), "the token is in the daemon's {file}");
    }
    // The log, the database with its journal, and what every docker process got as arguments and environment.
    let file = fleet.home().join(".config/claude-hooks/tokens/dev");
    assert!(fleet.faults().calls().iter().any(|call| call.verb == "create"), "the calls were recorded");
    assert_eq!(files_that_hold(&fleet.path(""), TOKEN), std::slice::from_ref(&file));
    assert!(fleet.sigterm().success());
    assert_eq!(files_that_hold(&fleet.path(""), TOKEN), [file]);
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

/// Every file under `dir` with this text in it.
fn files_that_hold(dir: &Path, text: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).expect("the directory is ours").flatten() {
        let (path, kind) = (entry.path(), entry.file_type().expect("the file system tells kinds"));
        if kind.is_dir() {
            found.extend(files_that_hold(&path, text));
        } else if kind.is_file() && holds(&fs::read(&path).expect("the file is ours"), text) {
            found.push(path);
        }
    }
    found
}

#[test]
fn a_row_that_is_in_the_table_at_start_gets_its_container() {
    let Some(mut fleet) = Fleet::started([hot("dev")]) else { return };
    assert!(fleet.sigterm().success());
    insert_row(&fleet.db(), "by-hand", "dev");
    fleet.start();
    assert_eq!(fleet.wait_phase("by-hand", Phase::Running, SOON).agent_type.as_ref(), "dev");
    assert_eq!(fleet.status("by-hand"), "running");
}

#[test]
fn a_row_that_another_process_writes_is_picked_up_at_the_next_round() {
    let Some(mut fleet) = Fleet::new([hot("dev")]) else { return };
    fleet.without_docker_events(1);
    fleet.start();
    insert_row(&fleet.db(), "by-hand", "dev");
    fleet.eventually("the row is known", SOON, || {
        fleet.agents().into_iter().find(|agent| agent.name.as_ref() == "by-hand")
    });
    fleet.wait_phase("by-hand", Phase::Running, SOON);
}

#[test]
fn a_first_start_makes_one_instance_of_every_type() {
    let Some(fleet) = Fleet::started([hot("boss"), lazy("reviewer")]) else { return };
    let names: Vec<String> = fleet.agents().iter().map(|agent| agent.name.to_string()).collect();
    assert_eq!(names, ["boss-default", "reviewer-default"]);
    assert_eq!(fleet.status("boss-default"), "running");
    assert_eq!(fleet.status("reviewer-default"), "created");
}

#[test]
fn a_first_start_without_types_leaves_the_first_agents_to_the_start_that_has_some() {
    let Some(mut fleet) = Fleet::started([]) else { return };
    assert_eq!(fleet.agents(), []);
    fleet.declare(hot("dev"));
    fleet.restart();
    let names: Vec<String> = fleet.agents().iter().map(|agent| agent.name.to_string()).collect();
    assert_eq!(names, ["dev-default"]);
}

#[test]
fn of_parallel_creates_of_one_name_exactly_one_is_accepted() {
    let Some(fleet) = Fleet::started([hot("dev")]) else { return };
    let body = json!({ "name": "twin", "type": "dev" });
    let mut statuses: Vec<u16> = std::thread::scope(|scope| {
        let ask = || fleet.post("/api/v1/agents", &body).status;
        let asked: Vec<_> = (0..4).map(|_| scope.spawn(ask)).collect();
        asked.into_iter().map(|handle| handle.join().expect("no request panics")).collect()
    });
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409]);
    assert_eq!(fleet.containers(), [fleet.container("dev-default"), fleet.container("twin")]);
}

#[test]
fn a_docker_failure_leaves_the_row_standing_and_is_healed() {
    let Some(mut fleet) = Fleet::new([hot("dev")]) else { return };
    let image = format!("{}-late:1", fleet.prefix);
    fleet.declare(hot("late").container("image", image.as_str()));
    fleet.start();
    let made = fleet.create("patient", "late");
    assert_eq!(made.outcome, Outcome::Failed);
    let reason = made.reason.expect("a failure has a reason");
    assert!(reason.contains(&image), "the reason names the image: {reason}");
    assert_eq!(fleet.inspect("patient"), None);
    assert_eq!(fleet.agent("patient").observed.phase, Phase::Backoff);
    let why = fleet.why("patient");
    assert!(why.next_action.is_some() && why.next_at.is_some(), "it says what is next and when: {why:?}");

    engine::docker_ok(&["tag", engine::image(), &image]);
    fleet.wait_phase("patient", Phase::Running, Duration::from_secs(90));
    let kinds: Vec<EventKind> = fleet
        .stored()
        .into_iter()
        .filter(|event| event.instance.as_ref().is_some_and(|name| name.as_ref() == "patient"))
        .map(|event| event.kind)
        .collect();
    assert_eq!(kinds.first(), Some(&EventKind::AgentCreated), "{kinds:?}");
    assert!(kinds.contains(&EventKind::ContainerFailed), "{kinds:?}");
    assert!(kinds.contains(&EventKind::ContainerCreated), "{kinds:?}");
}
