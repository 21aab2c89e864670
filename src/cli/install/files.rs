//! Files put in their places and taken away again, below a root.

use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::super::failure::Failure;
use super::Step;

#[derive(Debug)]
pub(super) struct Disk {
    pub(super) root: PathBuf,
    pub(super) dry_run: bool,
    /// Of directories that are made on the way; `None`: as the umask says, for what is one user's own.
    pub(super) dir_mode: Option<u32>,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Removal<'a> {
    Always,
    /// Only while it is as it was installed.
    IfStill(&'a [u8]),
}

impl Disk {
    /// Where a path of the target system is now.
    fn at(&self, path: &Path) -> PathBuf {
        self.root.join(path.strip_prefix("/").unwrap_or(path))
    }

    pub(super) fn place_program(&self, program: &Path, to: &Path) -> Result<Step, Failure> {
        let content = fs::read(program).map_err(failed("read", program))?;
        self.place(to, &content, 0o755)
    }

    /// Replaces what is there, unless it is the same.
    pub(super) fn place(&self, to: &Path, content: &[u8], mode: u32) -> Result<Step, Failure> {
        let path = self.at(to);
        let did = match fs::symlink_metadata(&path) {
            Ok(there) => {
                let same = there.is_file() && there.permissions().mode() & 0o7777 == mode;
                if same && fs::read(&path).is_ok_and(|now| now == content) { "unchanged" } else { "updated" }
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => "installed",
            Err(error) => return Err(failed("look at", &path)(error)),
        };
        if did != "unchanged" && !self.dry_run {
            write(&path, content, mode, self.dir_mode).map_err(failed("write", &path))?;
        }
        Ok(Step::new(did, path.to_string_lossy()))
    }

    /// Whatever is there is the operator's.
    pub(super) fn place_if_missing(&self, to: &Path, content: &[u8]) -> Result<Step, Failure> {
        let path = self.at(to);
        if fs::symlink_metadata(&path).is_err() {
            return self.place(to, content, 0o644);
        }
        let same = fs::read(&path).is_ok_and(|now| now == content);
        let step = |did| Step::new(did, path.to_string_lossy());
        Ok(if same { step("unchanged") } else { step("kept").because("it was edited") })
    }

    /// `None` if there is nothing.
    pub(super) fn remove(&self, to: &Path, removal: Removal<'_>) -> Result<Option<Step>, Failure> {
        let path = self.at(to);
        let step = |did| Some(Step::new(did, path.to_string_lossy()));
        if fs::symlink_metadata(&path).is_err() {
            return Ok(None);
        }
        if let Removal::IfStill(content) = removal
            && fs::read(&path).map_err(failed("read", &path))? != content
        {
            return Ok(step("kept").map(|step| step.because("it was edited")));
        }
        if !self.dry_run {
            fs::remove_file(&path).map_err(failed("remove", &path))?;
        }
        Ok(step("removed"))
    }

    pub(super) fn remove_empty(&self, dir: &Path) -> Result<Option<Step>, Failure> {
        let path = self.at(dir);
        let Ok(mut entries) = fs::read_dir(&path) else { return Ok(None) };
        if entries.next().is_some() {
            // In a dry run, what was not removed fills it.
            let step = Step::new("kept", path.to_string_lossy()).because("something is in it");
            return Ok(if self.dry_run { None } else { Some(step) });
        }
        if !self.dry_run {
            fs::remove_dir(&path).map_err(failed("remove", &path))?;
        }
        Ok(Some(Step::new("removed", path.to_string_lossy())))
    }

    pub(super) fn kept(&self, path: &Path, why: &str) -> Option<Step> {
        let path = self.at(path);
        path.exists().then(|| Step::new("kept", path.to_string_lossy()).because(why))
    }
}

fn failed(what: &'static str, path: &Path) -> impl Fn(io::Error) -> Failure {
    move |error| Failure::Said(format!("cannot {what} {}: {error}", path.display()))
}

/// The old one or the new one is there, whole, whatever happens; a program that runs goes on with the old one.
fn write(path: &Path, content: &[u8], mode: u32, dir_mode: Option<u32>) -> io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("/"));
    make_dirs(dir, dir_mode)?;
    let mut file = tempfile::Builder::new().prefix(".claude-hooks-").tempfile_in(dir)?;
    file.write_all(content)?;
    file.as_file().set_permissions(Permissions::from_mode(mode))?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    File::open(dir)?.sync_all()
}

/// A strict umask of root must not hide units and config from those who read them.
fn make_dirs(dir: &Path, mode: Option<u32>) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    dir.parent().map_or(Ok(()), |parent| make_dirs(parent, mode))?;
    fs::create_dir(dir)?;
    mode.map_or(Ok(()), |mode| fs::set_permissions(dir, Permissions::from_mode(mode)))
}
