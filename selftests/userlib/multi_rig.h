/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the tests of several heaps behind one call start from.
 */
#ifndef MEMRIG_USERLIB_MULTI_RIG_H
#define MEMRIG_USERLIB_MULTI_RIG_H

#include "test.h"

#define BYTES	  65536
#define CUSTOM(n) (1ULL << (32 + (n)))

static const struct memrig_rule any_rule = {
	.prio_min = INT32_MIN,
	.uid = MEMRIG_UID_ANY,
	.member = MEMRIG_MEMBER_ANY,
};

/* Member 0: a slab of 8 blocks of 64 bytes; member 1: of 4 of 256; member 2: a heap of 64 KiB. */
struct rig {
	memrig_multi_t *multi;
	memrig_heap_t *heap[3];
};

static inline memrig_heap_t *make_slab(uint64_t size, uint32_t blocks)
{
	struct memrig_heap_create args = {
		.size = sizeof(args),
		.engine = MEMRIG_ENGINE_SLAB,
		.placement = MEMRIG_PLACEMENT_OOB,
		.block_size = size,
		.num_blocks = blocks,
	};
	memrig_heap_t *heap = NULL;

	assert_int_equal(memrig_local_create(NULL, size * blocks, &args, &heap), 0);
	return heap;
}

static inline int setup(void **state)
{
	static struct rig rig;
	uint32_t member, i;

	assert_int_equal(memrig_multi_local_create(&rig.multi), 0);
	rig.heap[0] = make_slab(64, 8);
	rig.heap[1] = make_slab(256, 4);
	rig.heap[2] = make_heap(MEMRIG_PLACEMENT_OOB, BYTES, 0);
	for (i = 0; i < 3; i++) {
		assert_int_equal(memrig_multi_add(rig.multi, rig.heap[i], CUSTOM(i), &member), 0);
		assert_int_equal(member, i);
	}
	*state = &rig;
	return 0;
}

static inline int teardown(void **state)
{
	struct rig *rig = *state;
	int i;

	memrig_multi_close(rig->multi);
	for (i = 0; i < 3; i++)
		memrig_heap_close(rig->heap[i]);
	return 0;
}

static inline int get(struct rig *rig, uint64_t bytes, int32_t priority, uint32_t *member,
		      void **ptr)
{
	struct memrig_multi_alloc args = {
		.size = sizeof(args),
		.bytes = bytes,
		.priority = priority,
	};
	int ret = memrig_multi_alloc(rig->multi, &args, ptr);

	*member = args.member;
	return ret;
}

#define T(test) cmocka_unit_test_setup_teardown(test, setup, teardown)

#endif /* MEMRIG_USERLIB_MULTI_RIG_H */
