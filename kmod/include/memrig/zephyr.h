/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Zephyr's allocators under Zephyr's names, types and macros, in a module of the kernel.
 *
 * Include this instead of <zephyr/kernel.h> and its kin; or add the directory
 * kmod/include/memrig/compat to the include path, where headers with those names are. The include
 * path is that of memrig's own Kbuild. Once in the module stands MEMRIG_MODULE, which asks for the
 * namespace of memrig's symbols. What differs from Zephyr is listed in zephyr-differences.rst.
 * Names of Kconfig count if they are defined before this is included:
 *
 *	CONFIG_SYS_HEAP_*		see sys_heap.h
 *	CONFIG_MEM_SLAB_*		see k_mem_slab.h
 *	CONFIG_SYS_MEM_BLOCKS_*		see sys_mem_blocks.h
 *	CONFIG_LOG_DEFAULT_LEVEL	0 to 4
 *
 * Objects that macros make are initialised by their first use, as modules have no constructors.
 */
#ifndef MEMRIG_ZEPHYR_H
#define MEMRIG_ZEPHYR_H

#include <memrig/module.h>
#include <memrig/region.h>
#include <memrig/system_heap.h>
#include <memrig/zephyr_sys.h>
#include "../../engine/heap_listener.h"
#include "../../engine/sys_heap.h"
#include "../../engine/sys_multi_heap.h"
#include "../../sync/k_heap.h"
#include "../../sync/k_malloc.h"
#include "../../sync/k_mem_slab.h"
#include "../../sync/mem_attr_pool.h"
#include "../../sync/smh_pool.h"
#include "../../sync/sys_bitarray.h"
#include "../../sync/sys_multi_mem_blocks.h"
#include "../../sync/sys_sync_heap.h"

#ifdef CONFIG_SYS_HEAP_RUNTIME_STATS
#define MEMRIG_HEAP_STATS_WANTED	true
#else
#define MEMRIG_HEAP_STATS_WANTED	false
#endif
#ifdef CONFIG_SYS_HEAP_LISTENER
#define MEMRIG_HEAP_LISTENER_WANTED	true
#else
#define MEMRIG_HEAP_LISTENER_WANTED	false
#endif
#ifndef CONFIG_SYS_HEAP_ALLOC_LOOPS
#define CONFIG_SYS_HEAP_ALLOC_LOOPS	0
#endif
#ifndef CONFIG_SYS_HEAP_HARDENING_LEVEL
#define CONFIG_SYS_HEAP_HARDENING_LEVEL	MRIG_HARDEN_BASIC
#endif

/* A heap over memory of the module, which nobody else can write. */
#define K_HEAP_DEFINE(name, bytes)						\
	static char kheap_##name[(bytes) > Z_HEAP_MIN_SIZE ? (bytes) : Z_HEAP_MIN_SIZE]	\
		__aligned(8);							\
	struct k_heap name = {							\
		.heap = { .init_mem = kheap_##name, .init_bytes = sizeof(kheap_##name) }, \
		.lock = { .lock = MRIG_LOCK_INITIALIZER(name.lock.lock) },	\
		.late = {							\
			.search_limit = CONFIG_SYS_HEAP_ALLOC_LOOPS,		\
			.hardening = CONFIG_SYS_HEAP_HARDENING_LEVEL,		\
			.stats = MEMRIG_HEAP_STATS_WANTED,			\
			.listen = MEMRIG_HEAP_LISTENER_WANTED,			\
		},								\
	}

/* The memory of a module is cached; memory that is not is a region's. */
#define K_HEAP_DEFINE_NOCACHE(name, bytes)	K_HEAP_DEFINE(name, bytes)

/* Heaps of modules are in no array. */
static inline int k_heap_array_get(struct k_heap **heap)
{
	*heap = NULL;
	return 0;
}

#endif /* MEMRIG_ZEPHYR_H */
