//! Everything that can be wrong with a configuration.

use std::io;
use std::path::PathBuf;

use super::Origin;

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {}: {source}; {help}", path.display())]
    Unreadable { path: PathBuf, help: &'static str, source: io::Error },
    #[error("{at}: {message}")]
    Syntax { at: Origin, message: String },
    #[error("{at}: unknown {what} `{given}`; {advice}")]
    Unknown { at: Origin, what: &'static str, given: String, advice: String },
    /// `reason` says what is wrong and what is allowed.
    #[error("{at}: {key} {reason}")]
    BadValue { at: Origin, key: String, reason: String },
}

/// The known name that `given` was most likely meant to be: at most two edits away, or a third of its length.
pub(super) fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = 2.max(given.chars().count() / 3);
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(given, name), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, name)| name)
}

/// "did you mean `x`?" if something is near, else what there is.
pub(super) fn advice(given: &str, known: &[&str]) -> String {
    match nearest(given, known.iter().copied()) {
        Some(name) => format!("did you mean `{name}`?"),
        None if known.is_empty() => "nothing is known here".to_owned(),
        None => format!("known are: {}", known.join(", ")),
    }
}
