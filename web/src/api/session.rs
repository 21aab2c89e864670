//! Signing in to the dashboard, and out of it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Instant;

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpMessage as _, HttpRequest, HttpResponse, web};

use crate::door::{Credential, Door, Entrance, cookie, links};
use crate::extract::{JsonBody, Params};
use crate::problem::{Problem, ProblemKind};
use crate::wire::{Link, Nothing, SignIn, SignedIn};

/// Where a one-time link is made.
pub(crate) const LINKS: &str = "/session/links";

/// Whether whoever asks is let in, and by what.
#[utoipa::path(
    get,
    path = "/session",
    operation_id = "show_session",
    tag = "session",
    responses(
        (status = OK, description = "Both answers are 200", body = SignedIn),
    ),
    security(()),
    extensions(("x-problems" = json!([]))),
)]
pub(crate) async fn show(request: HttpRequest) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    let how = credential(&request).map(|how| <&str>::from(how).to_owned());
    let version = env!("CARGO_PKG_VERSION").to_owned();
    Ok(HttpResponse::Ok().json(SignedIn { signed_in: how.is_some(), how, version }))
}

/// Gives a browser a session for the token, or for the code of a link. Over TCP only.
#[utoipa::path(
    post,
    path = "/session",
    operation_id = "sign_in",
    tag = "session",
    request_body = SignIn,
    responses(
        (status = NO_CONTENT,
            description = "Signed in",
            headers(("Set-Cookie" = String,
            description = "The session"))),
    ),
    security(()),
    extensions(("x-problems" = json!([
        ProblemKind::Unauthorized, ProblemKind::TooManyTries, ProblemKind::Denied,
    ]))),
)]
pub(crate) async fn sign_in(
    request: HttpRequest,
    door: web::Data<Door>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    let (port, peer) = browser(&request)?;
    let mut fields = body.object()?;
    let (token, code) = (fields.take("token"), fields.take("code"));
    fields.finish()?;
    let right = match (token, code) {
        (Some(token), None) => {
            let token = token.text()?.trim();
            count_guess(&door, peer)?;
            door.token.matches(token)
        }
        (None, Some(code)) => {
            let code = code.text()?;
            count_guess(&door, peer)?;
            door.links.redeem(code, Instant::now())
        }
        (None, None) | (Some(_), Some(_)) => {
            let detail = "the body must have either a token or a code";
            return Err(Problem::new(ProblemKind::InvalidValue, detail).field("token"));
        }
    };
    if !right {
        let help = "use the token from the file in the data directory, or the link that `claude-hooks dashboard` prints: \
                    it is good once, for a minute";
        let detail = "the token is not the supervisor's, or the link was used or is too old";
        return Err(Problem::new(ProblemKind::Unauthorized, detail).help(help));
    }
    door.guesses.forgive(peer);
    let secret = door.sessions.begin().await;
    log::info!(peer = peer.to_string().as_str(); "signed in to the dashboard");
    let cookie = cookie::set(&secret, port, is_secure(&request));
    Ok(HttpResponse::NoContent().insert_header((header::SET_COOKIE, cookie)).finish())
}

/// Ends the session that the request carries; having none is no error. Over TCP only.
#[utoipa::path(
    delete,
    path = "/session",
    operation_id = "sign_out",
    tag = "session",
    request_body = Option<Nothing>,
    responses(
        (status = NO_CONTENT,
            description = "Signed out",
            headers(("Set-Cookie" = String,
            description = "Takes the session away"))),
    ),
    security(()),
    extensions(("x-problems" = json!([ProblemKind::Denied]))),
)]
pub(crate) async fn sign_out(
    request: HttpRequest,
    door: web::Data<Door>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    body.nothing()?;
    let (port, _) = browser(&request)?;
    for secret in cookie::secrets(request.headers(), port) {
        door.sessions.end(secret).await.map_err(|error| {
            log::error!("the end of a session is not on record, so it may be back after a restart: {error}");
            Problem::new(ProblemKind::Internal, "signed out, but a restart may bring the session back")
        })?;
    }
    let cookie = cookie::clear(port, is_secure(&request));
    Ok(HttpResponse::NoContent().insert_header((header::SET_COOKIE, cookie)).finish())
}

/// A link that signs one browser in, once. Not for sessions: one must not beget others.
#[utoipa::path(
    post,
    path = "/session/links",
    operation_id = "make_link",
    tag = "session",
    request_body = Option<Nothing>,
    responses(
        (status = CREATED, description = "The link", body = Link),
    ),
    security(("token" = [])),
    extensions(("x-problems" = json!([ProblemKind::Denied]))),
)]
pub(crate) async fn make_link(
    request: HttpRequest,
    door: web::Data<Door>,
    body: JsonBody,
) -> Result<HttpResponse, Problem> {
    Params::of(&request)?.finish()?;
    body.nothing()?;
    match credential(&request) {
        Some(Credential::Socket | Credential::Token) => {}
        Some(Credential::Session) | None => {
            let detail = "a session makes no links: that takes the socket or the token";
            return Err(Problem::new(ProblemKind::Denied, detail).help("run `claude-hooks dashboard`"));
        }
    }
    let Some(address) = door.address else {
        let detail = "the supervisor listens on its Unix socket only, which no browser can reach";
        let help = "set [server] listen, such as \"127.0.0.1:7117\", and start the supervisor again";
        return Err(Problem::new(ProblemKind::Denied, detail).help(help));
    };
    // Behind the #, so that it is sent to nobody, not even to us, unless the page does so.
    let url = format!("http://{}/sign-in#code={}", reachable(address), door.links.make(Instant::now()));
    let expires_in_s = links::GOOD_FOR.as_secs();
    Ok(HttpResponse::Created().json(Link { url, expires_in_s }))
}

fn credential(request: &HttpRequest) -> Option<Credential> {
    request.extensions().get::<Credential>().copied()
}

/// Our port and the other side, of a connection that a browser can make.
fn browser(request: &HttpRequest) -> Result<(u16, IpAddr), Problem> {
    match (request.conn_data::<Entrance>(), request.peer_addr()) {
        (Some(Entrance::Tcp(local)), Some(peer)) => Ok((local.port(), peer.ip())),
        (Some(Entrance::Tcp(_) | Entrance::Socket) | None, _) => {
            let detail = "whoever may use the socket needs no session";
            Err(Problem::new(ProblemKind::Denied, detail).help("leave it out, or ask over TCP"))
        }
    }
}

fn count_guess(door: &Door, peer: IpAddr) -> Result<(), Problem> {
    door.guesses.count(peer, Instant::now()).map_err(|wait| {
        let seconds = wait.as_secs() + 1;
        let detail =
            format!("there were too many wrong tries from {peer}; the next one is taken in {seconds} s");
        let wait = HeaderValue::from(seconds);
        Problem::new(ProblemKind::TooManyTries, detail).header(header::RETRY_AFTER, wait)
    })
}

/// Whether the browser sees us behind TLS. It always names its origin when it posts, and who lies about that only harms
/// his own cookie.
fn is_secure(request: &HttpRequest) -> bool {
    request.headers().get(header::ORIGIN).is_some_and(|origin| origin.as_bytes().starts_with(b"https://"))
}

/// An address for a browser on this host: "any" is none.
fn reachable(bound: SocketAddr) -> SocketAddr {
    let ip = match bound.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, bound.port())
}
