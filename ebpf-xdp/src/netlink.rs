//! As much of netlink as it takes to ask the kernel one question and read the answer's attributes
//! (`Documentation/userspace-api/netlink`). Used for what no other interface tells: XDP programs
//! of an interface, its driver's XDP features, its counters.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// An answer about one interface is 2 to 5 KiB; the kernel itself never sends more at once.
const ANSWER_MAX: usize = 32 * 1024;
/// A kernel answers at once; this only bounds a wait that should not be.
const PATIENCE_S: libc::time_t = 2;
const HEADER: usize = 16;

/// A netlink socket of one protocol.
pub(crate) struct Netlink(OwnedFd);

impl Netlink {
    pub(crate) fn open(protocol: libc::c_int) -> io::Result<Self> {
        // SAFETY: creates a descriptor; the result is checked.
        let fd = unsafe {
            libc::socket(libc::AF_NETLINK, libc::SOCK_RAW | libc::SOCK_CLOEXEC, protocol)
        };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: `fd` was just made and nothing else owns it.
        let socket = Self(unsafe { OwnedFd::from_raw_fd(fd) });
        let patience = libc::timeval { tv_sec: PATIENCE_S, tv_usec: 0 };
        // SAFETY: value and length describe one live structure that the kernel only reads.
        let result = unsafe {
            libc::setsockopt(
                socket.0.as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_RCVTIMEO,
                (&raw const patience).cast(),
                size_of::<libc::timeval>() as libc::socklen_t,
            )
        };
        if result == 0 { Ok(socket) } else { Err(io::Error::last_os_error()) }
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
        // SAFETY: pointer and length are of `message`.
        let sent =
            unsafe { libc::send(self.0.as_raw_fd(), message.as_ptr().cast(), message.len(), 0) };
        if sent < 0 {
            return Err(io::Error::last_os_error());
        }
        let mut answer = vec![0; ANSWER_MAX];
        // SAFETY: pointer and length are of `answer`.
        let got =
            unsafe { libc::recv(self.0.as_raw_fd(), answer.as_mut_ptr().cast(), answer.len(), 0) };
        let got = usize::try_from(got).map_err(|_| io::Error::last_os_error())?;
        answer.truncate(got);
        take(&answer)
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
pub(crate) fn find(mut attributes: &[u8], wanted: u16) -> Option<&[u8]> {
    /// Flags in the upper bits of an attribute's kind: nested, network byte order.
    const KIND_MASK: u16 = 0x3fff;
    loop {
        let head = attributes.get(..4)?;
        let len = usize::from(u16::from_ne_bytes([head[0], head[1]]));
        let value = attributes.get(4..len)?;
        if u16::from_ne_bytes([head[2], head[3]]) & KIND_MASK == wanted {
            return Some(value);
        }
        attributes = attributes.get(len.next_multiple_of(4)..)?;
    }
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
