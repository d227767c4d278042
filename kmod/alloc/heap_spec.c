// SPDX-License-Identifier: GPL-2.0-only
/*
 * Which heaps can be had where.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/moduleparam.h>
#include <linux/nospec.h>
#include <linux/overflow.h>
#include <linux/string.h>

#include "alloc/heap_private.h"
#include "region/region.h"

static unsigned int max_blocks = 1U << 20;
module_param(max_blocks, uint, 0644);
MODULE_PARM_DESC(max_blocks, "bound on block records of one heap; a heap may set a lower one (0: none)");

/* Engines cut a larger search limit to this; figures are to tell the truth. */
#define SEARCH_MAX	((u32)U16_MAX)

/* Equal blocks are numbered with 30 bits. */
#define EQUAL_BLOCKS_MAX	(BIT(30) - 1)

/* As in the table of engines, where sys_heap goes by its placement. */
static const char *const engine_names[] = {
	[MEMRIG_ENGINE_SYS_HEAP] = "sys_heap",
	[MEMRIG_ENGINE_SLAB] = "slab",
	[MEMRIG_ENGINE_BLOCKS] = "blocks",
	[MEMRIG_ENGINE_RING] = "ring",
	[MEMRIG_ENGINE_FIRST_FIT] = "first_fit",
	[MEMRIG_ENGINE_BEST_FIT] = "best_fit",
};

/**
 * mrig_heap_engine_name() - what people call an engine
 * @engine: enum memrig_engine
 *
 * Return: its name.
 */
const char *mrig_heap_engine_name(u32 engine)
{
	if (!engine || engine >= ARRAY_SIZE(engine_names))
		return "unknown";
	return engine_names[array_index_nospec(engine, ARRAY_SIZE(engine_names))];
}

static const struct mrig_heap_ops *find_ops(u32 engine, bool inband)
{
	const struct mrig_heap_ops *const *ops;

	if (engine == MEMRIG_ENGINE_SYS_HEAP)
		return inband ? &mrig_heap_inband : &mrig_heap_oob;
	for (ops = mrig_heap_engines; *ops && !inband; ops++)
		if (!strcmp((*ops)->name, mrig_heap_engine_name(engine)))
			return *ops;
	return NULL;
}

/**
 * mrig_heap_spec_ops() - the engine that a heap is to have
 * @spec: passed mrig_heap_spec_check()
 *
 * Return: the engine.
 */
const struct mrig_heap_ops *mrig_heap_spec_ops(const struct mrig_heap_spec *spec)
{
	return find_ops(spec->engine, spec->placement == MEMRIG_PLACEMENT_INBAND);
}

/**
 * mrig_heap_engines_mask() - engines for CAPS
 *
 * Return: bit n: enum memrig_engine n is there.
 */
u32 mrig_heap_engines_mask(void)
{
	u32 engine, mask = 0;

	for (engine = 1; engine < ARRAY_SIZE(engine_names); engine++)
		if (find_ops(engine, false))
			mask |= BIT(engine);
	return mask;
}

/*
 * Headers between blocks are for memory that nobody else can write, be it a process or the device
 * of a COHERENT region: the trust boundary. And for cached memory only, as an engine walks its
 * headers under the lock of its heap. Neither they nor zeroing can do without memory that may be
 * suspended at any time.
 */
static int placement_check(const struct mrig_region *region, const struct mrig_heap_spec *spec)
{
	if (region->spec.attrs & MEMRIG_ATTRS_POWERED &&
	    (spec->placement == MEMRIG_PLACEMENT_INBAND || spec->flags & MEMRIG_HEAP_SCRUB))
		return -EOPNOTSUPP;
	if (spec->placement != MEMRIG_PLACEMENT_INBAND)
		return 0;
	if (!(region->spec.flags & MEMRIG_REGION_KERNEL_ONLY) ||
	    region->spec.kind == MEMRIG_KIND_COHERENT)
		return -EPERM;
	return region->spec.attr == MEMRIG_ATTR_CACHED ? 0 : -EOPNOTSUPP;
}

/*
 * How many records there may be. The administrator's word holds, but for engines that look at every
 * free block for most of what they do, reclaim included: there the time for a whole heap grows with
 * the square of that number.
 */
static u32 records_max(const struct mrig_heap_spec *spec)
{
	u32 most = READ_ONCE(max_blocks) ?: U32_MAX;

	if (spec->engine == MEMRIG_ENGINE_FIRST_FIT || spec->engine == MEMRIG_ENGINE_BEST_FIT)
		most = min_t(u32, most, MEMRIG_FIT_BLOCKS_MAX);
	return most;
}

/* The grid of engines that have one; fills in how many blocks fit. */
static int grid_check(struct mrig_heap_spec *spec)
{
	bool blocks = spec->engine == MEMRIG_ENGINE_BLOCKS;
	u64 fit;

	if (!blocks && spec->engine != MEMRIG_ENGINE_SLAB)
		return spec->num_blocks || spec->block_size ? -EINVAL : 0;
	if (!spec->block_size || spec->block_size % MRIG_BLOCK_ALIGN ||
	    (blocks && !is_power_of_2(spec->block_size)))
		return -EINVAL;
	fit = div64_u64(spec->length, spec->block_size);
	fit = min3(fit, (u64)spec->max_blocks, (u64)EQUAL_BLOCKS_MAX);
	if (!fit || spec->num_blocks > fit)
		return -EINVAL;
	if (!spec->num_blocks)
		spec->num_blocks = fit;
	return 0;
}

static int span_check(const struct mrig_region *region, struct mrig_heap_spec *spec)
{
	u64 end;

	if (check_add_overflow(spec->offset, spec->length, &end))
		return -EOVERFLOW;
	if (spec->offset % MRIG_BLOCK_ALIGN || spec->offset >= region->spec.length ||
	    end > region->spec.length)
		return -EINVAL;
	if (!spec->length)
		spec->length = region->spec.length - spec->offset;
	return 0;
}

/**
 * mrig_heap_spec_check() - whether a heap can be made, and as what
 * @region: over which it is to be
 * @spec: as wanted; defaults are filled in
 *
 * A flag or value that a later version may define is -EOPNOTSUPP, one that can never be right is
 * -EINVAL. Some calls take time in proportion to the number of blocks, so it is the administrator
 * who says how many there may be.
 *
 * Return: 0 or an error of mrig_heap_obj_create().
 */
int mrig_heap_spec_check(const struct mrig_region *region, struct mrig_heap_spec *spec)
{
	u32 most;
	int err;

	if (spec->flags & ~(MEMRIG_HEAP_SCRUB | MEMRIG_HEAP_STATS | MEMRIG_HEAP_TRACK))
		return -EOPNOTSUPP;
	if (!spec->placement)
		return -EINVAL;
	if (spec->placement > MEMRIG_PLACEMENT_INBAND || spec->hardening > MRIG_HARDEN_EXTREME)
		return -EOPNOTSUPP;
	if (!spec->engine)
		spec->engine = MEMRIG_ENGINE_SYS_HEAP;
	if (!mrig_heap_spec_ops(spec))
		return -EOPNOTSUPP;
	err = span_check(region, spec);
	if (err)
		return err;
	most = records_max(spec);
	if (spec->max_blocks > most)
		return -EINVAL;
	if (!spec->max_blocks)
		spec->max_blocks = most;
	if (!spec->search_limit)
		spec->search_limit = MRIG_DEFAULT_SEARCH;
	spec->search_limit = min(spec->search_limit, SEARCH_MAX);
	err = grid_check(spec);
	return err ?: placement_check(region, spec);
}
