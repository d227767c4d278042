// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * First fit and best fit behind the uniform interface: see engine_fit.h.
 */
#include "engine_fit.h"

/* Put record @i, not on any list, right of block @left. */
static void place(struct mrig_fit *h, uint32_t i, uint32_t left)
{
	uint32_t right = h->rec[left].right;

	h->rec[i].left = left;
	h->rec[i].right = right;
	h->rec[left].right = i;
	h->rec[right].left = i;
}

/* Block @i is no more; its space is somebody else's already. */
static void displace(struct mrig_fit *h, uint32_t i)
{
	h->rec[h->rec[i].left].right = h->rec[i].right;
	h->rec[h->rec[i].right].left = h->rec[i].left;
	mrig_fit_drop(h, i);
}

/* Put block @i behind @prev on the list of free ones. */
static void link_free(struct mrig_fit *h, uint32_t i, uint32_t prev)
{
	uint32_t next = h->rec[prev].next;

	h->rec[i].state = FIT_FREE;
	h->rec[i].prev = prev;
	h->rec[i].next = next;
	h->rec[prev].next = i;
	h->rec[next].prev = i;
	h->nfree++;
}

static void unlink_free(struct mrig_fit *h, uint32_t i)
{
	h->rec[h->rec[i].prev].next = h->rec[i].next;
	h->rec[h->rec[i].next].prev = h->rec[i].prev;
	h->nfree--;
}

/* The last free block before @off. */
static uint32_t free_before(const struct mrig_fit *h, uint64_t off)
{
	uint32_t i, prev = FIT_NONE;

	for (i = h->rec[FIT_NONE].next; i && h->rec[i].off < off; i = h->rec[i].next)
		prev = i;
	return prev;
}

static uint64_t gap_in(const struct mrig_fit *h, uint32_t i, uint64_t align, uint64_t rewind)
{
	return mrig_align_gap(h->base + h->rec[i].off, align, rewind);
}

/* The free block to take @bytes from, or FIT_NONE. */
static uint32_t search(const struct mrig_fit *h, uint64_t bytes, uint64_t align, uint64_t rewind)
{
	uint32_t found = FIT_NONE, i;
	uint64_t gap;

	for (i = h->rec[FIT_NONE].next; i; i = h->rec[i].next) {
		gap = gap_in(h, i, align, rewind);
		if (bytes > h->rec[i].bytes || gap > h->rec[i].bytes - bytes)
			continue;
		if (!h->best)
			return i;
		if (!found || h->rec[i].bytes < h->rec[found].bytes)
			found = i;
	}
	return found;
}

static void account(struct mrig_fit *h, uint64_t before, uint64_t now)
{
	h->used += now - before;
	if (h->max_used < h->used)
		h->max_used = h->used;
}

/* Block @i keeps its first @bytes; the rest is a new free block, which goes behind @prev. */
static void split(struct mrig_fit *h, uint32_t i, uint64_t bytes, uint32_t prev)
{
	uint32_t rest = mrig_fit_new(h);

	h->rec[rest].off = h->rec[i].off + bytes;
	h->rec[rest].bytes = h->rec[i].bytes - bytes;
	h->rec[i].bytes = bytes;
	place(h, rest, i);
	link_free(h, rest, prev);
}

/* Take @bytes from free block @i, @gap bytes behind its start. Return: the live block or -errno. */
static int64_t take(struct mrig_fit *h, uint32_t i, uint64_t gap, uint64_t bytes)
{
	bool tail = h->rec[i].bytes - gap > bytes;
	uint32_t prev = h->rec[i].prev, lead = FIT_NONE;

	if (h->nspare < (uint32_t)!!gap + tail && h->room < h->most) {
		h->lacking = true;
		return -EAGAIN;
	}
	if (gap && !h->nspare)
		return -ENOSPC;
	if (gap) {
		lead = i;
		split(h, i, gap, i);
		i = h->rec[lead].right;
		prev = lead;
	}
	unlink_free(h, i);
	/* without a record for the rest the block is larger than asked for */
	if (tail && h->nspare)
		split(h, i, bytes, prev);
	h->rec[i].state = FIT_LIVE;
	mrig_fit_hash(h, i);
	h->live++;
	account(h, 0, h->rec[i].bytes);
	return i;
}

static uint64_t rounded(size_t bytes)
{
	return ((uint64_t)bytes + MRIG_UNIT - 1) & ~(uint64_t)(MRIG_UNIT - 1);
}

static int64_t op_alloc(struct mrig_heap *heap, size_t align, size_t bytes)
{
	struct mrig_fit *h = heap->control;
	uint64_t a, rewind;
	uint32_t from;
	int64_t i;

	if (!bytes || !mrig_align_decode(align, &a, &rewind))
		return -EINVAL;
	from = bytes > h->bytes ? FIT_NONE : search(h, rounded(bytes), a, rewind);
	if (!from)
		return -ENOMEM;
	i = take(h, from, gap_in(h, from, a, rewind), rounded(bytes));
	if (i < 0)
		return i;
	if (h->tag)
		h->tag[i] = 0;
	return (int64_t)h->rec[i].off;
}

