// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * First fit and best fit: the table of records, and how a block is found by its offset.
 */
#include "engine_fit.h"

#define FIRST_RECORDS	32

/* A block takes up 8 bytes at least. */
static uint32_t most_of(const struct mrig_heap_cfg *cfg)
{
	uint64_t most = cfg->bytes >> MRIG_UNIT_LOG;

	if (cfg->max_blocks && most > cfg->max_blocks)
		most = cfg->max_blocks;
	return most < FIT_MAX ? (uint32_t)most : FIT_MAX;
}

static uint32_t first_of(uint32_t most)
{
	return most < FIRST_RECORDS ? most : FIRST_RECORDS;
}

/* As many chains as records, or nearly so. */
static uint32_t hash_log_of(uint32_t room)
{
	return mrig_ilog2(room);
}

static size_t table_bytes(uint32_t room, bool tags)
{
	uint64_t each = sizeof(struct mrig_fit_record) + (tags ? sizeof(uint64_t) : 0);

	return mrig_plain_sum(((uint64_t)room + 1) * each,
			      sizeof(uint32_t) << hash_log_of(room));
}

static void use_table(struct mrig_fit *h, void *table, uint32_t room, bool tags)
{
	char *end = (char *)table + ((size_t)room + 1) * sizeof(struct mrig_fit_record);

	h->rec = table;
	if (tags) {
		h->tag = (uint64_t *)end;
		end += ((size_t)room + 1) * sizeof(uint64_t);
	}
	h->chain = (uint32_t *)end;
	h->hash_log = hash_log_of(room);
}

/* Records from @from on are there to be used, the lowest first. */
static void add_spare(struct mrig_fit *h, uint32_t from)
{
	uint32_t i;

	for (i = h->room; i >= from; i--)
		mrig_fit_drop(h, i);
}

/**
 * mrig_fit_control_bytes() - size of the control block
 * @cfg: configuration
 *
 * Return: bytes, or 0 if no such heap can be.
 */
size_t mrig_fit_control_bytes(const struct mrig_heap_cfg *cfg)
{
	if (!mrig_plain_cfg(cfg) || !most_of(cfg))
		return 0;
	return mrig_plain_sum(table_bytes(first_of(most_of(cfg)), cfg->tags),
			      sizeof(struct mrig_fit));
}

/**
 * mrig_fit_init() - make a heap of one free block
 * @h: zeroed control block
 * @cfg: configuration
 * @best: best fit
 *
 * Return: 0 or -EINVAL.
 */
int mrig_fit_init(struct mrig_fit *h, const struct mrig_heap_cfg *cfg, bool best)
{
	size_t bytes = mrig_fit_control_bytes(cfg);
	uint32_t i;

	if (!bytes)
		return -EINVAL;
	h->base = cfg->base;
	h->bytes = cfg->bytes & ~(uint64_t)(MRIG_UNIT - 1);
	h->control_bytes = bytes;
	h->most = most_of(cfg);
	h->room = first_of(h->most);
	h->best = best;
	h->stats = cfg->stats;
	use_table(h, h + 1, h->room, cfg->tags);
	add_spare(h, 1);
	i = mrig_fit_new(h);
	h->rec[i].bytes = h->bytes;
	h->rec[i].state = FIT_FREE;
	h->rec[FIT_NONE].left = i;
	h->rec[FIT_NONE].right = i;
	h->rec[FIT_NONE].next = i;
	h->rec[FIT_NONE].prev = i;
	h->nfree = 1;
	return 0;
}

static uint32_t next_room(const struct mrig_fit *h)
{
	return h->room > h->most / 2 ? h->most : h->room * 2;
}

/**
 * mrig_fit_want() - mrig_heap_ops.want
 * @heap: heap
 * @want: filled in: a larger table, if the last request failed for want of one
 */
void mrig_fit_want(struct mrig_heap *heap, struct mrig_want *want)
{
	const struct mrig_fit *h = heap->control;

	memset(want, 0, sizeof(*want));
	if (!h->lacking || h->room == h->most)
		return;
	want->index = next_room(h);
	want->bytes = table_bytes(want->index, h->tag);
}

