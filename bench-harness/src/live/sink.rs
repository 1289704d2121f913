//! The least server there can be: acknowledges what agents send, and sums up the packets of the flow
//! rows, so that the agent's counts have a second witness at the far end. Being in the agent's
//! namespace, it also reads the agent's own numbers when it is asked to.

use crate::found::Found;
use anyhow::{Context, Result};
use fathom_schema::wire::{self, FrameId, FrameKind, HEADER_LEN, Header};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::{BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Mutex, PoisonError};

/// What arrived.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Arrived {
    /// Packets that rows of flows stand for.
    pub packets: u64,
    /// Rows of requests.
    pub requests: u64,
    /// Rows of all tables.
    pub rows: u64,
}

/// The agent's numbers, by name and labels.
pub type Numbers = BTreeMap<String, f64>;

/// Serves connections until standard input is closed. Prints `ready`, the agent's numbers for each
/// line that comes in, and at last what arrived.
///
/// # Errors
/// A port that is taken.
pub fn sink(port: u16, metrics: u16) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", port)).context("listening")?;
    println!("ready");
    let found: &Mutex<Found> = Box::leak(Box::default());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || {
                if let Err(why) = connection(&stream, found) {
                    eprintln!("the sink: {why:#}");
                }
            });
        }
    });
    for line in std::io::stdin().lines() {
        line?;
        // An agent that does not answer has no numbers yet.
        println!("{}", serde_json::to_string(&numbers(metrics).unwrap_or_default())?);
    }
    let found = found.lock().unwrap_or_else(PoisonError::into_inner);
    let of = |table: &str| found.rows.get(table).copied().unwrap_or(0);
    let arrived = Arrived {
        packets: found.totals().0,
        requests: of("l7_flow_log"),
        rows: found.rows.values().sum(),
    };
    println!("{}", serde_json::to_string(&arrived)?);
    Ok(())
}

fn numbers(port: u16) -> Result<Numbers> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.write_all(b"GET /metrics HTTP/1.1\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let of = |line: &str| {
        let (name, value) = line.rsplit_once(' ')?;
        Some((name.to_owned(), value.parse().ok()?))
    };
    Ok(answer.lines().filter(|l| l.starts_with("fathom_")).filter_map(of).collect())
}

fn connection(stream: &TcpStream, found: &Mutex<Found>) -> Result<()> {
    let mut reader = BufReader::with_capacity(1 << 20, stream);
    let mut frame = Vec::new();
    let mut greeted = false;
    while let Some(header) = next(&mut reader, &mut frame)? {
        match header.kind {
            FrameKind::Hello if !greeted => {
                greeted = true;
                let seq = header.id.seq.saturating_sub(1);
                answer(stream, FrameKind::HelloAck, FrameId { seq, ..header.id })?;
            }
            FrameKind::Block => {
                found.lock().unwrap_or_else(PoisonError::into_inner).frame(&frame)?;
                answer(stream, FrameKind::Ack, header.id)?;
            }
            // Sequence numbers that will not come; there is nothing to be done.
            _ => {}
        }
    }
    Ok(())
}

/// The next frame; `None` at the end of the connection.
fn next(reader: &mut impl Read, frame: &mut Vec<u8>) -> Result<Option<Header>> {
    let mut head = [0; HEADER_LEN];
    if reader.read(&mut head[..1])? == 0 {
        return Ok(None);
    }
    reader.read_exact(&mut head[1..])?;
    let header = wire::parse_header(&head)?;
    frame.clear();
    frame.extend_from_slice(&head);
    frame.resize(HEADER_LEN + header.body_len as usize, 0);
    reader.read_exact(&mut frame[HEADER_LEN..])?;
    Ok(Some(header))
}

fn answer(mut stream: &TcpStream, kind: FrameKind, id: FrameId) -> Result<()> {
    let mut out = Vec::with_capacity(HEADER_LEN);
    wire::control(kind, id, b"", &mut out)?;
    Ok(stream.write_all(&out)?)
}
