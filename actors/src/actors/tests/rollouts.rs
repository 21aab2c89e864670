//! Rollouts over a simulated docker, in virtual time.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::task::LocalSet;

use super::tasks::{done, in_type, submit};
use super::world::{World, agent, condition, pass, until, virtually};
use crate::FleetHandle;
use crate::handle::{Command, FleetError};
use crate::model::{
    ConditionType, ContainerState, EventKind, InstanceName, MemberState, NewTask, Phase, Rollout, RolloutId,
    RolloutState, Strategy, TaskState,
};
use crate::testing::{Behaviour, name, type_name};

mod hands;
mod pulls;

const POOL: [(&str, &str); 5] = [("a", "dev"), ("b", "dev"), ("c", "dev"), ("d", "dev"), ("e", "dev")];

fn quick() -> Strategy {
    Strategy { watch_s: 4, ..Strategy::default() }
}

async fn begin(handle: &FleetHandle, agent_type: &str, strategy: Strategy) -> Rollout {
    handle.start_rollout(Some(type_name(agent_type)), strategy).await.expect("it begins")
}

/// Waits in virtual time until the rollout is as wanted.
async fn rollout_is(handle: &FleetHandle, id: RolloutId, wanted: impl Fn(&Rollout) -> bool) -> Rollout {
    for _ in 0..36_000 {
        let rollout = handle.rollout(id).await.expect("it is known");
        if wanted(&rollout) {
            return rollout;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("it never was as wanted: {:#?}", handle.rollout(id).await);
}

async fn ended(handle: &FleetHandle, id: RolloutId) -> Rollout {
    rollout_is(handle, id, |rollout| rollout.state.has_ended()).await
}

fn states(rollout: &Rollout) -> Vec<MemberState> {
    rollout.members.iter().map(|member| member.state).collect()
}

fn member_is(instance: &str, state: MemberState) -> impl Fn(&Rollout) -> bool {
    let instance = name(instance);
    move |rollout| rollout.members.iter().any(|m| m.instance == instance && m.state == state)
}

fn image_of(world: &World, instance: &str) -> String {
    world.docker.container(&format!("claude-hooks-{instance}")).expect("it is there").image_id
}

/// Hands in tasks until it is dropped, and notes how many instances do not run at the same time.
struct Load {
    tasks: tokio::task::JoinHandle<()>,
    most_down: Arc<AtomicUsize>,
    ids: Arc<std::sync::Mutex<Vec<crate::model::TaskId>>>,
}

impl Load {
    fn on(handle: &FleetHandle, world: &World) -> Self {
        let most_down = Arc::new(AtomicUsize::new(0));
        let ids = Arc::new(std::sync::Mutex::new(Vec::new()));
        let (noted, taken) = (most_down.clone(), ids.clone());
        let (handle, docker) = (handle.clone(), world.docker.clone());
        let tasks = tokio::task::spawn_local(async move {
            loop {
                let id = submit(&handle, in_type("dev", &["sleep", "1"])).await;
                taken.lock().expect("nothing panics in it").push(id);
                let up = |(instance, _): &(&str, &str)| {
                    let container = docker.container(&format!("claude-hooks-{instance}"));
                    container.is_some_and(|container| container.state == ContainerState::Running)
                };
                let down = POOL.iter().filter(|member| !up(member)).count();
                noted.fetch_max(down, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(300)).await;
            }
        });
        Self { tasks, most_down, ids }
    }

    async fn all_succeeded(self, handle: &FleetHandle) -> usize {
        self.tasks.abort();
        let ids = self.ids.lock().expect("nothing panics in it").clone();
        for id in &ids {
            let task = done(handle, *id).await;
            assert_eq!((task.state, task.attempt), (TaskState::Succeeded, 1), "{task:?}");
        }
        assert!(self.most_down.load(Ordering::Relaxed) <= 1, "more than one was out");
        ids.len()
    }
}

#[test]
fn a_pool_under_load_gets_the_image_one_after_the_other_and_no_task_is_cut() {
    virtually(async {
        let world = World::with(&POOL).await;
        let handle = world.boot().await;
        let newer = world.docker.retag("agent:1");
        LocalSet::new()
            .run_until(async {
                let load = Load::on(&handle, &world);
                pass(3).await;
                let rollout = begin(&handle, "dev", quick()).await;
                assert_eq!(rollout.members.iter().filter(|member| member.canary).count(), 1);
                let rollout = ended(&handle, rollout.id).await;
                assert_eq!((rollout.state, rollout.reason), (RolloutState::Done, None));
                assert!(load.all_succeeded(&handle).await > 50);
            })
            .await;
        for (instance, _) in POOL {
            assert_eq!(image_of(&world, instance), newer);
            assert_eq!(agent(&handle, instance).pin, None, "{instance}");
            assert_eq!(condition(&handle, instance, ConditionType::Cordoned), None, "{instance}");
            assert_eq!(
                world.docker.container(&format!("claude-hooks-{instance}")).map(|c| c.image).as_deref(),
                Some("agent:1")
            );
        }
        assert_eq!(world.fleet_events(&handle, EventKind::RolloutStarted).await, 1);
        assert_eq!(world.fleet_events(&handle, EventKind::RolloutFinished).await, 1);
        assert_eq!(world.fleet_events(&handle, EventKind::RolloutMember).await, 5 * 4);
        pass(10).await;
        assert_eq!(world.docker.image_names("claude-hooks-retained"), Vec::<String>::new());
        world.docker.assert_invariants();
    });
}

#[test]
fn an_image_that_ends_at_once_costs_one_canary_a_moment_and_touches_nobody_else() {
    virtually(async {
        let world = World::with(&POOL).await;
        let handle = world.boot().await;
        let before: Vec<_> = world.docker.containers();
        world.docker.retag("agent:1");
        world.docker.exits_at_once("agent:1", 7);
        LocalSet::new()
            .run_until(async {
                let load = Load::on(&handle, &world);
                let rollout = begin(&handle, "dev", quick()).await;
                let rollout = ended(&handle, rollout.id).await;
                assert_eq!(rollout.state, RolloutState::RolledBack);
                assert!(rollout.reason.is_some_and(|reason| reason.contains("exit code 7")));
                let mut states: Vec<_> = rollout.members.iter().map(|member| member.state).collect();
                states.sort_by_key(|state| *state == MemberState::Pending);
                assert_eq!(states[0], MemberState::RolledBack);
                assert_eq!(states[1..], [MemberState::Pending; 4]);
                load.all_succeeded(&handle).await;
            })
            .await;
        let after = world.docker.containers();
        assert_eq!(
            before.iter().map(|c| &c.id).collect::<Vec<_>>(),
            after.iter().map(|c| &c.id).collect::<Vec<_>>()
        );
        let restarted =
            before.iter().zip(&after).filter(|(before, after)| before.started_at != after.started_at);
        assert_eq!(restarted.count(), 1, "the others were not touched");
        world.docker.assert_invariants();
    });
}

#[test]
fn what_went_back_is_made_of_its_old_image_again_until_somebody_recreates_it() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let old = image_of(&world, "a");
        let bad = world.docker.retag("agent:1");
        world.docker.exits_at_once("agent:1", 7);
        let rollout = begin(&handle, "dev", quick()).await;
        ended(&handle, rollout.id).await;
        pass(15).await;
        let stale = condition(&handle, "a", ConditionType::Stale).expect("it is shown");
        assert!(stale.reason.contains("exit code 7"), "{}", stale.reason);
        world.docker.remove_by_hand("claude-hooks-a");
        pass(5).await;
        assert_eq!(
            (image_of(&world, "a"), agent(&handle, "a").observed.phase),
            (old.clone(), Phase::Running)
        );
        handle.stop().await;
        let handle = world.boot().await;
        world.docker.remove_by_hand("claude-hooks-a");
        pass(65).await;
        assert_eq!(image_of(&world, "a"), old, "another daemon knows it, and the image is still here");
        assert_eq!(condition(&handle, "a", ConditionType::Drift), None);
        let good = world.docker.retag("agent:1");
        assert_ne!(good, bad);
        handle.command(&name("a"), Command::Recreate, false).await.expect("it is there");
        assert_eq!((image_of(&world, "a"), agent(&handle, "a").pin.clone()), (good, None));
    });
}

