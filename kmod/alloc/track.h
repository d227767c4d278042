/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a heap with MEMRIG_HEAP_TRACK remembers of its live blocks. See track.c.
 */
#ifndef MRIG_ALLOC_TRACK_H
#define MRIG_ALLOC_TRACK_H

#include <linux/memrig.h>
#include <linux/types.h>
#include <linux/xarray.h>

struct mrig_client;
struct mrig_heap_obj;
struct mrig_held;

/**
 * struct mrig_tracks - what is known of blocks; under heap->lock
 * @blocks: struct mrig_track by offset
 * @count: how many there are
 */
struct mrig_tracks {
	struct xarray blocks;
	u64 count;
};

void mrig_track_init(struct mrig_tracks *tracks);
void mrig_track_clear(struct mrig_tracks *tracks);
u64 mrig_track_bytes(const struct mrig_tracks *tracks);
int mrig_track_add_locked(struct mrig_heap_obj *heap, u64 off, u64 bytes);
void mrig_track_sign_locked(struct mrig_heap_obj *heap, u64 off);
void mrig_track_resize_locked(struct mrig_heap_obj *heap, u64 off, u64 bytes);
void mrig_track_inherit_locked(struct mrig_heap_obj *heap, u64 from, u64 to);
void mrig_track_split_locked(struct mrig_heap_obj *heap, const struct mrig_held *held, u64 rest);
void mrig_track_drop_locked(struct mrig_heap_obj *heap, u64 off);
void mrig_track_leak_locked(struct mrig_client *client, const struct mrig_held *held);
void mrig_track_name(struct mrig_client *client, u64 offset, const char *site);
void mrig_track_move(struct mrig_client *from, u64 offset, struct mrig_client *to, u64 where);
int mrig_track_list(struct mrig_client *client, u64 *cursor, struct memrig_track_entry *out,
		    u32 max, u32 *found, bool *end);

#endif /* MRIG_ALLOC_TRACK_H */
