// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Runs of equal blocks, by number: see mem_blocks_core.h.
 */
#include "mem_blocks_core.h"

static_assert(MRIG_BLOCKS_CLASSES / 64 == 4, "four words");
static_assert(MRIG_BLOCKS_CLASSES >> MRIG_BLOCKS_SUB_LOG > 30 - MRIG_BLOCKS_SUB_LOG, "all lengths");
static_assert(MRIG_BLOCKS_CLASSES - MRIG_BLOCKS_REACH > 224, "next_class() starts at one");
static_assert(MRIG_BLOCKS_REACH == 4 * 5, "four to a word, five words");

static uint32_t classes(uint32_t num)
{
	return mrig_blocks_class(num) + 1;
}

/* Large pools have 9 to 16 regions. */
static uint32_t region_shift(uint32_t num)
{
	uint32_t log = num > 1 ? mrig_ilog2(num - 1) : 0;

	return log > MRIG_BLOCKS_REGION_LOG + 3 ? log - 3 : MRIG_BLOCKS_REGION_LOG;
}

static uint32_t regions(uint32_t num)
{
	return ((num - 1) >> region_shift(num)) + 1;
}

static uint32_t region_log(uint32_t num)
{
	return regions(num) > 1 ? mrig_ilog2(regions(num) - 1) + 1 : 0;
}

/**
 * mrig_blocks_control_bytes() - size of an allocator's bookkeeping
 * @num: blocks
 *
 * Return: bytes of the control block, 0 if there can be no such allocator.
 */
size_t mrig_blocks_control_bytes(uint32_t num)
{
	uint64_t bytes;

	if (!num || num > MRIG_BLOCKS_MAX)
		return 0;
	bytes = sizeof(struct mrig_blocks) + (uint64_t)mrig_bits_words(num) * sizeof(uint64_t) +
		(uint64_t)regions(num) * 4 * sizeof(uint64_t) +
		((uint64_t)num + 1) / 2 * sizeof(struct mrig_extent) +
		((uint64_t)classes(num) << region_log(num)) * sizeof(uint32_t) +
		(classes(num) + MRIG_BLOCKS_REACH) * sizeof(uint16_t);
	return bytes <= SIZE_MAX ? (size_t)bytes : 0;
}

/* Does class @c have extents in region @r from now on? */
static mrig_inline void mark(struct mrig_blocks *h, uint32_t c, uint32_t r)
{
	h->where[c] |= 1U << r;
	h->in_region[r << 2 | c >> 6] |= 1ULL << (c & 63);
	h->map[c >> 6] |= 1ULL << (c & 63);
}

static mrig_inline void unmark(struct mrig_blocks *h, uint32_t c, uint32_t r)
{
	h->where[c] &= ~(1U << r);
	h->in_region[r << 2 | c >> 6] &= ~(1ULL << (c & 63));
	if (!h->where[c])
		h->map[c >> 6] &= ~(1ULL << (c & 63));
}

/* Put an extent on its list of class @c in region @r. */
static mrig_inline void link_extent(struct mrig_blocks *h, uint32_t last, uint32_t c, uint32_t r)
{
	struct mrig_extent *e = mrig_extent_at(h, last);
	uint32_t *head = mrig_blocks_list(h, c, r);

	e->prev = MRIG_BLOCKS_NONE;
	e->next = *head;
	*head = last;
	if (e->next != MRIG_BLOCKS_NONE)
		mrig_extent_at(h, e->next)->prev = last;
	else
		mark(h, c, r);
}

/* Take an extent off its list of class @c in region @r. */
static mrig_inline void unlink_extent(struct mrig_blocks *h, uint32_t last, uint32_t c, uint32_t r)
{
	const struct mrig_extent *e = mrig_extent_at(h, last);

	if (e->next != MRIG_BLOCKS_NONE)
		mrig_extent_at(h, e->next)->prev = e->prev;
	if (e->prev != MRIG_BLOCKS_NONE) {
		mrig_extent_at(h, e->prev)->next = e->next;
		return;
	}
	*mrig_blocks_list(h, c, r) = e->next;
	if (e->next == MRIG_BLOCKS_NONE)
		unmark(h, c, r);
}

