// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Side memory of an out-of-band heap: how much, when, and where it goes.
 *
 * The control block is fixed: counters, bitmap, one pointer per 256 KiB of span. The
 * table of records grows by a sixteenth at a time, copied on feeding; directory leaves come one by
 * one. Nothing shrinks before the heap is drained.
 */
#include "heap_oob.h"

/* Stands in for each leaf that has not been fed. Never written: blocks start in fed leaves only. */
const uint32_t mrig_oob_empty_leaf[OOB_LEAF_ENTRIES];

/* Stands in for the table of records: ends each look-up. */
static const struct oob_record no_record = { .at = OOB_NONE };

static uint64_t units_of(const struct mrig_heap_cfg *cfg)
{
	return cfg->bytes >> MRIG_UNIT_LOG;
}

static uint32_t leaves_of(uint64_t units)
{
	return (uint32_t)((units >> (OOB_WINDOW_LOG + OOB_LEAF_LOG)) + 1);
}

/* Settings and class geometry; the tables of classes may take 0.2 percent of what the span has. */
static int plan(struct mrig_core *core, const struct mrig_heap_cfg *cfg)
{
	uint64_t units = units_of(cfg);
	size_t budget = (size_t)(cfg->bytes >> 9) + 640;

	if (units < MRIG_MIN_UNITS || units > OOB_MAX_UNITS || cfg->base & (MRIG_UNIT - 1) ||
	    cfg->base + (uintptr_t)cfg->bytes < cfg->base || cfg->bytes > UINTPTR_MAX)
		return -EINVAL;
	return mrig_core_setup(core, cfg, units, CLASS_BASE, budget);
}

/**
 * mrig_oob_control_bytes() - size of the control block
 * @cfg: configuration
 *
 * Return: bytes, or 0 if no such heap can be.
 */
size_t mrig_oob_control_bytes(const struct mrig_heap_cfg *cfg)
{
	struct mrig_core core = { 0 };

	if (plan(&core, cfg))
		return 0;
	return sizeof(HEAP) + mrig_core_bm_bytes(&core) +
	       leaves_of(units_of(cfg)) * sizeof(uint32_t *);
}

/**
 * mrig_oob_setup() - prepare a heap; it waits for side memory then
 * @h: zeroed control block
 * @cfg: configuration
 *
 * Return: 0 or -EINVAL.
 */
int mrig_oob_setup(HEAP *h, const struct mrig_heap_cfg *cfg)
{
	struct mrig_core *core = &h->core;
	uint64_t windows;
	uint32_t i;
	int err = plan(core, cfg);

	if (err)
		return err;
	h->units = units_of(cfg);
	core->scale = HEAP_SCALE;
	core->total = (uint32_t)h->units;
	core->free = (uint32_t)h->units << HEAP_SCALE;
	core->blocks = 1;
	h->base = cfg->base;
	h->tags = cfg->tags;
	h->control_bytes = mrig_oob_control_bytes(cfg);
	core->bm = h->bitmap;
	h->leaf = (uint32_t **)((char *)core->bm + mrig_core_bm_bytes(core));
	h->nr_leaves = leaves_of(h->units);
	for (i = 0; i < h->nr_leaves; i++)
		h->leaf[i] = (uint32_t *)mrig_oob_empty_leaf;
	windows = (h->units >> OOB_WINDOW_LOG) + 1;
	if (windows > OOB_LEAF_ENTRIES)
		windows = OOB_LEAF_ENTRIES;
	h->leaf_bytes = (uint32_t)(windows * sizeof(uint32_t));
	h->record = (struct oob_record *)&no_record;
	h->first = (uint32_t)(core->nclass + 3) / 4;
	h->most = (uint32_t)(h->units >> 1) + h->first;
	if (cfg->max_blocks && cfg->max_blocks < h->units >> 1)
		h->most = cfg->max_blocks + h->first;
	if (core->hardening >= MRIG_HARDEN_FULL)
		core->key = mrig_port_random();
	return 0;
}

/**
 * mrig_oob_record_bytes() - size of a table of records
 * @h: heap
 * @records: how many; those that cannot be blocks included
 *
 * Return: bytes.
 */
size_t mrig_oob_record_bytes(const HEAP *h, uint32_t records)
{
	return (size_t)records * sizeof(struct oob_record) +
	       (h->tags ? (size_t)(records - h->first) * sizeof(uint64_t) : 0);
}

static void want_records(HEAP *h, struct mrig_want *want, uint32_t records)
{
	if (records > h->most)
		records = h->most;
	want->kind = OOB_WANT_RECORDS;
	want->index = records;
	want->bytes = mrig_oob_record_bytes(h, records);
}

static void want_leaf(const HEAP *h, struct mrig_want *want, mrig_id at)
{
	want->kind = OOB_WANT_LEAF;
	want->index = (uint32_t)(at >> (OOB_WINDOW_LOG + OOB_LEAF_LOG));
	want->bytes = h->leaf_bytes;
}

