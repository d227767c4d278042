/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Objects that programs for Zephyr build from its allocators, in a module of the kernel: buffer
 * manager, priority heap, ring heap, message pool, and allocation tracking. The twin of the
 * library's header of that name. Calls with K_NO_WAIT, and those without a timeout that do not say
 * that they may sleep, are for any context.
 */
#ifndef MEMRIG_PATTERNS_H
#define MEMRIG_PATTERNS_H

#include "../../sync/k_thread.h"
#include "../../sync/memrig_msgpool.h"
#include "../../sync/memrig_prio.h"
#include "../../sync/memrig_ring.h"
#include "../../sync/memrig_smart.h"
#include "../../sync/memrig_track.h"

int memrig_track_report(struct memrig_tracker *t);

#endif /* MEMRIG_PATTERNS_H */
