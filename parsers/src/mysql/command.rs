//! What the client says: commands, and its part of the handshake.

use super::wire::Reader;

/// Commands by number (MySQL 8.4, MariaDB 11).
const NAMES: [&[u8]; 33] = [
    b"COM_SLEEP",
    b"COM_QUIT",
    b"COM_INIT_DB",
    b"COM_QUERY",
    b"COM_FIELD_LIST",
    b"COM_CREATE_DB",
    b"COM_DROP_DB",
    b"COM_REFRESH",
    b"COM_SHUTDOWN",
    b"COM_STATISTICS",
    b"COM_PROCESS_INFO",
    b"COM_CONNECT",
    b"COM_PROCESS_KILL",
    b"COM_DEBUG",
    b"COM_PING",
    b"COM_TIME",
    b"COM_DELAYED_INSERT",
    b"COM_CHANGE_USER",
    b"COM_BINLOG_DUMP",
    b"COM_TABLE_DUMP",
    b"COM_CONNECT_OUT",
    b"COM_REGISTER_SLAVE",
    b"COM_STMT_PREPARE",
    b"COM_STMT_EXECUTE",
    b"COM_STMT_SEND_LONG_DATA",
    b"COM_STMT_CLOSE",
    b"COM_STMT_RESET",
    b"COM_SET_OPTION",
    b"COM_STMT_FETCH",
    b"COM_DAEMON",
    b"COM_BINLOG_DUMP_GTID",
    b"COM_RESET_CONNECTION",
    b"COM_CLONE",
];

pub(super) const QUIT: u8 = 0x01;
pub(super) const INIT_DB: u8 = 0x02;
pub(super) const QUERY: u8 = 0x03;
pub(super) const FIELD_LIST: u8 = 0x04;
pub(super) const STATISTICS: u8 = 0x09;
/// Stands for the client's part of the handshake.
pub(super) const CONNECT: u8 = 0x0b;
pub(super) const CHANGE_USER: u8 = 0x11;
pub(super) const BINLOG_DUMP: u8 = 0x12;
pub(super) const PREPARE: u8 = 0x16;
pub(super) const EXECUTE: u8 = 0x17;
pub(super) const SEND_LONG_DATA: u8 = 0x18;
pub(super) const CLOSE: u8 = 0x19;
pub(super) const RESET: u8 = 0x1a;
pub(super) const FETCH: u8 = 0x1c;
pub(super) const BINLOG_DUMP_GTID: u8 = 0x1e;
/// MariaDB's execution of one statement with many sets of parameters.
pub(super) const BULK_EXECUTE: u8 = 0xfa;

/// The statement that was prepared last (MariaDB).
pub(super) const LAST: u32 = u32::MAX;

/// A command's name.
pub(super) fn name(command: u8) -> Option<&'static [u8]> {
    match command {
        BULK_EXECUTE => Some(b"COM_STMT_BULK_EXECUTE"),
        n => NAMES.get(usize::from(n)).copied(),
    }
}

/// No answer follows.
pub(super) fn is_unanswered(command: u8) -> bool {
    matches!(command, QUIT | SEND_LONG_DATA | CLOSE)
}

/// The text of a COM_QUERY or COM_STMT_PREPARE behind the command's byte, and the attributes in
/// front of it (MySQL 8.0.23), which may be trace headers.
pub(super) fn statement<'a>(
    command: u8,
    body: &'a [u8],
    attributes: &mut impl FnMut(&'a [u8], &'a [u8]),
) -> &'a [u8] {
    match body {
        // One set of this many attributes; no statement begins with such a byte.
        [0..=8, 1, ..] if command == QUERY => attributed(body, attributes).unwrap_or(b""),
        _ => body,
    }
}

fn attributed<'a>(
    body: &'a [u8],
    attributes: &mut impl FnMut(&'a [u8], &'a [u8]),
) -> Option<&'a [u8]> {
    let mut r = Reader(body);
    let count = usize::try_from(r.number()?).ok()?;
    r.number()?;
    if count == 0 {
        return Some(r.0);
    }
    let nulls = r.take(count.div_ceil(8))?;
    if r.u8()? != 1 {
        return None;
    }
    let mut named = [(0u8, &b""[..]); 8];
    for place in named.iter_mut().take(count) {
        *place = (r.u16()? as u8, r.text()?);
    }
    for (i, (kind, name)) in named.into_iter().take(count).enumerate() {
        if nulls[i / 8] >> (i % 8) & 1 == 0 {
            attributes(name, super::params::raw(&mut r, kind)?);
        }
    }
    Some(r.0)
}

/// The client's part of the handshake.
#[derive(Clone, Copy, Debug)]
pub(super) struct Login<'a> {
    pub(super) capabilities: u32,
    pub(super) user: &'a [u8],
    pub(super) database: &'a [u8],
    /// Only the first part: TLS begins behind it.
    pub(super) wants_tls: bool,
}

pub(super) const COMPRESS: u32 = 0x20;
const CONNECT_WITH_DB: u32 = 0x8;
const PROTOCOL_41: u32 = 0x200;
const SSL: u32 = 0x800;
const SECURE_CONNECTION: u32 = 0x8000;
const LENENC_AUTH: u32 = 0x20_0000;
pub(super) const ZSTD: u32 = 0x400_0000;

/// Length of the fixed part.
pub(super) const LOGIN_FIXED: usize = 32;

/// `len` is the payload's length, of which the front is here.
pub(super) fn login(payload: &[u8], len: usize) -> Option<Login<'_>> {
    let mut r = Reader(payload);
    let capabilities = r.u32()?;
    r.take(5)?;
    // 23 zeros; MariaDB puts more capabilities into the last four.
    let reserved = r.take(23)?;
    if capabilities & PROTOCOL_41 == 0 || reserved[..19].iter().any(|b| *b != 0) {
        return None;
    }
    if len == LOGIN_FIXED {
        let wants_tls = capabilities & SSL != 0;
        return wants_tls.then_some(Login { capabilities, user: b"", database: b"", wants_tls });
    }
    let user = r.until_zero();
    let auth = if capabilities & LENENC_AUTH != 0 {
        r.text()
    } else if capabilities & SECURE_CONNECTION != 0 {
        r.u8().and_then(|n| r.take(usize::from(n)))
    } else {
        Some(r.until_zero())
    };
    let has_database = auth.is_some() && capabilities & CONNECT_WITH_DB != 0;
    let database = if has_database { r.until_zero() } else { b"" };
    Some(Login { capabilities, user, database, wants_tls: false })
}
