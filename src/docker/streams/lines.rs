//! Lines of bounded length.

use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};

/// An event's line holds all labels of a container; more than this is not one of ours.
const LINE_MAX: usize = 1 << 20;

/// Splits a pipe into lines; longer ones than the bound are skipped with a log line.
#[derive(Debug)]
pub(super) struct Lines<R> {
    pipe: BufReader<R>,
    max: usize,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    pub(super) fn new(pipe: R) -> Self {
        Self { pipe: BufReader::new(pipe), max: LINE_MAX }
    }

    /// The next line without its newline; `None` once the pipe has ended or cannot be read.
    ///
    /// A last line without a newline was cut off and is dropped.
    pub(super) async fn next(&mut self) -> Option<Vec<u8>> {
        let mut line = Vec::new();
        let mut too_long = false;
        loop {
            let buffer = match self.pipe.fill_buf().await {
                Ok([]) => return None,
                Ok(buffer) => buffer,
                Err(error) => {
                    log::warn!(error:% = error; "the output of docker cannot be read");
                    return None;
                }
            };
            let (piece, whole) = match buffer.iter().position(|byte| *byte == b'\n') {
                Some(at) => (&buffer[..at], true),
                None => (buffer, false),
            };
            too_long |= line.len() + piece.len() > self.max;
            if !too_long {
                line.extend_from_slice(piece);
            }
            let used = piece.len() + usize::from(whole);
            self.pipe.consume(used);
            match (whole, too_long) {
                (true, false) => return Some(line),
                (true, true) => {
                    log::warn!(max = self.max; "docker printed a line that is too long; it is skipped");
                    (line, too_long) = (Vec::new(), false);
                }
                (false, _) => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn lines_are_whole_and_bounded() {
        let text = b"one\n\n0123456789x\nlast\ncut off".as_slice();
        let mut lines = Lines { pipe: BufReader::with_capacity(4, text), max: 10 };
        let mut seen = Vec::new();
        while let Some(line) = lines.next().await {
            seen.push(String::from_utf8(line).expect("ascii"));
        }
        assert_eq!(seen, ["one", "", "last"]);
    }
}
