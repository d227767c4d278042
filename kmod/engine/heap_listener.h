/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Heap listeners: be told when a heap hands out a block or takes one back (Zephyr's interface).
 *
 * A listener is told about one kind of event of one heap. It runs with the listeners' lock held,
 * inside whatever lock the user of the heap holds: it must neither register, unregister nor use a
 * heap that has listeners.
 */
#ifndef HEAP_LISTENER_H
#define HEAP_LISTENER_H

#include "mrig_port.h"

#ifdef __cplusplus
extern "C" {
#endif

enum heap_event_types {
	HEAP_EVT_UNKNOWN = 0,
	HEAP_RESIZE,
	HEAP_ALLOC,
	HEAP_FREE,
	HEAP_REALLOC,
	HEAP_MAX_EVENTS
};

typedef void (*heap_listener_resize_cb_t)(uintptr_t heap_id, void *old_heap_end,
					  void *new_heap_end);
typedef void (*heap_listener_alloc_cb_t)(uintptr_t heap_id, void *mem, size_t bytes);
typedef void (*heap_listener_free_cb_t)(uintptr_t heap_id, void *mem, size_t bytes);

/**
 * struct heap_listener - one callback for one kind of event of one heap
 * @next: private, the list of listeners
 * @heap_id: which heap: HEAP_ID_FROM_POINTER(heap) or HEAP_ID_LIBC
 * @event: which events; a zeroed listener is never called
 * @alloc_cb: for HEAP_ALLOC
 * @free_cb: for HEAP_FREE
 * @resize_cb: for HEAP_RESIZE
 */
struct heap_listener {
	struct heap_listener *next;
	uintptr_t heap_id;
	enum heap_event_types event;
	union {
		heap_listener_alloc_cb_t alloc_cb;
		heap_listener_free_cb_t free_cb;
		heap_listener_resize_cb_t resize_cb;
	};
};

#define HEAP_ID_FROM_POINTER(heap_pointer)	((uintptr_t)(heap_pointer))
#define HEAP_ID_LIBC				((uintptr_t)0)

#define MRIG_HEAP_LISTENER_DEFINE(name, id, kind, member, cb)			\
	struct heap_listener name = {						\
		.next = NULL, .heap_id = (id), .event = (kind), { .member = (cb) }	\
	}
#define HEAP_LISTENER_ALLOC_DEFINE(name, id, cb)				\
	MRIG_HEAP_LISTENER_DEFINE(name, id, HEAP_ALLOC, alloc_cb, cb)
#define HEAP_LISTENER_FREE_DEFINE(name, id, cb)					\
	MRIG_HEAP_LISTENER_DEFINE(name, id, HEAP_FREE, free_cb, cb)
#define HEAP_LISTENER_RESIZE_DEFINE(name, id, cb)				\
	MRIG_HEAP_LISTENER_DEFINE(name, id, HEAP_RESIZE, resize_cb, cb)

void heap_listener_register(struct heap_listener *listener);
void heap_listener_unregister(struct heap_listener *listener);
void heap_listener_notify_alloc(uintptr_t heap_id, void *mem, size_t bytes);
void heap_listener_notify_free(uintptr_t heap_id, void *mem, size_t bytes);
void heap_listener_notify_resize(uintptr_t heap_id, void *old_heap_end, void *new_heap_end);

#ifdef __cplusplus
}
#endif

#endif /* HEAP_LISTENER_H */
