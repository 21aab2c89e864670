use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::{Just, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::strategy::Strategy as _;

use super::*;
use crate::model::{RolloutId, TypeName};
use crate::testing::{name, type_name};

const FROM: &str = "sha256:from";
const TO: &str = "sha256:to";

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + seconds).expect("in range")
}

fn member(instance: &str, agent_type: &TypeName, canary: bool) -> RolloutMember {
    RolloutMember {
        instance: name(instance),
        agent_type: agent_type.clone(),
        canary,
        state: MemberState::Pending,
        image: "agent:1".into(),
        from_image_id: FROM.into(),
        to_image_id: Some(TO.into()),
        reason: None,
        since: at(0),
    }
}

fn rollout(members: Vec<RolloutMember>, strategy: Strategy) -> Rollout {
    Rollout {
        id: RolloutId::random(),
        agent_type: None,
        state: RolloutState::Running,
        strategy,
        reason: None,
        created_at: at(0),
        ended_at: None,
        members,
    }
}

fn runs_on(image_id: &str) -> Seen {
    Seen { image: Some("agent:1".into()), image_id: Some(image_id.into()), up: true, ..Seen::default() }
}

fn sight(seen: Seen) -> Sight {
    after(seen, 0)
}

fn after(seen: Seen, seconds: u64) -> Sight {
    let elapsed = Duration::from_secs(seconds);
    Sight { look: Look::Here(Box::new(seen)), elapsed, first_task: FirstTask::Fine }
}

/// What one member in `state` becomes.
fn becomes(state: MemberState, canary: bool, sight: Sight) -> (MemberState, RolloutState) {
    let dev = type_name("dev");
    let strategy = Strategy { drain_s: Some(60), ..Strategy::default() };
    let mut rollout = rollout(
        vec![member("a", &dev, canary), RolloutMember { state, ..member("b", &dev, canary) }],
        strategy,
    );
    let other = Sight { look: Look::Unknown, ..sight.clone() };
    advance(&mut rollout, &[other, sight], at(100));
    (rollout.members[1].state, rollout.state)
}

