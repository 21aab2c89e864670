//! How a command can end badly, and with which exit code.

use std::io::{self, Write};
use std::process::ExitCode;

use crate::client::ClientError;
use crate::config::ConfigError;
use crate::daemon::DaemonError;
use crate::logging::LoggingError;
use crate::store::BackupError;

use super::text::plain;

/// The exit codes of the program; 69 and 75 are `EX_UNAVAILABLE` and `EX_TEMPFAIL` of sysexits.h.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Done,
    Failed,
    Usage,
    /// Docker or the daemon cannot be reached.
    Unreachable,
    /// Another daemon holds the data directory.
    Held,
    /// That of a task.
    Task(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Unreachable => 69,
            Exit::Held => 75,
            Exit::Task(code) => code,
        })
    }
}

#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Daemon(#[from] DaemonError),
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error("cannot write the output: {0}")]
    Output(#[from] io::Error),
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Logging(#[from] LoggingError),
    #[error("{0}")]
    Said(String),
    /// What failed was told already, beside what did not.
    #[error("not everything was done")]
    Told(Exit),
}

impl Failure {
    pub(super) fn exit(&self) -> Exit {
        match self {
            Self::Client(error) if error.is_unreachable() => Exit::Unreachable,
            // `claude-hooks … | head`: whoever read has had enough.
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Self::Config(_)
            | Self::Client(_)
            | Self::Backup(_)
            | Self::Said(_)
            | Self::Output(_)
            | Self::Logging(LoggingError::Journal(_)) => Exit::Failed,
            Self::Daemon(error) => error.exit(),
            Self::Usage(_) | Self::Logging(LoggingError::Level(_)) => Exit::Usage,
            Self::Told(exit) => *exit,
        }
    }

    /// Says what is wrong and what to do, each on a line of its own. A stderr that nobody reads is no further failure.
    pub(super) fn tell(&self, stderr: &mut dyn Write) -> Exit {
        let exit = self.exit();
        if matches!(self, Self::Told(_)) || exit == Exit::Done {
            return exit;
        }
        let _ = writeln!(stderr, "error: {}", plain(&self.to_string()));
        if let Self::Client(error) = self
            && let Some(help) = error.help()
        {
            let _ = writeln!(stderr, "help: {}", plain(&help));
        }
        exit
    }
}
