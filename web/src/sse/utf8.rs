//! Text out of pieces of bytes. Pure.

/// Makes text of a container's output, whose pieces may end within a character. What is no UTF-8 becomes U+FFFD.
#[derive(Debug, Default)]
pub(crate) struct Utf8Stitch {
    /// The beginning of a character, at most three bytes.
    rest: Vec<u8>,
}

impl Utf8Stitch {
    /// The text of what was kept and `bytes`, up to a character that is not complete yet.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> String {
        let mut buffer = std::mem::take(&mut self.rest);
        buffer.extend_from_slice(bytes);
        let mut text = String::with_capacity(buffer.len());
        let mut chunks = buffer.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            text.push_str(chunk.valid());
            let invalid = chunk.invalid();
            let unfinished = std::str::from_utf8(invalid).is_err_and(|error| error.error_len().is_none());
            // Only at the end can the rest still come.
            if unfinished && chunks.peek().is_none() {
                self.rest = invalid.to_vec();
            } else if !invalid.is_empty() {
                text.push(char::REPLACEMENT_CHARACTER);
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_cut_in_two_is_put_together_again() {
        let whole = "aß€🦀z".as_bytes();
        for cut in 0..=whole.len() {
            let mut stitch = Utf8Stitch::default();
            let text = stitch.push(&whole[..cut]) + &stitch.push(&whole[cut..]);
            assert_eq!(text.as_bytes(), whole, "cut at {cut}");
        }
    }

    #[test]
    fn bytes_that_are_no_text_are_replaced_and_never_kept() {
        let mut stitch = Utf8Stitch::default();
        assert_eq!(stitch.push(b"a\xff\xfeb"), "a\u{fffd}\u{fffd}b");
        assert_eq!(stitch.push(b"\xe2\x82"), "");
        assert_eq!(stitch.push(b"x"), "\u{fffd}x");
    }
}
