use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tokio::time::sleep;

use super::{DEV, IMAGE, request, sim};
use crate::model::{ContainerId, ContainerState, Lifecycle, RestartPolicy};
use crate::ports::ContainerRuntime;
use crate::testing::{Behaviour, DockerdRestart, SimDocker};

#[derive(Clone, Copy, Debug)]
enum Step {
    Create(Lifecycle),
    Start,
    Stop,
    Remove(bool),
    RenameAway,
    RenameBack,
    Policy(RestartPolicy),
    Unpause,
    // From outside.
    Kill,
    StopByHand,
    RemoveByHand,
    RemoveSlowly,
    Crash,
    Pause,
    StuckRemoval,
    Wipe,
    Restart(DockerdRestart),
    CrashingImage(bool),
    Wait(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => prop_oneof![Just(Lifecycle::Hot), Just(Lifecycle::Lazy)].prop_map(Step::Create),
        3 => Just(Step::Start),
        1 => Just(Step::Stop),
        2 => any::<bool>().prop_map(Step::Remove),
        1 => Just(Step::RenameAway),
        1 => Just(Step::RenameBack),
        1 => prop_oneof![Just(RestartPolicy::No), Just(RestartPolicy::UnlessStopped)].prop_map(Step::Policy),
        1 => Just(Step::Unpause),
        1 => Just(Step::Kill),
        1 => Just(Step::StopByHand),
        1 => Just(Step::RemoveByHand),
        1 => Just(Step::RemoveSlowly),
        2 => Just(Step::Crash),
        1 => Just(Step::Pause),
        1 => Just(Step::StuckRemoval),
        1 => Just(Step::Wipe),
        1 => prop_oneof![
            Just(DockerdRestart::Graceful),
            Just(DockerdRestart::Killed),
            Just(DockerdRestart::LiveRestore),
        ]
        .prop_map(Step::Restart),
        1 => any::<bool>().prop_map(Step::CrashingImage),
        3 => (0_u64..30_000).prop_map(Step::Wait),
    ]
}

/// Refusals are part of the game: what counts is the state that is left.
async fn take(sim: &SimDocker, step: Step) {
    let away = format!("{DEV}-prev");
    let here = sim.container(DEV);
    let id: Option<ContainerId> = here.as_ref().map(|seen| seen.id.clone());
    let state = here.map(|seen| seen.state);
    let runs = state == Some(ContainerState::Running);
    match (step, id) {
        (Step::Create(lifecycle), _) => drop(sim.create(&request(sim, lifecycle)).await),
        (Step::RenameBack, _) => {
            if let Some(seen) = sim.container(&away) {
                drop(sim.rename(&seen.id, DEV).await);
            }
        }
        (Step::Wipe, _) => {
            let _refused_in_use =
                sim.remove_volume_by_hand(&sim.prefix().volume(&request(sim, Lifecycle::Hot).instance));
        }
        (Step::Restart(how), _) => sim.restart_dockerd(how),
        (Step::CrashingImage(true), _) => sim.exits_at_once(IMAGE, 1),
        (Step::CrashingImage(false), _) => sim.behave(IMAGE, Behaviour::default()),
        (Step::Wait(ms), _) => sleep(Duration::from_millis(ms)).await,
        (Step::Start, Some(id)) => drop(sim.start(&id).await),
        (Step::Stop, Some(id)) => drop(sim.stop(&id, Duration::from_secs(15)).await),
        (Step::Remove(force), Some(id)) => drop(sim.remove(&id, force).await),
        (Step::RenameAway, Some(id)) => drop(sim.rename(&id, &away).await),
        (Step::Policy(policy), Some(id)) => drop(sim.set_restart_policy(&id, policy).await),
        (Step::Unpause, Some(id)) => drop(sim.unpause(&id).await),
        (Step::Kill, Some(_)) if runs => sim.kill(DEV),
        (Step::Crash, Some(_)) if runs => sim.crash(DEV, 1),
        (Step::Pause, Some(_)) if runs => sim.pause(DEV),
        (Step::StopByHand, Some(_)) => sim.stop_by_hand(DEV),
        (Step::RemoveByHand, Some(_)) if state != Some(ContainerState::Dead) => {
            sim.fail_removal(DEV, 0);
            sim.remove_by_hand(DEV);
        }
        (Step::RemoveSlowly, Some(_)) => sim.remove_slowly(DEV, Duration::from_secs(2)),
        (Step::StuckRemoval, Some(_)) => sim.fail_removal(DEV, 1),
        // Nothing of the name, or nothing that runs.
        _ => {}
    }
}

fn check(sim: &SimDocker) {
    let all = sim.containers();
    let names: BTreeSet<&str> = all.iter().map(|seen| seen.name.as_str()).collect();
    assert_eq!(names.len(), all.len(), "names are unique");
    for seen in &all {
        let restarting = seen.state == ContainerState::Restarting;
        assert_eq!(sim.restarts_in(&seen.name).is_some(), restarting, "{seen:?}");
        assert!(seen.ever_started() || !seen.is_up(), "{seen:?}");
        let volume = seen.state_volume.as_deref().expect("every one has a volume");
        assert!(sim.volume(volume).is_some(), "a volume in use exists: {seen:?}");
        let stays_down = seen.restart_policy == RestartPolicy::No && restarting;
        assert!(!stays_down || seen.restart_count > 0, "{seen:?}");
    }
}

#[test]
fn whatever_happens_the_engine_stays_consistent() {
    let config = Config { cases: 64, failure_persistence: None, ..Config::default() };
    let steps = (any::<u64>(), prop::collection::vec(step(), 1..120));
    let outcome = TestRunner::new(config).run(&steps, |(seed, steps)| {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime with a clock can be built");
        runtime.block_on(async {
            let sim = sim();
            sim.chaos(seed, 0.1);
            for step in steps {
                take(&sim, step).await;
                check(&sim);
            }
        });
        Ok(())
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
