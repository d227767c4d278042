/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Zephyr's sys_heap, as the library exports it: no device, no lock, memory of the caller's.
 */
#ifndef MEMRIG_SYS_HEAP_H
#define MEMRIG_SYS_HEAP_H

#include <memrig/engine/sys_heap.h>

#endif /* MEMRIG_SYS_HEAP_H */
