//! Who may ask. Whoever gets past here owns the host, because docker does what the fleet says.
//!
//! Two entrances: the Unix socket, where the file's mode (0600) is the lock, and TCP, where every request, for
//! whatever path, must be meant for this host, come from no other site, and carry the token. The order is fixed:
//! Host and Origin (403), then the token (401), and only then does routing begin, so that an unknown caller learns
//! nothing about what exists (404). The files of the dashboard are the same for everybody and need no token.
//!
//! A session cookie for the dashboard would be a second way to pass [`Door::check_token`]; the Origin check is already
//! what it needs against forged requests, together with the JSON that [`crate::extract`] demands of every mutation.

mod host;
mod layers;
mod peer;
mod token;

use std::any::Any;
use std::net::SocketAddr;

use actix_web::dev::{Extensions, ServiceRequest};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::rt::net::{TcpStream, UnixStream};

pub use host::{HostRule, HostRuleError};
pub(crate) use layers::{catch_panics, guard, harden, harden_answers};
pub(crate) use peer::Peer;
pub use token::{ApiToken, TokenError};

use crate::page;
use crate::problem::{Problem, ProblemKind};
use host::Site;

/// Milliseconds that sent bytes may lie unread before the kernel drops the connection: a client that does not read can
/// neither hold its buffers nor keep a stream open.
const UNREAD_LIMIT_MS: u32 = 60_000;

/// How a connection came in; kept with the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entrance {
    /// Only the owner of the socket's file can connect.
    Socket,
    /// With our own address on that connection.
    Tcp(SocketAddr),
}

/// Notes the entrance and the other side when a connection begins. A kind of stream that is not known gets none and is let in nowhere.
pub(crate) fn note_entrance(stream: &dyn Any, data: &mut Extensions) {
    let peer = if let Some(stream) = stream.downcast_ref::<UnixStream>() {
        Some(Peer::over_socket(stream))
    } else {
        stream.downcast_ref::<TcpStream>().map(Peer::over_tcp)
    };
    match peer {
        Some(Ok(peer)) => drop(data.insert(peer)),
        Some(Err(error)) => log::debug!("a hang-up would go unnoticed: {error}"),
        None => {}
    }
    if stream.is::<UnixStream>() {
        data.insert(Entrance::Socket);
    } else if let Some(stream) = stream.downcast_ref::<TcpStream>() {
        if let Err(error) = rustix::net::sockopt::set_tcp_user_timeout(stream, UNREAD_LIMIT_MS) {
            log::debug!("a connection keeps the kernel's own time limit: {error}");
        }
        match stream.local_addr() {
            Ok(address) => {
                data.insert(Entrance::Tcp(address));
            }
            Err(error) => log::debug!("a connection was gone before it was looked at: {error}"),
        }
    }
}

/// What it takes to get in over TCP.
#[derive(Clone, Debug)]
pub(crate) struct Door {
    pub(crate) token: ApiToken,
    /// Hosts that are ours beside loopback and the address of the connection itself.
    pub(crate) hosts: Vec<HostRule>,
}

impl Door {
    fn check(&self, request: &ServiceRequest) -> Result<(), Problem> {
        match request.conn_data::<Entrance>() {
            Some(Entrance::Socket) => Ok(()),
            Some(Entrance::Tcp(local)) => {
                let site = self.check_host(request, *local)?;
                check_origin(request.headers(), &site)?;
                if page::asked_for(request.request()).is_some() {
                    return Ok(());
                }
                self.check_token(request.headers())
            }
            None => Err(Problem::new(ProblemKind::Unauthorized, "the connection could not be identified")),
        }
    }

    /// Against DNS rebinding: a page that makes its own name point here still sends that name.
    fn check_host(&self, request: &ServiceRequest, local: SocketAddr) -> Result<Site, Problem> {
        let refuse = |detail: String| Problem::new(ProblemKind::HostNotAllowed, detail).field("Host");
        let text = single(request.headers(), &header::HOST)
            .ok_or_else(|| refuse("there must be exactly one Host header".into()))?;
        let site = Site::parse(text).ok_or_else(|| refuse(format!("{text:?} is not a host")))?;
        // `GET http://elsewhere/ HTTP/1.1` names a host of its own.
        let target = request.uri().authority().map(|authority| Site::parse(authority.as_str()));
        let same_target = target.is_none_or(|target| target.as_ref() == Some(&site));
        if same_target && (site.is_own(local) || self.hosts.iter().any(|rule| rule.allows(&site))) {
            return Ok(site);
        }
        Err(refuse(format!("{text:?} is not a name of this supervisor")))
    }

    /// Every comparison takes the same time, however much of the token is right.
    fn check_token(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let given = single(headers, &header::AUTHORIZATION).and_then(token::bearer);
        let refuse = |detail| {
            let challenge = HeaderValue::from_static("Bearer realm=\"claude-hooks\"");
            Problem::new(ProblemKind::Unauthorized, detail).header(header::WWW_AUTHENTICATE, challenge)
        };
        match given {
            Some(given) if self.token.matches(given) => Ok(()),
            Some(_) => Err(refuse("the token is not the supervisor's")),
            None => Err(refuse("every request over TCP needs a bearer token")),
        }
    }
}

/// Against forged requests: a browser names the site whose page sends a request.
fn check_origin(headers: &HeaderMap, site: &Site) -> Result<(), Problem> {
    if !headers.contains_key(header::ORIGIN) {
        return Ok(());
    }
    let origin = single(headers, &header::ORIGIN);
    if origin.is_some_and(|origin| site.is_origin(origin)) {
        return Ok(());
    }
    let detail = match origin {
        Some(origin) => format!("{origin:?} is not the origin of this supervisor"),
        None => "there must be at most one Origin header, in plain text".to_owned(),
    };
    Err(Problem::new(ProblemKind::OriginNotAllowed, detail).field("Origin"))
}

/// The header's value if there is exactly one and it is plain text.
fn single<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name);
    let first = values.next()?;
    if values.next().is_some() {
        return None;
    }
    first.to_str().ok()
}
