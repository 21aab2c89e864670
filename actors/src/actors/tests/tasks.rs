use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use tokio::task::LocalSet;

use super::world::{World, agent, condition, pass, until, virtually};
use crate::FleetHandle;
use crate::handle::{Command, FleetError};
use crate::model::{
    ClaimRequest, ClaimTarget, ConditionType, ContainerState, EventKind, NewTask, Outcome, Phase, Task,
    TaskId, TaskInput, TaskSpec, TaskState,
};
use crate::testing::{StoreVerb, Verb, name, type_name};

pub(super) fn in_type(agent_type: &str, argv: &[&str]) -> NewTask {
    new_task(ClaimTarget::Type(type_name(agent_type)), argv)
}

pub(super) fn in_agent(instance: &str, argv: &[&str]) -> NewTask {
    new_task(ClaimTarget::Instance(name(instance)), argv)
}

pub(super) fn new_task(target: ClaimTarget, argv: &[&str]) -> NewTask {
    let argv = argv.iter().map(ToString::to_string).collect();
    let spec = TaskSpec { argv, workdir: None, timeout: None, retry: false };
    NewTask { target, lease: None, spec, input: TaskInput::default(), idempotency_key: None }
}

pub(super) fn retried(new: NewTask) -> NewTask {
    NewTask { spec: TaskSpec { retry: true, ..new.spec }, ..new }
}

pub(super) async fn submit(handle: &FleetHandle, new: NewTask) -> TaskId {
    handle.submit(new).await.expect("it is taken in").id
}

pub(super) async fn done(handle: &FleetHandle, id: TaskId) -> Task {
    let task = handle.task_done(id, Some(Duration::from_hours(2))).await.expect("it is known");
    assert!(task.state.is_final(), "{task:?}");
    task
}

/// Waits until the task is in this state.
pub(super) async fn in_state(handle: &FleetHandle, id: TaskId, state: TaskState) -> Task {
    for _ in 0..100_000 {
        let task = handle.task(id).await.expect("it is known");
        if task.state == state {
            return task;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{id} never was {state}: {:?}", handle.task(id).await);
}

pub(super) fn begun(world: &World, argv: &[&str]) -> usize {
    world.docker.begun_runs().into_iter().filter(|run| run.request.spec.argv == argv).count()
}

#[test]
fn a_task_wakes_a_sleeping_agent_runs_and_lets_it_sleep_again() {
    virtually(async {
        let world = World::with(&[("b", "lazy")]).await;
        let handle = world.boot().await;
        let task = handle.run_task(in_type("lazy", &["true"])).await.expect("it is taken in");
        assert_eq!(
            (task.state, task.exit_code, task.cause.as_deref()),
            (TaskState::Succeeded, Some(0), Some("exited"))
        );
        assert_eq!(task.instance, Some(name("b")));
        assert!(task.incarnation.is_some() && task.started_at.is_some() && task.ended_at.is_some());
        assert_eq!(world.state("b"), Some(ContainerState::Running));
        pass(1).await;
        assert!(handle.leases().await.expect("it answers").is_empty());
        pass(31 * 60).await;
        assert_eq!(world.state("b"), Some(ContainerState::Exited));
        let kinds = world.events(&handle, "b").await;
        for kind in [
            EventKind::LeaseAcquired,
            EventKind::InstanceWaking,
            EventKind::TaskStarted,
            EventKind::TaskFinished,
            EventKind::LeaseReleased,
            EventKind::InstanceIdle,
        ] {
            assert_eq!(kinds.iter().filter(|seen| **seen == kind).count(), 1, "{kind}: {kinds:?}");
        }
        assert!(!kinds.contains(&EventKind::ContainerStopped));
    });
}

#[test]
fn a_task_ends_as_its_process_ended() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        for (argv, state, code, cause) in [
            (&["true"][..], TaskState::Succeeded, 0, "exited"),
            (&["exit", "1"], TaskState::Failed, 1, "exited"),
            (&["exit", "125"], TaskState::Failed, 125, "exited"),
            (&["exit", "137"], TaskState::Failed, 137, "exited"),
            (&["no-such-program"], TaskState::Failed, 127, "not_started"),
        ] {
            let task = handle.run_task(in_agent("a", argv)).await.expect("it is taken in");
            assert_eq!(
                (task.state, task.exit_code, task.cause.as_deref()),
                (state, Some(code), Some(cause)),
                "{argv:?}"
            );
        }
        let late = NewTask {
            spec: TaskSpec { timeout: Some(Duration::from_secs(3)), ..in_agent("a", &["hang"]).spec },
            ..in_agent("a", &["hang"])
        };
        let task = handle.run_task(late).await.expect("it is taken in");
        assert_eq!((task.state, task.cause.as_deref()), (TaskState::TimedOut, Some("timed_out")));
    });
}

