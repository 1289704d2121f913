//! A bad network: a TCP proxy that cuts connections after a random number of bytes, in the middle
//! of whatever is under way, and flips bits.

use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::random::Random;

#[derive(Clone, Debug)]
pub struct Faults {
    /// A connection is cut after at most so many bytes in one direction.
    pub cut_within: Option<u64>,
    /// One bit is flipped in about so many bytes.
    pub flip_every: Option<u64>,
}

pub struct Proxy {
    pub addr: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    target: Mutex<SocketAddr>,
    faults: Mutex<Faults>,
    random: Random,
    stop: AtomicBool,
    flipped: AtomicU64,
    cut: AtomicU64,
}

impl Proxy {
    pub fn start(target: SocketAddr, seed: u64, faults: Faults) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let addr = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            target: Mutex::new(target),
            faults: Mutex::new(faults),
            random: Random::new(seed),
            stop: AtomicBool::new(false),
            flipped: AtomicU64::new(0),
            cut: AtomicU64::new(0),
        });
        let s = Arc::clone(&shared);
        thread::spawn(move || {
            while let Ok((client, _)) = listener.accept() {
                if s.stop.load(Ordering::Relaxed) {
                    return;
                }
                let target = *s.target.lock().unwrap();
                // A server that is being restarted: the client sees its connection closed.
                let Ok(server) = TcpStream::connect(target) else { continue };
                for (from, to) in [(&client, &server), (&server, &client)] {
                    let (from, to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
                    let s = Arc::clone(&s);
                    thread::spawn(move || s.pump(from, to));
                }
            }
        });
        Self { addr, shared }
    }

    /// The server is elsewhere now.
    pub fn retarget(&self, target: SocketAddr) {
        *self.shared.target.lock().unwrap() = target;
    }

    /// From now on the network is good.
    pub fn heal(&self) {
        *self.shared.faults.lock().unwrap() = Faults { cut_within: None, flip_every: None };
    }

    pub fn cuts(&self) -> u64 {
        self.shared.cut.load(Ordering::Relaxed)
    }

    pub fn flips(&self) -> u64 {
        self.shared.flipped.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Relaxed);
        // Wakes the accepting thread.
        let _ = TcpStream::connect_timeout(&self.addr, Duration::from_secs(1));
    }
}

impl Shared {
    fn pump(&self, mut from: TcpStream, mut to: TcpStream) {
        let mut left = self.faults.lock().unwrap().cut_within.map(|n| self.random.below(n));
        let mut buffer = [0u8; 4096];
        while let Ok(n @ 1..) = from.read(&mut buffer) {
            let faults = self.faults.lock().unwrap().clone();
            if let Some(every) = faults.flip_every
                && self.random.below(every) < n as u64
            {
                buffer[self.random.below(n as u64) as usize] ^= 1 << self.random.below(8);
                self.flipped.fetch_add(1, Ordering::Relaxed);
            }
            let mut pass = n;
            if let (Some(left), Some(_)) = (&mut left, faults.cut_within) {
                pass = pass.min(*left as usize);
                *left -= pass as u64;
            }
            if to.write_all(&buffer[..pass]).is_err() {
                break;
            }
            if pass < n {
                self.cut.fetch_add(1, Ordering::Relaxed);
                break;
            }
        }
        let _ = from.shutdown(Shutdown::Both);
        let _ = to.shutdown(Shutdown::Both);
    }
}
