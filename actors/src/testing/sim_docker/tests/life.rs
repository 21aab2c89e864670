use std::time::Duration;

use tokio::time::sleep;

use super::{DEV, IMAGE, request, running, sim};
use crate::model::{ContainerState, Lifecycle, OurLabels, RestartPolicy};
use crate::ports::{ContainerRuntime, RuntimeError};
use crate::testing::{Behaviour, DockerdRestart, Foreign, SimDocker};

fn state(sim: &SimDocker) -> ContainerState {
    sim.container(DEV).expect("the container exists").state
}

#[tokio::test(start_paused = true)]
async fn a_crashed_container_waits_twice_as_long_each_time_up_to_a_minute() {
    let sim = sim();
    running(&sim, Lifecycle::Hot).await;
    let mut waits = Vec::new();
    for _ in 0..12 {
        sim.crash(DEV, 1);
        assert_eq!(state(&sim), ContainerState::Restarting);
        let wait = sim.restarts_in(DEV).expect("a restart is due");
        waits.push(wait.as_millis());
        sleep(wait).await;
        assert_eq!(state(&sim), ContainerState::Running);
    }
    assert_eq!(waits, [100, 200, 400, 800, 1600, 3200, 6400, 12800, 25600, 51200, 60000, 60000]);
    assert_eq!(sim.container(DEV).map(|c| c.restart_count), Some(12));
}

#[tokio::test(start_paused = true)]
async fn ten_seconds_of_health_forgive() {
    let sim = sim();
    running(&sim, Lifecycle::Hot).await;
    for _ in 0..3 {
        sim.crash(DEV, 1);
        sleep(Duration::from_millis(500)).await;
    }
    sleep(Duration::from_secs(10)).await;
    sim.crash(DEV, 1);
    assert_eq!(sim.restarts_in(DEV), Some(Duration::from_millis(100)));
}

#[tokio::test(start_paused = true)]
async fn each_restart_is_a_new_incarnation_at_its_own_time() {
    let sim = sim();
    let exits = Some((Duration::from_secs(20), 1));
    sim.behave(IMAGE, Behaviour { exits, ..Behaviour::default() });
    running(&sim, Lifecycle::Hot).await;
    let first = sim.container(DEV).expect("it exists").started_at;
    // Nobody looks for an hour; the times are right all the same.
    sleep(Duration::from_hours(1)).await;
    let seen = sim.container(DEV).expect("it exists");
    assert_ne!(seen.started_at, first);
    assert_eq!(seen.restart_count, 3_600_000 / 20_100);
}

#[tokio::test(start_paused = true)]
async fn a_start_by_hand_forgets_the_count_of_restarts() {
    let sim = sim();
    let id = running(&sim, Lifecycle::Hot).await;
    sim.crash(DEV, 1);
    sleep(Duration::from_secs(1)).await;
    sim.kill(DEV);
    assert_eq!(sim.container(DEV).map(|c| (c.restart_count, c.exit_code)), Some((1, 137)));
    sim.start(&id).await.expect("it can be started");
    assert_eq!(sim.container(DEV).map(|c| c.restart_count), Some(0));
}

#[tokio::test(start_paused = true)]
async fn a_container_without_a_policy_stays_down_after_a_crash() {
    let sim = sim();
    running(&sim, Lifecycle::Lazy).await;
    sim.crash(DEV, 3);
    sleep(Duration::from_mins(5)).await;
    let seen = sim.container(DEV).expect("it exists");
    assert_eq!((seen.state, seen.exit_code), (ContainerState::Exited, 3));
}

#[tokio::test(start_paused = true)]
async fn one_stopped_in_its_backoff_comes_back_unless_the_policy_was_no() {
    let sim = sim();
    let id = running(&sim, Lifecycle::Hot).await;
    sim.crash(DEV, 1);
    sim.stop(&id, Duration::from_secs(15)).await.expect("stopping works");
    assert_eq!(state(&sim), ContainerState::Exited);
    sleep(Duration::from_millis(100)).await;
    assert_eq!(state(&sim), ContainerState::Running);

    sim.set_latency(crate::testing::Verb::SetRestartPolicy, Duration::from_millis(2));
    sim.crash(DEV, 1);
    sim.set_restart_policy(&id, RestartPolicy::No).await.expect("the policy can be changed");
    sim.stop(&id, Duration::from_secs(15)).await.expect("stopping works");
    sleep(Duration::from_mins(2)).await;
    assert_eq!(state(&sim), ContainerState::Exited);
}

#[tokio::test(start_paused = true)]
async fn a_deaf_process_takes_the_whole_grace() {
    let sim = sim();
    sim.behave(IMAGE, Behaviour { ignores_term: true, ..Behaviour::default() });
    let id = running(&sim, Lifecycle::Hot).await;
    let before = sim.elapsed();
    sim.stop(&id, Duration::from_secs(15)).await.expect("stopping works");
    assert!(sim.elapsed() >= before + Duration::from_secs(15));
    assert_eq!(sim.container(DEV).map(|c| c.exit_code), Some(137));
}

