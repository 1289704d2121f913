//! One agent's connection: Hello, then a reader that takes frames and a writer that acknowledges
//! them, side by side until one of them ends.

use std::io;
use std::net::Shutdown;
use std::rc::Rc;
use std::time::{Duration, Instant};

use fathom_schema::wire::{self, FrameId, FrameKind, HEADER_LEN, Header, WireError};
use fathom_shard::net::{ReadHalf, TcpStream, WriteHalf};
use fathom_shard::{sleep, timeout};
use futures_lite::{AsyncReadExt, AsyncWriteExt};

use super::budget::{Budget, Share};
use super::counters::{LossReason, Refusal};
use super::is_goodbye;
use super::signal::Signal;
use super::streams::{ConnectionId, Offer, StreamId, Superseded, TooManyStreams};
use crate::limits;
use crate::spool::{Spool, unix_s};

/// How often a new connection looks whether what an older one brought is durable.
const SETTLE_POLL: Duration = Duration::from_millis(5);

/// After Refused the rest of what the peer sent is read and thrown away, at most so much for so
/// long: closing a socket with unread bytes resets it, and the peer would not see the reason.
const LINGER: (usize, Duration) = (1 << 20, Duration::from_millis(500));

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
pub(super) enum Ended {
    #[error("the agent hung up")]
    Goodbye,
    #[error("{0}")]
    Io(io::Error),
    #[error("nothing came for {} s", .0.as_secs())]
    Idle(Duration),
    #[error("{0}")]
    Superseded(#[from] Superseded),
    #[error("refused: {1}")]
    Refused(Refusal, String, u64),
}

impl From<io::Error> for Ended {
    fn from(e: io::Error) -> Self {
        if is_goodbye(&e) { Self::Goodbye } else { Self::Io(e) }
    }
}

impl Ended {
    fn refused(why: Refusal, text: impl ToString, seq: u64) -> Self {
        Self::Refused(why, text.to_string(), seq)
    }
}

impl From<TooManyStreams> for Ended {
    fn from(e: TooManyStreams) -> Self {
        Self::refused(Refusal::TooMany, e, 0)
    }
}

/// Serves a connection until it ends.
pub(super) async fn serve(
    stream: TcpStream,
    id: ConnectionId,
    spool: &Spool,
    budget: &Budget,
) -> Ended {
    let _ = stream.set_nodelay(true);
    let (reader, mut writer) = stream.split();
    let share = Share::of(budget, &spool.shared().counters);
    let mut c = Connection { id, spool, stream: None, reader, frame: Vec::new(), share };
    let ended = match c.run(&mut writer).await {
        Ok(never) => match never {},
        Err(ended) => ended,
    };
    let counters = &spool.shared().counters;
    match &ended {
        Ended::Superseded(_) => counters.superseded.add(1),
        Ended::Idle(_) => counters.idle_closed.add(1),
        Ended::Refused(why, text, seq) => {
            counters.refuse(*why);
            c.say_why(&mut writer, text, *seq).await;
        }
        Ended::Goodbye | Ended::Io(_) => {}
    }
    ended
}

struct Connection<'a> {
    id: ConnectionId,
    spool: &'a Spool,
    stream: Option<FrameId>,
    reader: ReadHalf,
    /// Body of the present frame; grows with what arrives.
    frame: Vec<u8>,
    /// Memory for it.
    share: Share<'a>,
}

impl Drop for Connection<'_> {
    fn drop(&mut self) {
        if let Some(s) = self.stream {
            self.spool.shared().streams.leave(stream_of(&s), self.id, unix_s());
        }
    }
}

