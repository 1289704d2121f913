//! Handshake messages that come in pieces, in any order and more than once: those of QUIC and DTLS.

/// Bytes that are put together at most: a hello of any size that occurs.
pub(crate) const MAX_BYTES: usize = 16 * 1024;
/// Pieces apart from each other: browsers scatter a hello over a dozen.
const MAX_PIECES: usize = 64;

/// A stream of bytes of which some may be there before others.
#[derive(Debug, Default)]
pub(crate) struct Pieces {
    /// Where the bytes begin in the stream.
    base: u64,
    bytes: Vec<u8>,
    /// Which of them are there: from, to; in order, apart from each other.
    there: Vec<(usize, usize)>,
}

impl Pieces {
    /// Adds what stands at `offset` of the stream. What does not fit is left out, and will be sent
    /// again or not be seen.
    pub(crate) fn add(&mut self, offset: u64, mut piece: &[u8]) {
        let at = match offset.checked_sub(self.base) {
            Some(at) => at,
            None => {
                let old = usize::try_from(self.base - offset).unwrap_or(usize::MAX);
                piece = piece.get(old..).unwrap_or_default();
                0
            }
        };
        let Ok(at) = usize::try_from(at) else { return };
        let Some(end) = at.checked_add(piece.len()).filter(|end| *end <= MAX_BYTES) else { return };
        if piece.is_empty() {
            return;
        }
        // The pieces that this one touches become one with it.
        let first = self.there.partition_point(|p| p.1 < at);
        let last = self.there.partition_point(|p| p.0 <= end);
        if first == last && self.there.len() >= MAX_PIECES {
            return;
        }
        if self.bytes.len() < end {
            self.bytes.resize(end, 0);
        }
        self.bytes[at..end].copy_from_slice(piece);
        let touched = &self.there[first..last];
        let from = touched.first().map_or(at, |p| p.0.min(at));
        let to = touched.last().map_or(end, |p| p.1.max(end));
        self.there.splice(first..last, [(from, to)]);
    }

    /// What is there without a hole.
    pub(crate) fn front(&self) -> &[u8] {
        match self.there.first() {
            Some(&(0, end)) => &self.bytes[..end],
            _ => b"",
        }
    }

    /// The first `n` bytes of the front are done with.
    pub(crate) fn advance(&mut self, n: usize) {
        self.base += n as u64;
        self.bytes.drain(..n);
        for piece in &mut self.there {
            *piece = (piece.0.saturating_sub(n), piece.1.saturating_sub(n));
        }
        self.there.retain(|p| p.1 > p.0);
    }

    /// Begins again.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against a list of bytes that may be there or not.
        #[test]
        fn like_a_list_of_bytes(
            adds in prop::collection::vec((0usize..200, 0usize..60), 1..40),
            taken in 0usize..40,
        ) {
            let stream: Vec<u8> = (0..300).map(|n| n as u8).collect();
            let (mut pieces, mut model) = (Pieces::default(), [false; 300]);
            for (i, (at, len)) in adds.iter().enumerate() {
                pieces.add(*at as u64, &stream[*at..at + len]);
                model[*at..at + len].fill(true);
                if i == adds.len() / 2 {
                    let taken = taken.min(pieces.front().len());
                    pieces.advance(taken);
                    prop_assert!(model[..taken].iter().all(|there| *there));
                }
            }
            let base = pieces.base as usize;
            let end = base + model[base..].iter().take_while(|there| **there).count();
            prop_assert_eq!(pieces.front(), &stream[base..end]);
        }
    }

    #[test]
    fn bounds() {
        let mut pieces = Pieces::default();
        pieces.add(MAX_BYTES as u64, b"x");
        pieces.add(u64::MAX, b"x");
        for i in 0..10_000 {
            pieces.add(i * 2, b"x");
        }
        assert_eq!(pieces.there.len(), MAX_PIECES);
        assert_eq!(pieces.front(), b"x");
    }
}
