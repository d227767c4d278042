// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The in-band heap behind the uniform interface, and the table of all engines.
 */
#include "engine_plain.h"
#include "heap_inband.h"

/* Offsets count from the base the heap was configured with, which need not be 8-aligned. */
static uint64_t offset_of(const HEAP *h, uintptr_t at)
{
	return at - (uintptr_t)h->init_mem;
}

static void *address_of(const HEAP *h, uint64_t off)
{
	if (off > h->init_bytes)
		return NULL;
	return (char *)h->init_mem + (size_t)off;
}

static size_t op_control_bytes(const struct mrig_heap_cfg *cfg)
{
	if (!cfg->base || cfg->bytes < MRIG_UNIT || cfg->bytes > SIZE_MAX || cfg->tags ||
	    cfg->hardening > MRIG_HARDEN_EXTREME)
		return 0;
	return sizeof(HEAP);
}

static int op_init(struct mrig_heap *heap, void *control, const struct mrig_heap_cfg *cfg)
{
	const struct sys_heap_opts opts = {
		.search_limit = cfg->search_limit,
		.hardening = cfg->hardening,
		.stats = cfg->stats,
	};

	heap->ops = &mrig_heap_inband;
	heap->control = control;
	if (!op_control_bytes(cfg))
		return -EINVAL;
	return sys_heap_init_opts(control, (void *)cfg->base, (size_t)cfg->bytes, &opts);
}

static int64_t op_alloc(struct mrig_heap *heap, size_t align, size_t bytes)
{
	HEAP *h = heap->control;
	void *mem;
	int err;

	mem = sys_heap_aligned_alloc(h, align, bytes);
	if (mrig_unlikely(!mem)) {
		err = mrig_inband_alloc(h, align, bytes, &mem);
		if (err)
			return err;
	}
	return (int64_t)offset_of(h, (uintptr_t)mem);
}

/* The short way does not say what is wrong; where it has not freed, the other finds the same. */
static int op_free(struct mrig_heap *heap, uint64_t off)
{
	HEAP *h = heap->control;
	void *mem = address_of(h, off);
	uint32_t live = h->core.live;

	sys_heap_free(h, mem);
	return mrig_likely(h->core.live != live) ? 0 : mrig_inband_free(h, mem);
}

static int op_resize(struct mrig_heap *heap, uint64_t off, size_t bytes)
{
	return mrig_inband_resize(heap->control, address_of(heap->control, off), bytes);
}

static int64_t op_usable(struct mrig_heap *heap, uint64_t off)
{
	return mrig_inband_usable(heap->control, address_of(heap->control, off));
}

static void *op_drain(struct mrig_heap *heap)
{
	HEAP *h = heap->control;

	mrig_core_fence(&h->core, 0, 0);
	return NULL;
}

static int op_tag(struct mrig_heap *heap, uint64_t off)
{
	int64_t usable = op_usable(heap, off);

	return usable < 0 ? (int)usable : -EINVAL;
}

static int op_set_tag(struct mrig_heap *heap, uint64_t off, uint64_t tag)
{
	return op_tag(heap, off);
}

static int op_get_tag(struct mrig_heap *heap, uint64_t off, uint64_t *tag)
{
	return op_tag(heap, off);
}

static uint32_t op_walk(struct mrig_heap *heap, uint64_t *cursor, struct mrig_block *out,
			uint32_t max)
{
	HEAP *h = heap->control;
	uint32_t n = mrig_inband_walk(h, cursor, out, max), i;

	for (i = 0; i < n; i++)
		out[i].offset += (uintptr_t)h->heap - (uintptr_t)h->init_mem;
	return n;
}

static void op_info(struct mrig_heap *heap, struct mrig_heap_info *info)
{
	mrig_inband_info(heap->control, info);
}

static uint64_t op_held(const struct mrig_heap *heap, uint64_t *free)
{
	const HEAP *h = heap->control;

	return mrig_core_held(&h->core, free);
}

/* All in one batch: between two the blocks could move under the cursor. */
static int op_validate(struct mrig_heap *heap, uint64_t *cursor, uint32_t max,
		       struct mrig_fault *fault)
{
	*cursor = 0;
	return mrig_inband_validate(heap->control, fault);
}

static int op_reset_max(struct mrig_heap *heap)
{
	HEAP *h = heap->control;

	if (!(h->core.flags & MRIG_HEAP_STATS))
		return -EINVAL;
	return sys_heap_runtime_stats_reset_max(h);
}

/* Headers inside the span. */
const struct mrig_heap_ops mrig_heap_inband = {
	.name = "inband",
	.control_bytes = op_control_bytes,
	.init = op_init,
	.alloc = op_alloc,
	.free = op_free,
	.resize = op_resize,
	.usable = op_usable,
	.want = mrig_plain_want,
	.feed = mrig_plain_feed,
	.drain = op_drain,
	.set_tag = op_set_tag,
	.get_tag = op_get_tag,
	.walk = op_walk,
	.info = op_info,
	.held = op_held,
	.validate = op_validate,
	.reset_max = op_reset_max,
};

/* Every engine there is; ends with NULL. */
const struct mrig_heap_ops *const mrig_heap_engines[] = {
	&mrig_heap_inband,
	&mrig_heap_oob,
	&mrig_heap_slab,
	&mrig_heap_blocks,
	&mrig_heap_ring,
	&mrig_heap_first_fit,
	&mrig_heap_best_fit,
	NULL,
};
