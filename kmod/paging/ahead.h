/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Pages that come before they are touched: see ahead.c.
 */
#ifndef MRIG_AHEAD_H
#define MRIG_AHEAD_H

#include <linux/types.h>
#include <linux/workqueue.h>

struct mrig_page;
struct mrig_window;

#define MRIG_STREAMS	8
#define MRIG_SPANS	16

/**
 * struct mrig_stream - touches one after the other
 * @touched: the page after the last that was touched
 * @end: the page after the last that was asked for; 0: this is none
 */
struct mrig_stream {
	u64 touched;
	u64 end;
};

/**
 * struct mrig_span - pages that are to be brought in ahead
 * @first: of them
 * @count: how many
 * @mark: the one that gets &mrig_page.mark
 */
struct mrig_span {
	u64 first;
	u64 count;
	u64 mark;
};

/**
 * struct mrig_ahead - pages that come before they are touched; lock: &mrig_window.lock
 * @waiting: pages that are MRIG_AHEAD_NEW
 * @turn: which stream is forgotten next
 * @streams: of touches
 * @first_span: where the ring of spans begins
 * @nspans: how many there are, with the one that the worker is at
 * @spans: a ring of what is to be brought in
 * @work: brings it in
 */
struct mrig_ahead {
	u32 waiting;
	u32 turn;
	struct mrig_stream streams[MRIG_STREAMS];
	u32 first_span;
	u32 nspans;
	struct mrig_span spans[MRIG_SPANS];
	struct work_struct work;
};

void mrig_ahead_init(struct mrig_window *window);
void mrig_ahead_touched(struct mrig_window *window, u64 index);
bool mrig_ahead_used_locked(struct mrig_page *page);
void mrig_ahead_settle_locked(struct mrig_page *page, u8 now);

#endif /* MRIG_AHEAD_H */
