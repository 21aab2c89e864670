//! Who is restarted for its health, how often, and who is not.

use std::time::Duration;

use super::{SECOND, claim, policy, probes, starts, told, unhealthy, world};
use crate::actors::tests::world::{agent, condition, pass, virtually};
use crate::handle::Command;
use crate::model::{
    ConditionType, EventKind, Health, HealthAction, HealthBudget, HealthPolicy, Phase, StopCause,
};
use crate::ports::RuntimeError;
use crate::testing::{Verb, name};

#[test]
fn a_hung_agent_is_restarted_once_and_told_healthy_after_that() {
    virtually(async {
        let world = world(&[("a", "dev")], policy(HealthAction::Restart)).await;
        let handle = world.boot().await;
        let image = agent(&handle, "a").observed.image_id.clone();
        pass(60).await;
        assert!(condition(&handle, "a", ConditionType::Healthy).is_some());
        world.docker.probes_pass("claude-hooks-a", false);
        pass(35).await;
        assert!(unhealthy(&handle, "a") && condition(&handle, "a", ConditionType::Ready).is_none());
        let event = &told(&world, &handle, "a", EventKind::ContainerUnhealthy).await[0];
        assert_eq!((event.cause.as_deref(), &event.data["misses"]), (Some("probe"), &3.into()));
        assert_eq!(event.data["end"]["output"], "no answer");
        assert_eq!(starts(&world, "a"), 1, "it has not been quiet for its minute");
        let why = handle.why(&name("a")).await.expect("it answers");
        assert_eq!((why.rule.as_str(), &why.evidence["health"]["misses"]), ("unhealthy_prints", &3.into()));
        pass(50).await;
        assert_eq!(starts(&world, "a"), 2, "it was restarted");
        world.docker.probes_pass("claude-hooks-a", true);
        pass(20).await;
        let kinds = world.events(&handle, "a").await;
        let count = |kind| kinds.iter().filter(|told| **told == kind).count();
        assert_eq!(
            (
                count(EventKind::ContainerUnhealthy),
                count(EventKind::ContainerHealthy),
                count(EventKind::ContainerStopped)
            ),
            (1, 1, 1)
        );
        let seen = agent(&handle, "a");
        assert_eq!(seen.last_stop.as_ref().map(|stop| stop.cause), Some(StopCause::Unhealthy));
        assert_eq!(seen.observed.image_id, image, "a restart keeps the image");
        assert!(condition(&handle, "a", ConditionType::Healthy).is_some());
        pass(3600).await;
        assert_eq!(starts(&world, "a"), 2);
        world.docker.assert_invariants();
    });
}

#[test]
fn one_that_still_prints_is_not_restarted() {
    virtually(async {
        let world = world(&[("a", "dev")], policy(HealthAction::Restart)).await;
        let handle = world.boot().await;
        world.docker.probes_pass("claude-hooks-a", false);
        for _ in 0..60 {
            world.docker.say("claude-hooks-a", "working");
            pass(10).await;
        }
        assert!(unhealthy(&handle, "a"));
        assert_eq!(starts(&world, "a"), 1);
        pass(90).await;
        assert_eq!(starts(&world, "a"), 2, "once it is quiet it is");
    });
}

#[test]
fn output_that_cannot_be_read_is_no_silence() {
    virtually(async {
        let world = world(&[("a", "dev")], policy(HealthAction::Restart)).await;
        let handle = world.boot().await;
        let stderr = "configured logging driver does not support reading".into();
        let error = RuntimeError::Other { verb: "logs", code: "exit code 1".into(), stderr };
        world.docker.fail_always(Verb::LastOutput, error);
        world.docker.probes_pass("claude-hooks-a", false);
        pass(900).await;
        assert_eq!(starts(&world, "a"), 1);
        let why = handle.why(&name("a")).await.expect("it answers");
        assert!(
            why.evidence["health"]["not_known"].to_string().contains("does not support reading"),
            "{why:?}"
        );
    });
}

#[test]
fn nobody_is_cut_under_a_lease_and_a_long_task_ends_in_its_own_time() {
    virtually(async {
        let world = world(&[("a", "dev")], policy(HealthAction::Restart)).await;
        let handle = world.boot().await;
        pass(60).await;
        let lease = handle.acquire(claim("a")).await.expect("it is free");
        world.docker.probes_pass("claude-hooks-a", false);
        pass(280).await;
        assert!(unhealthy(&handle, "a"));
        let why = handle.why(&name("a")).await.expect("it answers");
        assert_eq!((why.rule.as_str(), starts(&world, "a")), ("unhealthy_in_use", 1));
        handle.release(lease.id, lease.fence).await.expect("it stands");
        pass(15).await;
        assert_eq!(starts(&world, "a"), 2, "nobody works with it any more");
    });
}

