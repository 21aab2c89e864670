//! What may be asked: the routes, one file per resource.
//!
//! A resource names its methods in [`resource`], so that another method is answered 405 with `Allow`, never 404. What is
//! routed must be described too: a handler carries `#[utoipa::path]` and is named in `description.rs`, or a test fails.
//! What is none of these may be a file of the dashboard.

mod actions;
mod agents;
mod answer;
pub(crate) mod description;
mod events;
mod fleet;
mod health;
mod leases;
mod logs;
mod metrics;
mod overrides;
mod parking;
mod rollouts;
mod routing;
mod session;
mod stats;
mod tasks;
mod timeline;
mod types;
mod viewer;
mod volumes;
mod wait;

use actix_web::{HttpRequest, HttpResponse, guard, web};

use crate::door::SESSION;
use crate::extract::Params;
use crate::page;
use crate::problem::{Problem, ProblemKind};

pub(crate) use parking::park_request;
pub(crate) use routing::{Routes, resource};

/// Where the API lives; the version changes only when an old client would break.
pub(crate) const BASE: &str = "/api/v1";

/// Registers every route.
pub(crate) fn configure(config: &mut web::ServiceConfig) {
    routes().register(config);
    config.default_service(web::to(page_or_nothing));
}

/// Everything that is routed.
fn routes() -> Routes {
    Routes::default()
        .service(resource("/healthz", "GET, HEAD").route(read().to(health::alive)))
        .service(resource("/readyz", "GET, HEAD").route(read().to(health::ready)))
        .service(resource("/metrics", "GET, HEAD").route(read().to(metrics::show)))
        .service(
            resource(SESSION, "GET, HEAD, POST, DELETE")
                .route(read().to(session::show))
                .route(web::post().to(session::sign_in))
                .route(web::delete().to(session::sign_out)),
        )
        .service(resource(session::LINKS, "POST").route(web::post().to(session::make_link)))
        .service(
            Routes::below(BASE)
                .service(
                    resource("/agents", "GET, HEAD, POST")
                        .route(read().to(agents::list))
                        .route(web::post().to(agents::create)),
                )
                .service(
                    resource("/agents/{name}", "GET, HEAD, PATCH, DELETE")
                        .route(read().to(agents::show))
                        .route(web::patch().to(agents::update))
                        .route(web::delete().to(agents::delete)),
                )
                .service(resource("/agents/{name}/start", "POST").route(web::post().to(actions::start)))
                .service(resource("/agents/{name}/stop", "POST").route(web::post().to(actions::stop)))
                .service(resource("/agents/{name}/restart", "POST").route(web::post().to(actions::restart)))
                .service(resource("/agents/{name}/recreate", "POST").route(web::post().to(actions::recreate)))
                .service(resource("/agents/{name}/recover", "POST").route(web::post().to(actions::recover)))
                .service(resource("/agents/{name}/adopt", "POST").route(web::post().to(actions::adopt)))
                .service(resource("/agents/{name}/wipe", "POST").route(web::post().to(actions::wipe)))
                // Not HEAD where an answer takes its time or has no end.
                .service(resource("/agents/{name}/wait", "GET").route(web::get().to(wait::wait)))
                .service(resource("/agents/{name}/logs", "GET").route(web::get().to(logs::logs)))
                .service(resource("/agents/{name}/why", "GET, HEAD").route(read().to(agents::why)))
                .service(resource("/agents/{name}/spec", "GET").route(web::get().to(agents::spec)))
                .service(resource("/agents/{name}/events", "GET").route(web::get().to(events::of_agent)))
                .service(resource("/agents/{name}/cordon", "POST").route(web::post().to(leases::cordon)))
                .service(resource("/agents/{name}/uncordon", "POST").route(web::post().to(leases::uncordon)))
                .service(
                    resource("/agents/{name}/hold", "POST, DELETE")
                        .route(web::post().to(leases::hold))
                        .route(web::delete().to(leases::unhold)),
                )
                .service(
                    resource("/agents/{name}/park", "POST, DELETE")
                        .route(web::post().to(parking::park))
                        .route(web::delete().to(parking::reopen)),
                )
                .service(
                    resource("/agents/{name}/need-human", "POST, DELETE")
                        .route(web::post().to(parking::need_human))
                        .route(web::delete().to(parking::human_came)),
                )
                .service(
                    resource("/leases", "GET, HEAD, POST")
                        .route(read().to(leases::list))
                        .route(web::post().to(leases::claim)),
                )
                .service(
                    resource("/leases/{id}", "PUT, DELETE")
                        .route(web::put().to(leases::renew))
                        .route(web::delete().to(leases::release)),
                )
                .service(
                    resource("/tasks", "GET, HEAD, POST")
                        .route(read().to(tasks::list))
                        .route(web::post().to(tasks::submit)),
                )
                .service(
                    resource("/tasks/{id}", "GET, DELETE")
                        .route(web::get().to(tasks::show))
                        .route(web::delete().to(tasks::cancel)),
                )
                .service(resource("/tasks/{id}/output", "GET").route(web::get().to(tasks::output)))
                .service(
                    resource("/rollouts", "GET, HEAD, POST")
                        .route(read().to(rollouts::list))
                        .route(web::post().to(rollouts::start)),
                )
                .service(resource("/rollouts/{id}", "GET, HEAD").route(read().to(rollouts::show)))
                .service(resource("/rollouts/{id}/pause", "POST").route(web::post().to(rollouts::pause)))
                .service(resource("/rollouts/{id}/resume", "POST").route(web::post().to(rollouts::resume)))
                .service(resource("/rollouts/{id}/abort", "POST").route(web::post().to(rollouts::abort)))
                .service(resource("/types", "GET, HEAD").route(read().to(types::list)))
                .service(resource("/types/{type}/scale", "POST").route(web::post().to(types::scale)))
                .service(resource("/stats", "GET").route(web::get().to(stats::sample)))
                .service(resource("/timeline", "GET, HEAD").route(read().to(timeline::show)))
                .service(resource("/volumes", "GET").route(web::get().to(volumes::list)))
                .service(resource("/plan", "GET, HEAD").route(read().to(fleet::plan)))
                .service(resource("/reconcile", "POST").route(web::post().to(fleet::reconcile)))
                .service(resource("/events", "GET").route(web::get().to(events::of_fleet)))
                .service(resource("/openapi.json", "GET, HEAD").route(read().to(description::show)))
                .service(resource("/docs", "GET, HEAD").route(read().to(viewer::show))),
        )
}

/// A route for `GET` and, as whoever answers that should, `HEAD`.
pub(crate) fn read() -> actix_web::Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

/// `?force=1`: take the agent from whoever works with it instead of waiting for them.
fn force(request: &HttpRequest) -> Result<bool, Problem> {
    let mut params = Params::of(request)?;
    let force = params.flag("force")?;
    params.finish()?;
    Ok(force)
}

async fn page_or_nothing(request: HttpRequest) -> Result<HttpResponse, Problem> {
    if let Some(asset) = page::asked_for(&request) {
        return Ok(asset.answer(&request));
    }
    Err(Problem::new(ProblemKind::UnknownPath, format!("there is nothing at {}", request.path())).help(
        format!(
            "the API is under {BASE}: agents, types, leases, tasks, rollouts, events, stats, timeline, volumes, plan, reconcile"
        ),
    ))
}
