// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The order in which frames would be evicted, as far as the lists of a policy tell it: going
 * through them, handing them to another policy, and the choice that goes by it alone.
 */
#include "evict_part.h"

/* Frames that are not listed and are passed over on the way to the next one. */
#define FAR 1024U

/* A frame of those that would go first, as far as the lists tell; NONE: this step found none. */
static uint32_t next_to_move(struct mrig_evict *e)
{
	unsigned int i;

	for (i = 0; i < MRIG_EVICT_LISTS; i++) {
		if (e->length[i])
			return mrig_evict_tail(e, i);
	}
	if (e->moving == e->p.frames)
		e->moving = 0;
	i = e->moving++;
	return e->page[i] == MRIG_EVICT_NONE ? MRIG_EVICT_NONE : i;
}

/* The listed frame of the lowest number from @frame on, if it is not far. */
static uint32_t next_by_number(const struct mrig_evict *e, uint32_t frame)
{
	uint32_t end = e->p.frames - frame > FAR ? frame + FAR : e->p.frames;

	for (; frame < end; frame++)
		if (e->page[frame] != MRIG_EVICT_NONE)
			return frame;
	return MRIG_EVICT_NONE;
}

/**
 * mrig_evict_ordered() - does the policy keep the frames in an order?
 * @e: instance
 *
 * Return: does it, now that so many are listed?
 */
bool mrig_evict_ordered(const struct mrig_evict *e)
{
	unsigned int i;

	for (i = 0; e && i < MRIG_EVICT_LISTS; i++)
		if (e->length[i])
			return true;
	return false;
}

/**
 * mrig_evict_next() - go through the listed frames in the order in which they would be evicted
 * @e: instance
 * @frame: the one before, or MRIG_EVICT_NONE to begin
 *
 * That is what the lists tell: which frame a choice takes depends on what it finds. Where a policy
 * has no lists it is by number, and ends where many in a row are not listed.
 *
 * Return: the next frame; MRIG_EVICT_NONE: there is none, or @frame is not listed.
 */
uint32_t mrig_evict_next(const struct mrig_evict *e, uint32_t frame)
{
	bool begin = frame == MRIG_EVICT_NONE;
	unsigned int list = 0;

	if (!e || (!begin && !mrig_evict_listed(e, frame, NULL)))
		return MRIG_EVICT_NONE;
	if (!mrig_evict_ordered(e))
		return next_by_number(e, begin ? 0 : frame + 1);
	if (!begin) {
		frame = e->newer[frame];
		if (frame < e->p.frames)
			return frame;
		list = frame - e->p.frames + 1;
	}
	for (; list < MRIG_EVICT_LISTS; list++)
		if (e->length[list])
			return mrig_evict_tail(e, list);
	return MRIG_EVICT_NONE;
}

/**
 * mrig_evict_move() - hand listed frames from one policy to another
 * @to: policy that takes over, of the same window
 * @from: policy that goes
 * @most: steps, so that a lock is not held for long
 *
 * They come in the order in which they would be evicted, where the old policy has one. In the
 * meantime the window adds to @to, chooses from @from while it has frames and removes from the one
 * that has the frame.
 *
 * Return: 0 when @from has no frames left; -EAGAIN when it has; -EINVAL if the two do not match.
 */
int mrig_evict_move(struct mrig_evict *to, struct mrig_evict *from, uint32_t most)
{
	uint32_t frame, page;

	if (!to || !from || to == from || to->p.frames != from->p.frames)
		return -EINVAL;
	for (; most && from->listed; most--) {
		frame = next_to_move(from);
		if (frame == MRIG_EVICT_NONE)
			continue;
		page = from->page[frame];
		mrig_evict_remove(from, frame, MRIG_EVICT_TAKEN);
		mrig_evict_add(to, frame, page, MRIG_EVICT_BACK);
	}
	return from->listed ? -EAGAIN : 0;
}

/**
 * mrig_evict_oldest() - for policies: choose the tail of the first list, but for what is busy
 * @e: instance
 *
 * A busy one is in use, and starts anew at the head.
 *
 * Return: frame; MRIG_EVICT_NONE: all that were looked at are busy.
 */
uint32_t mrig_evict_oldest(struct mrig_evict *e)
{
	uint32_t frame;

	while (mrig_evict_may_look(e)) {
		frame = mrig_evict_tail(e, 0);
		if (!(mrig_evict_look(e, frame) & MRIG_EVICT_BUSY))
			return frame;
		mrig_evict_rotate(e, 0, frame);
	}
	return MRIG_EVICT_NONE;
}
