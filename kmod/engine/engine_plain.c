// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What engines share that want nothing fed; see engine_plain.h.
 */
#include "engine_plain.h"

/**
 * mrig_plain_want() - mrig_heap_ops.want of engines that never return -EAGAIN
 * @heap: heap
 * @want: filled in: nothing
 */
void mrig_plain_want(struct mrig_heap *heap, struct mrig_want *want)
{
	memset(want, 0, sizeof(*want));
}

/**
 * mrig_plain_feed() - mrig_heap_ops.feed of such engines
 * @heap: heap
 * @want: ignored
 * @mem: what is offered
 *
 * Return: @mem, as it was not asked for.
 */
void *mrig_plain_feed(struct mrig_heap *heap, const struct mrig_want *want, void *mem)
{
	return mem;
}

/**
 * mrig_plain_drain() - mrig_heap_ops.drain of such engines
 * @heap: heap
 *
 * Return: NULL: there is but the control block, which is the caller's.
 */
void *mrig_plain_drain(struct mrig_heap *heap)
{
	return NULL;
}

/**
 * mrig_plain_cfg() - can there be an out-of-band heap of this configuration?
 * @cfg: configuration
 *
 * Return: whether the span is aligned and there, and no value is out of range.
 */
bool mrig_plain_cfg(const struct mrig_heap_cfg *cfg)
{
	return !(cfg->base & (MRIG_UNIT - 1)) && cfg->bytes && !(cfg->bytes >> 63) &&
	       cfg->bytes <= UINTPTR_MAX - cfg->base && cfg->hardening <= MRIG_HARDEN_EXTREME;
}

/**
 * mrig_plain_grid() - lay blocks over the span of a configuration
 * @cfg: configuration
 * @most: blocks there can be; the configuration may set a lower bound
 * @grid: filled in
 *
 * Return: false if that cannot be: a size that is no multiple of 8, more blocks than fit, or none.
 */
bool mrig_plain_grid(const struct mrig_heap_cfg *cfg, uint32_t most, struct mrig_grid *grid)
{
	size_t fit;

	grid->bytes = cfg->block_size ? cfg->block_size : MRIG_DEFAULT_BLOCK;
	if (!mrig_plain_cfg(cfg) || grid->bytes & (MRIG_UNIT - 1) || grid->bytes > cfg->bytes)
		return false;
	fit = (size_t)cfg->bytes / (size_t)grid->bytes;
	if (cfg->max_blocks && most > cfg->max_blocks)
		most = cfg->max_blocks;
	grid->num = fit < most ? (uint32_t)fit : most;
	if (cfg->num_blocks > grid->num)
		return false;
	if (cfg->num_blocks)
		grid->num = cfg->num_blocks;
	return grid->num;
}

/**
 * mrig_plain_sum() - size of a control block of two parts
 * @a: bytes of the one, 0 if it cannot be
 * @b: bytes of the other, below 2^63
 *
 * Return: bytes; 0 if it cannot be, or if there is no memory of this size.
 */
size_t mrig_plain_sum(uint64_t a, uint64_t b)
{
	return a && a <= SIZE_MAX - b && b <= SIZE_MAX ? (size_t)(a + b) : 0;
}

/**
 * mrig_plain_figures() - fill in the figures that are made of others
 * @info: @info->largest_free is there already
 * @stats: whether statistics are kept
 * @free: bytes free
 * @used: bytes in live blocks
 * @max_used: the most there were
 */
void mrig_plain_figures(struct mrig_heap_info *info, bool stats, uint64_t free, uint64_t used,
			uint64_t max_used)
{
	info->frag_permille = mrig_permille(free - info->largest_free, free);
	if (!stats)
		return;
	info->free_bytes = free;
	info->allocated_bytes = used;
	info->max_allocated_bytes = max_used;
}
