//! Sockets that a service manager opened for us and hands over (`sd_listen_fds(3)`), told apart by name.

use std::io;
use std::net::TcpListener;
use std::os::unix::net::UnixListener;

use listenfd::ListenFd;

use super::listeners::ListenError;

/// What was handed over; what was not is bound as the config says.
#[derive(Debug, Default)]
pub(super) struct HandedOver {
    pub(super) tcp: Option<TcpListener>,
    pub(super) unix: Option<UnixListener>,
}

/// What `FileDescriptorName=` of the socket unit says of its sockets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Tcp,
    Unix,
    /// The name of our own unit, which is systemd's default, or none at all: the socket shows what it is.
    Either,
}

enum Socket {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl HandedOver {
    /// Takes the sockets out of the environment. To be called before anything else runs: it changes the environment.
    pub(super) fn take() -> Result<Self, ListenError> {
        let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut sockets = ListenFd::from_env();
        let mut taken = Self::default();
        for index in 0..sockets.len() {
            let name = names.split(':').nth(index).unwrap_or_default();
            let kind = kind(name).ok_or_else(|| ListenError::UnknownName { name: name.to_owned() })?;
            let failed = |source| ListenError::HandedOver { name: name.to_owned(), source };
            let twice = match socket(&mut sockets, index, kind).map_err(failed)? {
                Socket::Tcp(tcp) => taken.tcp.replace(tcp).map(|_| "TCP"),
                Socket::Unix(unix) => taken.unix.replace(unix).map(|_| "Unix"),
            };
            if let Some(kind) = twice {
                return Err(ListenError::HandedOverTwice { kind });
            }
        }
        Ok(taken)
    }
}

fn kind(name: &str) -> Option<Kind> {
    match name {
        "tcp" => Some(Kind::Tcp),
        "unix" => Some(Kind::Unix),
        "" | "claude-hooks.socket" => Some(Kind::Either),
        _ => None,
    }
}

fn socket(sockets: &mut ListenFd, index: usize, kind: Kind) -> io::Result<Socket> {
    let gone = || io::Error::other("it was taken before");
    let tcp = |sockets: &mut ListenFd| sockets.take_tcp_listener(index)?.ok_or_else(gone).map(Socket::Tcp);
    let unix = |sockets: &mut ListenFd| sockets.take_unix_listener(index)?.ok_or_else(gone).map(Socket::Unix);
    match kind {
        Kind::Tcp => tcp(sockets),
        Kind::Unix => unix(sockets),
        // A socket of another kind stays where it is.
        Kind::Either => unix(sockets).or_else(|_| tcp(sockets)),
    }
}
