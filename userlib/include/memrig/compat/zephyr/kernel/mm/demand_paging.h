/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* For programs that include <zephyr/kernel/mm/demand_paging.h>. */
#include <memrig/zephyr.h>
