//! TCP for shards. Listening and connecting are the same code on both engines (non-blocking
//! sockets and [`crate::Readiness`]); reading and writing go through the engine.

use std::cell::RefCell;
use std::io;
use std::net::{Shutdown, SocketAddr};
use std::os::fd::AsRawFd;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use futures_lite::{AsyncRead, AsyncWrite};
use socket2::{Domain, Protocol, SockRef, Socket, Type};

use crate::engine::{self, Kind};
use crate::{Interest, Readiness, epoll, glommio};

/// Connections the kernel keeps for a listener that has not accepted them yet.
const BACKLOG: i32 = 1024;

/// A listening socket of one shard.
#[derive(Debug)]
pub struct TcpListener {
    socket: std::net::TcpListener,
    readiness: Readiness,
}

impl TcpListener {
    /// Listens on `addr`; with `reuse_port`, other shards may listen on it too and the kernel
    /// spreads connections over them.
    ///
    /// # Errors
    /// When the address is taken or not ours.
    pub fn bind(addr: SocketAddr, reuse_port: bool) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_reuse_address(true)?;
        if reuse_port {
            socket.set_reuse_port(true)?;
        }
        socket.set_nonblocking(true)?;
        socket.bind(&addr.into())?;
        socket.listen(BACKLOG)?;
        let readiness = Readiness::new(socket.as_raw_fd())?;
        Ok(Self { socket: socket.into(), readiness })
    }

    /// The next connection.
    ///
    /// # Errors
    /// What `accept(2)` answers beyond "nobody there" and "gave up meanwhile"; the listener stays
    /// usable. When descriptors run out this comes back at once each time: pause before retrying.
    pub async fn accept(&self) -> io::Result<(TcpStream, SocketAddr)> {
        loop {
            match self.socket.accept() {
                Ok((socket, peer)) => return Ok((TcpStream::from_std(socket)?, peer)),
                Err(error) => match error.kind() {
                    io::ErrorKind::WouldBlock => self.readiness.ready().await,
                    io::ErrorKind::Interrupted | io::ErrorKind::ConnectionAborted => {}
                    _ => return Err(error),
                },
            }
        }
    }

    /// The address listened on, with the port the kernel chose.
    ///
    /// # Errors
    /// What `getsockname(2)` answers.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }
}

/// A connected socket of one shard.
#[derive(Debug)]
pub struct TcpStream {
    stream: Stream,
    /// A second owner of the same socket for options: the engines' own types differ there.
    socket: Rc<std::net::TcpStream>,
}

#[derive(Debug)]
enum Stream {
    Glommio(glommio::Stream),
    Epoll(epoll::Stream),
}

impl TcpStream {
    /// Connects, waiting at most for `max`.
    ///
    /// # Errors
    /// What the peer or the network answers; `TimedOut` after `max`.
    pub async fn connect(addr: SocketAddr, max: Duration) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(addr), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        match socket.connect(&addr.into()) {
            Ok(()) => {}
            Err(error) if error.raw_os_error() == Some(libc::EINPROGRESS) => {
                let readiness = Readiness::with(socket.as_raw_fd(), Interest::Write)?;
                if !readiness.wait(max).await {
                    return Err(io::Error::new(
                        io::ErrorKind::TimedOut,
                        format!("no answer from {addr} within {max:?}"),
                    ));
                }
                if let Some(error) = socket.take_error()? {
                    return Err(error);
                }
            }
            Err(error) => return Err(error),
        }
        Self::from_std(socket.into())
    }

    /// Takes over a connected socket.
    ///
    /// # Errors
    /// When no descriptor is left.
    ///
    /// # Panics
    /// Off a shard.
    pub fn from_std(socket: std::net::TcpStream) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let own = socket.try_clone()?;
        let stream = match engine::current() {
            Kind::Glommio => Stream::Glommio(glommio::Stream::new(socket)),
            Kind::Epoll => Stream::Epoll(epoll::Stream::new(socket)?),
        };
        Ok(Self { stream, socket: Rc::new(own) })
    }

    /// Sends small writes at once instead of collecting them.
    ///
    /// # Errors
    /// What `setsockopt(2)` answers.
    pub fn set_nodelay(&self, on: bool) -> io::Result<()> {
        self.socket.set_nodelay(on)
    }

    /// Asks the kernel to notice a dead peer: first probe after `idle`, then each `every`.
    ///
    /// # Errors
    /// What `setsockopt(2)` answers.
    pub fn set_keepalive(&self, idle: Duration, every: Duration) -> io::Result<()> {
        let keepalive = socket2::TcpKeepalive::new().with_time(idle).with_interval(every);
        SockRef::from(&*self.socket).set_tcp_keepalive(&keepalive)
    }

    /// The other end.
    ///
    /// # Errors
    /// When the connection is gone.
    pub fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.socket.peer_addr()
    }

    /// This end.
    ///
    /// # Errors
    /// What `getsockname(2)` answers.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// Ends one or both directions now; a reader of this side, if any, sees the end.
    ///
    /// # Errors
    /// When the connection is gone already.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.socket.shutdown(how)
    }

    /// Two halves for two tasks of the same shard. The socket closes when both are dropped.
    pub fn split(self) -> (ReadHalf, WriteHalf) {
        let socket = Rc::clone(&self.socket);
        let stream = Rc::new(RefCell::new(self));
        (
            ReadHalf { stream: Rc::clone(&stream), socket: Rc::clone(&socket) },
            WriteHalf { stream, socket },
        )
    }
}

impl AsyncRead for TcpStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Glommio(stream) => stream.poll_read(cx, buf),
            Stream::Epoll(stream) => stream.poll_read(cx, buf),
        }
    }
}

impl AsyncWrite for TcpStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        match &mut self.stream {
            Stream::Glommio(stream) => stream.poll_write(cx, buf),
            Stream::Epoll(stream) => stream.poll_write(cx, buf),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Neither engine keeps written bytes back.
        Poll::Ready(Ok(()))
    }

    fn poll_close(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match &mut self.stream {
            Stream::Glommio(stream) => stream.poll_close(cx),
            Stream::Epoll(stream) => stream.poll_close(cx),
        }
    }
}

/// The reading half of a [`TcpStream`].
#[derive(Debug)]
pub struct ReadHalf {
    stream: Rc<RefCell<TcpStream>>,
    socket: Rc<std::net::TcpStream>,
}

/// The writing half of a [`TcpStream`].
#[derive(Debug)]
pub struct WriteHalf {
    stream: Rc<RefCell<TcpStream>>,
    socket: Rc<std::net::TcpStream>,
}

impl ReadHalf {
    /// Ends one or both directions now; the other half sees it.
    ///
    /// # Errors
    /// When the connection is gone already.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.socket.shutdown(how)
    }
}

impl WriteHalf {
    /// Ends one or both directions now; the other half sees it.
    ///
    /// # Errors
    /// When the connection is gone already.
    pub fn shutdown(&self, how: Shutdown) -> io::Result<()> {
        self.socket.shutdown(how)
    }
}

impl AsyncRead for ReadHalf {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.stream.borrow_mut()).poll_read(cx, buf)
    }
}

impl AsyncWrite for WriteHalf {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut *self.stream.borrow_mut()).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.stream.borrow_mut()).poll_flush(cx)
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut *self.stream.borrow_mut()).poll_close(cx)
    }
}