#[test]
fn each_state_leads_to_the_next_when_what_it_waits_for_is_seen() {
    use MemberState::{
        Done, Draining, Failed, Pending, Recreating, RolledBack, RollingBack, Skipped, Watching,
    };
    use RolloutState::{Paused, Running};
    let busy = Seen { worked_with: true, ..runs_on(FROM) };
    let failed = Seen { failed: Some("it ended".into()), ..runs_on(FROM) };
    let dead = Seen { died: Some((at(50), "it ended".into())), up: false, ..runs_on(TO) };
    let died_before = Seen { died: Some((at(-1), "it ended".into())), ..runs_on(TO) };
    let looping = Seen { trouble: Some("crash loop".into()), ..runs_on(TO) };
    let lost = Seen { obstacle: Some("state lost".into()), ..runs_on(FROM) };
    let moved = Seen { image: Some("agent:2".into()), ..runs_on(FROM) };
    let asleep = Seen { up: false, rests: true, lazy: true, ..runs_on(TO) };
    let held_down = Seen { up: false, rests: true, ..runs_on(TO) };
    let kept = Seen { kept: true, ..runs_on(FROM) };
    let stuck = Seen { failing: Some("no space".into()), ..runs_on(TO) };
    let starting = Seen { starting: true, ..runs_on(TO) };
    let gone = |seconds| Sight { look: Look::Gone, ..after(Seen::default(), seconds) };
    let refused =
        Sight { first_task: FirstTask::NotStarted("no such file".into()), ..after(runs_on(TO), 30) };
    let table = [
        ("nobody works with it", Draining, sight(runs_on(FROM)), Recreating, Running),
        ("somebody does", Draining, after(busy.clone(), 59), Draining, Running),
        ("somebody does for too long", Draining, after(busy, 60), Pending, Paused),
        ("its row is gone", Draining, gone(0), Skipped, Running),
        ("its state is lost", Draining, sight(lost), Skipped, Running),
        ("its row wants another image", Recreating, sight(moved), Skipped, Running),
        ("the old one runs", Recreating, after(runs_on(FROM), 899), Recreating, Running),
        ("it takes too long", Recreating, after(runs_on(FROM), 900), RollingBack, Paused),
        ("the image could not be had", Recreating, sight(failed), RollingBack, Paused),
        ("the new one runs", Recreating, sight(runs_on(TO)), Watching, Running),
        ("it sleeps", Recreating, sight(asleep.clone()), Done, Running),
        ("it is held down", Recreating, sight(held_down), Done, Running),
        ("it died", Watching, sight(dead), RollingBack, Paused),
        ("it died long ago", Watching, sight(died_before.clone()), Watching, Running),
        ("it is in a crash loop", Watching, sight(looping), RollingBack, Paused),
        ("not long enough", Watching, after(runs_on(TO), 29), Watching, Running),
        ("long enough", Watching, after(died_before, 30), Done, Running),
        ("its health checks have not passed yet", Watching, after(starting.clone(), 899), Watching, Running),
        ("they do not pass for long", Watching, after(starting, 900), RollingBack, Paused),
        ("no task could be started", Watching, refused, RollingBack, Paused),
        ("it fell asleep", Watching, after(asleep, 30), Done, Running),
        ("it is back", RollingBack, sight(kept), RolledBack, Running),
        ("it is not known to be pinned", RollingBack, sight(runs_on(FROM)), RollingBack, Running),
        ("it fails to go back", RollingBack, after(stuck.clone(), 119), RollingBack, Running),
        ("it fails for long", RollingBack, after(stuck, 120), Failed, RolloutState::Failed),
    ];
    for (what, state, sight, expected, of_all) in table {
        assert_eq!(becomes(state, false, sight), (expected, of_all), "{state}: {what}");
    }
}

#[test]
fn where_nothing_can_be_seen_nothing_moves() {
    for state in
        [MemberState::Draining, MemberState::Recreating, MemberState::Watching, MemberState::RollingBack]
    {
        let unknown = Sight { look: Look::Unknown, ..after(Seen::default(), 100_000) };
        assert_eq!(becomes(state, true, unknown), (state, RolloutState::Running));
    }
}

#[test]
fn a_canary_that_goes_back_ends_the_rollout_and_one_that_is_skipped_has_a_successor() {
    let dev = type_name("dev");
    let mut one = rollout(vec![member("a", &dev, true), member("b", &dev, false)], Strategy::default());
    advance(&mut one, &[sight(runs_on(FROM)), sight(runs_on(FROM))], at(1));
    assert_eq!(one.members[0].state, MemberState::Draining);
    let mut skipped = one.clone();
    let gone = Sight { look: Look::Gone, ..sight(Seen::default()) };
    advance(&mut skipped, &[gone, sight(runs_on(FROM))], at(2));
    assert_eq!(skipped.members[0].state, MemberState::Skipped);
    assert_eq!((skipped.members[1].state, skipped.members[1].canary), (MemberState::Draining, true));
    one.members[0].state = MemberState::RollingBack;
    one.members[0].reason = Some("it ended".into());
    let kept = Seen { kept: true, ..runs_on(FROM) };
    advance(&mut one, &[sight(kept), sight(runs_on(FROM))], at(3));
    assert_eq!((one.state, one.reason.as_deref()), (RolloutState::RolledBack, Some("a: it ended")));
    assert_eq!((one.members[1].state, one.ended_at), (MemberState::Pending, Some(at(3))));
}

#[test]
fn work_is_kept_away_until_half_of_the_watch_is_over() {
    let dev = type_name("dev");
    let watched = RolloutMember { state: MemberState::Watching, ..member("a", &dev, true) };
    let open = |seconds| !upkeep(&watched, &Strategy::default(), Duration::from_secs(seconds)).reserved;
    assert_eq!((open(0), open(14), open(15), open(40)), (false, false, true, true));
}

