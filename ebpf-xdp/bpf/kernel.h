/* SPDX-License-Identifier: Apache-2.0
 *
 * The few pieces of the kernel's BPF interface that the programs here use, so that building them
 * needs clang and no kernel headers. All of it is stable ABI (include/uapi/linux/bpf.h).
 */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef _Bool bool;

#define SEC(name) __attribute__((section(name), used))
#define INLINE static inline __attribute__((always_inline))

/* Maps are described to the loader by types alone. */
#define MAP_UINT(name, value) int (*name)[value]
#define MAP_TYPE(name, type) __typeof__(type) *name
#define MAP_ARRAY 2
#define MAP_PERCPU_ARRAY 6
#define MAP_DEVMAP 14
#define MAP_XSKMAP 17

#define XDP_DROP 1
#define XDP_PASS 2
#define XDP_REDIRECT 4

struct xdp_md {
	u32 data;
	u32 data_end;
	u32 data_meta;
	u32 ingress_ifindex;
	u32 rx_queue_index;
	u32 egress_ifindex;
};

static void *(*const bpf_map_lookup_elem)(void *map, const void *key) = (void *)1;
static u64 (*const bpf_ktime_get_ns)(void) = (void *)5;
static long (*const bpf_redirect)(u32 interface, u64 flags) = (void *)23;
static long (*const bpf_redirect_map)(void *map, u64 key, u64 otherwise) = (void *)51;
static long (*const bpf_xdp_adjust_meta)(struct xdp_md *frame, int delta) = (void *)54;
static long (*const bpf_xdp_adjust_tail)(struct xdp_md *frame, int delta) = (void *)65;
static u64 (*const bpf_xdp_get_buff_len)(struct xdp_md *frame) = (void *)188;
static long (*const bpf_xdp_load_bytes)(struct xdp_md *frame, u32 at, void *to, u32 len) = (void *)189;
static long (*const bpf_xdp_store_bytes)(struct xdp_md *frame, u32 at, void *from, u32 len) = (void *)190;
