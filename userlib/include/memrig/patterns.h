/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Objects that programs for Zephyr build from its allocators, as the library exports them: buffer
 * manager, priority heap, ring heap, message pool. All may be used by several threads, over any
 * memory of the process, a mapped region included.
 */
#ifndef MEMRIG_PATTERNS_H
#define MEMRIG_PATTERNS_H

#include <memrig/sync/k_thread.h>
#include <memrig/sync/memrig_msgpool.h>
#include <memrig/sync/memrig_prio.h>
#include <memrig/sync/memrig_ring.h>
#include <memrig/sync/memrig_smart.h>

#endif /* MEMRIG_PATTERNS_H */
