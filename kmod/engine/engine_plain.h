/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What engines share that have all their bookkeeping in the control block, and want nothing fed.
 */
#ifndef MRIG_ENGINE_PLAIN_H
#define MRIG_ENGINE_PLAIN_H

#include "heap_core.h"

/**
 * struct mrig_grid - equal blocks over a span
 * @bytes: size of each, a multiple of 8
 * @num: how many
 */
struct mrig_grid {
	uint64_t bytes;
	uint32_t num;
};

void mrig_plain_want(struct mrig_heap *heap, struct mrig_want *want);
void *mrig_plain_feed(struct mrig_heap *heap, const struct mrig_want *want, void *mem);
void *mrig_plain_drain(struct mrig_heap *heap);
bool mrig_plain_cfg(const struct mrig_heap_cfg *cfg);
bool mrig_plain_grid(const struct mrig_heap_cfg *cfg, uint32_t most, struct mrig_grid *grid);
size_t mrig_plain_sum(uint64_t a, uint64_t b);
void mrig_plain_figures(struct mrig_heap_info *info, bool stats, uint64_t free, uint64_t used,
			uint64_t max_used);

/* How far behind @addr the next address is that has the alignment mrig_align_decode() gave. */
static mrig_inline uint64_t mrig_align_gap(uint64_t addr, uint64_t align, uint64_t rewind)
{
	return -(addr + rewind) & (align - 1);
}

#endif /* MRIG_ENGINE_PLAIN_H */