#[test]
fn one_agent_runs_one_task_at_a_time_in_the_order_they_came() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("c", "dev")]).await;
        let handle = world.boot().await;
        let mut ids = Vec::new();
        for _ in 0..10 {
            ids.push(submit(&handle, in_type("dev", &["sleep", "10"])).await);
        }
        pass(5).await;
        assert_eq!(world.docker.begun_runs().len(), 2);
        assert!(agent(&handle, "a").task.is_some() && agent(&handle, "c").task.is_some());
        let mut started = Vec::new();
        for id in ids {
            started.push(done(&handle, id).await.started_at);
        }
        assert!(started.is_sorted(), "{started:?}");
        assert_eq!(world.docker.begun_runs().len(), 10);
    });
}

#[test]
fn a_cancelled_task_ends_wherever_it_is() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let runs = submit(&handle, in_agent("a", &["stubborn"])).await;
        in_state(&handle, runs, TaskState::Running).await;
        let waits = submit(&handle, in_agent("a", &["true"])).await;
        pass(1).await;
        handle.cancel_task(waits).await.expect("it is known");
        let waits = done(&handle, waits).await;
        assert_eq!((waits.state, waits.started_at), (TaskState::Cancelled, None));
        handle.cancel_task(runs).await.expect("it is known");
        let runs = done(&handle, runs).await;
        assert_eq!((runs.state, runs.cause.as_deref()), (TaskState::Cancelled, Some("cancelled")));
        let again = handle.cancel_task(runs.id).await.expect("a second time is no error");
        assert_eq!(again.state, TaskState::Cancelled);
        assert_eq!(begun(&world, &["true"]), 0);
        assert!(handle.leases().await.expect("it answers").is_empty());
    });
}

#[test]
fn a_task_whose_container_vanishes_is_run_once_more_if_asked_for() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let id = submit(&handle, retried(in_agent("a", &["sleep", "100"]))).await;
        in_state(&handle, id, TaskState::Running).await;
        pass(5).await;
        world.docker.remove_by_hand("claude-hooks-a");
        pass(60).await;
        let task = handle.task(id).await.expect("it is known");
        assert_eq!((task.state, task.attempt), (TaskState::Running, 2), "{task:?}");
        world.docker.remove_by_hand("claude-hooks-a");
        let task = done(&handle, id).await;
        assert_eq!(
            (task.state, task.cause.as_deref(), task.exit_code),
            (TaskState::Failed, Some("vanished"), None)
        );
        assert_eq!(begun(&world, &["sleep", "100"]), 2);
        let once = submit(&handle, in_agent("a", &["sleep", "100"])).await;
        in_state(&handle, once, TaskState::Running).await;
        pass(1).await;
        world.docker.kill("claude-hooks-a");
        assert_eq!(done(&handle, once).await.state, TaskState::Failed);
        assert!(world.events(&handle, "a").await.contains(&EventKind::TaskRetried));
    });
}

