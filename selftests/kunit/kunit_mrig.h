/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the KUnit suites of memrig share: regions, heaps and clients that go with the test.
 */
#ifndef KUNIT_MRIG_H
#define KUNIT_MRIG_H

#include <kunit/test.h>
#include <linux/memrig.h>

#include "alloc/heap.h"
#include "region/region.h"

struct mrig_region_spec mrig_test_spec(u32 kind, u32 attr, u32 flags, u64 length);
struct mrig_region *mrig_test_region(struct kunit *test, u32 kind, u32 attr, u32 flags,
				     u64 length);
struct mrig_client *mrig_test_client(struct kunit *test, struct mrig_region *region,
				     u32 placement, u32 hardening, u32 flags);
u32 mrig_test_random(u32 *seed);

#endif /* KUNIT_MRIG_H */
