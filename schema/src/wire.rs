//! Frames between agent and server: a fixed header of 64 bytes, then a body.
//!
//! The agent seals a column block into a frame; the server reads the header, refuses it by its
//! limits before it allocates anything, reads the body, verifies the checksum and only then
//! decompresses and looks at columns. All integers are little-endian.
//!
//! ```text
//!  0  magic "FTHM"      4  header version  5  kind  6  compression  7  zero
//!  8  table id u16     10  schema version u16      12  stream u16  14  zero u16
//! 16  rows u32         20  raw length u32          24  body length u32
//! 28  agent id u32     32  boot id u64             40  sequence u64
//! 48  checksum u64: xxh3-64 of the header with this field zero, then the body
//! 56  zero u64
//! ```
//!
//! The body of a `Block` frame is its columns, plain ([`columns`]) or packed ([`pack`]), which
//! the server unpacks into plain ones before it looks at them. `Hello` carries the agent's host
//! name and version as `key=value` lines, `Refused` the reason as text; the others have none.

pub mod columns;
mod error;
pub mod pack;
mod unpack;

pub use columns::{Column, Columns};
pub use error::WireError;

use crate::block::ColumnBlock;
use crate::def::TableDef;
use pack::Packer;
use std::cell::RefCell;
use xxhash_rust::xxh3::Xxh3;
use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// Length of a frame's header.
pub const HEADER_LEN: usize = 64;
/// First bytes of every frame.
pub const MAGIC: [u8; 4] = *b"FTHM";
/// Version of the header's layout.
pub const HEADER_VERSION: u8 = 1;

/// Longest body. A sealed block is about 1 MiB; this leaves room for one huge row batch and still
/// bounds what one connection can make the server hold.
pub const MAX_BODY_LEN: u32 = 16 << 20;
/// Longest body when unpacked, and longest text in it: they bound the scratch buffer of a server
/// shard.
pub const MAX_RAW_LEN: u32 = 64 << 20;
/// Most rows in a block, so that row numbers fit 16 bits where they are kept.
pub const MAX_ROWS: u32 = 64 << 10;
/// Longest body of a frame that is no block: a host name, a version, a reason.
pub const MAX_CONTROL_LEN: u32 = 64 << 10;

/// What a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum FrameKind {
    /// Agent: opens a connection. `seq` is the lowest that is not acknowledged yet. Repeated on an
    /// open connection it says that nothing below `seq` will come any more (frames given up leave
    /// holes), and that the agent lives.
    Hello = 1,
    /// Server: `seq` is the highest that is durable without a gap for that agent, boot and
    /// stream, or 0.
    HelloAck = 2,
    /// Agent: rows.
    Block = 3,
    /// Server: everything up to and with `seq` is durable.
    Ack = 4,
    /// Server: the connection will not be served; the body says why.
    Refused = 5,
}

impl FrameKind {
    const fn from_u8(value: u8) -> Option<Self> {
        Some(match value {
            1 => Self::Hello,
            2 => Self::HelloAck,
            3 => Self::Block,
            4 => Self::Ack,
            5 => Self::Refused,
            _ => return None,
        })
    }
}

/// How a body is compressed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Compression {
    /// Plain columns.
    None = 0,
    /// Packed columns, their text as one LZ4 block. (1 was LZ4 over plain columns, 2 another way
    /// of packing.)
    #[default]
    Lz4 = 3,
}

impl Compression {
    const fn from_u8(value: u8) -> Option<Self> {
        Some(match value {
            0 => Self::None,
            3 => Self::Lz4,
            _ => return None,
        })
    }
}

/// Who sent a frame, and which one it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct FrameId {
    /// The agent.
    pub agent_id: u32,
    /// Drawn anew whenever the agent starts.
    pub boot_id: u64,
    /// One per shard of the agent.
    pub stream: u16,
    /// From 1, one more with each block of the stream, over all tables.
    pub seq: u64,
}

