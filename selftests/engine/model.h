/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The reference: what a heap is, written so plainly that it is right at a glance.
 *
 * A sorted array of live blocks. Everything is a linear search. It does not predict where a block
 * goes; it knows whether the heap was allowed to put it there.
 */
#ifndef MODEL_H
#define MODEL_H

#include "world.h"

#define MODEL_ROOM 4096

/**
 * struct model_block - a live block
 * @off: its offset
 * @asked: bytes asked for
 * @usable: bytes given
 * @tag: as set last
 */
struct model_block {
	uint64_t off;
	uint64_t asked;
	uint64_t usable;
	uint64_t tag;
};

/**
 * struct model - live blocks in order of offset
 * @n: how many
 * @b: they
 */
struct model {
	size_t n;
	struct model_block b[MODEL_ROOM];
};

struct model_block *model_find(struct model *m, uint64_t off);
bool model_add(struct model *m, struct world *w, uint64_t off, size_t align, uint64_t asked);
bool model_resized(struct model *m, struct world *w, struct model_block *b, uint64_t asked);
void model_del(struct model *m, struct model_block *b);
bool model_agrees(struct model *m, struct world *w);

#endif /* MODEL_H */
