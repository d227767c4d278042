/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* For programs that include <zephyr/sys/heap_listener.h>. */
#include <memrig/zephyr.h>
