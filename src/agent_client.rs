//! `/.claude-hooks/runner agent …`: how an agent tells of itself, from inside its container.
//!
//! This same program is mounted there, so an image needs no shell and no curl. It speaks a few lines of HTTP to the socket
//! beside it; who speaks is known by the socket, so nothing here says a name.

use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::thread;
use std::time::{Duration, Instant};

use claude_hooks_actors::model::{AGENT_DIR, AGENT_SOCKET};
use serde_json::Value;

mod words;

use words::Asked;

/// The verb under which the program finds itself to be the agent's.
const VERB: &str = "agent";
/// The socket is there a moment after the container, and after the daemon.
const PATIENCE: Duration = Duration::from_secs(3);
const AGAIN: Duration = Duration::from_millis(100);
/// How long an answer may take.
const ANSWER: Duration = Duration::from_secs(30);
/// More than any answer has.
const ANSWER_BYTES: u64 = 1024 * 1024;
/// Exit code: the supervisor cannot be reached, as everywhere else.
const UNREACHABLE: u8 = 69;

#[derive(Debug, thiserror::Error)]
enum ClientError {
    #[error(
        "there is no socket {}: this agent has none. The operator turns it on in agents.json, for the type: \
         \"container\": {{ \"agent_socket\": true }}", .0.display()
    )]
    NoSocket(PathBuf),
    #[error("the supervisor does not answer at {}: {source}. It may be stopped; try again later", path.display())]
    Away { path: PathBuf, source: io::Error },
    #[error("the supervisor's answer cannot be understood: {0}")]
    Garbled(String),
    #[error("{detail}{}", help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default())]
    Refused { detail: String, help: Option<String> },
}

/// Whether this process was started to be the agent's.
pub fn is_asked_for() -> bool {
    std::env::args_os().nth(1).is_some_and(|verb| verb == VERB)
}

/// Says what the words of this process say.
pub fn main() -> ExitCode {
    let asked = match words::parse(std::env::args_os().skip(1)) {
        Ok(asked) => asked,
        Err(error) => {
            // Nobody may be reading.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let socket = asked.socket.clone().unwrap_or_else(|| Path::new(AGENT_DIR).join(AGENT_SOCKET));
    match ask(&socket, &asked) {
        Ok(answer) => {
            let _ = writeln!(io::stdout(), "{}", words::told(&asked, &answer));
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(io::stderr(), "claude-hooks: {error}");
            match error {
                ClientError::NoSocket(_) | ClientError::Away { .. } => ExitCode::from(UNREACHABLE),
                ClientError::Garbled(_) | ClientError::Refused { .. } => ExitCode::FAILURE,
            }
        }
    }
}

fn ask(socket: &Path, asked: &Asked) -> Result<Value, ClientError> {
    let away = |source| ClientError::Away { path: socket.to_owned(), source };
    let mut stream = connect(socket)?;
    stream.set_read_timeout(Some(ANSWER)).map_err(away)?;
    stream.write_all(request(asked).as_bytes()).map_err(away)?;
    let mut answer = Vec::new();
    stream.take(ANSWER_BYTES).read_to_end(&mut answer).map_err(away)?;
    understood(&answer)
}

fn connect(socket: &Path) -> Result<UnixStream, ClientError> {
    let until = Instant::now() + PATIENCE;
    loop {
        let error = match UnixStream::connect(socket) {
            Ok(stream) => return Ok(stream),
            Err(error) => error,
        };
        if Instant::now() >= until {
            let none = error.kind() == io::ErrorKind::NotFound;
            let path = socket.to_owned();
            return Err(if none {
                ClientError::NoSocket(path)
            } else {
                ClientError::Away { path, source: error }
            });
        }
        // Without the mount nothing can come.
        let never = error.kind() == io::ErrorKind::NotFound && !socket.parent().is_some_and(Path::is_dir);
        if never {
            return Err(ClientError::NoSocket(socket.to_owned()));
        }
        thread::sleep(AGAIN);
    }
}

/// The server ends the connection after its answer, so its length is where it ends.
fn request(asked: &Asked) -> String {
    let body = asked.body.as_ref().map(Value::to_string).unwrap_or_default();
    format!(
        "{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        asked.method,
        asked.path,
        body.len()
    )
}

fn understood(answer: &[u8]) -> Result<Value, ClientError> {
    let garbled = |what: &str| ClientError::Garbled(what.to_owned());
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(|| garbled("it breaks off"))?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse::<u16>().ok());
    let status = status.ok_or_else(|| garbled("it is no HTTP"))?;
    let document: Value = serde_json::from_str(body).map_err(|error| garbled(&error.to_string()))?;
    if (200..300).contains(&status) {
        return Ok(document);
    }
    let part = |member: &str| document[member].as_str().map(str::to_owned);
    Err(ClientError::Refused {
        detail: part("detail").unwrap_or_else(|| format!("status {status}")),
        help: part("help"),
    })
}

#[cfg(test)]
mod tests;
