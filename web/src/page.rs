//! The dashboard's files: embedded, compressed at build time, the same for everybody.
//!
//! They hold no secret, so they need no token; the page itself asks for it. What is served with the page's own
//! Content-Security-Policy runs no script and no style but its own files, and asks nobody else.

use actix_web::http::header::{
    self, ACCEPT, AcceptEncoding, ETAG, Encoding, Header as _, HeaderName, HeaderValue, IF_NONE_MATCH,
};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse};

/// One file of the dashboard.
#[derive(Debug)]
pub(crate) struct Asset {
    /// In the URL.
    path: &'static str,
    media_type: &'static str,
    plain: &'static [u8],
    plain_tag: &'static str,
    /// If that is smaller.
    gzip: Option<&'static [u8]>,
    gzip_tag: &'static str,
}

/// Made by `build.rs`, in the order of the paths.
static ASSETS: &[Asset] = &include!(concat!(env!("OUT_DIR"), "/assets.rs"));

/// Nothing inline, nothing from elsewhere, no frame around it, and no text that becomes markup by accident.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; \
     manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; \
     require-trusted-types-for 'script'",
);

/// Beside what every answer carries. `no-cache` lets a browser keep the files, and ask whether they still hold.
const HEADERS: [(HeaderName, HeaderValue); 4] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    (header::CROSS_ORIGIN_OPENER_POLICY, HeaderValue::from_static("same-origin")),
    (header::CROSS_ORIGIN_RESOURCE_POLICY, HeaderValue::from_static("same-origin")),
];

/// The file that a request is about, if it is about one: a file by its path, and the page by every path that it may
/// show in the browser's address bar. What has a route is never one.
pub(crate) fn asked_for(request: &HttpRequest) -> Option<&'static Asset> {
    if ![Method::GET, Method::HEAD].contains(request.method()) || request.match_pattern().is_some() {
        return None;
    }
    let path = request.path();
    file(if path == "/" || (is_view(path) && wants_page(request)) { "/index.html" } else { path })
}

fn file(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

/// A path that the page may make of its own. The API's are not, nor what is plainly a file that is missing.
fn is_view(path: &str) -> bool {
    let first = path.split('/').nth(1).unwrap_or_default();
    !["api", "assets"].contains(&first) && !path.contains('.')
}

/// A browser that opens a page says so. Everybody else is told that there is nothing, instead of being given HTML.
fn wants_page(request: &HttpRequest) -> bool {
    let mut accepted = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    accepted.any(|value| value.contains("text/html"))
}

impl Asset {
    pub(crate) fn answer(&self, request: &HttpRequest) -> HttpResponse {
        let (body, tag, coding) = match self.gzip {
            Some(gzip) if takes_gzip(request) => (gzip, self.gzip_tag, Some("gzip")),
            _ => (self.plain, self.plain_tag, None),
        };
        let fresh = is_fresh(request, tag);
        let mut response = HttpResponse::build(if fresh { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
        for pair in HEADERS {
            response.insert_header(pair);
        }
        response.insert_header((ETAG, tag)).insert_header((header::VARY, "Accept, Accept-Encoding"));
        if fresh {
            return response.finish();
        }
        if let Some(coding) = coding {
            response.insert_header((header::CONTENT_ENCODING, coding));
        }
        response.insert_header((header::CONTENT_TYPE, self.media_type)).body(body)
    }
}

fn takes_gzip(request: &HttpRequest) -> bool {
    let supported = [Encoding::gzip(), Encoding::identity()];
    let chosen =
        AcceptEncoding::parse(request).ok().and_then(|accepted| accepted.negotiate(supported.iter()));
    chosen == Some(Encoding::gzip())
}

/// Whether the client has this very representation.
fn is_fresh(request: &HttpRequest, tag: &str) -> bool {
    let held = request.headers().get_all(IF_NONE_MATCH).filter_map(|value| value.to_str().ok());
    let mut held = held.flat_map(|value| value.split(',')).map(str::trim);
    held.any(|held| held == "*" || held.strip_prefix("W/").unwrap_or(held) == tag)
}

#[cfg(test)]
mod tests;
