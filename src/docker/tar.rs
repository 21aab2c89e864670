//! The archive that `docker cp … -` prints, as far as a few small files need: names, sizes, contents, in order.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _};

const BLOCK: usize = 512;
const NAME: std::ops::Range<usize> = 0..100;
const SIZE: std::ops::Range<usize> = 124..136;
const TYPE: usize = 156;

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Behind the last slash.
    pub(super) name: String,
    pub(super) bytes: u64,
    /// A plain file; everything else has no content of interest.
    pub(super) is_file: bool,
}

#[derive(Debug)]
pub(super) struct Tar<R> {
    pipe: R,
    /// Of the current entry's content.
    left: u64,
    /// What fills its last block.
    padding: u64,
}

impl<R: AsyncRead + Unpin> Tar<R> {
    pub(super) fn new(pipe: R) -> Self {
        Self { pipe, left: 0, padding: 0 }
    }

    /// The next entry; what was not read of the one before is passed over. `None` at the end.
    pub(super) async fn next(&mut self) -> io::Result<Option<Entry>> {
        self.skip(self.left + self.padding).await?;
        let mut header = [0; BLOCK];
        match self.pipe.read_exact(&mut header[..1]).await {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
            read => read?,
        };
        self.pipe.read_exact(&mut header[1..]).await?;
        if header.iter().all(|byte| *byte == 0) {
            // Nothing follows, but a writer that is left alone with it would fail.
            tokio::io::copy(&mut self.pipe, &mut tokio::io::sink()).await?;
            (self.left, self.padding) = (0, 0);
            return Ok(None);
        }
        let text = |range: std::ops::Range<usize>| {
            let field = header[range].split(|byte| *byte == 0).next().unwrap_or_default();
            String::from_utf8_lossy(field).into_owned()
        };
        let size = text(SIZE);
        let bytes = u64::from_str_radix(size.trim(), 8)
            .map_err(|_| io::Error::other(format!("the size {size:?} is not octal")))?;
        let path = text(NAME);
        let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default().to_owned();
        self.left = bytes;
        self.padding = bytes.next_multiple_of(BLOCK as u64) - bytes;
        Ok(Some(Entry { name, bytes, is_file: matches!(header[TYPE], b'0' | 0) }))
    }

    /// The next piece of the current entry's content; 0 at its end.
    pub(super) async fn read(&mut self, piece: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(piece.len());
        if most == 0 {
            return Ok(0);
        }
        let count = self.pipe.read(&mut piece[..most]).await?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= count as u64;
        Ok(count)
    }

    /// Passes over so much of the current entry's content.
    pub(super) async fn pass(&mut self, bytes: u64) -> io::Result<()> {
        let bytes = bytes.min(self.left);
        self.skip(bytes).await?;
        self.left -= bytes;
        Ok(())
    }

    async fn skip(&mut self, bytes: u64) -> io::Result<()> {
        let skipped = tokio::io::copy(&mut (&mut self.pipe).take(bytes), &mut tokio::io::sink()).await?;
        if skipped == bytes { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

#[cfg(test)]
mod tests;
