/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs on every frame that comes in on one interface, before the network stack sees it, and
 * decides where it goes: to the AF_XDP socket of its queue, to the stack, or (inline, with no
 * socket there) straight out of the other port. Each decision is counted per queue, so that
 *
 *     seen = redirected + own + foreign + unclaimed + forwarded
 *
 * What a socket then had no room for is in its own statistics.
 *
 * The settings are constants to the verifier: it removes the branches that are switched off.
 */
#include "kernel.h"

const char LICENSE[] SEC("license") = "Apache-2.0";

/* Mirrored by `XdpCounts` in src/counts.rs. */
struct counts {
	u64 seen;
	u64 redirected;
	u64 own;
	u64 foreign;
	u64 unclaimed;
	u64 forwarded;
	u64 unstamped;
};

/* The loader sets the number of entries to the interface's number of queues. */
struct {
	MAP_UINT(type, MAP_XSKMAP);
	MAP_UINT(max_entries, 1);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, u32);
} sockets SEC(".maps");

struct {
	MAP_UINT(type, MAP_PERCPU_ARRAY);
	MAP_UINT(max_entries, 1);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, struct counts);
} counts SEC(".maps");

/* The other port, when inline. */
struct {
	MAP_UINT(type, MAP_DEVMAP);
	MAP_UINT(max_entries, 1);
	MAP_TYPE(key, u32);
	MAP_TYPE(value, u64);
} peer SEC(".maps");

/* Put the time of arrival in front of each redirected frame. */
const volatile u8 stamp = 0;
/* Frames without a socket leave through the other port. */
const volatile u8 inline_mode = 0;
/* Look at ports at all. */
const volatile u8 exclude = 0;
const volatile u8 restrict_to = 0;
/* One bit per port. */
const volatile u8 excluded[8192] = {0};
const volatile u8 wanted[8192] = {0};

#define ETHERTYPE_IPV4 0x0800
#define ETHERTYPE_IPV6 0x86dd
#define ETHERTYPE_VLAN 0x8100
#define ETHERTYPE_QINQ 0x88a8
#define TCP 6
#define UDP 17
#define TAGS_MAX 2

/* Furthest byte that is looked at: Ethernet, two tags, the longest IPv4 header, the ports. */
#define HEAD_MAX (14 + 4 * TAGS_MAX + 60 + 4)

INLINE u16 big16(const u8 *at)
{
	return (u16)at[0] << 8 | at[1];
}

INLINE bool in(const volatile u8 *ports, u16 port)
{
	return ports[port >> 3] >> (port & 7) & 1;
}

struct ports {
	u16 from, to;
};

/* Ports of a frame that begins at `data`; false when it has none that can be read. Fragments
 * after the first and IPv6 behind extension headers have none. */
INLINE bool ports_of(const u8 *data, const u8 *end, struct ports *found)
{
	const u8 *at = data + 12;

	if (at + 2 > end)
		return 0;
	u16 type = big16(at);
#pragma unroll
	for (int tag = 0; tag < TAGS_MAX; tag++) {
		if (type != ETHERTYPE_VLAN && type != ETHERTYPE_QINQ)
			break;
		at += 4;
		if (at + 2 > end)
			return 0;
		type = big16(at);
	}
	at += 2;
	if (type == ETHERTYPE_IPV4) {
		if (at + 20 > end || (at[9] != TCP && at[9] != UDP) || big16(at + 6) & 0x1fff)
			return 0;
		at += (u32)(at[0] & 15) * 4;
	} else if (type == ETHERTYPE_IPV6) {
		if (at + 40 > end || (at[6] != TCP && at[6] != UDP))
			return 0;
		at += 40;
	} else {
		return 0;
	}
	if (at + 4 > end)
		return 0;
	found->from = big16(at);
	found->to = big16(at + 2);
	return 1;
}

enum verdict { TAKE, OWN, FOREIGN };

INLINE enum verdict judge(struct xdp_md *frame, bool parts)
{
	struct ports found;
	bool any = ports_of((void *)(long)frame->data, (void *)(long)frame->data_end, &found);

	/* A frame in parts may have only a few bytes in the first of them. */
	if (parts && !any && frame->data_end - frame->data < HEAD_MAX) {
		u8 head[HEAD_MAX] = {0};
		u64 len = bpf_xdp_get_buff_len(frame);

		if (len > frame->data_end - frame->data) {
			u32 read = len < HEAD_MAX ? len : HEAD_MAX;

			if (read > 0 && bpf_xdp_load_bytes(frame, 0, head, read) == 0)
				any = ports_of(head, head + HEAD_MAX, &found);
		}
	}
	if (!any)
		return restrict_to ? FOREIGN : TAKE;
	if (exclude && (in(excluded, found.from) || in(excluded, found.to)))
		return OWN;
	if (restrict_to && !in(wanted, found.from) && !in(wanted, found.to))
		return FOREIGN;
	return TAKE;
}

INLINE int run(struct xdp_md *frame, bool parts)
{
	u32 queue = frame->rx_queue_index;
	struct counts *n = bpf_map_lookup_elem(&counts, &queue);

	if (!n)
		return XDP_PASS;
	n->seen++;
	/* Inline, everything goes on to the other port; what is looked at is decided later. */
	if (!inline_mode && (exclude || restrict_to)) {
		enum verdict verdict = judge(frame, parts);

		if (verdict == OWN) {
			n->own++;
			return XDP_PASS;
		}
		if (verdict == FOREIGN) {
			n->foreign++;
			return XDP_PASS;
		}
	}
	long action = bpf_redirect_map(&sockets, queue, XDP_PASS);

	if (action == XDP_REDIRECT) {
		n->redirected++;
		if (!stamp)
			return action;
		if (bpf_xdp_adjust_meta(frame, -(int)sizeof(u64)) == 0) {
			u64 *time = (void *)(long)frame->data_meta;

			if ((void *)(time + 1) <= (void *)(long)frame->data) {
				*time = bpf_ktime_get_ns();
				return action;
			}
		}
		/* A driver without room for metadata. */
		n->unstamped++;
		return action;
	}
	if (inline_mode && bpf_redirect_map(&peer, 0, XDP_PASS) == XDP_REDIRECT) {
		n->forwarded++;
		return XDP_REDIRECT;
	}
	n->unclaimed++;
	return XDP_PASS;
}

/* For kernels and drivers that give every frame in one piece. */
SEC("xdp")
int capture(struct xdp_md *frame)
{
	return run(frame, 0);
}

/* Frames may come in several buffers: jumbo frames, segments not yet cut. Since Linux 5.18. */
SEC("xdp.frags")
int capture_parts(struct xdp_md *frame)
{
	return run(frame, 1);
}
