// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Runs of equal blocks behind the uniform interface: see engine_blocks.h.
 */
#include "engine_blocks.h"

static bool shape(const struct mrig_heap_cfg *cfg, struct mrig_grid *grid)
{
	return mrig_plain_grid(cfg, MRIG_BLOCKS_MAX, grid) && !(grid->bytes & (grid->bytes - 1));
}

static size_t op_control_bytes(const struct mrig_heap_cfg *cfg)
{
	struct mrig_grid grid;
	uint64_t words;

	if (!shape(cfg, &grid))
		return 0;
	words = (uint64_t)mrig_bits_words(grid.num) + (cfg->tags ? grid.num : 0);
	/* the tags are aligned to 8 */
	return mrig_plain_sum(mrig_blocks_control_bytes(grid.num),
			      sizeof(struct mrig_blocks_heap) + (words + 1) * sizeof(uint64_t));
}

static int op_init(struct mrig_heap *heap, void *control, const struct mrig_heap_cfg *cfg)
{
	struct mrig_blocks_heap *h = control;
	struct mrig_grid grid;
	uint64_t *words;

	heap->ops = &mrig_heap_blocks;
	heap->control = control;
	if (!shape(cfg, &grid))
		return -EINVAL;
	h->pool = (struct mrig_blocks *)(h + 1);
	h->base = cfg->base;
	h->control_bytes = op_control_bytes(cfg);
	h->stats = cfg->stats;
	words = (uint64_t *)h->pool + (mrig_blocks_control_bytes(grid.num) + 7) / 8;
	mrig_bits_init(&h->start, words, grid.num);
	if (cfg->tags)
		h->tag = words + mrig_bits_words(grid.num);
	return mrig_blocks_init(h->pool, 0, grid.bytes, grid.num);
}

/* Bytes between block @first and the next address with an alignment. */
static uint64_t gap_at(const struct mrig_blocks_heap *h, uint64_t first, uint64_t align,
		       uint64_t rewind)
{
	return mrig_align_gap(h->base + (first << h->pool->shift), align, rewind);
}

/*
 * Blocks that start a multiple of @align apart are taken together with so many that one of them
 * has the alignment; those around it go back.
 */
static int64_t take_aligned(struct mrig_blocks_heap *h, uint32_t count, uint64_t align,
			    uint64_t rewind)
{
	uint64_t all = count + (align >> h->pool->shift) - 1, lead;
	int64_t first = mrig_blocks_alloc_run(h->pool, count);

	if (first < 0 || !gap_at(h, (uint64_t)first, align, rewind))
		return first;
	mrig_blocks_free_run(h->pool, (uint64_t)first, count);
	if (all > h->pool->num)
		return -ENOMEM;
	first = mrig_blocks_alloc_run(h->pool, (size_t)all);
	if (first < 0)
		return first;
	lead = gap_at(h, (uint64_t)first, align, rewind) >> h->pool->shift;
	if (lead)
		mrig_blocks_free_run(h->pool, (uint64_t)first, (size_t)lead);
	first += (int64_t)lead;
	all -= lead + count;
	if (all)
		mrig_blocks_free_run(h->pool, (uint64_t)first + count, (size_t)all);
	return first;
}

static void peak(struct mrig_blocks_heap *h)
{
	if (h->max_used < h->pool->used)
		h->max_used = h->pool->used;
}

/* A run from block @first on is in use now. */
static int64_t enter(struct mrig_blocks_heap *h, uint32_t first)
{
	mrig_bits_set(&h->start, first);
	if (h->tag)
		h->tag[first] = 0;
	h->live++;
	peak(h);
	return (int64_t)((uint64_t)first << h->pool->shift);
}

/* Blocks for @bytes, or more than there are. */
static uint64_t blocks_for(const struct mrig_blocks_heap *h, size_t bytes)
{
	return ((uint64_t)(bytes - 1) >> h->pool->shift) + 1;
}

static int64_t op_alloc(struct mrig_heap *heap, size_t align, size_t bytes)
{
	struct mrig_blocks_heap *h = heap->control;
	uint64_t a, rewind, count;
	int64_t first;

	if (!bytes || !mrig_align_decode(align, &a, &rewind))
		return -EINVAL;
	count = blocks_for(h, bytes);
	if (count > h->pool->num)
		return -ENOMEM;
	if (a <= 1ULL << h->pool->shift)
		first = gap_at(h, 0, a, rewind) ? -ENOMEM :
						  mrig_blocks_alloc_run(h->pool, (size_t)count);
	else if (gap_at(h, 0, 1ULL << h->pool->shift, rewind))
		first = -ENOMEM;
	else
		first = take_aligned(h, (uint32_t)count, a, rewind);
	return first < 0 ? first : enter(h, (uint32_t)first);
}

