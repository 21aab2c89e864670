//! What a container leaves behind when it ends: its last lines, and room on the disk of its state.

use claude_hooks_actors::model::ObservedContainer;
use claude_hooks_actors::ports::{LastWords, RuntimeError};
use jiff::{SignedDuration, Timestamp};

use super::args;
use super::errors::{Subject, classify};
use super::invoke::Call;
use super::runtime::CliRuntime;

/// Most bytes of the last lines that are kept, from their end.
const TAIL_MOST: usize = 4096;
/// The engine stamps a line when it has read it, which may be after the end of the process that printed it.
const LATE: SignedDuration = SignedDuration::from_millis(500);
/// A few lines may each be long.
const READ_MOST: usize = 4 << 20;

impl CliRuntime {
    pub(super) async fn read_last_words(
        &self,
        container: &ObservedContainer,
    ) -> Result<LastWords, RuntimeError> {
        let disk = async { self.room_of(container.state_volume.as_deref()?).await };
        let (log_tail, disk) = tokio::join!(self.log_tail(container), disk);
        Ok(LastWords { log_tail: log_tail?, disk })
    }

    async fn log_tail(&self, container: &ObservedContainer) -> Result<String, RuntimeError> {
        let finished = container.finished_at.parse::<Timestamp>().ok().filter(|_| container.ever_started());
        let until = finished.and_then(|at| at.checked_add(LATE).ok()).map(|until| until.to_string());
        let call = Call::look("logs", args::last_lines(&container.id, until.as_deref()), self.deadlines.look);
        let call = Call { stdout_max: READ_MOST, stderr_max: READ_MOST, ..call };
        let finished = self.cli.run(call).await?;
        if !finished.exit.ok() {
            return Err(classify(
                "logs",
                finished.exit,
                &finished.stderr,
                Subject::Container(container.id.as_ref()),
            ));
        }
        let printed = format!("{}{}", String::from_utf8_lossy(&finished.stdout), finished.stderr);
        let from = printed.len().saturating_sub(TAIL_MOST);
        let from = (from..printed.len()).find(|at| printed.is_char_boundary(*at)).unwrap_or(printed.len());
        Ok(printed[from..].trim_end().to_owned())
    }
}
