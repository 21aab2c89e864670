//! Who may ask. Whoever gets past here owns the host, because docker does what the fleet says.
//!
//! Two entrances: the Unix socket, where the file's mode (0600) is the lock, and TCP, where every request, for
//! whatever path, must be meant for this host, come from no other site, and carry the token. The order is fixed:
//! Host and Origin (403), then the token (401), and only then does routing begin, so that an unknown caller learns
//! nothing about what exists (404). The files of the dashboard are the same for everybody and need no token, and
//! whoever has none yet may ask for a session ([`SESSION`]).
//!
//! A session (`sessions`) stands for the token in a browser, which sends its cookie along by itself. So with a cookie the
//! browser must also say that the request comes from our own page; the JSON that [`crate::extract`] demands of every
//! mutation keeps out what does not know how to say that.

pub(crate) mod cookie;
mod guesses;
mod host;
mod layers;
pub(crate) mod links;
mod peer;
mod sessions;
mod token;

use std::any::Any;
use std::net::SocketAddr;

use actix_web::dev::{Extensions, ServiceRequest};
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::rt::net::{TcpStream, UnixStream};

pub use host::{HostRule, HostRuleError};
pub(crate) use layers::{catch_panics, guard, harden, harden_answers};
pub(crate) use peer::Peer;
pub use sessions::SessionStore;
pub use token::{ApiToken, TokenError};

use crate::page::{self, Asset};
use crate::problem::{Problem, ProblemKind};
pub(crate) use guesses::Guesses;
use host::Site;
pub(crate) use links::Links;
pub(crate) use sessions::Sessions;

/// Where one signs in and out; needs no token.
pub(crate) const SESSION: &str = "/session";

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

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

/// By what a request came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Credential {
    Socket,
    Token,
    Session,
}

/// How far a request gets.
#[derive(Clone, Copy, Debug)]
enum Passage {
    /// To the routes; without a credential to those only that want none.
    In(Option<Credential>),
    /// To this file and no further: the router reads paths otherwise than we do (`/%61pi` is `/api` to it), so a stranger
    /// must not get to it because of what we read.
    File(&'static Asset),
}

/// What it takes to get in over TCP.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) token: ApiToken,
    /// Hosts that are ours beside loopback and the address of the connection itself.
    pub(crate) hosts: Vec<HostRule>,
    /// Where a browser finds us, if we listen on TCP.
    pub(crate) address: Option<SocketAddr>,
    pub(crate) sessions: Sessions,
    pub(crate) guesses: Guesses,
    pub(crate) links: Links,
}

impl Door {
    /// How the request may go on, or why it may not.
    fn check(&self, request: &ServiceRequest) -> Result<Passage, Problem> {
        match request.conn_data::<Entrance>() {
            Some(Entrance::Socket) => Ok(Passage::In(Some(Credential::Socket))),
            Some(Entrance::Tcp(local)) => {
                let site = self.check_host(request, *local)?;
                check_origin(request.headers(), &site)?;
                match self.credential(request, local.port()) {
                    Ok(credential) => Ok(Passage::In(Some(credential))),
                    Err(_) if request.path() == SESSION => Ok(Passage::In(None)),
                    Err(refusal) => page::asked_for(request.request()).map(Passage::File).ok_or(refusal),
                }
            }
            None => Err(Problem::new(ProblemKind::Unauthorized, "the connection could not be identified")),
        }
    }

    /// A token that is given counts, also beside a session: whoever sends one wants to know whether it is good.
    fn credential(&self, request: &ServiceRequest, port: u16) -> Result<Credential, Problem> {
        let headers = request.headers();
        let secrets = cookie::secrets(headers, port);
        if headers.contains_key(header::AUTHORIZATION) || secrets.is_empty() {
            return self.check_token(headers).map(|()| Credential::Token);
        }
        check_own_page(request.method(), headers)?;
        if secrets.into_iter().any(|secret| self.sessions.admits(secret)) {
            return Ok(Credential::Session);
        }
        Err(unauthorized("the session has ended: sign in again"))
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
        match given {
            Some(given) if self.token.matches(given) => Ok(()),
            Some(_) => Err(unauthorized("the token is not the supervisor's")),
            None => Err(unauthorized("every request over TCP needs a bearer token, or a session")),
        }
    }
}

fn unauthorized(detail: &str) -> Problem {
    let challenge = HeaderValue::from_static("Bearer realm=\"claude-hooks\"");
    Problem::new(ProblemKind::Unauthorized, detail).header(header::WWW_AUTHENTICATE, challenge)
}

/// What the cookie of a session needs, because a browser sends it with whatever another port of this host asks for: the
/// origin, which was found to be ours, or the browser's word that the page is ours. For reading it is enough that the
/// browser says nothing to the contrary.
fn check_own_page(method: &Method, headers: &HeaderMap) -> Result<(), Problem> {
    let reads = [Method::GET, Method::HEAD].contains(method);
    let own = match single(headers, &SEC_FETCH_SITE) {
        Some("same-origin") => true,
        Some("none") => reads,
        Some(_) => false,
        None => !headers.contains_key(SEC_FETCH_SITE) && (reads || headers.contains_key(header::ORIGIN)),
    };
    if own {
        return Ok(());
    }
    let detail = "with a session, the browser must say that the request comes from the dashboard itself";
    Err(Problem::new(ProblemKind::OriginNotAllowed, detail).field("Sec-Fetch-Site"))
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
