/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* For modules that include <zephyr/sys/bitarray.h>. */
#include <memrig/zephyr.h>
