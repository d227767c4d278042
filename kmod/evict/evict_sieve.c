// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * SIEVE: a queue in which no page ever moves, and a hand that goes from the oldest to the newest
 * page, clears accessed bits on its way and takes the first page without one. New pages come in
 * behind the hand's back or right in front of it, so those that nobody uses go quickly.
 */
#include "evict_part.h"

/**
 * struct sieve - the state
 * @hand: frame at which the next choice begins, MRIG_EVICT_NONE: at the oldest
 */
struct sieve {
	uint32_t hand;
};

static uint64_t sieve_bytes(uint32_t frames)
{
	return sizeof(struct sieve);
}

static void sieve_init(struct mrig_evict *e)
{
	struct sieve *s = e->state;

	s->hand = MRIG_EVICT_NONE;
}

static void sieve_add(struct mrig_evict *e, uint32_t frame, enum mrig_evict_coming why)
{
	mrig_evict_push(e, 0, frame);
	mrig_evict_settle_newest(e, frame, why);
}

static uint32_t newer_than(const struct mrig_evict *e, uint32_t frame)
{
	uint32_t newer = e->newer[frame];

	return newer == mrig_evict_anchor(e, 0) ? MRIG_EVICT_NONE : newer;
}

static void sieve_remove(struct mrig_evict *e, uint32_t frame, enum mrig_evict_going why)
{
	struct sieve *s = e->state;

	if (s->hand == frame)
		s->hand = newer_than(e, frame);
	mrig_evict_unlink(e, 0, frame);
}

static uint32_t sieve_select(struct mrig_evict *e)
{
	struct sieve *s = e->state;
	uint32_t frame, used = MRIG_EVICT_NONE, left = e->listed + 1;
	unsigned int found;

	while (left-- && mrig_evict_may_look(e)) {
		frame = s->hand == MRIG_EVICT_NONE ? mrig_evict_tail(e, 0) : s->hand;
		found = mrig_evict_look(e, frame);
		s->hand = frame;
		if (!(found & (MRIG_EVICT_BUSY | MRIG_EVICT_ACCESSED)))
			return frame;
		if (!(found & MRIG_EVICT_BUSY) && used == MRIG_EVICT_NONE)
			used = frame;
		s->hand = newer_than(e, frame);
	}
	return used;
}

const struct mrig_evict_ops mrig_evict_sieve = {
	.name = "sieve",
	.text = "SIEVE: a hand goes over a queue that never changes order",
	.bytes = sieve_bytes,
	.init = sieve_init,
	.add = sieve_add,
	.remove = sieve_remove,
	.select = sieve_select,
};