#[test]
fn a_lease_does_not_protect_it_where_the_type_says_so() {
    virtually(async {
        let under_lease = HealthPolicy { under_lease: true, ..policy(HealthAction::Restart) };
        let world = world(&[("a", "dev")], under_lease).await;
        let handle = world.boot().await;
        pass(60).await;
        handle.acquire(claim("a")).await.expect("it is free");
        world.docker.probes_pass("claude-hooks-a", false);
        pass(100).await;
        assert_eq!(starts(&world, "a"), 2);
    });
}

#[test]
fn a_probe_that_always_fails_spends_the_budget_once_and_there_is_no_storm() {
    virtually(async {
        let rows: Vec<String> = (0..8).map(|n| format!("a{n}")).collect();
        let rows: Vec<(&str, &str)> = rows.iter().map(|row| (row.as_str(), "dev")).collect();
        let mut world = world(&rows, policy(HealthAction::Restart)).await;
        world.health = HealthBudget { restarts: 3, window: 600 * SECOND };
        let handle = world.boot().await;
        for (row, _) in &rows {
            world.docker.probes_pass(&format!("claude-hooks-{row}"), false);
        }
        let restarts = || rows.iter().map(|(row, _)| starts(&world, row) - 1).sum::<usize>();
        pass(240).await;
        assert_eq!(restarts(), 3, "the budget");
        assert_eq!(world.fleet_events(&handle, EventKind::HealthIncident).await, 1);
        let waiting = rows.iter().filter_map(|(row, _)| condition(&handle, row, ConditionType::Unhealthy));
        let times = waiting.filter_map(|condition| condition.next_retry_at).count();
        assert!(times >= 5, "each says when it is tried: {times}");
        pass(3600).await;
        assert!((8..=10).contains(&restarts()), "one every ten minutes: {}", restarts());
        assert_eq!(world.fleet_events(&handle, EventKind::HealthIncident).await, 1, "told once");
        for (row, _) in &rows {
            world.docker.probes_pass(&format!("claude-hooks-{row}"), true);
        }
        pass(60).await;
        assert_eq!(world.fleet_events(&handle, EventKind::HealthIncidentOver).await, 1);
        assert!(rows.iter().all(|(row, _)| !unhealthy(&handle, row)));
        world.docker.assert_invariants();
    });
}

#[test]
fn one_that_fails_again_after_a_restart_is_restarted_at_doubling_pauses() {
    virtually(async {
        let mut world = world(&[("a", "dev")], policy(HealthAction::Restart)).await;
        world.health = HealthBudget { restarts: 1000, window: 600 * SECOND };
        let handle = world.boot().await;
        world.docker.probes_pass("claude-hooks-a", false);
        pass(6 * 3600).await;
        let stops: Vec<Duration> = world
            .docker
            .journal()
            .iter()
            .filter(|call| call.verb == Verb::Stop && call.ok)
            .map(|call| call.at)
            .collect();
        let pauses: Vec<u64> =
            stops.windows(2).map(|pair| pair[1].saturating_sub(pair[0]).as_secs() / 60).collect();
        assert!(pauses.windows(2).all(|pair| pair[0] <= pair[1]), "{pauses:?}");
        assert_eq!(pauses.last(), Some(&60), "{pauses:?}");
        assert!(stops.len() <= 12, "{pauses:?}");
        let seen = condition(&handle, "a", ConditionType::CrashLoop);
        assert!(seen.is_none(), "a restart for its health is no death: {seen:?}");
        assert_eq!(told(&world, &handle, "a", EventKind::ContainerUnhealthy).await.len(), stops.len() + 1);
    });
}

