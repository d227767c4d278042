/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Spans of memory in which no header may stand: those that user space or a device can write, or
 * that are not cached. Whoever owns such memory says so here, and mrig_port_span_refused() tells
 * those who initialise a heap over an address somebody gave them.
 */
#ifndef MRIG_BARE_H
#define MRIG_BARE_H

#include <linux/list.h>
#include <linux/types.h>

/**
 * struct mrig_bare - addresses of memory without headers
 * @entry: in the list of all of them
 * @start: the first
 * @end: behind the last; 0 while it is in no list
 * @err: what a heap there is refused with
 */
struct mrig_bare {
	struct list_head entry;
	uintptr_t start;
	uintptr_t end;
	int err;
};

void mrig_bare_forbid(struct mrig_bare *span, const void *start, size_t bytes, int err);
void mrig_bare_permit(struct mrig_bare *span);

#endif /* MRIG_BARE_H */
