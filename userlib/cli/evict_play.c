// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* A trace played to a policy; see evict_play.h. */
#include <stdlib.h>
#include <string.h>

#include "evict_play.h"
#include "util.h"

#define TRAPPED 8U /* in the bits of a frame: its next use faults */
#define OUT	UINT32_MAX

/**
 * struct play - the window
 * @bits: by frame, MRIG_EVICT_ACCESSED, MRIG_EVICT_DIRTY and TRAPPED
 * @page: by frame, what is in it
 * @frame: by page, where it is, OUT: nowhere
 * @used: frames that hold a page
 * @traps: the policy wants to hear of the next use
 * @evict: policy at work, in memory of its own
 */
struct play {
	uint8_t *bits;
	uint32_t *page;
	uint32_t *frame;
	uint32_t used;
	bool traps;
	struct mrig_evict *evict;
	void *memory;
};

static unsigned int look(void *window, uint32_t frame)
{
	struct play *play = window;
	unsigned int found = play->bits[frame] & (MRIG_EVICT_ACCESSED | MRIG_EVICT_DIRTY);

	play->bits[frame] = (found & MRIG_EVICT_DIRTY) | (play->traps ? TRAPPED : 0);
	return found;
}

static void play_free(struct play *play)
{
	free(play->bits);
	free(play->page);
	free(play->frame);
	free(play->memory);
}

static int play_init(struct play *play, const struct page_trace *trace,
		     const struct mrig_evict_ops *ops, const struct evict_rules *rules)
{
	struct mrig_evict_params params = { .frames = rules->frames,
					    .looks = rules->looks,
					    .seed = rules->seed,
					    .look = look,
					    .window = play };
	size_t bytes = mrig_evict_footprint(ops, rules->frames);

	memset(play, 0, sizeof(*play));
	play->bits = calloc(rules->frames, 1);
	play->page = calloc(rules->frames, sizeof(*play->page));
	play->frame = malloc(trace->pages * sizeof(*play->frame));
	play->memory = bytes ? malloc(bytes) : NULL;
	play->traps = ops->accessed;
	if (!play->bits || !play->page || !play->frame || !play->memory ||
	    mrig_evict_init(play->memory, bytes, ops, &params, &play->evict)) {
		play_free(play);
		return fail("no memory for %u frames", rules->frames);
	}
	memset(play->frame, 0xff, trace->pages * sizeof(*play->frame));
	return 0;
}

/* A free frame, or one that is made free. OUT: the policy does not keep its contract. */
static uint32_t take_frame(struct play *play, const struct evict_rules *rules,
			   struct evict_result *result)
{
	struct mrig_evict_victim victim;
	bool dirty;

	if (play->used < rules->frames)
		return play->used++;
	if (mrig_evict_select(play->evict, &victim))
		return OUT;
	dirty = play->bits[victim.frame] & MRIG_EVICT_DIRTY;
	if (play->page[victim.frame] != victim.page || dirty != victim.dirty ||
	    mrig_evict_remove(play->evict, victim.frame, MRIG_EVICT_EVICTED))
		return OUT;
	play->frame[victim.page] = OUT;
	result->evictions++;
	result->writebacks += dirty;
	return victim.frame;
}

static bool miss(struct play *play, const struct evict_rules *rules, uint32_t page,
		 struct evict_result *result)
{
	uint32_t frame = take_frame(play, rules, result);

	if (frame == OUT)
		return false;
	result->misses++;
	play->page[frame] = page;
	play->frame[page] = frame;
	play->bits[frame] = 0;
	return !mrig_evict_add(play->evict, frame, page, MRIG_EVICT_FAULT);
}

static void use(struct play *play, uint32_t frame, bool write, struct evict_result *result)
{
	if (play->bits[frame] & TRAPPED) {
		play->bits[frame] &= (uint8_t)~TRAPPED;
		result->traps++;
		mrig_evict_accessed(play->evict, frame);
	}
	play->bits[frame] |= MRIG_EVICT_ACCESSED | (write ? MRIG_EVICT_DIRTY : 0);
}

int evict_play(const struct page_trace *trace, const struct mrig_evict_ops *ops,
	       const struct evict_rules *rules, struct evict_result *result)
{
	struct mrig_evict_stats stats;
	struct play play;
	bool good = true;
	size_t i;

	memset(result, 0, sizeof(*result));
	if (play_init(&play, trace, ops, rules))
		return EXIT_FAILURE;
	for (i = 0; good && i < trace->nr; i++) {
		uint32_t page = trace->refs[i] & ~PAGE_WRITE;

		if (i && i % rules->tick == 0)
			mrig_evict_tick(play.evict, rules->frames);
		if (play.frame[page] == OUT)
			good = miss(&play, rules, page, result);
		if (good)
			use(&play, play.frame[page], trace->refs[i] & PAGE_WRITE, result);
	}
	mrig_evict_stats(play.evict, &stats);
	result->looks = stats.looks;
	result->ticks = stats.ticks;
	result->most = stats.most;
	play_free(&play);
	if (!good)
		return fail("%s: chose what it could not, at reference %zu", ops->name, i);
	return 0;
}
