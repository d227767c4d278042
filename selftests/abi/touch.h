/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Can memory be touched? In any thread, without dying of it.
 */
#ifndef MEMRIG_TOUCH_H
#define MEMRIG_TOUCH_H

#include <stdbool.h>

/* False when the touch is SIGBUS; anything else that goes wrong kills. */
bool touch_read(const volatile char *at);
/* Writes what is there already. Not atomic. */
bool touch_write(volatile char *at);
/* Stores @value. */
bool touch_store(volatile char *at, char value);

#endif /* MEMRIG_TOUCH_H */