#[test]
fn a_canary_that_dies_while_it_is_watched_gets_its_old_image_back() {
    virtually(async {
        let world = World::with(&POOL[..2]).await;
        let handle = world.boot().await;
        let old = image_of(&world, "a");
        world.docker.retag("agent:1");
        let exits = Some((Duration::from_secs(8), 9));
        world.docker.behave("agent:1", Behaviour { exits, ..Behaviour::default() });
        let rollout = begin(&handle, "dev", Strategy { watch_s: 20, ..quick() }).await;
        let rollout = ended(&handle, rollout.id).await;
        assert_eq!(rollout.state, RolloutState::RolledBack);
        assert!(rollout.reason.is_some_and(|reason| reason.contains("exit code 9")));
        until(&handle, "a", Phase::Running).await;
        assert_eq!((image_of(&world, "a"), image_of(&world, "b")), (old.clone(), old));
        assert_eq!(
            states(&handle.rollout(rollout.id).await.expect("known")),
            [MemberState::RolledBack, MemberState::Pending]
        );
        world.docker.assert_invariants();
    });
}

/// Runs a daemon until `story` ends, and kills it.
async fn killed_after(story: impl Future<Output = ()>) {
    let daemon = LocalSet::new();
    daemon.run_until(story).await;
    drop(daemon);
    tokio::time::sleep(Duration::from_millis(50)).await;
}

