// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Second chance: the oldest page goes unless it was used since it was last looked at, in which case
 * it starts anew. Zephyr's LRU is this on hardware that cannot trap an access. The choice ends at
 * the latest when the first page comes round again.
 */
#include "evict_part.h"

static void clock_add(struct mrig_evict *e, uint32_t frame, enum mrig_evict_coming why)
{
	mrig_evict_push(e, 0, frame);
}

static void clock_remove(struct mrig_evict *e, uint32_t frame, enum mrig_evict_going why)
{
	mrig_evict_unlink(e, 0, frame);
}

static uint32_t clock_select(struct mrig_evict *e)
{
	uint32_t frame, used = MRIG_EVICT_NONE, left = e->listed + 1;
	unsigned int found;

	while (left-- && mrig_evict_may_look(e)) {
		frame = mrig_evict_tail(e, 0);
		found = mrig_evict_look(e, frame);
		if (!(found & (MRIG_EVICT_BUSY | MRIG_EVICT_ACCESSED)))
			return frame;
		if (!(found & MRIG_EVICT_BUSY) && used == MRIG_EVICT_NONE)
			used = frame;
		mrig_evict_rotate(e, 0, frame);
	}
	return used;
}

const struct mrig_evict_ops mrig_evict_clock = {
	.name = "clock",
	.text = "first in, first out, with a second chance for what was used",
	.add = clock_add,
	.remove = clock_remove,
	.select = clock_select,
};