static mrig_inline void add_extent(struct mrig_blocks *h, uint32_t last, uint32_t len)
{
	mrig_bits_set(&h->last, last);
	h->extents++;
	mrig_extent_at(h, last)->len = len;
	link_extent(h, last, mrig_blocks_class(len), last >> h->region_shift);
}

/* An extent of class @c is no more. */
static mrig_inline void remove_extent(struct mrig_blocks *h, uint32_t last, uint32_t c)
{
	unlink_extent(h, last, c, last >> h->region_shift);
	mrig_bits_clear(&h->last, last);
	h->extents--;
}

/* An extent of class @c goes on ending where it does, but has @len blocks now, not 0. */
static mrig_inline void resize_extent(struct mrig_blocks *h, uint32_t last, uint32_t c,
				      uint32_t len)
{
	uint32_t new = mrig_blocks_class(len), r = last >> h->region_shift;

	mrig_extent_at(h, last)->len = len;
	if (new == c)
		return;
	unlink_extent(h, last, c, r);
	link_extent(h, last, new, r);
}

/* An extent of class @c that ended with @last ends with @to now, and has @len blocks. */
static mrig_inline void move_extent(struct mrig_blocks *h, uint32_t last, uint32_t c, uint32_t to,
				    uint32_t len)
{
	unlink_extent(h, last, c, last >> h->region_shift);
	/* in this order, for they mostly share a word, which is then never 0 */
	mrig_bits_set(&h->last, to);
	mrig_bits_clear(&h->last, last);
	mrig_extent_at(h, to)->len = len;
	link_extent(h, to, mrig_blocks_class(len), to >> h->region_shift);
}

static void account(struct mrig_blocks *h, uint32_t count)
{
	h->used += count;
	if (h->max_used < h->used)
		h->max_used = h->used;
}

/* Hand out the first @count blocks of an extent of class @c. Return: the first of them. */
static mrig_inline uint32_t take_from(struct mrig_blocks *h, uint32_t last, uint32_t c,
				      uint32_t count)
{
	uint32_t len = mrig_extent_at(h, last)->len;

	if (len == count)
		remove_extent(h, last, c);
	else
		resize_extent(h, last, c, len - count);
	account(h, count);
	return last + 1 - len;
}

/**
 * mrig_blocks_init() - make an allocator, all blocks free
 * @h: control block: zeroed, aligned to 8, mrig_blocks_control_bytes(@num) long
 * @base: address the blocks are known by; not dereferenced
 * @bytes: block size, a power of two
 * @num: blocks, at least 1
 *
 * Return: 0, or -EINVAL for a size or number out of range, or if the blocks would wrap around the
 * address space. After a failure the control block means nothing.
 */
int mrig_blocks_init(struct mrig_blocks *h, uintptr_t base, uint64_t bytes, uint32_t num)
{
	size_t lists;

	if (!num || num > MRIG_BLOCKS_MAX || !bytes || (bytes & (bytes - 1)) ||
	    bytes > (UINTPTR_MAX - base) / num)
		return -EINVAL;
	memset(h, 0, sizeof(*h));
	h->base = base;
	h->num = num;
	h->shift = mrig_ctz64(bytes);
	mrig_bits_init(&h->last, (uint64_t *)(h + 1), num);
	h->in_region = (uint64_t *)(h + 1) + mrig_bits_words(num);
	h->extent = (struct mrig_extent *)(h->in_region + (size_t)regions(num) * 4);
	h->head = (uint32_t *)(h->extent + ((size_t)num + 1) / 2);
	h->classes = classes(num);
	h->region_shift = region_shift(num);
	h->region_log = region_log(num);
	lists = (size_t)h->classes << h->region_log;
	memset(h->head, 0xff, lists * sizeof(*h->head));
	h->where = (uint16_t *)(h->head + lists);
	add_extent(h, num - 1, num);
	return 0;
}

/* The first class from @c on that is not empty, by @map; MRIG_BLOCKS_CLASSES if none is. */
static mrig_inline uint32_t next_class(const uint64_t *map, uint32_t c)
{
	uint32_t i = c >> 6;
	uint64_t word;

	word = map[i] & ~0ULL << (c & 63);
	while (!word) {
		if (++i == MRIG_BLOCKS_CLASSES / 64)
			return MRIG_BLOCKS_CLASSES;
		word = map[i];
	}
	return i << 6 | mrig_ctz64(word);
}

