// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * sys_heap: making a heap, and the calls that may copy a block.
 */
#include "heap_inband.h"

/* Units of chunk 0 in a Zephyr heap of the same size: what small heaps may spend as well. */
static size_t zephyr_control(uint64_t units)
{
	size_t buckets = mrig_ilog2((uint32_t)(units > 2 ? units - 1 : 1)) + 1;

	return (16 + 4 * buckets + 7) / 8 * 8 + 4;
}

static int setup(HEAP *h, void *mem, size_t bytes, const struct mrig_heap_cfg *cfg, bool listen)
{
	struct mrig_core *core = &h->core;
	uintptr_t start = ((uintptr_t)mem + MRIG_UNIT - 1) & ~(uintptr_t)(MRIG_UNIT - 1);
	size_t slack = start - (uintptr_t)mem, all, budget, control;
	int err;

	if (!mem || bytes <= slack || start < (uintptr_t)mem ||
	    (uintptr_t)mem + bytes < (uintptr_t)mem)
		return -EINVAL;
	all = (bytes - slack) >> MRIG_UNIT_LOG;
	if (all < 2 || all > INBAND_MAX_UNITS)
		return -EINVAL;
	budget = zephyr_control(all - 1);
	if (budget < bytes >> 7)
		budget = bytes >> 7;
	err = mrig_core_setup(core, cfg, all, CLASS_BASE, budget);
	if (err)
		return err;
	control = mrig_core_head_bytes(core) + mrig_core_bm_bytes(core);
	h->first = (uint32_t)((control + 3) >> MRIG_UNIT_LOG);
	if (h->first + MRIG_MIN_UNITS + 1 > all)
		return -EINVAL;
	h->heap = (void *)start;
	h->payload = start + (((uintptr_t)h->first + 1) << MRIG_UNIT_LOG);
	h->end = start + ((all - 1) << MRIG_UNIT_LOG) + 4;
	core->bm = (uint64_t *)((char *)h->heap + mrig_core_head_bytes(core));
	core->over = INBAND_OVER;
	if (core->hardening >= MRIG_HARDEN_FULL) {
		core->over = INBAND_OVER_FULL;
		core->key = mrig_port_random();
	}
	if (listen)
		core->flags |= MRIG_HEAP_LISTEN;
	mrig_inband_format(h);
	return 0;
}

/**
 * sys_heap_init_opts() - make a heap of a buffer
 * @heap: handle to fill in
 * @mem: buffer
 * @bytes: its size: at least Z_HEAP_MIN_SIZE, at most 8 GiB
 * @opts: settings; NULL means those of sys_heap_init()
 *
 * What the buffer held is lost. After a failure every call on the handle fails cleanly.
 *
 * Return: 0; -EINVAL for a buffer or settings out of range; in the kernel -EPERM for memory that
 * others can write, -EOPNOTSUPP for memory that is not cached.
 */
int sys_heap_init_opts(struct sys_heap *heap, void *mem, size_t bytes,
		       const struct sys_heap_opts *opts)
{
	struct mrig_heap_cfg cfg = { .hardening = MRIG_HARDEN_BASIC };
	bool listen = false;
	int err;

	if (!heap)
		return -EINVAL;
	if (opts) {
		cfg.search_limit = opts->search_limit;
		cfg.hardening = opts->hardening;
		cfg.stats = opts->stats;
		listen = opts->listen;
	}
	memset(heap, 0, sizeof(*heap));
	err = mrig_port_span_refused(mem, bytes);
	if (!err)
		err = setup(heap, mem, bytes, &cfg, listen);
	if (err) {
		memset(heap, 0, sizeof(*heap));
		heap->core.flags = MRIG_HEAP_FENCED;
	}
	heap->init_mem = mem;
	heap->init_bytes = bytes;
	return err;
}

#undef sys_heap_init
/**
 * sys_heap_init() - make a heap of a buffer, BASIC hardening, nothing else
 * @heap: handle to fill in
 * @mem: buffer
 * @bytes: its size
 *
 * Return: as sys_heap_init_opts(). Zephyr's returns nothing and leaves errors undefined.
 */
int sys_heap_init(struct sys_heap *heap, void *mem, size_t bytes)
{
	return sys_heap_init_opts(heap, mem, bytes, NULL);
}

/* A new place for a block that cannot have its new size where it is. */
static void *move(HEAP *h, void *old, size_t usable, size_t align, size_t bytes)
{
	void *to = sys_heap_aligned_alloc(h, align, bytes);

	if (to) {
		memcpy(to, old, usable < bytes ? usable : bytes);
		sys_heap_free(h, old);
	}
	return to;
}

/**
 * sys_heap_aligned_realloc() - change size and alignment of a block
 * @heap: heap
 * @ptr: block, or NULL to allocate
 * @align: as sys_heap_aligned_alloc(); a block that does not meet it always moves
 * @bytes: new size; 0 gives the block back
 *
 * Grows and shrinks in place where the right neighbour permits. The left one is never used.
 *
 * Return: the block, perhaps elsewhere; NULL if that failed (@ptr is untouched) or @bytes is 0.
 */
void *sys_heap_aligned_realloc(struct sys_heap *heap, void *ptr, size_t align, size_t bytes)
{
	uint64_t a, rewind;
	int64_t usable;
	int err = -ENOMEM;

	if (!ptr)
		return sys_heap_aligned_alloc(heap, align, bytes);
	if (!bytes) {
		sys_heap_free(heap, ptr);
		return NULL;
	}
	if (!mrig_align_decode(align, &a, &rewind))
		return NULL;
	usable = mrig_inband_usable(heap, ptr);
	if (usable < 0)
		return NULL;
	if (!(((uintptr_t)ptr + rewind) & (a - 1)))
		err = mrig_inband_resize(heap, ptr, bytes);
	if (!err)
		return ptr;
	return err == -ENOMEM ? move(heap, ptr, (size_t)usable, align, bytes) : NULL;
}

/**
 * sys_heap_realloc() - change the size of a block
 * @heap: heap
 * @ptr: block, or NULL to allocate
 * @bytes: new size; 0 gives the block back
 *
 * Return: as sys_heap_aligned_realloc().
 */
void *sys_heap_realloc(struct sys_heap *heap, void *ptr, size_t bytes)
{
	return sys_heap_aligned_realloc(heap, ptr, 0, bytes);
}

/**
 * sys_heap_usable_size() - bytes a block's user may write
 * @heap: heap
 * @mem: block
 *
 * Return: bytes, at least what was asked for; 0 if @mem is no live block.
 */
size_t sys_heap_usable_size(struct sys_heap *heap, void *mem)
{
	int64_t usable = mrig_inband_usable(heap, mem);

	return usable < 0 ? 0 : (size_t)usable;
}
