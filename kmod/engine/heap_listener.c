// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Heap listeners. One list for all heaps, in order of registration, behind the port's lock.
 */
#include "heap_listener.h"

static struct heap_listener *listeners;

/* Where the list points to @listener; at its end if it is not registered. */
static struct heap_listener **find(const struct heap_listener *listener)
{
	struct heap_listener **at = &listeners;

	while (*at && *at != listener)
		at = &(*at)->next;
	return at;
}

/**
 * heap_listener_register() - start calling a listener
 * @listener: stays the caller's and in use until unregistered; registering twice is harmless
 *
 * Context: any, but not from a listener.
 */
void heap_listener_register(struct heap_listener *listener)
{
	unsigned long flags = mrig_port_listen_lock();
	struct heap_listener **at = find(listener);

	if (!*at) {
		listener->next = NULL;
		*at = listener;
	}
	mrig_port_listen_unlock(flags);
}

/**
 * heap_listener_unregister() - stop calling a listener
 * @listener: nothing happens if it is not registered
 *
 * Context: any, but not from a listener. On return no call is in progress.
 */
void heap_listener_unregister(struct heap_listener *listener)
{
	unsigned long flags = mrig_port_listen_lock();
	struct heap_listener **at = find(listener);

	if (*at)
		*at = listener->next;
	mrig_port_listen_unlock(flags);
}

/**
 * heap_listener_notify_alloc() - tell listeners that a heap handed out a block
 * @heap_id: the heap
 * @mem: the block
 * @bytes: its usable size
 *
 * Context: any, but not from a listener.
 */
void heap_listener_notify_alloc(uintptr_t heap_id, void *mem, size_t bytes)
{
	unsigned long flags = mrig_port_listen_lock();
	struct heap_listener *l;

	for (l = listeners; l; l = l->next) {
		if (l->heap_id == heap_id && l->event == HEAP_ALLOC && l->alloc_cb)
			l->alloc_cb(heap_id, mem, bytes);
	}
	mrig_port_listen_unlock(flags);
}

/**
 * heap_listener_notify_free() - tell listeners that a heap is about to take a block back
 * @heap_id: the heap
 * @mem: the block
 * @bytes: its usable size
 *
 * Context: any, but not from a listener.
 */
void heap_listener_notify_free(uintptr_t heap_id, void *mem, size_t bytes)
{
	unsigned long flags = mrig_port_listen_lock();
	struct heap_listener *l;

	for (l = listeners; l; l = l->next) {
		if (l->heap_id == heap_id && l->event == HEAP_FREE && l->free_cb)
			l->free_cb(heap_id, mem, bytes);
	}
	mrig_port_listen_unlock(flags);
}

/**
 * heap_listener_notify_resize() - tell listeners that a heap's end has moved
 * @heap_id: the heap
 * @old_heap_end: end before
 * @new_heap_end: end now
 *
 * Context: any, but not from a listener.
 */
void heap_listener_notify_resize(uintptr_t heap_id, void *old_heap_end, void *new_heap_end)
{
	unsigned long flags = mrig_port_listen_lock();
	struct heap_listener *l;

	for (l = listeners; l; l = l->next) {
		if (l->heap_id == heap_id && l->event == HEAP_RESIZE && l->resize_cb)
			l->resize_cb(heap_id, old_heap_end, new_heap_end);
	}
	mrig_port_listen_unlock(flags);
}
