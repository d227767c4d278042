// SPDX-License-Identifier: GPL-2.0-only
/*
 * The shared part of the suites, see kunit_mrig.h, and their registration.
 */
#include <linux/err.h>
#include <linux/numa.h>

#include "kunit_mrig.h"

/**
 * mrig_test_spec() - what to ask for, nothing special about it
 * @kind: enum memrig_kind
 * @attr: enum memrig_attr
 * @flags: MEMRIG_REGION_*
 * @length: bytes
 *
 * Return: the request.
 */
struct mrig_region_spec mrig_test_spec(u32 kind, u32 attr, u32 flags, u64 length)
{
	return (struct mrig_region_spec){
		.kind = kind,
		.attr = attr,
		.flags = flags,
		.length = length,
		.node = NUMA_NO_NODE,
		.uid = GLOBAL_ROOT_UID,
		.gid = GLOBAL_ROOT_GID,
		.mode = 0600,
	};
}

/**
 * mrig_test_region() - a region; the caller puts it
 * @test: fails when there is none
 * @kind: as for mrig_test_spec()
 * @attr: likewise
 * @flags: likewise
 * @length: likewise
 *
 * Return: the region with one reference.
 */
struct mrig_region *mrig_test_region(struct kunit *test, u32 kind, u32 attr, u32 flags,
				     u64 length)
{
	struct mrig_region_spec spec = mrig_test_spec(kind, attr, flags, length);
	struct mrig_region *region;
	u64 detail;
	u32 reason;

	region = mrig_region_create(&spec, &reason, &detail);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, region);
	KUNIT_EXPECT_EQ(test, reason, MEMRIG_REASON_NONE);
	return region;
}

/**
 * mrig_test_client() - a heap over a whole region with one client; mrig_client_release() ends both
 * @test: fails when there is none
 * @region: where
 * @placement: enum memrig_placement
 * @hardening: MRIG_HARDEN_*
 * @flags: MEMRIG_HEAP_*
 *
 * Return: the client, which holds the only reference to the heap.
 */
struct mrig_client *mrig_test_client(struct kunit *test, struct mrig_region *region,
				     u32 placement, u32 hardening, u32 flags)
{
	struct mrig_heap_spec spec = {
		.flags = flags,
		.placement = placement,
		.hardening = hardening,
	};
	struct mrig_heap_obj *heap;
	struct mrig_client *client;
	u32 reason;

	heap = mrig_heap_obj_create(region, &spec, &reason);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, heap);
	client = mrig_client_create(heap);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, client);
	mrig_heap_obj_put(heap);
	return client;
}

/**
 * mrig_test_random() - reproducible numbers (a linear congruential generator)
 * @seed: state
 *
 * Return: the next number, its low bits as good as its high ones.
 */
u32 mrig_test_random(u32 *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}
