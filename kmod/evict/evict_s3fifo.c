// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * S3-FIFO with one bit of information, the accessed bit, where the original counts uses up to
 * three. Pages come into a small queue, a tenth of the frames. Those used there go on to the main
 * queue, the others are evicted and remembered; who comes back while remembered goes to the main
 * queue at once. The main queue gives second chances.
 */
#include "evict_ghost.h"
#include "evict_part.h"

#define SMALL	  0U
#define MAIN	  1U
#define IN_MAIN	  8U /* in the mark: of the two queues */
#define SMALL_PART 10U /* of the frames */

/**
 * struct s3 - the state
 * @main_first: the small queue had nothing but busy frames the last time
 * @ghosts: of the small queue
 */
struct s3 {
	bool main_first;
	struct mrig_ghosts ghosts;
};

/* Twice as many as live at a time, so that few are lost to full buckets. */
static uint32_t places(uint32_t frames)
{
	return 2 * frames;
}

static uint64_t s3_bytes(uint32_t frames)
{
	return offsetof(struct s3, ghosts) + mrig_ghosts_bytes(places(frames));
}

static void s3_init(struct mrig_evict *e)
{
	struct s3 *s = e->state;

	mrig_ghosts_init(&s->ghosts, places(e->p.frames));
	s->ghosts.life[0] = e->p.frames - e->p.frames / SMALL_PART;
}

static void to_main(struct mrig_evict *e, uint32_t frame)
{
	e->mark[frame] |= IN_MAIN;
	mrig_evict_push(e, MAIN, frame);
}

static void s3_add(struct mrig_evict *e, uint32_t frame, enum mrig_evict_coming why)
{
	struct s3 *s = e->state;
	unsigned int kind;
	uint32_t age;

	mrig_evict_settle_newest(e, frame, why);
	if (mrig_ghosts_take(&s->ghosts, e->page[frame], &kind, &age))
		to_main(e, frame);
	else
		mrig_evict_push(e, SMALL, frame);
}

static void s3_remove(struct mrig_evict *e, uint32_t frame, enum mrig_evict_going why)
{
	struct s3 *s = e->state;

	if (e->mark[frame] & IN_MAIN) {
		mrig_evict_unlink(e, MAIN, frame);
		return;
	}
	mrig_evict_unlink(e, SMALL, frame);
	if (why == MRIG_EVICT_EVICTED)
		mrig_ghosts_put(&s->ghosts, e->page[frame], 0);
}

/* The first page of the small queue that nobody used; used ones move on. Each is seen once. */
static uint32_t from_small(struct mrig_evict *e, uint32_t *used)
{
	uint32_t left = e->length[SMALL], frame;
	unsigned int found;

	for (; left && mrig_evict_may_look(e); left--) {
		frame = mrig_evict_tail(e, SMALL);
		found = mrig_evict_look(e, frame);
		if (found & MRIG_EVICT_BUSY) {
			mrig_evict_rotate(e, SMALL, frame);
		} else if (found & MRIG_EVICT_ACCESSED) {
			mrig_evict_unlink(e, SMALL, frame);
			to_main(e, frame);
			*used = frame;
		} else {
			return frame;
		}
	}
	return MRIG_EVICT_NONE;
}

/* The first page of the main queue that nobody used since it was last here; used ones rotate. */
static uint32_t from_main(struct mrig_evict *e, uint32_t *used)
{
	uint32_t left = e->length[MAIN], frame;
	unsigned int found;

	for (; left && mrig_evict_may_look(e); left--) {
		frame = mrig_evict_tail(e, MAIN);
		found = mrig_evict_look(e, frame);
		if (!(found & (MRIG_EVICT_BUSY | MRIG_EVICT_ACCESSED)))
			return frame;
		if (!(found & MRIG_EVICT_BUSY))
			*used = frame;
		mrig_evict_rotate(e, MAIN, frame);
	}
	return MRIG_EVICT_NONE;
}

static uint32_t s3_select(struct mrig_evict *e)
{
	struct s3 *s = e->state;
	uint32_t small = e->listed / SMALL_PART, used = MRIG_EVICT_NONE, frame;
	bool main_first = s->main_first || e->length[MAIN] > e->listed - (small ? small : 1);

	if (main_first) {
		frame = from_main(e, &used);
		if (frame == MRIG_EVICT_NONE)
			frame = from_small(e, &used);
	} else {
		frame = from_small(e, &used);
		if (frame == MRIG_EVICT_NONE)
			frame = from_main(e, &used);
	}
	if (frame == MRIG_EVICT_NONE)
		frame = used;
	s->main_first = frame == MRIG_EVICT_NONE && !main_first;
	return frame;
}

const struct mrig_evict_ops mrig_evict_s3fifo = {
	.name = "s3fifo",
	.text = "S3-FIFO with one bit: a small queue for newcomers, a main one, ghosts",
	.bytes = s3_bytes,
	.init = s3_init,
	.add = s3_add,
	.remove = s3_remove,
	.select = s3_select,
};
