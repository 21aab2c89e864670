//! Home directories, relative paths, and where config files are looked for.

use std::path::{Path, PathBuf};

use super::Sources;

/// `~` and `~/x` become the home directory; anything relative is below `base`.
pub(super) fn expand(text: &str, base: &Path, sources: &Sources) -> Result<PathBuf, String> {
    if text.is_empty() {
        return Err("must not be empty".to_owned());
    }
    if text == "~" || text.starts_with("~/") {
        let home = home(sources)
            .ok_or_else(|| format!("is {text:?}, but HOME is not set: give an absolute path instead"))?;
        return Ok(home.join(text.trim_start_matches('~').trim_start_matches('/')));
    }
    if text.starts_with('~') {
        return Err(format!("is {text:?}: only ~/ is understood, not another user's home"));
    }
    Ok(base.join(text))
}

fn absolute(sources: &Sources, variable: &str) -> Option<PathBuf> {
    // The XDG specification says to pass over a relative path.
    sources.env.get(variable).map(PathBuf::from).filter(|path| path.is_absolute())
}

fn home(sources: &Sources) -> Option<PathBuf> {
    absolute(sources, "HOME")
}

/// The operator's own directory of config files; none for a service without a home.
fn user_dir(sources: &Sources) -> Option<PathBuf> {
    let base = absolute(sources, "XDG_CONFIG_HOME").or_else(|| Some(home(sources)?.join(".config")))?;
    Some(base.join("claude-hooks"))
}

/// Directories that may hold our config files, the first found wins.
pub(super) fn config_dirs(sources: &Sources) -> Vec<PathBuf> {
    user_dir(sources).into_iter().chain([sources.etc_dir.join("claude-hooks")]).collect()
}

/// Where the tokens of the types lie, one file each.
pub(super) fn tokens_dir(sources: &Sources) -> PathBuf {
    user_dir(sources).unwrap_or_else(|| sources.etc_dir.join("claude-hooks")).join("tokens")
}
