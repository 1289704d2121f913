//! A cursor over the length-prefixed fields that TLS, DTLS, QUIC and certificates are made of.

/// What is left of some bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) const fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    #[inline]
    pub(crate) fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(head)
    }

    #[inline]
    pub(crate) fn u8(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    #[inline]
    pub(crate) fn u16(&mut self) -> Option<u16> {
        let (head, rest) = self.0.split_first_chunk::<2>()?;
        self.0 = rest;
        Some(u16::from_be_bytes(*head))
    }

    #[inline]
    pub(crate) fn u24(&mut self) -> Option<u32> {
        let (head, rest) = self.0.split_first_chunk::<3>()?;
        self.0 = rest;
        Some(u32::from_be_bytes([0, head[0], head[1], head[2]]))
    }

    #[inline]
    pub(crate) fn u32(&mut self) -> Option<u32> {
        let (head, rest) = self.0.split_first_chunk::<4>()?;
        self.0 = rest;
        Some(u32::from_be_bytes(*head))
    }

    /// Bytes behind a length of one byte.
    #[inline]
    pub(crate) fn vec8(&mut self) -> Option<&'a [u8]> {
        let mut ahead = *self;
        let len = ahead.u8()?;
        let body = ahead.take(len.into())?;
        *self = ahead;
        Some(body)
    }

    /// Bytes behind a length of two bytes.
    #[inline]
    pub(crate) fn vec16(&mut self) -> Option<&'a [u8]> {
        let mut ahead = *self;
        let len = ahead.u16()?;
        let body = ahead.take(len.into())?;
        *self = ahead;
        Some(body)
    }

    /// The same; where the bytes end earlier, as many as there are.
    pub(crate) fn vec16_cut(&mut self) -> &'a [u8] {
        let Some(len) = self.u16() else {
            self.0 = b"";
            return b"";
        };
        let (body, rest) = self.0.split_at(self.0.len().min(len.into()));
        self.0 = rest;
        body
    }

    /// An integer of QUIC, of one to eight bytes (RFC 9000 16).
    #[inline]
    pub(crate) fn varint(&mut self) -> Option<u64> {
        let first = *self.0.first()?;
        let body = self.take(1 << (first >> 6))?;
        Some(body[1..].iter().fold(u64::from(first & 0x3f), |n, b| n << 8 | u64::from(*b)))
    }
}

/// Big-endian numbers of two bytes; an odd last byte is left out.
pub(crate) fn u16s(list: &[u8]) -> impl Iterator<Item = u16> + Clone + '_ {
    list.as_chunks::<2>().0.iter().map(|b| u16::from_be_bytes(*b))
}
