// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The heap with its headers inside the span: fast paths, and what they leave to the careful ones.
 *
 * The fast paths serve what almost every call is. They close (core.hot and core.most are 0) when
 * the heap does more than that on each call: statistics, listeners, hardening above BASIC, or
 * because it has been fenced off.
 */
#include "heap_inband.h"
#include "heap_algo.h"

static mrig_noinline void *alloc_careful(HEAP *h, size_t bytes, size_t align)
{
	void *mem;

	return mrig_inband_alloc(h, align, bytes, &mem) ? NULL : mem;
}

/* No block is large enough, but an empty heap may be had as a whole. */
static mrig_noinline void *alloc_none(HEAP *h, mrig_id v)
{
	size_t bytes = (v + MRIG_MIN_UNITS) * MRIG_UNIT - INBAND_OVER;

	return h->core.live ? NULL : alloc_careful(h, bytes, 0);
}

/* Index of a request where over is 4; 0 to 4 bytes wrap to something large. */
static mrig_inline mrig_id fast_index(size_t bytes)
{
	mrig_id v = (bytes - (MRIG_MIN_UNITS * MRIG_UNIT - MRIG_UNIT + 1 - INBAND_OVER)) >>
		    MRIG_UNIT_LOG;

	mrig_hide(v);
	return v;
}

/* From the list of class c, above the class v of the request; in-band no claim ever fails. */
static mrig_noinline void *alloc_small(HEAP *h, mrig_id v, mrig_id c)
{
	return inband_payload(h, (mrig_id)algo_claim_small(h, v, c));
}

static mrig_noinline void *alloc_large(HEAP *h, mrig_id c, mrig_id v)
{
	return inband_payload(h, (mrig_id)algo_claim_head(h, v + MRIG_MIN_UNITS, c));
}

/* Block b from its own class c. */
static mrig_noinline void *alloc_found(HEAP *h, mrig_id v, mrig_id c, mrig_id b)
{
	return inband_payload(h, (mrig_id)algo_claim(h, b, blk_word(h, b), v + MRIG_MIN_UNITS, c,
						     false));
}

/* No class of its own, or no fast paths at all. */
static mrig_noinline void *alloc_other(HEAP *h, size_t bytes, mrig_id v)
{
	mrig_id c, b;

	if (mrig_unlikely(v >= h->core.most))
		return alloc_careful(h, bytes, 0);
	if (mrig_unlikely(!algo_search(h, v, &c, &b)))
		return alloc_none(h, v);
	return b ? alloc_found(h, v, c, b) : alloc_large(h, c, v);
}

/* Nothing on the list of its class: take from the classes above. */
static mrig_noinline void *alloc_miss(HEAP *h, mrig_id v)
{
	mrig_id c = v + CLASS_BASE + 1;

	if (mrig_unlikely(!mrig_class_next(&h->core, &c)))
		return alloc_none(h, v);
	return mrig_likely(c < h->core.lin) ? alloc_small(h, v, c) : alloc_large(h, c, v);
}

/**
 * sys_heap_alloc() - allocate a block
 * @heap: heap
 * @bytes: size; 0 fails
 *
 * Context: any; the caller serialises.
 * Return: 8-aligned memory that is not cleared, or NULL.
 */
mrig_opaque void *sys_heap_alloc(struct sys_heap *heap, size_t bytes)
{
	mrig_id v = fast_index(bytes);
	uint32_t *head, next;
	inband_word *mem;
	uintptr_t size;

	if (mrig_unlikely(v >= heap->core.hot))
		return alloc_other(heap, bytes, v);
	head = words(heap) + v;
	if (mrig_unlikely(!*head))
		return alloc_miss(heap, v);
	mem = inband_payload(heap, *head);
	next = mem[0];
	*head = next;
	size = (v + MRIG_MIN_UNITS) << 2;
	mrig_hide(size);
	heap->core.live++;
	heap->core.free -= (uint32_t)size;
	mem[-1] = (uint32_t)size;
	mem[2 * v + 3] &= ~INBAND_LEFT_FREE;
	if (mrig_likely(next))
		*blk_named(heap, next) = (uint32_t)v;
	else
		mrig_class_drain(&heap->core, v);
	return mem;
}

/**
 * sys_heap_noalign_alloc() - sys_heap_alloc() with the parameters of sys_heap_aligned_alloc()
 * @heap: heap
 * @align: ignored
 * @bytes: size; 0 fails
 *
 * Return: as sys_heap_alloc().
 */
mrig_opaque void *sys_heap_noalign_alloc(struct sys_heap *heap, size_t align, size_t bytes)
{
	(void)align;
	return sys_heap_alloc(heap, bytes);
}

/**
 * sys_heap_aligned_alloc() - allocate a block at an aligned address
 * @heap: heap
 * @align: 0, a power of two A, or A | R with a smaller power of two R, not below 8: the address
 *	plus R is then a multiple of A
 * @bytes: size; 0 fails
 *
 * Return: memory or NULL; NULL for any other alignment.
 */
mrig_opaque void *sys_heap_aligned_alloc(struct sys_heap *heap, size_t align, size_t bytes)
{
	mrig_id v = fast_index(bytes);
	struct algo_slot slot;

	if (mrig_unlikely(v >= heap->core.most || align & (align - 1) || align <= MRIG_UNIT))
		return align & (align - 1) || align > MRIG_UNIT ?
			       alloc_careful(heap, bytes, align) : sys_heap_alloc(heap, bytes);
	if (mrig_unlikely(!algo_search_aligned(heap, v, align, 0, &slot)))
		return NULL;
	return inband_payload(heap, (mrig_id)algo_claim_aligned(heap, v, &slot));
}

