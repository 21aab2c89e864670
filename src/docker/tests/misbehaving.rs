//! Programs in docker's place that hang, lie or babble. No engine is needed.

use std::path::Path;
use std::time::Duration;

use claude_hooks_actors::model::{ContainerId, FleetId, FleetPrefix};
use claude_hooks_actors::ports::{ContainerRuntime, LogOptions, LogTarget, RuntimeError, Target};
use claude_hooks_actors::testing::name;
use futures_util::StreamExt;
use tempfile::TempDir;

use super::engine::{eventually, script};
use crate::docker::{CliRuntime, Deadlines, DockerSettings};

const SHORT: Duration = Duration::from_millis(300);

pub(super) fn settings(binary: &Path, dir: &Path) -> DockerSettings {
    DockerSettings {
        binary: binary.to_owned(),
        host: None,
        config_dir: dir.join("config"),
        token_dir: dir.to_owned(),
        tethered: false,
        runner: dir.join("runner"),
        agent_dirs: dir.join("agents"),
        fleet: FleetId::random(),
        prefix: FleetPrefix::parse("claude-hooks").expect("a prefix"),
    }
}

/// An adapter to a program of our own; `DIR` in its text is its directory.
fn misbehaving(text: &str) -> (CliRuntime, TempDir) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let binary = dir.path().join("docker");
    script(&binary, &text.replace("DIR", &dir.path().display().to_string()));
    let deadlines = Deadlines { look: SHORT, change: SHORT, stop_beyond_grace: SHORT, pull: SHORT };
    (CliRuntime::with_deadlines(settings(&binary, dir.path()), deadlines).expect("the adapter"), dir)
}

/// The same with time enough to end.
pub(super) fn odd(text: &str) -> (CliRuntime, TempDir) {
    let (runtime, dir) = misbehaving(text);
    (CliRuntime::open(runtime.settings).expect("the adapter"), dir)
}

fn id() -> ContainerId {
    ContainerId::parse(&"ab".repeat(32)).expect("64 digits")
}

fn target() -> [Target; 1] {
    [Target { name: name("dev-1"), known: Vec::new() }]
}

/// Waits until none of the processes lives whose ids the program noted.
async fn all_ended(dir: &TempDir) {
    let noted = std::fs::read_to_string(dir.path().join("pids")).expect("the program noted its processes");
    assert_eq!(noted.lines().count(), 2, "{noted}");
    for pid in noted.lines() {
        eventually("the processes of the CLI are gone", || !lives(pid)).await;
    }
}

/// False for none, and for a zombie whose new parent has not looked yet.
fn lives(pid: &str) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with(" Z"))
}

/// Notes itself and a child, and never ends; SIGTERM is ignored.
const HUNG: &str =
    "trap '' TERM INT; sleep 1000 & echo $$ > DIR/new; echo $! >> DIR/new; mv DIR/new DIR/pids; wait";

#[tokio::test]
async fn a_hung_cli_is_killed_with_its_children_at_the_deadline() {
    let (runtime, dir) = misbehaving(HUNG);
    let error = runtime.observe(&target()).await.expect_err("it hangs");
    assert_eq!(error, RuntimeError::Timeout { verb: "inspect", after: SHORT });
    all_ended(&dir).await;
    assert_eq!(runtime.start(&id()).await, Err(RuntimeError::Timeout { verb: "start", after: SHORT }));
    let grace = Duration::from_millis(100);
    let stopped = runtime.stop(&id(), grace).await;
    assert_eq!(stopped, Err(RuntimeError::Timeout { verb: "stop", after: SHORT + grace }));
    let (progress, _lines) = tokio::sync::mpsc::channel(1);
    let pulled = runtime.pull("agent:1", claude_hooks_actors::model::PullPolicy::Always, progress).await;
    assert_eq!(pulled, Err(RuntimeError::Timeout { verb: "pull", after: SHORT }));
    all_ended(&dir).await;
}

#[tokio::test]
async fn a_call_that_nobody_waits_for_any_more_is_killed() {
    let (runtime, dir) = odd(HUNG);
    let (pids, id) = (dir.path().join("pids"), id());
    tokio::select! {
        result = runtime.remove(&id, true) => panic!("it ended: {result:?}"),
        () = eventually("the program has started", || pids.exists()) => {}
    }
    all_ended(&dir).await;
}

