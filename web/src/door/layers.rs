//! The middleware around every route, from outside: headers, then panics, then the door.

use std::panic::AssertUnwindSafe;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage as _, web};
use futures_util::FutureExt as _;

use super::{Door, Passage};
use crate::problem::{Problem, ProblemKind};

/// Headers that every answer carries, unless the route says something else.
const HARDENING: [(HeaderName, HeaderValue); 4] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
];

/// Adds what is missing of the headers that every answer carries.
pub(crate) fn harden(headers: &mut HeaderMap) {
    for (name, value) in HARDENING {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    }
}

/// Hardens every answer of a route.
pub(crate) async fn harden_answers(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let mut response = next.call(request).await?;
    harden(response.headers_mut());
    Ok(response)
}

/// Answers a problem where actix would close the connection without a byte.
///
/// The request cannot be kept for the answer: routing panics on a request that was cloned. So the problem goes up as an
/// error, which is why problems harden themselves.
pub(crate) async fn catch_panics(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let what = format!("{} {}", request.method(), request.path());
    match AssertUnwindSafe(next.call(request)).catch_unwind().await {
        Ok(result) => result,
        Err(panic) => {
            let said = panic
                .downcast_ref::<&str>()
                .copied()
                .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
                .unwrap_or("no text");
            log::error!(request = what.as_str(); "a request panicked: {said}");
            Err(Problem::new(ProblemKind::Internal, "the request ran into a defect of the supervisor").into())
        }
    }
}

/// Lets in whom the [`Door`] lets in, as far as it does.
pub(crate) async fn guard(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let door = request.app_data::<web::Data<Door>>().expect("server() registers the door before any route");
    match door.check(&request)? {
        Passage::In(credential) => {
            if let Some(credential) = credential {
                request.extensions_mut().insert(credential);
            }
            Ok(next.call(request).await?.map_into_left_body())
        }
        Passage::File(asset) => {
            let answer = asset.answer(request.request());
            Ok(request.into_response(answer).map_into_right_body())
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::middleware::from_fn;
    use actix_web::test::{TestRequest, init_service, try_call_service};
    use actix_web::{App, HttpResponse};

    use super::*;

    async fn defect() -> HttpResponse {
        panic!("a defect")
    }

    #[actix_rt::test]
    async fn a_panic_behind_a_route_becomes_a_problem_and_the_next_request_is_served() {
        let app = App::new()
            .route("/panic", web::get().to(defect))
            .route("/", web::get().to(HttpResponse::Ok))
            .wrap(from_fn(catch_panics));
        let app = init_service(app).await;
        let request = TestRequest::get().uri("/panic").to_request();
        let error = try_call_service(&app, request).await.err().expect("the handler panicked");
        let problem = error.as_error::<Problem>().expect("every error is a problem");
        assert_eq!(problem.kind(), ProblemKind::Internal);
        let answer = try_call_service(&app, TestRequest::get().to_request()).await.expect("no panic");
        assert!(answer.status().is_success());
    }
}
