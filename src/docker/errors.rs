//! What a failed call means, decided once, from what the CLI printed and how it ended. Pure.

use std::fmt;

use claude_hooks_actors::ports::RuntimeError;

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exit {
    Code(i32),
    Signal(i32),
}

impl Exit {
    pub(super) fn ok(self) -> bool {
        self == Self::Code(0)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit code {code}"),
            Self::Signal(signal) => write!(f, "killed by signal {signal}"),
        }
    }
}

/// What a call was about, for the text of its error.
#[derive(Clone, Copy, Debug)]
pub(super) enum Subject<'a> {
    /// The engine or the fleet as a whole.
    Engine,
    Container(&'a str),
    Volume(&'a str),
    Image(&'a str),
}

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Engine => f.write_str("what docker was asked for"),
            Self::Container(name) => write!(f, "container {name}"),
            Self::Volume(name) => write!(f, "volume {name}"),
            Self::Image(name) => write!(f, "image {name}"),
        }
    }
}

/// Longest text of docker's in an error, in bytes.
const DETAIL_MAX: usize = 2048;

/// The CLI could not talk to the engine because of permissions.
const PERMISSION: [&str; 2] = ["permission denied while trying to connect", "connect: permission denied"];
/// The CLI could not talk to the engine at all, or lost it.
const UNREACHABLE: [&str; 11] = [
    "cannot connect to the docker daemon",
    "failed to connect to the docker api",
    "error during connect",
    "unable to resolve docker endpoint",
    "unable to parse docker host",
    "is the docker daemon running",
    "error waiting for container",
    "cannot connect to podman",
    "unable to connect to podman",
    "connection reset by peer",
    "unexpected eof",
];
const NO_SPACE: [&str; 2] = ["no space left on device", "disk quota exceeded"];
const NO_IMAGE: [&str; 6] = [
    "no such image",
    "image not known",
    "manifest unknown",
    "pull access denied",
    "repository does not exist",
    "manifest for ",
];
const NO_CONTAINER: [&str; 2] = ["no such container", "no such object"];
const NO_VOLUME: [&str; 1] = ["no such volume"];
const CONFLICT: [&str; 20] = [
    "conflict. the container name",
    "is already in use by",
    "name is already in use",
    "container already exists",
    "unable to remove repository reference",
    "volume is in use",
    "volume is being used",
    // Of a running, paused or restarting one.
    "stop the container before",
    "container is running",
    "as it is running",
    "is already in progress",
    "is marked for removal",
    "is not paused",
    "cannot start a paused container",
    "container that is paused",
    "container state improper",
    // Of an exec.
    "is not running",
    "unpause the container before exec",
    "wait until the container is running",
    "cannot exec in a",
];

/// Says what went wrong with a call that did not succeed.
pub(super) fn classify(verb: &'static str, exit: Exit, stderr: &str, subject: Subject<'_>) -> RuntimeError {
    let detail = detail(stderr);
    let text = detail.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    // What the engine itself answered is never an outage, whatever it could not reach in its turn (a registry).
    let answered = text.contains("error response from daemon");
    if !answered && says(&PERMISSION) {
        return RuntimeError::Permission { detail };
    }
    if !answered && says(&UNREACHABLE) {
        return RuntimeError::Unreachable { detail };
    }
    if says(&NO_SPACE) {
        return RuntimeError::NoSpace { detail };
    }
    match subject {
        Subject::Image(image) if says(&NO_IMAGE) => {
            RuntimeError::NoSuchImage { image: image.to_owned(), detail }
        }
        Subject::Container(_) if says(&NO_CONTAINER) => RuntimeError::NotFound { what: subject.to_string() },
        Subject::Volume(_) if says(&NO_VOLUME) => RuntimeError::NotFound { what: subject.to_string() },
        _ if says(&CONFLICT) => RuntimeError::Conflict { detail },
        _ => RuntimeError::Other { verb, code: exit.to_string(), stderr: detail },
    }
}

/// True for lines that a call prints beside its work: advice and warnings.
pub(super) fn is_noise(line: &str) -> bool {
    let line = line.trim();
    line.is_empty()
        || line.to_lowercase().starts_with("warning:")
        || (line.starts_with("time=") && line.contains("level=warning"))
        || (line.starts_with("See '") || line.starts_with("Run '")) && line.contains("--help'")
}

/// Docker's own words on one line, without its advice, cut at a bound.
fn detail(stderr: &str) -> String {
    let lines: Vec<&str> = stderr.lines().map(str::trim).filter(|line| !is_noise(line)).collect();
    let mut text = lines.join("; ");
    if text.len() > DETAIL_MAX {
        let end = text.floor_char_boundary(DETAIL_MAX);
        text.truncate(end);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests;
