// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The default: newcomers on probation, a main set that only the better displace, and a border
 * between the two that moves with what comes back.
 *
 * Pages come in on *probation*, a queue. Those that nobody used by the time they reach its end are
 * evicted, which takes a scan out of the way quickly. Those that were used there, and those that
 * come back soon after they were evicted (*returned*), are candidates for the *main* set, a clock
 * whose pages have a level of up to three that rises when the hand finds them used and falls when
 * it does not. While there is room a candidate simply moves over. When there is none the hand takes
 * a few steps to find a page that is cold, at level zero and unused: that one is evicted and the
 * candidate takes its place. If it finds none, the candidate stays on probation, or is evicted. So
 * a loop that does not fit keeps the part of it that does: all pages of the main set are used once
 * a round, none of them is cold, and the rest of the loop passes by.
 *
 * How many frames probation gets is decided at the margin. A page that comes back right after it
 * was evicted from probation would have been found had probation been a little larger; likewise for
 * the main set. Each such ghost moves the border by two frames in its own favour. Both ages are
 * counted in evictions from the same place, so the same window means the same gain per frame.
 *
 * A choice never looks at more than a handful of frames. When the looks are used up, the best of
 * those seen goes. Among equals a clean page goes first: a dirty one is spared once.
 */
#include "evict_ghost.h"
#include "evict_part.h"

#define PROBATION 0U
#define MAIN	  1U

/* In the mark: which of the two; came back; was spared for being dirty; and its level. */
#define IN_MAIN	   0x08U
#define RETURNED   0x10U
#define SPARED	   0x20U
#define LEVEL_STEP 0x40U
#define LEVEL_MAX  3U

#define LOOKS	  8U /* of a fault, one of which settles the newest page */
#define HAND	  4U /* steps to find a cold page for a candidate */
#define PART	  10U /* of the frames: probation at first, and the main set at least */
#define LEAST	  100U /* part of the frames: probation at least */
#define MARGIN	  50U /* part of the frames: window in which a ghost moves the border */
#define GAIN	  2U /* frames by which it does */
#define SEED	  8U /* every so many unused pages fill the main set while it has room */
#define TEPID	  2U /* level below which a page may go when nothing better is found */

/**
 * struct adaptive - the state
 * @border: frames that probation is to have
 * @unused: pages found unused while the main set had room
 * @other: the last choice met nothing but busy frames: begin at the other place
 * @ghosts: pages evicted, by the place they were in
 */
struct adaptive {
	uint32_t border;
	uint32_t unused;
	bool other;
	struct mrig_ghosts ghosts;
};

/**
 * struct search - what a choice met so far that might go if nothing better turns up
 * @spared: unused page on probation, dirty
 * @tepid: unused page of the main set
 * @level: its level; pages of that level and above will not do
 * @used: any page that is not busy
 */
struct search {
	uint32_t spared;
	uint32_t tepid;
	unsigned int level;
	uint32_t used;
};

static uint32_t part(uint32_t frames, uint32_t of)
{
	return frames >= of ? frames / of : 1;
}

static uint64_t adaptive_bytes(uint32_t frames)
{
	return offsetof(struct adaptive, ghosts) + mrig_ghosts_bytes(frames);
}

static void adaptive_init(struct mrig_evict *e)
{
	struct adaptive *s = e->state;
	uint32_t frames = e->p.frames;

	s->border = part(frames, PART);
	mrig_ghosts_init(&s->ghosts, frames);
	s->ghosts.life[PROBATION] = frames - frames / 3;
	s->ghosts.life[MAIN] = part(frames, MARGIN);
}

static unsigned int level_of(const struct mrig_evict *e, uint32_t frame)
{
	return e->mark[frame] / LEVEL_STEP;
}

static bool has_room(const struct mrig_evict *e)
{
	const struct adaptive *s = e->state;

	return e->length[MAIN] + s->border < e->listed;
}

static void to_main(struct mrig_evict *e, uint32_t frame)
{
	e->mark[frame] = (e->mark[frame] & MRIG_EVICT_FOUND) | IN_MAIN;
	mrig_evict_push(e, MAIN, frame);
}

/* A page came back: its place was too small by its age. */
static void move_border(struct adaptive *s, uint32_t frames, unsigned int kind)
{
	uint32_t least = part(frames, LEAST), most = frames - frames / PART;

	if (kind == PROBATION)
		s->border = s->border + GAIN < most ? s->border + GAIN : most;
	else
		s->border = s->border > least + GAIN ? s->border - GAIN : least;
}

static void adaptive_add(struct mrig_evict *e, uint32_t frame, enum mrig_evict_coming why)
{
	struct adaptive *s = e->state;
	unsigned int kind;
	uint32_t age;

	mrig_evict_settle_newest(e, frame, why);
	if (mrig_ghosts_take(&s->ghosts, e->page[frame], &kind, &age)) {
		if (age <= part(e->p.frames, MARGIN))
			move_border(s, e->p.frames, kind);
		if (has_room(e)) {
			to_main(e, frame);
			return;
		}
		if (kind == PROBATION)
			e->mark[frame] |= RETURNED;
	} else if (why == MRIG_EVICT_BACK && has_room(e)) {
		to_main(e, frame);
		return;
	}
	mrig_evict_push(e, PROBATION, frame);
}

static void adaptive_remove(struct mrig_evict *e, uint32_t frame, enum mrig_evict_going why)
{
	struct adaptive *s = e->state;
	unsigned int place = e->mark[frame] & IN_MAIN ? MAIN : PROBATION;

	mrig_evict_unlink(e, place, frame);
	if (why == MRIG_EVICT_EVICTED)
		mrig_ghosts_put(&s->ghosts, e->page[frame], place);
}

