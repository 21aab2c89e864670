//! The server: listeners, limits and layers around the routes.

use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpRequest, HttpServer, web};
use claude_hooks_actors::handle::FleetHandle;
use claude_hooks_actors::model::STDIN_MOST;

use crate::api;
use crate::door::{self, ApiToken, Door, Guesses, HostRule, Links, SessionStore, Sessions};
use crate::sse::Places;
use crate::stop::StopSignal;

/// Largest body of a request unless the config says otherwise: the largest that makes sense, a full environment, has
/// room in it.
pub const DEFAULT_BODY_LIMIT_BYTES: usize = 256 * 1024;

/// How long a request's head, or its body, may take to arrive.
const ARRIVAL_LIMIT: Duration = Duration::from_secs(5);
/// How long an idle connection is kept.
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// How long the peer has to take the rest of an answer when a connection ends.
const DISCONNECT_LIMIT: Duration = Duration::from_secs(5);
/// Seconds that requests under way have to finish after a stop; streams end at once.
const SHUTDOWN_LIMIT_S: u64 = 5;
/// Threads per listener. Requests wait for the fleet, they do not compute.
const WORKERS: usize = 2;
/// Open connections per worker. Each costs two files, its own and the one by which a hang-up is seen, and a process may
/// usually have 1024 of them.
const MAX_CONNECTIONS: usize = 256;
/// Streams open at a time, over all workers; each may hold a page of events and a log reader.
const MAX_STREAMS: usize = 256;

/// What the root package hands over.
#[derive(Debug)]
pub struct WebSettings {
    /// Already bound. Every request on it needs the token.
    pub tcp: Option<TcpListener>,
    /// Already bound, with mode 0600: whoever can open it is let in.
    pub uds: Option<UnixListener>,
    pub token: ApiToken,
    /// Keeps the dashboard's sessions; `None`: they end with the server.
    pub sessions: Option<Arc<dyn SessionStore>>,
    /// Hosts that are ours beside loopback and the bound address.
    pub hosts: Vec<HostRule>,
    /// Largest body of a request, see [`DEFAULT_BODY_LIMIT_BYTES`].
    pub body_limit_bytes: usize,
    /// Ends the streams and the server; see [`stop_switch`](crate::stop_switch).
    pub stop: StopSignal,
}

/// What handlers need beside the fleet.
#[derive(Clone, Debug)]
pub(crate) struct Bounds {
    pub(crate) body_bytes: usize,
    pub(crate) body_time: Duration,
    pub(crate) streams: Places,
}

/// How much larger the body of a task may be than its input: JSON writes some bytes as six.
const TASK_BODY_BYTES: usize = 2 * STDIN_MOST;

impl Bounds {
    /// A task brings its input along; everything else is small.
    pub(crate) fn body_limit(&self, request: &HttpRequest) -> usize {
        let task = request.match_pattern().is_some_and(|pattern| pattern.ends_with("/tasks"));
        if task { self.body_bytes.max(TASK_BODY_BYTES) } else { self.body_bytes }
    }

    pub(crate) fn new(body_bytes: usize) -> Self {
        Self { body_bytes, body_time: ARRIVAL_LIMIT, streams: Places::new(MAX_STREAMS) }
    }
}

/// Makes the server; await it to serve. It ends by the switch of `settings.stop`, or by its own handle, which however
/// cuts streams only after some seconds.
///
/// Signals are left to the caller. The socket's file stays behind: whoever made it removes it.
///
/// # Panics
/// Outside of an actix system.
pub fn server(fleet: FleetHandle, settings: WebSettings) -> io::Result<Server> {
    let WebSettings { tcp, uds, token, sessions, hosts, body_limit_bytes, mut stop } = settings;
    if tcp.is_none() && uds.is_none() {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "the API has neither a TCP address nor a Unix socket to listen on",
        ));
    }
    let bounds = Bounds::new(body_limit_bytes);
    bounds.streams.measure(fleet.metrics());
    let fleet = web::Data::new(fleet);
    let door = web::Data::new(Door {
        sessions: Sessions::open(token.clone(), sessions),
        token,
        hosts,
        address: tcp.as_ref().and_then(|tcp| tcp.local_addr().ok()),
        guesses: Guesses::default(),
        links: Links::default(),
    });
    let bounds = web::Data::new(bounds);
    let streams_stop = stop.clone();
    let mut server = HttpServer::new(move || {
        App::new()
            .app_data(fleet.clone())
            .app_data(door.clone())
            .app_data(bounds.clone())
            .app_data(web::Data::new(streams_stop.clone()))
            .configure(api::configure)
            // The last one is the outermost.
            .wrap(from_fn(door::guard))
            .wrap(from_fn(door::catch_panics))
            .wrap(from_fn(door::harden_answers))
    })
    // Before the listeners: each takes the callback as it is when it is added.
    .on_connect(door::note_entrance)
    .workers(WORKERS)
    .max_connections(MAX_CONNECTIONS)
    .keep_alive(KEEP_ALIVE)
    .client_request_timeout(ARRIVAL_LIMIT)
    .client_disconnect_timeout(DISCONNECT_LIMIT)
    .shutdown_timeout(SHUTDOWN_LIMIT_S)
    .disable_signals();
    if let Some(tcp) = tcp {
        server = server.listen(tcp)?;
    }
    if let Some(uds) = uds {
        server = server.listen_uds(uds)?;
    }
    let server = server.run();
    let handle = server.handle();
    // Not HttpServer::shutdown_signal: that also ends the actix system, under the actors that are still to be drained.
    actix_web::rt::spawn(async move {
        stop.stopped().await;
        handle.stop(true).await;
    });
    Ok(server)
}
