/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* For programs that include <zephyr/sys/mem_blocks.h>. */
#include <memrig/zephyr.h>
