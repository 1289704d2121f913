//! Frames that come in several buffers, put together: the stages behind a source read a frame as
//! one piece. Only jumbo frames and uncut segments pass here; all others stay where the kernel
//! wrote them.

use xsk_rs::FrameDesc;

use super::socket::Memory;

/// A frame that was put together; valid until the joiner is cleared.
pub(super) struct Joined {
    pub(super) ptr: *const u8,
    /// Bytes of it that there was room for.
    pub(super) len: usize,
    /// All its bytes.
    pub(super) wire_len: usize,
}

/// Room for the long frames of one batch.
pub(super) struct Joiner {
    room: Box<[u8]>,
    used: usize,
}

impl Joiner {
    pub(super) fn new(bytes: usize) -> Self {
        Self { room: vec![0; bytes].into_boxed_slice(), used: 0 }
    }

    /// Forgets all frames.
    #[inline]
    pub(super) fn clear(&mut self) {
        self.used = 0;
    }

    /// Copies the pieces of a frame together; `None` when earlier frames left too little room. A
    /// frame longer than all the room is cut.
    ///
    /// # Safety
    /// The pieces were received into `memory` and not given back since.
    pub(super) unsafe fn join(&mut self, memory: &Memory, pieces: &[FrameDesc]) -> Option<Joined> {
        let wire_len: usize = pieces.iter().map(|p| p.lengths().data()).sum();
        let start = self.used;
        if wire_len > self.room.len() - start && start > 0 {
            return None;
        }
        for piece in pieces {
            // SAFETY: promised by the caller: nobody writes to it.
            let data =
                unsafe { std::slice::from_raw_parts(memory.at(piece), piece.lengths().data()) };
            let room = &mut self.room[self.used..];
            let fits = data.len().min(room.len());
            room[..fits].copy_from_slice(&data[..fits]);
            self.used += fits;
        }
        Some(Joined { ptr: self.room[start..].as_ptr(), len: self.used - start, wire_len })
    }
}
