/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * For policies only: the instance, its lists and its looks.
 *
 * A list is doubly linked through two arrays of frame numbers. Its anchor stands in the arrays too,
 * behind the frames, so no link is a special case. Frames come in at the head and are looked at
 * from the tail.
 */
#ifndef MRIG_EVICT_PART_H
#define MRIG_EVICT_PART_H

#include "evict.h"

/* Bits of a mark that a policy may use as it likes; the others are what the last look found. */
#define MRIG_EVICT_MARKS	0xf8U
#define MRIG_EVICT_FOUND	0x07U

/**
 * struct mrig_evict - a policy at work
 * @ops: policy
 * @p: as it was made
 * @state: what the policy keeps besides, &mrig_evict_ops.bytes of it
 * @page: by frame, the page in it; MRIG_EVICT_NONE: not listed
 * @older: by frame, its neighbour towards the tail; free for other uses where there are no lists
 * @newer: by frame, its neighbour towards the head; likewise
 * @mark: by frame, what the last look found and the policy's own bits; 0 when it is listed
 * @length: of the lists
 * @listed: frames
 * @newest: frame whose page came in last, MRIG_EVICT_NONE: nobody asked, or it went
 * @bound: most looks of this fault
 * @spent: looks of this fault so far
 * @barren: looks since a choice succeeded
 * @ticking: frames that the tick under way has not come to
 * @moving: frames that mrig_evict_move() is past
 * @stats: the work done
 */
struct mrig_evict {
	const struct mrig_evict_ops *ops;
	struct mrig_evict_params p;
	void *state;
	uint32_t *page;
	uint32_t *older;
	uint32_t *newer;
	uint8_t *mark;
	uint32_t length[MRIG_EVICT_LISTS];
	uint32_t listed;
	uint32_t newest;
	uint32_t bound;
	uint32_t spent;
	uint32_t barren;
	uint32_t ticking;
	uint32_t moving;
	struct mrig_evict_stats stats;
};

unsigned int mrig_evict_look(struct mrig_evict *e, uint32_t frame);
void mrig_evict_settle_newest(struct mrig_evict *e, uint32_t frame, enum mrig_evict_coming why);
uint32_t mrig_evict_oldest(struct mrig_evict *e);

/* May the fault under way cost another look? */
static inline bool mrig_evict_may_look(const struct mrig_evict *e)
{
	return e->spent < e->bound;
}

/* Anchor of a list. */
static inline uint32_t mrig_evict_anchor(const struct mrig_evict *e, unsigned int list)
{
	return e->p.frames + list;
}

/* Frame at the tail; the list is not empty. */
static inline uint32_t mrig_evict_tail(const struct mrig_evict *e, unsigned int list)
{
	return e->newer[mrig_evict_anchor(e, list)];
}

/* An anchor of a list that is empty. */
static inline void mrig_evict_lone(struct mrig_evict *e, uint32_t anchor)
{
	e->older[anchor] = anchor;
	e->newer[anchor] = anchor;
}

static inline void mrig_evict_push(struct mrig_evict *e, unsigned int list, uint32_t frame)
{
	uint32_t anchor = mrig_evict_anchor(e, list);
	uint32_t head = e->older[anchor];

	e->older[frame] = head;
	e->newer[frame] = anchor;
	e->newer[head] = frame;
	e->older[anchor] = frame;
	e->length[list]++;
}

static inline void mrig_evict_unlink(struct mrig_evict *e, unsigned int list, uint32_t frame)
{
	e->older[e->newer[frame]] = e->older[frame];
	e->newer[e->older[frame]] = e->newer[frame];
	e->length[list]--;
}

/* From where it stands to the head. */
static inline void mrig_evict_rotate(struct mrig_evict *e, unsigned int list, uint32_t frame)
{
	mrig_evict_unlink(e, list, frame);
	mrig_evict_push(e, list, frame);
}

extern const struct mrig_evict_ops mrig_evict_adaptive;
extern const struct mrig_evict_ops mrig_evict_clock;
extern const struct mrig_evict_ops mrig_evict_fifo;
extern const struct mrig_evict_ops mrig_evict_lru;
extern const struct mrig_evict_ops mrig_evict_nru;
extern const struct mrig_evict_ops mrig_evict_random;
extern const struct mrig_evict_ops mrig_evict_s3fifo;
extern const struct mrig_evict_ops mrig_evict_sieve;

#endif /* MRIG_EVICT_PART_H */
