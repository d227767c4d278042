// SPDX-License-Identifier: GPL-2.0-only
/*
 * Store NULL: what is written is gone, and reads as zeros. Memory that need not be remembered, and
 * what a window costs without a store.
 */
#include <linux/mm.h>
#include <linux/string.h>

#include "paging/store.h"

static int null_init(struct mrig_store *store, const struct mrig_store_spec *spec)
{
	return 0;
}

static void null_fini(struct mrig_store *store)
{
}

static int null_location_get(struct mrig_store *store, u64 index, bool fault, u64 *location)
{
	int err = mrig_store_take(store, fault);

	*location = index;
	return err;
}

static void null_location_free(struct mrig_store *store, u64 location)
{
	mrig_store_give(store);
}

static int null_page_out(struct mrig_store *store, u64 location, const void *from)
{
	return 0;
}

static int null_page_in(struct mrig_store *store, u64 location, void *to)
{
	memset(to, 0, PAGE_SIZE);
	return 0;
}

const struct mrig_store_ops mrig_store_null_ops = {
	.name = "null",
	.flags = MRIG_STORE_NOWAIT,
	.init = null_init,
	.fini = null_fini,
	.location_get = null_location_get,
	.location_free = null_location_free,
	.page_out = null_page_out,
	.page_in = null_page_in,
};