/// What may happen to a member between two looks.
fn any_seen() -> impl proptest::strategy::Strategy<Value = Sight> {
    (
        prop_oneof![3 => Just(FROM), 3 => Just(TO), 1 => Just("sha256:other")],
        prop_oneof![4 => Just(true), 1 => Just(false)],
        any::<[bool; 5]>(),
        prop_oneof![8 => Just(0), 1 => Just(1), 1 => Just(2)],
        prop_oneof![Just(0u64), Just(15), Just(30), Just(1000)],
    )
        .prop_map(|(image_id, up, [busy, kept, a, b, rests], look, elapsed)| {
            let seen = Seen {
                up,
                rests: !up && rests,
                lazy: rests,
                worked_with: busy,
                kept,
                failed: (a && b).then(|| "failed".to_owned()),
                trouble: (a && !b && kept).then(|| "trouble".to_owned()),
                ..runs_on(image_id)
            };
            let look = match look {
                0 => Look::Here(Box::new(seen)),
                1 => Look::Unknown,
                _ => Look::Gone,
            };
            Sight { look, elapsed: Duration::from_secs(elapsed), first_task: FirstTask::Fine }
        })
}

proptest! {
    #[test]
    fn whatever_is_seen_the_width_and_the_canaries_are_kept_and_what_was_not_begun_is_not_touched(
        width in 1u32..4,
        canary in 0u32..3,
        size in 1usize..7,
        looks in prop::collection::vec(prop::collection::vec(any_seen(), 7), 1..40),
        resumes in prop::collection::vec(any::<bool>(), 40),
    ) {
        let types = [type_name("dev"), type_name("lazy")];
        let strategy = Strategy { width, canary, ..Strategy::default() };
        let members = (0..size).map(|n| {
            let first_of_type = u32::try_from(n / 2).expect("small") < canary;
            member(&format!("m{n}"), &types[n % 2], first_of_type)
        });
        let mut now = rollout(members.collect(), strategy);
        now.members.sort_by_key(|member| !member.canary);
        for (step, sights) in looks.iter().enumerate() {
            let before = now.clone();
            if resumes[step] && now.state == RolloutState::Paused {
                resume(&mut now, at(0));
            }
            let paused = now.state == RolloutState::Paused;
            let begun_before = now.clone();
            let changed = advance(&mut now, &sights[..size], at(i64::try_from(step).expect("small")));
            let out = now.members.iter().filter(|member| member.state.is_out()).count();
            prop_assert!(out <= usize::try_from(width).expect("small"), "{now:#?}");
            for (place, (was, is)) in begun_before.members.iter().zip(&now.members).enumerate() {
                prop_assert_eq!(was != is, changed.contains(&place));
                let begins = was.state == MemberState::Pending && is.state.is_out();
                prop_assert!(!begins || !paused, "nobody begins while it is paused");
                prop_assert!(!begins || !before.state.has_ended());
                let goes_back = |m: &RolloutMember| m.state == MemberState::RollingBack;
                prop_assert!(!begins || !now.members.iter().any(goes_back));
                if begins && !is.canary {
                    let of_type = |m: &&RolloutMember| m.agent_type == is.agent_type && m.canary;
                    let open = |m: &RolloutMember| !matches!(m.state, MemberState::Done | MemberState::Skipped);
                    prop_assert!(!now.members.iter().filter(of_type).any(open), "{now:#?}");
                }
                if is.state == MemberState::Pending {
                    let wish = upkeep(is, &now.strategy, Duration::ZERO);
                    prop_assert_eq!(wish, Upkeep { reserved: false, pin: PinWish::Leave });
                }
            }
            prop_assert_eq!(now.ended_at.is_some(), now.state.has_ended());
            prop_assert!(!now.state.has_ended() || out == 0);
        }
    }
}
