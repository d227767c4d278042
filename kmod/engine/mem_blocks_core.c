// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Runs of equal blocks, by number: see mem_blocks_core.h.
 */
#include "mem_blocks_core.h"

static_assert(MRIG_BLOCKS_CLASSES % 64 == 0 && MRIG_BLOCKS_CLASSES / 64 <= 64, "one sum word");

/* Words of one level above @n bits or words. */
static uint32_t words(uint32_t n)
{
	return (n + 63) >> 6;
}

static size_t bitmap_words(uint32_t num)
{
	size_t sum = 0;

	do {
		num = words(num);
		sum += num;
	} while (num > 1);
	return sum;
}

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
	return sizeof(struct mrig_blocks) + bitmap_words(num) * sizeof(uint64_t) +
	       ((size_t)num + 1) / 2 * sizeof(struct mrig_extent) + classes(num) * sizeof(uint32_t);
}

static void set_start(struct mrig_blocks *h, uint32_t i)
{
	uint64_t *word, old;
	uint32_t level;

	for (level = 0; level < h->levels; level++, i >>= 6) {
		word = &h->start[level][i >> 6];
		old = *word;
		*word = old | 1ULL << (i & 63);
		if (old)
			break;
	}
}

static void clear_start(struct mrig_blocks *h, uint32_t i)
{
	uint32_t level;
	uint64_t *word;

	for (level = 0; level < h->levels; level++, i >>= 6) {
		word = &h->start[level][i >> 6];
		*word &= ~(1ULL << (i & 63));
		if (*word)
			break;
	}
}

/* First block of the last extent that starts at or before block @i, or NONE. */
static uint32_t extent_before(const struct mrig_blocks *h, uint32_t i)
{
	uint64_t word = h->start[0][i >> 6] & ~0ULL >> (~i & 63);
	uint32_t level = 0;

	while (!word) {
		if (++level == h->levels)
			return MRIG_BLOCKS_NONE;
		i >>= 6;
		word = h->start[level][i >> 6] & ((1ULL << (i & 63)) - 1);
	}
	i = (i & ~63U) | mrig_top64(word);
	while (level--)
		i = i << 6 | mrig_top64(h->start[level][i]);
	return i;
}

/* The same, of the first extent there is. */
static uint32_t first_extent(const struct mrig_blocks *h)
{
	uint32_t level = h->levels, i = 0;

	if (h->used == h->num)
		return MRIG_BLOCKS_NONE;
	while (level--)
		i = i << 6 | mrig_ctz64(h->start[level][i]);
	return i;
}

static void link_extent(struct mrig_blocks *h, uint32_t first, uint32_t len)
{
	struct mrig_extent *e = mrig_extent_at(h, first);
	uint32_t c = mrig_blocks_class(len);

	e->len = len;
	e->prev = MRIG_BLOCKS_NONE;
	e->next = h->head[c];
	if (e->next != MRIG_BLOCKS_NONE)
		mrig_extent_at(h, e->next)->prev = first;
	h->head[c] = first;
	h->map[c >> 6] |= 1ULL << (c & 63);
	h->sum |= 1ULL << (c >> 6);
}

static void unlink_extent(struct mrig_blocks *h, const struct mrig_extent *e)
{
	uint32_t c;

	if (e->next != MRIG_BLOCKS_NONE)
		mrig_extent_at(h, e->next)->prev = e->prev;
	if (e->prev != MRIG_BLOCKS_NONE) {
		mrig_extent_at(h, e->prev)->next = e->next;
		return;
	}
	c = mrig_blocks_class(e->len);
	h->head[c] = e->next;
	if (e->next != MRIG_BLOCKS_NONE)
		return;
	h->map[c >> 6] &= ~(1ULL << (c & 63));
	if (!h->map[c >> 6])
		h->sum &= ~(1ULL << (c >> 6));
}

static void add_extent(struct mrig_blocks *h, uint32_t first, uint32_t len)
{
	link_extent(h, first, len);
	set_start(h, first);
}

/* Return: its length. */
static uint32_t remove_extent(struct mrig_blocks *h, uint32_t first)
{
	const struct mrig_extent *e = mrig_extent_at(h, first);

	unlink_extent(h, e);
	clear_start(h, first);
	return e->len;
}

