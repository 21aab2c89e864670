//! The bearer token of the API: whoever holds it owns the host, so its file is held to the mode it was made with.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
use rustix::io::Errno;

use super::files;

/// Shortest token that an operator may put there himself, in characters.
const MIN_LEN: usize = 32;
/// A token file is read up to here, in bytes; ours holds 65.
const MAX_READ: u64 = 4096;

/// The token itself; its `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// The secret text. For comparing in constant time and for the `Authorization` header, never for a log or an error.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Why there is no token to use. None of them shows the content of the file.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    #[error("there is no token at {}: the daemon makes it when it first starts", path.display())]
    Missing { path: PathBuf },
    #[error(
        "the token {path} has mode {mode:04o}, so others may have read it: rm {path}, and start the daemon again for a new one",
        path = path.display()
    )]
    ReadableByOthers { path: PathBuf, mode: u32 },
    #[error(
        "the token {path} belongs to uid {owner}, but this process runs as uid {user}: run claude-hooks as its owner, or chown {user} {path}",
        path = path.display()
    )]
    NotOwned { path: PathBuf, owner: u32, user: u32 },
    #[error(
        "the token {path} {problem}: rm {path}, and start the daemon again for a new one",
        path = path.display()
    )]
    Unusable { path: PathBuf, problem: &'static str },
    #[error("cannot {what} the token {}: {source}", path.display())]
    Io {
        what: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// 256 random bits in hexadecimal, made at the first call.
pub(super) fn read_or_make(path: &Path) -> Result<Token, TokenError> {
    match read(path) {
        Err(TokenError::Missing { .. }) => {
            let text = hex::encode(rand::random::<[u8; 32]>());
            files::write_private(path, format!("{text}\n").as_bytes()).map_err(|source| TokenError::Io {
                what: "write",
                path: path.to_owned(),
                source,
            })?;
            read(path)
        }
        other => other,
    }
}

pub(super) fn read(path: &Path) -> Result<Token, TokenError> {
    let failed = |source: io::Error| TokenError::Io { what: "read", path: path.to_owned(), source };
    let unusable = |problem| TokenError::Unusable { path: path.to_owned(), problem };
    // No link is followed, and a FIFO put there must not hang us.
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    let file = match File::options().read(true).custom_flags(flags).open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => {
            return Err(TokenError::Missing { path: path.to_owned() });
        }
        Err(e) if e.raw_os_error() == Some(Errno::LOOP.raw_os_error()) => {
            return Err(unusable("is a symbolic link"));
        }
        Err(e) => return Err(failed(e)),
    };
    let found = file.metadata().map_err(failed)?;
    if !found.is_file() {
        return Err(unusable("is not a regular file"));
    }
    let mode = found.mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(TokenError::ReadableByOthers { path: path.to_owned(), mode });
    }
    let (owner, user) = (found.uid(), rustix::process::geteuid().as_raw());
    // Root, as a client of a service that runs as another user, reads what it is pointed at.
    if owner != user && user != 0 {
        return Err(TokenError::NotOwned { path: path.to_owned(), owner, user });
    }
    let mut bytes = Vec::new();
    file.take(MAX_READ + 1).read_to_end(&mut bytes).map_err(failed)?;
    let text = bytes.trim_ascii();
    if text.is_empty() {
        return Err(unusable("is empty"));
    }
    if text.len() < MIN_LEN || bytes.len() as u64 > MAX_READ || !text.iter().all(u8::is_ascii_graphic) {
        return Err(unusable("is not one line of at least 32 visible ASCII characters"));
    }
    String::from_utf8(text.to_vec()).map(Token).map_err(|_| unusable("is not ASCII"))
}