#[test]
fn restarts_and_what_was_told_outlive_the_supervisor() {
    virtually(async {
        let at_once =
            HealthPolicy { startup: Duration::ZERO, quiet: Duration::ZERO, ..policy(HealthAction::Restart) };
        let world = world(&[("a", "dev")], at_once).await;
        let handle = world.boot().await;
        world.docker.probes_pass("claude-hooks-a", false);
        pass(45).await;
        assert_eq!(starts(&world, "a"), 2);
        pass(35).await;
        assert_eq!(
            told(&world, &handle, "a", EventKind::ContainerUnhealthy).await.len(),
            2,
            "of another life"
        );
        handle.stop().await;
        let handle = world.boot().await;
        assert!(unhealthy(&handle, "a"), "until a check says otherwise");
        pass(5).await;
        assert_eq!(told(&world, &handle, "a", EventKind::ContainerUnhealthy).await.len(), 2);
        assert_eq!(starts(&world, "a"), 2, "the pause after the restart goes on");
        world.docker.probes_pass("claude-hooks-a", true);
        pass(20).await;
        assert_eq!(told(&world, &handle, "a", EventKind::ContainerHealthy).await.len(), 1);
        let why = handle.why(&name("a")).await.expect("it answers");
        assert_eq!(why.evidence["health"]["restarts"]["count"], 1);
    });
}

#[test]
fn dockers_own_healthcheck_leads_to_a_restart_where_the_type_asks_for_it() {
    virtually(async {
        let by_docker = HealthPolicy { probe: Vec::new(), ..policy(HealthAction::Restart) };
        let world = world(&[("a", "dev")], by_docker).await;
        let handle = world.boot().await;
        world.docker.healthcheck("claude-hooks-a", Health::Unhealthy);
        pass(120).await;
        assert_eq!((starts(&world, "a"), probes(&world, 0)), (2, 0));
        assert!(!unhealthy(&handle, "a"), "docker begins anew");
    });
}

#[test]
fn a_lazy_one_that_nobody_needs_sleeps_and_its_next_wake_tells_that_it_is_well() {
    virtually(async {
        let world = world(&[("a", "lazy")], policy(HealthAction::Restart)).await;
        let handle = world.boot().await;
        handle.command(&name("a"), Command::Start, false).await.expect("it is there");
        pass(60).await;
        world.docker.probes_pass("claude-hooks-a", false);
        pass(100).await;
        assert_eq!((agent(&handle, "a").observed.phase, starts(&world, "a")), (Phase::Stopped, 1));
        assert!(!unhealthy(&handle, "a"), "nothing is said of what does not run");
        world.docker.probes_pass("claude-hooks-a", true);
        handle.acquire(claim("a")).await.expect("it wakes");
        pass(20).await;
        let events = world.full_events(&handle, "a").await;
        let told = events.iter().filter(|event| event.kind == EventKind::ContainerHealthy).count();
        assert_eq!((told, starts(&world, "a")), (1, 2));
        let stops: Vec<_> = events.iter().filter(|event| event.kind == EventKind::ContainerStopped).collect();
        assert_eq!(stops.len(), 1, "it did not just fall asleep: {stops:?}");
        assert_eq!(stops[0].cause.as_deref(), Some("unhealthy"));
    });
}

#[test]
fn a_restart_by_hand_ends_the_pause_after_those_for_its_health() {
    virtually(async {
        let at_once =
            HealthPolicy { startup: Duration::ZERO, quiet: Duration::ZERO, ..policy(HealthAction::Restart) };
        let world = world(&[("a", "dev")], at_once).await;
        let handle = world.boot().await;
        world.docker.probes_pass("claude-hooks-a", false);
        pass(45).await;
        assert_eq!(starts(&world, "a"), 2);
        pass(35).await;
        assert_eq!(handle.why(&name("a")).await.expect("it answers").rule, "unhealthy_pause");
        handle.command(&name("a"), Command::Restart, false).await.expect("it is there");
        pass(45).await;
        assert_eq!(starts(&world, "a"), 4, "by hand, and for its health again");
    });
}

#[test]
fn a_restart_that_is_cut_off_half_way_is_finished_and_told_by_the_next_supervisor() {
    virtually(async {
        let world = world(&[("a", "dev")], policy(HealthAction::Restart)).await;
        let handle = world.boot().await;
        world.docker.hang_after_effect(Verb::Stop);
        world.docker.probes_pass("claude-hooks-a", false);
        world.docker.wait_until_hung(Verb::Stop).await;
        drop(handle);
        world.docker.release(Verb::Stop);
        world.docker.probes_pass("claude-hooks-a", true);
        let handle = world.boot().await;
        pass(60).await;
        let seen = agent(&handle, "a");
        assert_eq!(seen.observed.phase, Phase::Running);
        assert_eq!(seen.last_stop.as_ref().map(|stop| stop.cause), Some(StopCause::Unhealthy));
        let why = handle.why(&name("a")).await.expect("it answers");
        assert_eq!(why.evidence["health"]["restarts"]["count"], 1, "it counts, although nobody saw its end");
    });
}
