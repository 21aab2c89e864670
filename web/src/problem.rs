//! Problem documents (RFC 9457): the one shape of every refusal and failure.
//!
//! `type` is stable and for programs, `detail` is for people, `field` names what was wrong in the request, `help` says
//! what to do. Where inner errors become problems is [`refusal`]; nowhere else is a status chosen for them.

mod kind;
mod refusal;

use std::borrow::Cow;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde_json::{Map, Value, json};

use crate::wire::PROBLEM_PREFIX;
pub(crate) use kind::ProblemKind;
pub(crate) use refusal::generation_mismatch;

/// One refusal or failure, on its way to the client.
///
/// Boxed: it travels through `Result`s whose good side is small.
#[derive(Clone, Debug)]
pub(crate) struct Problem(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    kind: ProblemKind,
    status: StatusCode,
    detail: String,
    /// Path of the offending member, header or parameter in the request.
    field: Option<String>,
    help: Cow<'static, str>,
    /// Further members, for programs.
    more: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    pub(crate) fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            status: kind.status(),
            detail: detail.into(),
            field: None,
            help: Cow::Borrowed(kind.help()),
            more: Map::new(),
            headers: Vec::new(),
        }))
    }

    #[must_use]
    pub(crate) fn field(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.0.help = help.into();
        self
    }

    /// For a kind whose usual status does not fit the place where it arises.
    #[must_use]
    pub(crate) fn status(mut self, status: StatusCode) -> Self {
        self.0.status = status;
        self
    }

    /// A further member of the document.
    #[must_use]
    pub(crate) fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.0.more.insert(member.to_owned(), value.into());
        self
    }

    #[must_use]
    pub(crate) fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.0.headers.push((name, value));
        self
    }

    #[cfg(test)]
    pub(crate) fn kind(&self) -> ProblemKind {
        self.0.kind
    }

    /// The document itself.
    pub(crate) fn to_json(&self) -> Value {
        let inner = &*self.0;
        let mut document = json!({
            "type": format!("{PROBLEM_PREFIX}{}", inner.kind.name()),
            "title": inner.kind.title(),
            "status": inner.status.as_u16(),
            "detail": inner.detail,
            "help": inner.help,
        });
        let members = document.as_object_mut().expect("made as an object two lines above");
        if let Some(field) = &inner.field {
            members.insert("field".into(), field.clone().into());
        }
        members.extend(inner.more.clone());
        document
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.0.status
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.0.status)
            .insert_header((header::CONTENT_TYPE, "application/problem+json"))
            .body(self.to_json().to_string());
        for (name, value) in &self.0.headers {
            response.headers_mut().insert(name.clone(), value.clone());
        }
        // A problem that a middleware returns never passes the one that hardens answers.
        crate::door::harden(response.headers_mut());
        response
    }
}

#[cfg(test)]
mod tests;