/// A header that passed [`parse_header`], or one about to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What the frame is.
    pub kind: FrameKind,
    /// How the body is compressed.
    pub compression: Compression,
    /// Table of a block, else 0.
    pub table: u16,
    /// Version of that table's columns, else 0.
    pub schema_version: u16,
    /// Rows of a block, else 0.
    pub rows: u32,
    /// Length of the body when unpacked, at most.
    pub raw_len: u32,
    /// Length of the body that follows.
    pub body_len: u32,
    /// Who sent it, and which one it is.
    pub id: FrameId,
    /// Checksum of header and body.
    pub checksum: u64,
}

#[derive(FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned)]
#[repr(C)]
struct Layout {
    magic: [u8; 4],
    header_version: u8,
    kind: u8,
    compression: u8,
    zero_1: u8,
    table: U16,
    schema_version: U16,
    stream: U16,
    zero_2: U16,
    rows: U32,
    raw_len: U32,
    body_len: U32,
    agent_id: U32,
    boot_id: U64,
    seq: U64,
    checksum: U64,
    zero_3: U64,
}

const _: () = assert!(size_of::<Layout>() == HEADER_LEN);

impl Header {
    /// The header as it stands in the frame.
    pub fn to_bytes(&self) -> [u8; HEADER_LEN] {
        let layout = Layout {
            magic: MAGIC,
            header_version: HEADER_VERSION,
            kind: self.kind as u8,
            compression: self.compression as u8,
            zero_1: 0,
            table: self.table.into(),
            schema_version: self.schema_version.into(),
            stream: self.id.stream.into(),
            zero_2: 0.into(),
            rows: self.rows.into(),
            raw_len: self.raw_len.into(),
            body_len: self.body_len.into(),
            agent_id: self.id.agent_id.into(),
            boot_id: self.id.boot_id.into(),
            seq: self.id.seq.into(),
            checksum: self.checksum.into(),
            zero_3: 0.into(),
        };
        zerocopy::transmute!(layout)
    }

    /// Header and body together.
    pub const fn frame_len(&self) -> usize {
        HEADER_LEN + self.body_len as usize
    }

    /// Definition of the block's table, when this build knows it.
    pub fn table_def(&self) -> Option<&'static TableDef> {
        crate::table(self.table)
    }

    /// Whether the columns of a known table are of a version this build reads: its own, the one
    /// before or the one behind.
    pub fn has_known_columns(&self) -> bool {
        self.table_def().is_none_or(|t| t.version.abs_diff(self.schema_version) <= 1)
    }

    /// The header of the same frame when it comes from somebody else, or in another place.
    #[must_use]
    pub fn with_id(self, id: FrameId, body: &[u8]) -> Self {
        let mut header = Self { id, ..self };
        header.checksum = header.checksum_of(body);
        header
    }

    /// What the checksum has to be.
    fn checksum_of(&self, body: &[u8]) -> u64 {
        let mut hash = Xxh3::new();
        hash.update(&Self { checksum: 0, ..*self }.to_bytes());
        hash.update(body);
        hash.digest()
    }
}

thread_local! {
    /// Memory for packing, kept from block to block.
    static PACKER: RefCell<Packer> = RefCell::default();
}

/// Appends a block as one frame and returns its length. The block keeps its rows: clear it when
/// the frame is safe.
///
/// # Errors
/// A block that is empty or beyond the limits; `out` is then as it was.
pub fn seal(
    block: &dyn ColumnBlock,
    id: FrameId,
    compression: Compression,
    out: &mut Vec<u8>,
) -> Result<usize, WireError> {
    let (rows, raw_len) = (block.rows(), block.raw_bytes());
    PACKER.with_borrow_mut(|packer| {
        frame(block.table(), rows, raw_len, id, compression, out, |out| {
            match compression {
                Compression::Lz4 => packer.body(block, out),
                Compression::None => {
                    let mut packed = Vec::new();
                    packer.body(block, &mut packed);
                    let mut plain = Vec::new();
                    out.extend_from_slice(unpack(
                        block.table(),
                        rows,
                        raw_len,
                        &packed,
                        &mut plain,
                    )?);
                }
            }
            Ok(())
        })
    })
}

