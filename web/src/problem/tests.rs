use std::collections::BTreeSet;
use std::time::Duration;

use claude_hooks_actors::handle::{FleetError, LeaseError, Occupied, RuntimeError, StoreError};
use claude_hooks_actors::model::{CatalogError, ClaimTarget, LeaseId, MountError, Phase, RolloutId};
use claude_hooks_actors::testing::{name, type_name};
use jiff::Timestamp;
use strum::IntoEnumIterator;

use super::*;

#[test]
fn every_kind_has_a_name_of_its_own_and_is_an_error() {
    let names: BTreeSet<_> = ProblemKind::iter().map(ProblemKind::name).collect();
    assert_eq!(names.len(), ProblemKind::iter().count());
    for kind in ProblemKind::iter() {
        assert!(kind.status().is_client_error() || kind.status().is_server_error(), "{kind:?}");
        assert!(kind.name().bytes().all(|b| b.is_ascii_lowercase() || b == b'-'), "{kind:?}");
    }
}

#[test]
fn the_reference_has_every_kind_with_its_status() {
    let page = include_str!("../../../docs/reference.md");
    let (_, table) = page.split_once("\n## Problems of the API\n").expect("the reference has this heading");
    let table = table.split("\n## ").next().unwrap_or(table);
    let line = |kind: ProblemKind| format!("| `{}` | {} |", kind.name(), kind.status().as_u16());
    for line in ProblemKind::iter().map(line) {
        assert!(table.contains(&line), "docs/reference.md, Problems of the API: a line that begins {line}");
    }
    assert_eq!(table.matches("\n| `").count(), ProblemKind::iter().count(), "a line of a kind that is none");
}

#[test]
fn every_error_of_the_fleet_becomes_a_problem_that_says_what_to_do() {
    let unknown_type = CatalogError::UnknownType {
        given: "dve".into(),
        known: vec!["dev".into(), "host".into()],
        nearest: Some("dev".into()),
    };
    let bad_value = CatalogError::BadValue { field: "env.A B".into(), reason: "not a variable".into() };
    let mount = MountError::TooPowerful { path: "/".into() };
    let mismatch = FleetError::GenerationMismatch { name: name("dev-2"), expected: 3, current: 4 };
    let denied = FleetError::Denied { reason: "its state is lost".into(), help: "recover it".into() };
    let stderr = "Error response from daemon".to_owned();
    let held = Occupied {
        instance: name("dev-2"),
        reason: "somebody holds it until noon, and may renew that".into(),
        holder: Some("somebody".into()),
        until: Some(Timestamp::UNIX_EPOCH),
        parked: None,
    };
    let nobody_free = FleetError::NobodyFree {
        target: ClaimTarget::Type(type_name("dev")),
        waited: Duration::ZERO,
        occupied: vec![held],
        free_in: Some(Duration::from_millis(7_001)),
    };
    let asleep = FleetError::NotAwake {
        instance: name("dev-2"),
        phase: Phase::Backoff,
        pending: "retry: no space left on device".into(),
    };
    let id = LeaseId::parse("01980000-0000-7000-8000-000000000000").expect("an id");
    let rollout = RolloutId::parse("01980000-0000-7000-8000-000000000000").expect("an id");
    let errors = [
        FleetError::NotFound(name("dev-2")),
        FleetError::AlreadyExists(name("dev-2")),
        mismatch,
        unknown_type.into(),
        bad_value.into(),
        CatalogError::from(mount).into(),
        denied,
        FleetError::Busy("dev-2".into()),
        nobody_free,
        asleep,
        FleetError::Lease(LeaseError::Unknown(id)),
        FleetError::Lease(LeaseError::Stale { id, fence: 7 }),
        FleetError::NoRollout(rollout),
        FleetError::RolloutUnderWay(rollout),
        FleetError::Stopping,
        FleetError::Suspended("all rows vanished".into()),
        FleetError::Store(StoreError::Replaced { detail: "another inode".into() }),
        FleetError::Store(StoreError::Failed { detail: "disk I/O error".into(), source: None }),
        RuntimeError::Unreachable { detail: "no socket".into() }.into(),
        RuntimeError::NotFound { what: "container 12ab".into() }.into(),
        RuntimeError::Timeout { verb: "stop", after: Duration::from_secs(30) }.into(),
        RuntimeError::Refused { reason: "there is no token file".into() }.into(),
        RuntimeError::Other { verb: "start", code: "1".into(), stderr }.into(),
    ];
    let documents: Vec<_> = errors.into_iter().map(|error| Problem::from(error).to_json()).collect();
    insta::assert_json_snapshot!(documents);
}

#[test]
fn a_busy_fleet_says_when_to_ask_again() {
    let response = Problem::from(FleetError::Busy("dev-2".into())).error_response();
    assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(response.headers().get("retry-after").expect("set"), "2");
    assert_eq!(response.headers().get("content-type").expect("set"), "application/problem+json");
    assert_eq!(response.headers().get("x-content-type-options").expect("set"), "nosniff");
}
