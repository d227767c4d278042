// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Another file of the program of test_zephyr.c, as it would be written for Zephyr. */
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>

LOG_MODULE_REGISTER(part, LOG_LEVEL_WRN);

K_HEAP_DEFINE(part_heap, 512);
MEMRIG_HEAP_MEM_POOL_ADD_SIZE(part, 3000);

struct k_heap *part_heap_get(void);

struct k_heap *part_heap_get(void)
{
	LOG_DBG("asked by %s", k_thread_name_get(k_current_get()));
	return &part_heap;
}
