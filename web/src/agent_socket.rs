//! The socket by which one agent tells of itself, from inside its container.
//!
//! It needs no token: only that agent's container has it mounted. So the socket says who speaks, and no request names an
//! agent; what can be said here changes nothing but the speaker's own state. What an operator said stands.
//!
//! Whoever works in the container is not trusted: bodies are small, connections few and short, requests counted
//! ([`limit`]), and while somebody floods the socket, connections are taken up slowly, so that the flood waits in its own
//! container.

use std::io;
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::time::Duration;

use actix_http::{HttpService, KeepAlive};
use actix_service::{
    IntoServiceFactory as _, Service, ServiceFactory as _, ServiceFactoryExt as _, map_config,
};
use actix_web::dev::AppConfig;
use actix_web::middleware::from_fn;
use actix_web::{App, web};
use claude_hooks_actors::handle::FleetHandle;
use claude_hooks_actors::model::InstanceName;
use tokio::net::UnixStream;
use tokio::sync::Semaphore;

use crate::door;
use crate::server::Bounds;

mod limit;
mod routes;

use limit::Limiter;

/// Longest body: a reason and a few words around it.
const BODY_BYTES: usize = 8 * 1024;
/// How long a request's head, or the peer's taking of an answer, may last.
const ARRIVAL_LIMIT: Duration = Duration::from_secs(5);
/// Connections of one agent at a time.
const MAX_CONNECTIONS: usize = 8;
/// Between two connections that are taken up while the agent asks too much.
const FLOOD_PAUSE: Duration = Duration::from_millis(200);
/// Pause after a connection could not be taken up, for want of files for example.
const ACCEPT_AGAIN: Duration = Duration::from_secs(1);

/// Who speaks.
#[derive(Clone, Debug)]
struct Speaker(InstanceName);

/// Serves the socket of one agent until `ended`.
///
/// # Panics
/// Outside of an actix system.
pub async fn serve_agent(
    fleet: FleetHandle,
    name: InstanceName,
    listener: UnixListener,
    ended: impl Future<Output = ()>,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let listener = tokio::net::UnixListener::from_std(listener)?;
    let limiter = Arc::new(Limiter::default());
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut ended = std::pin::pin!(ended);
    let mut service = None;
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    log::warn!(instance = name.as_ref(); "its socket takes up no connection: {error}");
                    tokio::time::sleep(ACCEPT_AGAIN).await;
                    continue;
                }
            },
            () = &mut ended => return Ok(()),
        };
        // Made for whoever speaks: most agents of a large fleet never do.
        let service = match &service {
            Some(service) => service,
            None => match connections(&fleet, &name, &limiter).await {
                Ok(made) => service.insert(made),
                Err(()) => return Err(io::Error::other("the service of its socket cannot be made")),
            },
        };
        match places.clone().try_acquire_owned() {
            Ok(place) => {
                let call = service.call((stream, None));
                actix_web::rt::spawn(async move {
                    // A peer that breaks off is its own affair.
                    let _ = call.await;
                    drop(place);
                });
            }
            Err(_) => drop(stream),
        }
        if limiter.is_flooded() || places.available_permits() == 0 {
            tokio::time::sleep(FLOOD_PAUSE).await;
        }
    }
}

/// What answers the connections of one agent.
async fn connections(
    fleet: &FleetHandle,
    name: &InstanceName,
    limiter: &Arc<Limiter>,
) -> Result<impl Service<(UnixStream, Option<std::net::SocketAddr>), Response = ()> + use<>, ()> {
    let app = App::new()
        .app_data(web::Data::new(fleet.clone()))
        .app_data(web::Data::new(Bounds::new(BODY_BYTES)))
        .app_data(web::Data::from(limiter.clone()))
        .app_data(web::Data::new(Speaker(name.clone())))
        .configure(routes::routes)
        .wrap(from_fn(limit::count))
        .wrap(from_fn(door::catch_panics))
        .wrap(from_fn(door::harden_answers));
    let app = app.into_factory().map_err(|error: actix_web::Error| error.error_response());
    let factory = HttpService::build()
        .keep_alive(KeepAlive::Disabled)
        .client_request_timeout(ARRIVAL_LIMIT)
        .client_disconnect_timeout(ARRIVAL_LIMIT)
        .h1(map_config(app, |()| AppConfig::default()));
    factory.new_service(()).await
}
