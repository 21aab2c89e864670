//! What every [`RolloutStore`](crate::ports::RolloutStore) must do.

use futures_util::future::join_all;
use jiff::Timestamp;

use super::store::{Point, StoreWorld, check};
use crate::model::{MemberState, Rollout, RolloutId, RolloutMember, RolloutState, Strategy};
use crate::testing::{name, type_name};

points![
    a_rollout_comes_back_as_it_was_stored,
    of_parallel_rollouts_of_a_type_one_is_stored,
    one_of_all_types_is_in_the_way_of_every_other,
    what_has_ended_is_in_nobodys_way,
    only_the_members_that_are_named_change,
    what_was_never_stored_cannot_change,
    they_are_listed_newest_first_and_the_open_ones_oldest_first,
    pruning_forgets_the_oldest_that_have_ended,
];

/// Checks every point, each in a new world.
pub async fn all<W: StoreWorld>(world: impl FnMut() -> W) {
    check("rollouts", POINTS, world).await;
}

fn member(instance: &str, at: Timestamp) -> RolloutMember {
    RolloutMember {
        instance: name(instance),
        agent_type: type_name("dev"),
        canary: false,
        state: MemberState::Pending,
        image: "agent:1".into(),
        from_image_id: "sha256:a".into(),
        to_image_id: None,
        reason: None,
        since: at,
    }
}

fn rollout(world: &dyn StoreWorld, agent_type: Option<&str>) -> Rollout {
    let at = world.now();
    let watched = RolloutMember {
        canary: true,
        state: MemberState::RollingBack,
        to_image_id: Some("sha256:b".into()),
        reason: Some("it \"ended\" with ünïcode".into()),
        ..member("b", at)
    };
    Rollout {
        id: RolloutId::random(),
        agent_type: agent_type.map(type_name),
        state: RolloutState::Running,
        strategy: Strategy { width: 2, canary: 3, watch_s: 4, drain_s: Some(5), pull: Some(true) },
        reason: None,
        created_at: at,
        ended_at: None,
        members: vec![watched, member("a", at)],
    }
}

fn ended(rollout: Rollout, state: RolloutState) -> Rollout {
    let ended_at = Some(rollout.created_at);
    Rollout { state, ended_at, reason: Some("so".into()), ..rollout }
}

async fn a_rollout_comes_back_as_it_was_stored(world: &mut dyn StoreWorld) {
    let open = rollout(world, Some("dev"));
    let done = ended(rollout(world, None), RolloutState::Failed);
    for rollout in [&open, &done] {
        assert_eq!(world.rollouts().insert_rollout(rollout).await.expect("stored"), None);
    }
    world.reopen().await;
    for rollout in [open, done] {
        assert_eq!(world.rollouts().rollout(rollout.id).await.expect("readable"), Some(rollout));
    }
    assert_eq!(world.rollouts().rollout(RolloutId::random()).await.expect("readable"), None);
}

async fn of_parallel_rollouts_of_a_type_one_is_stored(world: &mut dyn StoreWorld) {
    let store = world.rollouts();
    let many: Vec<Rollout> = (0..5).map(|_| rollout(world, Some("dev"))).collect();
    let all = join_all(many.iter().map(|rollout| store.insert_rollout(rollout))).await;
    let refused: Vec<RolloutId> = all.into_iter().filter_map(|stored| stored.expect("answered")).collect();
    let open = store.open_rollouts().await.expect("readable");
    assert_eq!((open.len(), refused), (1, vec![open[0].id; 4]));
}

async fn one_of_all_types_is_in_the_way_of_every_other(world: &mut dyn StoreWorld) {
    let store = world.rollouts();
    let dev = rollout(world, Some("dev"));
    assert_eq!(store.insert_rollout(&dev).await.expect("stored"), None);
    assert_eq!(store.insert_rollout(&rollout(world, Some("boss"))).await.expect("stored"), None);
    assert_eq!(store.insert_rollout(&rollout(world, None)).await.expect("answered"), Some(dev.id));
    for open in store.open_rollouts().await.expect("readable") {
        let done = ended(open, RolloutState::Done);
        assert!(store.change_rollout(&done, &[]).await.expect("stored"));
    }
    let all = rollout(world, None);
    assert_eq!(store.insert_rollout(&all).await.expect("stored"), None);
    assert_eq!(store.insert_rollout(&rollout(world, Some("dev"))).await.expect("answered"), Some(all.id));
}

async fn what_has_ended_is_in_nobodys_way(world: &mut dyn StoreWorld) {
    let store = world.rollouts();
    assert_eq!(store.insert_rollout(&rollout(world, None)).await.expect("stored"), None);
    let empty = ended(rollout(world, Some("dev")), RolloutState::Done);
    assert_eq!(store.insert_rollout(&empty).await.expect("stored"), None);
}

async fn only_the_members_that_are_named_change(world: &mut dyn StoreWorld) {
    let store = world.rollouts();
    let before = rollout(world, Some("dev"));
    store.insert_rollout(&before).await.expect("stored");
    let mut now = Rollout { state: RolloutState::Paused, reason: Some("why".into()), ..before.clone() };
    for member in &mut now.members {
        member.state = MemberState::Done;
        member.to_image_id = Some("sha256:c".into());
    }
    assert!(store.change_rollout(&now, &[1]).await.expect("stored"));
    now.members[0] = before.members[0].clone();
    assert_eq!(store.rollout(now.id).await.expect("readable"), Some(now));
}

async fn what_was_never_stored_cannot_change(world: &mut dyn StoreWorld) {
    let unknown = rollout(world, None);
    assert!(!world.rollouts().change_rollout(&unknown, &[0]).await.expect("answered"));
    assert_eq!(world.rollouts().rollouts(9).await.expect("readable"), []);
}

async fn they_are_listed_newest_first_and_the_open_ones_oldest_first(world: &mut dyn StoreWorld) {
    let store = world.rollouts();
    let mut ids = Vec::new();
    for agent_type in ["dev", "boss", "lazy"] {
        let next = rollout(world, Some(agent_type));
        store.insert_rollout(&next).await.expect("stored");
        ids.push(next.id);
    }
    let open = store.open_rollouts().await.expect("readable");
    assert_eq!(open.iter().map(|rollout| rollout.id).collect::<Vec<_>>(), ids);
    let newest = store.rollouts(2).await.expect("readable");
    assert_eq!(newest.iter().map(|rollout| rollout.id).collect::<Vec<_>>(), [ids[2], ids[1]]);
}

async fn pruning_forgets_the_oldest_that_have_ended(world: &mut dyn StoreWorld) {
    let store = world.rollouts();
    let open = rollout(world, Some("dev"));
    store.insert_rollout(&open).await.expect("stored");
    let mut ids = vec![open.id];
    for _ in 0..3 {
        let done = ended(rollout(world, None), RolloutState::Aborted);
        store.insert_rollout(&done).await.expect("stored");
        ids.push(done.id);
    }
    assert_eq!(store.prune_rollouts(1).await.expect("pruned"), 2);
    let left = store.rollouts(9).await.expect("readable");
    assert_eq!(left.iter().map(|rollout| rollout.id).collect::<Vec<_>>(), [ids[3], ids[0]]);
}
