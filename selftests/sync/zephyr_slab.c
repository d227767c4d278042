// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Another file of the program of test_zephyr_slab.c: its slabs do not tell their peak. */
#define CONFIG_MEM_SLAB_TRACE_MAX_UTILIZATION 0
#include <zephyr/kernel.h>
#include "zephyr_slab.h"

K_MEM_SLAB_DEFINE(extern_slab, 48, 2, 16);

static char __aligned(8) buffer[64];
static struct k_mem_slab made;

struct k_mem_slab *untraced_slab_make(void)
{
	return k_mem_slab_init(&made, buffer, 32, 2) ? NULL : &made;
}
