/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The heap with its headers in side memory: direct calls, for those who need no table of engines.
 *
 * All calls but these go through mrig_heap_oob (mrig_engine.h); struct mrig_heap.control is the
 * struct mrig_oob.
 */
#ifndef MRIG_OOB_H
#define MRIG_OOB_H

#include "mrig_engine.h"

struct mrig_oob;

int64_t mrig_oob_alloc(struct mrig_oob *h, size_t bytes);
int64_t mrig_oob_aligned_alloc(struct mrig_oob *h, size_t align, size_t bytes);
int mrig_oob_free(struct mrig_oob *h, uint64_t off);
void mrig_oob_want_blocks(struct mrig_oob *h, uint32_t blocks, struct mrig_want *want);

#endif /* MRIG_OOB_H */
