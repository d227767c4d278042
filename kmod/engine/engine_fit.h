/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * First fit and best fit as textbooks have them, to compare others with: what their files share.
 *
 * All blocks are on a list by address, the free ones among them on a second one, by address too. A
 * request takes the lowest part of the first free block that is large enough, or of the smallest
 * one, which is found by a look at each. Neighbours that are free become one at once. So a request
 * looks at every free block at worst, and so does a block that is given back between two live
 * ones, to find its place; nothing else takes longer for more blocks, as live ones are found by a
 * hash of their offset. Whoever must bound that time bounds max_blocks.
 *
 * Blocks are records in a table: a small one in the control block to begin with, larger ones are
 * fed. A block keeps its record, and its index, as long as it lives.
 */
#ifndef MRIG_ENGINE_FIT_H
#define MRIG_ENGINE_FIT_H

#include "engine_plain.h"

#define FIT_NONE	0	/* no record: the ends of the lists */
#define FIT_MAX		0x3ffffffU	/* records */

#define FIT_SPARE	0
#define FIT_FREE	1
#define FIT_LIVE	2

#define FIT_NO_TILE	20	/* numbers in Documentation/invariants.rst */
#define FIT_NO_LIST	21
#define FIT_NO_SUM	22

/**
 * struct mrig_fit_record - a block
 * @off: offset
 * @bytes: length
 * @left: neighbour by address; of record FIT_NONE: the last block
 * @right: likewise; of record FIT_NONE: the first block
 * @next: free: next free block by address; live: next in the hash chain; spare: next spare record
 * @prev: free: the one before
 * @state: FIT_*
 */
struct mrig_fit_record {
	uint64_t off;
	uint64_t bytes;
	uint32_t left;
	uint32_t right;
	uint32_t next;
	uint32_t prev;
	uint32_t state;
};

/**
 * struct mrig_fit - control block; the first table follows
 * @rec: the table: records, of which FIT_NONE is none; then tags; then hash chains
 * @tag: by record; NULL without tags
 * @chain: first record of each hash chain
 * @fed: the table, if it was fed, else NULL
 * @base: address the span is known by
 * @bytes: length of the span
 * @used: bytes in live blocks
 * @max_used: the most there were
 * @control_bytes: size of the control block
 * @room: records, besides FIT_NONE
 * @most: bound on them
 * @spare: first of those that are no block
 * @nspare: how many of these there are
 * @live: live blocks
 * @nfree: free blocks
 * @hash_log: there are 2 to the power of this many chains
 * @best: smallest block that is large enough, not the first
 * @lacking: the last request failed for lack of a record
 * @stats: figures are wanted
 */
struct mrig_fit {
	struct mrig_fit_record *rec;
	uint64_t *tag;
	uint32_t *chain;
	void *fed;
	uint64_t base;
	uint64_t bytes;
	uint64_t used;
	uint64_t max_used;
	size_t control_bytes;
	uint32_t room;
	uint32_t most;
	uint32_t spare;
	uint32_t nspare;
	uint32_t live;
	uint32_t nfree;
	uint32_t hash_log;
	bool best;
	bool lacking;
	bool stats;
};

/* engine_fit_table.c */
size_t mrig_fit_control_bytes(const struct mrig_heap_cfg *cfg);
int mrig_fit_init(struct mrig_fit *h, const struct mrig_heap_cfg *cfg, bool best);
void mrig_fit_want(struct mrig_heap *heap, struct mrig_want *want);
void *mrig_fit_feed(struct mrig_heap *heap, const struct mrig_want *want, void *mem);
void *mrig_fit_drain(struct mrig_heap *heap);
size_t mrig_fit_side_bytes(const struct mrig_fit *h);
uint32_t mrig_fit_find(const struct mrig_fit *h, uint64_t off);
void mrig_fit_hash(struct mrig_fit *h, uint32_t i);
void mrig_fit_unhash(struct mrig_fit *h, uint32_t i);
uint32_t mrig_fit_new(struct mrig_fit *h);
void mrig_fit_drop(struct mrig_fit *h, uint32_t i);

/* engine_fit_check.c */
uint32_t mrig_fit_walk(struct mrig_heap *heap, uint64_t *cursor, struct mrig_block *out,
		       uint32_t max);
void mrig_fit_info(struct mrig_heap *heap, struct mrig_heap_info *info);
int mrig_fit_validate(struct mrig_heap *heap, uint64_t *cursor, uint32_t max,
		      struct mrig_fault *fault);

#endif /* MRIG_ENGINE_FIT_H */
