//! What the client says.

/// Startup packets are not longer (`MAX_STARTUP_PACKET_LENGTH`).
const MAX_STARTUP: usize = 10_000;

/// The first packet of a connection.
#[derive(Clone, Copy, Debug)]
pub(super) enum Startup<'a> {
    /// SSLRequest.
    Tls,
    /// GSSENCRequest.
    Gss,
    /// CancelRequest, and the process that it is for.
    Cancel(u32),
    /// A session.
    Session { user: &'a [u8], database: &'a [u8] },
}

pub(super) fn startup_len(bytes: &[u8]) -> Option<usize> {
    bytes.first_chunk::<4>().map(|n| u32::from_be_bytes(*n) as usize)
}

pub(super) fn is_startup_len(len: usize) -> bool {
    (8..=MAX_STARTUP).contains(&len)
}

/// Reads a whole first packet, its length included.
pub(super) fn startup(packet: &[u8]) -> Option<Startup<'_>> {
    let code = u32::from_be_bytes(*packet.get(4..)?.first_chunk::<4>()?);
    match (code >> 16, code & 0xffff) {
        (1234, 5679) if packet.len() == 8 => Some(Startup::Tls),
        (1234, 5680) if packet.len() == 8 => Some(Startup::Gss),
        (1234, 5678) => {
            let process = packet.get(8..)?.first_chunk::<4>()?;
            Some(Startup::Cancel(u32::from_be_bytes(*process)))
        }
        (3, _) => {
            let mut rest = Body(&packet[8..]);
            let (mut user, mut database): (&[u8], &[u8]) = (b"", b"");
            while let name @ [_, ..] = rest.text() {
                let value = rest.text();
                match name {
                    b"user" => user = value,
                    b"database" => database = value,
                    _ => {}
                }
            }
            (!user.is_empty()).then_some(Startup::Session { user, database })
        }
        _ => None,
    }
}

/// A message that clients send.
pub(super) fn is_known(kind: u8) -> bool {
    matches!(
        kind,
        b'Q' | b'P'
            | b'B'
            | b'D'
            | b'E'
            | b'S'
            | b'C'
            | b'H'
            | b'F'
            | b'p'
            | b'X'
            | b'd'
            | b'c'
            | b'f'
    )
}

/// Its body says something.
pub(super) fn is_read(kind: u8) -> bool {
    matches!(kind, b'Q' | b'P' | b'B' | b'D' | b'C')
}

/// What is left of a message's body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body<'a>(pub(super) &'a [u8]);

impl<'a> Body<'a> {
    /// A text with its zero byte; without one, all that is left.
    pub(super) fn text(&mut self) -> &'a [u8] {
        let end = memchr::memchr(0, self.0).unwrap_or(self.0.len());
        let (text, rest) = self.0.split_at(end);
        self.0 = rest.get(1..).unwrap_or(b"");
        text
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }
}

/// Statements are remembered by a number made of their name (FNV-1a).
pub(super) fn key(name: &[u8]) -> u32 {
    name.iter().fold(0x811c_9dc5, |h, b| (h ^ u32::from(*b)).wrapping_mul(0x0100_0193))
}
