//! An engine that is not there says nothing about any container.

use claude_hooks_actors::ports::{ContainerRuntime, Target};
use claude_hooks_actors::testing::name;
use futures_util::StreamExt;

use super::engine::engines;
use crate::docker::CliRuntime;

#[tokio::test]
async fn an_engine_that_is_not_there_is_unreachable_for_every_verb() {
    for engine in engines() {
        let mut settings = engine.settings();
        let socket = engine.dir.path().join("no.sock");
        settings.host = Some(format!("unix://{}", socket.display()));
        let runtime = CliRuntime::open(settings).expect("the adapter");
        let targets = [Target { name: name("dev-1"), known: Vec::new() }];
        let errors = [
            runtime.observe_fleet(&targets).await.expect_err("observe_fleet"),
            runtime.observe(&targets).await.expect_err("observe"),
            runtime.image("agent:1").await.expect_err("image"),
            runtime.volumes(&["v".into()]).await.expect_err("volumes"),
            runtime.volume_users("v").await.expect_err("volume_users"),
            runtime.remove_volume("v").await.expect_err("remove_volume"),
            runtime.create(&engine.request("dev-1")).await.expect_err("create"),
            runtime.hand_over_volume("v", "agent:1", "1").await.expect_err("hand_over"),
            runtime.engine_version().await.expect_err("version"),
        ];
        for error in errors {
            assert_eq!(error.word(), "unreachable", "{error}");
            assert!(error.to_string().contains("no.sock"), "{error}");
        }
        let mut events = runtime.events().await.expect("the CLI starts");
        let ended = events.next().await.expect("an error").expect_err("no events");
        assert_eq!(ended.word(), "unreachable", "{ended}");
        assert!(events.next().await.is_none());
    }
}

#[tokio::test]
async fn a_program_that_is_not_there_is_told_with_what_to_do() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let settings = super::misbehaving::settings(&dir.path().join("no-docker"), dir.path());
    let runtime = CliRuntime::open(settings).expect("the adapter");
    let error = runtime.observe_fleet(&[]).await.expect_err("no program");
    assert_eq!(error.word(), "unreachable");
    assert!(error.to_string().contains("install docker, or name the program"), "{error}");
    let plain = dir.path().join("plain");
    std::fs::write(&plain, "not a program").expect("a file");
    let runtime = CliRuntime::open(super::misbehaving::settings(&plain, dir.path())).expect("the adapter");
    assert_eq!(runtime.observe_fleet(&[]).await.expect_err("not a program").word(), "permission");
}