#[tokio::test]
async fn a_dropped_stream_takes_its_cli_with_it() {
    let (runtime, dir) = odd(HUNG);
    let pids = dir.path().join("pids");
    let events = runtime.events().await.expect("it starts");
    eventually("the program has started", || pids.exists()).await;
    drop(events);
    all_ended(&dir).await;
}

#[tokio::test]
async fn garbage_is_garbled_whatever_was_asked() {
    for output in ["echo '<html>502 Bad Gateway</html>'", "printf '[{\"Id\": \"ab'", "printf 'ab\\377\\n'"] {
        let (runtime, _dir) = odd(output);
        let errors = [
            runtime.observe_fleet(&target()).await.expect_err("observe_fleet"),
            runtime.observe(&target()).await.expect_err("observe"),
            runtime.volumes(&["v".into()]).await.expect_err("volumes"),
            runtime.image("agent:1").await.expect_err("image"),
            runtime.volume_users("v").await.expect_err("volume_users"),
        ];
        for error in errors {
            assert_eq!(error.word(), "garbled", "{output}: {error}");
        }
    }
}

#[tokio::test]
async fn a_list_that_is_empty_or_cut_off_makes_nobody_missing() {
    // Nothing on the list and silence on the inspect: no confirmation.
    let (runtime, _dir) = odd("case $1 in ps) ;; inspect) echo '[]' ;; esac");
    assert_eq!(runtime.observe_fleet(&target()).await.expect_err("silence").word(), "garbled");
    // The same with the exit code of a missing container.
    let (runtime, _dir) = odd("case $1 in ps) ;; inspect) echo '[]'; exit 1 ;; esac");
    assert_eq!(runtime.observe_fleet(&target()).await.expect_err("silence").word(), "other");
    // The engine goes away between the two calls.
    let (runtime, _dir) = odd(
        "case $1 in ps) ;; inspect) echo '[]'; echo 'Cannot connect to the Docker daemon at x.' >&2; exit 1 ;; esac",
    );
    assert_eq!(runtime.observe_fleet(&target()).await.expect_err("an outage").word(), "unreachable");
    // Cut off before the newline.
    let (runtime, _dir) = odd(&format!("printf '{}\\tclaude-hooks-dev-1\\t\"\"'", id()));
    assert_eq!(runtime.observe_fleet(&target()).await.expect_err("cut off").word(), "garbled");
    // Confirmed.
    let (runtime, _dir) = odd(
        "case $1 in ps) ;; inspect) echo '[]'; echo \"Error: No such container: $4\" >&2; exit 1 ;; esac",
    );
    assert_eq!(runtime.observe_fleet(&target()).await.expect("confirmed").containers, []);
}

#[tokio::test]
async fn a_container_replaced_between_the_list_and_the_inspect_is_not_missing() {
    let new = "cd".repeat(32);
    let json = format!(
        r#"[{{"Id":"{new}","Name":"/claude-hooks-dev-1","Image":"sha256:{new}","RestartCount":0,"State":{{"Status":"running","StartedAt":"t","FinishedAt":"t","ExitCode":0,"OOMKilled":false,"Error":""}},"Config":{{"Image":"i","Labels":null}},"HostConfig":{{"RestartPolicy":{{"Name":"no"}}}},"Mounts":[]}}]"#
    );
    let text = format!(
        "case $1 in\nps) printf '{old}\\tclaude-hooks-dev-1\\t\"\"\\n' ;;\ninspect) case $4 in\n{old}) echo '[]'; echo \"Error: No such container: $4\" >&2; exit 1 ;;\n*) echo '{json}' ;;\nesac ;;\nesac",
        old = id()
    );
    let (runtime, _dir) = odd(&text);
    let seen = runtime.observe_fleet(&target()).await.expect("a look").containers;
    assert_eq!(seen.len(), 1);
    assert_eq!((seen[0].id.as_ref(), seen[0].name.as_str()), (new.as_str(), "claude-hooks-dev-1"));
    assert_eq!(runtime.calls(), 3);
}

