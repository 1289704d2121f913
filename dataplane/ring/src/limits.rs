//! Every bound of this crate, with the reason for its value.

/// Longest frame that is handed out, bytes. tcpdump's own default snap length; a GSO super-frame
/// of 64 KiB fits with room.
pub const FRAME_MAX: usize = 256 * 1024;

/// Longest pcapng block, bytes. The limit Wireshark uses: nothing real comes near it, and it
/// bounds what a broken length can make us read before the error is noticed.
pub const BLOCK_MAX: usize = 16 * 1024 * 1024;

/// First size of the buffer that compressed files and standard input are read through, bytes: a
/// few thousand ordinary frames per refill, and small enough to stay in a core's L2 cache.
pub const CHUNK_START: usize = 256 * 1024;

/// Size up to which that buffer grows, bytes: the largest record there may be.
pub const CHUNK_MAX: usize = BLOCK_MAX;

/// Interfaces in one pcapng file. Each costs about 100 bytes; real files have a handful per
/// section.
pub const INTERFACES_MAX: usize = 65_536;

/// Longest interface name kept from a file, bytes.
pub const NAME_MAX: usize = 256;

/// Window a zstd stream may ask for, log2 of bytes: 128 MiB, what `zstd --ultra -22` and
/// `zstd --long` write by default.
pub const ZSTD_WINDOW_LOG_MAX: u32 = 27;

/// Default size of a packet ring, bytes: measured, at one million small packets per second, 64 MiB
/// rides out half a second without the reader.
pub const RING_DEFAULT: usize = 64 * 1024 * 1024;

/// Smallest packet ring, bytes: two blocks, one to read while the kernel fills the other.
pub const RING_MIN: usize = 2 * RING_BLOCK_MIN;

/// Largest packet ring, bytes. Ring memory is unswappable kernel memory.
pub const RING_MAX: usize = 4 * 1024 * 1024 * 1024 - RING_BLOCK_MAX;

/// Smallest block of a packet ring, bytes: holds a GSO super-frame.
pub const RING_BLOCK_MIN: usize = 128 * 1024;

/// Largest block of a packet ring, bytes: holds [`FRAME_MAX`] several times over; larger ones only
/// make the kernel search for contiguous memory.
pub const RING_BLOCK_MAX: usize = 1024 * 1024;

/// Bounds of the time after which the kernel hands over a block that is not full, milliseconds.
/// Shorter costs wake-ups on an idle host, longer delays rows and timers.
pub const RETIRE_MS: std::ops::RangeInclusive<u32> = 10..=100;

/// Ports that the exclusion filter can list: keeps every jump of the program within the 255
/// instructions that a classic BPF branch can reach.
pub const EXCLUDE_PORTS_MAX: usize = 64;

/// Instructions in a classic BPF program (the kernel's BPF_MAXINSNS).
pub const BPF_INSNS_MAX: usize = 4096;

/// Network namespaces watched at a time: each takes two sockets, and as many pods as a node is
/// meant to run (Kubernetes: 110, large nodes: 500) fit with room.
pub const NAMESPACES_MAX: usize = 2048;

/// Default number of frames that the ring of one AF_XDP queue holds, 128 MiB: each has 2 KiB whatever
/// its length, where a packet ring holds frames of 300 bytes end to end. Measured: with a reader that
/// does nothing else, 32 Ki ride out every pause of a busy machine at 1.4 million frames per second,
/// 8 Ki lose up to 7 %, 2 Ki up to half. A shard makes a second's rows at once meanwhile.
pub const XDP_FRAMES_DEFAULT: u32 = 64 * 1024;

/// The same of each port of a wire, whose forwarder does nothing else.
pub const XDP_INLINE_FRAMES_DEFAULT: u32 = 32 * 1024;

/// Fewest frames of an AF_XDP queue, 4 MiB: below, wake-ups alone lose frames.
pub const XDP_FRAMES_MIN: u32 = 2 * 1024;

/// Most frames of an AF_XDP queue, 1 GiB of 4 KiB frames; a queue that needs more has a core that
/// does not keep up.
pub const XDP_FRAMES_MAX: u32 = 256 * 1024;

/// Frames further apart than this each wake their reader; closer ones are collected for
/// [`XDP_PAUSE`]. A wake-up costs the reader 10 to 30 us and the kernel 1 us.
pub const XDP_CLOSE_NS: u64 = 50_000;

/// How long frames that come close together are left to collect: a fraction of what the smallest
/// ring holds at ten million frames per second.
pub const XDP_PAUSE: std::time::Duration = std::time::Duration::from_micros(200);

/// Queues of one interface that get a socket. Larger cards are told to use fewer
/// (`ethtool -L`), or the rings alone take gigabytes.
pub const XDP_QUEUES_MAX: u32 = 128;

/// Where frames that come in several buffers are put together, bytes per source: the longest
/// frame there may be.
pub const XDP_JOIN_BYTES: usize = FRAME_MAX;

/// Frames on their way out of a port: what a device with its own queue holds as well. More would
/// only wait longer there before they are dropped.
pub const XDP_TRANSMIT: u32 = 2048;

/// Entries of an AF_XDP ring that is not used but has to be there.
pub const XDP_RING_UNUSED: u32 = 64;