impl Connection<'_> {
    async fn run(&mut self, writer: &mut WriteHalf) -> Result<std::convert::Infallible, Ended> {
        let wait = limits::HELLO_TIMEOUT;
        let (_, hello) = self.read_frame(wait, Some(FrameKind::Hello)).await?;
        if hello.id.seq == 0 {
            return Err(Ended::refused(Refusal::Protocol, "sequence numbers begin at 1", 0));
        }
        let key = stream_of(&hello.id);
        let streams = &self.spool.shared().streams;
        streams.take_over(key, self.id, unix_s())?;
        self.stream = Some(hello.id);
        let durable = loop {
            match streams.settle(key, self.id, hello.id.seq)? {
                Some(durable) => break durable,
                None => sleep(SETTLE_POLL).await,
            }
        };
        let tell = Rc::new(Signal::default());
        if durable > 0 {
            // What the agent says it need not send again has to be known after a restart too.
            self.spool.note(key, durable, &tell);
        }
        send(writer, FrameKind::HelloAck, FrameId { seq: durable, ..hello.id }, b"").await?;
        let acks = acknowledge(self.spool, self.id, hello.id, durable, &tell, writer);
        futures_lite::future::or(self.read_frames(hello.id, &tell), acks).await
    }

    async fn read_frames(
        &mut self,
        me: FrameId,
        tell: &Rc<Signal>,
    ) -> Result<std::convert::Infallible, Ended> {
        let key = stream_of(&me);
        loop {
            self.wait_for_room().await;
            let (head, header) = self.read_frame(limits::IDLE_TIMEOUT, None).await?;
            if (FrameId { seq: me.seq, ..header.id }) != me {
                let text = "a frame of another agent, run or stream than this connection's";
                return Err(Ended::refused(Refusal::Protocol, text, seq_claimed(&head)));
            }
            if header.kind == FrameKind::Block {
                // Others were read meanwhile, and a cycle has a bound.
                self.wait_for_room().await;
            }
            let shared = self.spool.shared();
            let (streams, c) = (&shared.streams, &shared.counters);
            let seq = header.id.seq;
            match header.kind {
                // Between taking the number and taking the frame nothing may wait: what is
                // accepted is in the spool's hands.
                FrameKind::Block => match streams.offer(key, self.id, seq) {
                    Offer::Accept => {
                        c.frames.add(1);
                        if header.has_known_columns() {
                            self.spool.take(&head, &header, &self.frame, tell);
                        } else {
                            self.pass_unknown(&header, tell);
                        }
                    }
                    Offer::Duplicate => {
                        c.duplicates.add(1);
                        c.duplicate_rows.of(header.table).add(u64::from(header.rows));
                    }
                    Offer::Gap { expected } => {
                        let text = format!("frame {seq} came, {expected} had to come");
                        return Err(Ended::refused(Refusal::Gap, text, 0));
                    }
                    Offer::Superseded => return Err(Superseded.into()),
                },
                FrameKind::Hello => match streams.pass(key, self.id, seq) {
                    Offer::Accept => {
                        c.holes.add(1);
                        self.spool.note(key, seq - 1, tell);
                    }
                    Offer::Superseded => return Err(Superseded.into()),
                    Offer::Duplicate | Offer::Gap { .. } => {}
                },
                other => {
                    let text = format!("a frame of kind {other:?} from an agent");
                    return Err(Ended::refused(Refusal::Protocol, text, 0));
                }
            }
            self.frame = Vec::new();
            self.share.give_back();
        }
    }

    /// Accepts a frame whose columns this server cannot read, now or ever, as lost.
    fn pass_unknown(&self, header: &Header, tell: &Rc<Signal>) {
        let c = &self.spool.shared().counters;
        let rows = u64::from(header.rows);
        if c.rows_lost[LossReason::UnknownSchema as usize].of(header.table).get() == 0 {
            tracing::error!(
                table = header.table,
                version = header.schema_version,
                agent = header.id.agent_id,
                "an agent sends columns of a version this server does not know; they are lost \
                 until the older of the two is updated"
            );
        }
        c.rows_received.of(header.table).add(rows);
        c.lose(header.table, LossReason::UnknownSchema, rows);
        self.spool.note(stream_of(&header.id), header.id.seq, tell);
    }

    /// Back-pressure: while the spool is full nothing is read, so the agent's writes stand still.
    async fn wait_for_room(&self) {
        while !self.spool.has_room() {
            let start = Instant::now();
            sleep(limits::BACK_PRESSURE_POLL).await;
            let us = start.elapsed().as_micros() as u64;
            self.spool.shared().counters.back_pressure_us.add(us);
        }
    }

    /// Reads one frame; its body is in `self.frame` then. The peer has `wait` to bring it; time
    /// in which this server has no memory for it is not the peer's. With `only`, any other kind is
    /// refused before its body is read.
    async fn read_frame(
        &mut self,
        wait: Duration,
        only: Option<FrameKind>,
    ) -> Result<([u8; HEADER_LEN], Header), Ended> {
        let mut head = [0u8; HEADER_LEN];
        let mut left = wait;
        within(wait, &mut left, self.reader.read_exact(&mut head)).await?;
        let header = wire::parse_header(&head)
            .map_err(|e| Ended::refused(Refusal::Header, e, seq_claimed(&head)))?;
        if only.is_some_and(|kind| kind != header.kind) {
            let text = format!("a connection begins with Hello, not with {:?}", header.kind);
            return Err(Ended::refused(Refusal::Protocol, text, 0));
        }
        let len = header.body_len as usize;
        if header.kind != FrameKind::Block && len > limits::HELLO_BODY {
            let text = format!("a body of {len} bytes; Hello has at most {}", limits::HELLO_BODY);
            return Err(Ended::refused(Refusal::Header, text, 0));
        }
        self.frame.clear();
        while self.frame.len() < len {
            let have = self.frame.len();
            // Doubling bounds the copies; never more than was announced, nor than twice of what
            // came: a peer that announces much and sends little costs little.
            let step = (len - have).min(have.max(limits::READ_STEP));
            if header.kind == FrameKind::Block {
                self.share.grow(step).await;
            }
            self.frame.reserve_exact(step);
            self.frame.resize(have + step, 0);
            within(wait, &mut left, self.reader.read_exact(&mut self.frame[have..])).await?;
        }
        self.spool.shared().counters.bytes.add((HEADER_LEN + len) as u64);
        match wire::verify(&header, &self.frame) {
            Ok(()) => Ok((head, header)),
            Err(e @ WireError::Checksum) => {
                Err(Ended::refused(Refusal::Checksum, e, seq_claimed(&head)))
            }
            Err(e) => Err(Ended::refused(Refusal::Header, e, seq_claimed(&head))),
        }
    }

    async fn say_why(&mut self, writer: &mut WriteHalf, text: &str, seq: u64) {
        let id = FrameId { seq, ..self.stream.unwrap_or_default() };
        if send(writer, FrameKind::Refused, id, text.as_bytes()).await.is_err() {
            return;
        }
        let _ = writer.shutdown(Shutdown::Write);
        let (bytes, time) = LINGER;
        let mut scratch = [0u8; 4096];
        let drained = async {
            let mut left = bytes;
            while left > 0 {
                match self.reader.read(&mut scratch).await {
                    Ok(0) | Err(_) => break,
                    Ok(n) => left = left.saturating_sub(n),
                }
            }
        };
        let _ = timeout(time, drained).await;
    }
}

