//! Inputs of tasks, which may hold secrets: files beside the database, for their owner alone, gone once forgotten.
//!
//! `<data dir>/inputs/<task id>`: one line of JSON, the environment, then stdin byte for byte. A file has its name only
//! once it is whole and on disk; what has any other name, or no open task, is a leftover.
//!
//! `<data dir>/inputs/.key`: under which digests of inputs are made. The database keeps them, and a plain digest would let
//! its reader try out what a short secret is.

use std::collections::HashSet;
use std::fs::{self, DirBuilder};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use bytes::Bytes;
use claude_hooks_actors::model::{TaskId, TaskInput};
use sha2::{Digest as _, Sha256};

use super::error::Fault;
use super::locked;
use crate::data_dir::sync_dir;

#[derive(Debug)]
pub(super) struct Inputs {
    dir: PathBuf,
    /// Tasks that this process is storing; their files are no leftovers although there is no row yet.
    under_way: Mutex<HashSet<TaskId>>,
}

impl Inputs {
    pub(super) fn new(dir: PathBuf) -> Self {
        Self { dir, under_way: Mutex::default() }
    }

    /// Announces that a task is being stored, until the value is dropped.
    pub(super) fn begin(&self, id: TaskId) -> Result<UnderWay<'_>, Fault> {
        if locked(&self.under_way).insert(id) {
            Ok(UnderWay { inputs: self, id })
        } else {
            Err(Fault::Value(format!("the task {id} is being stored already")))
        }
    }

    pub(super) fn read(&self, id: TaskId) -> Result<Option<TaskInput>, Fault> {
        let path = self.path(id);
        let content = match fs::read(&path) {
            Ok(content) => Bytes::from(content),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(Fault::File { what: "read", path, source }),
        };
        // serde's own words would quote the secret that it stumbled over.
        let damaged = || Fault::Value(format!("{} is damaged", path.display()));
        let end = content.iter().position(|byte| *byte == b'\n').ok_or_else(damaged)?;
        let env = serde_json::from_slice(&content[..end]).map_err(|_| damaged())?;
        Ok(Some(TaskInput { env, stdin: content.slice(end + 1..) }))
    }

    /// Sixty-four hexadecimal digits that tell one input from another.
    pub(super) fn digest(&self, input: &TaskInput) -> Result<String, Fault> {
        let mut hash = Sha256::new();
        hash.update(self.key()?);
        let env = serde_json::to_vec(&input.env)?;
        hash.update(env.len().to_le_bytes());
        hash.update(&env);
        hash.update(&input.stdin);
        Ok(hex::encode(hash.finalize()))
    }

    /// Made when it is first needed.
    fn key(&self) -> Result<[u8; KEY_BYTES], Fault> {
        let path = self.dir.join(KEY);
        let damaged = || Fault::Value(format!("{} is damaged: remove it", path.display()));
        loop {
            match fs::read(&path) {
                Ok(bytes) => return bytes.try_into().map_err(|_| damaged()),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(source) => return Err(Fault::File { what: "read", path, source }),
            }
            let key: [u8; KEY_BYTES] = rand::random();
            match write_new(&self.dir, &path, &key) {
                // Or somebody else was first: theirs is read.
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(source) => return Err(Fault::File { what: "write", path, source }),
            }
        }
    }

    pub(super) fn remove(&self, id: TaskId) -> Result<(), Fault> {
        let path = self.path(id);
        if remove(&path)? { self.sync() } else { Ok(()) }
    }

    /// Removes every file that is not the input of an open task. `open` reads the ids of those.
    pub(super) fn sweep(&self, open: impl FnOnce() -> Result<HashSet<String>, Fault>) -> Result<(), Fault> {
        let files = self.list()?;
        // In this order: a task whose file was listed is still under way here, or has its row by now.
        let under_way: HashSet<String> = locked(&self.under_way).iter().map(ToString::to_string).collect();
        let open = open()?;
        let mut removed = false;
        for (id, whole) in files {
            let task = id.get(..ID_LENGTH).unwrap_or_default();
            let wanted = under_way.contains(task) || whole && open.contains(task);
            if !wanted {
                removed |= remove(&self.dir.join(&id))?;
            }
        }
        if removed { self.sync() } else { Ok(()) }
    }

    /// Names of files that we made, and whether each is a whole input. Anything else is left alone.
    fn list(&self) -> Result<Vec<(String, bool)>, Fault> {
        let failed = |source| Fault::File { what: "list", path: self.dir.clone(), source };
        let entries = match fs::read_dir(&self.dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(source) => return Err(failed(source)),
        };
        let mut files = Vec::new();
        for entry in entries {
            let Ok(name) = entry.map_err(failed)?.file_name().into_string() else { continue };
            let (id, whole) = match name.split_once('.') {
                Some((id, _)) => (id, false),
                None => (name.as_str(), true),
            };
            if TaskId::parse(id).is_some() {
                files.push((name, whole));
            }
        }
        Ok(files)
    }

    fn path(&self, id: TaskId) -> PathBuf {
        self.dir.join(id.to_string())
    }

    fn sync(&self) -> Result<(), Fault> {
        sync_dir(&self.dir).map_err(|source| Fault::File { what: "sync", path: self.dir.clone(), source })
    }
}

const KEY: &str = ".key";
const KEY_BYTES: usize = 32;

/// Characters of a task's id.
const ID_LENGTH: usize = 36;

/// One task that is being stored.
#[derive(Debug)]
pub(super) struct UnderWay<'a> {
    inputs: &'a Inputs,
    id: TaskId,
}

impl UnderWay<'_> {
    /// The input is on disk when this returns.
    pub(super) fn write(&self, input: &TaskInput) -> Result<(), Fault> {
        let path = self.inputs.path(self.id);
        let mut env = serde_json::to_vec(&input.env)?;
        env.push(b'\n');
        write(&self.inputs.dir, &path, &[&env, &input.stdin]).map_err(|source| Fault::File {
            what: "write",
            path,
            source,
        })
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        locked(&self.inputs.under_way).remove(&self.id);
    }
}

fn write(dir: &Path, path: &Path, parts: &[&[u8]]) -> io::Result<()> {
    make_private(dir)?;
    // The temporary name begins with the id, so that a sweep knows whose it is.
    let mut prefix = path.file_name().unwrap_or_default().to_owned();
    prefix.push(".");
    let mut file = tempfile::Builder::new().prefix(&prefix).tempfile_in(dir)?;
    for part in parts {
        file.write_all(part)?;
    }
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    sync_dir(dir)
}

/// Whole and durable, and never over one that is there.
fn write_new(dir: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    make_private(dir)?;
    let mut file = tempfile::Builder::new().prefix(".key.").tempfile_in(dir)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    sync_dir(dir)
}

fn make_private(dir: &Path) -> io::Result<()> {
    match DirBuilder::new().mode(0o700).create(dir) {
        Ok(()) => return sync_dir(dir.parent().unwrap_or(Path::new("."))),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    if fs::metadata(dir)?.mode() & 0o077 != 0 {
        fs::set_permissions(dir, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

/// Whether there was one.
fn remove(path: &Path) -> Result<bool, Fault> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(source) => Err(Fault::File { what: "remove", path: path.to_owned(), source }),
    }
}