/* Number of the block at which a live run starts, or -ENOENT. */
static int64_t find(const struct mrig_blocks_heap *h, uint64_t off)
{
	uint64_t first = off >> h->pool->shift;

	if (first >= h->pool->num || first << h->pool->shift != off)
		return -ENOENT;
	first = mrig_index_nospec(first, h->pool->num);
	return mrig_bits_test(&h->start, (uint32_t)first) ? (int64_t)first : -ENOENT;
}

static int op_free(struct mrig_heap *heap, uint64_t off)
{
	struct mrig_blocks_heap *h = heap->control;
	int64_t found = find(h, off);
	uint32_t first = (uint32_t)found, right;

	if (found < 0)
		return (int)found;
	right = mrig_extent_after(h->pool, (uint64_t)first + 1);
	mrig_blocks_give(h->pool, first, mrig_blocks_end(h, first, right) - first, right);
	mrig_bits_clear(&h->start, first);
	h->live--;
	return 0;
}

static int op_resize(struct mrig_heap *heap, uint64_t off, size_t bytes)
{
	struct mrig_blocks_heap *h = heap->control;
	int64_t found = find(h, off);
	uint32_t first = (uint32_t)found, has;
	uint64_t count;

	if (found < 0)
		return (int)found;
	if (!bytes)
		return -EINVAL;
	count = blocks_for(h, bytes);
	has = mrig_blocks_end_of(h, first) - first;
	if (count < has)
		return mrig_blocks_free_run(h->pool, first + count, has - (size_t)count);
	if (count > h->pool->num ||
	    (count > has &&
	     mrig_blocks_get_run(h->pool, (uint64_t)first + has, (size_t)count - has)))
		return -ENOMEM;
	peak(h);
	return 0;
}

static int64_t op_usable(struct mrig_heap *heap, uint64_t off)
{
	const struct mrig_blocks_heap *h = heap->control;
	int64_t first = find(h, off);

	if (first < 0)
		return first;
	return (int64_t)((mrig_blocks_end_of(h, (uint32_t)first) - (uint64_t)first)
			 << h->pool->shift);
}

static int op_set_tag(struct mrig_heap *heap, uint64_t off, uint64_t tag)
{
	const struct mrig_blocks_heap *h = heap->control;
	int64_t first = find(h, off);

	if (first < 0)
		return (int)first;
	if (!h->tag)
		return -EINVAL;
	h->tag[first] = tag;
	return 0;
}

static int op_get_tag(struct mrig_heap *heap, uint64_t off, uint64_t *tag)
{
	const struct mrig_blocks_heap *h = heap->control;
	int64_t first = find(h, off);

	if (first < 0)
		return (int)first;
	if (!h->tag)
		return -EINVAL;
	*tag = h->tag[first];
	return 0;
}

static void op_info(struct mrig_heap *heap, struct mrig_heap_info *info)
{
	const struct mrig_blocks_heap *h = heap->control;
	const struct mrig_blocks *pool = h->pool;
	uint64_t used = pool->used;

	memset(info, 0, sizeof(*info));
	info->live_blocks = h->live;
	info->free_blocks = pool->extents;
	info->largest_free = (uint64_t)mrig_blocks_largest(pool) << pool->shift;
	info->side_bytes = h->control_bytes;
	mrig_plain_figures(info, h->stats, (pool->num - used) << pool->shift, used << pool->shift,
			   (uint64_t)h->max_used << pool->shift);
}

static uint64_t op_held(const struct mrig_heap *heap, uint64_t *free)
{
	const struct mrig_blocks_heap *h = heap->control;
	const struct mrig_blocks *pool = h->pool;
	uint64_t used = pool->used;

	if (free)
		*free = (pool->num - used) << pool->shift;
	return used << pool->shift;
}

static int op_reset_max(struct mrig_heap *heap)
{
	struct mrig_blocks_heap *h = heap->control;

	if (!h->stats)
		return -EINVAL;
	h->max_used = h->pool->used;
	return 0;
}

/* Number of the block at @off, or -EINVAL. */
static int64_t number_of(const struct mrig_blocks_heap *h, uint64_t off)
{
	uint64_t number = off >> h->pool->shift;

	if (number >= h->pool->num || number << h->pool->shift != off)
		return -EINVAL;
	return (int64_t)mrig_index_nospec(number, h->pool->num);
}

