// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What all eviction policies have in common; see evict.h.
 */
#include "evict_part.h"

/* Busy frames that a choice meets before it is said that all are: four looks at each, and some. */
#define ROUNDS 4U
#define SOME 64U

/* Bytes of what stands before the policy's state, which is aligned to 8. */
static uint64_t common_bytes(uint32_t frames)
{
	uint64_t links = 2 * ((uint64_t)frames + MRIG_EVICT_LISTS) * sizeof(uint32_t);
	uint64_t each = (uint64_t)frames * (sizeof(uint32_t) + sizeof(uint8_t));

	return (sizeof(struct mrig_evict) + links + each + 7) & ~7ULL;
}

/**
 * mrig_evict_footprint() - memory that an instance needs
 * @ops: policy
 * @frames: of the window
 *
 * Return: bytes, or 0 if the policy or the number of frames is impossible.
 */
size_t mrig_evict_footprint(const struct mrig_evict_ops *ops, uint32_t frames)
{
	uint64_t bytes;

	if (!ops || !frames || frames > MRIG_EVICT_FRAMES_MAX)
		return 0;
	bytes = common_bytes(frames);
	if (ops->bytes)
		bytes += ops->bytes(frames);
	return bytes > SIZE_MAX ? 0 : (size_t)bytes;
}

static void lay_out(struct mrig_evict *e, uint8_t *mem)
{
	uint32_t frames = e->p.frames, i;

	e->page = (uint32_t *)(mem + sizeof(*e));
	e->older = e->page + frames;
	e->newer = e->older + frames + MRIG_EVICT_LISTS;
	e->mark = (uint8_t *)(e->newer + frames + MRIG_EVICT_LISTS);
	e->state = mem + common_bytes(frames);
	for (i = 0; i < frames; i++)
		e->page[i] = MRIG_EVICT_NONE;
	for (i = frames; i < frames + MRIG_EVICT_LISTS; i++)
		mrig_evict_lone(e, i);
}

/**
 * mrig_evict_init() - make an instance in memory of the caller's
 * @mem: memory, aligned to 8
 * @bytes: its size, at least mrig_evict_footprint()
 * @ops: policy
 * @params: of the window; copied
 * @evict: set to the instance, which ends with the memory
 *
 * Takes time in proportion to the frames. No frame is listed at first.
 *
 * Return: 0; -EINVAL if something is NULL, misaligned or out of range; -ENOSPC if @bytes is less
 * than it takes.
 */
int mrig_evict_init(void *mem, size_t bytes, const struct mrig_evict_ops *ops,
		    const struct mrig_evict_params *params, struct mrig_evict **evict)
{
	struct mrig_evict *e = mem;
	size_t need;

	if (!mem || (uintptr_t)mem % 8 || !ops || !params || !params->look || !evict)
		return -EINVAL;
	need = mrig_evict_footprint(ops, params->frames);
	if (!need)
		return -EINVAL;
	if (bytes < need)
		return -ENOSPC;
	memset(mem, 0, need);
	e->ops = ops;
	e->p = *params;
	e->newest = MRIG_EVICT_NONE;
	lay_out(e, mem);
	if (ops->init)
		ops->init(e);
	*evict = e;
	return 0;
}

/**
 * mrig_evict_look() - for policies: look at a listed frame
 * @e: instance
 * @frame: frame
 *
 * Return: MRIG_EVICT_ flags, which the mark of the frame holds from now on as well.
 */
unsigned int mrig_evict_look(struct mrig_evict *e, uint32_t frame)
{
	unsigned int found = e->p.look(e->p.window, frame) & MRIG_EVICT_FOUND;

	e->mark[frame] = (uint8_t)((e->mark[frame] & MRIG_EVICT_MARKS) | found);
	e->spent++;
	e->barren++;
	return found;
}

/**
 * mrig_evict_settle_newest() - for policies, on an arrival: forget the use that brought a page in
 * @e: instance
 * @frame: that comes now
 * @why: it comes
 *
 * The access that faulted sets the accessed bit as any other does, once it is retried. It says
 * nothing about the future, so the bit is cleared when the next page comes.
 */
void mrig_evict_settle_newest(struct mrig_evict *e, uint32_t frame, enum mrig_evict_coming why)
{
	uint32_t before = e->newest;

	if (why != MRIG_EVICT_FAULT)
		return;
	e->newest = frame;
	if (before != MRIG_EVICT_NONE)
		mrig_evict_look(e, before);
}

/**
 * mrig_evict_listed() - is a frame listed, and what is in it?
 * @e: instance
 * @frame: frame
 * @page: set to the page in it, if it is; may be NULL
 *
 * Return: is it?
 */
bool mrig_evict_listed(const struct mrig_evict *e, uint32_t frame, uint32_t *page)
{
	if (!e || frame >= e->p.frames || e->page[frame] == MRIG_EVICT_NONE)
		return false;
	if (page)
		*page = e->page[frame];
	return true;
}

/**
 * mrig_evict_add() - list a frame: its page may be evicted
 * @e: instance
 * @frame: frame
 * @page: the page in it
 * @why: it is listed
 *
 * Return: 0; -EINVAL if there is no such frame or @page is MRIG_EVICT_NONE; -EEXIST if it is
 * listed.
 */
