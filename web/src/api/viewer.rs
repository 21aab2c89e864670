//! The API's description as a page for people: one file without scripts, without any request of its own.
//!
//! Its only style is its own, named to the browser by its hash, so the page needs no exception from the rule that nothing
//! inline runs. Everything comes from [`description::document`], escaped.

mod page;

use std::sync::OnceLock;

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use sha2::{Digest as _, Sha256};

use super::description;
use crate::extract::Params;
use crate::problem::Problem;

const STYLE: &str = include_str!("viewer/style.css");

/// This description as a page to read.
#[utoipa::path(
    get,
    path = "/api/v1/docs",
    operation_id = "docs",
    tag = "description",
    responses((status = OK, description = "The page", body = String, content_type = "text/html; charset=utf-8")),
    extensions(("x-problems" = json!([]))),
)]
pub(crate) async fn show(request: HttpRequest) -> Result<HttpResponse, Problem> {
    static PAGE: OnceLock<(HeaderValue, Bytes)> = OnceLock::new();
    Params::of(&request)?.finish()?;
    let (policy, page) = PAGE.get_or_init(|| (policy(), page::render(description::document(), STYLE).into()));
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_SECURITY_POLICY, policy.clone()))
        .content_type("text/html; charset=utf-8")
        .body(page.clone()))
}

/// Nothing but this one style.
fn policy() -> HeaderValue {
    let hash = STANDARD.encode(Sha256::digest(STYLE));
    let text = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'"
    );
    HeaderValue::try_from(text).expect("base64 is plain text")
}

#[cfg(test)]
mod tests;
