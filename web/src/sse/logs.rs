//! A container's output as a stream of `log` frames, until the container stops.

use bytes::Bytes;
use claude_hooks_actors::handle::LogStream;
use futures_util::StreamExt as _;
use serde_json::json;
use tokio::time::{Instant, timeout_at};

use super::frame::{comment, frame, greeting, json_frame};
use super::utf8::Utf8Stitch;
use super::{Frames, PING_EVERY};
use crate::problem::Problem;

/// One client's stream: `log` frames `{ "stream": "stdout" | "stderr", "text": … }`, then `end`, or `error` with a
/// problem. The text comes in pieces as the container wrote it, not in lines.
pub(crate) struct LogTail {
    /// `None` once it has ended.
    lines: Option<LogStream>,
    stdout: Utf8Stitch,
    stderr: Utf8Stitch,
    greeted: bool,
    ping_at: Instant,
}

impl LogTail {
    pub(crate) fn new(lines: LogStream) -> Self {
        Self {
            lines: Some(lines),
            stdout: Utf8Stitch::default(),
            stderr: Utf8Stitch::default(),
            greeted: false,
            ping_at: Instant::now() + PING_EVERY,
        }
    }

    /// The next piece; `None` if there is nothing to show of it yet.
    async fn step(&mut self) -> Option<Bytes> {
        let lines = self.lines.as_mut()?;
        match timeout_at(self.ping_at, lines.next()).await {
            Err(_) => Some(comment("ping")),
            Ok(Some(Ok(line))) => {
                let (stream, stitch) =
                    if line.stderr { ("stderr", &mut self.stderr) } else { ("stdout", &mut self.stdout) };
                let text = stitch.push(&line.bytes);
                let data = json!({ "stream": stream, "text": text });
                (!text.is_empty()).then(|| frame("log", None, &data.to_string()))
            }
            Ok(Some(Err(error))) => {
                self.lines = None;
                Some(json_frame("error", None, &Problem::from(error).to_json()))
            }
            Ok(None) => {
                self.lines = None;
                Some(frame("end", None, "{}"))
            }
        }
    }
}

impl Frames for LogTail {
    async fn next_frame(&mut self) -> Option<Bytes> {
        if !self.greeted {
            self.greeted = true;
            return Some(greeting());
        }
        while self.lines.is_some() {
            if let Some(frame) = self.step().await {
                self.ping_at = Instant::now() + PING_EVERY;
                return Some(frame);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use claude_hooks_actors::handle::{LogLine, RuntimeError};
    use futures_util::stream;

    use super::*;

    async fn all(lines: Vec<Result<LogLine, RuntimeError>>) -> String {
        let mut tail = LogTail::new(stream::iter(lines).boxed());
        let mut text = String::new();
        while let Some(frame) = tail.next_frame().await {
            text.push_str(std::str::from_utf8(&frame).expect("frames are text"));
        }
        text
    }

    fn line(stderr: bool, bytes: &'static [u8]) -> LogLine {
        LogLine { stderr, bytes: Bytes::from_static(bytes) }
    }

    #[actix_rt::test]
    async fn output_is_told_by_stream_and_characters_cut_in_two_are_mended() {
        let lines = vec![
            Ok(line(false, b"one \xe2\x82")),
            Ok(line(true, b"two\n\nevent: forged\n")),
            Ok(line(false, b"\xac\n")),
        ];
        insta::assert_snapshot!(all(lines).await);
    }

    #[actix_rt::test]
    async fn a_failure_on_the_way_is_told_and_ends_the_stream() {
        let failure = Err(RuntimeError::Unreachable { detail: "no socket".into() });
        let text = all(vec![Ok(line(false, b"one\n")), failure, Ok(line(false, b"never"))]).await;
        assert!(text.contains("event: error") && text.contains("docker-unreachable"), "{text}");
        assert!(!text.contains("never") && !text.contains("event: end"), "{text}");
    }
}
