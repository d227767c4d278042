/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* For modules that include <zephyr/mem_mgmt/mem_attr_heap.h>. */
#include <memrig/zephyr.h>
