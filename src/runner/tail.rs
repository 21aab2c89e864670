//! The verb that prints what a run has printed. It reads the file only: no reader, however slow, holds up a run.

use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::thread;

use claude_hooks_actors::model::{RunId, RunState};

use super::RunnerError;
use super::records::{LOOK_AGAIN, Tasks};

/// Bytes read at once.
const PIECE: usize = 64 << 10;

/// Prints from byte `offset` on; with `follow`, until the run has ended.
pub(super) fn print(tasks: &Tasks, run: &RunId, offset: u64, follow: bool) -> Result<(), RunnerError> {
    let mut file = tasks.open_output(run)?;
    file.seek(SeekFrom::Start(offset))?;
    let mut out = io::stdout().lock();
    let mut piece = vec![0; PIECE];
    loop {
        // Asked before reading: what was printed until its end is then read below.
        let runs = match tasks.record(run)?.map(|record| record.state) {
            Some(RunState::Running) => follow,
            Some(RunState::Ended { .. } | RunState::Vanished) | None => false,
        };
        loop {
            let count = match file.read(&mut piece)? {
                0 => break,
                count => count,
            };
            match out.write_all(&piece[..count]).and_then(|()| out.flush()) {
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
                written => written?,
            }
        }
        if !runs {
            return Ok(());
        }
        thread::sleep(LOOK_AGAIN);
    }
}
