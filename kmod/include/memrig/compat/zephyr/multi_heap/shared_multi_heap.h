/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* For modules that include <zephyr/multi_heap/shared_multi_heap.h>. */
#include <memrig/zephyr.h>
