// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Heaps, spans and side memory for host tests; see world.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include "mrig_port_user.h"
#include "world.h"

/* In front of each piece of side memory: its size. */
#define TAIL sizeof(size_t[2])

static unsigned int faults;

static void on_fault(const void *heap, unsigned int invariant, uint64_t offset)
{
	(void)heap;
	(void)invariant;
	(void)offset;
	faults++;
}

unsigned int world_faults(void)
{
	unsigned int n = faults;

	faults = 0;
	return n;
}

static void *side_new(struct world *w, size_t bytes)
{
	size_t *p = calloc(1, bytes + TAIL);

	if (!p)
		abort();
	*p = bytes;
	w->fed += bytes;
	return (char *)p + TAIL;
}

static void side_free(struct world *w, void *mem)
{
	size_t *p;

	if (!mem)
		return;
	p = (size_t *)((char *)mem - TAIL);
	w->fed -= *p;
	free(p);
}

int world_open(struct world *w, const struct mrig_heap_ops *ops, const struct mrig_heap_cfg *cfg)
{
	struct mrig_heap_cfg c = *cfg;
	size_t control;
	int err;

	memset(w, 0, sizeof(*w));
	mrig_port_on_heap_fault(on_fault);
	w->ops = ops;
	w->bytes = (size_t)c.bytes;
	w->touchable = ops == &mrig_heap_inband;
	if (w->touchable)
		c.tags = false;
	if (w->touchable)
		w->base = malloc(w->bytes);
	else
		w->base = mmap(NULL, w->bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	c.base = (uintptr_t)w->base;
	control = ops->control_bytes(&c);
	err = control ? ops->init(&w->heap, side_new(w, control), &c) : -EINVAL;
	if (err)
		world_close(w);
	return err;
}

void world_close(struct world *w)
{
	void *mem;

	if (w->heap.control) {
		while ((mem = w->ops->drain(&w->heap)))
			side_free(w, mem);
		side_free(w, w->heap.control);
	}
	if (w->fed) {
		fprintf(stderr, "%zu bytes of side memory lost\n", w->fed);
		abort();
	}
	if (w->touchable)
		free(w->base);
	else
		munmap(w->base, w->bytes);
	memset(w, 0, sizeof(*w));
}

bool world_feed(struct world *w)
{
	struct mrig_want want = { 0 };

	w->ops->want(&w->heap, &want);
	if (!want.bytes || w->starve)
		return false;
	side_free(w, w->ops->feed(&w->heap, &want, side_new(w, want.bytes)));
	return true;
}

int64_t world_alloc(struct world *w, size_t align, size_t bytes)
{
	int64_t off;
	int i;

	for (i = 0; i <= MRIG_WANT_MAX; i++) {
		off = w->ops->alloc(&w->heap, align, bytes);
		if (off != -EAGAIN || !world_feed(w))
			break;
	}
	return off;
}

int world_resize(struct world *w, uint64_t off, size_t bytes)
{
	int err, i;

	for (i = 0; i <= MRIG_WANT_MAX; i++) {
		err = w->ops->resize(&w->heap, off, bytes);
		if (err != -EAGAIN || !world_feed(w))
			break;
	}
	return err;
}

/* The whole heap @batch blocks at a time. */
static bool sound(struct world *w, uint32_t batch)
{
	struct mrig_fault fault = { 0 };
	uint64_t cursor = 0;

	do {
		if (!w->ops->validate(&w->heap, &cursor, batch, &fault))
			continue;
		fprintf(stderr, "%s: invariant %u broken at %llu\n", w->ops->name, fault.invariant,
			(unsigned long long)fault.offset);
		return false;
	} while (cursor && batch != ~0U);
	return !cursor;
}

bool world_sound(struct world *w)
{
	return sound(w, ~0U) && sound(w, 61);
}
