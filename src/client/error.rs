//! Why the daemon did not do what was asked.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Problem;
use super::help::in_words;

/// Why the daemon did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("no daemon answers on {}", socket.display())]
    NoDaemon { socket: PathBuf },
    #[error("no permission to use {}", socket.display())]
    Permission { socket: PathBuf },
    #[error("the daemon on {} did not answer within {after:?}", socket.display())]
    NoAnswer { socket: PathBuf, after: Duration },
    /// The connection broke after the request was sent: it may have been carried out.
    #[error("the connection to the daemon broke: {detail}")]
    Broken { detail: String },
    #[error("the daemon refuses: {0}")]
    Refused(Box<Problem>),
    #[error("what answers on {} is not this daemon, or another version of it: {detail}", socket.display())]
    Garbled { socket: PathBuf, detail: String },
}

impl ClientError {
    /// Nobody listens there: work that can be done alone may be done alone.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::NoDaemon { .. })
    }

    /// Neither the daemon nor, behind it, docker could be reached.
    pub fn is_unreachable(&self) -> bool {
        match self {
            Self::NoDaemon { .. } | Self::Permission { .. } | Self::NoAnswer { .. } | Self::Broken { .. } => {
                true
            }
            Self::Refused(problem) => problem.is_docker_outage(),
            Self::Garbled { .. } => false,
        }
    }

    /// Why, in the daemon's own words where it refused.
    pub fn reason(&self) -> String {
        match self {
            Self::Refused(problem) => problem.to_string(),
            Self::NoDaemon { .. }
            | Self::Permission { .. }
            | Self::NoAnswer { .. }
            | Self::Broken { .. }
            | Self::Garbled { .. } => self.to_string(),
        }
    }

    /// What to do about it.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::NoDaemon { .. } => Some(
                "start it with `claude-hooks serve` (or `systemctl start claude-hooks` where it is a service); if it \
                 runs with another data directory, say which with --data-dir or --socket"
                    .to_owned(),
            ),
            Self::Permission { .. } => {
                Some("run this as the user whose daemon it is; the socket is for that user alone".to_owned())
            }
            Self::NoAnswer { .. } => {
                Some("look at its log; if it hangs, restart it: the containers keep running".to_owned())
            }
            Self::Broken { .. } => {
                Some("a change may have been carried out: look with `claude-hooks agents list`".to_owned())
            }
            Self::Refused(problem) => in_words(problem),
            Self::Garbled { .. } => Some("use the program that the daemon was started from".to_owned()),
        }
    }

    /// What reqwest says of a request, in our words.
    pub(super) fn of_request(error: &reqwest::Error, socket: &Path, after: Duration) -> Self {
        let socket = socket.to_owned();
        if error.is_timeout() {
            return Self::NoAnswer { socket, after };
        }
        if error.is_connect() {
            return match io_kind(error) {
                Some(io::ErrorKind::PermissionDenied) => Self::Permission { socket },
                _ => Self::NoDaemon { socket },
            };
        }
        Self::broken(error)
    }

    pub(super) fn broken(error: &reqwest::Error) -> Self {
        Self::Broken { detail: innermost(error) }
    }
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error as &(dyn std::error::Error + 'static)), |error| error.source())
}

fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
    causes(error).find_map(|cause| cause.downcast_ref::<io::Error>()).map(io::Error::kind)
}

/// The last cause says what happened; the ones around it only who noticed.
fn innermost(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(|| error.to_string(), ToString::to_string)
}
