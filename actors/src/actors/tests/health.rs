//! Health, against the simulated docker in virtual time.

mod restarts;

use std::time::Duration;

use super::world::{World, agent, condition, pass, until, virtually};
use crate::FleetHandle;
use crate::handle::Command;
use crate::model::{
    ClaimRequest, ClaimTarget, ConditionType, Event, EventKind, Health, HealthAction, HealthPolicy, Phase,
};
use crate::ports::RuntimeError;
use crate::testing::{Verb, name};

const SECOND: Duration = Duration::from_secs(1);

/// Checked every ten seconds; three misses, and a restart after a minute of silence.
fn policy(action: HealthAction) -> HealthPolicy {
    HealthPolicy {
        probe: vec!["true".into()],
        interval: 10 * SECOND,
        timeout: 2 * SECOND,
        threshold: 3,
        startup: 30 * SECOND,
        quiet: 60 * SECOND,
        action,
        under_lease: false,
    }
}

/// Rows `(name, type)`, with this health for both types.
async fn world(rows: &[(&str, &str)], health: HealthPolicy) -> World {
    let mut world = World::with(rows).await;
    for declared in world.catalog.types.values_mut() {
        declared.health = health.clone();
    }
    world
}

async fn told(world: &World, handle: &FleetHandle, instance: &str, kind: EventKind) -> Vec<Event> {
    let events = world.full_events(handle, instance).await;
    events.into_iter().filter(|event| event.kind == kind).collect()
}

/// How often its container was started through the port.
fn starts(world: &World, instance: &str) -> usize {
    let container = format!("claude-hooks-{instance}");
    world.docker.journal().iter().filter(|call| call.verb == Verb::Start && call.subject == container).count()
}

fn probes(world: &World, from: usize) -> usize {
    world.docker.calls_since(from).iter().filter(|call| call.verb == Verb::Probe).count()
}

fn unhealthy(handle: &FleetHandle, instance: &str) -> bool {
    condition(handle, instance, ConditionType::Unhealthy).is_some()
}

fn claim(instance: &str) -> ClaimRequest {
    ClaimRequest {
        ttl: Duration::from_mins(5),
        ..ClaimRequest::new(ClaimTarget::Instance(name(instance)), "a test")
    }
}

#[test]
fn whoever_only_wants_to_be_told_is_told_once_and_nothing_is_done() {
    virtually(async {
        let world = world(&[("a", "dev")], policy(HealthAction::Monitor)).await;
        let handle = world.boot().await;
        pass(60).await;
        world.docker.probes_pass("claude-hooks-a", false);
        pass(3600).await;
        assert!(unhealthy(&handle, "a"));
        assert_eq!(told(&world, &handle, "a", EventKind::ContainerUnhealthy).await.len(), 1);
        assert_eq!(starts(&world, "a"), 1);
        world.docker.probes_pass("claude-hooks-a", true);
        pass(20).await;
        assert_eq!(told(&world, &handle, "a", EventKind::ContainerHealthy).await.len(), 1);
    });
}

#[test]
fn while_it_starts_misses_do_not_count_for_as_long_as_its_type_says() {
    virtually(async {
        let slow = HealthPolicy { startup: 300 * SECOND, ..policy(HealthAction::Monitor) };
        let world = world(&[("a", "dev")], slow).await;
        let handle = world.boot().await;
        world.docker.probes_pass("claude-hooks-a", false);
        pass(290).await;
        assert!(!unhealthy(&handle, "a"));
        let why = handle.why(&name("a")).await.expect("it answers");
        assert_eq!(why.evidence["health"]["standing"], "starting");
        pass(45).await;
        assert!(unhealthy(&handle, "a"));
    });
}

#[test]
fn dockers_own_healthcheck_is_told_and_without_a_policy_nothing_is_done() {
    virtually(async {
        let world = world(&[("a", "dev")], HealthPolicy::default()).await;
        let handle = world.boot().await;
        world.docker.healthcheck("claude-hooks-a", Health::Starting);
        pass(1).await;
        assert!(condition(&handle, "a", ConditionType::Healthy).is_none() && !unhealthy(&handle, "a"));
        world.docker.healthcheck("claude-hooks-a", Health::Unhealthy);
        pass(1).await;
        assert!(unhealthy(&handle, "a"), "its event is a hint to look");
        let event = &told(&world, &handle, "a", EventKind::ContainerUnhealthy).await[0];
        assert_eq!(event.cause.as_deref(), Some("healthcheck"));
        pass(3600).await;
        assert_eq!((starts(&world, "a"), probes(&world, 0)), (1, 0));
        world.docker.healthcheck("claude-hooks-a", Health::Healthy);
        pass(1).await;
        assert_eq!(told(&world, &handle, "a", EventKind::ContainerHealthy).await.len(), 1);
    });
}

