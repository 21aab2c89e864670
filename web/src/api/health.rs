//! `healthz` and `readyz`: whether the supervisor moves, and whether it can do its work.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::web;
use claude_hooks_actors::handle::FleetHandle;
use claude_hooks_actors::model::FleetSnapshot;
use serde_json::json;

use super::answer;
use crate::problem::{Problem, ProblemKind};

/// How long the loops have to answer; monitors ask with a few seconds of patience themselves.
const PATIENCE: Duration = Duration::from_secs(2);

/// 200 while every loop moves, else 503; the body says which one does not.
pub(crate) async fn alive(fleet: web::Data<FleetHandle>) -> Result<HttpResponse, Problem> {
    let health = fleet.health(PATIENCE).await;
    let mut body = answer::json_of(&health)?;
    body["alive"] = health.is_alive().into();
    body["version"] = env!("CARGO_PKG_VERSION").into();
    let mut response =
        if health.is_alive() { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    Ok(response.json(body))
}

/// 200 once the boot pass is done and while docker answers.
pub(crate) async fn ready(fleet: web::Data<FleetHandle>) -> Result<HttpResponse, Problem> {
    match obstacle(&fleet.snapshot()) {
        None => Ok(HttpResponse::Ok().json(json!({ "ready": true }))),
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
