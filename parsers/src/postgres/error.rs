//! Errors: what their SQLSTATE says of who is at fault, and what of their text may be shown.

use crate::message::ResponseStatus;

/// Who is at fault, by the class of a SQLSTATE (PostgreSQL's appendix A).
pub(super) fn status(state: &[u8]) -> ResponseStatus {
    let class = state.get(..2).unwrap_or(b"");
    match class {
        b"00" | b"01" | b"02" => ResponseStatus::Ok,
        // Statements, values, constraints, cursors, names, rights: what the client asked for.
        b"03" | b"0A" | b"0B" | b"0F" | b"0L" | b"0P" | b"0Z" | b"20" | b"21" | b"22" | b"23"
        | b"24" | b"25" | b"26" | b"27" | b"28" | b"2B" | b"2D" | b"2F" | b"34" | b"3B" | b"3D"
        | b"3F" | b"42" | b"44" | b"54" | b"P0" => ResponseStatus::ClientError,
        // Connections, rollbacks by the server, resources, locks, operators, the system itself.
        _ => ResponseStatus::ServerError,
    }
}

/// The fields of an ErrorResponse that count: SQLSTATE and message.
pub(super) fn fields(body: &[u8]) -> (&[u8], &[u8]) {
    let (mut state, mut text): (&[u8], &[u8]) = (b"", b"");
    let mut rest = super::command::Body(body);
    while let Some(kind @ 1..) = rest.byte() {
        let value = rest.text();
        match kind {
            b'C' => state = value,
            b'M' => text = value,
            _ => {}
        }
    }
    (state, text)
}

/// The message without the values that it repeats.
pub(super) fn without_values<'a>(state: &[u8], text: &'a [u8]) -> &'a [u8] {
    let value = match state.get(..2) {
        // `invalid input syntax for type integer: "x"`
        Some(b"22") => memchr::memchr(b':', text),
        _ if state == b"42601" => memchr::memchr(b'"', text),
        _ => None,
    };
    text[..value.unwrap_or(text.len())].trim_ascii_end()
}
