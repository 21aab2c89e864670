//! How much the files below one directory take: a walk that follows no link, leaves no disk and ends in time.

use std::collections::HashSet;
use std::os::fd::OwnedFd;
use std::path::Path;
use std::time::Instant;

use rustix::fs::{AtFlags, Dir, FileType, Mode, OFlags, fstat, open, openat, statat};
use rustix::io::Errno;

/// A directory below so many others holds no state of an agent.
const DEPTH: u32 = 128;

#[derive(Debug)]
pub(super) struct Walk {
    device: u64,
    /// Files with several names, of which one counts.
    linked: HashSet<u64>,
    files_left: u64,
    until: Instant,
}

/// Bytes as the disk counts them. `None`: it may not be looked at, or there are more files, or it takes longer, than allowed.
///
/// What is walked through is written by those whom it belongs to, perhaps at this moment: everything is opened from its
/// directory and never by following a link, so that nobody leads the walk elsewhere.
pub(super) fn size(root: &Path, files: u64, until: Instant) -> Option<u64> {
    let root = open(root, FLAGS, Mode::empty()).ok()?;
    let device = fstat(&root).ok()?.st_dev;
    Walk { device, linked: HashSet::new(), files_left: files, until }.below(&root, DEPTH)
}

const FLAGS: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC)
    .union(OFlags::NONBLOCK);

impl Walk {
    fn below(&mut self, dir: &OwnedFd, depth: u32) -> Option<u64> {
        let depth = depth.checked_sub(1)?;
        let mut total: u64 = 0;
        for entry in Dir::read_from(dir).ok()? {
            let entry = entry.ok()?;
            let name = entry.file_name();
            if name == c"." || name == c".." {
                continue;
            }
            self.files_left = self.files_left.checked_sub(1)?;
            if Instant::now() >= self.until {
                return None;
            }
            let seen = match statat(dir, name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(seen) => seen,
                // It went meanwhile.
                Err(Errno::NOENT) => continue,
                Err(_) => return None,
            };
            let is_dir = FileType::from_raw_mode(seen.st_mode) == FileType::Directory;
            if seen.st_dev != self.device
                || (!is_dir && seen.st_nlink > 1 && !self.linked.insert(seen.st_ino))
            {
                continue;
            }
            total =
                total.saturating_add(u64::try_from(seen.st_blocks).unwrap_or_default().saturating_mul(512));
            if is_dir {
                match openat(dir, name, FLAGS, Mode::empty()) {
                    Ok(below) => total = total.saturating_add(self.below(&below, depth)?),
                    Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => {}
                    Err(_) => return None,
                }
            }
        }
        Some(total)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::time::Duration;

    use super::*;

    fn soon() -> Instant {
        Instant::now() + Duration::from_mins(1)
    }

    #[test]
    fn every_file_counts_once_and_links_lead_nowhere() {
        let elsewhere = tempfile::tempdir().expect("there is a temporary directory");
        fs::write(elsewhere.path().join("large"), vec![1; 4 << 20]).expect("writable");
        let root = tempfile::tempdir().expect("there is a temporary directory");
        let deep = root.path().join("a/b/c");
        fs::create_dir_all(&deep).expect("writable");
        fs::write(deep.join("one"), vec![1; 1 << 20]).expect("writable");
        fs::hard_link(deep.join("one"), root.path().join("again")).expect("one file system");
        symlink(elsewhere.path(), root.path().join("away")).expect("writable");
        symlink(elsewhere.path().join("large"), root.path().join("far")).expect("writable");
        let size = size(root.path(), 100, soon()).expect("it may be looked at");
        assert!((1 << 20..2 << 20).contains(&size), "{size}");
    }

    #[test]
    fn a_walk_ends_where_it_is_bounded() {
        let root = tempfile::tempdir().expect("there is a temporary directory");
        for name in ["a", "b", "c"] {
            fs::write(root.path().join(name), "x").expect("writable");
        }
        assert!(size(root.path(), 3, soon()).is_some());
        assert_eq!(size(root.path(), 2, soon()), None, "more files than allowed");
        assert_eq!(size(root.path(), 3, Instant::now()), None, "no time left");
        assert_eq!(size(&root.path().join("missing"), 3, soon()), None);
        assert_eq!(size(&root.path().join("a"), 3, soon()), None, "no directory");
        let mut deep = root.path().to_owned();
        for _ in 0..=DEPTH {
            deep.push("d");
        }
        fs::create_dir_all(&deep).expect("writable");
        assert_eq!(size(root.path(), 1000, soon()), None, "deeper than anybody needs");
    }
}
