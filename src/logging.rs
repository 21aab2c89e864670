//! What the program logs: a line each, with time, level and fields; to stderr as text or JSON, or to the journal.
//!
//! The level can be changed while the program runs, the format cannot: whoever reads the stream would not understand it.

mod json;

use std::io::{self, Write as _};
use std::str::FromStr as _;
use std::sync::{OnceLock, PoisonError, RwLock};

use log::{LevelFilter, Log, Metadata, Record};
use systemd_journal_logger::{JournalLog, connected_to_journal};

/// How log lines look.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    clap::ValueEnum,
    strum::Display,
    strum::EnumString,
    strum::EnumIter,
)]
#[strum(serialize_all = "lowercase")]
pub enum LogFormat {
    /// To the journal where stderr leads there, else text
    #[default]
    Auto,
    /// A line for people
    Text,
    /// A JSON object in each line
    Json,
    /// To the journal of systemd, with priorities and fields
    Journal,
}

#[derive(Debug, thiserror::Error)]
#[error(
    "{given:?} is not a log level: write error, warn, info, debug, trace or off, also per module, such as \
     info,claude_hooks=debug"
)]
pub struct LogLevelError {
    given: String,
}

/// Why there is no log as it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    #[error(transparent)]
    Level(#[from] LogLevelError),
    #[error("cannot log to the journal: {0}; is systemd-journald running? Choose another log format")]
    Journal(#[source] io::Error),
}

/// For the daemon.
pub fn init(level: &str, format: LogFormat) -> Result<(), LoggingError> {
    check(level)?;
    let logger = Logger::new(level, format).map_err(LoggingError::Journal)?;
    let max = logger.max_level();
    // A second call, in a test, finds the first logger in place; that is no error of the caller.
    if log::set_logger(LOGGER.get_or_init(|| logger)).is_ok() {
        log::set_max_level(max);
    }
    Ok(())
}

/// For a verb that works without the daemon: only what went wrong, unless `CLAUDE_HOOKS_LOG` says otherwise.
pub fn init_quiet() -> Result<(), LoggingError> {
    init(std::env::var("CLAUDE_HOOKS_LOG").as_deref().unwrap_or("warn"), LogFormat::Auto)
}

/// Holds from now on.
pub fn set_level(level: &str) -> Result<(), LogLevelError> {
    check(level)?;
    if let Some(logger) = LOGGER.get() {
        logger.set_level(level);
        log::set_max_level(logger.max_level());
    }
    Ok(())
}

/// `env_logger` passes over what it does not understand, and then logs too little without a word.
pub(crate) fn check(level: &str) -> Result<(), LogLevelError> {
    for directive in level.split(',') {
        let (module, level) = directive.split_once('=').unwrap_or(("", directive));
        let named = module.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
        if !named || LevelFilter::from_str(level.trim()).is_err() {
            return Err(LogLevelError { given: directive.to_owned() });
        }
    }
    Ok(())
}

static LOGGER: OnceLock<Logger> = OnceLock::new();

struct Logger {
    sink: Sink,
    /// Decides what is logged and, but for the journal, writes it.
    stderr: RwLock<env_logger::Logger>,
}

enum Sink {
    Text,
    Json,
    Journal(JournalLog),
}

impl Logger {
    fn new(level: &str, format: LogFormat) -> io::Result<Self> {
        let sink = match format {
            LogFormat::Json => Sink::Json,
            LogFormat::Journal => Sink::Journal(journal()?),
            // A journal that stderr leads to and that takes nothing itself still gets the text.
            LogFormat::Auto if connected_to_journal() => journal().map_or(Sink::Text, Sink::Journal),
            LogFormat::Auto | LogFormat::Text => Sink::Text,
        };
        let stderr = RwLock::new(sink.stderr(level));
        Ok(Self { sink, stderr })
    }

    fn set_level(&self, level: &str) {
        *self.stderr.write().unwrap_or_else(PoisonError::into_inner) = self.sink.stderr(level);
    }

    fn max_level(&self) -> LevelFilter {
        self.stderr.read().unwrap_or_else(PoisonError::into_inner).filter()
    }
}

impl Sink {
    fn stderr(&self, level: &str) -> env_logger::Logger {
        let mut builder = env_logger::Builder::new();
        builder.parse_filters(level).target(env_logger::Target::Stderr);
        match self {
            Self::Text | Self::Journal(_) => builder.format_timestamp_millis(),
            Self::Json => {
                builder.format(|out, record| writeln!(out, "{}", json::line(record, jiff::Timestamp::now())))
            }
        };
        builder.build()
    }
}

fn journal() -> io::Result<JournalLog> {
    Ok(JournalLog::empty()?.with_syslog_identifier("claude-hooks".to_owned()))
}

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        self.stderr.read().unwrap_or_else(PoisonError::into_inner).enabled(metadata)
    }

    fn log(&self, record: &Record<'_>) {
        let stderr = self.stderr.read().unwrap_or_else(PoisonError::into_inner);
        match &self.sink {
            Sink::Text | Sink::Json => stderr.log(record),
            Sink::Journal(journal) if stderr.matches(record) => journal.log(record),
            Sink::Journal(_) => {}
        }
    }

    fn flush(&self) {}
}

#[cfg(test)]
mod tests;
