//! Tasks aimed at an agent that is deleted, or that an operator holds down.

use std::time::Duration;

use tokio::task::LocalSet;

use super::tasks::{begun, done, in_agent, in_state, in_type, submit};
use super::world::{World, agent, new, pass, virtually};
use crate::FleetHandle;
use crate::handle::{Command, FleetError};
use crate::model::{EventKind, Task, TaskId, TaskState};
use crate::testing::{Verb, name};

async fn waits_for(handle: &FleetHandle, id: TaskId) -> Option<String> {
    let task = handle.task(id).await.expect("it is known");
    handle.task_views(&[task]).await.remove(0).waiting_for
}

fn end(task: &Task) -> (TaskState, Option<&str>) {
    (task.state, task.cause.as_deref())
}

#[test]
fn a_task_that_waits_for_an_agent_ends_with_its_deletion_and_the_one_that_runs_goes_on() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("keep", "dev")]).await;
        let handle = world.boot().await;
        let runs = submit(&handle, in_agent("a", &["sleep", "60"])).await;
        in_state(&handle, runs, TaskState::Running).await;
        let waits = submit(&handle, in_agent("a", &["true"])).await;
        pass(1).await;
        let reason = waits_for(&handle, waits).await.expect("somebody is in the way");
        assert_eq!(reason, format!("a: the task {runs} has it"));
        handle.delete(&name("a"), None).await.expect("it is there");
        let ended = handle.task_done(waits, Some(Duration::from_secs(5))).await.expect("it is known");
        assert_eq!(end(&ended), (TaskState::Failed, Some("agent_deleted")), "{ended:?}");
        assert_eq!(handle.task(runs).await.expect("it is known").state, TaskState::Running);
        assert_eq!(done(&handle, runs).await.state, TaskState::Succeeded);
        assert_eq!(begun(&world, &["true"]), 0);
        handle.flush_events().await;
        let told = world.store.stored_events().into_iter().filter(|event| {
            event.kind == EventKind::TaskFinished && event.cause.as_deref() == Some("agent_deleted")
        });
        assert_eq!(told.count(), 1);
    });
}

#[test]
fn a_row_deleted_by_hand_ends_its_tasks_also_while_no_daemon_lives() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("c", "dev"), ("keep", "dev")]).await;
        let daemon = LocalSet::new();
        let (first, second) = daemon
            .run_until(async {
                let handle = world.boot().await;
                for instance in ["a", "c"] {
                    let runs = submit(&handle, in_agent(instance, &["sleep", "600"])).await;
                    in_state(&handle, runs, TaskState::Running).await;
                }
                let first = submit(&handle, in_agent("a", &["true"])).await;
                let second = submit(&handle, in_agent("c", &["true"])).await;
                world.store.write_elsewhere(|rows| rows.agents.remove(&name("a")));
                pass(70).await;
                (first, second)
            })
            .await;
        drop(daemon);
        world.store.write_elsewhere(|rows| rows.agents.remove(&name("c")));
        let handle = world.boot().await;
        for id in [first, second] {
            let ended = handle.task_done(id, Some(Duration::from_secs(5))).await.expect("it is known");
            assert_eq!(end(&ended), (TaskState::Failed, Some("agent_deleted")), "{ended:?}");
        }
    });
}

#[test]
fn a_table_that_lost_all_rows_ends_no_task() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let runs = submit(&handle, in_agent("a", &["sleep", "200"])).await;
        in_state(&handle, runs, TaskState::Running).await;
        let waits = submit(&handle, in_agent("a", &["true"])).await;
        let rows = world.store.rows().agents;
        world.store.write_elsewhere(|rows| rows.agents.clear());
        pass(100).await;
        assert_eq!(handle.task(waits).await.expect("it is known").state, TaskState::Queued);
        world.store.write_elsewhere(|now| now.agents = rows);
        pass(70).await;
        assert_eq!(done(&handle, waits).await.state, TaskState::Succeeded);
    });
}

#[test]
fn a_task_for_any_of_a_type_goes_to_another_when_the_one_that_it_woke_is_deleted() {
    virtually(async {
        let world = World::with(&[("b", "lazy")]).await;
        let handle = world.boot().await;
        world.docker.hang(Verb::Start);
        let id = submit(&handle, in_type("lazy", &["true"])).await;
        in_state(&handle, id, TaskState::Waking).await;
        pass(1).await;
        let reason = waits_for(&handle, id).await.expect("its agent does not run yet");
        assert!(reason.starts_with("b is starting"), "{reason}");
        let deleting = tokio::spawn({
            let handle = handle.clone();
            async move { handle.delete(&name("b"), None).await }
        });
        in_state(&handle, id, TaskState::Queued).await;
        pass(1).await;
        assert!(handle.leases().await.expect("it answers").is_empty());
        let reason = waits_for(&handle, id).await;
        assert_eq!(reason.as_deref(), Some("an agent of type lazy: there is none at present"));
        world.docker.release(Verb::Start);
        world.docker.clear(Verb::Start);
        deleting.await.expect("no panic").expect("it was there");
        handle.create(new("b2", "lazy")).await.expect("the name is free");
        let ended = done(&handle, id).await;
        assert_eq!((end(&ended).0, ended.instance), (TaskState::Succeeded, Some(name("b2"))));
    });
}

#[test]
fn an_agent_that_is_held_down_takes_no_task_and_what_waits_for_it_says_so() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let runs = submit(&handle, in_agent("a", &["sleep", "30"])).await;
        in_state(&handle, runs, TaskState::Running).await;
        let waits = submit(&handle, in_agent("a", &["true"])).await;
        handle.command(&name("a"), Command::Stop, false).await.expect("it is there");
        let refused = handle.submit(in_agent("a", &["exit", "1"])).await;
        let Err(FleetError::Denied { reason, help }) = refused else { panic!("{refused:?}") };
        assert!(
            reason.contains("stopped by an operator") && help.contains("agents/a/start"),
            "{reason}: {help}"
        );
        done(&handle, runs).await;
        pass(60).await;
        assert_eq!(handle.task(waits).await.expect("it is known").state, TaskState::Queued);
        let reason = waits_for(&handle, waits).await.expect("it is held down");
        assert!(reason.starts_with("a: an operator stopped it"), "{reason}");
        let pooled = submit(&handle, in_type("dev", &["true"])).await;
        handle.command(&name("a"), Command::Start, false).await.expect("it is there");
        for id in [waits, pooled] {
            assert_eq!(done(&handle, id).await.state, TaskState::Succeeded);
            assert_eq!(waits_for(&handle, id).await, None);
        }
        assert!(agent(&handle, "a").task.is_none());
    });
}
