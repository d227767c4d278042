/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Which page goes when a frame is needed: eviction policies, and what a paging window and a policy
 * tell each other.
 *
 * A window has F frames. A frame that holds a page which may be evicted is *listed*: the policy was
 * told with mrig_evict_add(). Pinned frames, free ones and those whose eviction has begun are not.
 * The policy learns of faults (add), of pages that go (remove) and, when it asks for it, whether a
 * page was used since it last asked (look). It never learns of a use as it happens: hardware leaves
 * a bit. A look is dear, since the window has to take the page out of the page tables to read the
 * bit, so looks are counted and most policies bound them.
 *
 * Nothing here locks, allocates or sleeps: the window hands in the memory and serialises the calls.
 * Frames are numbered from 0, pages of the window likewise. Words: *resident* pages are in a frame,
 * a *ghost* is a page that was evicted not long ago and is remembered.
 */
#ifndef MRIG_EVICT_H
#define MRIG_EVICT_H

#include "mrig_port.h"

/* No frame, no page. */
#define MRIG_EVICT_NONE		0xffffffffU
/* Most frames of a window: 4 TiB of 4 KiB pages. */
#define MRIG_EVICT_FRAMES_MAX	(1U << 30)
/* Lists that a policy may have. */
#define MRIG_EVICT_LISTS	2U

/* What a look finds: used since the last look; changed since it came in; may not go now. */
#define MRIG_EVICT_ACCESSED	1U
#define MRIG_EVICT_DIRTY	2U
#define MRIG_EVICT_BUSY		4U

/**
 * typedef mrig_evict_look_fn - read and clear the accessed bit of a page
 * @window: the caller's
 * @frame: a listed frame
 *
 * The bit is cleared; the dirty bit is only read. BUSY: the page cannot go now, for example because
 * somebody holds a reference. A window that hears of the next use of the page (it left the page
 * tables and will fault) passes it on with mrig_evict_accessed().
 *
 * Return: MRIG_EVICT_ flags.
 */
typedef unsigned int (*mrig_evict_look_fn)(void *window, uint32_t frame);

/**
 * enum mrig_evict_coming - why a frame is listed
 * @MRIG_EVICT_FAULT: its page was faulted in and is about to be used
 * @MRIG_EVICT_BACK: its page was there before: unpinned, its eviction failed, or another policy
 *	had it
 */
enum mrig_evict_coming { MRIG_EVICT_FAULT, MRIG_EVICT_BACK };

/**
 * enum mrig_evict_going - why a frame is listed no longer
 * @MRIG_EVICT_EVICTED: its page is evicted; the policy may remember it
 * @MRIG_EVICT_TAKEN: pinned, unmapped, or another policy has it
 */
enum mrig_evict_going { MRIG_EVICT_EVICTED, MRIG_EVICT_TAKEN };

/**
 * struct mrig_evict_victim - the choice
 * @frame: frame
 * @page: in it
 * @dirty: its own dirty bit when it was looked at
 */
struct mrig_evict_victim {
	uint32_t frame;
	uint32_t page;
	bool dirty;
};

/**
 * struct mrig_evict_stats - work of a policy
 * @selects: choices made
 * @failed: choices that found nothing
 * @looks: looks for choices and arrivals
 * @ticks: looks for ticks
 * @most: looks of one fault: those of the choice and of the arrival that follows it
 */
struct mrig_evict_stats {
	uint64_t selects;
	uint64_t failed;
	uint64_t looks;
	uint64_t ticks;
	uint32_t most;
};

struct mrig_evict;

/**
 * struct mrig_evict_ops - a policy
 * @name: as users write it
 * @text: what it does, in a few words
 * @looks: most looks of a fault unless the window asks for another bound; 0: what it takes,
 *	which is never more than two looks at each listed frame and two besides
 * @bytes: size of what it keeps besides the lists, for so many frames; NULL: nothing
 * @init: prepare that, which is zeroed; NULL: zeroes will do
 * @add: list a frame
 * @remove: unlist it
 * @select: choose among the listed frames, of which there is at least one; the choice stays
 *	listed and was looked at. MRIG_EVICT_NONE: all that were looked at are busy. Asked again
 *	and again with nothing but busy frames it must get round to each of them
 * @accessed: a page was used that was looked at before; NULL: does not matter
 * @clear: a tick comes to this listed frame; NULL: the policy has no ticks
 *
 * The caller has checked the arguments: frames exist, are listed when removed and not when added.
 */
struct mrig_evict_ops {
	const char *name;
	const char *text;
	uint32_t looks;
	uint64_t (*bytes)(uint32_t frames);
	void (*init)(struct mrig_evict *e);
	void (*add)(struct mrig_evict *e, uint32_t frame, enum mrig_evict_coming why);
	void (*remove)(struct mrig_evict *e, uint32_t frame, enum mrig_evict_going why);
	uint32_t (*select)(struct mrig_evict *e);
	void (*accessed)(struct mrig_evict *e, uint32_t frame);
	void (*clear)(struct mrig_evict *e, uint32_t frame);
};

/**
 * struct mrig_evict_params - how to make an instance
 * @frames: of the window, 1 to MRIG_EVICT_FRAMES_MAX
 * @looks: most looks of a fault, 0: the policy's own bound
 * @seed: for policies that draw lots
 * @look: reads accessed bits
 * @window: its first argument
 */
struct mrig_evict_params {
	uint32_t frames;
	uint32_t looks;
	uint64_t seed;
	mrig_evict_look_fn look;
	void *window;
};

/* The policies, ending with NULL; the first one is the default. */
extern const struct mrig_evict_ops *const mrig_evict_policies[];

const struct mrig_evict_ops *mrig_evict_find(const char *name);
size_t mrig_evict_footprint(const struct mrig_evict_ops *ops, uint32_t frames);
int mrig_evict_init(void *mem, size_t bytes, const struct mrig_evict_ops *ops,
		    const struct mrig_evict_params *params, struct mrig_evict **evict);
int mrig_evict_add(struct mrig_evict *e, uint32_t frame, uint32_t page,
		   enum mrig_evict_coming why);
int mrig_evict_remove(struct mrig_evict *e, uint32_t frame, enum mrig_evict_going why);
int mrig_evict_select(struct mrig_evict *e, struct mrig_evict_victim *victim);
void mrig_evict_accessed(struct mrig_evict *e, uint32_t frame);
uint32_t mrig_evict_tick(struct mrig_evict *e, uint32_t most);
int mrig_evict_move(struct mrig_evict *to, struct mrig_evict *from, uint32_t most);
uint32_t mrig_evict_next(const struct mrig_evict *e, uint32_t frame);
bool mrig_evict_ordered(const struct mrig_evict *e);
bool mrig_evict_listed(const struct mrig_evict *e, uint32_t frame, uint32_t *page);
uint32_t mrig_evict_count(const struct mrig_evict *e);
const struct mrig_evict_ops *mrig_evict_policy(const struct mrig_evict *e);
void mrig_evict_stats(const struct mrig_evict *e, struct mrig_evict_stats *stats);

#endif /* MRIG_EVICT_H */