/// Appends plain columns as one frame and returns its length: for tests of what a peer may send.
///
/// # Errors
/// As [`seal`].
pub fn seal_plain(
    table: &'static TableDef,
    rows: usize,
    plain: &[u8],
    id: FrameId,
    out: &mut Vec<u8>,
) -> Result<usize, WireError> {
    frame(table, rows, plain.len(), id, Compression::None, out, |out| {
        out.extend_from_slice(plain);
        Ok(())
    })
}

/// Appends a frame whose body `body` appends.
fn frame(
    table: &'static TableDef,
    rows: usize,
    raw_len: usize,
    id: FrameId,
    compression: Compression,
    out: &mut Vec<u8>,
    body: impl FnOnce(&mut Vec<u8>) -> Result<(), WireError>,
) -> Result<usize, WireError> {
    if rows == 0 {
        return Err(WireError::Empty);
    }
    within("rows", rows as u64, u64::from(MAX_ROWS))?;
    within("raw length", raw_len as u64, u64::from(MAX_RAW_LEN))?;
    let start = out.len();
    let body_at = start + HEADER_LEN;
    out.resize(body_at, 0);
    let sealed = body(out).and_then(|()| {
        let len = out.len() - body_at;
        within("body length", len as u64, u64::from(MAX_BODY_LEN)).map(|()| len as u32)
    });
    let body_len = sealed.inspect_err(|_| out.truncate(start))?;
    let mut header = Header {
        kind: FrameKind::Block,
        compression,
        table: table.id,
        schema_version: table.version,
        rows: rows as u32,
        raw_len: raw_len as u32,
        body_len,
        id,
        checksum: 0,
    };
    header.checksum = header.checksum_of(&out[body_at..]);
    out[start..body_at].copy_from_slice(&header.to_bytes());
    Ok(out.len() - start)
}

/// The plain columns of a packed body, in `scratch`.
fn unpack<'a>(
    table: &'static TableDef,
    rows: usize,
    raw_len: usize,
    body: &[u8],
    scratch: &'a mut Vec<u8>,
) -> Result<&'a [u8], WireError> {
    let parts = unpack::parts(body).ok_or(WireError::Lengths)?;
    within("text", parts.text_len as u64, u64::from(MAX_RAW_LEN))?;
    let room = raw_len + parts.text_len;
    if scratch.len() < room {
        scratch.resize(room, 0);
    }
    let (plain, text) = scratch[..room].split_at_mut(raw_len);
    let len = unpack::columns(table, rows, &parts, text, plain)?;
    Ok(&plain[..len])
}

/// Appends a frame without rows and returns its length.
///
/// # Errors
/// A body beyond [`MAX_CONTROL_LEN`]; `out` is then as it was.
pub fn control(
    kind: FrameKind,
    id: FrameId,
    body: &[u8],
    out: &mut Vec<u8>,
) -> Result<usize, WireError> {
    within("control body", body.len() as u64, u64::from(MAX_CONTROL_LEN))?;
    let mut header = Header {
        kind,
        compression: Compression::None,
        table: 0,
        schema_version: 0,
        rows: 0,
        raw_len: body.len() as u32,
        body_len: body.len() as u32,
        id,
        checksum: 0,
    };
    header.checksum = header.checksum_of(body);
    out.extend_from_slice(&header.to_bytes());
    out.extend_from_slice(body);
    Ok(header.frame_len())
}

/// Reads a header and checks everything in it that can be checked without the body. Nothing is
/// allocated: after it, `body_len` is safe to read into memory.
///
/// A table or a version of its columns that this build does not know passes, so that a newer
/// agent's frame can be counted and acknowledged; [`body`] then says [`WireError::UnknownTable`]
/// or [`WireError::SchemaVersion`].
///
/// # Errors
/// See [`WireError`].
pub fn parse_header(bytes: &[u8; HEADER_LEN]) -> Result<Header, WireError> {
    let l: Layout = zerocopy::transmute!(*bytes);
    if l.magic != MAGIC {
        return Err(WireError::Magic);
    }
    if l.header_version != HEADER_VERSION {
        return Err(WireError::HeaderVersion(l.header_version));
    }
    // They are not kept in `Header`, so the checksum would not notice them.
    if l.zero_1 != 0 || l.zero_2.get() != 0 || l.zero_3.get() != 0 {
        return Err(WireError::Reserved);
    }
    let header = Header {
        kind: FrameKind::from_u8(l.kind).ok_or(WireError::Kind(l.kind))?,
        compression: Compression::from_u8(l.compression)
            .ok_or(WireError::Compression(l.compression))?,
        table: l.table.get(),
        schema_version: l.schema_version.get(),
        rows: l.rows.get(),
        raw_len: l.raw_len.get(),
        body_len: l.body_len.get(),
        id: FrameId {
            agent_id: l.agent_id.get(),
            boot_id: l.boot_id.get(),
            stream: l.stream.get(),
            seq: l.seq.get(),
        },
        checksum: l.checksum.get(),
    };
    if header.kind == FrameKind::Block {
        check_block(&header)?;
    } else {
        check_control(&header)?;
    }
    Ok(header)
}

