// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Anchor: a last-in-first-out list of blocks of 64 bytes with a lock around it, and the call of a
 * slab: what k_mem_slab would cost without a check of any kind.
 */
#include "adapter.h"
#include "k_heap.h"

#define BLOCK 64

static struct slab {
	struct k_spinlock lock;
	void *head;
} slab;

static mrig_noinline int list_alloc(struct slab *s, void **mem, k_timeout_t timeout)
{
	unsigned long key = mrig_lock_enter(&s->lock.lock);
	void *p = s->head;
	int err = -ENOMEM;

	if (p) {
		s->head = *(void **)p;
		*mem = p;
		err = 0;
	}
	mrig_lock_leave(&s->lock.lock, key);
	return err;
}

static mrig_noinline void list_free(struct slab *s, void *mem)
{
	unsigned long key = mrig_lock_enter(&s->lock.lock);

	*(void **)mem = s->head;
	s->head = mem;
	mrig_lock_leave(&s->lock.lock, key);
}

static void *slab_init(void *mem, size_t size, const struct bench_level *level)
{
	char *start = mem;
	size_t i;

	slab.head = NULL;
	for (i = size / BLOCK; i-- > 0;) {
		*(void **)(start + i * BLOCK) = slab.head;
		slab.head = start + i * BLOCK;
	}
	return &slab;
}

static intptr_t slab_alloc(void *heap, size_t bytes)
{
	void *block = NULL;

	list_alloc(heap, &block, K_NO_WAIT);
	return (intptr_t)block;
}

static void slab_free(void *heap, intptr_t handle, size_t bytes)
{
	list_free(heap, (void *)handle);
}

const struct bench_adapter bench_adapter = {
	.name = "floorlock",
	.flags = BENCH_FIXED | BENCH_NOALIGN | BENCH_NOREALLOC,
	.min_align = 16,
	.init = slab_init,
	.alloc = slab_alloc,
	.free = slab_free,
};
