use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use tokio::sync::watch;

use super::{InState, Metrics, Refused};
use crate::metrics::Measured;
use crate::model::{
    AgentView, Condition, ConditionType, DesiredView, EventKind, FleetId, FleetSnapshot, LeaseId, LeaseView,
    Lifecycle, NewEvent, ObservedView, Phase, Power, TaskState,
};
use crate::ports::ContainerRuntime as _;
use crate::testing::{SimDocker, catalog, name, type_name};

fn at(second: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
}

fn fresh() -> (watch::Sender<Arc<FleetSnapshot>>, Metrics) {
    let (publisher, snapshot) = watch::channel(Arc::default());
    (publisher, Metrics::new(snapshot))
}

fn agent(instance: &str, lifecycle: Lifecycle, power: Power, phase: Phase) -> AgentView {
    let agent_type = type_name(if lifecycle == Lifecycle::Hot { "dev" } else { "lazy" });
    AgentView {
        name: name(instance),
        pool: agent_type.clone(),
        agent_type,
        lifecycle,
        host_mode: false,
        desired: DesiredView { power, image: None, spec_hash: None, state_limit_bytes: None, generation: 1 },
        observed: ObservedView {
            phase,
            since: None,
            container_id: None,
            image: None,
            image_id: None,
            started_at: None,
            restart_count: None,
            exit_code: None,
            incarnation: None,
            limits: None,
            state_volume: None,
            observed_at: None,
        },
        lease: None,
        task: None,
        parked: None,
        needs_human: None,
        progress: None,
        conditions: Vec::new(),
        near: Vec::new(),
        pin: None,
        next_action: None,
        last_stop: None,
    }
}

fn show(publisher: &watch::Sender<Arc<FleetSnapshot>>, agents: impl IntoIterator<Item = AgentView>) {
    let agents = agents.into_iter().map(|agent| (agent.name.clone(), Arc::new(agent))).collect();
    publisher.send_replace(Arc::new(FleetSnapshot { agents, ..FleetSnapshot::default() }));
}

/// Fails unless these lines are among what is told.
#[track_caller]
fn assert_told(metrics: &Metrics, lines: &[&str]) {
    let text = metrics.openmetrics().expect("a string takes everything");
    for line in lines {
        assert!(text.lines().any(|told| told == *line), "{line} is not in:\n{text}");
    }
}

#[test]
fn instances_are_counted_by_type_lifecycle_and_phase_and_a_phase_that_empties_falls_to_0() {
    let (publisher, metrics) = fresh();
    let hot = |instance, phase| agent(instance, Lifecycle::Hot, Power::On, phase);
    show(&publisher, [hot("a", Phase::Running), hot("b", Phase::Running), hot("c", Phase::Backoff)]);
    assert_told(
        &metrics,
        &[
            r#"claude_hooks_instances{type="dev",lifecycle="hot",phase="running"} 2"#,
            r#"claude_hooks_instances{type="dev",lifecycle="hot",phase="backoff"} 1"#,
            r#"claude_hooks_instances{type="dev",lifecycle="hot",phase="stopped"} 0"#,
        ],
    );
    show(&publisher, [hot("a", Phase::Stopped)]);
    assert_told(
        &metrics,
        &[
            r#"claude_hooks_instances{type="dev",lifecycle="hot",phase="running"} 0"#,
            r#"claude_hooks_instances{type="dev",lifecycle="hot",phase="stopped"} 1"#,
        ],
    );
}

#[test]
fn what_is_to_run_is_a_hot_one_that_nobody_stopped_and_a_lazy_one_that_somebody_needs() {
    let (publisher, metrics) = fresh();
    let leased = |instance, phase| {
        let mut agent = agent(instance, Lifecycle::Lazy, Power::On, phase);
        agent.lease = Some(LeaseView {
            id: LeaseId::random(),
            instance: agent.name.clone(),
            container: "c".into(),
            fence: 1,
            holder: "h".into(),
            expires_at: at(9),
        });
        agent
    };
    let mut awake = agent("awake", Lifecycle::Lazy, Power::On, Phase::Running);
    awake.conditions.push(Condition {
        kind: ConditionType::KeptAwake,
        status: true,
        reason: "by hand".into(),
        since: at(0),
        next_retry_at: None,
    });
    let mut host = agent("host", Lifecycle::Hot, Power::On, Phase::Host);
    host.host_mode = true;
    show(
        &publisher,
        [
            agent("up", Lifecycle::Hot, Power::On, Phase::Running),
            agent("down", Lifecycle::Hot, Power::On, Phase::Backoff),
            agent("held", Lifecycle::Hot, Power::Off, Phase::Stopped),
            host,
            agent("asleep", Lifecycle::Lazy, Power::On, Phase::Stopped),
            agent("idle", Lifecycle::Lazy, Power::On, Phase::Running),
            leased("waking", Phase::Starting),
            awake,
        ],
    );
    assert_told(
        &metrics,
        &[
            r#"claude_hooks_instances_desired_running{type="dev"} 2"#,
            r#"claude_hooks_instances_running{type="dev"} 1"#,
            r#"claude_hooks_instances_unsatisfied{type="dev"} 1"#,
            r#"claude_hooks_instances_desired_running{type="lazy"} 2"#,
            r#"claude_hooks_instances_running{type="lazy"} 2"#,
            r#"claude_hooks_instances_unsatisfied{type="lazy"} 1"#,
            r#"claude_hooks_leases_held{type="lazy"} 1"#,
            r#"claude_hooks_instance_condition{agent="awake",type="lazy",condition="kept_awake"} 1"#,
            r#"claude_hooks_instances{type="dev",lifecycle="host",phase="host"} 1"#,
        ],
    );
}

