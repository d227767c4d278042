// SPDX-License-Identifier: GPL-2.0-only
/*
 * What other modules may call. Zephyr's functions stand in engine and sync, which know nothing of
 * modules, so that the list is here.
 */
#include "core/compat.h"
#include "heap_listener.h"
#include "k_malloc.h"
#include "k_mem_slab.h"
#include "mem_attr_pool.h"
#include "memrig/region.h"
#include "memrig/system_heap.h"
#include "smh_pool.h"
#include "sys_bitarray.h"
#include "sys_multi_heap.h"
#include "sys_multi_mem_blocks.h"
#include "sys_sync_heap.h"

MRIG_EXPORT(sys_heap_init_opts);
MRIG_EXPORT(sys_heap_init);
MRIG_EXPORT(sys_heap_alloc);
MRIG_EXPORT(sys_heap_noalign_alloc);
MRIG_EXPORT(sys_heap_aligned_alloc);
MRIG_EXPORT(sys_heap_free);
MRIG_EXPORT(sys_heap_realloc);
MRIG_EXPORT(sys_heap_aligned_realloc);
MRIG_EXPORT(sys_heap_usable_size);
MRIG_EXPORT(sys_heap_validate);
MRIG_EXPORT(sys_heap_runtime_stats_get);
MRIG_EXPORT(sys_heap_runtime_stats_reset_max);
MRIG_EXPORT(sys_heap_print_info);
MRIG_EXPORT(sys_heap_stress);
MRIG_EXPORT(sys_heap_array_save);
MRIG_EXPORT(sys_heap_array_remove);
MRIG_EXPORT(sys_heap_array_get);

MRIG_EXPORT(heap_listener_register);
MRIG_EXPORT(heap_listener_unregister);

MRIG_EXPORT(sys_multi_heap_init);
MRIG_EXPORT(sys_multi_heap_add_heap);
MRIG_EXPORT(sys_multi_heap_remove_heap);
MRIG_EXPORT(sys_multi_heap_set_room);
MRIG_EXPORT(sys_multi_heap_alloc);
MRIG_EXPORT(sys_multi_heap_aligned_alloc);
MRIG_EXPORT(sys_multi_heap_free);
MRIG_EXPORT(sys_multi_heap_get_heap);
MRIG_EXPORT(sys_multi_heap_realloc);
MRIG_EXPORT(sys_multi_heap_aligned_realloc);

MRIG_EXPORT(k_heap_init_opts);
MRIG_EXPORT(k_heap_init);
MRIG_EXPORT(k_heap_alloc);
MRIG_EXPORT(k_heap_aligned_alloc);
MRIG_EXPORT(k_heap_calloc);
MRIG_EXPORT(k_heap_realloc);
MRIG_EXPORT(k_heap_free);
MRIG_EXPORT(k_heap_runtime_stats_get);
MRIG_EXPORT(k_heap_runtime_stats_reset_max);

MRIG_EXPORT(k_mem_slab_init_opts);
MRIG_EXPORT(k_mem_slab_init);
MRIG_EXPORT(mrig_mem_slab_fini);
MRIG_EXPORT(k_mem_slab_alloc);
MRIG_EXPORT(k_mem_slab_free);
MRIG_EXPORT(mrig_mem_slab_free);
MRIG_EXPORT(k_mem_slab_num_used_get);
MRIG_EXPORT(k_mem_slab_num_free_get);
MRIG_EXPORT(k_mem_slab_max_used_get);
MRIG_EXPORT(k_mem_slab_runtime_stats_get);
MRIG_EXPORT(k_mem_slab_runtime_stats_reset_max);

MRIG_EXPORT(sys_bitarray_set_bit);
MRIG_EXPORT(sys_bitarray_clear_bit);
MRIG_EXPORT(sys_bitarray_test_bit);
MRIG_EXPORT(sys_bitarray_test_and_set_bit);
MRIG_EXPORT(sys_bitarray_test_and_clear_bit);
MRIG_EXPORT(sys_bitarray_alloc);
MRIG_EXPORT(sys_bitarray_free);
MRIG_EXPORT(sys_bitarray_is_region_set);
MRIG_EXPORT(sys_bitarray_is_region_cleared);
MRIG_EXPORT(sys_bitarray_set_region);
MRIG_EXPORT(sys_bitarray_clear_region);
MRIG_EXPORT(sys_bitarray_test_and_set_region);
MRIG_EXPORT(sys_bitarray_popcount_region);
MRIG_EXPORT(sys_bitarray_find_nth_set);
MRIG_EXPORT(sys_bitarray_xor);

MRIG_EXPORT(sys_mem_blocks_alloc);
MRIG_EXPORT(sys_mem_blocks_alloc_contiguous);
MRIG_EXPORT(sys_mem_blocks_get);
MRIG_EXPORT(sys_mem_blocks_is_region_free);
MRIG_EXPORT(sys_mem_blocks_free);
MRIG_EXPORT(sys_mem_blocks_free_contiguous);
MRIG_EXPORT(sys_mem_blocks_runtime_stats_get);
MRIG_EXPORT(sys_mem_blocks_runtime_stats_reset_max);
MRIG_EXPORT(mrig_mem_blocks_init_opts);
MRIG_EXPORT(mrig_mem_blocks_init);
MRIG_EXPORT(mrig_mem_blocks_fini);
MRIG_EXPORT(mrig_mem_blocks_largest);

