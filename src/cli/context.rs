//! What every command is given: where to print, and whom to ask.

use std::fmt;
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::failure::Failure;
use crate::client::Client;
use crate::config::{ClientSettings, Sources};

pub(super) struct Context {
    /// JSON for programs instead of text for people.
    pub(super) json: bool,
    /// Whether people look at the output themselves.
    pub(super) terminal: bool,
    pub(super) out: Box<dyn Write>,
    pub(super) err: Box<dyn Write>,
    /// A line that somebody types.
    pub(super) input: fn() -> io::Result<String>,
    pub(super) now: fn() -> Timestamp,
    /// Between two attempts to reach a daemon that went away.
    pub(super) reconnect_pause: Duration,
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { json, terminal, .. } = self;
        f.debug_struct("Context").field("json", json).field("terminal", terminal).finish_non_exhaustive()
    }
}

impl Context {
    pub(super) fn of_process(json: bool) -> Self {
        let stdout = io::stdout();
        Self {
            json,
            terminal: stdout.is_terminal(),
            out: Box::new(stdout),
            err: Box::new(io::stderr()),
            input: || {
                let mut line = String::new();
                io::stdin().read_line(&mut line)?;
                Ok(line)
            },
            now: Timestamp::now,
            reconnect_pause: Duration::from_secs(1),
        }
    }

    /// For the verbs that only the daemon can do.
    pub(super) fn with_daemon(self, sources: &Sources) -> Result<Asking, Failure> {
        let settings = ClientSettings::load(sources)?;
        Ok(Asking { client: Client::new(&settings.socket), settings, context: self })
    }

    /// Prints a line. A closed pipe is an error like another here, and becomes a quiet end in [`Failure::exit`].
    pub(super) fn line(&mut self, text: impl fmt::Display) -> Result<(), Failure> {
        Ok(writeln!(self.out, "{text}")?)
    }

    /// Prints a document for programs.
    pub(super) fn document(&mut self, value: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string_pretty(value).map_err(io::Error::from)?;
        self.line(text)
    }

    /// Prints what the daemon answered, for programs, as one document: the answer itself, or a list where `asked` is more
    /// than one.
    pub(super) fn answers(&mut self, mut answers: Vec<Value>, asked: usize) -> Result<(), Failure> {
        match answers.pop() {
            _ if !self.json => Ok(()),
            None if asked <= 1 => Ok(()),
            Some(only) if asked <= 1 => self.document(&only),
            last => {
                answers.extend(last);
                self.document(&json!({ "items": answers }))
            }
        }
    }

    /// Tells something beside the output.
    pub(super) fn aside(&mut self, text: impl fmt::Display) {
        // A stderr that nobody reads must not end the work.
        let _ = writeln!(self.err, "{text}");
    }
}

/// A context with a daemon to ask.
#[derive(Debug)]
pub(super) struct Asking {
    pub(super) context: Context,
    pub(super) client: Client,
    pub(super) settings: ClientSettings,
}
