// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Any page, all alike. The listed frames stand in a dense array, which takes the place of the
 * lists: slot to frame, and frame to slot.
 */
#include "evict_part.h"

/**
 * struct lots - the state
 * @seed: of the sequence
 * @slot: where the search goes on when the frames drawn before were busy
 */
struct lots {
	uint64_t seed;
	uint32_t slot;
};

static uint64_t random_bytes(uint32_t frames)
{
	return sizeof(struct lots);
}

static void random_init(struct mrig_evict *e)
{
	struct lots *s = e->state;

	s->seed = e->p.seed;
}

/* A sequence of period 2^64 from any seed (splitmix64). */
static uint32_t draw(struct lots *s, uint32_t below)
{
	uint64_t z = (s->seed += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return (uint32_t)(((z >> 32) * below) >> 32);
}

static void random_add(struct mrig_evict *e, uint32_t frame, enum mrig_evict_coming why)
{
	uint32_t slot = e->listed - 1;

	e->older[slot] = frame;
	e->newer[frame] = slot;
}

static void random_remove(struct mrig_evict *e, uint32_t frame, enum mrig_evict_going why)
{
	uint32_t last = e->older[e->listed];

	e->older[e->newer[frame]] = last;
	e->newer[last] = e->newer[frame];
}

static uint32_t random_select(struct mrig_evict *e)
{
	struct lots *s = e->state;
	uint32_t frame;

	if (!e->barren)
		s->slot = draw(s, e->listed);
	while (mrig_evict_may_look(e)) {
		if (s->slot >= e->listed)
			s->slot = 0;
		frame = e->older[s->slot++];
		if (!(mrig_evict_look(e, frame) & MRIG_EVICT_BUSY))
			return frame;
	}
	return MRIG_EVICT_NONE;
}

const struct mrig_evict_ops mrig_evict_random = {
	.name = "random",
	.text = "any page, all alike",
	.looks = 8,
	.bytes = random_bytes,
	.init = random_init,
	.add = random_add,
	.remove = random_remove,
	.select = random_select,
};
