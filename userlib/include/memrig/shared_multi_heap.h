/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Zephyr's shared_multi_heap, as the library exports it: one pool of the process, with a lock.
 */
#ifndef MEMRIG_SHARED_MULTI_HEAP_H
#define MEMRIG_SHARED_MULTI_HEAP_H

#include <memrig/sync/smh_pool.h>

#endif /* MEMRIG_SHARED_MULTI_HEAP_H */
