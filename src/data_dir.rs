//! The data directory: who may use it, the lock that keeps a second daemon out, and what lies where in it.
//!
//! Everything durable of one fleet is here. A directory that exists is never changed by us: a mistyped `[data] dir` such
//! as `/tmp` must not end with its mode or owner altered. What is wrong with it is said, with the command that mends it.

mod files;
mod sessions;
mod token;

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

use claude_hooks_actors::model::RUNNER_VERSION;
use rustix::fs::{Access, FlockOperation};

pub(crate) use files::{make_agent_dir, sync_dir};
pub use sessions::SessionFile;
pub use token::{Token, TokenError};

/// Why a directory cannot serve as the data directory.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Another daemon works on the same data; exit code 75.
    #[error(
        "{}{} is using {}: stop it first, or give this one another data directory",
        "another claude-hooks",
        pid.map(|pid| format!(" (pid {pid})")).unwrap_or_default(),
        path.display()
    )]
    Locked { pid: Option<u32>, path: PathBuf },
    #[error(
        "the data directory {} is not a directory: move what is there out of the way, or change [data] dir",
        path.display()
    )]
    NotADirectory { path: PathBuf },
    #[error(
        "the data directory {path} belongs to uid {owner}, but this process runs as uid {user}: \
         run claude-hooks as its owner (sudo -u '#{owner}' …) or give it away (chown -R {user} {path})",
        path = path.display()
    )]
    NotOwned { path: PathBuf, owner: u32, user: u32 },
    #[error(
        "the data directory {path} has mode {mode:04o}, so others may replace what is in it: chmod 700 {path}",
        path = path.display()
    )]
    WritableByOthers { path: PathBuf, mode: u32 },
    #[error(
        "the data directory {path} cannot be written to: chmod u+rwx {path}, or mount its file system writable",
        path = path.display()
    )]
    NotWritable { path: PathBuf },
    #[error("cannot {what} {}: {source}", path.display())]
    Io {
        what: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
}

/// What lies where; pure arithmetic, for readers that take no lock (a client of the daemon, `doctor`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataPaths {
    dir: PathBuf,
}

impl DataPaths {
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    pub fn dir(&self) -> &Path {
        &self.dir
    }

    pub fn database(&self) -> PathBuf {
        self.dir.join("agents.db")
    }

    /// The bearer token of the API.
    pub fn token(&self) -> PathBuf {
        self.dir.join("token")
    }

    /// The `host:port` that the daemon is bound to.
    pub fn listen(&self) -> PathBuf {
        self.dir.join("listen")
    }

    pub fn socket(&self) -> PathBuf {
        self.dir.join("claude-hooks.sock")
    }

    /// The dashboard's sessions, by hashes.
    pub fn sessions(&self) -> PathBuf {
        self.dir.join("sessions.json")
    }

    pub fn lock(&self) -> PathBuf {
        self.dir.join("lock")
    }

    /// Copies of the database from before each migration.
    pub fn backups(&self) -> PathBuf {
        self.dir.join("backups")
    }

    /// Environment and stdin of the tasks that are not done.
    pub fn inputs(&self) -> PathBuf {
        self.dir.join("inputs")
    }

    /// A directory for each agent with a socket of its own, mounted in its container.
    pub fn agent_dirs(&self) -> PathBuf {
        self.dir.join("agents")
    }

    /// The program that containers run tasks with, alone in its directory. One for each version of the runner: containers
    /// that were made with an older one still mount it.
    pub fn runner(&self) -> PathBuf {
        self.dir.join(format!("runner/v{RUNNER_VERSION}/runner"))
    }

    /// Whether surely no daemon works here: the directory is there, and nobody holds its lock. False where that cannot be
    /// told.
    pub fn is_idle(&self) -> bool {
        match File::open(self.lock()) {
            Ok(file) => rustix::fs::flock(&file, FlockOperation::NonBlockingLockShared).is_ok(),
            Err(error) => error.kind() == io::ErrorKind::NotFound && self.dir.is_dir(),
        }
    }

    /// The token of the daemon that owns this directory, for its clients.
    pub fn read_token(&self) -> Result<Token, TokenError> {
        token::read(&self.token())
    }
}

/// A data directory that this process alone may use, for as long as the value lives.
#[derive(Debug)]
pub struct DataDir {
    paths: DataPaths,
    /// Holds the lock: the kernel lets go of it when the last descriptor closes, so also when the process is killed.
    _lock: File,
}

