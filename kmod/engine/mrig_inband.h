/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The heap with its headers inside the span: calls that say why they fail. Addresses, not offsets.
 */
#ifndef MRIG_INBAND_H
#define MRIG_INBAND_H

#include "sys_heap.h"

int mrig_inband_alloc(struct sys_heap *heap, size_t align, size_t bytes, void **mem);
int mrig_inband_free(struct sys_heap *heap, void *mem);
int mrig_inband_resize(struct sys_heap *heap, void *mem, size_t bytes);
int64_t mrig_inband_usable(struct sys_heap *heap, void *mem);
int mrig_inband_validate(struct sys_heap *heap, struct mrig_fault *fault);
uint32_t mrig_inband_walk(struct sys_heap *heap, uint64_t *cursor, struct mrig_block *out,
			  uint32_t max);
void mrig_inband_info(struct sys_heap *heap, struct mrig_heap_info *info);

#endif /* MRIG_INBAND_H */
