/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Zephyr's sys_sync_heap, as the library exports it.
 */
#ifndef MEMRIG_SYNC_HEAP_H
#define MEMRIG_SYNC_HEAP_H

#include <memrig/sync/sys_sync_heap.h>

#endif /* MEMRIG_SYNC_HEAP_H */