#[test]
fn tasks_that_run_when_the_daemon_is_killed_end_with_their_true_codes_and_run_once() {
    virtually(async {
        let rows = [("a", "dev"), ("b", "dev"), ("c", "dev"), ("d", "dev"), ("e", "dev")];
        let world = World::with(&rows).await;
        let daemon = LocalSet::new();
        let ids = daemon
            .run_until(async {
                let handle = world.boot().await;
                let mut ids = Vec::new();
                for _ in 0..5 {
                    ids.push(submit(&handle, in_type("dev", &["sleep", "100"])).await);
                }
                ids.push(submit(&handle, in_type("dev", &["exit", "7"])).await);
                for id in &ids[..5] {
                    in_state(&handle, *id, TaskState::Running).await;
                }
                pass(2).await;
                ids
            })
            .await;
        drop(daemon);
        // Two end while nobody looks.
        for run in world.docker.begun_runs().into_iter().take(2) {
            world.docker.end_run(&run.request.run, 3);
        }
        pass(20).await;
        let handle = world.boot().await;
        let mut codes = Vec::new();
        for id in ids {
            codes.push(done(&handle, id).await.exit_code);
        }
        codes.sort_unstable();
        assert_eq!(codes, [Some(0), Some(0), Some(0), Some(3), Some(3), Some(7)]);
        assert_eq!(begun(&world, &["sleep", "100"]), 5);
        assert!(handle.leases().await.expect("it answers").is_empty());
    });
}

#[test]
fn what_never_began_is_queued_again_and_nothing_runs_twice() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        for verb in [Verb::Run, Verb::Observe] {
            let daemon = LocalSet::new();
            let id = daemon
                .run_until(async {
                    let handle = world.boot().await;
                    world.docker.hang(verb);
                    let id = submit(&handle, in_agent("a", &["exit", "4"])).await;
                    pass(2).await;
                    id
                })
                .await;
            drop(daemon);
            world.docker.release(verb);
            world.docker.clear(verb);
            let before = begun(&world, &["exit", "4"]);
            let handle = world.boot().await;
            assert_eq!(done(&handle, id).await.exit_code, Some(4));
            assert!(begun(&world, &["exit", "4"]) <= before + 1);
            handle.stop().await;
        }
    });
}

#[test]
fn a_task_outlives_an_outage_of_docker() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let id = submit(&handle, in_agent("a", &["sleep", "200"])).await;
        in_state(&handle, id, TaskState::Running).await;
        world.docker.unreachable(true);
        pass(100).await;
        world.docker.unreachable(false);
        let task = done(&handle, id).await;
        assert_eq!((task.state, task.attempt), (TaskState::Succeeded, 1));
        assert_eq!(begun(&world, &["sleep", "200"]), 1);
    });
}

#[test]
fn a_task_whose_end_is_stored_with_an_error_gives_its_agent_back() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let input = TaskInput { stdin: Bytes::from_static(b"a prompt"), ..TaskInput::default() };
        let id = submit(&handle, NewTask { input, ..in_agent("a", &["sleep", "10"]) }).await;
        in_state(&handle, id, TaskState::Running).await;
        world.store.fail_next(StoreVerb::ForgetInput);
        assert_eq!(done(&handle, id).await.state, TaskState::Succeeded);
        pass(5).await;
        assert!(handle.leases().await.expect("it answers").is_empty());
        let kinds = world.events(&handle, "a").await;
        assert_eq!(kinds.iter().filter(|kind| **kind == EventKind::TaskFinished).count(), 1);
        let id = submit(&handle, in_agent("a", &["sleep", "10"])).await;
        in_state(&handle, id, TaskState::Running).await;
        world.store.work_but_fail_next(StoreVerb::ChangeTask);
        assert_eq!(done(&handle, id).await.state, TaskState::Succeeded);
        pass(5).await;
        assert!(handle.leases().await.expect("it answers").is_empty());
        assert_eq!(agent(&handle, "a").task, None);
    });
}

#[test]
fn the_same_idempotency_key_is_the_same_task() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let keyed = |argv: &[&str]| NewTask { idempotency_key: Some("once".into()), ..in_agent("a", argv) };
        let first = submit(&handle, keyed(&["true"])).await;
        assert_eq!(submit(&handle, keyed(&["true"])).await, first);
        done(&handle, first).await;
        assert_eq!(submit(&handle, keyed(&["true"])).await, first);
        let other = handle.submit(keyed(&["exit", "1"])).await;
        assert!(matches!(other, Err(FleetError::KeyReused { .. })), "{other:?}");
        assert_eq!(world.docker.begun_runs().len(), 1);
    });
}

