//! The sockets by which agents tell of themselves: bound while the agent is there, all served by one thread.
//!
//! Each lies alone in a directory of its agent, which is mounted in the container; so a new daemon binds it anew and the
//! container sees it. The directory stays when the agent goes: were it made anew under a container that still has the old
//! one, that container would never see the socket again. What no agent needs is removed at the next start.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Permissions};
use std::io;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::time::Duration;

use actix_rt::Arbiter;
use claude_hooks_actors::FleetHandle;
use claude_hooks_actors::model::{AGENT_SOCKET, InstanceName};
use claude_hooks_web::serve_agent;
use rustix::fs::{Mode, OFlags};
use tokio::sync::oneshot;

use crate::data_dir::make_agent_dir;

/// Many pictures at once are one look.
const TOGETHER: Duration = Duration::from_millis(20);

/// Ends with this value.
#[derive(Debug)]
pub(super) struct AgentSockets {
    arbiter: Arbiter,
}

impl AgentSockets {
    /// `dirs` holds the agents' directories.
    pub(super) fn serve(fleet: FleetHandle, dirs: PathBuf) -> Self {
        let arbiter = Arbiter::new();
        // An arbiter that was just made lives.
        arbiter.spawn_fn(move || {
            actix_rt::spawn(Sockets { fleet, dirs, open: BTreeMap::new(), failed: BTreeSet::new() }.follow());
        });
        Self { arbiter }
    }
}

impl Drop for AgentSockets {
    fn drop(&mut self) {
        self.arbiter.stop();
    }
}

struct Sockets {
    fleet: FleetHandle,
    dirs: PathBuf,
    /// Dropped, it ends the one who serves.
    open: BTreeMap<InstanceName, oneshot::Sender<()>>,
    /// Those whose failure was told.
    failed: BTreeSet<InstanceName>,
}

impl Sockets {
    async fn follow(mut self) {
        let mut pictures = self.fleet.watch();
        let mut swept = false;
        loop {
            let picture = pictures.borrow_and_update().clone();
            let wanted: BTreeSet<InstanceName> = self.fleet.with_agent_socket().into_iter().collect();
            // While the database is suspect nobody knows who is gone.
            if picture.suspended.is_none() {
                self.open.retain(|name, _| wanted.contains(name) || close(&self.dirs, name));
            }
            for name in wanted {
                self.open(name);
            }
            if picture.booted && picture.suspended.is_none() && !swept {
                swept = true;
                self.sweep();
            }
            tokio::time::sleep(TOGETHER).await;
            if pictures.changed().await.is_err() {
                return;
            }
        }
    }

    fn open(&mut self, name: InstanceName) {
        if self.open.contains_key(&name) {
            return;
        }
        let listener = match bind(&self.dirs, &name) {
            Ok(listener) => listener,
            Err(error) => {
                if self.failed.insert(name.clone()) {
                    log::warn!(instance = name.as_ref(); "the agent gets no socket of its own yet: {error}");
                }
                return;
            }
        };
        self.failed.remove(&name);
        let (ends, ended) = oneshot::channel();
        self.open.insert(name.clone(), ends);
        let fleet = self.fleet.clone();
        actix_rt::spawn(async move {
            let gone = async { drop(ended.await) };
            if let Err(error) = serve_agent(fleet, name.clone(), listener, gone).await {
                log::error!(instance = name.as_ref(); "its socket is served no more: {error}");
            }
        });
    }

    /// Removes what is left of agents that there are no more.
    fn sweep(&self) {
        let Ok(entries) = fs::read_dir(&self.dirs) else { return };
        let picture = self.fleet.snapshot();
        let name = |entry: &fs::DirEntry| InstanceName::parse(entry.file_name().to_str()?).ok();
        for name in entries.flatten().filter_map(|entry| name(&entry)) {
            if !picture.agents.contains_key(&name) {
                close(&self.dirs, &name);
                // Only if nothing else is in there.
                let _ = fs::remove_dir(self.dirs.join(name.as_ref()));
            }
        }
    }
}

/// False, so that it can end a filter. A socket that cannot be removed leads nowhere.
fn close(dirs: &Path, name: &InstanceName) -> bool {
    let _ = fs::remove_file(dirs.join(name.as_ref()).join(AGENT_SOCKET));
    false
}

fn bind(dirs: &Path, name: &InstanceName) -> io::Result<UnixListener> {
    let dir = dirs.join(name.as_ref());
    make_agent_dir(&dir)?;
    let opened = rustix::fs::open(&dir, OFlags::PATH | OFlags::DIRECTORY | OFlags::NOFOLLOW, Mode::empty())?;
    // A socket's path has at most 107 bytes; by its directory's descriptor it is short wherever the data lies.
    let path = PathBuf::from(format!("/proc/self/fd/{}/{AGENT_SOCKET}", opened.as_raw_fd()));
    match fs::remove_file(&path) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let listener = UnixListener::bind(&path)?;
    // For whatever user works in the container; on the host nobody else gets as far as here.
    fs::set_permissions(&path, Permissions::from_mode(0o666))?;
    Ok(listener)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixStream;

    use super::*;

    fn name(text: &str) -> InstanceName {
        InstanceName::parse(text).expect("a valid name")
    }

    #[test]
    fn a_socket_is_bound_and_bound_again_however_long_its_path_is() {
        let temp = tempfile::tempdir().expect("a temporary directory");
        let dirs = temp.path().join("d".repeat(120)).join("agents");
        for _ in 0..2 {
            let listener = bind(&dirs, &name(&"a".repeat(63))).expect("bound");
            let dir = fs::File::open(dirs.join("a".repeat(63))).expect("it was made");
            let path = format!("/proc/self/fd/{}/{AGENT_SOCKET}", dir.as_raw_fd());
            let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
            assert_eq!(mode(Path::new(&path)), 0o666);
            assert_eq!(mode(&dirs.join("a".repeat(63))), 0o755);
            assert_eq!(mode(&dirs), 0o700, "on the host nobody else gets in");
            let mut client = UnixStream::connect(path).expect("somebody listens");
            let (mut server, _) = listener.accept().expect("a connection");
            client.write_all(b"hello").expect("written");
            let mut heard = [0; 5];
            server.read_exact(&mut heard).expect("read");
            assert_eq!(&heard, b"hello");
        }
    }

    #[test]
    fn a_link_in_the_place_of_the_directory_is_not_followed() {
        let temp = tempfile::tempdir().expect("a temporary directory");
        let (dirs, elsewhere) = (temp.path().join("agents"), temp.path().join("elsewhere"));
        fs::create_dir(&dirs).expect("made");
        fs::create_dir(&elsewhere).expect("made");
        std::os::unix::fs::symlink(&elsewhere, dirs.join("a")).expect("made");
        assert!(bind(&dirs, &name("a")).is_err());
        assert_eq!(fs::read_dir(&elsewhere).expect("it is there").count(), 0);
    }
}
