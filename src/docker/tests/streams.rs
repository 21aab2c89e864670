//! Events, logs and pulls of the real engine.

use std::path::Path;
use std::time::Duration;

use claude_hooks_actors::model::PullPolicy;
use claude_hooks_actors::ports::{ContainerRuntime, LogOptions, LogStream, LogTarget};
use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::engine::{engines, eventually};

const SOON: Duration = Duration::from_secs(10);

/// True if a process has `word` and `other` among its arguments.
fn runs(word: &str, other: &str) -> bool {
    let processes = std::fs::read_dir("/proc").expect("/proc").filter_map(Result::ok);
    let arguments = |dir: &Path| std::fs::read(dir.join("cmdline")).unwrap_or_default();
    processes.map(|entry| arguments(&entry.path())).any(|line| {
        let words: Vec<&[u8]> = line.split(|byte| *byte == 0).collect();
        words.contains(&word.as_bytes()) && words.contains(&other.as_bytes())
    })
}

#[tokio::test]
async fn events_of_our_fleet_are_seen_from_the_moment_of_asking() {
    for engine in engines() {
        let runtime = engine.runtime();
        let mut events = runtime.events().await.expect("it starts");
        // Without a pause: what happens before the CLI listens is seen all the same.
        let id = runtime.create(&engine.request("dev-1")).await.expect("create");
        runtime.start(&id).await.expect("start");
        engine.docker(&["exec", id.as_ref(), "true"]);
        engine.docker(&[
            "run",
            "--rm",
            "--name",
            &format!("{}.x", engine.prefix),
            "--network",
            "none",
            &engine.image,
            "true",
        ]);
        runtime.remove(&id, true).await.expect("remove");
        let mut actions = Vec::new();
        while actions.last().map(String::as_str) != Some("destroy") {
            let event =
                timeout(SOON, events.next()).await.expect("an event").expect("no end").expect("no error");
            assert_eq!((event.instance.as_ref(), event.container), ("dev-1", Some(id.clone())));
            actions.push(event.action);
        }
        assert_eq!(actions.first().map(String::as_str), Some("create"));
        for action in ["start", "die"] {
            assert!(actions.iter().any(|seen| seen == action), "{action}: {actions:?}");
        }
        assert!(!actions.iter().any(|seen| seen.starts_with("exec")), "{actions:?}");
        let filter = format!("label=claude-hooks.fleet={}", engine.fleet);
        assert!(runs("events", &filter));
        drop(events);
        eventually("docker events has ended", || !runs("events", &filter)).await;
    }
}

/// Reads until both texts were seen.
async fn read_both(logs: &mut LogStream, out: &str, err: &str) -> (String, String) {
    let mut seen = (String::new(), String::new());
    while !seen.0.contains(out) || !seen.1.contains(err) {
        let piece = timeout(SOON, logs.next()).await.expect("a piece").expect("no end").expect("no error");
        let text = String::from_utf8_lossy(&piece.bytes).into_owned();
        if piece.stderr { seen.1 += &text } else { seen.0 += &text }
    }
    seen
}

#[tokio::test]
async fn logs_are_read_and_followed_apart() {
    for engine in engines() {
        let runtime = engine.runtime();
        let mut request = engine.request("dev-1");
        let line =
            "echo old; echo out; echo err >&2; while [ ! -e /go ]; do sleep 0.1; done; echo later; sleep 600";
        request.spec.command = ["sh", "-c", line].map(Into::into).into();
        let id = runtime.create(&request).await.expect("create");
        runtime.start(&id).await.expect("start");
        let target = LogTarget(id.clone());
        let options = |follow| LogOptions { tail: 100, follow, timestamps: false };

        let mut logs = runtime.logs(&target, options(true)).await.expect("logs");
        read_both(&mut logs, "out\n", "err\n").await;
        engine.docker(&["exec", id.as_ref(), "touch", "/go"]);
        read_both(&mut logs, "later\n", "").await;
        assert!(runs("logs", id.as_ref()));
        drop(logs);
        eventually("docker logs has ended", || !runs("logs", id.as_ref())).await;

        let logs = runtime.logs(&target, options(false)).await.expect("logs");
        let pieces: Vec<_> = timeout(SOON, logs.collect()).await.expect("it ends by itself");
        let text = |stderr: bool| {
            let pieces = pieces.iter().map(|piece| piece.as_ref().expect("no error"));
            let bytes: Vec<u8> =
                pieces.filter(|piece| piece.stderr == stderr).flat_map(|p| p.bytes.to_vec()).collect();
            String::from_utf8(bytes).expect("ascii")
        };
        assert_eq!((text(false).as_str(), text(true).as_str()), ("old\nout\nlater\n", "err\n"));
        let last = LogOptions { tail: 1, follow: false, timestamps: true };
        let mut logs = runtime.logs(&target, last).await.expect("logs");
        let piece = timeout(SOON, logs.next()).await.expect("a piece").expect("no end").expect("no error");
        let piece = String::from_utf8_lossy(&piece.bytes).into_owned();
        assert!(piece.starts_with("20") && piece.ends_with(" later\n"), "{piece}");

        let mut logs = runtime.logs(&target, options(true)).await.expect("logs");
        runtime.remove(&id, true).await.expect("remove");
        timeout(SOON, async { while logs.next().await.is_some() {} })
            .await
            .expect("the container's end ends it");
        let error = runtime.logs(&target, options(false)).await.err().expect("it is gone");
        assert_eq!(error.word(), "not_found", "{error}");
    }
}

#[tokio::test]
async fn a_pull_obeys_its_policy_and_keeps_the_words_of_a_failure() {
    for engine in engines() {
        let runtime = engine.runtime();
        let (progress, mut lines) = mpsc::channel(100);
        // Port 1 of this machine: nobody answers.
        let nowhere = "127.0.0.1:1/none:1";
        runtime.pull(nowhere, PullPolicy::Never, progress.clone()).await.expect("nothing to do");
        runtime.pull(&engine.image, PullPolicy::Missing, progress.clone()).await.expect("it is here");
        let error = runtime.pull(nowhere, PullPolicy::Missing, progress).await.expect_err("no registry");
        assert_eq!(error.word(), "other", "{error}");
        assert!(error.to_string().contains("127.0.0.1:1"), "{error}");
        assert_eq!(lines.recv().await, None);
    }
}
