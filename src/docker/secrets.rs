//! What a container gets from this machine: the type's token, its credentials file, its mounts.
//!
//! Everything is looked at before docker is called, and an error names the file and what to do, never what is in it.

use std::io;
use std::path::{Path, PathBuf};

use claude_hooks_actors::model::{ContainerSpec, Mount, MountError, TypeName, check_env};
use claude_hooks_actors::ports::RuntimeError;

/// What the arguments and the env file are made of, beside the request.
#[derive(Default)]
pub(super) struct FromHost {
    /// Variable and token.
    pub(super) token: Option<(String, String)>,
    pub(super) credentials: Option<String>,
    /// Source with links followed, target, read-only.
    pub(super) mounts: Vec<(String, String, bool)>,
}

fn refused(reason: String) -> RuntimeError {
    RuntimeError::Refused { reason }
}

/// Collects everything; blocking, so to be called where blocking is allowed. `socket` is the engine's, if it is local.
pub(super) fn collect(
    spec: &ContainerSpec,
    agent_type: &TypeName,
    token_dir: &Path,
    socket: Option<&Path>,
) -> Result<FromHost, RuntimeError> {
    check_env(&spec.env).map_err(|error| refused(error.to_string()))?;
    let token = match &spec.token_env {
        Some(variable) => Some((variable.clone(), token(&token_dir.join(agent_type.as_ref()), variable)?)),
        None => None,
    };
    let credentials = spec.credentials.as_deref().map(|path| credentials(path, socket)).transpose()?;
    let mounts = spec.mounts.iter().map(|asked| mount(asked, socket)).collect::<Result<_, _>>()?;
    Ok(FromHost { token, credentials, mounts })
}

/// Reads a token file: one line, whose newline is not part of the token.
fn token(path: &Path, variable: &str) -> Result<String, RuntimeError> {
    let shown = path.display();
    let bytes = std::fs::read(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => refused(format!(
            "the token file {shown} does not exist: write the token for {variable} into it (mode 0600), or remove token_env from the type"
        )),
        _ => refused(format!("the token file {shown} cannot be read ({error}): mend its owner and mode")),
    })?;
    let one_line =
        || refused(format!("the token file {shown} must hold one line of text, the token, and nothing else"));
    let text = String::from_utf8(bytes).map_err(|_| one_line())?;
    let token = text.strip_suffix('\n').unwrap_or(&text);
    let token = token.strip_suffix('\r').unwrap_or(token);
    if token.is_empty() {
        return Err(refused(format!("the token file {shown} is empty: write the token into it")));
    }
    // The error of the check names the variable only, never the value.
    let checked = check_env(&[(variable.to_owned(), token.to_owned())].into());
    if token.contains(char::is_control) {
        return Err(one_line());
    }
    checked.map_err(|error| refused(format!("token_env, with the token file {shown}: {error}")))?;
    Ok(token.to_owned())
}

fn credentials(path: &Path, socket: Option<&Path>) -> Result<String, RuntimeError> {
    let source = follow("the credentials file", path, socket)?;
    if !source.is_file() {
        return Err(refused(format!(
            "the credentials file {} is not a file: log in so that it is written, or change credentials of the type",
            path.display()
        )));
    }
    text(&source)
}

fn mount(mount: &Mount, socket: Option<&Path>) -> Result<(String, String, bool), RuntimeError> {
    let source = follow("the mount's source", &mount.source, socket)?;
    Ok((text(&source)?, text(&mount.target)?, mount.read_only))
}

/// Follows links, and asks again whether the end of them may be mounted.
fn follow(what: &str, path: &Path, socket: Option<&Path>) -> Result<PathBuf, RuntimeError> {
    let source = path.canonicalize().map_err(|error| {
        refused(format!("{what} {} cannot be used ({error}): make it, or change the config", path.display()))
    })?;
    Mount::check_source(&source).map_err(|error| refused(format!("{what} {}: {error}", path.display())))?;
    // The engine's own socket may lie where the general rule does not look for one.
    let socket = socket.and_then(|socket| socket.canonicalize().ok());
    if socket.is_some_and(|socket| socket.starts_with(&source)) {
        let error = MountError::TooPowerful { path: source };
        return Err(refused(format!("{what} {}: {error}", path.display())));
    }
    Ok(source)
}

fn text(path: &Path) -> Result<String, RuntimeError> {
    let odd = || refused(format!("the path {} is not UTF-8: docker cannot be told it", path.display()));
    path.to_str().map(Into::into).ok_or_else(odd)
}

#[cfg(test)]
mod tests;
