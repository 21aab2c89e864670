//! How often one agent may speak.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::Next;
use actix_web::{Error, web};
use tokio::time::Instant;

use crate::problem::{Problem, ProblemKind};

/// Requests at once, after a silence.
const BURST: f64 = 20.0;
/// Requests per second in the long run.
const PER_SECOND: f64 = 1.0;

/// A bucket of tokens: each request takes one, and time brings them back. Pure.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bucket {
    tokens: f64,
    at: Option<Instant>,
}

impl Default for Bucket {
    fn default() -> Self {
        Self { tokens: BURST, at: None }
    }
}

impl Bucket {
    fn fill(&mut self, now: Instant) {
        let passed = self.at.map_or(Duration::ZERO, |at| now.saturating_duration_since(at));
        self.tokens = (self.tokens + passed.as_secs_f64() * PER_SECOND).min(BURST);
        self.at = Some(now);
    }

    /// Takes a token, or says how long it is until there is one.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        self.fill(now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        Err(Duration::from_secs_f64((1.0 - self.tokens) / PER_SECOND))
    }
}

/// The bucket of one agent.
#[derive(Debug, Default)]
pub(super) struct Limiter(Mutex<Bucket>);

impl Limiter {
    fn take(&self) -> Result<(), Duration> {
        // Numbers are whole whoever panics.
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take(Instant::now())
    }

    /// The next request would be refused.
    pub(super) fn is_flooded(&self) -> bool {
        let mut bucket = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.take(Instant::now()).is_err()
    }
}

/// Refuses an agent that asks too much.
pub(super) async fn count(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let limiter = request.app_data::<web::Data<Limiter>>().expect("the socket's app has a limiter");
    if let Err(wait) = limiter.take() {
        let seconds = u16::try_from(wait.as_secs() + 1).unwrap_or(u16::MAX);
        let detail = "the agent speaks too often: once a second in the long run, and 20 times at once";
        return Err(Problem::new(ProblemKind::TooOften, detail).retry_after(seconds).into());
    }
    next.call(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_let_through_and_then_one_in_a_second() {
        let (mut bucket, began) = (Bucket::default(), Instant::now());
        let taken = (0..100).filter(|_| bucket.take(began).is_ok()).count();
        assert_eq!(taken, 20);
        let wait = bucket.take(began).expect_err("it is empty");
        assert!(wait > Duration::from_millis(900) && wait <= Duration::from_secs(1), "{wait:?}");
        assert!(bucket.take(began + Duration::from_millis(500)).is_err());
        assert_eq!(bucket.take(began + Duration::from_millis(1100)), Ok(()));
        let mut later = 0;
        for tenth in 0..1000 {
            later += u32::from(bucket.take(began + Duration::from_millis(1200 + tenth * 100)).is_ok());
        }
        assert!((99..=101).contains(&later), "{later} in 100 seconds");
    }

    #[test]
    fn silence_brings_back_a_burst_and_no_more() {
        let (mut bucket, began) = (Bucket::default(), Instant::now());
        while bucket.take(began).is_ok() {}
        let later = began + Duration::from_hours(24);
        assert_eq!((0..100).filter(|_| bucket.take(later).is_ok()).count(), 20);
    }
}
