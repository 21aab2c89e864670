//! Server-sent events: the fleet's events as they happen, and containers' output as it comes.
//!
//! **Invariant:** a client that does not read holds at most one page of events and one write buffer. Streams are pulled
//! by the connection, never pushed into a queue; who falls behind the live channel is dropped with a `resync`, and the
//! kernel closes connections whose peer takes nothing for a minute.

mod frame;
mod logs;
mod picture;
mod places;
mod tail;
mod utf8;

use std::convert::Infallible;
use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use bytes::Bytes;
use futures_util::stream;
use tokio::sync::OwnedSemaphorePermit;

use crate::stop::StopSignal;

pub(crate) use logs::LogTail;
pub(crate) use places::Places;
pub(crate) use tail::{Ask, PAGE, Resume, Tail};

/// Longest silence: shorter than what proxies cut.
const PING_EVERY: Duration = Duration::from_secs(15);

/// Most frames that a stream still sends after the stop. What was said before the stop, the stop itself included, is
/// heard; a container that never falls silent does not hold the server up.
const LAST_FRAMES: u32 = 256;

/// Whatever gives frames one by one.
pub(crate) trait Frames: 'static {
    /// The next frame when there is one; `None` ends the stream.
    fn next_frame(&mut self) -> impl Future<Output = Option<Bytes>>;
}

/// The answer that sends `frames` until they end, or until the server stops and there is none at hand. `place` is given
/// back with the connection.
pub(crate) fn respond(frames: impl Frames, stop: StopSignal, place: OwnedSemaphorePermit) -> HttpResponse {
    let state = (frames, stop, place, LAST_FRAMES);
    let body = stream::unfold(state, |(mut frames, mut stop, place, mut left)| async move {
        if stop.is_stopped() {
            left = left.checked_sub(1)?;
        }
        let next = tokio::select! {
            biased;
            frame = frames.next_frame() => frame,
            () = stop.stopped() => None,
        };
        next.map(|frame| (Ok::<_, Infallible>(frame), (frames, stop, place, left)))
    });
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/event-stream"))
        // nginx would otherwise collect frames before it passes them on.
        .insert_header((HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no")))
        .streaming(body)
}

#[cfg(test)]
mod tests {
    use actix_web::body::to_bytes;

    use super::*;
    use crate::problem::ProblemKind;
    use crate::stop::stop_switch;

    /// One frame, then silence for ever.
    struct Silent(Option<Bytes>);

    impl Frames for Silent {
        async fn next_frame(&mut self) -> Option<Bytes> {
            match self.0.take() {
                Some(frame) => Some(frame),
                None => std::future::pending().await,
            }
        }
    }

    /// So many frames, all at hand, then silence for ever.
    struct Ready(u32);

    impl Frames for Ready {
        async fn next_frame(&mut self) -> Option<Bytes> {
            match self.0.checked_sub(1) {
                Some(left) => {
                    self.0 = left;
                    Some(Bytes::from_static(b":\n\n"))
                }
                None => std::future::pending().await,
            }
        }
    }

    #[actix_rt::test]
    async fn what_was_at_hand_before_the_stop_is_still_sent_but_not_without_end() {
        for (at_hand, sent) in [(3, 3), (u32::MAX, LAST_FRAMES)] {
            let (switch, stop) = stop_switch();
            let place = Places::new(1).admit().expect("one is free");
            switch.stop();
            let body = to_bytes(respond(Ready(at_hand), stop, place).into_body()).await;
            let body = body.expect("the end is no error");
            assert_eq!(body, ":\n\n".repeat(sent as usize));
        }
    }

    #[actix_rt::test]
    async fn a_silent_stream_ends_with_the_switch_and_gives_its_place_back() {
        let streams = Places::new(1);
        let (switch, stop) = stop_switch();
        let place = streams.admit().expect("one is free");
        let refused = streams.admit().expect_err("none is free");
        assert_eq!(refused.kind(), ProblemKind::TooManyStreams);
        let answer = respond(Silent(Some(Bytes::from_static(b": one\n\n"))), stop, place);
        assert_eq!(answer.headers().get("content-type").expect("set"), "text/event-stream");
        let body = actix_rt::spawn(to_bytes(answer.into_body()));
        tokio::task::yield_now().await;
        assert!(!body.is_finished(), "it waits for the next frame");
        switch.stop();
        let body = body.await.expect("no panic").expect("the end is no error");
        assert_eq!(body, ": one\n\n");
        assert!(streams.admit().is_ok());
    }
}
