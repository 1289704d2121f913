/* SPDX-License-Identifier: Apache-2.0
 *
 * A traffic generator inside the kernel, for measurements: run as a "live frame" program
 * (BPF_PROG_TEST_RUN), it fills each frame from a table and sends it out of an interface, millions
 * per second from one core, which no socket can. Beside it the least that a receiver can load.
 *
 * The table is sent again and again; each time round, the client's address in IPv4 frames is another,
 * so that flows are new ones, keep their two directions, and have right checksums (those of TCP and
 * UDP too, whose pseudo header holds the addresses).
 */
#include "kernel.h"

const char LICENSE[] SEC("license") = "Apache-2.0";

#define FRAME_MAX 2000
#define FRAME_MIN 14

/* Mirrored by `Slot` in src/blast.rs. */
struct slot {
	u32 len;
	u8 bytes[FRAME_MAX];
};

struct {
	MAP_UINT(type, MAP_ARRAY);
	MAP_UINT(max_entries, 1);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, struct slot);
} frames SEC(".maps");

struct {
	MAP_UINT(type, MAP_XSKMAP);
	MAP_UINT(max_entries, 64);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, u32);
} sockets SEC(".maps");

const volatile u32 out = 0;
const volatile u32 count = 1;
/* How many turns differ: a power of two, at most 65536. */
const volatile u32 turns = 1;

/* Looks at the clock before a frame goes all the same, about 25 ns each: as long as the slowest pace
 * takes, and no more than the verifier follows. */
#define LOOKS_MAX 4096

/* One sender at a time: no need for atomics. Mirrored by `State` in src/blast.rs. */
struct {
	u32 at;
	u32 turn;
	u64 sent;
	u64 bytes;
	/* When the next frame is due, and how much later each following one; 0 for at once. In 256ths
	 * of a nanosecond. */
	u64 due;
	u64 gap;
} state = {0};

INLINE u16 fold(u32 sum)
{
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* Adds a change of the words that a checksum covers to the checksum, RFC 1624. */
INLINE void mend(u8 *checksum, u32 change)
{
	u16 old = (u16)checksum[0] << 8 | checksum[1];
	u16 now = ~fold((u16)~old + change);

	checksum[0] = now >> 8;
	checksum[1] = now;
}

/* Exclusive-ors the first two bytes of the client's address with the number of the turn: clients are
 * new ones, and come to the same servers. The client has the higher port; where ports cannot be
 * read, or are the same, both addresses change. */
INLINE void vary(u8 *frame, u8 *end)
{
	u8 *ip = frame + 14;

	if (ip + 24 > end || frame[12] != 8 || frame[13] != 0)
		return;
	u32 change = 0;
	u16 from = 0, to = 0;

	if (ip[0] == 0x45 && (ip[6] & 0x3f) == 0 && ip[7] == 0 && (ip[9] == 6 || ip[9] == 17)) {
		from = (u16)ip[20] << 8 | ip[21];
		to = (u16)ip[22] << 8 | ip[23];
	}
#pragma unroll
	for (int address = 12; address <= 16; address += 4) {
		if (address == 12 ? from < to : from > to)
			continue;
		u16 old = (u16)ip[address] << 8 | ip[address + 1];
		u16 now = old ^ (u16)state.turn;

		ip[address] = now >> 8;
		ip[address + 1] = now;
		change += (u16)~old + now;
	}
	mend(ip + 10, change);
	if (ip[0] != 0x45 || (ip[6] & 0x1f) != 0 || ip[7] != 0)
		return;
	if (ip[9] == 6 && ip + 38 <= end)
		mend(ip + 36, change);
	else if (ip[9] == 17 && ip + 28 <= end && (ip[26] | ip[27]) != 0)
		mend(ip + 26, change);
}

/* Waits until a frame is due. A call of the program for many frames begins and ends with tens of
 * milliseconds in which nothing is sent, so a pace cannot be kept by many calls for a few. */
INLINE void wait(void)
{
	u64 due = state.due;

	state.due = due + state.gap;
	due >>= 8;
#pragma clang loop unroll(disable)
	for (int looks = 0; looks < LOOKS_MAX; looks++) {
		if (bpf_ktime_get_ns() >= due)
			break;
	}
}

SEC("xdp")
int blast(struct xdp_md *frame)
{
	u32 key = state.at;
	struct slot *slot = bpf_map_lookup_elem(&frames, &key);

	if (!slot)
		return XDP_DROP;
	state.at = key + 1;
	if (state.at >= count) {
		state.at = 0;
		state.turn = (state.turn + 1) & (turns - 1);
	}
	u32 len = slot->len;

	if (len < FRAME_MIN || len > FRAME_MAX)
		return XDP_DROP;
	int change = (int)len - (int)(frame->data_end - frame->data);

	if (change != 0 && bpf_xdp_adjust_tail(frame, change) != 0)
		return XDP_DROP;
	if (bpf_xdp_store_bytes(frame, 0, slot->bytes, len) != 0)
		return XDP_DROP;
	if (state.turn != 0)
		vary((void *)(long)frame->data, (void *)(long)frame->data_end);
	if (state.gap != 0)
		wait();
	state.sent++;
	state.bytes += len;
	return bpf_redirect(out, 0);
}

/* What a receiver needs at least. */
SEC("xdp")
int bare(struct xdp_md *frame)
{
	return bpf_redirect_map(&sockets, frame->rx_queue_index, XDP_PASS);
}

/* A receiver that wants nothing: what a sender can do at most. */
SEC("xdp")
int nothing(struct xdp_md *frame)
{
	(void)frame;
	return XDP_DROP;
}
