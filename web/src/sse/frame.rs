//! One frame of a stream as bytes. Pure.

use std::fmt::Write as _;

use bytes::Bytes;
use serde::Serialize;

/// What a client is to wait before it connects again, in milliseconds.
const RETRY_MS: u32 = 2000;

/// A frame of `event` with `data`. A line break of whatever kind in the data begins another `data:` line, so that no
/// text can end the frame or forge a field.
pub(crate) fn frame(event: &'static str, id: Option<u64>, data: &str) -> Bytes {
    let mut text = String::with_capacity(data.len() + 64);
    if let Some(id) = id {
        let _ = writeln!(text, "id: {id}");
    }
    let _ = writeln!(text, "event: {event}");
    for line in data.replace("\r\n", "\n").split(['\n', '\r']) {
        let _ = writeln!(text, "data: {line}");
    }
    text.push('\n');
    text.into()
}

/// A frame whose data is JSON.
pub(crate) fn json_frame(event: &'static str, id: Option<u64>, data: &impl Serialize) -> Bytes {
    match serde_json::to_string(data) {
        Ok(text) => frame(event, id, &text),
        Err(error) => {
            // None of our types can fail, but a stream should not die of the one that does.
            log::error!(event; "an event could not be written as JSON: {error}");
            comment("an event could not be written")
        }
    }
}

/// A line that clients skip.
pub(crate) fn comment(text: &'static str) -> Bytes {
    format!(": {text}\n\n").into()
}

/// What a stream begins with: it makes the headers go out at once and says how soon to come back.
pub(crate) fn greeting() -> Bytes {
    format!("retry: {RETRY_MS}\n\n").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(frame: &Bytes) -> &str {
        std::str::from_utf8(frame).expect("frames are text")
    }

    #[test]
    fn a_frame_has_its_id_its_event_and_ends_with_an_empty_line() {
        assert_eq!(
            text(&frame("container_started", Some(7), "{}")),
            "id: 7\nevent: container_started\ndata: {}\n\n"
        );
        assert_eq!(text(&frame("resync", None, "")), "event: resync\ndata: \n\n");
    }

    #[test]
    fn no_line_break_in_the_data_can_end_a_frame_or_forge_a_field() {
        let frame = frame("log", None, "a\n\nevent: forged\rid: 9\r\nb");
        assert_eq!(
            text(&frame),
            "event: log\ndata: a\ndata: \ndata: event: forged\ndata: id: 9\ndata: b\n\n"
        );
    }
}
