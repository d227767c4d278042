/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* For programs that include <zephyr/sys/bitarray.h>. */
#include <memrig/zephyr.h>
