/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The memory the heap is on, and what becomes of it in a forked child.
 *
 * A region or window is mapped shared: after fork() parent and child would allocate from the same
 * blocks. So the child gets a private copy in ordinary memory, at the same address: the parent
 * takes it before the fork, when the heap is at rest, and the child moves it into place. A child
 * that was made without fork handlers, by a bare clone(), cannot be given one: it is ended
 * when it allocates.
 */
#ifndef MEMRIG_MALLOC_SPAN_H
#define MEMRIG_MALLOC_SPAN_H

#include "conf.h"
#include "page.h"

/**
 * struct malloc_span - some memory
 * @base: address
 * @bytes: length
 * @shared: it is a region or a window
 * @window_fd: it is a window: its descriptor, -1: it is none
 * @counts: where the figures of this process go
 * @alive: reads false in a child that got no copy; NULL if not shared
 * @copy: between prepare and the end of the fork: the child's, or NULL
 */
struct malloc_span {
	char *base;
	size_t bytes;
	bool shared;
	int window_fd;
	struct malloc_counts *counts;
	volatile bool *alive;
	void *copy;
};

/**
 * malloc_span_open() - get the memory; ends the process when there is none
 * @span: out
 * @conf: settings
 */
void malloc_span_open(struct malloc_span *span, const struct malloc_conf *conf);

/**
 * malloc_span_prepare() - before a fork: copy
 * @span: memory
 * @used: no byte behind these was ever given out
 */
void malloc_span_prepare(struct malloc_span *span, size_t used);
void malloc_span_parent(struct malloc_span *span);
void malloc_span_child(struct malloc_span *span);

#endif /* MEMRIG_MALLOC_SPAN_H */
