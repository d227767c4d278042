/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* For programs that include <zephyr/kernel/mm.h>. */
#include <memrig/zephyr.h>