static void account(struct mrig_blocks *h, uint32_t count)
{
	h->used += count;
	if (h->max_used < h->used)
		h->max_used = h->used;
}

/* Hand out the first @count blocks of an extent. */
static void take_from(struct mrig_blocks *h, uint32_t first, uint32_t count)
{
	uint32_t len = remove_extent(h, first);

	if (len > count)
		add_extent(h, first + count, len - count);
	account(h, count);
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
	uint64_t *word = (uint64_t *)(h + 1);
	uint32_t n = num;

	if (!num || num > MRIG_BLOCKS_MAX || !bytes || (bytes & (bytes - 1)) ||
	    bytes > (UINTPTR_MAX - base) / num)
		return -EINVAL;
	memset(h, 0, sizeof(*h));
	h->base = base;
	h->num = num;
	h->shift = mrig_ctz64(bytes);
	do {
		n = words(n);
		h->start[h->levels++] = word;
		word += n;
	} while (n > 1);
	h->extent = (struct mrig_extent *)word;
	h->head = (uint32_t *)(h->extent + ((size_t)num + 1) / 2);
	h->classes = classes(num);
	memset(h->head, 0xff, h->classes * sizeof(*h->head));
	add_extent(h, 0, num);
	return 0;
}

/* First block of an extent of at least @count blocks, or NONE. */
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
	uint32_t first;

	if (!count)
		return -EINVAL;
	if (count > h->num)
		return -ENOMEM;
	first = find_extent(h, (uint32_t)count);
	if (first == MRIG_BLOCKS_NONE)
		return -ENOMEM;
	take_from(h, first, (uint32_t)count);
	return first;
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
	uint32_t at = first_extent(h), len;

	if (at == MRIG_BLOCKS_NONE || !most)
		return 0;
	len = mrig_extent_at(h, at)->len;
	if (len > most)
		len = most;
	take_from(h, at, len);
	*first = at;
	return len;
}

static bool in_range(const struct mrig_blocks *h, uint64_t first, size_t count)
{
	return count && count <= h->num && first <= h->num - count;
}

/* The extent that holds all of a run, or NONE. */
static uint32_t extent_around(const struct mrig_blocks *h, uint32_t first, uint32_t count)
{
	uint32_t at = extent_before(h, first);

	if (at == MRIG_BLOCKS_NONE || mrig_extent_at(h, at)->len - (first - at) < count ||
	    mrig_extent_at(h, at)->len < first - at)
		return MRIG_BLOCKS_NONE;
	return at;
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
	uint32_t at, left, right;

	if (!count)
		return -EINVAL;
	if (!in_range(h, first, count))
		return -ENOMEM;
	at = extent_around(h, (uint32_t)first, (uint32_t)count);
	if (at == MRIG_BLOCKS_NONE)
		return -ENOMEM;
	left = (uint32_t)first - at;
	right = mrig_extent_at(h, at)->len - left - (uint32_t)count;
	if (left) {
		unlink_extent(h, mrig_extent_at(h, at));
		link_extent(h, at, left);
	} else {
		remove_extent(h, at);
	}
	if (right)
		add_extent(h, (uint32_t)(first + count), right);
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
	uint32_t start = (uint32_t)first, end, left, len;
	struct mrig_extent *e;

	if (!in_range(h, first, count))
		return -EINVAL;
	end = start + (uint32_t)count;
	len = (uint32_t)count;
	left = extent_before(h, end - 1);
	if (left != MRIG_BLOCKS_NONE && left + mrig_extent_at(h, left)->len > start)
		return -EFAULT;
	h->used -= len;
	if (end < h->num && (h->start[0][end >> 6] >> (end & 63) & 1))
		len += remove_extent(h, end);
	if (left != MRIG_BLOCKS_NONE && left + mrig_extent_at(h, left)->len == start) {
		e = mrig_extent_at(h, left);
		unlink_extent(h, e);
		link_extent(h, left, e->len + len);
	} else {
		add_extent(h, start, len);
	}
	return 0;
}
