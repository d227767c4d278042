/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What memrig_smart.c and smart_parts.c know of a buffer manager in common.
 */
#ifndef SMART_PART_H
#define SMART_PART_H

#include "memrig_smart.h"
#include "mrig_handle.h"
#include "../engine/mrig_smart.h"

/**
 * struct memrig_smart - a buffer manager
 * @handle: first
 * @lock: of @smart
 * @smart: tiers and heaps
 */
struct memrig_smart {
	struct mrig_handle handle;
	struct mrig_lock lock;
	struct mrig_smart smart;
};

static_assert(sizeof(struct memrig_smart) <= MRIG_HANDLE_BYTES, "fits where it is made");

static inline bool mrig_is_smart(const struct memrig_smart *smart)
{
	return mrig_handle_is((const struct mrig_handle *)smart, MRIG_HANDLE_SMART);
}

#endif /* SMART_PART_H */
