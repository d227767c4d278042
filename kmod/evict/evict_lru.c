// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Zephyr's LRU, the form that traps accesses. A queue of pages by their last known use; known is
 * the use of one page at a time: when the oldest leaves the queue, the accessed bit of the new
 * oldest is cleared, so that its next use faults, is told to accessed(), and moves it to the other
 * end. All other uses go unseen, so most pages leave in the order in which they came: the policy is
 * little more than FIFO, at a cost that is as low.
 */
#include "evict_part.h"

static void lru_add(struct mrig_evict *e, uint32_t frame, enum mrig_evict_coming why)
{
	mrig_evict_push(e, 0, frame);
}

/* Unlink, and if that was the oldest, watch the one that is now, unless it is alone. */
static void lru_unlink(struct mrig_evict *e, uint32_t frame)
{
	bool oldest = frame == mrig_evict_tail(e, 0);

	mrig_evict_unlink(e, 0, frame);
	if (oldest && e->length[0] > 1)
		mrig_evict_look(e, mrig_evict_tail(e, 0));
}

static void lru_remove(struct mrig_evict *e, uint32_t frame, enum mrig_evict_going why)
{
	lru_unlink(e, frame);
}

static void lru_accessed(struct mrig_evict *e, uint32_t frame)
{
	lru_unlink(e, frame);
	mrig_evict_push(e, 0, frame);
}

const struct mrig_evict_ops mrig_evict_lru = {
	.name = "lru",
	.text = "Zephyr's LRU: a queue, the use of its oldest page moves it back",
	.looks = 8,
	.add = lru_add,
	.remove = lru_remove,
	.select = mrig_evict_oldest,
	.accessed = lru_accessed,
};