static bool is_free(const struct mrig_fit *h, uint32_t i)
{
	return i && h->rec[i].state == FIT_FREE;
}

static int op_free(struct mrig_heap *heap, uint64_t off)
{
	struct mrig_fit *h = heap->control;
	uint32_t i = mrig_fit_find(h, off), left, right;

	if (!i)
		return -ENOENT;
	left = h->rec[i].left;
	right = h->rec[i].right;
	mrig_fit_unhash(h, i);
	h->live--;
	account(h, h->rec[i].bytes, 0);
	if (is_free(h, left)) {
		h->rec[left].bytes += h->rec[i].bytes;
		displace(h, i);
		i = left;
	} else {
		link_free(h, i, is_free(h, right) ? h->rec[right].prev : free_before(h, off));
	}
	if (is_free(h, right)) {
		h->rec[i].bytes += h->rec[right].bytes;
		unlink_free(h, right);
		displace(h, right);
	}
	return 0;
}

/* The border between live block @i and free block @right moves. */
static void move_border(struct mrig_fit *h, uint32_t i, uint32_t right, uint64_t bytes)
{
	h->rec[right].off += bytes - h->rec[i].bytes;
	h->rec[right].bytes -= bytes - h->rec[i].bytes;
	h->rec[i].bytes = bytes;
	if (h->rec[right].bytes)
		return;
	unlink_free(h, right);
	displace(h, right);
}

static int op_resize(struct mrig_heap *heap, uint64_t off, size_t bytes)
{
	struct mrig_fit *h = heap->control;
	uint32_t i = mrig_fit_find(h, off), right;
	uint64_t has;

	if (!i)
		return -ENOENT;
	if (!bytes)
		return -EINVAL;
	if (bytes > h->bytes)
		return -ENOMEM;
	has = h->rec[i].bytes;
	right = h->rec[i].right;
	if (is_free(h, right) && rounded(bytes) <= has + h->rec[right].bytes)
		move_border(h, i, right, rounded(bytes));
	else if (bytes > has)
		return -ENOMEM;
	else if (rounded(bytes) < has && h->nspare)
		split(h, i, rounded(bytes), free_before(h, off));
	account(h, has, h->rec[i].bytes);
	return 0;
}

static int64_t op_usable(struct mrig_heap *heap, uint64_t off)
{
	const struct mrig_fit *h = heap->control;
	uint32_t i = mrig_fit_find(h, off);

	return i ? (int64_t)h->rec[i].bytes : -ENOENT;
}

static int op_set_tag(struct mrig_heap *heap, uint64_t off, uint64_t tag)
{
	struct mrig_fit *h = heap->control;
	uint32_t i = mrig_fit_find(h, off);

	if (!i)
		return -ENOENT;
	if (!h->tag)
		return -EINVAL;
	h->tag[i] = tag;
	return 0;
}

static int op_get_tag(struct mrig_heap *heap, uint64_t off, uint64_t *tag)
{
	const struct mrig_fit *h = heap->control;
	uint32_t i = mrig_fit_find(h, off);

	if (!i)
		return -ENOENT;
	if (!h->tag)
		return -EINVAL;
	*tag = h->tag[i];
	return 0;
}

static uint64_t op_held(const struct mrig_heap *heap, uint64_t *free)
{
	const struct mrig_fit *h = heap->control;

	if (free)
		*free = h->bytes - h->used;
	return h->used;
}

static int op_reset_max(struct mrig_heap *heap)
{
	struct mrig_fit *h = heap->control;

	if (!h->stats)
		return -EINVAL;
	h->max_used = h->used;
	return 0;
}

static int first_fit_init(struct mrig_heap *heap, void *control, const struct mrig_heap_cfg *cfg)
{
	heap->ops = &mrig_heap_first_fit;
	heap->control = control;
	return mrig_fit_init(control, cfg, false);
}

static int best_fit_init(struct mrig_heap *heap, void *control, const struct mrig_heap_cfg *cfg)
{
	heap->ops = &mrig_heap_best_fit;
	heap->control = control;
	return mrig_fit_init(control, cfg, true);
}

#define FIT_OPS(fit_name, fit_init)			\
	{						\
		.name = (fit_name),			\
		.control_bytes = mrig_fit_control_bytes,\
		.init = (fit_init),			\
		.alloc = op_alloc,			\
		.free = op_free,			\
		.resize = op_resize,			\
		.usable = op_usable,			\
		.want = mrig_fit_want,			\
		.feed = mrig_fit_feed,			\
		.drain = mrig_fit_drain,		\
		.set_tag = op_set_tag,			\
		.get_tag = op_get_tag,			\
		.walk = mrig_fit_walk,			\
		.info = mrig_fit_info,			\
		.held = op_held,			\
		.validate = mrig_fit_validate,		\
		.reset_max = op_reset_max,		\
	}

/* The first free block that is large enough. */
const struct mrig_heap_ops mrig_heap_first_fit = FIT_OPS("first_fit", first_fit_init);

/* The smallest of them. */
const struct mrig_heap_ops mrig_heap_best_fit = FIT_OPS("best_fit", best_fit_init);
