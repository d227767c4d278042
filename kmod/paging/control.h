/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Calls on ranges of pages of a window.
 */
#ifndef MRIG_CONTROL_H
#define MRIG_CONTROL_H

#include <linux/memrig.h>
#include <linux/types.h>

struct mrig_window_client;

typedef int (*mrig_range_fn)(struct mrig_window_client *client, unsigned long index, u32 *reason);

int mrig_range_each(struct mrig_window_client *client, struct memrig_page_range *range,
		    mrig_range_fn fn);

#endif /* MRIG_CONTROL_H */
