//! The files of a run, in a directory of its own on the state volume.
//!
//! | file | what |
//! | --- | --- |
//! | `start` | who runs it, since when |
//! | `output` | the beginning of what it printed |
//! | `printed` | how much it printed, once that is more than is kept |
//! | `cancel` | that it is to end, and with which grace |
//! | `result` | the record of a run that has ended |
//!
//! The directory is made under another name and renamed, which of several runners only one can do, and which no kill
//! leaves half done. The result is written to room that was taken beforehand: a task that fills the disk has an end too.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt, FileExt as _, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use claude_hooks_actors::model::{RunCause, RunId, RunRecord, RunState};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::RunnerError;
use super::procfs::{self, Process};

/// Between two looks at a run that somebody waits for.
pub(super) const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// What a directory is called while it is made; a run's name begins with no dot.
pub(super) const UNFINISHED: &str = ".new-";

pub(super) const START: &str = "start";
pub(super) const OUTPUT: &str = "output";
pub(super) const PRINTED: &str = "printed";
const CANCEL: &str = "cancel";
pub(super) const RESULT: &str = "result";
const RESULT_ROOM: &str = "result.new";
/// A block of every usual file system.
const ROOM: usize = 4096;
/// A process that was killed: what is said of one that was cancelled before it began.
const TERMINATED: i64 = 128 + 15;

/// The content of `start`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Start {
    started_at: Timestamp,
    pub(super) runner: Option<Process>,
    /// Of the container.
    life: Option<u64>,
}

impl Start {
    fn now() -> Self {
        Self { started_at: Timestamp::now(), runner: Process::this(), life: procfs::life() }
    }

    /// The runner, if it lives, in this life of the container.
    pub(super) fn living(&self) -> Option<Process> {
        self.runner.filter(|runner| self.life == procfs::life() && runner.lives())
    }
}

/// All runs of a container.
#[derive(Clone, Debug)]
pub(super) struct Tasks {
    pub(super) dir: PathBuf,
}

/// Whose a run is.
pub(super) enum Claim {
    Ours(OurRun),
    /// It was begun before.
    Known,
}

impl Tasks {
    pub(super) fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    pub(super) fn run_dir(&self, run: &RunId) -> PathBuf {
        self.dir.join(run.as_ref())
    }

    pub(super) fn claim(&self, run: &RunId) -> Result<Claim, RunnerError> {
        let start = Start::now();
        match self.make(run, &start, None)? {
            Some(output) => Ok(Claim::Ours(OurRun {
                run: run.clone(),
                dir: self.run_dir(run),
                started_at: start.started_at,
                output,
            })),
            None => Ok(Claim::Known),
        }
    }

    /// A run that was cancelled before it began: when it comes, it has ended. False: it has begun.
    pub(super) fn forestall(&self, run: &RunId) -> Result<bool, RunnerError> {
        let start = Start { runner: None, ..Start::now() };
        let ended = RunState::Ended {
            cause: RunCause::Cancelled,
            exit_code: TERMINATED,
            detail: Some("it was cancelled before it began".into()),
            ended_at: start.started_at,
        };
        let record = RunRecord {
            run: run.clone(),
            state: ended,
            started_at: start.started_at,
            output_bytes: 0,
            kept_bytes: 0,
        };
        self.make(run, &start, Some(&record)).map(|made| made.is_some())
    }

