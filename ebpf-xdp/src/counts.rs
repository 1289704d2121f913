//! What the XDP program counts. The layout is that of `struct counts` in `bpf/capture.bpf.c`.

/// Decisions of the program about frames of one queue.
/// `seen = redirected + own + foreign + unclaimed + forwarded`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct XdpCounts {
    /// Frames it ran on.
    pub seen: u64,
    /// Handed to the socket of their queue, which may have had no room: its statistics tell.
    pub redirected: u64,
    /// Passed to the stack: the agent's own.
    pub own: u64,
    /// Passed to the stack: not among the wanted ports.
    pub foreign: u64,
    /// Passed to the stack: their queue had no socket.
    pub unclaimed: u64,
    /// Sent out of the other port: inline, and their queue had no socket.
    pub forwarded: u64,
    /// Of those redirected: without the time that was asked for, because the driver has no room
    /// for it.
    pub unstamped: u64,
}

const _: () = assert!(size_of::<XdpCounts>() == 56);
