//! Health checks inside of containers: our runner by `docker exec`, and the time of the last line that was printed.

use async_trait::async_trait;
use claude_hooks_actors::model::{ContainerId, ProbeEnd};
use claude_hooks_actors::ports::{HealthRuntime, ProbeRequest, RuntimeError};
use jiff::Timestamp;

use super::args;
use super::errors::{Subject, classify};
use super::invoke::Call;
use super::runtime::CliRuntime;
use crate::runner::probe_order;

/// One line may be long, but docker cuts it into pieces of 16 KiB, each with its time.
const LINE_MOST: usize = 1 << 20;

#[async_trait]
impl HealthRuntime for CliRuntime {
    /// The time counts inside; the call has as long again as any other one, for an engine that is slow to begin.
    async fn probe(&self, container: &ContainerId, request: &ProbeRequest) -> Result<ProbeEnd, RuntimeError> {
        let deadline = request.timeout + self.deadlines.change;
        let stdout = self.exec_runner(container, Some(probe_order(request)), &["probe"], deadline).await?;
        // Nothing at all, after an end that docker calls good, is the end of a CLI that was told to go.
        serde_json::from_slice(&stdout).map_err(|error| RuntimeError::Garbled {
            verb: "exec",
            detail: format!("not how a probe ended ({error})"),
        })
    }

    async fn last_output(&self, container: &ContainerId) -> Result<Option<Timestamp>, RuntimeError> {
        let call = Call::look("logs", args::last_line_with_time(container), self.deadlines.look);
        let call = Call { stdout_max: LINE_MOST, stderr_max: LINE_MOST, ..call };
        let finished = self.cli.run(call).await?;
        if !finished.exit.ok() {
            let subject = Subject::Container(container.as_ref());
            return Err(classify("logs", finished.exit, &finished.stderr, subject));
        }
        // The line is on the one of both outputs on which the container printed it.
        let stdout = String::from_utf8_lossy(&finished.stdout);
        let printed = [stdout.as_ref(), finished.stderr.as_str()];
        let times = printed.iter().filter_map(|text| text.split(' ').next()?.parse::<Timestamp>().ok());
        match times.max() {
            None if printed.iter().all(|text| text.trim().is_empty()) => Ok(None),
            None => {
                Err(RuntimeError::Garbled { verb: "logs", detail: "no time before the last line".into() })
            }
            at => Ok(at),
        }
    }
}
