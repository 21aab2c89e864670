use std::time::Duration;

use futures_util::future::join_all;
use jiff::SignedDuration;

use super::tasks::{done, in_agent, in_state, submit};
use super::world::{World, pass, virtually};
use crate::FleetHandle;
use crate::handle::FleetError;
use crate::model::{ClaimRequest, ClaimTarget, TaskState};
use crate::testing::name;

/// The value of a series, named with its labels.
fn value(handle: &FleetHandle, series: &str) -> f64 {
    let text = handle.metrics().openmetrics().expect("a string takes everything");
    let told = text.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok());
    told.unwrap_or_else(|| panic!("{series} is not in:\n{text}"))
}

#[test]
fn rounds_are_counted_by_their_end_and_a_void_one_as_skipped() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        pass(200).await;
        let rounds =
            |result| value(&handle, &format!("claude_hooks_watchdog_rounds_total{{result=\"{result}\"}}"));
        let seen = rounds("seen");
        assert!(seen >= 3.0, "{seen}");
        let skipped = r#"claude_hooks_watchdog_rounds_skipped_total{reason="clock_jumped"}"#;
        world.clock.jump(SignedDuration::from_hours(5));
        pass(100).await;
        assert!((value(&handle, skipped) - 1.0).abs() < f64::EPSILON);
        world.docker.unreachable(true);
        pass(100).await;
        assert!(rounds("docker_away") >= 5.0, "it asks more often while docker is away");
        let all = rounds("seen") + rounds("docker_away");
        let measured = value(&handle, "claude_hooks_watchdog_round_duration_seconds_count");
        assert!((all - measured).abs() < f64::EPSILON, "{all} {measured}");
    });
}

#[test]
fn whoever_waits_for_an_instance_is_counted_until_he_has_it_or_gives_up() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        // Shorter than a lease that nobody renews.
        let claim = |holder: &str| ClaimRequest {
            wait: Duration::from_secs(5),
            ..ClaimRequest::new(ClaimTarget::Instance(name("a")), holder)
        };
        let waiting = || value(&handle, "claude_hooks_leases_waiting");
        let held = || value(&handle, r#"claude_hooks_leases_held{type="dev"}"#);
        let first = handle.acquire(claim("first")).await.expect("it is free");
        let (second, ()) = tokio::join!(handle.acquire(claim("second")), async {
            pass(1).await;
            assert!(waiting() > 0.5 && held() > 0.5, "one holds it, the other waits");
            handle.release(first.id, first.fence).await.expect("it is held");
        });
        second.expect("it is free again");
        assert!(waiting() < 0.5 && held() > 0.5);
        handle.acquire(claim("third")).await.expect_err("the second has it");
        assert!(waiting() < 0.5);
    });
}

#[test]
fn a_task_is_in_one_state_at_a_time_and_its_time_is_measured_when_it_has_ended() {
    virtually(async {
        let world = World::with(&[("a", "lazy")]).await;
        let handle = world.boot().await;
        let tasks = |state: &str| value(&handle, &format!("claude_hooks_tasks{{state=\"{state}\"}}"));
        let id = submit(&handle, in_agent("a", &["sleep", "30"])).await;
        in_state(&handle, id, TaskState::Running).await;
        let open = [tasks("queued"), tasks("waking"), tasks("running"), tasks("interrupted")];
        assert_eq!(open.map(|count| count > 0.5), [false, false, true, false]);
        done(&handle, id).await;
        // The story gives back what it holds after its end is stored.
        pass(1).await;
        assert!(tasks("running") < 0.5);
        assert!(value(&handle, r#"claude_hooks_tasks_finished_total{state="succeeded"}"#) > 0.5);
        let ran = value(&handle, "claude_hooks_task_run_duration_seconds_sum");
        assert!((29.0..32.0).contains(&ran), "{ran}");
        assert!(value(&handle, "claude_hooks_wake_duration_seconds_count") > 0.5);
    });
}

#[test]
fn as_many_refusals_are_counted_as_were_answered_busy() {
    virtually(async {
        let world = World::with(&[("a", "dev")]).await;
        let handle = world.boot().await;
        let name = name("a");
        let answers = join_all((0..500).map(|_| handle.reconcile_one(&name))).await;
        let busy = answers.iter().filter(|answer| matches!(answer, Err(FleetError::Busy(_)))).count();
        let counted = value(&handle, r#"claude_hooks_mailbox_refusals_total{message="settle"}"#);
        assert!(busy > 0, "five hundred at once are more than a mailbox takes");
        assert_eq!(format!("{counted}"), format!("{busy}"));
    });
}
