// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The reference model; see model.h.
 */
#include <stdio.h>
#include <stdlib.h>
#include "model.h"

#define FAIL(...) (fprintf(stderr, "model: " __VA_ARGS__), fputc('\n', stderr), false)

struct model_block *model_find(struct model *m, uint64_t off)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		if (m->b[i].off == off)
			return &m->b[i];
	}
	return NULL;
}

/* Is [off, off + usable) in the span and clear of every live block but @self? */
static bool clear(struct model *m, struct world *w, uint64_t off, uint64_t usable,
		  const struct model_block *self)
{
	size_t i;

	if (off > w->bytes || usable > w->bytes - off)
		return FAIL("block %llu+%llu outside the span", (unsigned long long)off,
			    (unsigned long long)usable);
	for (i = 0; i < m->n; i++) {
		const struct model_block *b = &m->b[i];

		if (b != self && off < b->off + b->usable && b->off < off + usable)
			return FAIL("block %llu+%llu overlaps %llu+%llu", (unsigned long long)off,
				    (unsigned long long)usable, (unsigned long long)b->off,
				    (unsigned long long)b->usable);
	}
	return true;
}

static uint8_t pattern(uint64_t off, uint64_t i)
{
	return (uint8_t)(off * 31 + i * 7 + (i >> 8));
}

/* All usable bytes are written, so that an engine that gives one too many is found out. */
static void paint(struct world *w, const struct model_block *b)
{
	uint64_t i;

	for (i = 0; w->touchable && i < b->usable; i++)
		w->base[b->off + i] = (char)pattern(b->off, i);
}

static bool intact(struct world *w, const struct model_block *b, uint64_t bytes)
{
	uint64_t i;

	for (i = 0; w->touchable && i < bytes; i++) {
		if ((uint8_t)w->base[b->off + i] != pattern(b->off, i))
			return FAIL("byte %llu of block %llu has changed", (unsigned long long)i,
				    (unsigned long long)b->off);
	}
	return true;
}

static bool fits(struct world *w, uint64_t off, uint64_t asked, uint64_t *usable)
{
	int64_t u = w->ops->usable(&w->heap, off);

	if (u < 0 || (uint64_t)u < asked)
		return FAIL("usable size of %llu is %lld, asked for %llu", (unsigned long long)off,
			    (long long)u, (unsigned long long)asked);
	*usable = (uint64_t)u;
	return true;
}

bool model_add(struct model *m, struct world *w, uint64_t off, size_t align, uint64_t asked)
{
	size_t low = align & (~align + 1), high = align - low, i;
	uintptr_t at = (uintptr_t)w->base + (uintptr_t)off;
	struct model_block b = { .off = off, .asked = asked };

	if (!fits(w, off, asked, &b.usable) || !clear(m, w, off, b.usable, NULL))
		return false;
	if (at % sizeof(void *))
		return FAIL("block %llu below minimum alignment", (unsigned long long)off);
	if (high ? (at + low) % high : low && at % low)
		return FAIL("block %llu not aligned to %zu", (unsigned long long)off, align);
	for (i = m->n; i && m->b[i - 1].off > off; i--)
		m->b[i] = m->b[i - 1];
	m->b[i] = b;
	m->n++;
	paint(w, &b);
	return true;
}

bool model_resized(struct model *m, struct world *w, struct model_block *b, uint64_t asked)
{
	uint64_t old = b->usable;

	if (!fits(w, b->off, asked, &b->usable) || !clear(m, w, b->off, b->usable, b))
		return false;
	b->asked = asked;
	if (!intact(w, b, old < b->usable ? old : b->usable))
		return false;
	paint(w, b);
	return true;
}

void model_del(struct model *m, struct model_block *b)
{
	size_t i = (size_t)(b - m->b);

	for (m->n--; i < m->n; i++)
		m->b[i] = m->b[i + 1];
}

static int by_offset(const void *a, const void *b)
{
	const struct mrig_block *x = a, *y = b;

	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/*
 * What the heap says it holds: blocks in order, no two free ones touching, live ones known. The
 * free blocks of a slab are never one.
 */
static bool same_blocks(struct model *m, struct world *w, const struct mrig_block *blk, size_t n,
			struct mrig_heap_info *sum)
{
	size_t i, seen = 0;

	for (i = 0; i < n; i++) {
		const struct model_block *b = &m->b[seen];

		if (i && blk[i - 1].offset + blk[i - 1].bytes > blk[i].offset)
			return FAIL("walk: blocks overlap at %llu",
				    (unsigned long long)blk[i].offset);
		if (!blk[i].used) {
			if (i && !blk[i - 1].used && w->ops != &mrig_heap_slab &&
			    blk[i - 1].offset + blk[i - 1].bytes == blk[i].offset)
				return FAIL("walk: two free neighbours");
			sum->free_blocks++;
			sum->free_bytes += blk[i].bytes;
			continue;
		}
		if (seen == m->n || b->off != blk[i].offset || b->usable != blk[i].bytes ||
		    b->tag != blk[i].tag)
			return FAIL("walk: live block %llu is not what it should be",
				    (unsigned long long)blk[i].offset);
		if (!intact(w, b, b->usable))
			return false;
		sum->live_blocks++;
		sum->allocated_bytes += blk[i].bytes;
		seen++;
	}
	return seen == m->n ? true : FAIL("walk: %zu of %zu live blocks seen", seen, m->n);
}

/* What the heap counts without looking, against what a walk has found. */
static bool same_bytes(struct world *w, const struct mrig_heap_info *sum)
{
	uint64_t free = ~0ULL, live = w->ops->held(&w->heap, &free);

	if (live != sum->allocated_bytes || w->ops->held(&w->heap, NULL) != live)
		return FAIL("%llu bytes held", (unsigned long long)live);
	/* before its first block an out-of-band heap may have none at all */
	if (sum->live_blocks && free != sum->free_bytes)
		return FAIL("%llu bytes free besides those held", (unsigned long long)free);
	return true;
}

bool model_agrees(struct model *m, struct world *w)
{
	static struct mrig_block blk[MODEL_ROOM * 2 + 8];
	struct mrig_heap_info sum = { 0 }, info;
	uint64_t cursor = 0;
	uint32_t n = 0, k;
	bool ok;

	/* in pieces of odd size, so that the cursor is used */
	while ((k = w->ops->walk(&w->heap, &cursor, blk + n, 7)))
		n += k;
	qsort(blk, n, sizeof(*blk), by_offset);
	ok = same_blocks(m, w, blk, n, &sum) && same_bytes(w, &sum);
	w->ops->info(&w->heap, &info);
	if (ok && (info.live_blocks != sum.live_blocks || info.free_blocks != sum.free_blocks))
		ok = FAIL("info counts %llu live and %llu free blocks",
			  (unsigned long long)info.live_blocks,
			  (unsigned long long)info.free_blocks);
	if (ok && info.max_allocated_bytes &&
	    (info.allocated_bytes != sum.allocated_bytes || info.free_bytes != sum.free_bytes ||
	     info.max_allocated_bytes < info.allocated_bytes))
		ok = FAIL("info: %llu bytes live, %llu free, %llu at most",
			  (unsigned long long)info.allocated_bytes,
			  (unsigned long long)info.free_bytes,
			  (unsigned long long)info.max_allocated_bytes);
	return ok;
}
