use std::time::Duration;

use jiff::Timestamp;
use proptest::prelude::*;
use tokio::time::Instant;

use super::budget::Budget;
use super::*;
use crate::model::{ContainerState, HealthAction, HealthBudget, InstanceName, RunCause};
use crate::testing::{container, name, type_name};

const SECOND: Duration = Duration::from_secs(1);

fn policy() -> HealthPolicy {
    HealthPolicy {
        probe: vec!["ok".into()],
        threshold: 3,
        startup: 60 * SECOND,
        action: HealthAction::Restart,
        ..HealthPolicy::default()
    }
}

fn checks(now: Instant) -> Checks {
    Checks::begin(container(1, ContainerState::Running, 1).incarnation(), &policy(), 0.0, now)
}

fn end(exit_code: i64) -> ProbeEnd {
    ProbeEnd { cause: RunCause::Exited, exit_code, output: String::new() }
}

#[test]
fn only_an_exit_with_0_passes() {
    let with = |cause, exit_code| ProbeEnd { cause, exit_code, output: String::new() }.passed();
    assert!(with(RunCause::Exited, 0));
    assert!(!with(RunCause::Exited, 1));
    for cause in
        [RunCause::TimedOut, RunCause::Signalled, RunCause::NotStarted, RunCause::Oom, RunCause::Cancelled]
    {
        assert!(!with(cause, 0), "{cause}");
    }
}

#[test]
fn misses_count_from_the_first_pass_or_from_the_end_of_the_startup() {
    let begun = Instant::now();
    let miss = |checks: &mut Checks, second: u32| checks.probed(end(1), &policy(), begun + second * SECOND);
    let mut slow = checks(begun);
    (0..6).for_each(|n| miss(&mut slow, n * 10));
    assert_eq!((slow.misses, slow.standing(&policy())), (0, Standing::Starting), "it has its time to start");
    (6..9).for_each(|n| miss(&mut slow, n * 10));
    assert_eq!(slow.standing(&policy()), Standing::Unhealthy(HealthSource::Probe));
    let mut quick = checks(begun);
    quick.probed(end(0), &policy(), begun + SECOND);
    assert_eq!(quick.standing(&policy()), Standing::Healthy);
    (2..5).for_each(|second| miss(&mut quick, second));
    assert_eq!(quick.standing(&policy()), Standing::Unhealthy(HealthSource::Probe), "it had started");
    quick.probed(end(0), &policy(), begun + 9 * SECOND);
    assert_eq!((quick.misses, quick.standing(&policy())), (0, Standing::Healthy), "one pass is enough");
}

#[test]
fn the_worse_of_both_sources_is_believed() {
    let now = Instant::now();
    let by_docker = HealthPolicy::default();
    for (passes, docker, own, alone) in [
        (false, None, Standing::Starting, Standing::Unchecked),
        (true, None, Standing::Healthy, Standing::Unchecked),
        (true, Some(Health::Healthy), Standing::Healthy, Standing::Healthy),
        (true, Some(Health::Starting), Standing::Starting, Standing::Starting),
        (false, Some(Health::Healthy), Standing::Starting, Standing::Healthy),
        (
            true,
            Some(Health::Unhealthy),
            Standing::Unhealthy(HealthSource::Healthcheck),
            Standing::Unhealthy(HealthSource::Healthcheck),
        ),
    ] {
        let mut checks = checks(now);
        if passes {
            checks.probed(end(0), &policy(), now);
        }
        checks.docker_says(docker);
        assert_eq!(
            (checks.standing(&policy()), checks.standing(&by_docker)),
            (own, alone),
            "{passes} {docker:?}"
        );
    }
}

#[test]
fn silence_lasts_since_the_same_line_was_first_found_to_be_the_last() {
    let now = Instant::now();
    let line = |second| Some(Timestamp::from_second(second).expect("a time"));
    let mut checks = checks(now);
    assert_eq!(checks.silent_since(), None);
    checks.heard(line(1_000_000), now);
    checks.heard(line(1_000_000), now + 30 * SECOND);
    assert_eq!(checks.silent_since(), Some(now), "whatever the engine's clock says");
    checks.heard(line(1_000_001), now + 60 * SECOND);
    assert_eq!(checks.silent_since(), Some(now + 60 * SECOND));
    checks.not_heard("no".into());
    assert_eq!(checks.silent_since(), None);
    checks.heard(None, now + 90 * SECOND);
    assert_eq!(checks.silent_since(), Some(now + 90 * SECOND), "one that never printed is silent too");
}

#[test]
fn instances_are_checked_at_other_times_of_their_interval() {
    let now = Instant::now();
    let life = container(1, ContainerState::Running, 1).incarnation();
    let at = |phase| Checks::begin(life.clone(), &policy(), phase, now).next - now;
    assert_eq!((at(0.0), at(0.5), at(2.0)), (Duration::ZERO, 15 * SECOND, 30 * SECOND));
}