#[test]
fn a_daemon_killed_anywhere_in_a_rollout_leaves_one_that_the_next_ends() {
    for state in [MemberState::Draining, MemberState::Recreating, MemberState::Watching, MemberState::Done] {
        for after in [0, 30, 700, 1900] {
            virtually(async move {
                let world = World::with(&POOL[..3]).await;
                let newer = Arc::new(std::sync::Mutex::new(String::new()));
                let id = Arc::new(std::sync::Mutex::new(None));
                killed_after(async {
                    let handle = world.boot().await;
                    *newer.lock().expect("nothing panics in it") = world.docker.retag("agent:1");
                    let rollout = begin(&handle, "dev", quick()).await;
                    *id.lock().expect("nothing panics in it") = Some(rollout.id);
                    rollout_is(&handle, rollout.id, |rollout| states(rollout).contains(&state)).await;
                    tokio::time::sleep(Duration::from_millis(after)).await;
                })
                .await;
                // The name moves on while nobody looks: the rollout stays with its own image.
                world.docker.retag("agent:1");
                let handle = world.boot().await;
                let id = id.lock().expect("nothing panics in it").expect("it was begun");
                let rollout = ended(&handle, id).await;
                assert_eq!(rollout.state, RolloutState::Done, "{state} {after}: {rollout:#?}");
                for (instance, _) in &POOL[..3] {
                    assert_eq!(image_of(&world, instance), *newer.lock().expect("nothing panics in it"));
                    assert_eq!(condition(&handle, instance, ConditionType::Cordoned), None);
                }
                pass(15).await;
                assert!(
                    condition(&handle, "a", ConditionType::Stale).is_some(),
                    "the name means a third one"
                );
                world.docker.assert_invariants();
            });
        }
    }
}

#[test]
fn sleeping_ones_are_replaced_asleep_and_only_the_canary_is_woken_to_be_watched() {
    virtually(async {
        let world = World::with(&[("x", "lazy"), ("y", "lazy"), ("z", "lazy")]).await;
        let handle = world.boot().await;
        let newer = world.docker.retag("agent:1");
        let rollout = begin(&handle, "lazy", quick()).await;
        let rollout = ended(&handle, rollout.id).await;
        assert_eq!(rollout.state, RolloutState::Done);
        for instance in ["x", "y", "z"] {
            assert_eq!(image_of(&world, instance), newer);
        }
        let ran =
            |instance| world.docker.container(instance).is_some_and(|container| container.ever_started());
        assert!(ran("claude-hooks-x"));
        assert!(!ran("claude-hooks-y") && !ran("claude-hooks-z"));
        pass(31 * 60).await;
        assert_eq!(world.state("x"), Some(ContainerState::Exited), "it falls asleep again");
        world.docker.assert_invariants();
    });
}

#[test]
fn a_stopped_hot_one_is_replaced_and_stays_down_and_a_deleted_one_is_skipped() {
    virtually(async {
        let world = World::with(&POOL[..3]).await;
        let handle = world.boot().await;
        handle.command(&name("a"), Command::Stop, false).await.expect("it is there");
        let newer = world.docker.retag("agent:1");
        let rollout = begin(&handle, "dev", quick()).await;
        assert_eq!(rollout.members[0].instance, name("b"), "one that runs is the canary");
        rollout_is(&handle, rollout.id, member_is("b", MemberState::Watching)).await;
        handle.delete(&name("c"), None).await.expect("it is there");
        let rollout = ended(&handle, rollout.id).await;
        assert_eq!(rollout.state, RolloutState::Done);
        let of =
            |instance: &str| rollout.members.iter().find(|m| m.instance == name(instance)).map(|m| m.state);
        assert_eq!((of("a"), of("c")), (Some(MemberState::Done), Some(MemberState::Skipped)));
        assert_eq!((image_of(&world, "a"), world.state("a")), (newer, Some(ContainerState::Created)));
    });
}

#[test]
fn a_rollout_of_what_is_fresh_is_done_and_two_of_the_same_agents_are_kept_apart() {
    virtually(async {
        let world = World::with(&[("a", "dev"), ("z", "lazy")]).await;
        let handle = world.boot().await;
        let nothing = begin(&handle, "dev", quick()).await;
        assert_eq!((nothing.state, nothing.members.len()), (RolloutState::Done, 0));
        assert!(nothing.reason.is_some());
        world.docker.retag("agent:1");
        let planned = handle.plan_rollout(None, quick()).await.expect("docker answers");
        assert_eq!(planned.members.len(), 2);
        assert!(matches!(handle.rollout(planned.id).await, Err(FleetError::NoRollout(_))));
        let dev = begin(&handle, "dev", quick()).await;
        for agent_type in [Some(type_name("dev")), None] {
            let refused = handle.start_rollout(agent_type, quick()).await;
            assert!(matches!(refused, Err(FleetError::RolloutUnderWay(id)) if id == dev.id), "{refused:?}");
        }
        let lazy = begin(&handle, "lazy", quick()).await;
        for id in [dev.id, lazy.id] {
            assert_eq!(ended(&handle, id).await.state, RolloutState::Done);
        }
        let refused = handle.pause_rollout(dev.id).await;
        assert!(matches!(refused, Err(FleetError::Denied { .. })), "{refused:?}");
    });
}

/// A task that takes so long.
fn sleeping(instance: &str, seconds: u64) -> NewTask {
    super::tasks::in_agent(instance, &["sleep", &seconds.to_string()])
}

fn names(rollout: &Rollout) -> Vec<InstanceName> {
    rollout.members.iter().map(|member| member.instance.clone()).collect()
}
