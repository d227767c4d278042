// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Stores and policies for windows: what is refused, and numbers. That they work is shown by the
 * samples, with windows over them.
 */
#include <linux/errno.h>
#include <memrig/paging.h>

#include "consumer.h"

static int none_init(struct mrig_store *store, const struct mrig_store_spec *spec)
{
	return -ENODEV;
}

static void none_fini(struct mrig_store *store)
{
}

static int none_get(struct mrig_store *store, u64 index, bool fault, u64 *location)
{
	return -ENOSPC;
}

static void none_free(struct mrig_store *store, u64 location)
{
}

static int none_out(struct mrig_store *store, u64 location, const void *from)
{
	return -EIO;
}

static int none_in(struct mrig_store *store, u64 location, void *to)
{
	return -EIO;
}

static const struct mrig_store_ops none = {
	.name = "none",
	.init = none_init,
	.fini = none_fini,
	.location_get = none_get,
	.location_free = none_free,
	.page_out = none_out,
	.page_in = none_in,
};

/* With one thing changed. */
#define REFUSED(what, ...)							\
	do {									\
		struct mrig_store_ops ops = none;				\
										\
		__VA_ARGS__;							\
		EXPECT(memrig_store_register(&ops, THIS_MODULE) == -(what));	\
	} while (0)

static void bad_stores(void)
{
	EXPECT(memrig_store_register(NULL, THIS_MODULE) == -EINVAL);
	EXPECT(memrig_store_register(&none, NULL) == -EINVAL);
	REFUSED(EINVAL, ops.name = NULL);
	REFUSED(EINVAL, ops.name = "");
	REFUSED(EINVAL, ops.name = "a name that is longer than any name may be");
	REFUSED(EEXIST, ops.name = "compressed");
	REFUSED(EINVAL, ops.flags = MRIG_STORE_FLAGS + 1);
	REFUSED(EINVAL, ops.init = NULL);
	REFUSED(EINVAL, ops.fini = NULL);
	REFUSED(EINVAL, ops.page_in = NULL);
	REFUSED(EINVAL, ops.page_out = NULL);
	REFUSED(EINVAL, ops.location_get = NULL);
	REFUSED(EINVAL, ops.location_free = NULL);
	REFUSED(EINVAL, ops.flags = MRIG_STORE_READ_ONLY);
	REFUSED(EINVAL, ops.flags = MRIG_STORE_CODE);
	memrig_store_unregister(-EINVAL);
	memrig_store_unregister(MEMRIG_STORE_RAM);
	memrig_store_unregister(MEMRIG_KIND_FIRST + 1000000);
}

static void stores(void)
{
	int first = memrig_store_register(&none, THIS_MODULE), second;

	EXPECT(first >= MEMRIG_KIND_FIRST);
	EXPECT(memrig_store_register(&none, THIS_MODULE) == -EEXIST);
	memrig_store_unregister(first);
	second = memrig_store_register(&none, THIS_MODULE);
	EXPECT(second > first);
	memrig_store_unregister(first);
	EXPECT(memrig_store_register(&none, THIS_MODULE) == -EEXIST);
	memrig_store_unregister(second);
}

static void none_add(struct mrig_evict *e, uint32_t frame, enum mrig_evict_coming why)
{
}

static void none_remove(struct mrig_evict *e, uint32_t frame, enum mrig_evict_going why)
{
}

static uint32_t none_select(struct mrig_evict *e)
{
	return MRIG_EVICT_NONE;
}

static void policies(void)
{
	struct mrig_evict_ops ops = {
		.name = "none", .add = none_add, .remove = none_remove,
	};
	int first, second;

	EXPECT(memrig_policy_register(NULL, THIS_MODULE) == -EINVAL);
	EXPECT(memrig_policy_register(&ops, THIS_MODULE) == -EINVAL);
	ops.select = none_select;
	EXPECT(memrig_policy_register(&ops, NULL) == -EINVAL);
	ops.name = "clock";
	EXPECT(memrig_policy_register(&ops, THIS_MODULE) == -EEXIST);
	ops.name = "none";
	first = memrig_policy_register(&ops, THIS_MODULE);
	EXPECT(first >= MEMRIG_KIND_FIRST);
	EXPECT(memrig_policy_register(&ops, THIS_MODULE) == -EEXIST);
	memrig_policy_unregister(first);
	second = memrig_policy_register(&ops, THIS_MODULE);
	EXPECT(second > first);
	memrig_policy_unregister(second);
	memrig_policy_unregister(second);
	memrig_policy_unregister(MEMRIG_POLICY_CLOCK);
}

const struct test paging_tests[] = {
	{ "stores: bad input", bad_stores },
	{ "stores: numbers and names", stores },
	{ "policies: bad input, numbers and names", policies },
	{ }
};