#[test]
fn a_check_that_comes_late_moves_none_that_comes_after_it() {
    let now = Instant::now();
    let mut checks = checks(now);
    for (at, next) in [(0, 30), (30, 60), (95, 120), (150, 180)] {
        checks.check_begins(&policy(), now + at * SECOND);
        assert_eq!(checks.next - now, next * SECOND, "begun at {at}");
    }
}

#[test]
fn silence_counts_from_the_first_miss_and_a_pass_breaks_it() {
    let now = Instant::now();
    let mut checks = checks(now);
    let mut found = |code, second: u32| {
        let at = now + second * SECOND;
        checks.probed(end(code), &policy(), at);
        checks.heard(None, at);
        checks.settle(checks.standing(&policy()), at);
        checks.silent_since().map(|since| (since - now).as_secs())
    };
    assert_eq!([found(0, 0), found(1, 30), found(1, 60), found(0, 90)], [None, Some(30), Some(30), None]);
}

#[test]
fn the_pause_after_a_restart_doubles_up_to_an_hour() {
    let minutes: Vec<u64> = (1..9).map(|count| pause_after(count).as_secs() / 60).collect();
    assert_eq!(minutes, [1, 2, 4, 8, 16, 32, 60, 60]);
    assert_eq!(pause_after(u32::MAX), Duration::from_hours(1));
}

fn complaint(image: &str) -> Complaint {
    Complaint {
        agent_type: Some(type_name("dev")),
        image: image.into(),
        source: HealthSource::Probe,
        probe: vec!["ok".into()],
    }
}

fn budget(restarts: u32) -> Budget {
    Budget::new(HealthBudget { restarts, window: 600 * SECOND })
}

#[test]
fn when_the_budget_is_spent_it_is_told_once_and_one_a_window_goes_on() {
    let now = Instant::now();
    let mut budget = budget(2);
    for agent in ["a", "b"] {
        assert!(budget.spend(&name(agent), complaint("i:1"), now));
    }
    assert!(!budget.spend(&name("c"), complaint("i:1"), now));
    assert_eq!(budget.turn(now), now + 600 * SECOND);
    let told = budget.refuse(&name("c"), complaint("i:2")).expect("it begins");
    assert_eq!(told.names(), "a, b, c");
    let shared = &told.data()["shared"];
    assert_eq!((&shared["type"], &shared["probe"][0]), (&"dev".into(), &"ok".into()));
    assert_eq!(shared["image"], serde_json::Value::Null, "they have different ones");
    assert_eq!(budget.refuse(&name("d"), complaint("i:1")), None, "once");
    let later = now + 600 * SECOND;
    assert!(budget.spend(&name("c"), complaint("i:1"), later));
    assert!(!budget.spend(&name("d"), complaint("i:1"), later), "one a window while it lasts");
    for agent in ["a", "b", "c"] {
        assert_eq!(budget.well(&name(agent)), None);
    }
    let over = budget.well(&name("d")).expect("the last one is well");
    assert_eq!(over.names(), "a, b, c, d");
    assert_eq!(budget.well(&name("d")), None);
    assert!(budget.spend(&name("d"), complaint("i:1"), later), "afterwards there is room again");
}

#[test]
fn restarts_before_the_supervisor_began_count() {
    let now = Instant::now() + 3600 * SECOND;
    let mut budget = budget(2);
    budget.recall(&name("a"), now - 100 * SECOND);
    budget.recall(&name("a"), now - 100 * SECOND);
    budget.recall(&name("b"), now - 500 * SECOND);
    assert_eq!(budget.turn(now), now + 100 * SECOND, "when the older one is out of the window");
}

/// Somebody asks for a restart, or is well, so many seconds later.
fn play() -> impl Strategy<Value = (u32, Vec<(u32, u8, bool)>)> {
    (1..5_u32, prop::collection::vec((0..200_u32, 0..8_u8, prop::bool::weighted(0.2)), 0..200))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_asked_for_no_window_has_more_restarts_than_the_budget((restarts, steps) in play()) {
        let mut now = Instant::now();
        let mut budget = budget(restarts);
        let mut granted: Vec<Instant> = Vec::new();
        let mut incident = false;
        for (pause, agent, well) in steps {
            now += pause * SECOND;
            let agent: InstanceName = name(&format!("a{agent}"));
            if well {
                let over = budget.well(&agent).is_some();
                prop_assert!(!over || incident, "only what began ends");
                incident &= !over;
                continue;
            }
            let turn = budget.turn(now);
            let last = granted.last().copied();
            if budget.spend(&agent, complaint("i:1"), now) {
                prop_assert!(turn <= now);
                let slow = last.is_none_or(|last| now.duration_since(last) >= 600 * SECOND);
                prop_assert!(!incident || slow, "one a window during an incident");
                granted.push(now);
            } else {
                prop_assert!(turn > now && turn <= now + 600 * SECOND, "it says when there is room");
                prop_assert_eq!(budget.refuse(&agent, complaint("i:1")).is_some(), !incident, "told once");
                incident = true;
            }
            let recent = granted.iter().filter(|at| now.duration_since(**at) < 600 * SECOND).count();
            prop_assert!(recent <= restarts as usize);
        }
    }
}
