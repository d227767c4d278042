/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* For modules that include <zephyr/sys/heap_listener.h>. */
#include <memrig/zephyr.h>