/* A call that is wrong, or a heap that does more than the minimum. */
static mrig_noinline void free_careful(HEAP *h, void *mem)
{
	if (mem)
		mrig_inband_free(h, mem);
}

/* Units of a live block between live ones, less the minimum; anything else makes it too large. */
static mrig_inline uint32_t index_of(uint32_t header)
{
	return mrig_ror32(header - (MRIG_MIN_UNITS << 2), 2);
}

/* The word @n bytes times 2, less one word, behind @w: with n units times 4 the foot of a block. */
static mrig_inline inband_word *foot_of(inband_word *w, uintptr_t n)
{
	return (inband_word *)((char *)w + 2 * n - sizeof(*w));
}

/* Take the free block with its header at @w off its list. */
static mrig_inline void unlink_at(HEAP *h, const inband_word *w)
{
	algo_rename(h, w[2], w[1]);
}

/*
 * Live block b at @at, with its @size as in its header, is large, or a neighbour of it is free. The
 * BASIC checks, and what algo_give() does; if anything is odd the careful path will say what.
 */
static mrig_inline void free_merge(HEAP *h, inband_word *at, uintptr_t size, mrig_id b, bool left)
{
	struct mrig_core *core = &h->core;
	inband_word *right, *header = at - 1;
	uintptr_t n, m = 0, sum;

	if (mrig_unlikely(left ? size & INBAND_FREE :
				 index_of((uint32_t)size) >= (uint32_t)core->most))
		goto careful;
	size -= left ? INBAND_LEFT_FREE : 0;
	right = foot_of(at, size);
	if (mrig_unlikely((uintptr_t)right > h->end))
		goto careful;
	if (left) {
		m = at[-2];
		b -= m >> 2;
		header = words(h) + 2 * b + 1;
		if (mrig_unlikely((ptrdiff_t)b < (ptrdiff_t)h->first || *header != m + INBAND_FREE))
			goto careful;
	}
	n = *right;
	sum = size + m;
	if (n & INBAND_FREE) {
		n -= INBAND_FREE;
		if (mrig_unlikely((uintptr_t)foot_of(right, n) >= h->end ||
				  *foot_of(right, n) != n))
			goto careful;
		core->blocks--;
		sum += n;
		unlink_at(h, right);
	} else {
		if (mrig_unlikely(index_of((uint32_t)n) >= (uint32_t)core->most))
			goto careful;
		*right = (uint32_t)n + INBAND_LEFT_FREE;
	}
	core->live--;
	core->free += (uint32_t)size;
	if (left) {
		core->blocks--;
		at[-1] = INBAND_FREE;
		unlink_at(h, header);
	}
	*header = (uint32_t)sum + INBAND_FREE;
	*foot_of(header, sum) = (uint32_t)sum;
	algo_push(h, b, sum >> 2);
	return;
careful:
	free_careful(h, at);
}

static mrig_noinline void free_left(HEAP *h, inband_word *at, uintptr_t size, mrig_id b)
{
	free_merge(h, at, size, b, true);
}

static mrig_noinline void free_right(HEAP *h, inband_word *at, uintptr_t size, mrig_id b)
{
	free_merge(h, at, size, b, false);
}

/**
 * sys_heap_free() - give a block back
 * @heap: heap
 * @mem: block, or NULL
 *
 * A pointer that cannot be a block is ignored; a block that is not live, or headers that
 * contradict each other, fence the heap off (hardening BASIC and above).
 */
mrig_opaque void sys_heap_free(struct sys_heap *heap, void *mem)
{
	uintptr_t t = (uintptr_t)mem - heap->payload;
	inband_word *at = mem, *right;
	uint32_t *head, next, v;
	uintptr_t size;

	/* NULL, foreign and misaligned pointers all rotate to something large */
	t = t >> MRIG_UNIT_LOG | t << (sizeof(t) * 8 - MRIG_UNIT_LOG);
	if (mrig_unlikely(t >= heap->core.most)) {
		free_careful(heap, mem);
		return;
	}
	/* sizes stay multiplied by 4, as they are in headers */
	size = at[-1];
	t += heap->first;
	v = index_of((uint32_t)size);
	if (v >= (uint32_t)heap->core.hot) {
		if (size & INBAND_LEFT_FREE)
			free_left(heap, at, size, t);
		else
			free_right(heap, at, size, t);
		return;
	}
	right = (inband_word *)((char *)mem + 2 * size) - 1;
	if (mrig_unlikely((uintptr_t)right > heap->end ||
			  index_of(*right) >= (uint32_t)heap->core.most)) {
		free_right(heap, at, size, t);
		return;
	}
	right[-1] = (uint32_t)size;
	mrig_hide(at);
	at[-1] |= INBAND_FREE;
	*right |= INBAND_LEFT_FREE;
	heap->core.live--;
	heap->core.free += (uint32_t)size;
	head = words(heap) + v;
	next = *head;
	*head = (uint32_t)t;
	at[0] = next;
	at[1] = v;
	if (mrig_likely(next))
		*blk_named(heap, next) = (uint32_t)mrig_link_word(t);
	else
		mrig_class_fill(&heap->core, v);
}
