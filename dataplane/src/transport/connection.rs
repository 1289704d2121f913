//! One connection after the other to the server: Hello, then a writer and a reader side by side
//! until one of them ends.

use std::io;
use std::time::{Duration, Instant};

use fathom_schema::wire::{self, FrameKind, HEADER_LEN, Header, WireError};
use fathom_shard::net::TcpStream;
use fathom_shard::{sleep, timeout};
use futures_lite::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::backlog::Outgoing;
use super::{BACK_OFF, CONNECT_TIMEOUT, DEAD, HEARTBEAT, HELLO_TIMEOUT, REFUSALS, Shared};

/// A write slower than this waited for the peer rather than for a copy.
const WAITED: Duration = Duration::from_millis(1);

/// Longest text of Refused that is read.
const REASON_BYTES: usize = 1024;

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
enum Ended {
    #[error("no address is known for the server; check `server.address`")]
    NoAddress,
    #[error("connecting to {peer}: {source}")]
    Connect { peer: std::net::SocketAddr, source: io::Error },
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Wire(#[from] WireError),
    #[error("no answer within {} s", .0.as_secs())]
    Silent(Duration),
    #[error("the server sent something else than an acknowledgement: {0}")]
    Protocol(String),
    #[error("the server refused frame {seq}: {why}")]
    Refused { seq: u64, why: String },
}

/// Connects again and again, for ever.
pub(super) async fn keep(s: &Shared) {
    let mut random = Jitter(s.config.boot_id ^ (u64::from(s.config.stream) << 48) | 1);
    let mut wait = BACK_OFF.0;
    let mut attempt = 0;
    let mut refusals: (u64, u32) = (0, 0);
    loop {
        let held = s.backlog.borrow().lowest_unacked();
        let ended = connection(s, attempt).await;
        attempt += 1;
        let was_up = s.connected.replace(false);
        s.counters.connected.set(0);
        s.counters.disconnects.add(1);
        if was_up {
            tracing::warn!(reason = %ended, "the connection to the server ended");
        } else {
            tracing::info!(reason = %ended, retry_ms = wait.as_millis() as u64, "no connection");
        }
        // Being answered is not enough: a server that refuses what comes next would be asked ten
        // times a second.
        if s.backlog.borrow().lowest_unacked() > held {
            wait = BACK_OFF.0;
        }
        if let Ended::Refused { seq, .. } = ended {
            s.counters.refused.add(1);
            refusals = if refusals.0 == seq { (seq, refusals.1 + 1) } else { (seq, 1) };
            if refusals.1 >= REFUSALS {
                // The same frame again and again: it is at fault, and everything behind it waits.
                s.backlog.borrow_mut().give_up(seq, &mut s.losses.borrow_mut());
                s.publish();
                refusals = (0, 0);
            }
        }
        sleep(random.around(wait)).await;
        wait = (wait * 2).min(BACK_OFF.1);
    }
}

async fn connection(s: &Shared, attempt: usize) -> Ended {
    match run(s, attempt).await {
        Ok(never) => match never {},
        Err(ended) => ended,
    }
}

async fn run(s: &Shared, attempt: usize) -> Result<std::convert::Infallible, Ended> {
    let peer = s.config.peers.pick(attempt).ok_or(Ended::NoAddress)?;
    let stream = TcpStream::connect(peer, CONNECT_TIMEOUT)
        .await
        .map_err(|source| Ended::Connect { peer, source })?;
    // Without it a heartbeat or a small block waits for the acknowledgement of the last one.
    stream.set_nodelay(true)?;
    let (mut reader, mut writer) = stream.split();

    let mut hello = Vec::new();
    let lowest = s.backlog.borrow().lowest_unacked();
    wire::control(FrameKind::Hello, s.frame_id(lowest), &s.config.hello, &mut hello)?;
    let answer = timeout(HELLO_TIMEOUT, async {
        writer.write_all(&hello).await?;
        writer.flush().await?;
        read_control(&mut reader).await
    });
    let header = answer.await.map_err(|_| Ended::Silent(HELLO_TIMEOUT))??;
    if header.kind != FrameKind::HelloAck {
        return Err(Ended::Protocol(format!("{:?} instead of HelloAck", header.kind)));
    }
    let next = s.backlog.borrow().next_seq();
    if header.id.seq >= next {
        // Taking this for an acknowledgement would drop what was never written.
        return Err(Ended::Protocol(format!(
            "it holds frame {} of this run, which has only made {}; do two agents share an id?",
            header.id.seq,
            next - 1
        )));
    }
    s.backlog.borrow_mut().reconnected(header.id.seq, &mut s.losses.borrow_mut(), |t, n| {
        s.counters.rows_delivered.of(t).add(n);
    });
    s.publish();
    s.acknowledged.raise();
    s.connected.set(true);
    s.counters.connects.add(1);
    s.counters.connected.set(1);
    tracing::info!(%peer, durable = header.id.seq, "connected to the server");

    futures_lite::future::or(write_frames(s, &mut writer), read_acks(s, &mut reader)).await
}

async fn write_frames(
    s: &Shared,
    writer: &mut (impl AsyncWrite + Unpin),
) -> Result<std::convert::Infallible, Ended> {
    let mut hello = Vec::with_capacity(HEADER_LEN);
    loop {
        let next = s.backlog.borrow_mut().next_outgoing();
        match next {
            Some(Outgoing::Frame(frame)) => write(s, writer, &frame).await?,
            Some(Outgoing::Hole(last)) => write_hello(s, writer, last + 1, &mut hello).await?,
            None => {
                if timeout(HEARTBEAT, s.work.raised()).await.is_err() {
                    // Behind the last frame written, so it never passes over a frame that was
                    // sealed in the meantime.
                    let next = s.backlog.borrow().highest_sent() + 1;
                    write_hello(s, writer, next, &mut hello).await?;
                }
            }
        }
    }
}

/// Says that nothing below `seq` will come any more.
async fn write_hello(
    s: &Shared,
    writer: &mut (impl AsyncWrite + Unpin),
    seq: u64,
    out: &mut Vec<u8>,
) -> Result<(), Ended> {
    out.clear();
    wire::control(FrameKind::Hello, s.frame_id(seq), &[], out)?;
    Ok(write(s, writer, out).await?)
}

async fn write(s: &Shared, writer: &mut (impl AsyncWrite + Unpin), bytes: &[u8]) -> io::Result<()> {
    let start = Instant::now();
    writer.write_all(bytes).await?;
    writer.flush().await?;
    let took = start.elapsed();
    if took > WAITED {
        s.counters.back_pressure_us.add(took.as_micros() as u64);
        s.counters.back_pressure_bytes.add(bytes.len() as u64);
    }
    s.counters.frames_sent.add(1);
    s.counters.bytes_sent.add(bytes.len() as u64);
    Ok(())
}

async fn read_acks(
    s: &Shared,
    reader: &mut (impl AsyncRead + Unpin),
) -> Result<std::convert::Infallible, Ended> {
    loop {
        let header =
            timeout(DEAD, read_control(reader)).await.map_err(|_| Ended::Silent(DEAD))??;
        if header.kind != FrameKind::Ack {
            return Err(Ended::Protocol(format!("{:?} instead of Ack", header.kind)));
        }
        let highest = s.backlog.borrow().highest_sent();
        if header.id.seq > highest {
            return Err(Ended::Protocol(format!(
                "frame {} acknowledged, the last one written is {highest}",
                header.id.seq
            )));
        }
        s.acknowledge(header.id.seq);
    }
}

/// Reads one frame of the server. Refused comes back as an error.
async fn read_control(reader: &mut (impl AsyncRead + Unpin)) -> Result<Header, Ended> {
    let mut head = [0u8; HEADER_LEN];
    reader.read_exact(&mut head).await?;
    let header = wire::parse_header(&head).map_err(|e| Ended::Protocol(e.to_string()))?;
    let len = header.body_len as usize;
    if len > REASON_BYTES {
        return Err(Ended::Protocol(format!("a body of {len} bytes")));
    }
    let mut body = vec![0u8; len];
    reader.read_exact(&mut body).await?;
    wire::verify(&header, &body).map_err(|e| Ended::Protocol(e.to_string()))?;
    if header.kind == FrameKind::Refused {
        let why = String::from_utf8_lossy(&body).into_owned();
        return Err(Ended::Refused { seq: header.id.seq, why });
    }
    Ok(header)
}

/// Spreads reconnects of many agents over time.
struct Jitter(u64);

impl Jitter {
    /// Between half of `wait` and all of it.
    fn around(&mut self, wait: Duration) -> Duration {
        // xorshift64: any spread does.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        let half = wait.as_micros() as u64 / 2;
        Duration::from_micros(half + self.0 % (half + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jitter_stays_between_half_and_all() {
        let mut j = Jitter(42);
        let wait = Duration::from_millis(100);
        let all: Vec<_> = (0..1000).map(|_| j.around(wait)).collect();
        assert!(all.iter().all(|d| (wait / 2..=wait).contains(d)));
        assert!(all.iter().max() > all.iter().min());
    }
}
