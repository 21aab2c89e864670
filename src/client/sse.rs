//! Server-sent events, as the HTML standard has them parsed.

/// One event of a stream.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    pub id: Option<String>,
    /// `message` if the stream names none.
    pub event: String,
    /// Several `data` lines joined by newlines.
    pub data: String,
}

/// Takes bytes as they come, in pieces of any size, and gives whole frames.
#[derive(Debug, Default)]
pub struct SseParser {
    /// Of the line that is not yet complete.
    rest: Vec<u8>,
    /// The last byte was a carriage return, so a line feed to come belongs to it.
    after_return: bool,
    id: Option<String>,
    event: Option<String>,
    data: Option<String>,
}

impl SseParser {
    pub fn push(&mut self, bytes: &[u8]) -> Vec<Frame> {
        let mut frames = Vec::new();
        for &byte in bytes {
            let swallowed = byte == b'\n' && std::mem::take(&mut self.after_return);
            if swallowed {
                continue;
            }
            self.after_return = byte == b'\r';
            if byte == b'\n' || byte == b'\r' {
                let line = std::mem::take(&mut self.rest);
                frames.extend(self.line(&String::from_utf8_lossy(&line)));
            } else {
                self.rest.push(byte);
            }
        }
        frames
    }

    fn line(&mut self, line: &str) -> Option<Frame> {
        if line.is_empty() {
            // The id outlives its frame: a later frame without one has the same.
            let event = self.event.take().unwrap_or_else(|| "message".to_owned());
            let data = self.data.take()?;
            return Some(Frame { id: self.id.clone(), event, data });
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "id" => self.id = Some(value.to_owned()),
            "event" => self.event = Some(value.to_owned()),
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            // Comments (a ping) have an empty field; `retry` is for browsers.
            _ => {}
        }
        None
    }
}
