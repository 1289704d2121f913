//! One direction of a protocol whose messages say how long they are: what of one is left to skip.

/// Where a direction is.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    left: u64,
    adrift: bool,
}

impl Counted {
    /// Bytes of a message whose front was read are left.
    #[inline]
    pub(crate) const fn is_inside(&self) -> bool {
        self.left > 0
    }

    /// The place is not known.
    #[inline]
    pub(crate) const fn is_adrift(&self) -> bool {
        self.adrift
    }

    /// `left` bytes follow that nobody reads.
    #[inline]
    pub(crate) const fn leave(&mut self, left: u64) {
        self.left = left;
    }

    /// Takes what is to be skipped off the front of `bytes`; how many.
    #[inline]
    pub(crate) fn skip(&mut self, bytes: &[u8]) -> usize {
        let used = self.left.min(bytes.len() as u64);
        self.left -= used;
        used as usize
    }

    /// The place is lost.
    pub(crate) const fn lose(&mut self) {
        *self = Self { left: 0, adrift: true };
    }

    /// The next byte begins a message.
    pub(crate) const fn found(&mut self) {
        *self = Self { left: 0, adrift: false };
    }

    /// `len` bytes were lost. Answers whether the place is still known.
    pub(crate) fn gap(&mut self, len: u64) -> bool {
        if self.adrift || len > self.left {
            self.lose();
            return false;
        }
        self.left -= len;
        true
    }
}
