//! The record of a run, from the files of its directory as somebody else found them: its container does not run.

use claude_hooks_actors::model::{RunId, RunRecord, RunState};

use super::records::{OUTPUT, PRINTED, RESULT, START, Start, without_result};

/// The files of a run's directory.
#[derive(Debug, Default)]
pub(crate) struct Found {
    start: Option<Vec<u8>>,
    result: Option<Vec<u8>>,
    printed: Option<Vec<u8>>,
    kept_bytes: u64,
}

/// What is wanted of a file.
#[derive(Debug)]
pub(crate) enum Wanted<'a> {
    Content(&'a mut Vec<u8>),
    Nothing,
}

impl Found {
    /// Takes note of a file, and says what is wanted of it.
    pub(crate) fn file(&mut self, name: &str, bytes: u64) -> Wanted<'_> {
        let place = match name {
            START => &mut self.start,
            RESULT => &mut self.result,
            PRINTED => &mut self.printed,
            OUTPUT => {
                self.kept_bytes = bytes;
                return Wanted::Nothing;
            }
            _ => return Wanted::Nothing,
        };
        Wanted::Content(place.insert(Vec::new()))
    }

    /// The record; a run without a result is in `state`. `None`: it never began.
    pub(crate) fn record(&self, run: &RunId, state: RunState) -> Result<Option<RunRecord>, String> {
        let not_ours = |error: serde_json::Error| format!("the record of {run} is not one of ours: {error}");
        if let Some(result) = &self.result {
            return serde_json::from_slice(result).map(Some).map_err(not_ours);
        }
        let Some(start) = &self.start else { return Ok(None) };
        let start: Start = serde_json::from_slice(start).map_err(not_ours)?;
        let printed = self.printed.as_deref().and_then(|bytes| std::str::from_utf8(bytes).ok());
        Ok(Some(without_result(run, &start, state, self.kept_bytes, printed)))
    }
}