MRIG_EXPORT(sys_multi_mem_blocks_init);
MRIG_EXPORT(sys_multi_mem_blocks_add_allocator);
MRIG_EXPORT(sys_multi_mem_blocks_remove_allocator);
MRIG_EXPORT(sys_multi_mem_blocks_alloc);
MRIG_EXPORT(sys_multi_mem_blocks_free);
MRIG_EXPORT(mrig_multi_mem_blocks_fini);

MRIG_EXPORT(_system_heap);
MRIG_EXPORT(k_malloc);
MRIG_EXPORT(k_aligned_alloc);
MRIG_EXPORT(k_calloc);
MRIG_EXPORT(k_realloc);
MRIG_EXPORT(k_free);
MRIG_EXPORT(k_thread_heap_assign);
MRIG_EXPORT(k_thread_system_pool_assign);
MRIG_EXPORT(z_thread_aligned_alloc);
MRIG_EXPORT(z_thread_malloc);

MRIG_EXPORT(k_current_get);
MRIG_EXPORT(k_thread_priority_get);
MRIG_EXPORT(k_thread_priority_set);
MRIG_EXPORT(k_thread_name_get);
MRIG_EXPORT(k_thread_name_set);
MRIG_EXPORT(k_thread_name_copy);

MRIG_EXPORT(sys_sync_heap_init);
MRIG_EXPORT(sys_sync_heap_alloc);
MRIG_EXPORT(sys_sync_heap_aligned_alloc);
MRIG_EXPORT(sys_sync_heap_noalign_alloc);
MRIG_EXPORT(sys_sync_heap_realloc);
MRIG_EXPORT(sys_sync_heap_aligned_realloc);
MRIG_EXPORT(sys_sync_heap_free);
MRIG_EXPORT(sys_sync_heap_runtime_stats_get);
MRIG_EXPORT(sys_sync_heap_runtime_stats_reset_max);

MRIG_EXPORT(shared_multi_heap_pool_init);
MRIG_EXPORT(shared_multi_heap_add);
MRIG_EXPORT(shared_multi_heap_alloc);
MRIG_EXPORT(shared_multi_heap_aligned_alloc);
MRIG_EXPORT(shared_multi_heap_realloc);
MRIG_EXPORT(shared_multi_heap_free);
MRIG_EXPORT(memrig_smh_add);
MRIG_EXPORT(memrig_smh_remove);
MRIG_EXPORT(memrig_smh_fini);
MRIG_EXPORT(memrig_smh_alloc);
MRIG_EXPORT(memrig_smh_realloc);
MRIG_EXPORT(memrig_smh_free);
MRIG_EXPORT(memrig_smh_here);
MRIG_EXPORT(memrig_smh_region);
MRIG_EXPORT(memrig_smh_region_of);
MRIG_EXPORT(memrig_smh_stats);
MRIG_EXPORT(memrig_smh_reset_max);
MRIG_EXPORT(memrig_smh_set_name);
MRIG_EXPORT(memrig_smh_get_name);
MRIG_EXPORT(memrig_smh_find_name);

MRIG_EXPORT(mem_attr_get_regions);
MRIG_EXPORT(mem_attr_check_buf);
MRIG_EXPORT(mem_attr_heap_pool_init);
MRIG_EXPORT(mem_attr_heap_alloc);
MRIG_EXPORT(mem_attr_heap_aligned_alloc);
MRIG_EXPORT(mem_attr_heap_realloc);
MRIG_EXPORT(mem_attr_heap_free);
MRIG_EXPORT(mem_attr_heap_get_region);
MRIG_EXPORT(memrig_mem_attr_register);
MRIG_EXPORT(memrig_mem_attr_heap_init);
MRIG_EXPORT(memrig_mem_attr_heap_free);
MRIG_EXPORT(memrig_mem_attr_heap_stats);
MRIG_EXPORT(memrig_mem_attr_heap_fini);

MRIG_EXPORT(memrig_region_create);
MRIG_EXPORT(memrig_region_open);
MRIG_EXPORT(memrig_region_remove);
MRIG_EXPORT(memrig_region_get);
MRIG_EXPORT(memrig_region_put);
MRIG_EXPORT(memrig_region_kaddr);
MRIG_EXPORT(memrig_region_dma_addr);
MRIG_EXPORT(memrig_region_info);

MRIG_EXPORT(memrig_kheap_create);
MRIG_EXPORT(memrig_kheap_destroy);
MRIG_EXPORT(memrig_kheap_aligned_alloc);
MRIG_EXPORT(memrig_kheap_alloc);
MRIG_EXPORT(memrig_kheap_free);
MRIG_EXPORT(memrig_kheap_resize);
MRIG_EXPORT(memrig_kheap_usable_size);
MRIG_EXPORT(memrig_kheap_stats_get);

MRIG_EXPORT(memrig_system_heap_add);
MRIG_EXPORT(memrig_system_heap_sub);
MRIG_EXPORT(memrig_thread_heap_forget);

/* Behind inline functions of the headers. */
MRIG_EXPORT(mrig_lock_ready);
MRIG_EXPORT(mrig_clock);
