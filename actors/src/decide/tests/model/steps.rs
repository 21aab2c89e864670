//! What happens to the world: random beginnings, outside hands, requests, and time.

use std::time::Duration;

use proptest::prelude::*;
use tokio::time::Instant;

use super::game::{Checked, Game, LONGEST_HOLD};
use super::row::{Row, Spec, instance};
use super::world::{World, set};
use crate::decide::Request;
use crate::model::{ContainerState, Lifecycle, RestartPolicy};
use crate::ports::{RecreateJournal, RecreateStep};
use crate::testing::container_id;

/// Something done to one container by hand, or by itself.
#[derive(Clone, Copy, Debug)]
pub(super) enum Hand {
    Start,
    Stop,
    Crash,
    Pause,
    Remove,
    RemoveSlowly(u64),
    /// Docker could not remove it.
    Die,
    RenameAway,
    Policy(RestartPolicy),
}

#[derive(Clone, Debug)]
pub(super) enum Step {
    /// To the container of this number, counted round.
    Hand(usize, Hand),
    Row(Row),
    Ask(Option<Request>),
    /// Somebody makes a container: one that is not ours, or a twin of ours.
    Foreign(Spec),
    Twin(Spec),
    WipeVolumes,
    BringVolumeBack,
    Answers(bool),
    Suspect(bool),
    Trouble(Vec<bool>),
    Crashing(Option<u8>),
    RestartDaemon(bool),
    Lease(bool),
    /// Seconds.
    Hold(Option<u64>),
    Turn,
    /// Seconds.
    Pass(u64),
}

/// The old container's number, whether it ran, whether the new one was verified.
pub(super) type Cut = (u64, bool, bool);
/// A container at the beginning: ours, named, spec, state, policy.
pub(super) type Beginning = (bool, bool, Spec, ContainerState, RestartPolicy);

fn spec() -> impl Strategy<Value = Spec> {
    (prop_oneof![2 => Just(Lifecycle::Hot), 1 => Just(Lifecycle::Lazy)], 1..=2_u8)
        .prop_map(|(lifecycle, version)| Spec { lifecycle, version })
}

fn row() -> impl Strategy<Value = Row> {
    prop_oneof![
        1 => Just(Row::None),
        1 => Just(Row::Host),
        1 => Just(Row::Broken),
        8 => (spec(), prop::bool::weighted(0.8)).prop_map(|(spec, on)| Row::Wants { spec, on }),
    ]
}

fn policy() -> impl Strategy<Value = RestartPolicy> {
    prop_oneof![Just(RestartPolicy::No), Just(RestartPolicy::UnlessStopped)]
}

fn beginning() -> impl Strategy<Value = Beginning> {
    let state = prop_oneof![
        Just(ContainerState::Created),
        Just(ContainerState::Running),
        Just(ContainerState::Paused),
        Just(ContainerState::Restarting),
        Just(ContainerState::Exited),
        Just(ContainerState::Dead),
        Just(ContainerState::Removing),
    ];
    (prop::bool::weighted(0.8), prop::bool::weighted(0.8), spec(), state, policy())
}

pub(super) fn request() -> impl Strategy<Value = Request> {
    prop_oneof![
        4 => Just(Request::Start),
        3 => Just(Request::Stop),
        2 => Just(Request::Restart),
        2 => Just(Request::Recreate),
        1 => Just(Request::Adopt),
        1 => Just(Request::Recover),
    ]
}

fn hand() -> impl Strategy<Value = Hand> {
    prop_oneof![
        2 => Just(Hand::Start),
        3 => Just(Hand::Stop),
        3 => Just(Hand::Crash),
        1 => Just(Hand::Pause),
        2 => Just(Hand::Remove),
        1 => (1..30_u64).prop_map(Hand::RemoveSlowly),
        1 => Just(Hand::Die),
        1 => Just(Hand::RenameAway),
        1 => policy().prop_map(Hand::Policy),
    ]
}

pub(super) fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        12 => (0..3_usize, hand()).prop_map(|(which, hand)| Step::Hand(which, hand)),
        4 => row().prop_map(Step::Row),
        4 => request().prop_map(|request| Step::Ask(Some(request))),
        2 => Just(Step::Ask(None)),
        1 => spec().prop_map(Step::Foreign),
        1 => spec().prop_map(Step::Twin),
        1 => Just(Step::WipeVolumes),
        1 => Just(Step::BringVolumeBack),
        2 => any::<bool>().prop_map(Step::Answers),
        1 => prop::bool::weighted(0.3).prop_map(Step::Suspect),
        3 => prop::collection::vec(prop::bool::weighted(0.4), 1..8).prop_map(Step::Trouble),
        1 => (5..12_usize).prop_map(|count| Step::Trouble(vec![true; count])),
        2 => prop::option::of(1..=2_u8).prop_map(Step::Crashing),
        2 => any::<bool>().prop_map(Step::RestartDaemon),
        4 => need(),
        12 => Just(Step::Turn),
        6 => (0..8_u64).prop_map(Step::Pass),
        5 => (8..400_u64).prop_map(Step::Pass),
        1 => (400..1500_u64).prop_map(Step::Pass),
        1 => (1500..3000_u64).prop_map(Step::Pass),
    ]
}

