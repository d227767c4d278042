// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Runs of equal blocks, by number: see mem_blocks_core.h.
 */
#include "mem_blocks_core.h"

static_assert(MRIG_BLOCKS_CLASSES % 64 == 0 && MRIG_BLOCKS_CLASSES / 64 <= 64, "one sum word");

static uint32_t classes(uint32_t num)
{
	return mrig_blocks_class(num) + 1;
}

/**
 * mrig_blocks_control_bytes() - size of an allocator's bookkeeping
 * @num: blocks
 *
 * Return: bytes of the control block, 0 if there can be no such allocator.
 */
size_t mrig_blocks_control_bytes(uint32_t num)
{
	if (!num || num > MRIG_BLOCKS_MAX)
		return 0;
	return sizeof(struct mrig_blocks) + mrig_bits_words(num) * sizeof(uint64_t) +
	       ((size_t)num + 1) / 2 * sizeof(struct mrig_extent) + classes(num) * sizeof(uint32_t);
}

/* Put an extent of @len blocks on its list @c. */
static void link_extent(struct mrig_blocks *h, uint32_t last, uint32_t len, uint32_t c)
{
	struct mrig_extent *e = mrig_extent_at(h, last);

	e->len = len;
	e->prev = MRIG_BLOCKS_NONE;
	e->next = h->head[c];
	if (e->next != MRIG_BLOCKS_NONE)
		mrig_extent_at(h, e->next)->prev = last;
	h->head[c] = last;
	h->map[c >> 6] |= 1ULL << (c & 63);
	h->sum |= 1ULL << (c >> 6);
}

/* Take an extent off its list @c. */
static void unlink_extent(struct mrig_blocks *h, const struct mrig_extent *e, uint32_t c)
{
	if (e->next != MRIG_BLOCKS_NONE)
		mrig_extent_at(h, e->next)->prev = e->prev;
	if (e->prev != MRIG_BLOCKS_NONE) {
		mrig_extent_at(h, e->prev)->next = e->next;
		return;
	}
	h->head[c] = e->next;
	if (e->next != MRIG_BLOCKS_NONE)
		return;
	h->map[c >> 6] &= ~(1ULL << (c & 63));
	if (!h->map[c >> 6])
		h->sum &= ~(1ULL << (c >> 6));
}

static void add_extent(struct mrig_blocks *h, uint32_t last, uint32_t len)
{
	link_extent(h, last, len, mrig_blocks_class(len));
	mrig_bits_set(&h->last, last);
	h->extents++;
}

/* Return: its length. */
static uint32_t remove_extent(struct mrig_blocks *h, uint32_t last)
{
	const struct mrig_extent *e = mrig_extent_at(h, last);

	unlink_extent(h, e, mrig_blocks_class(e->len));
	mrig_bits_clear(&h->last, last);
	h->extents--;
	return e->len;
}

/* An extent that goes on ending where it does changes its length; at 0 it is no more. */
static void resize_extent(struct mrig_blocks *h, uint32_t last, uint32_t len)
{
	struct mrig_extent *e = mrig_extent_at(h, last);
	uint32_t old = mrig_blocks_class(e->len), new;

	if (!len) {
		unlink_extent(h, e, old);
		mrig_bits_clear(&h->last, last);
		h->extents--;
		return;
	}
	new = mrig_blocks_class(len);
	if (new == old) {
		e->len = len;
		return;
	}
	unlink_extent(h, e, old);
	link_extent(h, last, len, new);
}

static void account(struct mrig_blocks *h, uint32_t count)
{
	h->used += count;
	if (h->max_used < h->used)
		h->max_used = h->used;
}

