//! The file in which the dashboard's sessions outlive the daemon.
//!
//! Not a table of the database: a copy of that must not carry anybody's session along.

use std::path::PathBuf;
use std::{fs, io};

use claude_hooks_web::SessionStore;

use super::files;

#[derive(Debug)]
pub struct SessionFile(PathBuf);

impl SessionFile {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }
}

impl SessionStore for SessionFile {
    fn load(&self) -> io::Result<Vec<u8>> {
        match fs::read(&self.0) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
            read => read,
        }
    }

    fn save(&self, content: &[u8]) -> io::Result<()> {
        files::write_private(&self.0, content)
    }
}
