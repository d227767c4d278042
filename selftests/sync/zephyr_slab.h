/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What two files of the program of test_zephyr_slab.c share, as they would under Zephyr. */
#ifndef ZEPHYR_SLAB_H
#define ZEPHYR_SLAB_H

#include <zephyr/kernel.h>

extern struct k_mem_slab extern_slab;

struct k_mem_slab *untraced_slab_make(void);

#endif /* ZEPHYR_SLAB_H */
