//! What is asked of a task is done once: cancels, runs, idempotency keys.

use std::time::Duration;

use bytes::Bytes;
use tokio::task::LocalSet;

use super::tasks::{begun, done, in_agent, in_state, in_type, retried, submit};
use super::world::{World, agent, pass, until, virtually};
use crate::handle::{Command, FleetError};
use crate::model::{ClaimRequest, ClaimTarget, NewTask, Phase, RunId, TaskInput, TaskSpec, TaskState};
use crate::ports::TaskStore as _;
use crate::testing::{Verb, name, type_name};

#[test]
fn a_cancel_that_was_answered_is_not_lost_to_a_write_that_did_not_know_of_it() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let daemon = LocalSet::new();
        let id = daemon
            .run_until(async {
                let handle = world.boot().await;
                let id = submit(&handle, in_agent("a", &["hang"])).await;
                let unaware = in_state(&handle, id, TaskState::Running).await;
                let cancelled = handle.cancel_task(id).await.expect("it is known");
                assert!(cancelled.cancelling);
                // A write of its story that was under way, and then the end of the daemon.
                let changed = world.store.change_task(TaskState::Running, 1, &unaware).await;
                assert!(changed.expect("the store answers"));
                id
            })
            .await;
        drop(daemon);
        assert!(world.store.task(id).await.expect("the store answers").is_some_and(|task| task.cancelling));
        let handle = world.boot().await;
        assert_eq!(done(&handle, id).await.state, TaskState::Cancelled);
    });
}

#[test]
fn a_run_whose_runner_was_killed_is_ended_before_it_is_begun_once_more() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let container = world.docker.container("claude-hooks-a").map(|container| container.id);
        let id = submit(&handle, retried(in_agent("a", &["sleep", "100"]))).await;
        in_state(&handle, id, TaskState::Running).await;
        pass(5).await;
        world.docker.kill_runner(&RunId::new(id, 1));
        let task = done(&handle, id).await;
        assert_eq!((task.state, task.attempt), (TaskState::Succeeded, 2), "{task:?}");
        assert_eq!(begun(&world, &["sleep", "100"]), 2);
        assert_eq!(world.docker.container("claude-hooks-a").map(|container| container.id), container);
        world.docker.assert_invariants();

        let once = submit(&handle, in_agent("a", &["sleep", "100"])).await;
        in_state(&handle, once, TaskState::Running).await;
        pass(5).await;
        world.docker.kill_runner(&RunId::new(once, 1));
        let mark = world.docker.mark();
        let task = done(&handle, once).await;
        assert_eq!((task.state, task.cause.as_deref()), (TaskState::Failed, Some("vanished")));
        let cancels = world.docker.calls_since(mark).into_iter().filter(|call| call.verb == Verb::CancelRun);
        assert_eq!(cancels.count(), 1, "what is told to be over is over");
    });
}

#[test]
fn a_run_whose_record_was_lost_with_its_volume_is_not_taken_for_one_that_never_began() {
    virtually(async {
        for retry in [false, true] {
            let world = World::with(&[("a", "dev")]).await;
            let handle = world.boot().await;
            let new = in_agent("a", &["sleep", "100"]);
            let id = submit(&handle, if retry { retried(new) } else { new }).await;
            in_state(&handle, id, TaskState::Running).await;
            pass(5).await;
            world.docker.remove_by_hand("claude-hooks-a");
            world.docker.remove_volume_by_hand("claude-hooks-a-state").expect("nobody uses it");
            pass(60).await;
            let recover = Command::Recover { accept_state_loss: true };
            handle.command(&name("a"), recover, false).await.expect("it is there");
            until(&handle, "a", Phase::Running).await;
            let task = done(&handle, id).await;
            if retry {
                assert_eq!((task.state, task.attempt), (TaskState::Succeeded, 2), "{task:?}");
            } else {
                let end = (task.state, task.cause.as_deref());
                assert_eq!(end, (TaskState::Failed, Some("state_lost")), "{task:?}");
            }
            assert_eq!(begun(&world, &["sleep", "100"]), 1 + usize::from(retry));
            pass(1).await;
            assert!(agent(&handle, "a").lease.is_none());
        }
    });
}

fn keyed(new: NewTask) -> NewTask {
    NewTask { idempotency_key: Some("once".into()), ..new }
}

#[test]
fn a_key_that_is_used_for_another_task_is_refused_with_what_differs() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("c", "dev")]).await;
        let handle = world.boot().await;
        let input = |stdin: &'static str| TaskInput {
            stdin: Bytes::from_static(stdin.as_bytes()),
            ..TaskInput::default()
        };
        let first = keyed(NewTask { input: input("a prompt"), ..in_agent("a", &["cat"]) });
        let id = submit(&handle, first.clone()).await;
        done(&handle, id).await;
        pass(1).await;
        let spec = |change: fn(&mut TaskSpec)| {
            let mut spec = first.spec.clone();
            change(&mut spec);
            NewTask { spec, ..first.clone() }
        };
        let env = [("A".to_owned(), "1".to_owned())].into();
        let others = [
            (NewTask { target: ClaimTarget::Instance(name("c")), ..first.clone() }, "instance or type"),
            (NewTask { target: ClaimTarget::Type(type_name("dev")), ..first.clone() }, "instance or type"),
            (spec(|spec| spec.argv.push("more".into())), "argv"),
            (spec(|spec| spec.workdir = Some("/w".into())), "workdir"),
            (spec(|spec| spec.timeout = Some(Duration::from_secs(9))), "timeout_s"),
            (spec(|spec| spec.retry = true), "retry"),
            (NewTask { input: input("another"), ..first.clone() }, "env or stdin"),
            (NewTask { input: input(""), ..first.clone() }, "env or stdin"),
            (NewTask { input: TaskInput { env, ..first.input.clone() }, ..first.clone() }, "env or stdin"),
        ];
        for (other, field) in others {
            match handle.submit(other).await {
                Err(FleetError::KeyReused { task, differs }) => {
                    assert_eq!((task, differs), (id, vec![field]));
                }
                other => panic!("{field}: {other:?}"),
            }
        }
        assert_eq!(submit(&handle, first).await, id);
        assert_eq!(world.docker.begun_runs().len(), 1);
    });
}

#[test]
fn a_repeated_call_is_answered_with_its_task_whatever_has_changed_since() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let request = ClaimRequest::new(ClaimTarget::Instance(name("a")), "somebody");
        let lease =
            handle.acquire(ClaimRequest { ttl: Duration::from_hours(1), ..request }).await.expect("free");
        let under =
            || keyed(NewTask { lease: Some((lease.id, lease.fence)), ..in_type("dev", &["sleep", "10"]) });
        let id = submit(&handle, under()).await;
        in_state(&handle, id, TaskState::Running).await;
        assert_eq!(submit(&handle, under()).await, id, "while it runs");
        done(&handle, id).await;
        let next = NewTask { idempotency_key: None, ..under() };
        let next = submit(&handle, next).await;
        assert_eq!(done(&handle, next).await.state, TaskState::Succeeded, "whoever heard the end may go on");
        handle.release(lease.id, lease.fence).await.expect("it is held");
        handle.delete(&name("a"), None).await.expect("it is there");
        assert_eq!(submit(&handle, under()).await, id, "and when all of it is gone");
    });
}
