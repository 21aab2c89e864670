//! The two doors of the API, bound before anything else happens.

use std::fs;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};

use super::activation::HandedOver;

#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    #[error(
        "cannot listen on {address}: {source}; choose another [server] listen, or 0 as its port for any free one"
    )]
    Tcp {
        address: SocketAddr,
        #[source]
        source: io::Error,
    },
    #[error("cannot listen on the socket {}: {source}; choose another [server] socket", path.display())]
    Socket {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{} is there and is no socket: move it away, or choose another [server] socket", path.display())]
    NoSocket { path: PathBuf },
    #[error(
        "the service manager hands over a socket named {name:?}: give its unit FileDescriptorName=tcp or \
         FileDescriptorName=unix"
    )]
    UnknownName { name: String },
    #[error("the socket {name:?} that the service manager hands over is of no use: {source}")]
    HandedOver {
        name: String,
        #[source]
        source: io::Error,
    },
    #[error(
        "the service manager hands over two {kind} sockets, and one is all that is served: take one out of the unit"
    )]
    HandedOverTwice { kind: &'static str },
}

/// Bound listeners; the file of a socket that was bound here goes with them.
#[derive(Debug)]
pub(super) struct Listeners {
    tcp: Option<TcpListener>,
    uds: UnixListener,
    socket: PathBuf,
    /// A socket that was handed over stays, with its file: who connects while we are away is served later.
    ours: bool,
}

impl Listeners {
    /// What was not handed over is bound.
    pub(super) fn open(
        handed_over: HandedOver,
        address: Option<SocketAddr>,
        socket: &Path,
    ) -> Result<Self, ListenError> {
        let bind =
            |address| TcpListener::bind(address).map_err(|source| ListenError::Tcp { address, source });
        let tcp = match handed_over.tcp {
            Some(tcp) => Some(tcp),
            None => address.map(bind).transpose()?,
        };
        let Some(uds) = handed_over.unix else {
            return Ok(Self { tcp, uds: Self::bind(socket)?, socket: socket.to_owned(), ours: true });
        };
        let bound = uds.local_addr().ok().and_then(|address| address.as_pathname().map(Path::to_owned));
        let bound = bound.unwrap_or_default();
        if bound != socket {
            let (bound, socket) = (bound.display(), socket.display());
            log::warn!("the service manager listens on {bound}, but the command line looks for {socket}");
        }
        Ok(Self { tcp, uds, socket: bound, ours: false })
    }

    /// A socket file that an earlier daemon left is replaced: whoever holds the lock of the data is the only daemon.
    fn bind(socket: &Path) -> Result<UnixListener, ListenError> {
        let failed = |source| ListenError::Socket { path: socket.to_owned(), source };
        match fs::symlink_metadata(socket) {
            Ok(there) if there.file_type().is_socket() => fs::remove_file(socket).map_err(failed)?,
            Ok(_) => return Err(ListenError::NoSocket { path: socket.to_owned() }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed(error)),
        }
        let uds = private(|| UnixListener::bind(socket)).map_err(failed)?;
        fs::set_permissions(socket, fs::Permissions::from_mode(0o600)).map_err(failed)?;
        Ok(uds)
    }

    /// Where the Unix socket is.
    pub(super) fn socket(&self) -> &Path {
        &self.socket
    }

    /// `host:port` as it was bound, empty without TCP.
    pub(super) fn address(&self) -> String {
        let bound = self.tcp.as_ref().and_then(|tcp| tcp.local_addr().ok());
        bound.map(|address| address.to_string()).unwrap_or_default()
    }

    /// The same listeners once more, for the server.
    pub(super) fn for_server(&self) -> io::Result<(Option<TcpListener>, UnixListener)> {
        let tcp = self.tcp.as_ref().map(TcpListener::try_clone).transpose()?;
        Ok((tcp, self.uds.try_clone()?))
    }
}

/// The socket is never open to others, not even between its making and its chmod.
fn private<R>(make: impl FnOnce() -> R) -> R {
    let before = rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o177));
    let result = make();
    rustix::process::umask(before);
    result
}

impl Drop for Listeners {
    fn drop(&mut self) {
        if self.ours {
            // The next daemon replaces what could not be removed.
            let _ = fs::remove_file(&self.socket);
        }
    }
}