#[tokio::test]
async fn podman_is_recognised_by_what_it_says() {
    let text = "case \"$*\" in\n*.Label\\ *) echo 'Error: template: ps:1:32: executing \"ps\" at <.Label>: can'\\''t evaluate field Label in type containers.psReporter' >&2; exit 125 ;;\n*index*) ;;\n*) echo '[]'; echo \"Error: inspecting object: no such container claude-hooks-dev-1\" >&2; exit 125 ;;\nesac";
    let (runtime, _dir) = odd(text);
    for calls in [3, 5] {
        assert_eq!(runtime.observe_fleet(&target()).await.expect("a look").containers, []);
        assert_eq!(runtime.calls(), calls);
    }
}

#[tokio::test]
async fn output_is_bounded_and_complaints_are_drained() {
    let (runtime, _dir) = odd("head -c 3000000 /dev/zero");
    assert_eq!(runtime.image("agent:1").await.expect_err("too much").word(), "garbled");
    let digest = "ab".repeat(32);
    let (runtime, _dir) = odd(&format!("head -c 3000000 /dev/zero >&2; echo sha256:{digest}"));
    let image = runtime.image("agent:1").await.expect("stderr alone is no failure").expect("an image");
    assert_eq!(image.id, format!("sha256:{digest}"));
}

#[tokio::test]
async fn a_removal_in_progress_is_waited_for() {
    let busy =
        "echo \"Error response from daemon: removal of container $2 is already in progress\" >&2; exit 1";
    let gone = "echo '[]'; echo \"Error: No such container: $4\" >&2; exit 1";
    let (runtime, dir) =
        odd(&format!("echo $1 >> DIR/calls; case $1 in rm) {busy} ;; inspect) {gone} ;; esac"));
    runtime.remove(&id(), false).await.expect("it is gone");
    assert_eq!(std::fs::read_to_string(dir.path().join("calls")).expect("calls"), "rm\ninspect\n");
}

#[tokio::test]
async fn events_skip_what_is_not_understood_and_end_with_an_error() {
    let line = |instance: &str, action: &str| {
        format!(
            r#"echo '{{"Type":"container","Action":"{action}","Actor":{{"ID":"{}","Attributes":{{"claude-hooks.instance":"{instance}"}}}}}}'"#,
            id()
        )
    };
    let text = [
        line("dev-1", "start"),
        "echo garbage".into(),
        line("Not A Name", "die"),
        line("dev-1", "exec_start: sh"),
        line("dev-1", "health_status: healthy"),
        "echo 'unexpected EOF' >&2; exit 1".into(),
    ];
    let (runtime, _dir) = odd(&text.join("\n"));
    let seen: Vec<_> = runtime.events().await.expect("it starts").collect().await;
    let words: Vec<String> = seen
        .into_iter()
        .map(|event| event.map_or_else(|error| error.word().to_owned(), |event| event.action))
        .collect();
    assert_eq!(words, ["start", "health_status: healthy", "unreachable"]);
}

#[tokio::test]
async fn logs_that_break_off_end_with_an_error() {
    let seen = include_str!("../parse/fixtures/docker-20.10.json");
    let at = seen.find("\"Id\": \"").expect("the fixture has an id") + 7;
    let id = ContainerId::parse(&seen[at..at + 64]).expect("the fixture's id");
    let text = format!(
        "case $1 in inspect) cat <<'EOF'\n{seen}\nEOF\n;; logs) echo out; echo 'error from daemon in stream: unexpected EOF' >&2; exit 1 ;; esac"
    );
    let (runtime, _dir) = odd(&text);
    let options = LogOptions { tail: 10, follow: true, timestamps: false };
    let logs = runtime.logs(&LogTarget(id), options).await.expect("it is there");
    let pieces: Vec<_> = logs.collect().await;
    let error = pieces.last().expect("pieces").as_ref().expect_err("it broke off");
    assert_eq!(error.word(), "unreachable", "{error}");
    let out: Vec<_> =
        pieces.iter().filter_map(|piece| piece.as_ref().ok()).filter(|piece| !piece.stderr).collect();
    assert_eq!((out.len(), &out[0].bytes[..]), (1, &b"out\n"[..]));
}
