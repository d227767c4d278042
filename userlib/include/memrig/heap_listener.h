/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Zephyr's heap listeners, as the library exports them: no device, no lock, memory of the caller's.
 */
#ifndef MEMRIG_HEAP_LISTENER_H
#define MEMRIG_HEAP_LISTENER_H

#include <memrig/engine/heap_listener.h>

#endif /* MEMRIG_HEAP_LISTENER_H */