/**
 * mrig_fit_feed() - mrig_heap_ops.feed
 * @heap: heap
 * @want: as mrig_fit_want() gave it
 * @mem: the larger table, zeroed
 *
 * Return: the table it replaces, if that had been fed; @mem, if it is not wanted; else NULL.
 */
void *mrig_fit_feed(struct mrig_heap *heap, const struct mrig_want *want, void *mem)
{
	struct mrig_fit *h = heap->control;
	const struct mrig_fit_record *rec = h->rec;
	const uint64_t *tag = h->tag;
	uint32_t room = h->room, i;
	void *fed = h->fed;

	if (want->index != next_room(h) || want->index <= room)
		return mem;
	use_table(h, mem, want->index, tag);
	memcpy(h->rec, rec, ((size_t)room + 1) * sizeof(*rec));
	if (tag)
		memcpy(h->tag, tag, ((size_t)room + 1) * sizeof(*tag));
	for (i = 1; i <= room; i++) {
		if (h->rec[i].state == FIT_LIVE)
			mrig_fit_hash(h, i);
	}
	h->room = want->index;
	add_spare(h, room + 1);
	h->fed = mem;
	h->lacking = false;
	return fed;
}

/**
 * mrig_fit_drain() - mrig_heap_ops.drain
 * @heap: heap
 *
 * Return: the table, if it was fed, once.
 */
void *mrig_fit_drain(struct mrig_heap *heap)
{
	struct mrig_fit *h = heap->control;
	void *fed = h->fed;

	h->fed = NULL;
	return fed;
}

/**
 * mrig_fit_side_bytes() - memory the heap has
 * @h: heap
 *
 * Return: bytes, control block included.
 */
size_t mrig_fit_side_bytes(const struct mrig_fit *h)
{
	return h->control_bytes + (h->fed ? table_bytes(h->room, h->tag) : 0);
}

/* The chain that a live block at @off is on. */
static uint32_t *chain_of(const struct mrig_fit *h, uint64_t off)
{
	uint64_t x = (off >> MRIG_UNIT_LOG) * 0x9e3779b97f4a7c15ULL;

	return &h->chain[h->hash_log ? x >> (64 - h->hash_log) : 0];
}

/**
 * mrig_fit_find() - the live block that starts at an offset
 * @h: heap
 * @off: any
 *
 * Return: its record, or FIT_NONE.
 */
uint32_t mrig_fit_find(const struct mrig_fit *h, uint64_t off)
{
	uint32_t i = *chain_of(h, off);

	while (i && h->rec[i].off != off)
		i = h->rec[i].next;
	return i;
}

/**
 * mrig_fit_hash() - a block is live: make it known by its offset
 * @h: heap
 * @i: its record
 */
void mrig_fit_hash(struct mrig_fit *h, uint32_t i)
{
	uint32_t *chain = chain_of(h, h->rec[i].off);

	h->rec[i].next = *chain;
	*chain = i;
}

/**
 * mrig_fit_unhash() - it is not any more
 * @h: heap
 * @i: its record, on a chain
 */
void mrig_fit_unhash(struct mrig_fit *h, uint32_t i)
{
	uint32_t *chain = chain_of(h, h->rec[i].off);

	while (*chain != i)
		chain = &h->rec[*chain].next;
	*chain = h->rec[i].next;
}

/**
 * mrig_fit_new() - take a record that is no block
 * @h: heap
 *
 * Return: the record, or FIT_NONE if there is none.
 */
uint32_t mrig_fit_new(struct mrig_fit *h)
{
	uint32_t i = h->spare;

	if (i) {
		h->spare = h->rec[i].next;
		h->nspare--;
		memset(&h->rec[i], 0, sizeof(h->rec[i]));
	}
	return i;
}

/**
 * mrig_fit_drop() - a record is no block any more
 * @h: heap
 * @i: record, on no list
 */
void mrig_fit_drop(struct mrig_fit *h, uint32_t i)
{
	h->rec[i].state = FIT_SPARE;
	h->rec[i].next = h->spare;
	h->spare = i;
	h->nspare++;
}
