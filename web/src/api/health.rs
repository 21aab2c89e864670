//! `healthz` and `readyz`: whether the supervisor moves, and whether it can do its work.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web;
use claude_hooks_actors::handle::FleetHandle;
use claude_hooks_actors::model::FleetSnapshot;

use crate::problem::{Problem, ProblemKind};
use crate::wire::{Alive, Ready};

/// How long the loops have to answer; monitors ask with a few seconds of patience themselves.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether every loop of the supervisor moves; the body says which one does not.
#[utoipa::path(
    get,
    path = "/healthz",
    operation_id = "healthz",
    tag = "health",
    responses(
        (status = OK, description = "Every loop moves", body = Alive),
        (status = SERVICE_UNAVAILABLE, description = "One stands still", body = Alive),
    ),
    extensions(("x-problems" = json!([]))),
)]
pub(crate) async fn alive(fleet: web::Data<FleetHandle>) -> HttpResponse {
    let health = fleet.health(PATIENCE).await;
    let alive = health.is_alive();
    let mut response = if alive { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.json(Alive { health, alive, version: env!("CARGO_PKG_VERSION").to_owned() })
}

/// Whether the first pass is done and docker answers.
#[utoipa::path(
    get,
    path = "/readyz",
    operation_id = "readyz",
    tag = "health",
    responses(
        (status = OK, description = "It can do its work", body = Ready),
    ),
    extensions(("x-problems" = json!([ProblemKind::NotReady]))),
)]
pub(crate) async fn ready(fleet: web::Data<FleetHandle>) -> Result<HttpResponse, Problem> {
    match obstacle(&fleet.snapshot()) {
        None => Ok(HttpResponse::Ok().json(Ready { ready: true })),
        Some(obstacle) => Err(obstacle),
    }
}

/// Why the supervisor cannot do its work, if so.
fn obstacle(snapshot: &FleetSnapshot) -> Option<Problem> {
    let not_ready = |detail: String, help| Some(Problem::new(ProblemKind::NotReady, detail).help(help));
    if let Some(why) = &snapshot.suspended {
        return not_ready(
            format!("nothing is reconciled: {why}"),
            "look at the supervisor's log: nothing is touched until the database is trusted again",
        );
    }
    match (snapshot.docker_reachable, snapshot.booted) {
        (Some(true), true) => None,
        (Some(false), _) => {
            let said = snapshot.docker_error.as_deref().unwrap_or("no reason was given");
            let help = "start docker; the supervisor goes on by itself when it answers";
            not_ready(format!("docker cannot be reached: {said}"), help)
        }
        (None, _) | (Some(true), false) => not_ready(
            "the boot pass is not done".to_owned(),
            "wait: it takes seconds, longer for many containers",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ready_means_booted_and_docker_reachable_and_the_database_trusted() {
        let ready = FleetSnapshot { docker_reachable: Some(true), booted: true, ..FleetSnapshot::default() };
        assert!(obstacle(&ready).is_none());
        let cases = [
            (FleetSnapshot::default(), "boot pass"),
            (FleetSnapshot { booted: false, ..ready.clone() }, "boot pass"),
            (FleetSnapshot { docker_reachable: None, ..ready.clone() }, "boot pass"),
            (
                FleetSnapshot {
                    docker_reachable: Some(false),
                    docker_error: Some("no socket".into()),
                    ..ready.clone()
                },
                "no socket",
            ),
            (FleetSnapshot { suspended: Some("all rows vanished".into()), ..ready }, "all rows vanished"),
        ];
        for (snapshot, said) in cases {
            let obstacle = obstacle(&snapshot).expect("not ready").to_json();
            assert_eq!(obstacle["status"], 503);
            assert!(obstacle["detail"].as_str().is_some_and(|detail| detail.contains(said)), "{obstacle}");
        }
    }
}
