//! As much of netlink as it takes to ask the kernel one question and read the answer's attributes
//! (`Documentation/userspace-api/netlink`). Used for what no other interface tells: XDP programs
//! of an interface, its driver's XDP features, its counters.

use netlink_packet_core::{NLA_TYPE_MASK, NlasIterator};
use netlink_sys::{Socket, SocketAddr};
use std::io;

/// An answer about one interface is 2 to 5 KiB; the kernel itself never sends more at once.
const ANSWER_MAX: usize = 32 * 1024;
const HEADER: usize = 16;

/// A netlink socket of one protocol. It belongs to the network namespace in which it was opened,
/// whichever thread uses it.
pub(crate) struct Netlink(Socket);

impl Netlink {
    pub(crate) fn open(protocol: libc::c_int) -> io::Result<Self> {
        let socket = Socket::new(protocol as isize)?;
        socket.connect(&SocketAddr::new(0, 0))?;
        Ok(Self(socket))
    }

    /// Sends a message of this type and returns the body of its answer.
    ///
    /// # Errors
    /// What the kernel answered instead.
    pub(crate) fn ask(&self, kind: u16, body: &[u8]) -> io::Result<Vec<u8>> {
        let mut message = Vec::with_capacity(HEADER + body.len());
        let len = u32::try_from(HEADER + body.len()).map_err(io::Error::other)?;
        message.extend(len.to_ne_bytes());
        message.extend(kind.to_ne_bytes());
        message.extend((libc::NLM_F_REQUEST as u16).to_ne_bytes());
        // Sequence number and port: one question per socket at a time needs neither.
        message.extend([0; 8]);
        message.extend_from_slice(body);
        self.0.send(&message, 0)?;
        let mut answer = Vec::with_capacity(ANSWER_MAX);
        loop {
            match self.0.recv(&mut answer, 0) {
                Ok(_) => return take(&answer),
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
    }
}

/// The body of the first message, or the error that it is.
fn take(answer: &[u8]) -> io::Result<Vec<u8>> {
    let short = || io::Error::new(io::ErrorKind::InvalidData, "a netlink answer is cut short");
    let len = word(answer, 0).ok_or_else(short)? as usize;
    let kind = answer.get(4..6).ok_or_else(short)?;
    let body = answer.get(HEADER..len).ok_or_else(short)?;
    if libc::c_int::from(u16::from_ne_bytes([kind[0], kind[1]])) == libc::NLMSG_ERROR {
        let error = word(body, 0).ok_or_else(short)?.cast_signed();
        return Err(io::Error::from_raw_os_error(-error));
    }
    Ok(body.to_vec())
}

/// An attribute, ready to be put into a message.
pub(crate) fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    bytes.extend(((4 + value.len()) as u16).to_ne_bytes());
    bytes.extend(kind.to_ne_bytes());
    bytes.extend_from_slice(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

/// The value of the attribute of this kind, if it is among `attributes`.
pub(crate) fn find(attributes: &[u8], wanted: u16) -> Option<&[u8]> {
    let mut at = 0;
    for attribute in NlasIterator::new(attributes) {
        let attribute = attribute.ok()?;
        let len = attribute.length().into();
        if attribute.kind() & NLA_TYPE_MASK == wanted {
            return attributes.get(at + 4..at + len);
        }
        at += usize::next_multiple_of(len, 4);
    }
    None
}

/// The 32-bit number at this offset.
pub(crate) fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let b = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_ne_bytes([b[0], b[1], b[2], b[3]]))
}

/// The 64-bit number at this offset.
pub(crate) fn long(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|b| u64::from_ne_bytes(*b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_found_and_broken_ones_end_the_search() {
        let mut all = attribute(7, b"seven");
        all.extend(attribute(0x8000 | 9, &5u32.to_ne_bytes()));
        assert_eq!(find(&all, 7), Some(&b"seven"[..]));
        assert_eq!(find(&all, 9).and_then(|v| word(v, 0)), Some(5));
        assert_eq!(find(&all, 8), None);
        for cut in 0..all.len() {
            // Whatever is cut off, no panic, and nothing but what is there.
            assert!(find(&all[..cut], 7).is_none_or(|v| v == b"seven"));
        }
        // A length below its own header must not turn in a circle.
        assert_eq!(find(&[0, 0, 1, 0, 0, 0, 2, 0], 2), None);
    }

    #[test]
    fn errors_of_the_kernel_and_short_answers_are_errors() {
        let mut message = Vec::new();
        message.extend(36u32.to_ne_bytes());
        message.extend((libc::NLMSG_ERROR as u16).to_ne_bytes());
        message.extend([0; 10]);
        message.extend((-libc::ENODEV).to_ne_bytes());
        message.extend([0; 16]);
        assert_eq!(take(&message).unwrap_err().raw_os_error(), Some(libc::ENODEV));
        for cut in 0..message.len() {
            assert!(take(&message[..cut]).is_err());
        }
    }
}
