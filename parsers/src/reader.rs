//! Numbers and texts taken off the front of bytes, in network order: what binary headers are made of.

/// What is left to read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a>(pub(crate) &'a [u8]);

impl<'a> Reader<'a> {
    #[inline]
    pub(crate) fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(n)?;
        self.0 = rest;
        Some(front)
    }

    #[inline]
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (front, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*front)
    }

    #[inline]
    pub(crate) fn u8(&mut self) -> Option<u8> {
        self.array::<1>().map(|[b]| b)
    }

    #[inline]
    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_be_bytes)
    }

    #[inline]
    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// A text behind its length in two bytes.
    #[inline]
    pub(crate) fn text16(&mut self) -> Option<&'a [u8]> {
        let len = self.u16()?;
        self.take(usize::from(len))
    }

    /// A text behind its length in four bytes.
    #[inline]
    pub(crate) fn text32(&mut self) -> Option<&'a [u8]> {
        let len = self.u32()?;
        self.take(len as usize)
    }
}

/// Joins `service` and `method` with a slash in `out`: what calls of RPC are grouped by.
#[inline]
pub(crate) fn call<'a>(service: &[u8], method: &[u8], out: &'a mut Vec<u8>) -> &'a [u8] {
    let from = out.len();
    if !service.is_empty() || !method.is_empty() {
        out.extend_from_slice(service);
        out.push(b'/');
        out.extend_from_slice(method);
    }
    &out[from..]
}

/// Is `name` one of a service, class or method: letters, digits and what stands between them?
#[inline]
pub(crate) fn is_name(name: &[u8]) -> bool {
    let fits = |b: &u8| {
        b.is_ascii_alphanumeric()
            || matches!(b, b'.' | b'_' | b'$' | b'/' | b'-' | b':' | b'@' | b'#' | b'*' | b'%')
    };
    !name.is_empty() && name.iter().all(fits)
}