/* Hand out the first @count blocks of an extent. Return: the first of them. */
static uint32_t take_from(struct mrig_blocks *h, uint32_t last, uint32_t count)
{
	uint32_t len = mrig_extent_at(h, last)->len;

	resize_extent(h, last, len - count);
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
	if (!num || num > MRIG_BLOCKS_MAX || !bytes || (bytes & (bytes - 1)) ||
	    bytes > (UINTPTR_MAX - base) / num)
		return -EINVAL;
	memset(h, 0, sizeof(*h));
	h->base = base;
	h->num = num;
	h->shift = mrig_ctz64(bytes);
	h->extent = (struct mrig_extent *)mrig_bits_init(&h->last, num, (uint64_t *)(h + 1));
	h->head = (uint32_t *)(h->extent + ((size_t)num + 1) / 2);
	h->classes = classes(num);
	memset(h->head, 0xff, h->classes * sizeof(*h->head));
	add_extent(h, num - 1, num);
	return 0;
}

/* Last block of an extent of at least @count blocks, or NONE. */
static uint32_t find_extent(const struct mrig_blocks *h, uint32_t count)
{
	uint32_t c = mrig_blocks_class(count), i, looks;
	uint64_t word;

	/* A list holds several lengths only from here on, and this one perhaps too short ones. */
	if (c >= 1U << MRIG_BLOCKS_LIN_LOG) {
		i = h->head[c];
		for (looks = MRIG_BLOCKS_LOOKS; looks && i != MRIG_BLOCKS_NONE; looks--) {
			if (mrig_extent_at(h, i)->len >= count)
				return i;
			i = mrig_extent_at(h, i)->next;
		}
		if (++c == h->classes)
			return MRIG_BLOCKS_NONE;
	}
	i = c >> 6;
	word = h->map[i] & ~0ULL << (c & 63);
	if (!word) {
		word = h->sum & ~1ULL << i;
		if (!word)
			return MRIG_BLOCKS_NONE;
		i = mrig_ctz64(word);
		word = h->map[i];
	}
	return h->head[i << 6 | mrig_ctz64(word)];
}

/**
 * mrig_blocks_alloc_run() - hand out neighbouring blocks
 * @h: allocator
 * @count: how many
 *
 * From the left end of a run not much longer than needed.
 *
 * Return: number of the first; -EINVAL: @count is 0; -ENOMEM: no free run is long enough.
 */
int64_t mrig_blocks_alloc_run(struct mrig_blocks *h, size_t count)
{
	uint32_t last;

	if (!count)
		return -EINVAL;
	if (count > h->num)
		return -ENOMEM;
	last = find_extent(h, (uint32_t)count);
	return last == MRIG_BLOCKS_NONE ? -ENOMEM : (int64_t)take_from(h, last, (uint32_t)count);
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
	at = mrig_bits_first(&h->last);
	len = mrig_extent_at(h, at)->len;
	if (len > most)
		len = most;
	*first = take_from(h, at, len);
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
	uint32_t last, left, right;

	if (!count)
		return -EINVAL;
	if (!in_range(h, first, count))
		return -ENOMEM;
	last = extent_around(h, (uint32_t)first, (uint32_t)count);
	if (last == MRIG_BLOCKS_NONE)
		return -ENOMEM;
	right = last + 1 - (uint32_t)(first + count);
	left = mrig_extent_at(h, last)->len - right - (uint32_t)count;
	resize_extent(h, last, right);
	if (left)
		add_extent(h, (uint32_t)first - 1, left);
	account(h, (uint32_t)count);
	return 0;
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
	uint32_t start = (uint32_t)first, end, right, gap, len;

	if (!in_range(h, first, count))
		return -EINVAL;
	len = (uint32_t)count;
	end = start + len;
	right = mrig_extent_after(h, start);
	gap = 1;	/* blocks between the run and the next extent, or just some */
	if (right != MRIG_BLOCKS_NONE) {
		if (right + 1 - mrig_extent_at(h, right)->len < end)
			return -EFAULT;
		gap = right + 1 - mrig_extent_at(h, right)->len - end;
	}
	h->used -= len;
	if (start && mrig_bits_test(&h->last, start - 1))
		len += remove_extent(h, start - 1);
	if (gap)
		add_extent(h, end - 1, len);
	else
		resize_extent(h, right, mrig_extent_at(h, right)->len + len);
	return 0;
}