/* In which regions one of the classes within reach of @c, itself not, has extents. */
static mrig_inline uint32_t regions_within(const struct mrig_blocks *h, uint32_t c)
{
	uint64_t word[MRIG_BLOCKS_REACH / 4], all;

	memcpy(word, &h->where[c + 1], sizeof(word));
	all = word[0] | word[1] | word[2] | word[3] | word[4];
	all |= all >> 32;
	all |= all >> 16;
	return all & 0xffff;
}

/*
 * An extent of class @c with at least @count blocks, in its lowest region, or NONE. Those of all
 * but the short classes may have fewer; only one is looked at.
 */
static mrig_inline uint32_t find_in_class(const struct mrig_blocks *h, uint32_t c, uint32_t count)
{
	uint32_t last;

	if (!h->where[c])
		return MRIG_BLOCKS_NONE;
	last = *mrig_blocks_list(h, c, mrig_blocks_lowest(h, c));
	return mrig_extent_at(h, last)->len >= count ? last : MRIG_BLOCKS_NONE;
}

/*
 * Last block of an extent of at least @count blocks, or NONE: of the shortest class in the lowest
 * region that has one within reach; if none has, of the next class there is. In: class of @count;
 * out: of the extent.
 */
static mrig_inline uint32_t find_extent(const struct mrig_blocks *h, uint32_t *class,
					uint32_t count)
{
	uint32_t c = *class, higher = regions_within(h, c), r;
	uint32_t found = find_in_class(h, c, count);

	if (higher) {
		r = mrig_ctz64(higher);
		if (found != MRIG_BLOCKS_NONE && found >> h->region_shift <= r)
			return found;
		c = next_class(&h->in_region[r << 2], c + 1);
	} else {
		if (found != MRIG_BLOCKS_NONE)
			return found;
		c = next_class(h->map, c + MRIG_BLOCKS_REACH + 1);
		if (c == MRIG_BLOCKS_CLASSES)
			return MRIG_BLOCKS_NONE;
		r = mrig_blocks_lowest(h, c);
	}
	*class = c;
	return *mrig_blocks_list(h, c, r);
}

/**
 * mrig_blocks_alloc_run() - hand out neighbouring blocks
 * @h: allocator
 * @count: how many
 *
 * From the left end of a low run that is not much longer than needed. Of the free runs in the
 * class of @count one is looked at, so that a call costs the same however many there are. For 17
 * blocks or more, runs that are long enough may therefore not be found, if all of them are in that
 * class, that is, longer by less than an eighth or not at all.
 *
 * Return: number of the first; -EINVAL: @count is 0; -ENOMEM: no run was found that is long enough.
 */
int64_t mrig_blocks_alloc_run(struct mrig_blocks *h, size_t count)
{
	uint32_t last, c;

	if (!count)
		return -EINVAL;
	if (count > h->num)
		return -ENOMEM;
	c = mrig_blocks_class((uint32_t)count);
	last = find_extent(h, &c, (uint32_t)count);
	if (last == MRIG_BLOCKS_NONE)
		return -ENOMEM;
	return (int64_t)take_from(h, last, c, (uint32_t)count);
}

/**
 * mrig_blocks_take() - hand out the lowest free blocks, as many as are neighbours
 * @h: allocator
 * @most: at most so many
 * @first: number of the first of them
 *
 * Return: how many; 0 if none is free or wanted.
 */
uint32_t mrig_blocks_take(struct mrig_blocks *h, uint32_t most, uint32_t *first)
{
	uint32_t at, len;

	if (h->used == h->num || !most)
		return 0;
	at = mrig_bits_next(&h->last, 0);
	len = mrig_extent_at(h, at)->len;
	if (len > most)
		len = most;
	*first = take_from(h, at, mrig_blocks_class(mrig_extent_at(h, at)->len), len);
	return len;
}

static bool in_range(const struct mrig_blocks *h, uint64_t first, size_t count)
{
	return count && count <= h->num && first <= h->num - count;
}

