// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The parts of heap_core.h that run once per heap or per unusual request.
 */
#include "heap_core.h"

/*
 * Class layouts from the finest to the one that a heap of 56 bytes can pay for. The table of the
 * first two is larger than a cache of the first level likes; they are for heaps of at least 4 MiB.
 */
static const struct {
	uint8_t lin_log;
	uint8_t sub_log;
	uint8_t units_log;
} layouts[] = {
	{ 10, 5, 19 }, { 9, 5, 19 }, { 8, 5, 0 }, { 7, 5, 0 }, { 7, 4, 0 }, { 7, 3, 0 },
	{ 6, 3, 0 }, { 5, 3, 0 }, { 5, 2, 0 }, { 4, 2, 0 }, { 4, 1, 0 }, { 3, 1, 0 }, { 2, 0, 0 },
};

/**
 * mrig_align_decode() - take an alignment apart as sys_heap_aligned_alloc() means it
 * @align: 0, one bit A, or two bits A | L
 * @a: set to A, at least one unit
 * @rewind: set to L or 0: the block's address plus L is a multiple of A
 *
 * Return: false when @align has more than two bits, or a rewind below one unit.
 */
bool mrig_align_decode(size_t align, uint64_t *a, uint64_t *rewind)
{
	uint64_t low = align & (~align + 1);
	uint64_t high = align - low;

	*rewind = 0;
	*a = MRIG_UNIT;
	if (!high) {
		if (low > MRIG_UNIT)
			*a = low;
		return true;
	}
	if ((high & (high - 1)) || low < MRIG_UNIT)
		return false;
	*a = high;
	*rewind = low;
	return true;
}

/**
 * mrig_core_setup() - fill in what a configuration determines
 * @core: zeroed
 * @cfg: as given to init
 * @units: units of the largest block the heap may ever have
 * @base: number of the first class
 * @budget: bytes the class table may take; the coarsest layout is used even if it takes more
 *
 * Return: 0, or -EINVAL for an unknown hardening level.
 */
int mrig_core_setup(struct mrig_core *core, const struct mrig_heap_cfg *cfg, uint64_t units,
		    mrig_id base, size_t budget)
{
	unsigned int i;

	if (cfg->hardening > MRIG_HARDEN_EXTREME)
		return -EINVAL;
	core->hardening = cfg->hardening;
	core->looks = cfg->search_limit ? cfg->search_limit : MRIG_DEFAULT_SEARCH;
	if (core->looks > MRIG_MAX_SEARCH)
		core->looks = MRIG_MAX_SEARCH;
	if (cfg->stats)
		core->flags |= MRIG_HEAP_STATS;
	for (i = 0; i < sizeof(layouts) / sizeof(layouts[0]); i++) {
		if (units >> layouts[i].units_log == 0)
			continue;
		core->lin = 1U << layouts[i].lin_log;
		core->sub_log = layouts[i].sub_log;
		core->bias = base + core->lin - (1U << core->sub_log) -
			     ((layouts[i].lin_log - core->sub_log) << core->sub_log);
		core->nclass = (uint32_t)mrig_class(core, units, base) + 1;
		if (core->lin < units &&
		    mrig_core_head_bytes(core) + mrig_core_bm_bytes(core) <= budget)
			break;
	}
	return 0;
}

/**
 * mrig_core_arm() - open the fast paths if nothing about the heap needs the careful one
 * @core: of a heap ready for use
 */
void mrig_core_arm(struct mrig_core *core)
{
	bool open = !core->flags && core->hardening <= MRIG_HARDEN_BASIC;

	core->hot = open ? core->lin : 0;
	core->most = open ? core->total : 0;
}

/**
 * mrig_core_fence() - close the fast paths, and have the careful ones refuse
 * @core: of a heap that is corrupted or has been taken apart
 * @invariant: that was found broken; 0 for none
 * @offset: of the block concerned
 *
 * The first fault stays known. It lies where nobody counts blocks or looks for free ones any more.
 */
void mrig_core_fence(struct mrig_core *core, uint32_t invariant, uint64_t offset)
{
	core->hot = 0;
	core->most = 0;
	if (core->flags & MRIG_HEAP_FENCED)
		return;
	core->flags |= MRIG_HEAP_FENCED;
	core->blocks = invariant;
	core->sum = offset;
}

/**
 * mrig_core_fault() - why a heap was fenced off
 * @core: of a heap that was
 * @fault: out
 */
void mrig_core_fault(const struct mrig_core *core, struct mrig_fault *fault)
{
	fault->invariant = core->blocks;
	fault->offset = core->sum;
}
