//! gRPC-Web: gRPC whose trailers come as the last message of the body, for clients that cannot
//! read those of HTTP. The parsers of HTTP feed the bodies of such answers here, where they are
//! counted through and only the trailers are kept.
//!
//! `application/grpc-web` is binary, `application/grpc-web-text` the same in Base64.

use crate::message::Message;
use crate::text;

/// Trailers longer than this are not read: they hold a status and a sentence.
const MAX_TRAILERS: usize = 1024;
/// Flag of the message that holds the trailers.
const TRAILERS: u8 = 0x80;
/// Bytes in front of a message: a flag and its length.
const HEAD: usize = 5;

/// Is this the media type of gRPC-Web?
pub(crate) fn is_web(content_type: &[u8]) -> bool {
    content_type.starts_with(b"application/grpc-web")
}

/// The body of one answer, as far as it was seen.
#[derive(Debug, Default)]
pub(crate) struct Body {
    /// Base64: digits of an unfinished group, and how many.
    group: Option<(u32, u8)>,
    head: [u8; HEAD],
    have: u8,
    left: u32,
    trailers: Vec<u8>,
    /// Bytes were missed: nothing further can be told.
    lost: bool,
}

impl Body {
    pub(crate) fn new(content_type: &[u8]) -> Self {
        let text = content_type.starts_with(b"application/grpc-web-text");
        Self { group: text.then_some((0, 0)), ..Self::default() }
    }

    /// Bytes of the body are missing.
    pub(crate) fn gap(&mut self) {
        self.lost = true;
    }

    /// The next bytes of the body.
    pub(crate) fn feed(&mut self, bytes: &[u8]) {
        if self.lost {
            return;
        }
        let Some((mut bits, mut digits)) = self.group else { return self.plain(bytes) };
        for &b in bytes {
            let Some(six) = text::base64_digit(b) else {
                // Padding ends what was encoded at a time; other Base64 may follow.
                if digits > 1 {
                    let three = (bits << (6 * (4 - u32::from(digits)))).to_be_bytes();
                    self.plain(&three[1..usize::from(digits)]);
                }
                (bits, digits) = (0, 0);
                continue;
            };
            (bits, digits) = (bits << 6 | six, digits + 1);
            if digits == 4 {
                self.plain(&bits.to_be_bytes()[1..]);
                (bits, digits) = (0, 0);
            }
        }
        self.group = Some((bits, digits));
    }

    fn plain(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            if self.left == 0 {
                let n = bytes.len().min(HEAD - usize::from(self.have));
                let (head, rest) = bytes.split_at(n);
                let at = usize::from(self.have);
                self.head[at..at + n].copy_from_slice(head);
                self.have += n as u8;
                bytes = rest;
                if usize::from(self.have) == HEAD {
                    self.have = 0;
                    let [_, len @ ..] = self.head;
                    self.left = u32::from_be_bytes(len);
                }
                continue;
            }
            let n = bytes.len().min(self.left as usize);
            // Trailers may be compressed (bit 0): then they cannot be read.
            if self.head[0] == TRAILERS && self.trailers.len() + n <= MAX_TRAILERS {
                self.trailers.extend_from_slice(&bytes[..n]);
            }
            self.left -= n as u32;
            bytes = &bytes[n..];
        }
    }

    /// Adds to the end of an answer what its trailers say; text is made in `out`.
    pub(crate) fn tell<'a>(&self, message: Message<'a>, out: &'a mut Vec<u8>) -> Message<'a> {
        let mut status = None;
        let mut text: &[u8] = b"";
        for line in self.trailers.split(|b| *b == b'\n') {
            let Some(colon) = memchr::memchr(b':', line) else { continue };
            let (name, value) = (&line[..colon], text::trim(&line[colon + 1..]));
            if name.eq_ignore_ascii_case(b"grpc-status") {
                status = text::number(value).and_then(|n| i32::try_from(n).ok());
            } else if name.eq_ignore_ascii_case(b"grpc-message") {
                text = value;
            }
        }
        told(message, status, text, out)
    }
}

/// Adds a status of gRPC to an answer or its end; text is made in `out`.
pub(crate) fn told<'a>(
    message: Message<'a>,
    status: Option<i32>,
    text: &[u8],
    out: &'a mut Vec<u8>,
) -> Message<'a> {
    let Some(code) = status else { return message };
    let (status, name) = crate::http2::grpc_status(code);
    let mut exception: &'a [u8] = b"";
    if code != 0 {
        crate::http2::percent_decode(text, out);
        exception = if out.is_empty() { name } else { out };
    }
    Message { status, response_code: Some(code), exception, ..message }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::ResponseStatus;

    fn told_by(content_type: &[u8], body: &[u8], step: usize) -> (ResponseStatus, Option<i32>) {
        let mut web = Body::new(content_type);
        body.chunks(step).for_each(|c| web.feed(c));
        let mut out = Vec::new();
        let m = web.tell(Message::default(), &mut out);
        (m.status, m.response_code)
    }

    #[test]
    fn trailers_at_the_end_of_a_body_in_any_pieces() {
        let trailers = b"grpc-status: 5\r\ngrpc-message: no%20item\r\n";
        let mut body = b"\0\0\0\0\x03abc\0\0\0\0\0\x80\0\0\0".to_vec();
        body.push(trailers.len() as u8);
        body.extend_from_slice(trailers);
        for step in 1..body.len() {
            let told = told_by(b"application/grpc-web+proto", &body, step);
            assert_eq!(told, (ResponseStatus::ClientError, Some(5)));
        }
        // Two encodings in a row, the first padded.
        let text = b"AAAAAAEhgAAAAA8=Z3JwYy1zdGF0dXM6MA0K";
        for step in 1..text.len() {
            let told = told_by(b"application/grpc-web-text", text, step);
            assert_eq!(told.1, Some(0), "in steps of {step}");
        }
        assert_eq!(told_by(b"application/grpc-web", b"\0\0\0\0\x01x", 9).1, None);
    }
}
