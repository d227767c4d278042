/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* For modules that include <zephyr/dt-bindings/memory-attr/memory-attr-sw.h>. */
#include <memrig/zephyr.h>
