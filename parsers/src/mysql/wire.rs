//! The framing of the protocol and its numbers.

/// Length of a packet's header.
pub(super) const HEADER: usize = 4;
/// A packet of this length goes on in the next one.
pub(super) const FULL: usize = 0xff_ffff;

/// A packet's header.
#[derive(Clone, Copy, Debug)]
pub(super) struct Header {
    /// Length of the payload.
    pub(super) len: usize,
    /// Number of the packet in its exchange.
    pub(super) seq: u8,
}

#[inline]
pub(super) fn header(bytes: &[u8]) -> Option<Header> {
    let h = bytes.first_chunk::<HEADER>()?;
    Some(Header { len: u32::from_le_bytes([h[0], h[1], h[2], 0]) as usize, seq: h[3] })
}

/// What is read of a payload, piece by piece.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a>(pub(super) &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(front)
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.take(1).map(|b| b[0])
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.take(2).map(|b| u16::from_le_bytes([b[0], b[1]]))
    }

    pub(super) fn u32(&mut self) -> Option<u32> {
        self.take(4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    }

    /// A length-encoded number.
    pub(super) fn number(&mut self) -> Option<u64> {
        let wide = match self.u8()? {
            n @ 0..=0xfa => return Some(u64::from(n)),
            0xfc => 2,
            0xfd => 3,
            0xfe => 8,
            _ => return None,
        };
        let mut n = [0; 8];
        n[..wide].copy_from_slice(self.take(wide)?);
        Some(u64::from_le_bytes(n))
    }

    /// A length-encoded text.
    pub(super) fn text(&mut self) -> Option<&'a [u8]> {
        let len = self.number()?;
        self.take(usize::try_from(len).ok()?)
    }

    /// A text that a zero byte or the end ends.
    pub(super) fn until_zero(&mut self) -> &'a [u8] {
        let end = memchr::memchr(0, self.0).unwrap_or(self.0.len());
        let (text, rest) = self.0.split_at(end);
        self.0 = rest.get(1..).unwrap_or(b"");
        text
    }
}
