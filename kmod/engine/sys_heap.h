/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * sys_heap: Zephyr's heap over a buffer of the caller's, headers inside the buffer.
 *
 * No function locks; the caller serialises all calls on one heap, statistics and validation
 * included. Only for buffers that nobody but the heap's own side can write.
 *
 * A program that was written for Zephyr's build-time options sets them before including this
 * file; each heap it initialises then has them:
 *
 *	CONFIG_SYS_HEAP_RUNTIME_STATS		keep the peak for sys_heap_runtime_stats_get()
 *	CONFIG_SYS_HEAP_LISTENER		call heap listeners
 *	CONFIG_SYS_HEAP_ALLOC_LOOPS		list entries an allocation looks at
 *	CONFIG_SYS_HEAP_HARDENING_LEVEL		0 to 4
 *	CONFIG_SYS_HEAP_ARRAY_SIZE		not 0: enter each heap into the array of heaps
 *
 * Where Zephyr leaves bad input undefined, these functions fail: see zephyr-differences.rst.
 */
#ifndef SYS_HEAP_H
#define SYS_HEAP_H

#include "heap_core.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * struct sys_memory_stats - usable bytes of an allocator
 * @free_bytes: in free blocks
 * @allocated_bytes: in live blocks
 * @max_allocated_bytes: largest @allocated_bytes since init or the last reset
 */
struct sys_memory_stats {
	size_t free_bytes;
	size_t allocated_bytes;
	size_t max_allocated_bytes;
};

/**
 * struct sys_heap - handle of a heap; all members are private but @init_mem and @init_bytes
 * @heap: unit 0 of the buffer: list heads, bitmap, then blocks; NULL before sys_heap_init()
 * @payload: address of the payload of the first block
 * @end: address of the end marker
 * @first: unit number of the first block
 * @core: everything that does not depend on the placement
 * @init_mem: buffer, for those who initialise statically
 * @init_bytes: its size
 */
struct sys_heap {
	void *heap;
	uintptr_t payload;
	uintptr_t end;
	uintptr_t first;
	struct mrig_core core;
	void *init_mem;
	size_t init_bytes;
};

/**
 * struct sys_heap_opts - what Zephyr fixes when it is built and we choose per heap
 * @search_limit: list entries an allocation looks at; 0 means 3
 * @hardening: MRIG_HARDEN_*
 * @stats: track the peak of allocated bytes
 * @listen: call heap listeners
 */
struct sys_heap_opts {
	uint32_t search_limit;
	uint8_t hardening;
	bool stats;
	bool listen;
};

/*
 * Smallest buffer that can serve one request of one byte, and one of n bytes. A buffer smaller than
 * these plus the class table its size would get holds a single block without any table.
 */
#define Z_HEAP_MIN_SIZE		((size_t)56)
#define Z_HEAP_MIN_SIZE_FOR(n)							\
	((size_t)(((size_t)(n) + 4 + 7) / 8 * 8 + 40) < Z_HEAP_MIN_SIZE ?	\
	 Z_HEAP_MIN_SIZE : (((size_t)(n) + 4 + 7) / 8 * 8 + 40))

int sys_heap_init_opts(struct sys_heap *heap, void *mem, size_t bytes,
		       const struct sys_heap_opts *opts);
int sys_heap_init(struct sys_heap *heap, void *mem, size_t bytes);
void *sys_heap_alloc(struct sys_heap *heap, size_t bytes);
void *sys_heap_noalign_alloc(struct sys_heap *heap, size_t align, size_t bytes);
void *sys_heap_aligned_alloc(struct sys_heap *heap, size_t align, size_t bytes);
void sys_heap_free(struct sys_heap *heap, void *mem);
void *sys_heap_realloc(struct sys_heap *heap, void *ptr, size_t bytes);
void *sys_heap_aligned_realloc(struct sys_heap *heap, void *ptr, size_t align, size_t bytes);
size_t sys_heap_usable_size(struct sys_heap *heap, void *mem);
bool sys_heap_validate(struct sys_heap *heap);
int sys_heap_runtime_stats_get(struct sys_heap *heap, struct sys_memory_stats *stats);
int sys_heap_runtime_stats_reset_max(struct sys_heap *heap);
void sys_heap_print_info(struct sys_heap *heap, bool dump_chunks);
int sys_heap_array_save(struct sys_heap *heap);
int sys_heap_array_remove(struct sys_heap *heap);
int sys_heap_array_get(struct sys_heap ***heap);

/**
 * struct z_heap_stress_result - what sys_heap_stress() did
 * @total_allocs: requests made
 * @successful_allocs: requests that were served
 * @total_frees: blocks given back
 * @accumulated_in_use_bytes: requested bytes in use, summed over all steps
 */
struct z_heap_stress_result {
	uint32_t total_allocs;
	uint32_t successful_allocs;
	uint32_t total_frees;
	uint64_t accumulated_in_use_bytes;
};

void sys_heap_stress(void *(*alloc_fn)(void *arg, size_t bytes),
		     void (*free_fn)(void *arg, void *p), void *arg, size_t total_bytes,
		     uint32_t op_count, void *scratch_mem, size_t scratch_bytes,
		     int target_percent, struct z_heap_stress_result *result);

#if defined(CONFIG_SYS_HEAP_RUNTIME_STATS) || defined(CONFIG_SYS_HEAP_LISTENER) || \
	defined(CONFIG_SYS_HEAP_ALLOC_LOOPS) || defined(CONFIG_SYS_HEAP_HARDENING_LEVEL) || \
	defined(CONFIG_SYS_HEAP_ARRAY_SIZE)
#ifndef CONFIG_SYS_HEAP_ALLOC_LOOPS
#define CONFIG_SYS_HEAP_ALLOC_LOOPS 0
#endif
#ifndef CONFIG_SYS_HEAP_HARDENING_LEVEL
#define CONFIG_SYS_HEAP_HARDENING_LEVEL MRIG_HARDEN_BASIC
#endif
#ifndef CONFIG_SYS_HEAP_ARRAY_SIZE
#define CONFIG_SYS_HEAP_ARRAY_SIZE 0
#endif

static inline int sys_heap_init_config(struct sys_heap *heap, void *mem, size_t bytes)
{
	struct sys_heap_opts opts = {
		.search_limit = CONFIG_SYS_HEAP_ALLOC_LOOPS,
		.hardening = CONFIG_SYS_HEAP_HARDENING_LEVEL,
	};
	int err;

#ifdef CONFIG_SYS_HEAP_RUNTIME_STATS
	opts.stats = true;
#endif
#ifdef CONFIG_SYS_HEAP_LISTENER
	opts.listen = true;
#endif
	err = sys_heap_init_opts(heap, mem, bytes, &opts);
	if (!err && CONFIG_SYS_HEAP_ARRAY_SIZE)
		err = sys_heap_array_save(heap);
	return err;
}

#define sys_heap_init sys_heap_init_config
#endif

#ifdef __cplusplus
}
#endif

#endif /* SYS_HEAP_H */