/* The hand passes a page that is not busy. Is it cold? */
static bool pass(struct mrig_evict *e, uint32_t frame, unsigned int found)
{
	unsigned int level = level_of(e, frame);

	if (found & MRIG_EVICT_ACCESSED) {
		e->mark[frame] &= (uint8_t)~SPARED;
		if (level < LEVEL_MAX)
			e->mark[frame] += LEVEL_STEP;
		return false;
	}
	if (!level)
		return true;
	e->mark[frame] -= LEVEL_STEP;
	return false;
}

/* Steps of the hand: a cold page, a clean one if there is one, or NONE. */
static uint32_t turn_hand(struct mrig_evict *e, uint32_t steps, struct search *search)
{
	uint32_t spared = MRIG_EVICT_NONE, frame;
	unsigned int found;

	for (; steps && e->length[MAIN] && mrig_evict_may_look(e); steps--) {
		frame = mrig_evict_tail(e, MAIN);
		found = mrig_evict_look(e, frame);
		if (!(found & MRIG_EVICT_BUSY)) {
			if (pass(e, frame, found)) {
				if (!(found & MRIG_EVICT_DIRTY) || (e->mark[frame] & SPARED))
					return frame;
				e->mark[frame] |= SPARED;
				if (spared == MRIG_EVICT_NONE)
					spared = frame;
			}
			if (!(found & MRIG_EVICT_ACCESSED) && level_of(e, frame) < search->level) {
				search->level = level_of(e, frame);
				search->tepid = frame;
			}
			search->used = frame;
		}
		mrig_evict_rotate(e, MAIN, frame);
	}
	return spared;
}

/* @frame at the end of probation, used or returned, wants to the main set. A victim, or NONE. */
static uint32_t promote(struct mrig_evict *e, uint32_t frame, unsigned int found,
			struct search *search)
{
	uint32_t cold = MRIG_EVICT_NONE, left = e->bound - e->spent;
	bool room = has_room(e);

	/* the last look is for another page on probation */
	if (!room && left > 1)
		cold = turn_hand(e, left - 1 < HAND ? left - 1 : HAND, search);
	if (room || cold != MRIG_EVICT_NONE) {
		mrig_evict_unlink(e, PROBATION, frame);
		to_main(e, frame);
		return cold;
	}
	if (!(found & MRIG_EVICT_ACCESSED))
		return frame;
	e->mark[frame] |= RETURNED;
	mrig_evict_rotate(e, PROBATION, frame);
	return MRIG_EVICT_NONE;
}

/* The page at the end of probation: a victim, or NONE after it was moved. */
static uint32_t probe(struct mrig_evict *e, struct search *search)
{
	struct adaptive *s = e->state;
	uint32_t frame = mrig_evict_tail(e, PROBATION);
	unsigned int found = mrig_evict_look(e, frame);

	if (found & MRIG_EVICT_BUSY) {
		mrig_evict_rotate(e, PROBATION, frame);
		return MRIG_EVICT_NONE;
	}
	search->used = frame;
	if (!mrig_evict_may_look(e) && search->spared == MRIG_EVICT_NONE &&
	    search->tepid == MRIG_EVICT_NONE)
		return frame;
	if ((found & MRIG_EVICT_ACCESSED) || (e->mark[frame] & RETURNED))
		return promote(e, frame, found, search);
	if ((found & MRIG_EVICT_DIRTY) && !(e->mark[frame] & SPARED)) {
		e->mark[frame] |= SPARED;
		if (search->spared == MRIG_EVICT_NONE)
			search->spared = frame;
		mrig_evict_rotate(e, PROBATION, frame);
		return MRIG_EVICT_NONE;
	}
	if (has_room(e) && ++s->unused >= SEED) {
		s->unused = 0;
		mrig_evict_unlink(e, PROBATION, frame);
		to_main(e, frame);
		return MRIG_EVICT_NONE;
	}
	return frame;
}

/* The looks are used up. */
static uint32_t settle(struct mrig_evict *e, const struct search *search)
{
	if (search->spared != MRIG_EVICT_NONE)
		return search->spared;
	return search->tepid != MRIG_EVICT_NONE ? search->tepid : search->used;
}

static uint32_t adaptive_select(struct mrig_evict *e)
{
	struct adaptive *s = e->state;
	struct search search = { .spared = MRIG_EVICT_NONE, .tepid = MRIG_EVICT_NONE,
				 .level = TEPID, .used = MRIG_EVICT_NONE };
	uint32_t frame = MRIG_EVICT_NONE;
	bool other = s->other;

	e->bound -= e->bound > 1;
	s->other = false;
	while (frame == MRIG_EVICT_NONE && mrig_evict_may_look(e)) {
		bool over = e->length[MAIN] + s->border > e->listed;

		if (!e->length[PROBATION] || (e->length[MAIN] && over != other)) {
			search.level = LEVEL_MAX + 1;
			frame = turn_hand(e, e->bound, &search);
		} else {
			frame = probe(e, &search);
		}
	}
	if (frame == MRIG_EVICT_NONE)
		frame = settle(e, &search);
	if (frame == MRIG_EVICT_NONE)
		s->other = !other;
	return frame;
}

const struct mrig_evict_ops mrig_evict_adaptive = {
	.name = "adaptive",
	.text = "probation, a main set that only the better displace, a border that learns",
	.looks = LOOKS,
	.bytes = adaptive_bytes,
	.init = adaptive_init,
	.add = adaptive_add,
	.remove = adaptive_remove,
	.select = adaptive_select,
};