int mrig_evict_add(struct mrig_evict *e, uint32_t frame, uint32_t page,
		   enum mrig_evict_coming why)
{
	if (!e || frame >= e->p.frames || page == MRIG_EVICT_NONE)
		return -EINVAL;
	if (e->page[frame] != MRIG_EVICT_NONE)
		return -EEXIST;
	e->page[frame] = page;
	e->mark[frame] = 0;
	e->listed++;
	e->stats.looks -= e->spent;
	e->ops->add(e, frame, why);
	e->stats.looks += e->spent;
	if (e->spent > e->stats.most)
		e->stats.most = e->spent;
	e->spent = 0;
	return 0;
}

/**
 * mrig_evict_remove() - unlist a frame: its page goes, or must stay
 * @e: instance
 * @frame: frame
 * @why: it is unlisted
 *
 * A page whose eviction begins is removed first, before the next choice; should it come to nothing,
 * it is added again.
 *
 * Return: 0; -EINVAL if there is no such frame; -ENOENT if it is not listed.
 */
int mrig_evict_remove(struct mrig_evict *e, uint32_t frame, enum mrig_evict_going why)
{
	uint32_t spent;

	if (!e || frame >= e->p.frames)
		return -EINVAL;
	if (e->page[frame] == MRIG_EVICT_NONE)
		return -ENOENT;
	spent = e->spent;
	e->listed--;
	if (e->newest == frame)
		e->newest = MRIG_EVICT_NONE;
	e->ops->remove(e, frame, why);
	e->page[frame] = MRIG_EVICT_NONE;
	e->stats.looks += e->spent - spent;
	return 0;
}

static uint32_t most_looks(const struct mrig_evict *e)
{
	if (e->p.looks)
		return e->p.looks;
	return e->ops->looks ? e->ops->looks : 2 * e->listed + 2;
}

/**
 * mrig_evict_select() - choose a page to evict
 * @e: instance
 * @victim: set to the choice
 *
 * The choice stays listed: mrig_evict_remove() follows. Each call is bounded, also when everything
 * is busy.
 *
 * Return: 0; -EINVAL for NULL; -ENOENT if no frame is listed; -EAGAIN if the frames looked at are
 * busy, a further call looks at others; -EBUSY if all are: wait for something to change.
 */
int mrig_evict_select(struct mrig_evict *e, struct mrig_evict_victim *victim)
{
	uint32_t frame;

	if (!e || !victim)
		return -EINVAL;
	if (!e->listed)
		return -ENOENT;
	e->spent = 0;
	e->bound = most_looks(e);
	frame = e->ops->select(e);
	e->stats.looks += e->spent;
	if (e->spent > e->stats.most)
		e->stats.most = e->spent;
	if (frame == MRIG_EVICT_NONE) {
		e->stats.failed++;
		if (e->barren <= ROUNDS * (uint64_t)e->listed + SOME)
			return -EAGAIN;
		e->barren = 0;
		return -EBUSY;
	}
	e->barren = 0;
	e->stats.selects++;
	victim->frame = frame;
	victim->page = e->page[frame];
	victim->dirty = e->mark[frame] & MRIG_EVICT_DIRTY;
	return 0;
}

/**
 * mrig_evict_accessed() - a page was used for the first time since it was looked at
 * @e: instance
 * @frame: it is in; ignored if it is not listed
 */
void mrig_evict_accessed(struct mrig_evict *e, uint32_t frame)
{
	uint32_t spent;

	if (!mrig_evict_listed(e, frame, NULL) || !e->ops->accessed)
		return;
	spent = e->spent;
	e->ops->accessed(e, frame);
	e->stats.looks += e->spent - spent;
}

/**
 * mrig_evict_tick() - time passes
 * @e: instance
 * @most: frames to deal with, so that a lock is not held for long
 *
 * A tick that came to its end is followed by a new one.
 *
 * Return: frames that this tick has not come to, 0: over, or the policy has no ticks.
 */
uint32_t mrig_evict_tick(struct mrig_evict *e, uint32_t most)
{
	uint32_t frame, spent;

	if (!e || !e->ops->clear)
		return 0;
	if (!e->ticking)
		e->ticking = e->p.frames;
	spent = e->spent;
	for (; most && e->ticking; most--) {
		frame = e->p.frames - e->ticking--;
		if (e->page[frame] != MRIG_EVICT_NONE)
			e->ops->clear(e, frame);
	}
	e->stats.ticks += e->spent - spent;
	e->spent = spent;
	return e->ticking;
}

/**
 * mrig_evict_count() - frames listed
 * @e: instance
 *
 * Return: their number, 0 for NULL.
 */
uint32_t mrig_evict_count(const struct mrig_evict *e)
{
	return e ? e->listed : 0;
}

/**
 * mrig_evict_policy() - what an instance was made of
 * @e: instance
 *
 * Return: its policy, NULL for NULL.
 */
const struct mrig_evict_ops *mrig_evict_policy(const struct mrig_evict *e)
{
	return e ? e->ops : NULL;
}

/**
 * mrig_evict_stats() - the work done so far
 * @e: instance
 * @stats: to fill in
 */
void mrig_evict_stats(const struct mrig_evict *e, struct mrig_evict_stats *stats)
{
	if (e && stats)
		*stats = e->stats;
}
