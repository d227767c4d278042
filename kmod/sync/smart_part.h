/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What memrig_smart.c and smart_parts.c know of a buffer manager in common.
 */
#ifndef SMART_PART_H
#define SMART_PART_H

#include "memrig_smart.h"
#include "../engine/mrig_smart.h"

/**
 * struct memrig_smart - a buffer manager
 * @lock: of @smart
 * @smart: tiers and heaps
 */
struct memrig_smart {
	struct mrig_lock lock;
	struct mrig_smart smart;
};

#endif /* SMART_PART_H */