/**
 * mrig_heap_blocks_split() - make a block of the pool the first of a run of its own
 * @heap: heap of blocks
 * @off: of a block in a live run
 *
 * What was one run is two, with the same tag. Nothing happens to one that is first already.
 *
 * Return: 0; -EOPNOTSUPP: not a heap of blocks; -EINVAL: no block of the pool starts there;
 * -ENOENT: it is free.
 */
int mrig_heap_blocks_split(struct mrig_heap *heap, uint64_t off)
{
	struct mrig_blocks_heap *h = heap->control;
	int64_t number;
	uint32_t at;

	if (heap->ops != &mrig_heap_blocks)
		return -EOPNOTSUPP;
	number = number_of(h, off);
	if (number < 0)
		return (int)number;
	at = (uint32_t)number;
	if (mrig_bits_test(&h->start, at))
		return 0;
	if (mrig_blocks_free_from(h->pool, at) <= at)
		return -ENOENT;
	if (h->tag)
		h->tag[at] = h->tag[mrig_bits_prev(&h->start, at)];
	mrig_bits_set(&h->start, at);
	h->live++;
	return 0;
}

/**
 * mrig_heap_blocks_start() - where the run begins that a block of the pool is part of
 * @heap: heap of blocks
 * @off: of a block in a live run
 *
 * Return: offset of the run; -EOPNOTSUPP: not a heap of blocks; -EINVAL: no block of the pool
 * starts at @off; -ENOENT: it is free.
 */
int64_t mrig_heap_blocks_start(struct mrig_heap *heap, uint64_t off)
{
	const struct mrig_blocks_heap *h = heap->control;
	int64_t number;

	if (heap->ops != &mrig_heap_blocks)
		return -EOPNOTSUPP;
	number = number_of(h, off);
	if (number < 0)
		return number;
	if (mrig_blocks_free_from(h->pool, (uint64_t)number) <= (uint64_t)number)
		return -ENOENT;
	return (int64_t)((uint64_t)mrig_bits_prev(&h->start, (uint64_t)number) << h->pool->shift);
}

/**
 * mrig_heap_blocks_get() - allocate the blocks of the pool that are named, as one run
 * @heap: heap of blocks
 * @off: of the first
 * @count: how many
 *
 * Return: 0; -EOPNOTSUPP: not a heap of blocks; -EINVAL: no block of the pool starts there, or
 * @count is 0; -ENOMEM: not all of them exist and are free.
 */
int mrig_heap_blocks_get(struct mrig_heap *heap, uint64_t off, uint64_t count)
{
	struct mrig_blocks_heap *h = heap->control;
	int64_t first;
	int err;

	if (heap->ops != &mrig_heap_blocks)
		return -EOPNOTSUPP;
	first = number_of(h, off);
	if (first < 0)
		return (int)first;
	if (count > h->pool->num)
		return -ENOMEM;
	err = mrig_blocks_get_run(h->pool, (uint64_t)first, (size_t)count);
	if (!err)
		enter(h, (uint32_t)first);
	return err;
}

/**
 * mrig_heap_blocks_is_free() - are all blocks of a run of the pool free?
 * @heap: heap of blocks
 * @off: of the first
 * @count: how many
 *
 * Return: 1 if they are, else 0, as for none and past the end; -EOPNOTSUPP: not a heap of blocks;
 * -EINVAL: no block of the pool starts there.
 */
int mrig_heap_blocks_is_free(struct mrig_heap *heap, uint64_t off, uint64_t count)
{
	const struct mrig_blocks_heap *h = heap->control;
	int64_t first;

	if (heap->ops != &mrig_heap_blocks)
		return -EOPNOTSUPP;
	first = number_of(h, off);
	if (first < 0)
		return (int)first;
	return count <= h->pool->num &&
	       mrig_blocks_run_is_free(h->pool, (uint64_t)first, (size_t)count);
}

/* Equal blocks, as many neighbours per request as it takes. */
const struct mrig_heap_ops mrig_heap_blocks = {
	.name = "blocks",
	.control_bytes = op_control_bytes,
	.init = op_init,
	.alloc = op_alloc,
	.free = op_free,
	.resize = op_resize,
	.usable = op_usable,
	.want = mrig_plain_want,
	.feed = mrig_plain_feed,
	.drain = mrig_plain_drain,
	.set_tag = op_set_tag,
	.get_tag = op_get_tag,
	.walk = mrig_blocks_heap_walk,
	.info = op_info,
	.held = op_held,
	.validate = mrig_blocks_heap_validate,
	.reset_max = op_reset_max,
};