#[test]
fn environment_and_input_arrive_and_are_forgotten_at_the_end() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let input = TaskInput {
            env: BTreeMap::from([("KEY".to_owned(), "hidden".to_owned())]),
            stdin: Bytes::from(vec![b'x'; 1 << 20]),
        };
        let task = handle
            .run_task(NewTask { input: input.clone(), ..in_agent("a", &["cat"]) })
            .await
            .expect("it is taken in");
        assert_eq!((task.state, task.output_bytes), (TaskState::Succeeded, 1 << 20));
        assert_eq!(world.docker.begun_runs()[0].request.input, input);
        pass(1).await;
        assert_eq!(
            crate::ports::TaskStore::task_input(&world.store, task.id).await.expect("it answers"),
            None
        );
        let events = format!("{:?}", world.full_events(&handle, "a").await);
        assert!(!events.contains("hidden"));
        assert!(!format!("{input:?}").contains("hidden"), "nor can it be logged by mistake");
    });
}

#[test]
fn a_recreate_waits_for_the_task_and_force_ends_it() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let before = world.docker.container("claude-hooks-a").map(|c| c.id);
        let id = submit(&handle, in_agent("a", &["sleep", "60"])).await;
        in_state(&handle, id, TaskState::Running).await;
        let waits = handle.command(&name("a"), Command::Recreate, false).await.expect("it is there");
        assert_eq!(waits.outcome, Outcome::Unchanged);
        assert!(condition(&handle, "a", ConditionType::Draining).is_some());
        pass(30).await;
        assert_eq!(world.docker.container("claude-hooks-a").map(|c| c.id), before);
        assert_eq!(done(&handle, id).await.state, TaskState::Succeeded);
        pass(10).await;
        let after = world.docker.container("claude-hooks-a").map(|c| c.id);
        assert_ne!(after, before);
        let id = submit(&handle, in_agent("a", &["hang"])).await;
        in_state(&handle, id, TaskState::Running).await;
        let forced = handle.command(&name("a"), Command::Recreate, true).await.expect("it is there");
        assert_eq!(forced.outcome, Outcome::Recreated, "{forced:?}");
        assert_eq!(done(&handle, id).await.state, TaskState::Cancelled);
    });
}

#[test]
fn the_task_of_a_deleted_agent_ends_before_its_container_goes() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let id = submit(&handle, in_agent("a", &["sleep", "60"])).await;
        in_state(&handle, id, TaskState::Running).await;
        handle.delete(&name("a"), None).await.expect("it is there");
        pass(30).await;
        assert_eq!(world.state("a"), Some(ContainerState::Running));
        let task = done(&handle, id).await;
        assert_eq!((task.state, task.exit_code), (TaskState::Succeeded, Some(0)));
        pass(30).await;
        assert_eq!(world.state("a"), None);
    });
}

#[test]
fn a_task_that_never_began_does_not_keep_the_container_of_a_deleted_agent() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("keep", "dev")]).await;
        let daemon = LocalSet::new();
        let id = daemon
            .run_until(async {
                let handle = world.boot().await;
                world.docker.hang(Verb::Run);
                let id = submit(&handle, in_agent("a", &["sleep", "60"])).await;
                in_state(&handle, id, TaskState::Running).await;
                id
            })
            .await;
        drop(daemon);
        world.docker.release(Verb::Run);
        world.store.write_elsewhere(|rows| rows.agents.remove(&name("a")));
        let handle = world.boot().await;
        let task = done(&handle, id).await;
        assert_eq!((task.state, task.cause.as_deref()), (TaskState::Failed, Some("agent_deleted")));
        pass(5).await;
        assert_eq!((begun(&world, &["sleep", "60"]), world.state("a")), (0, None));
    });
}

