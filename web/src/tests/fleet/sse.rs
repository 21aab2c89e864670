//! A client of a stream, as a browser is one: frames one by one, as they come.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::world::{PATIENCE, World};
use crate::tests::client::TOKEN;

/// One frame; a comment has no event and no data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Frame {
    pub(super) id: Option<u64>,
    pub(super) event: String,
    pub(super) data: String,
}

impl Frame {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// An open stream; closed when dropped.
pub(super) struct Sse {
    connection: TcpStream,
    pub(super) head: String,
    /// Of the connection, not yet taken out of its chunks.
    raw: Vec<u8>,
    /// Of the stream, not yet a whole frame.
    text: Vec<u8>,
    ended: bool,
}

impl Sse {
    /// Opens a stream and reads its head; `more` are header lines.
    pub(super) fn open(world: &World, path: &str, more: &str) -> Self {
        let mut connection = TcpStream::connect(world.server.address).expect("the server listens");
        connection.set_read_timeout(Some(Duration::from_millis(100))).expect("a stream takes a time limit");
        let host = world.server.address;
        let request = format!(
            "GET /api/v1/{path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {TOKEN}\r\n\
             Accept: text/event-stream\r\n{more}\r\n"
        );
        connection.write_all(request.as_bytes()).expect("the server reads");
        let mut stream =
            Self { connection, head: String::new(), raw: Vec::new(), text: Vec::new(), ended: false };
        let end = Instant::now() + PATIENCE;
        while stream.head.is_empty() {
            assert!(Instant::now() < end, "the server answers");
            stream.read();
            if let Some(at) = find(&stream.raw, b"\r\n\r\n") {
                let head: Vec<u8> = stream.raw.drain(..at + 4).collect();
                stream.head = String::from_utf8(head).expect("a head is text");
            }
        }
        assert!(stream.head.starts_with("HTTP/1.1 200"), "{}", stream.head);
        assert!(stream.head.to_lowercase().contains("content-type: text/event-stream"), "{}", stream.head);
        stream
    }

    /// The next frame but for comments and the greeting; `None` once the stream has ended.
    pub(super) fn next(&mut self) -> Option<Frame> {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(at) = find(&self.text, b"\n\n") {
                let frame: Vec<u8> = self.text.drain(..at + 2).collect();
                let frame = parse(&String::from_utf8(frame).expect("frames are text"));
                if frame.event.is_empty() {
                    continue;
                }
                return Some(frame);
            }
            if self.ended {
                return None;
            }
            assert!(Instant::now() < end, "no frame within {PATIENCE:?}");
            self.read();
        }
    }

    /// The next frame that is wanted; the others are passed over.
    pub(super) fn wait_for(&mut self, what: &str, wanted: impl Fn(&Frame) -> bool) -> Frame {
        let end = Instant::now() + PATIENCE;
        let mut passed = Vec::new();
        while Instant::now() < end {
            let frame = self.next().unwrap_or_else(|| panic!("the stream ended before {what}: {passed:#?}"));
            if wanted(&frame) {
                return frame;
            }
            passed.push(frame);
        }
        panic!("not within {PATIENCE:?}: {what}; instead: {passed:#?}")
    }

    /// The next `count` events of the log: those frames that have a number of their own.
    pub(super) fn events(&mut self, count: usize) -> Vec<Frame> {
        let mut events = Vec::new();
        while events.len() < count {
            events.push(self.wait_for("another event", is_event));
        }
        events
    }

    fn read(&mut self) {
        let mut piece = [0_u8; 4096];
        match self.connection.read(&mut piece) {
            Ok(0) => self.ended = true,
            Ok(count) => self.raw.extend_from_slice(&piece[..count]),
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {}
            Err(error) => panic!("{error}"),
        }
        if !self.head.is_empty() {
            self.unchunk();
        }
    }

    fn unchunk(&mut self) {
        while let Some(at) = find(&self.raw, b"\r\n") {
            let size = std::str::from_utf8(&self.raw[..at]).expect("a chunk's size is text");
            let size = usize::from_str_radix(size, 16).expect("a chunk's size is a number");
            if self.raw.len() < at + 2 + size + 2 {
                return;
            }
            let chunk: Vec<u8> = self.raw.drain(..at + 2 + size + 2).collect();
            self.text.extend_from_slice(&chunk[at + 2..at + 2 + size]);
            self.ended |= size == 0;
        }
    }
}

/// Whether the frame is an event of the log.
pub(super) fn is_event(frame: &Frame) -> bool {
    frame.id.is_some() && frame.event != "snapshot"
}

fn parse(text: &str) -> Frame {
    let mut frame = Frame::default();
    for line in text.lines() {
        let (field, value) = line.split_once(": ").unwrap_or((line, ""));
        match field {
            "id" => frame.id = Some(value.parse().expect("an id is a number")),
            "event" => value.clone_into(&mut frame.event),
            "data" => frame.data.push_str(value),
            _ => {}
        }
    }
    frame
}

fn find(bytes: &[u8], pattern: &[u8]) -> Option<usize> {
    bytes.windows(pattern.len()).position(|window| window == pattern)
}
