// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * First in, first out. Nothing is learnt of the pages: the look at the oldest one only asks whether
 * it may go. A busy one is in use and starts anew.
 */
#include "evict_part.h"

static void fifo_add(struct mrig_evict *e, uint32_t frame, enum mrig_evict_coming why)
{
	mrig_evict_push(e, 0, frame);
}

static void fifo_remove(struct mrig_evict *e, uint32_t frame, enum mrig_evict_going why)
{
	mrig_evict_unlink(e, 0, frame);
}

const struct mrig_evict_ops mrig_evict_fifo = {
	.name = "fifo",
	.text = "first in, first out",
	.looks = 8,
	.add = fifo_add,
	.remove = fifo_remove,
	.select = mrig_evict_oldest,
};
