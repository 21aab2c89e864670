//! New images for a pool: one member after the other under load, back again, and across a kill of the daemon.

mod scene;

use std::time::Duration;

use claude_hooks_actors::model::{ConditionType, EventKind, MemberState, RolloutState};
use serde_json::json;

use self::scene::{Load, Scene};
use crate::harness::engine::docker_ok;

/// A rollout over five members on two busy cores.
const ENDS: Duration = Duration::from_mins(5);

#[test]
fn a_pool_under_constant_load_gets_a_new_image_one_after_the_other_and_no_task_is_lost_or_cut() {
    let Some(scene) = Scene::with_pool(5) else { return };
    let newer = scene.image("v=2", &[]);
    let load = Load::on(&scene);
    let rollout = scene.begin(&json!({ "type": "dev", "strategy": { "watch_s": 2 } }));
    assert_eq!(rollout.members.len(), 5);
    let rollout = scene.ended(rollout.id, ENDS);
    let done = load.finish(&scene);
    assert_eq!((rollout.state, rollout.reason.as_deref()), (RolloutState::Done, None), "{rollout:#?}");
    assert!(rollout.members.iter().all(|member| member.state == MemberState::Done), "{rollout:#?}");
    assert!(done.tasks >= 5, "the load was none: {} tasks", done.tasks);
    assert!(done.most_out <= 1, "{} members were out at a time", done.most_out);
    for name in scene.names() {
        let agent = scene.fleet.agent(&name);
        assert_eq!(agent.observed.image_id.as_deref(), Some(newer.as_str()), "{name}");
        assert!(
            agent
                .conditions
                .iter()
                .all(|c| c.kind != ConditionType::Stale && c.kind != ConditionType::Cordoned)
        );
    }
    let left = || scene.retained().is_empty().then_some(());
    scene.fleet.eventually("the names of images are taken away", Duration::from_secs(30), left);
}

#[test]
fn an_image_that_ends_at_once_is_rolled_back_and_four_members_are_not_touched() {
    let Some(scene) = Scene::with_pool(5) else { return };
    let before: Vec<_> = scene.names().iter().map(|name| scene.life(name)).collect();
    let bad = scene.image("v=bad", &["--change", "ENTRYPOINT [\"/agent\", \"exit\", \"7\"]"]);
    let said = scene.fleet.cli(&["rollouts", "start", "dev", "--watch", "2", "--follow"]);
    let text = String::from_utf8_lossy(&said.stdout).into_owned();
    assert_eq!(said.status.code(), Some(1), "{text}");
    assert!(text.contains("rolled_back"), "{text}");
    let rollout = scene.latest();
    let reason = rollout.reason.clone().expect("it says why");
    assert_eq!(rollout.state, RolloutState::RolledBack);
    assert!(reason.contains("did not stay up"), "{reason}");
    let pending = rollout.members.iter().filter(|member| member.state == MemberState::Pending).count();
    assert_eq!(pending, 4, "{rollout:#?}");
    let changed =
        scene.names().iter().zip(&before).filter(|(name, before)| scene.life(name) != **before).count();
    assert!(changed <= 1, "{changed} members were touched");
    for name in scene.names() {
        assert_ne!(scene.fleet.agent(&name).observed.image_id.as_deref(), Some(bad.as_str()));
    }
    let finished = scene.event(EventKind::RolloutFinished);
    assert_eq!(
        (finished.cause.as_deref(), finished.detail.as_deref()),
        (Some("rolled_back"), Some(reason.as_str()))
    );
    let canary = rollout.members[0].instance.to_string();
    let stale = || scene.fleet.agent(&canary).conditions.into_iter().find(|c| c.kind == ConditionType::Stale);
    let stale = scene.fleet.eventually("it is shown as stale", Duration::from_secs(30), stale);
    assert!(stale.reason.contains("did not stay up"), "{}", stale.reason);
    docker_ok(&["rm", "-f", &scene.fleet.container(&canary)]);
    let back = || (scene.fleet.status(&canary) == "running").then_some(());
    scene.fleet.eventually("it is made again", Duration::from_mins(1), back);
    let image = scene.fleet.inspect(&canary).expect("it is there")["Image"].clone();
    assert_eq!(image.as_str(), Some(rollout.members[0].from_image_id.as_str()), "of its old image");
}

#[test]
fn a_daemon_killed_in_the_middle_of_a_rollout_leaves_one_that_the_next_ends() {
    let Some(mut scene) = Scene::with_pool(3) else { return };
    let newer = scene.image("v=2", &[]);
    let rollout = scene.begin(&json!({ "type": "dev", "strategy": { "watch_s": 2 } }));
    for state in [MemberState::Recreating, MemberState::Watching] {
        let reached = || {
            let now = scene.rollout(rollout.id);
            now.members.iter().any(|member| member.state == state).then_some(())
        };
        scene.fleet.eventually("a member is on its way", ENDS, reached);
        scene.fleet.kill9();
        scene.fleet.start();
    }
    let ended = scene.ended(rollout.id, ENDS);
    assert_eq!(ended.state, RolloutState::Done, "{ended:#?}");
    for name in scene.names() {
        assert_eq!(scene.fleet.agent(&name).observed.image_id.as_deref(), Some(newer.as_str()), "{name}");
    }
    let containers = scene.fleet.containers();
    assert_eq!(containers.len(), 3, "{containers:?}");
}