#[test]
fn docker_and_the_boot_pass_are_flags() {
    let (publisher, metrics) = fresh();
    assert_told(&metrics, &["claude_hooks_docker_reachable 0", "claude_hooks_booted 0"]);
    publisher.send_replace(Arc::new(FleetSnapshot {
        docker_reachable: Some(true),
        booted: true,
        suspended: Some("no rows".into()),
        ..FleetSnapshot::default()
    }));
    let told =
        ["claude_hooks_docker_reachable 1", "claude_hooks_booted 1", "claude_hooks_suspended 1", "# EOF"];
    assert_told(&metrics, &told);
}

#[test]
fn events_are_counted_by_kind_and_their_causes_where_they_say_more() {
    let (_publisher, metrics) = fresh();
    let event = |kind| NewEvent::new(kind, at(0)).instance(&name("a"));
    for event in [
        event(EventKind::ContainerStopped).cause("oom"),
        event(EventKind::ContainerStopped).cause("crashed"),
        event(EventKind::ContainerStopped).cause("crashed"),
        event(EventKind::ContainerMissing).cause("vanished"),
        event(EventKind::LeaseAcquired).cause("claim"),
        event(EventKind::LeaseExpired).cause("expired"),
        event(EventKind::LeaseReleased).cause("revoked"),
        event(EventKind::ReconcileFinished)
            .data(json!({ "counts": { "created": 2, "failed": 1 }, "took_ms": 700 })),
    ] {
        metrics.count(&event);
    }
    assert_told(
        &metrics,
        &[
            r#"claude_hooks_events_total{kind="container_stopped"} 3"#,
            r#"claude_hooks_events_total{kind="supervisor_stopping"} 0"#,
            r#"claude_hooks_container_deaths_total{cause="oom"} 1"#,
            r#"claude_hooks_container_deaths_total{cause="crashed"} 2"#,
            r#"claude_hooks_container_deaths_total{cause="vanished"} 1"#,
            r#"claude_hooks_container_deaths_total{cause="killed"} 0"#,
            "claude_hooks_leases_granted_total 1",
            r#"claude_hooks_leases_ended_total{end="expired"} 1"#,
            r#"claude_hooks_leases_ended_total{end="revoked"} 1"#,
            r#"claude_hooks_leases_ended_total{end="released"} 0"#,
            r#"claude_hooks_reconciled_instances_total{outcome="created"} 2"#,
            r#"claude_hooks_reconciled_instances_total{outcome="failed"} 1"#,
            "claude_hooks_reconcile_duration_seconds_sum 0.7",
        ],
    );
}

#[test]
fn a_wake_lasts_from_the_first_need_until_it_runs_and_one_that_was_given_up_is_none() {
    let (_publisher, metrics) = fresh();
    let told = |kind, instance, second| {
        metrics.count(&NewEvent::new(kind, at(second)).instance(&name(instance)));
    };
    told(EventKind::InstanceWaking, "a", 10);
    told(EventKind::InstanceWaking, "a", 12);
    told(EventKind::InstanceWaking, "b", 11);
    told(EventKind::InstanceRunning, "a", 14);
    told(EventKind::InstanceStopping, "b", 20);
    // By hand, of one that nobody waited for.
    told(EventKind::InstanceRunning, "b", 30);
    assert_told(
        &metrics,
        &["claude_hooks_wake_duration_seconds_sum 4.0", "claude_hooks_wake_duration_seconds_count 1"],
    );
}

#[test]
fn a_task_is_counted_in_one_state_for_as_long_as_somebody_tells_its_story() {
    let (_publisher, metrics) = fresh();
    let mut first = InState::new(metrics.clone(), TaskState::Queued);
    let second = InState::new(metrics.clone(), TaskState::Running);
    assert_told(
        &metrics,
        &[r#"claude_hooks_tasks{state="queued"} 1"#, r#"claude_hooks_tasks{state="running"} 1"#],
    );
    first.change(TaskState::Running);
    drop(second);
    assert_told(
        &metrics,
        &[r#"claude_hooks_tasks{state="queued"} 0"#, r#"claude_hooks_tasks{state="running"} 1"#],
    );
    first.change(TaskState::Succeeded);
    drop(first);
    assert_told(&metrics, &[r#"claude_hooks_tasks{state="running"} 0"#]);
}

#[test]
fn one_fleet_counts_nothing_of_another() {
    let (_, one) = fresh();
    let (_, other) = fresh();
    one.mailbox_refused(Refused::Hint);
    assert_told(&one, &[r#"claude_hooks_mailbox_refusals_total{message="hint"} 1"#]);
    assert_told(&other, &[r#"claude_hooks_mailbox_refusals_total{message="hint"} 0"#]);
}

#[actix_rt::test]
async fn calls_of_docker_are_counted_by_verb_and_by_the_word_of_their_error() {
    let (_publisher, metrics) = fresh();
    let docker = SimDocker::new(FleetId::random(), catalog().prefix);
    let measured = Measured::new(Arc::new(docker.clone()), metrics.clone());
    measured.volumes(&[]).await.expect("docker answers");
    measured.volumes(&[]).await.expect("docker answers");
    docker.unreachable(true);
    measured.volumes(&[]).await.expect_err("docker is away");
    assert_told(
        &metrics,
        &[
            r#"claude_hooks_docker_calls_total{verb="volumes",result="ok"} 2"#,
            r#"claude_hooks_docker_calls_total{verb="volumes",result="unreachable"} 1"#,
            r#"claude_hooks_docker_call_duration_seconds_count{verb="volumes"} 3"#,
        ],
    );
}
