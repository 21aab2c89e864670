//! The body of a mutation.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::{Method, header};
use actix_web::{FromRequest, HttpRequest, web};
use futures_util::StreamExt as _;
use serde_json::Value;

use super::{Fields, Node};
use crate::problem::{Problem, ProblemKind};
use crate::server::Bounds;

/// A JSON body, perhaps empty. Every handler that changes something takes one, also where it wants nothing in it: what
/// it demands of `Content-Type` is what keeps forms of other sites out.
#[derive(Debug)]
pub(crate) struct JsonBody(Option<Value>);

impl JsonBody {
    /// The members of the object that must be there.
    pub(crate) fn object(self) -> Result<Fields, Problem> {
        let Some(value) = self.0 else {
            return Err(Problem::new(ProblemKind::InvalidJson, "the body is empty, a JSON object is needed"));
        };
        Node::root(value).object()
    }

    /// The members of the object; none if there is no body.
    pub(crate) fn object_or_empty(self) -> Result<Fields, Problem> {
        Node::root(self.0.unwrap_or_else(|| Value::Object(serde_json::Map::new()))).object()
    }

    /// For requests that say everything by method and path: no body, or an empty object.
    pub(crate) fn nothing(self) -> Result<(), Problem> {
        self.object_or_empty()?.finish()
    }
}

impl FromRequest for JsonBody {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            check_content_type(&request)?;
            let bounds = request.app_data::<web::Data<Bounds>>().expect("server() registers the bounds");
            let body =
                tokio::time::timeout(bounds.body_time, read(&request, payload, bounds.body_limit(&request)));
            let body = body.await.map_err(|_| {
                let detail = format!("the body was not there after {} s", bounds.body_time.as_secs());
                Problem::new(ProblemKind::BodyTimeout, detail)
            })??;
            if body.is_empty() {
                return Ok(Self(None));
            }
            let value = serde_json::from_slice(&body)
                .map_err(|error| Problem::new(ProblemKind::InvalidJson, error.to_string()))?;
            Ok(Self(Some(value)))
        })
    }
}

/// Whether the request says that a body follows.
fn has_body(request: &HttpRequest) -> bool {
    let headers = request.headers();
    headers.contains_key(header::TRANSFER_ENCODING)
        || headers.get(header::CONTENT_LENGTH).is_some_and(|length| length.as_bytes() != b"0")
}

/// A `DELETE` without a body needs no type: no form and no link of another site can send one.
fn check_content_type(request: &HttpRequest) -> Result<(), Problem> {
    let given = request.headers().get(header::CONTENT_TYPE);
    if given.is_none() && *request.method() == Method::DELETE && !has_body(request) {
        return Ok(());
    }
    let text = given.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = text.split(';').next().unwrap_or_default().trim();
    let json = essence.eq_ignore_ascii_case("application/json");
    let patch =
        *request.method() == Method::PATCH && essence.eq_ignore_ascii_case("application/merge-patch+json");
    if json || patch {
        return Ok(());
    }
    let detail = if text.is_empty() {
        "a request that changes something must say that it is JSON, also without a body".to_owned()
    } else {
        format!("{text:?} is not JSON")
    };
    Err(Problem::new(ProblemKind::JsonRequired, detail).field("Content-Type"))
}

/// Refuses by the announced length before reading, and by what arrives.
async fn read(request: &HttpRequest, mut payload: Payload, limit: usize) -> Result<Vec<u8>, Problem> {
    let too_large = || {
        Problem::new(ProblemKind::BodyTooLarge, format!("the body has more than {limit} bytes"))
            .help(format!("send at most {limit} bytes"))
            .with("limit_bytes", limit)
    };
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if announced.and_then(|length| length.parse::<u64>().ok()).is_some_and(|length| length > limit as u64) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| {
            Problem::new(ProblemKind::InvalidJson, format!("the body could not be read: {error}"))
        })?;
        if body.len() + chunk.len() > limit {
            return Err(too_large());
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