#[test]
fn a_task_runs_under_the_lease_of_its_caller_and_leaves_it() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("c", "dev")]).await;
        let handle = world.boot().await;
        let request = ClaimRequest {
            ttl: Duration::from_hours(1),
            ..ClaimRequest::new(ClaimTarget::Type(type_name("dev")), "somebody")
        };
        let lease = handle.acquire(request).await.expect("somebody is free");
        let under = |argv: &[&str]| NewTask { lease: Some((lease.id, lease.fence)), ..in_type("dev", argv) };
        let id = submit(&handle, under(&["sleep", "10"])).await;
        in_state(&handle, id, TaskState::Running).await;
        let second = handle.submit(under(&["true"])).await;
        assert!(matches!(second, Err(FleetError::Denied { .. })), "{second:?}");
        assert_eq!(done(&handle, id).await.instance.as_ref(), Some(&lease.instance));
        assert_eq!(agent(&handle, lease.instance.as_ref()).lease.as_ref().map(|l| l.id), Some(lease.id));
        let stale = NewTask { lease: Some((lease.id, lease.fence + 1)), ..in_type("dev", &["true"]) };
        assert!(matches!(handle.submit(stale).await, Err(FleetError::Lease(_))));
    });
}

#[test]
fn what_cannot_be_run_is_refused_in_words() {
    virtually(async {
        let world = World::with(&[("h", "host"), ("a", "dev")]).await;
        let handle = world.boot().await;
        let host = handle.submit(in_agent("h", &["true"])).await;
        assert!(
            matches!(&host, Err(FleetError::Denied { reason, .. }) if reason.contains("host mode")),
            "{host:?}"
        );
        for new in [in_agent("a", &[]), in_agent("a", &[""]), in_agent("a", &["a\0b"])] {
            assert!(matches!(handle.submit(new).await, Err(FleetError::Invalid(_))));
        }
        let unknown = handle.submit(in_agent("nobody", &["true"])).await;
        assert!(matches!(unknown, Err(FleetError::NotFound(_))), "{unknown:?}");
        assert!(matches!(handle.task(TaskId::random()).await, Err(FleetError::NoTask(_))));
    });
}

#[test]
fn a_stopping_supervisor_takes_nothing_in_waits_a_while_and_leaves_the_rest_running() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("c", "dev")]).await;
        let daemon = LocalSet::new();
        let (short, long) = daemon
            .run_until(async {
                let handle = world.boot().await;
                let short = submit(&handle, in_agent("a", &["sleep", "5"])).await;
                let long = submit(&handle, in_agent("c", &["sleep", "50"])).await;
                in_state(&handle, long, TaskState::Running).await;
                in_state(&handle, short, TaskState::Running).await;
                handle.stop().await;
                assert!(matches!(handle.submit(in_agent("a", &["true"])).await, Err(FleetError::Stopping)));
                assert_eq!(handle.task(short).await.expect("it is known").state, TaskState::Succeeded);
                (short, long)
            })
            .await;
        drop(daemon);
        assert_eq!(world.state("c"), Some(ContainerState::Running));
        let handle = world.boot().await;
        assert_eq!(done(&handle, long).await.state, TaskState::Succeeded);
        assert_eq!(done(&handle, short).await.state, TaskState::Succeeded);
        assert_eq!(world.docker.begun_runs().len(), 2);
        until(&handle, "c", Phase::Running).await;
    });
}

#[test]
fn a_task_whose_container_was_killed_says_so_although_nobody_has_looked_since() {
    virtually(async {
        let world = World { follow_events: false, ..World::with(&[("a", "dev")]).await };
        let handle = world.boot().await;
        let id = submit(&handle, in_agent("a", &["sleep", "100"])).await;
        in_state(&handle, id, TaskState::Running).await;
        pass(1).await;
        world.docker.kill("claude-hooks-a");
        let task = done(&handle, id).await;
        assert_eq!((task.state, task.cause.as_deref()), (TaskState::Failed, Some("vanished")));
        assert_eq!(task.detail.as_deref(), Some("its container ended under it: killed"));
    });
}