impl DataDir {
    /// Makes the directory (0700) if it is missing, checks that it is ours alone to write, and locks it.
    pub fn open(path: &Path) -> Result<Self, DataDirError> {
        let io = |what, source| DataDirError::Io { what, path: path.to_owned(), source };
        let dir = std::path::absolute(path).map_err(|e| io("resolve", e))?;
        if fs::metadata(&dir).is_err_and(|e| e.kind() == io::ErrorKind::NotFound) {
            create(&dir)?;
        }
        check(&dir)?;
        let paths = DataPaths::new(dir);
        let lock = lock(&paths.lock())?;
        Ok(Self { paths, _lock: lock })
    }

    pub fn paths(&self) -> &DataPaths {
        &self.paths
    }

    /// The API's token; the first call in a new directory makes it.
    pub fn token(&self) -> Result<Token, TokenError> {
        token::read_or_make(&self.paths.token())
    }

    /// Where the dashboard's sessions outlive the daemon.
    pub fn sessions(&self) -> SessionFile {
        SessionFile::new(self.paths.sessions())
    }

    /// Puts a copy of `program` where containers find their runner, unless there is one: what runs in them must not change
    /// or go away when the program is replaced.
    pub fn place_runner(&self, program: &Path) -> Result<(), DataDirError> {
        let path = self.paths.runner();
        files::place_program(program, &path).map_err(|source| DataDirError::Io {
            what: "write",
            path,
            source,
        })
    }

    /// Records the address that the daemon is bound to, for its clients.
    pub fn write_listen(&self, address: &str) -> Result<(), DataDirError> {
        let path = self.paths.listen();
        files::write_private(&path, format!("{address}\n").as_bytes()).map_err(|source| DataDirError::Io {
            what: "write",
            path,
            source,
        })
    }
}

fn create(dir: &Path) -> Result<(), DataDirError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|source| match source.kind() {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            let parent = dir.ancestors().skip(1).find(|parent| parent.exists());
            DataDirError::NotWritable { path: parent.unwrap_or(dir).to_owned() }
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            let odd = dir.ancestors().find(|path| path.exists() && !path.is_dir());
            DataDirError::NotADirectory { path: odd.unwrap_or(dir).to_owned() }
        }
        _ => DataDirError::Io { what: "make the data directory", path: dir.to_owned(), source },
    })
}

fn check(dir: &Path) -> Result<(), DataDirError> {
    let path = dir.to_owned();
    let found = match fs::metadata(dir) {
        Ok(found) => found,
        Err(source) => return Err(DataDirError::Io { what: "look at the data directory", path, source }),
    };
    if !found.is_dir() {
        return Err(DataDirError::NotADirectory { path });
    }
    let user = rustix::process::geteuid().as_raw();
    // Root too is held to this: root's files in a service's directory would lock the service out.
    if found.uid() != user {
        return Err(DataDirError::NotOwned { path, owner: found.uid(), user });
    }
    let mode = found.mode() & 0o7777;
    if mode & 0o022 != 0 {
        return Err(DataDirError::WritableByOthers { path, mode });
    }
    if rustix::fs::access(dir, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).is_err() {
        return Err(DataDirError::NotWritable { path });
    }
    Ok(())
}

/// Takes the lock without waiting; the file then holds our pid, for the message that a second daemon prints.
///
/// Descriptors are close-on-exec, so the docker commands that we run do not keep the lock when we die.
fn lock(path: &Path) -> Result<File, DataDirError> {
    let io = |what| move |source| DataDirError::Io { what, path: path.to_owned(), source };
    loop {
        let file = files::open_private(path).map_err(io("open"))?;
        match rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(rustix::io::Errno::WOULDBLOCK) => {
                let pid = fs::read_to_string(path).ok().and_then(|text| text.trim().parse().ok());
                let dir = path.parent().unwrap_or(path);
                return Err(DataDirError::Locked { pid, path: dir.to_owned() });
            }
            Err(errno) => return Err(io("lock")(errno.into())),
        }
        // Removed or replaced between open and flock: ours would be a lock on a file that nobody else can find.
        let ours = file.metadata().map_err(io("look at"))?;
        let named = fs::metadata(path).map(|named| (named.dev(), named.ino()));
        if named.is_ok_and(|named| named == (ours.dev(), ours.ino())) {
            files::rewrite(&file, format!("{}\n", std::process::id()).as_bytes()).map_err(io("write"))?;
            return Ok(file);
        }
    }
}

#[cfg(test)]
mod tests;
