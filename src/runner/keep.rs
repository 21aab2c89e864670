//! What a run prints: its beginning is kept in a file, all of it is counted.

use std::fs::File;
use std::io::Write as _;
use std::time::{Duration, Instant};

use super::records::OurRun;

/// Between two notes of how much was printed.
const NOTE_EVERY: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Keeper<'a> {
    run: &'a OurRun,
    most: u64,
    pub(super) kept: u64,
    pub(super) printed: u64,
    /// The disk is full: nothing that comes later may stand where this piece is missing.
    full: bool,
    noted: Option<Instant>,
}

impl<'a> Keeper<'a> {
    pub(super) fn new(run: &'a OurRun, most: u64) -> Self {
        Self { run, most, kept: 0, printed: 0, full: false, noted: None }
    }

    pub(super) fn take(&mut self, piece: &[u8]) {
        self.printed += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        let room = usize::try_from(self.most - self.kept).unwrap_or(usize::MAX);
        if !self.full {
            self.write(&piece[..piece.len().min(room)]);
        }
        if self.printed > self.kept && self.noted.is_none_or(|noted| noted.elapsed() >= NOTE_EVERY) {
            self.run.note_printed(self.printed);
            self.noted = Some(Instant::now());
        }
    }

    /// Writes as much as can be written, and counts that.
    fn write(&mut self, mut piece: &[u8]) {
        let mut file: &File = &self.run.output;
        while !piece.is_empty() {
            match file.write(piece) {
                Ok(0) => self.full = true,
                Ok(count) => {
                    self.kept += u64::try_from(count).unwrap_or(u64::MAX);
                    piece = &piece[count..];
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(_) => self.full = true,
            }
            if self.full {
                return;
            }
        }
    }
}