/// The number of a frame that is refused, for the agent to give up the frame that is at fault; 0
/// when there is none. No checksum vouches for it, which is safe enough: the agent
/// gives up a frame that is refused several times in a row, and only one that it holds, so damage
/// on the way would have to repeat itself, and whoever can forge that can refuse frames himself.
/// A Hello carries the number of a frame that is not at fault.
fn seq_claimed(head: &[u8; HEADER_LEN]) -> u64 {
    match (head.first_chunk::<4>(), head[40..].first_chunk()) {
        (Some(&wire::MAGIC), Some(seq)) if head[5] != FrameKind::Hello as u8 => {
            u64::from_le_bytes(*seq)
        }
        _ => 0,
    }
}

/// Does `work` in what is `left` of the `whole` time, and takes away what it took.
async fn within<T>(
    whole: Duration,
    left: &mut Duration,
    work: impl Future<Output = io::Result<T>>,
) -> Result<T, Ended> {
    let start = Instant::now();
    let done = timeout(*left, work).await.map_err(|_| Ended::Idle(whole))??;
    *left = left.saturating_sub(start.elapsed());
    Ok(done)
}

/// Says how far the stream is durable: when that changes, and now and then as a sign of life.
async fn acknowledge(
    spool: &Spool,
    id: ConnectionId,
    me: FrameId,
    mut said: u64,
    tell: &Rc<Signal>,
    writer: &mut WriteHalf,
) -> Result<std::convert::Infallible, Ended> {
    loop {
        let quiet = timeout(limits::ACK_HEARTBEAT, tell.raised()).await.is_err();
        let durable = spool.shared().streams.durable(stream_of(&me), id)?;
        if durable > said || quiet {
            said = durable;
            send(writer, FrameKind::Ack, FrameId { seq: durable, ..me }, b"").await?;
        }
    }
}

async fn send(
    writer: &mut WriteHalf,
    kind: FrameKind,
    id: FrameId,
    body: &[u8],
) -> Result<(), Ended> {
    let mut out = Vec::with_capacity(HEADER_LEN + body.len());
    wire::control(kind, id, body, &mut out).map_err(|e| Ended::Io(io::Error::other(e)))?;
    let written = timeout(limits::WRITE_TIMEOUT, async {
        writer.write_all(&out).await?;
        writer.flush().await
    });
    Ok(written.await.map_err(|_| Ended::Idle(limits::WRITE_TIMEOUT))??)
}

fn stream_of(id: &FrameId) -> StreamId {
    StreamId { agent: id.agent_id, boot: id.boot_id, stream: id.stream }
}