fn check_block(h: &Header) -> Result<(), WireError> {
    within("body length", u64::from(h.body_len), u64::from(MAX_BODY_LEN))?;
    within("raw length", u64::from(h.raw_len), u64::from(MAX_RAW_LEN))?;
    within("rows", u64::from(h.rows), u64::from(MAX_ROWS))?;
    if h.rows == 0 {
        return Err(WireError::Empty);
    }
    // A packed body may stand for any number of rows that are all alike.
    if h.compression == Compression::None && h.raw_len != h.body_len {
        return Err(WireError::Lengths);
    }
    Ok(())
}

fn check_control(h: &Header) -> Result<(), WireError> {
    within("control body", u64::from(h.body_len), u64::from(MAX_CONTROL_LEN))?;
    let plain = h.compression == Compression::None && h.raw_len == h.body_len;
    let empty = h.rows == 0 && h.table == 0 && h.schema_version == 0;
    if plain && empty { Ok(()) } else { Err(WireError::Lengths) }
}

fn within(what: &'static str, value: u64, limit: u64) -> Result<(), WireError> {
    if value > limit { Err(WireError::TooLarge { what, value, limit }) } else { Ok(()) }
}

/// Compares the checksum with header and body.
///
/// # Errors
/// [`WireError::Lengths`] for a body of another length, [`WireError::Checksum`] for damage.
pub fn verify(header: &Header, body: &[u8]) -> Result<(), WireError> {
    if body.len() != header.body_len as usize {
        return Err(WireError::Lengths);
    }
    if header.checksum_of(body) != header.checksum {
        return Err(WireError::Checksum);
    }
    Ok(())
}

/// Unpacks a verified body, into `scratch` where needed, and validates its columns: whoever reads
/// them afterwards cannot meet bytes that do not fit.
///
/// # Errors
/// See [`WireError`]; nothing in a body makes this panic.
pub fn body<'a>(
    header: &Header,
    body: &'a [u8],
    scratch: &'a mut Vec<u8>,
) -> Result<Columns<'a>, WireError> {
    if header.kind != FrameKind::Block {
        return Err(WireError::NotABlock);
    }
    let table = header.table_def().ok_or(WireError::UnknownTable(header.table))?;
    if !header.has_known_columns() {
        return Err(WireError::SchemaVersion {
            table: header.table,
            theirs: header.schema_version,
            ours: table.version,
        });
    }
    if body.len() != header.body_len as usize {
        return Err(WireError::Lengths);
    }
    let rows = header.rows as usize;
    let plain = match header.compression {
        Compression::None => body,
        Compression::Lz4 => unpack(table, rows, header.raw_len as usize, body, scratch)?,
    };
    Columns::new(table, rows, plain)
}

/// The body of a `Hello`: `key=value` lines. Line breaks inside a value become spaces.
pub fn hello_body(host: &str, version: &str) -> Vec<u8> {
    let one_line = |s: &str| s.replace(['\n', '\r'], " ");
    format!("host={}\nversion={}\n", one_line(host), one_line(version)).into_bytes()
}

/// The value of `key` in the body of a `Hello`.
pub fn hello_value<'a>(body: &'a [u8], key: &str) -> Option<&'a str> {
    let text = std::str::from_utf8(body).ok()?;
    text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
}
