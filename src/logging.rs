//! What the program logs: to stderr, a line each, with time, level and fields.

use std::str::FromStr as _;

use log::LevelFilter;

/// What the daemon says unless told otherwise; the server's own workers coming and going is not news to an operator.
const DAEMON_LEVEL: &str = "info,actix_server=warn,rusqlite_migration=warn";

#[derive(Debug, thiserror::Error)]
#[error(
    "{given:?} is not a log level: write error, warn, info, debug, trace or off, also per module, such as \
     info,claude_hooks=debug"
)]
pub struct LogLevelError {
    given: String,
}

/// For the daemon: everything from `info` on, unless `level` says otherwise.
pub fn init(level: Option<&str>) -> Result<(), LogLevelError> {
    start(level.unwrap_or(DAEMON_LEVEL))
}

/// For a verb that works without the daemon: only what went wrong, unless `CLAUDE_HOOKS_LOG` says otherwise.
pub fn init_quiet() -> Result<(), LogLevelError> {
    start(std::env::var("CLAUDE_HOOKS_LOG").as_deref().unwrap_or("warn"))
}

fn start(level: &str) -> Result<(), LogLevelError> {
    check(level)?;
    let mut builder = env_logger::Builder::new();
    builder.parse_filters(level).format_timestamp_millis().target(env_logger::Target::Stderr);
    // A second call, in a test, finds the first logger in place; that is no error of the caller.
    let _ = builder.try_init();
    Ok(())
}

/// `env_logger` passes over what it does not understand, and then logs too little without a word.
fn check(level: &str) -> Result<(), LogLevelError> {
    for directive in level.split(',') {
        let (module, level) = directive.split_once('=').unwrap_or(("", directive));
        let named = module.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
        if !named || LevelFilter::from_str(level.trim()).is_err() {
            return Err(LogLevelError { given: directive.to_owned() });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_understood_also_per_module() {
        for level in ["info", "WARN", "off", "info,claude_hooks=debug", "claude_hooks::daemon=trace"] {
            assert!(check(level).is_ok(), "{level}");
        }
        for level in ["", "loud", "info,", "claude_hooks=loud", "a b=info"] {
            assert!(check(level).is_err(), "{level}");
        }
    }
}
