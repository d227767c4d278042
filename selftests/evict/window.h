/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* A window for sequences written by hand: bits by frame, and what was looked at. */
#ifndef EVICT_WINDOW_H
#define EVICT_WINDOW_H

#include <stdio.h>

#include "test.h"

#define WINDOW_FRAMES 64
#define SEEN	      256

/**
 * struct window - a window
 * @bits: by frame, what a look finds; ACCESSED is cleared by it
 * @seen: frames looked at since window_forget(), in order
 * @nr_seen: of them
 * @memory: of the policy
 * @e: policy
 */
struct window {
	unsigned int bits[WINDOW_FRAMES];
	uint32_t seen[SEEN];
	unsigned int nr_seen;
	void *memory;
	struct mrig_evict *e;
};

static inline unsigned int window_look(void *window, uint32_t frame)
{
	struct window *w = window;
	unsigned int found = w->bits[frame];

	w->bits[frame] &= ~MRIG_EVICT_ACCESSED;
	if (w->nr_seen < SEEN)
		w->seen[w->nr_seen++] = frame;
	return found;
}

static inline void window_open(struct window *w, const char *policy, uint32_t frames,
			       uint32_t looks)
{
	const struct mrig_evict_ops *ops = mrig_evict_find(policy);
	struct mrig_evict_params params = {
		.frames = frames, .looks = looks, .seed = 5, .look = window_look, .window = w
	};
	size_t bytes;

	memset(w, 0, sizeof(*w));
	assert_non_null(ops);
	bytes = mrig_evict_footprint(ops, frames);
	w->memory = malloc(bytes);
	assert_non_null(w->memory);
	assert_int_equal(mrig_evict_init(w->memory, bytes, ops, &params, &w->e), 0);
}

static inline void window_close(struct window *w)
{
	free(w->memory);
}

static inline void window_forget(struct window *w)
{
	w->nr_seen = 0;
}

/* Page @page comes into @frame; the access that faulted leaves its bit. */
static inline void window_fault(struct window *w, uint32_t frame, uint32_t page)
{
	w->bits[frame] = 0;
	assert_int_equal(mrig_evict_add(w->e, frame, page, MRIG_EVICT_FAULT), 0);
	w->bits[frame] = MRIG_EVICT_ACCESSED;
}

/* Pages 100, 101... into all of @frames. */
static inline void window_fill(struct window *w, uint32_t frames)
{
	uint32_t i;

	for (i = 0; i < frames; i++)
		window_fault(w, i, 100 + i);
}

/* Chooses; the victim stays. */
static inline uint32_t window_choose(struct window *w)
{
	struct mrig_evict_victim victim;

	assert_int_equal(mrig_evict_select(w->e, &victim), 0);
	assert_int_equal(victim.dirty, !!(w->bits[victim.frame] & MRIG_EVICT_DIRTY));
	return victim.frame;
}

/* Chooses, evicts, and faults @page into the frame, which is returned. */
static inline uint32_t window_replace(struct window *w, uint32_t page)
{
	uint32_t frame = window_choose(w);

	assert_int_equal(mrig_evict_remove(w->e, frame, MRIG_EVICT_EVICTED), 0);
	window_fault(w, frame, page);
	return frame;
}

#endif /* EVICT_WINDOW_H */