#[tokio::test(start_paused = true)]
async fn a_stop_whose_caller_is_gone_still_ends() {
    let sim = sim();
    let id = running(&sim, Lifecycle::Hot).await;
    let stop = tokio::time::timeout(Duration::from_millis(15), sim.stop(&id, Duration::from_secs(15)));
    assert!(stop.await.is_err(), "the caller gave up");
    assert_eq!(state(&sim), ContainerState::Running);
    sleep(Duration::from_secs(1)).await;
    assert_eq!(state(&sim), ContainerState::Exited);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_start_stays_created_and_says_why() {
    let sim = sim();
    let text = "unable to find user nobody: no matching entries in passwd file".to_owned();
    sim.behave(IMAGE, Behaviour { cannot_start: Some(text.clone()), ..Behaviour::default() });
    let id = sim.create(&request(&sim, Lifecycle::Hot)).await.expect("creating works");
    let refused = sim.start(&id).await;
    assert!(matches!(refused, Err(RuntimeError::Other { verb: "start", .. })), "{refused:?}");
    let seen = sim.container(DEV).expect("it exists");
    assert_eq!((seen.state, seen.exit_code, seen.error), (ContainerState::Created, 128, text));
}

#[tokio::test(start_paused = true)]
async fn a_graceful_restart_of_dockerd_brings_back_what_ran_and_a_killed_one_does_not() {
    for (how, lifecycle, expected) in [
        (DockerdRestart::Graceful, Lifecycle::Hot, ContainerState::Running),
        (DockerdRestart::Graceful, Lifecycle::Lazy, ContainerState::Exited),
        (DockerdRestart::Killed, Lifecycle::Hot, ContainerState::Exited),
        (DockerdRestart::LiveRestore, Lifecycle::Lazy, ContainerState::Running),
    ] {
        let sim = sim();
        running(&sim, lifecycle).await;
        let before = sim.container(DEV).expect("it exists");
        sim.restart_dockerd(how);
        let after = sim.container(DEV).expect("it exists");
        assert_eq!(after.state, expected, "{how:?} {lifecycle}");
        let same_life = after.started_at == before.started_at;
        let lives_on = how == DockerdRestart::LiveRestore || expected == ContainerState::Exited;
        assert_eq!(same_life, lives_on, "{how:?} {lifecycle}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_operator_stopped_stays_down_when_dockerd_restarts() {
    let sim = sim();
    running(&sim, Lifecycle::Hot).await;
    sim.stop_by_hand(DEV);
    sim.restart_dockerd(DockerdRestart::Graceful);
    assert_eq!(state(&sim), ContainerState::Exited);
}

#[tokio::test(start_paused = true)]
async fn a_dead_container_is_removed_by_force_only_once_the_device_is_free() {
    let sim = sim();
    let id = running(&sim, Lifecycle::Hot).await;
    sim.fail_removal(DEV, 1);
    assert!(sim.remove(&id, true).await.is_err());
    assert_eq!(state(&sim), ContainerState::Dead);
    assert!(matches!(sim.start(&id).await, Err(RuntimeError::Conflict { .. })));
    sim.remove(&id, true).await.expect("the device is free");
    assert_eq!(sim.containers(), []);
}

#[tokio::test(start_paused = true)]
async fn a_removal_under_way_is_waited_for() {
    let sim = sim();
    let id = running(&sim, Lifecycle::Hot).await;
    sim.remove_slowly(DEV, Duration::from_secs(3));
    assert_eq!(state(&sim), ContainerState::Removing);
    sim.remove(&id, true).await.expect("it goes");
    assert_eq!((sim.containers(), sim.elapsed().as_secs()), (vec![], 3));
}

#[tokio::test(start_paused = true)]
async fn a_volume_written_to_looks_newer() {
    let sim = sim();
    running(&sim, Lifecycle::Hot).await;
    let volume = "claude-hooks-dev-default-state";
    let before = sim.volume(volume).expect("docker made it in silence");
    assert_eq!(before.labels, OurLabels::default());
    sleep(Duration::from_secs(2)).await;
    sim.write_to_volume(volume);
    let after = sim.volume(volume).expect("it stays");
    assert_ne!(after.created_at, before.created_at);
    assert_eq!(after.serial, before.serial);
}

#[tokio::test(start_paused = true)]
async fn the_invariants_see_every_touch_of_a_foreign_container() {
    let sim = sim();
    let id = sim.run_foreign_with(Foreign::named(DEV));
    sim.assert_invariants();
    sim.rename(&id, "elsewhere").await.expect("docker does not mind");
    assert_eq!(sim.violations().len(), 1);

    let sim = super::sim();
    let id = sim.run_foreign_with(Foreign::named(DEV));
    sim.permit_adoption(DEV);
    sim.rename(&id, "elsewhere").await.expect("docker does not mind");
    sim.assert_invariants();
}

#[tokio::test(start_paused = true)]
async fn the_invariants_see_two_that_run_on_one_volume_and_a_volume_removed() {
    let sim = sim();
    running(&sim, Lifecycle::Hot).await;
    sim.rename_by_hand(DEV, "claude-hooks-dev-default-prev").expect("the name is free");
    running(&sim, Lifecycle::Hot).await;
    assert_eq!(sim.violations().len(), 1, "{:?}", sim.violations());

    for volume in ["permitted", "precious"] {
        sim.create_volume_by_hand(volume, OurLabels::default());
    }
    sim.permit_volume_removal("permitted");
    sim.remove_volume("permitted").await.expect("it is not in use");
    assert_eq!(sim.violations().len(), 1);
    sim.remove_volume("precious").await.expect("it is not in use");
    assert_eq!(sim.violations().len(), 2);
    assert_eq!(sim.volumes_removed_by_api(), ["permitted", "precious"]);
}
