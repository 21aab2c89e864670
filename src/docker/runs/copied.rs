//! Records of a container in which nothing can be executed: `docker cp` reads its volume all the same.

use std::io;

use bytes::Bytes;
use claude_hooks_actors::model::{ContainerId, RunId, RunRecord, RunState};
use claude_hooks_actors::ports::{OutputStream, RuntimeError};
use futures_util::{StreamExt, stream};
use tokio::process::ChildStdout;
use tokio::task::JoinHandle;

use super::super::args;
use super::super::errors::{Subject, classify};
use super::super::group::Group;
use super::super::invoke::Running;
use super::super::runtime::CliRuntime;
use super::super::streams::{collect, ended};
use super::super::tar::Tar;
use super::{missing, no_run};
use crate::runner::{Found, Wanted};

const VERB: &str = "cp";
/// More than any file of a record but the output.
const FILE_MOST: u64 = 64 << 10;
/// Bytes of one piece of output.
const PIECE: usize = 64 << 10;
/// How docker says that a container holds no such file: a new CLI, and an old one, of which it may also mean the container.
const NO_FILE: [&str; 2] = ["could not find the file", "no such container:path"];

/// A `docker cp` under way.
struct Copy {
    tar: Tar<ChildStdout>,
    group: Group,
    errors: JoinHandle<String>,
}

/// Why a copy has not given all that it was asked for.
enum Failed {
    /// There is no such file; perhaps, because there is no such container.
    NoFile,
    Otherwise(RuntimeError),
}

impl CliRuntime {
    fn copy(&self, id: &ContainerId, run: &RunId, file: &str) -> Result<Copy, RuntimeError> {
        let args = args::copy_record(id, run, file);
        let Running { group, stdout, stderr } = self.cli.stream(VERB, &args, &self.cli.environment)?;
        Ok(Copy { tar: Tar::new(stdout), group, errors: collect(stderr) })
    }

    /// The record of a run; without a result it is in `state`. `None`: it never began.
    pub(super) async fn copied_record(
        &self,
        id: &ContainerId,
        run: &RunId,
        state: RunState,
    ) -> Result<Option<RunRecord>, RuntimeError> {
        let mut copy = self.copy(id, run, "")?;
        let deadline = self.deadlines.change;
        let work = async {
            let found = find(&mut copy.tar).await;
            copy.end(id, found).await
        };
        let Ok(found) = tokio::time::timeout(deadline, work).await else {
            return Err(RuntimeError::Timeout { verb: VERB, after: deadline });
        };
        match found {
            Ok(found) => found.record(run, state).map_err(garbled),
            Err(Failed::NoFile) if self.look_at_one(id).await?.is_none() => Err(missing(id)),
            Err(Failed::NoFile) => Ok(None),
            Err(Failed::Otherwise(error)) => Err(error),
        }
    }

    /// What is kept of the output, from byte `offset` on.
    pub(super) fn copied_output(
        &self,
        id: &ContainerId,
        run: &RunId,
        offset: u64,
    ) -> Result<OutputStream, RuntimeError> {
        let copy = self.copy(id, run, "output")?;
        let output = Output { copy, container: id.clone(), run: run.clone(), offset, begun: false };
        let next = |output: Option<Output>| async move { output?.next().await };
        Ok(stream::unfold(Some(output), next).boxed())
    }
}

/// Reads the files of a record and passes over the rest.
async fn find(tar: &mut Tar<ChildStdout>) -> io::Result<Found> {
    let mut found = Found::default();
    while let Some(entry) = tar.next().await? {
        if !entry.is_file {
            continue;
        }
        if let Wanted::Content(content) = found.file(&entry.name, entry.bytes) {
            if entry.bytes > FILE_MOST {
                return Err(io::Error::other(format!("{} has {} bytes", entry.name, entry.bytes)));
            }
            let mut piece = [0; 4096];
            loop {
                match tar.read(&mut piece).await? {
                    0 => break,
                    count => content.extend_from_slice(&piece[..count]),
                }
            }
        }
    }
    Ok(found)
}

impl Copy {
    /// What came of it: docker's own complaint explains an archive that was cut off.
    async fn end<T>(self, id: &ContainerId, read: io::Result<T>) -> Result<T, Failed> {
        let Self { mut group, errors, tar } = self;
        // A CLI that still writes to us would not end.
        drop(tar);
        let (exit, stderr) = ended(&mut group, errors).await;
        match read {
            Ok(read) if exit.ok() => return Ok(read),
            Err(error) if exit.ok() => return Err(Failed::Otherwise(garbled(error.to_string()))),
            Ok(_) | Err(_) => {}
        }
        let lower = stderr.to_lowercase();
        if NO_FILE.iter().any(|text| lower.contains(text)) {
            return Err(Failed::NoFile);
        }
        Err(Failed::Otherwise(classify(VERB, exit, &stderr, Subject::Container(id.as_ref()))))
    }
}

struct Output {
    copy: Copy,
    container: ContainerId,
    run: RunId,
    offset: u64,
    /// The archive has come to the file.
    begun: bool,
}

impl Output {
    /// The next piece; a copy that fails gives one error at the end.
    async fn next(mut self) -> Option<(Result<Bytes, RuntimeError>, Option<Self>)> {
        match self.piece().await {
            Ok(piece) if !piece.is_empty() => Some((Ok(piece), Some(self))),
            read => {
                let run = self.run;
                let error = match self.copy.end(&self.container, read).await {
                    Ok(_) => return None,
                    Err(Failed::NoFile) => no_run(&run),
                    Err(Failed::Otherwise(error)) => error,
                };
                Some((Err(error), None))
            }
        }
    }

    /// Empty at the end.
    async fn piece(&mut self) -> io::Result<Bytes> {
        let tar = &mut self.copy.tar;
        while !self.begun {
            let Some(entry) = tar.next().await? else { return Ok(Bytes::new()) };
            if entry.is_file {
                tar.pass(self.offset).await?;
                self.begun = true;
            }
        }
        let mut piece = vec![0; PIECE];
        let count = tar.read(&mut piece).await?;
        piece.truncate(count);
        if count == 0 {
            // To the end of the archive, so that docker ends well.
            while tar.next().await?.is_some() {}
        }
        Ok(piece.into())
    }
}

fn garbled(detail: String) -> RuntimeError {
    RuntimeError::Garbled { verb: VERB, detail }
}