    /// Makes the directory of a run, durably; `None`: it is there already.
    fn make(
        &self,
        run: &RunId,
        start: &Start,
        result: Option<&RunRecord>,
    ) -> Result<Option<File>, RunnerError> {
        let dir = self.run_dir(run);
        if dir.exists() {
            return Ok(None);
        }
        let failed = || RunnerError::io("make", &dir);
        DirBuilder::new().recursive(true).mode(0o700).create(&self.dir).map_err(failed())?;
        let new = self.dir.join(format!("{UNFINISHED}{run}-{}", std::process::id()));
        match DirBuilder::new().mode(0o700).create(&new) {
            // Of a runner of an earlier life of this container, with our number.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                fs::remove_dir_all(&new)
                    .and_then(|()| DirBuilder::new().mode(0o700).create(&new))
                    .map_err(failed())?;
            }
            made => made.map_err(failed())?,
        }
        let made = fill(&new, start, result).and_then(|output| {
            fs::rename(&new, &dir)?;
            sync(&self.dir)?;
            Ok(output)
        });
        match made {
            Ok(output) => Ok(Some(output)),
            Err(error) => {
                // One that cannot be removed goes when it is old.
                drop(fs::remove_dir_all(&new));
                // Another runner was first: a directory that has files in it is never replaced.
                if dir.exists() { Ok(None) } else { Err(failed()(error)) }
            }
        }
    }

    /// What is recorded now; `None`: it never began.
    pub(super) fn record(&self, run: &RunId) -> Result<Option<RunRecord>, RunnerError> {
        if let Some(record) = self.result(run)? {
            return Ok(Some(record));
        }
        let Some(start) = self.start(run)? else { return Ok(None) };
        if start.living().is_some() {
            return Ok(Some(self.unfinished(run, &start, RunState::Running)));
        }
        // It may have ended between the two looks.
        match self.result(run)? {
            Some(record) => Ok(Some(record)),
            None => Ok(Some(self.unfinished(run, &start, RunState::Vanished))),
        }
    }

    /// The record once the run has ended or vanished; `None`: it never began.
    pub(super) fn follow(&self, run: &RunId) -> Result<Option<RunRecord>, RunnerError> {
        loop {
            let record = self.record(run)?;
            match record.as_ref().map(|record| &record.state) {
                Some(RunState::Running) => thread::sleep(LOOK_AGAIN),
                Some(RunState::Ended { .. } | RunState::Vanished) | None => return Ok(record),
            }
        }
    }

    pub(super) fn start(&self, run: &RunId) -> Result<Option<Start>, RunnerError> {
        read(&self.run_dir(run).join(START))
    }

    fn result(&self, run: &RunId) -> Result<Option<RunRecord>, RunnerError> {
        read(&self.run_dir(run).join(RESULT))
    }

    fn unfinished(&self, run: &RunId, start: &Start, state: RunState) -> RunRecord {
        let dir = self.run_dir(run);
        let kept = fs::metadata(dir.join(OUTPUT)).map_or(0, |file| file.len());
        let printed = fs::read_to_string(dir.join(PRINTED)).ok();
        without_result(run, start, state, kept, printed.as_deref())
    }

    /// Asks the runner of a run to end it; it looks for this when it gets SIGTERM.
    pub(super) fn ask_to_cancel(&self, run: &RunId, grace: Duration) -> Result<(), RunnerError> {
        let path = self.run_dir(run).join(CANCEL);
        let new = path.with_extension(format!("new-{}", std::process::id()));
        let written = create(&new)
            .and_then(|mut file| write!(file, "{}", grace.as_millis()))
            .and_then(|()| fs::rename(&new, &path));
        written.map_err(RunnerError::io("write", &path))
    }

    pub(super) fn open_output(&self, run: &RunId) -> Result<File, RunnerError> {
        let path = self.run_dir(run).join(OUTPUT);
        match File::open(&path) {
            Ok(file) => Ok(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(RunnerError::NoRun(run.clone())),
            Err(error) => Err(RunnerError::io("open", &path)(error)),
        }
    }
}

/// A run that this process has claimed.
#[derive(Debug)]
pub(super) struct OurRun {
    pub(super) run: RunId,
    pub(super) dir: PathBuf,
    pub(super) started_at: Timestamp,
    pub(super) output: File,
}

impl OurRun {
    /// The grace, if somebody asked for the end.
    pub(super) fn cancelled(&self) -> Option<Duration> {
        let text = fs::read_to_string(self.dir.join(CANCEL)).ok()?;
        Some(Duration::from_millis(text.trim().parse().unwrap_or(0)))
    }

    /// How much was printed beyond what is kept. Lost or half written it is only a wrong number of a run that goes on.
    pub(super) fn note_printed(&self, bytes: u64) {
        drop(fs::write(self.dir.join(PRINTED), format!("{bytes:020}")));
    }

    /// Records the end, durably: whoever sees a result sees all of it and all that was kept.
    pub(super) fn finish(&self, record: &RunRecord) -> Result<(), RunnerError> {
        let path = self.dir.join(RESULT);
        write_result(&self.dir, record).map_err(RunnerError::io("write", &path))?;
        // A file system that cannot say that it is on the disk does not make the record less true.
        drop(self.output.sync_data());
        fs::rename(self.dir.join(RESULT_ROOM), &path)
            .and_then(|()| sync(&self.dir))
            .map_err(RunnerError::io("write", &path))
    }
}

/// The record of a run that goes on or vanished, from what is in its files.
pub(super) fn without_result(
    run: &RunId,
    start: &Start,
    state: RunState,
    kept: u64,
    printed: Option<&str>,
) -> RunRecord {
    let printed = printed.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    RunRecord {
        run: run.clone(),
        state,
        started_at: start.started_at,
        output_bytes: kept.max(printed),
        kept_bytes: kept,
    }
}

/// The files of a new directory.
fn fill(dir: &Path, start: &Start, result: Option<&RunRecord>) -> io::Result<File> {
    let mut file = create(&dir.join(START))?;
    file.write_all(&serde_json::to_vec(start).expect("a start has only plain values"))?;
    file.sync_all()?;
    create(&dir.join(RESULT_ROOM))?.write_all(&[b' '; ROOM])?;
    if let Some(result) = result {
        write_result(dir, result)?;
        fs::rename(dir.join(RESULT_ROOM), dir.join(RESULT))?;
    }
    let output = create(&dir.join(OUTPUT))?;
    sync(dir)?;
    Ok(output)
}

fn write_result(dir: &Path, record: &RunRecord) -> io::Result<()> {
    let json = serde_json::to_vec(record).expect("a record has only plain values");
    let file = OpenOptions::new().write(true).open(dir.join(RESULT_ROOM))?;
    file.write_all_at(&json, 0)?;
    file.set_len(u64::try_from(json.len()).unwrap_or(u64::MAX))?;
    file.sync_all()
}

fn create(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(true).mode(0o600).open(path)
}

fn sync(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<Option<T>, RunnerError> {
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(RunnerError::io("read", path)(error)),
    };
    let garbled =
        |error: serde_json::Error| RunnerError::Garbled { path: path.to_owned(), detail: error.to_string() };
    serde_json::from_slice(&bytes).map(Some).map_err(garbled)
}
