/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * sys_multi_heap: several sys_heaps behind one call. A function of the caller's chooses the heap
 * for each request; blocks find their way back by their address.
 *
 * No function locks; the caller serialises all calls on one multi-heap and on the heaps in it.
 *
 * A multi-heap has room for MAX_MULTI_HEAPS heaps, as in Zephyr, and for any number after
 * sys_multi_heap_set_room(). A heap that is in a multi-heap must not be initialised again.
 */
#ifndef SYS_MULTI_HEAP_H
#define SYS_MULTI_HEAP_H

#include "sys_heap.h"

#ifdef __cplusplus
extern "C" {
#endif

#define MAX_MULTI_HEAPS	8

struct sys_multi_heap;

/*
 * Chooses a heap and allocates from it. It is given what the caller of sys_multi_heap_alloc() gave
 * as cfg; align is 0 when there is no wish. It may ask its heap for more, but not for less. What
 * it returns is the result: a block of a heap of this multi-heap, or NULL.
 */
typedef void *(*sys_multi_heap_fn_t)(struct sys_multi_heap *mheap, void *cfg, size_t align,
				     size_t size);

/**
 * struct sys_multi_heap_rec - one heap of a multi-heap
 * @heap: the heap
 * @user_data: as given to sys_multi_heap_add_heap()
 */
struct sys_multi_heap_rec {
	struct sys_heap *heap;
	void *user_data;
};

/**
 * struct sys_multi_heap - heaps and who chooses among them
 * @nheaps: heaps in it
 * @choice: chooses
 * @heaps: they, in order of address; choice functions may read it
 * @room: length of @heaps
 * @own: @heaps until sys_multi_heap_set_room()
 */
struct sys_multi_heap {
	unsigned int nheaps;
	sys_multi_heap_fn_t choice;
	struct sys_multi_heap_rec *heaps;
	unsigned int room;
	struct sys_multi_heap_rec own[MAX_MULTI_HEAPS];
};

void sys_multi_heap_init(struct sys_multi_heap *heap, sys_multi_heap_fn_t choice_fn);
int sys_multi_heap_set_room(struct sys_multi_heap *mheap, struct sys_multi_heap_rec *recs,
			    unsigned int room);
int sys_multi_heap_add_heap(struct sys_multi_heap *mheap, struct sys_heap *heap, void *user_data);
int sys_multi_heap_remove_heap(struct sys_multi_heap *mheap, struct sys_heap *heap);
void *sys_multi_heap_alloc(struct sys_multi_heap *mheap, void *cfg, size_t bytes);
void *sys_multi_heap_aligned_alloc(struct sys_multi_heap *mheap, void *cfg, size_t align,
				   size_t bytes);
const struct sys_multi_heap_rec *sys_multi_heap_get_heap(const struct sys_multi_heap *mheap,
							 void *addr);
void sys_multi_heap_free(struct sys_multi_heap *mheap, void *block);
void *sys_multi_heap_aligned_realloc(struct sys_multi_heap *mheap, void *cfg, void *ptr,
				     size_t align, size_t bytes);
void *sys_multi_heap_realloc(struct sys_multi_heap *mheap, void *cfg, void *ptr, size_t bytes);

#ifdef __cplusplus
}
#endif

#endif /* SYS_MULTI_HEAP_H */
