/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Zephyr's allocators, and its demand paging, under Zephyr's names, types and macros, in a process.
 *
 * Include this instead of <zephyr/kernel.h> and its kin; or add the directory include/memrig/compat
 * to the include path, where headers with those names are. What differs from Zephyr is listed in
 * zephyr-differences.rst. Names of Kconfig count if they are defined before this is included:
 *
 *	CONFIG_HEAP_MEM_POOL_SIZE, CONFIG_HEAP_MEM_POOL_IGNORE_MIN	the system heap
 *	CONFIG_SYS_HEAP_*						see <memrig/sys_heap.h>
 *	CONFIG_MEM_SLAB_TRACE_MAX_UTILIZATION		see <memrig/sync/k_mem_slab.h>
 *	CONFIG_SYS_MEM_BLOCKS_LISTENER			see <memrig/sync/sys_mem_blocks.h>
 *	CONFIG_DEMAND_PAGING_TIMING_HISTOGRAM_NUM_BINS
 *	CONFIG_LOG_DEFAULT_LEVEL
 */
#ifndef MEMRIG_ZEPHYR_H
#define MEMRIG_ZEPHYR_H

#include <memrig/sys_heap.h>
#include <memrig/sys_multi_heap.h>
#include <memrig/shared_multi_heap.h>
#include <memrig/mem_attr.h>
#include <memrig/sync_heap.h>
#include <memrig/heap_listener.h>
#include <memrig/k_mem_paging.h>
#include <memrig/system_heap.h>
#include <memrig/sync/k_heap.h>
#include <memrig/sync/k_malloc.h>
#include <memrig/sync/k_mem_slab.h>
#include <memrig/sync/sys_bitarray.h>
#include <memrig/sync/sys_multi_mem_blocks.h>
#include <memrig/zephyr_sys.h>

/* Before main(), and before constructors that do not ask for a place in the order. */
#define MEMRIG_EARLY __attribute__((__constructor__(101)))

/*
 * A heap that is there before main(). All of a program, and likewise all of a shared object, are
 * in one array; see k_heap_array_get().
 */
#define K_HEAP_DEFINE(name, bytes)                                                             \
	char kheap_##name[(bytes) > Z_HEAP_MIN_SIZE ? (bytes) : Z_HEAP_MIN_SIZE] __aligned(8); \
	extern struct k_heap name;                                                             \
	static MEMRIG_EARLY void kheap_start_##name(void)                                      \
	{                                                                                      \
		k_heap_init(&name, kheap_##name, sizeof(kheap_##name));                        \
	}                                                                                      \
	struct k_heap name __attribute__((__section__("k_heap_area"), __used__))               \
	__aligned(__alignof__(struct k_heap))

/* The memory of a process is cached. */
#define K_HEAP_DEFINE_NOCACHE(name, bytes) K_HEAP_DEFINE(name, bytes)

/* The linker's names for the ends of that array, if there is one. */
extern struct k_heap __start_k_heap_area[] __attribute__((__weak__, __visibility__("hidden")));
extern struct k_heap __stop_k_heap_area[] __attribute__((__weak__, __visibility__("hidden")));

/* Number of heaps that K_HEAP_DEFINE() made, @heap: set to the first of them. */
static inline int k_heap_array_get(struct k_heap **heap)
{
	*heap = __start_k_heap_area;
	return (int)(((uintptr_t)__stop_k_heap_area - (uintptr_t)__start_k_heap_area) /
		     sizeof(struct k_heap));
}

/* CONFIG_HEAP_MEM_POOL_ADD_SIZE_*: at file scope, @part being any name. */
#define MEMRIG_HEAP_MEM_POOL_ADD_SIZE(part, bytes)            \
	static MEMRIG_EARLY void memrig_heap_add_##part(void) \
	{                                                     \
		memrig_system_heap_add(bytes);                \
	}                                                     \
	struct k_heap

/* The table of mem_attr, at file scope: @array of struct mem_attr_region_t. */
#define MEMRIG_MEM_ATTR_DEFINE(array)                               \
	static MEMRIG_EARLY void memrig_mem_attr_##array(void)      \
	{                                                           \
		memrig_mem_attr_register(array, ARRAY_SIZE(array)); \
	}                                                           \
	struct mem_attr_region_t

#if defined(CONFIG_HEAP_MEM_POOL_SIZE) && CONFIG_HEAP_MEM_POOL_SIZE > 0
#ifdef CONFIG_HEAP_MEM_POOL_IGNORE_MIN
#define MEMRIG_IGNORE_MIN true
#else
#define MEMRIG_IGNORE_MIN false
#endif

static MEMRIG_EARLY void memrig_system_heap_start(void)
{
	struct sys_heap_opts opts;

	memset(&opts, 0, sizeof(opts));
	opts.hardening = MRIG_HARDEN_BASIC;
#ifdef CONFIG_SYS_HEAP_HARDENING_LEVEL
	opts.hardening = CONFIG_SYS_HEAP_HARDENING_LEVEL;
#endif
#ifdef CONFIG_SYS_HEAP_ALLOC_LOOPS
	opts.search_limit = CONFIG_SYS_HEAP_ALLOC_LOOPS;
#endif
#ifdef CONFIG_SYS_HEAP_RUNTIME_STATS
	opts.stats = true;
#endif
#ifdef CONFIG_SYS_HEAP_LISTENER
	opts.listen = true;
#endif
	memrig_system_heap_pool(CONFIG_HEAP_MEM_POOL_SIZE, MEMRIG_IGNORE_MIN, &opts);
}
#endif

#endif /* MEMRIG_ZEPHYR_H */