#[test]
fn what_docker_could_not_ask_is_never_a_miss() {
    virtually(async {
        let world = world(&[("a", "dev")], policy(HealthAction::Restart)).await;
        let handle = world.boot().await;
        pass(60).await;
        let stderr = "OCI runtime exec failed".into();
        world
            .docker
            .fail_always(Verb::Probe, RuntimeError::Other { verb: "exec", code: "126".into(), stderr });
        pass(600).await;
        assert!(condition(&handle, "a", ConditionType::Healthy).is_some() && !unhealthy(&handle, "a"));
        let why = handle.why(&name("a")).await.expect("it answers");
        assert_eq!(why.evidence["health"]["misses"], 0);
        world.docker.clear(Verb::Probe);
        world.docker.unreachable(true);
        pass(600).await;
        assert!(!unhealthy(&handle, "a") && condition(&handle, "a", ConditionType::Healthy).is_none());
        let mark = world.docker.mark();
        pass(600).await;
        assert_eq!(probes(&world, mark), 0, "nobody is probed while docker is away");
        world.docker.unreachable(false);
        pass(90).await;
        assert!(condition(&handle, "a", ConditionType::Healthy).is_some());
        assert_eq!(told(&world, &handle, "a", EventKind::ContainerUnhealthy).await.len(), 0);
    });
}

#[test]
fn only_what_runs_is_probed() {
    virtually(async {
        let rows = [("asleep", "lazy"), ("held", "dev"), ("b", "dev")];
        let world = world(&rows, policy(HealthAction::Restart)).await;
        let handle = world.boot().await;
        handle.command(&name("held"), Command::Stop, false).await.expect("it is there");
        until(&handle, "held", Phase::Stopped).await;
        let mark = world.docker.mark();
        pass(300).await;
        let probed = world.docker.calls_since(mark);
        let probed = probed.iter().filter(|call| call.verb == Verb::Probe);
        let subjects: std::collections::BTreeSet<String> = probed.map(|call| call.subject.clone()).collect();
        assert_eq!(subjects.into_iter().collect::<Vec<_>>(), ["claude-hooks-b"]);
    });
}

#[test]
fn probes_of_one_never_overlap_and_of_many_only_so_many_run_at_once() {
    virtually(async {
        let rows: Vec<String> = (0..40).map(|n| format!("a{n}")).collect();
        let rows: Vec<(&str, &str)> = rows.iter().map(|row| (row.as_str(), "dev")).collect();
        let world = world(&rows, policy(HealthAction::Monitor)).await;
        let handle = world.boot().await;
        pass(5).await;
        world.docker.hang(Verb::Probe);
        for _ in 0..30 {
            pass(1).await;
            assert!(world.docker.hanging(Verb::Probe) <= 4, "as many as the config allows");
        }
        world.docker.release(Verb::Probe);
        pass(30).await;
        assert!(rows.iter().all(|(row, _)| condition(&handle, row, ConditionType::Healthy).is_some()));
        let mark = world.docker.mark();
        let started = world.docker.elapsed();
        pass(10).await;
        let seconds = world
            .docker
            .calls_since(mark)
            .iter()
            .filter(|call| call.verb == Verb::Probe)
            .map(|c| c.at.saturating_sub(started).as_secs())
            .collect::<Vec<_>>();
        assert!((38..=42).contains(&seconds.len()), "each once in its interval: {seconds:?}");
        assert!(
            (0..10).all(|n| seconds.iter().filter(|second| **second == n).count() <= 15),
            "not all at once: {seconds:?}"
        );
    });
}

#[test]
fn a_claim_of_the_type_takes_a_healthy_one_first_but_an_unhealthy_one_rather_than_nobody() {
    virtually(async {
        let world = world(&[("a", "dev"), ("b", "dev")], policy(HealthAction::Monitor)).await;
        let handle = world.boot().await;
        pass(60).await;
        // Used last, so it would be taken first.
        let lease = handle.acquire(claim("a")).await.expect("it is free");
        handle.release(lease.id, lease.fence).await.expect("it stands");
        world.docker.probes_pass("claude-hooks-a", false);
        pass(40).await;
        assert!(unhealthy(&handle, "a"));
        let any =
            || ClaimRequest { target: ClaimTarget::Type(crate::testing::type_name("dev")), ..claim("a") };
        let first = handle.acquire(any()).await.expect("b is free");
        let second = handle.acquire(any()).await.expect("a is free");
        assert_eq!((first.instance, second.instance), (name("b"), name("a")));
    });
}

#[test]
fn another_policy_judges_anew_and_replaces_nothing() {
    virtually(async {
        let world = world(&[("a", "dev")], policy(HealthAction::Monitor)).await;
        let handle = world.boot().await;
        pass(60).await;
        world.docker.probes_pass("claude-hooks-a", false);
        pass(60).await;
        assert!(unhealthy(&handle, "a"));
        let (mark, id) = (world.docker.mark(), agent(&handle, "a").observed.container_id.clone());
        let mut catalog = world.catalog.clone();
        for declared in catalog.types.values_mut() {
            declared.health = HealthPolicy { threshold: 5, ..policy(HealthAction::Monitor) };
        }
        handle.redeclare(catalog).await;
        pass(5).await;
        assert!(!unhealthy(&handle, "a"));
        assert_eq!(world.docker.count_changing_calls(mark), 0);
        assert_eq!(agent(&handle, "a").observed.container_id, id);
        world.docker.probes_pass("claude-hooks-a", true);
        pass(15).await;
        assert_eq!(told(&world, &handle, "a", EventKind::ContainerHealthy).await.len(), 1);
    });
}
