//! Whether the other side of a connection is still there: actix notices only when it writes.

use std::io;
use std::os::fd::{AsFd as _, OwnedFd};
use std::{net, os::unix};

use actix_web::rt::net::{TcpStream, UnixStream};
use tokio::io::Interest;

/// The other side of a connection; kept with the connection.
#[derive(Debug)]
pub(crate) enum Peer {
    Tcp(OwnedFd),
    Socket(OwnedFd),
}

impl Peer {
    pub(super) fn over_tcp(stream: &TcpStream) -> io::Result<Self> {
        Ok(Self::Tcp(stream.as_fd().try_clone_to_owned()?))
    }

    pub(super) fn over_socket(stream: &UnixStream) -> io::Result<Self> {
        Ok(Self::Socket(stream.as_fd().try_clone_to_owned()?))
    }

    /// Ends when it has closed the connection, or its half of it: whoever asks for something that takes its time and
    /// then hangs up does not want it any more. Never ends where that cannot be seen.
    pub(crate) async fn gone(&self) {
        if let Err(error) = self.closed().await {
            log::debug!("a hang-up would go unnoticed: {error}");
            std::future::pending::<()>().await;
        }
    }

    async fn closed(&self) -> io::Result<()> {
        // What there is to read is for actix: here it is only forgotten that there is something.
        let forget = || Err::<(), _>(io::Error::from(io::ErrorKind::WouldBlock));
        match self {
            Self::Tcp(fd) => {
                let stream = TcpStream::from_std(net::TcpStream::from(fd.try_clone()?))?;
                while !stream.ready(Interest::READABLE).await?.is_read_closed() {
                    let _ = stream.try_io(Interest::READABLE, forget);
                }
            }
            Self::Socket(fd) => {
                let stream = UnixStream::from_std(unix::net::UnixStream::from(fd.try_clone()?))?;
                while !stream.ready(Interest::READABLE).await?.is_read_closed() {
                    let _ = stream.try_io(Interest::READABLE, forget);
                }
            }
        }
        Ok(())
    }
}