/* Last block of the extent that holds all of a run, or NONE. */
static uint32_t extent_around(const struct mrig_blocks *h, uint32_t first, uint32_t count)
{
	uint32_t last = mrig_extent_after(h, first);

	if (last == MRIG_BLOCKS_NONE || last - first + 1 < count ||
	    last - first + 1 > mrig_extent_at(h, last)->len)
		return MRIG_BLOCKS_NONE;
	return last;
}

/**
 * mrig_blocks_run_is_free() - are all blocks of a run free?
 * @h: allocator
 * @first: number, any
 * @count: how many
 *
 * Return: whether they are; false for none, and if not all of them exist.
 */
bool mrig_blocks_run_is_free(const struct mrig_blocks *h, uint64_t first, size_t count)
{
	return in_range(h, first, count) &&
	       extent_around(h, (uint32_t)first, (uint32_t)count) != MRIG_BLOCKS_NONE;
}

/**
 * mrig_blocks_get_run() - hand out the blocks that are named
 * @h: allocator
 * @first: number, any
 * @count: how many
 *
 * Return: 0; -EINVAL: @count is 0; -ENOMEM: not all of them exist and are free.
 */
int mrig_blocks_get_run(struct mrig_blocks *h, uint64_t first, size_t count)
{
	uint32_t last, left, right, c;

	if (!count)
		return -EINVAL;
	if (!in_range(h, first, count))
		return -ENOMEM;
	last = extent_around(h, (uint32_t)first, (uint32_t)count);
	if (last == MRIG_BLOCKS_NONE)
		return -ENOMEM;
	right = last + 1 - (uint32_t)(first + count);
	left = mrig_extent_at(h, last)->len - right - (uint32_t)count;
	c = mrig_blocks_class(mrig_extent_at(h, last)->len);
	if (right)
		resize_extent(h, last, c, right);
	else
		remove_extent(h, last, c);
	if (left)
		add_extent(h, (uint32_t)first - 1, left);
	account(h, (uint32_t)count);
	return 0;
}

/* Give back neighbouring blocks, all handed out, before the extent that ends with @right. */
static mrig_inline void give(struct mrig_blocks *h, uint32_t first, uint32_t count, uint32_t right)
{
	uint32_t end = first + count, len = count, left, after = 0;
	bool gap = true; /* between the run and the next extent */

	if (right != MRIG_BLOCKS_NONE) {
		after = mrig_extent_at(h, right)->len;
		gap = right + 1 - after != end;
	}
	h->used -= count;
	if (first && mrig_bits_test(&h->last, first - 1)) {
		left = mrig_extent_at(h, first - 1)->len;
		len += left;
		if (gap)
			move_extent(h, first - 1, mrig_blocks_class(left), end - 1, len);
		else
			remove_extent(h, first - 1, mrig_blocks_class(left));
	} else if (gap) {
		add_extent(h, end - 1, len);
	}
	if (!gap)
		resize_extent(h, right, mrig_blocks_class(after), len + after);
}

/**
 * mrig_blocks_give() - give back neighbouring blocks of which all are handed out
 * @h: allocator
 * @first: number
 * @count: how many
 * @right: last block of the first extent after them, or NONE
 */
void mrig_blocks_give(struct mrig_blocks *h, uint32_t first, uint32_t count, uint32_t right)
{
	give(h, first, count, right);
}

/**
 * mrig_blocks_free_run() - give neighbouring blocks back, however they were obtained
 * @h: allocator
 * @first: number, any
 * @count: how many
 *
 * Return: 0; -EINVAL: @count is 0, or not all of them exist; -EFAULT: one of them is free, nothing
 * has changed.
 */
int mrig_blocks_free_run(struct mrig_blocks *h, uint64_t first, size_t count)
{
	uint32_t right;

	if (!in_range(h, first, count))
		return -EINVAL;
	right = mrig_extent_after(h, first);
	if (right != MRIG_BLOCKS_NONE && right + 1 - mrig_extent_at(h, right)->len < first + count)
		return -EFAULT;
	give(h, (uint32_t)first, (uint32_t)count, right);
	return 0;
}
