/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Zephyr's sys_multi_heap, as the library exports it: several sys_heaps of this process, no lock.
 */
#ifndef MEMRIG_SYS_MULTI_HEAP_H
#define MEMRIG_SYS_MULTI_HEAP_H

#include <memrig/engine/sys_multi_heap.h>

#endif /* MEMRIG_SYS_MULTI_HEAP_H */