/**
 * mrig_oob_lack() - note what an operation lacks
 * @h: heap
 * @at1: unit where a block is to start
 * @at2: another one
 * @records: new records wanted
 *
 * Return: -EAGAIN, or -ENOSPC if there may not be so many blocks.
 */
int mrig_oob_lack(HEAP *h, mrig_id at1, mrig_id at2, uint32_t records)
{
	uint32_t more = h->core.blocks / 16;

	if (h->core.flags & MRIG_HEAP_FENCED)
		return -EIO;
	records += oob_used(h);
	if (h->room < records) {
		if (records > h->most)
			return -ENOSPC;
		if (more < OOB_FIRST_RECORDS)
			more = OOB_FIRST_RECORDS;
		want_records(h, &h->want, oob_used(h) + more);
	} else {
		want_leaf(h, &h->want, oob_leaf_missing(h, at1) ? at1 : at2);
	}
	return -EAGAIN;
}

/**
 * mrig_oob_want() - what the last operation that returned -EAGAIN lacked
 * @h: heap
 * @want: filled in; zero bytes if nothing is missing
 */
void mrig_oob_want(HEAP *h, struct mrig_want *want)
{
	*want = h->want;
}

/**
 * mrig_oob_want_blocks() - what a heap lacks to hold a number of blocks wherever they start
 * @h: heap
 * @blocks: live and free ones together
 * @want: filled in; zero bytes once nothing is missing
 *
 * For callers that cannot feed a heap while they use it: repeat with mrig_heap_ops.feed.
 */
void mrig_oob_want_blocks(struct mrig_oob *h, uint32_t blocks, struct mrig_want *want)
{
	uint32_t records = h->most, i;

	memset(want, 0, sizeof(*want));
	if (h->core.flags & MRIG_HEAP_FENCED)
		return;
	if (blocks < records - h->first)
		records = blocks + h->first;
	if (h->room < records) {
		want_records(h, want, records);
		return;
	}
	for (i = 0; i < h->nr_leaves; i++) {
		if (h->leaf[i] == mrig_oob_empty_leaf) {
			want_leaf(h, want, (mrig_id)i << (OOB_WINDOW_LOG + OOB_LEAF_LOG));
			return;
		}
	}
}

/* Records @from .. @to - 1 are no blocks. */
static void add_spare(HEAP *h, uint32_t from, uint32_t to)
{
	while (to-- > from)
		oob_drop(h, (mrig_id)to << 1);
}

static void *feed_records(HEAP *h, uint32_t records, void *mem)
{
	uint64_t *tag = (uint64_t *)((struct oob_record *)mem + records);
	uint32_t room = h->room ? h->room : h->first;
	void *old = h->room ? h->record : NULL;

	if (records <= room)
		return mem;
	if (old)
		memcpy(mem, old, (size_t)room * sizeof(struct oob_record));
	if (h->tags) {
		if (old)
			memcpy(tag, h->tag, (size_t)(room - h->first) * sizeof(uint64_t));
		h->tag = tag;
	}
	h->record = mem;
	h->room = records;
	add_spare(h, room, records);
	return old;
}

/**
 * mrig_oob_feed() - take side memory
 * @h: heap
 * @want: as the heap described it
 * @mem: zeroed, want->bytes long
 *
 * Return: memory the heap has no (or no more) use for, or NULL.
 */
void *mrig_oob_feed(HEAP *h, const struct mrig_want *want, void *mem)
{
	void *back = mem;

	h->want.bytes = 0;
	if (h->core.flags & MRIG_HEAP_FENCED)
		return mem;
	if (want->kind == OOB_WANT_RECORDS) {
		back = feed_records(h, want->index, mem);
	} else if (want->kind == OOB_WANT_LEAF && want->index < h->nr_leaves &&
		   h->leaf[want->index] == mrig_oob_empty_leaf) {
		h->leaf[want->index] = mem;
		back = NULL;
	}
	if (!h->ready && h->room > h->first && h->leaf[0] != mrig_oob_empty_leaf)
		mrig_oob_start(h);
	return back;
}

/**
 * mrig_oob_drain() - hand side memory back; the heap is dead from the first call on
 * @h: heap
 *
 * Return: one piece, or NULL when none is left.
 */
void *mrig_oob_drain(HEAP *h)
{
	void *mem;
	uint32_t i;

	mrig_core_fence(&h->core, 0, 0);
	h->want.bytes = 0;
	if (h->room) {
		mem = h->record;
		h->record = (struct oob_record *)&no_record;
		h->tag = NULL;
		h->room = 0;
		h->nr_drained = 0;
		return mem;
	}
	for (i = h->nr_drained; i < h->nr_leaves; i++) {
		h->nr_drained = i + 1;
		if (h->leaf[i] == mrig_oob_empty_leaf)
			continue;
		mem = h->leaf[i];
		h->leaf[i] = (uint32_t *)mrig_oob_empty_leaf;
		return mem;
	}
	return NULL;
}
