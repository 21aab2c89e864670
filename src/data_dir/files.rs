//! Files that only their owner may read.

use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Seek, Write};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt, PermissionsExt as _};
use std::path::Path;

use rustix::fs::OFlags;

/// Opens or makes a file of mode 0600 for reading and writing, and never follows a link.
pub(super) fn open_private(path: &Path) -> io::Result<File> {
    let no_follow = OFlags::NOFOLLOW.bits().cast_signed();
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .custom_flags(no_follow)
        .open(path)
}

/// Replaces the content of an open file.
pub(super) fn rewrite(mut file: &File, content: &[u8]) -> io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(content)
}

/// Replaces a file by one of mode 0600 so that readers, and a crash at any moment, leave the old or the new one whole.
pub(super) fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let dir = path.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(dir)?;
    file.write_all(content)?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|e| e.error)?;
    sync_dir(dir)
}

/// Copies a program, for everybody to run; one that is there already is left as it is.
pub(super) fn place_program(program: &Path, path: &Path) -> io::Result<()> {
    if path.exists() {
        return Ok(());
    }
    let dir = path.parent().unwrap_or(Path::new("."));
    fs::DirBuilder::new().recursive(true).create(dir)?;
    // Also under a strict umask: the directory may be copied into containers.
    fs::set_permissions(dir, Permissions::from_mode(0o755))?;
    let mut copy = tempfile::Builder::new().prefix(".new-").tempfile_in(dir)?;
    io::copy(&mut File::open(program)?, &mut copy)?;
    copy.as_file().set_permissions(Permissions::from_mode(0o755))?;
    copy.as_file().sync_all()?;
    copy.persist(path).map_err(|e| e.error)?;
    sync_dir(dir)
}

/// Makes a rename in `dir` durable.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    fs::File::open(dir)?.sync_all()
}

/// The directory of an agent's own socket. Whoever works in the container, under whatever user, may enter it; on the host
/// the directories above keep everybody else out.
pub(crate) fn make_agent_dir(dir: &Path) -> io::Result<()> {
    if let Some(parent) = dir.parent() {
        DirBuilder::new().recursive(true).mode(0o700).create(parent)?;
    }
    match DirBuilder::new().mode(0o755).create(dir) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    // Whatever the umask says.
    fs::set_permissions(dir, Permissions::from_mode(0o755))
}