/// Somebody begins or ceases to need it.
fn need() -> impl Strategy<Value = Step> {
    let hold = prop::option::weighted(0.7, 1..LONGEST_HOLD.as_secs());
    prop_oneof![3 => any::<bool>().prop_map(Step::Lease), 1 => hold.prop_map(Step::Hold)]
}

/// Somebody works with it, or has just done so.
pub(super) fn needs() -> impl Strategy<Value = Vec<Step>> {
    prop_oneof![
        2 => Just(Vec::new()),
        2 => Just(vec![Step::Lease(true), Step::Pass(10)]),
        1 => Just(vec![Step::Lease(true), Step::Pass(10), Step::Lease(false)]),
        1 => Just(vec![Step::Hold(Some(600)), Step::Pass(10)]),
    ]
}

/// What makes more to do than was asked for.
pub(super) fn mess() -> impl Strategy<Value = Step> {
    let hand = prop_oneof![
        3 => Just(Hand::Start),
        1 => Just(Hand::Crash),
        1 => Just(Hand::Pause),
        1 => Just(Hand::RenameAway),
        1 => policy().prop_map(Hand::Policy),
    ];
    prop_oneof![
        5 => hand.prop_map(|hand| Step::Hand(0, hand)),
        2 => spec().prop_map(Step::Twin),
        1 => row().prop_map(Step::Row),
    ]
}

/// How a game begins: the row, the containers, perhaps a recreate that was cut by a kill.
pub(super) fn worlds() -> impl Strategy<Value = (Row, Vec<Beginning>, Option<Cut>)> {
    let cut = (0..4_u64, any::<bool>(), any::<bool>());
    (row(), prop::collection::vec(beginning(), 0..3), prop::option::weighted(0.15, cut))
}

pub(super) fn begin(now: Instant, (row, containers, cut): (Row, Vec<Beginning>, Option<Cut>)) -> World {
    let mut world = World::new(now, row);
    for (ours, named, spec, state, policy) in &containers {
        let soon = now + Duration::from_secs(3);
        let container = if *ours {
            let volume = world.own_volume();
            world.put(true, *named, *spec, volume)
        } else {
            world.put_foreign(*named, *spec)
        };
        container.lives = u32::from(*state != ContainerState::Created);
        container.policy = *policy;
        let by_itself = matches!(state, ContainerState::Restarting | ContainerState::Removing);
        set(container, *state, by_itself.then_some(soon));
    }
    world.journal = cut.map(|(old, old_ran, verified)| RecreateJournal {
        instance: instance(),
        old: container_id(old),
        old_ran,
        old_policy: crate::model::RestartPolicy::No,
        new: None,
        step: if verified { RecreateStep::Verified } else { RecreateStep::Begun },
    });
    world
}

pub(super) fn take_hand(world: &mut World, which: usize, hand: Hand) {
    let now = world.now;
    let Some(index) = which.checked_rem(world.containers.len()) else { return };
    let container = &mut world.containers[index];
    let (id, state) = (container.id, container.state);
    match (hand, state) {
        (Hand::Start, ContainerState::Created | ContainerState::Exited) => world.begin(id),
        (Hand::Stop, _) if container.is_up() => set(container, ContainerState::Exited, None),
        (Hand::Crash, _) => world.crash(id),
        (Hand::Pause, ContainerState::Running) => set(container, ContainerState::Paused, None),
        (Hand::Remove, _) => world.containers.retain(|container| container.id != id),
        (Hand::RemoveSlowly(seconds), _) => {
            set(container, ContainerState::Removing, Some(now + Duration::from_secs(seconds)));
        }
        (Hand::Die, _) => set(container, ContainerState::Dead, None),
        (Hand::RenameAway, _) => container.named = false,
        (Hand::Policy(policy), _) => container.policy = policy,
        (Hand::Start | Hand::Stop | Hand::Pause, _) => {}
    }
}

pub(super) fn take(game: &mut Game, step: Step) -> Checked {
    let world = &mut game.world;
    match step {
        Step::Hand(which, hand) => take_hand(world, which, hand),
        Step::Row(row) => game.set_row(row),
        Step::Ask(request) => game.ask(request),
        Step::Foreign(spec) if world.holder().is_none() => {
            let id = world.put_foreign(true, spec).id;
            world.begin(id);
        }
        Step::Twin(spec) if world.containers.len() < 3 => {
            let volume = world.own_volume();
            world.put(true, false, spec, volume);
        }
        Step::Foreign(_) | Step::Twin(_) => {}
        Step::WipeVolumes => {
            let in_use = |volume: &u64| world.containers.iter().any(|c| c.volume == *volume);
            world.volumes.retain(in_use);
        }
        Step::BringVolumeBack => {
            let lost = world.recorded.filter(|recorded| !world.volumes.contains(recorded));
            world.volumes.extend(lost);
        }
        Step::Answers(answers) => world.answers = answers,
        Step::Suspect(suspect) => game.history.suspended = suspect,
        Step::Trouble(trouble) => world.trouble = trouble.into(),
        Step::Crashing(version) => world.crashing = version,
        Step::RestartDaemon(waited_for) => game.boot(waited_for),
        Step::Lease(leased) => game.lease(leased),
        Step::Hold(seconds) => game.hold(seconds.map(Duration::from_secs)),
        Step::Turn => return game.turn().map(drop),
        Step::Pass(seconds) => return game.pass(Duration::from_secs(seconds)),
    }
    Ok(())
}
