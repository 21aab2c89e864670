//! Random worlds and random meddling against a tiny reference model, written from the design and not from `decide`.
//!
//! `world` is docker with one instance in it, `effects` what each action does there, `game` the shell around `decide`,
//! `steps` what happens meanwhile. `rules` is the specification: it judges every decision and every call of docker.
//! `endings` judges what has become of it all.

mod effects;
mod endings;
mod game;
mod row;
mod rules;
mod steps;
mod world;

use std::time::Duration;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestCaseError, TestRunner};

use self::game::{Checked, Game};
use self::row::{Row, Spec};
use self::steps::{Beginning, Cut, Hand, Step};
use super::now;
use crate::model::Lifecycle;

/// The games of an ordinary run: the same on every machine, so that a failure there means that something has changed.
const SEED: u64 = 1;

/// `PROPTEST_RNG_SEED` plays others: one that failed again, or new ones.
fn run<S: Strategy>(cases: u32, inputs: &S, test: impl Fn(S::Value) -> Checked) {
    let config = Config::default();
    let seed = match config.rng_seed {
        RngSeed::Fixed(seed) => seed,
        RngSeed::Random => SEED,
    };
    let config = Config { cases, failure_persistence: None, rng_seed: RngSeed::Fixed(seed), ..config };
    let outcome = TestRunner::new(config).run(inputs, |input| test(input).map_err(TestCaseError::fail));
    outcome.unwrap_or_else(|error| panic!("{error}\nagain with PROPTEST_RNG_SEED={seed}"));
}

/// A world, whether docker's events come through, and the jitter of retries.
fn games() -> impl Strategy<Value = ((Row, Vec<Beginning>, Option<Cut>), bool, f64)> {
    (steps::worlds(), any::<bool>(), -1.0..=1.0)
}

fn begin((world, events, jitter): ((Row, Vec<Beginning>, Option<Cut>), bool, f64)) -> Game {
    Game::new(steps::begin(now(), world), events, jitter)
}

/// A hot instance that has just been started.
fn hot(events: bool) -> Game {
    let row = Row::Wants { spec: Spec { lifecycle: Lifecycle::Hot, version: 1 }, on: true };
    begin(((row, Vec::new(), None), events, 0.0))
}

fn some_steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(steps::step(), 0..40)
}

fn play(game: &mut Game, steps: Vec<Step>) -> Checked {
    steps.into_iter().try_for_each(|step| steps::take(game, step))
}

#[test]
fn whatever_happens_it_follows_the_rules_and_left_alone_comes_to_rest() {
    run(700, &(games(), some_steps()), |(game, steps)| {
        let mut game = begin(game);
        play(&mut game, steps)?;
        game.leave_alone()
    });
}

#[test]
fn what_is_asked_for_is_done_and_done_once() {
    let mess = prop::collection::vec(steps::mess(), 0..4);
    let inputs = (games(), some_steps(), steps::needs(), mess, steps::request());
    run(600, &inputs, |(game, steps, needs, mess, request)| {
        let mut game = begin(game);
        play(&mut game, steps)?;
        game.leave_alone()?;
        play(&mut game, needs)?;
        let at_rest = mess.is_empty();
        play(&mut game, mess)?;
        let (before, halted) = (game.world.clone(), game.history.halt.is_some());
        game.ask(Some(request));
        game.leave_alone()?;
        let halted = halted || game.history.halt.is_some();
        let once =
            |()| if at_rest { endings::only_once(&before, halted, request, &game.world) } else { Ok(()) };
        let kept = endings::promise(&before, halted, request, &game.world).and_then(once);
        kept.map_err(|broken| format!("{broken}: {request:?}\n{before:#?}\nbecame {:#?}", game.world))
    });
}

#[test]
fn what_always_crashes_is_tried_every_five_minutes_even_if_somebody_removes_it() {
    let removals = prop::collection::btree_set(0..3600_u64, 0..6);
    run(50, &(any::<bool>(), removals), |(events, removals)| {
        let mut game = hot(events);
        game.world.crashing = Some(1);
        game.pass(Duration::from_mins(30))?;
        let (before, mut second) = (game.world.begun, 0);
        for at in removals {
            game.pass(Duration::from_secs(at - second))?;
            second = at;
            game.world.containers.clear();
        }
        game.pass(Duration::from_secs(3600 - second))?;
        let tries = game.world.begun - before;
        if (9..=13).contains(&tries) { Ok(()) } else { Err(format!("{tries} tries in an hour")) }
    });
}

#[test]
fn what_dies_now_and_then_is_a_crash_loop_only_if_it_dies_often() {
    run(100, &prop::collection::vec(60..300_u64, 5..12), |pauses| {
        let mut game = hot(true);
        for pause in pauses {
            game.pass(Duration::from_secs(pause))?;
            steps::take_hand(&mut game.world, 0, Hand::Crash);
        }
        game.leave_alone()
    });
}
