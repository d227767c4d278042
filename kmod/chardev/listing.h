/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Listings: arrays of structs of which the caller may know less, or more.
 */
#ifndef MRIG_LISTING_H
#define MRIG_LISTING_H

#include <linux/types.h>

/**
 * struct mrig_listing - a call that lists objects, one at a time
 * @cursor: see struct memrig_region_list
 * @count: likewise
 * @entries: likewise
 * @entry_size: likewise
 * @least: bytes of an element in the release that introduced it
 * @most: bytes of an element now
 * @entry: room for one. It begins with its size, a __u32
 * @next: fills @entry with the next one after @cursor, which it moves there; false: at the end
 */
struct mrig_listing {
	__aligned_u64 *cursor;
	u32 *count;
	u64 entries;
	u32 entry_size;
	u32 least;
	u32 most;
	void *entry;
	bool (*next)(u64 *cursor, void *entry);
};

int mrig_listing_check(u32 count, u32 entry_size, size_t least);
int mrig_listing_put(void __user *to, const void *entry, u32 known, u32 entry_size);
int mrig_listing_ioctl(const struct mrig_listing *list);

#endif /* MRIG_LISTING_H */
