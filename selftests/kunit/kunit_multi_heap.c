// SPDX-License-Identifier: GPL-2.0-only
/*
 * sys_multi_heap in the kernel: who chooses, how blocks find their heap, how they move, what is
 * refused, and random programs that write every byte they get.
 */
#include <linux/slab.h>

#include "kunit_mrig.h"
#include "sys_multi_heap.h"

#define HEAPS	10
#define SPAN	4096
#define STEPS	4000
#define HELD	40

/**
 * struct rig - ten heaps, the last of them in a hole's distance
 * @mem: theirs
 * @heap: in-band
 * @room: for more than Zephyr has
 * @multi: all of them
 * @asked: calls of the choice function
 */
struct rig {
	u8 *mem;
	struct sys_heap heap[HEAPS];
	struct sys_multi_heap_rec room[HEAPS];
	struct sys_multi_heap multi;
	unsigned int asked;
};

/* From the heap that @cfg numbers on, the first that has it. */
static void *first_from(struct sys_multi_heap *mheap, void *cfg, size_t align, size_t size)
{
	struct rig *rig = container_of(mheap, struct rig, multi);
	uintptr_t i;
	void *p;

	rig->asked++;
	for (i = (uintptr_t)cfg; i < mheap->nheaps; i++) {
		p = sys_heap_aligned_alloc(mheap->heaps[i].heap, align, size);
		if (p)
			return p;
	}
	return NULL;
}

/* Added from the last on: they stand in the order of their addresses all the same. */
static struct rig *rig_of(struct kunit *test)
{
	struct rig *rig = kunit_kzalloc(test, sizeof(*rig), GFP_KERNEL);
	int i;

	KUNIT_ASSERT_NOT_NULL(test, rig);
	rig->mem = kunit_kzalloc(test, (HEAPS + 1) * SPAN, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, rig->mem);
	sys_multi_heap_init(&rig->multi, first_from);
	KUNIT_ASSERT_EQ(test, sys_multi_heap_set_room(&rig->multi, rig->room, HEAPS), 0);
	for (i = HEAPS - 1; i >= 0; i--) {
		u8 *mem = rig->mem + (i + (i == HEAPS - 1)) * SPAN;

		KUNIT_ASSERT_EQ(test, sys_heap_init(&rig->heap[i], mem, SPAN), 0);
		KUNIT_ASSERT_EQ(test, sys_multi_heap_add_heap(&rig->multi, &rig->heap[i],
							      &rig->heap[i]), 0);
	}
	return rig;
}

static int heap_of(struct rig *rig, void *p)
{
	const struct sys_multi_heap_rec *rec = sys_multi_heap_get_heap(&rig->multi, p);

	return rec ? (int)(rec->heap - rig->heap) : -1;
}

static void the_function_chooses(struct kunit *test)
{
	struct rig *rig = rig_of(test);
	void *p;
	int i;

	for (i = 0; i < HEAPS; i++) {
		KUNIT_EXPECT_PTR_EQ(test, rig->multi.heaps[i].user_data, (void *)&rig->heap[i]);
		p = sys_multi_heap_aligned_alloc(&rig->multi, (void *)(uintptr_t)i, 64, 3000);
		KUNIT_ASSERT_NOT_NULL(test, p);
		KUNIT_EXPECT_EQ(test, heap_of(rig, p), i);
		KUNIT_EXPECT_EQ(test, (uintptr_t)p % 64, 0);
	}
	KUNIT_EXPECT_EQ(test, rig->asked, HEAPS);
	KUNIT_EXPECT_NULL(test, sys_multi_heap_alloc(&rig->multi, NULL, 3000));
	KUNIT_EXPECT_EQ(test, rig->asked, HEAPS + 1);
}

static void bad_input(struct kunit *test)
{
	struct rig *rig = rig_of(test);
	struct sys_heap other = { }, *first = &rig->heap[0];
	void *p = sys_multi_heap_alloc(&rig->multi, NULL, 100);

	KUNIT_ASSERT_EQ(test, heap_of(rig, p), 0);
	KUNIT_EXPECT_EQ(test, sys_multi_heap_add_heap(&rig->multi, &other, NULL), -EINVAL);
	KUNIT_EXPECT_EQ(test, sys_multi_heap_add_heap(&rig->multi, first, NULL), -EEXIST);
	KUNIT_EXPECT_EQ(test, sys_multi_heap_remove_heap(&rig->multi, first), -EBUSY);
	KUNIT_EXPECT_EQ(test, sys_multi_heap_remove_heap(&rig->multi, &other), -ENOENT);
	KUNIT_EXPECT_EQ(test, sys_multi_heap_set_room(&rig->multi, rig->room, 1), -EINVAL);
	KUNIT_EXPECT_NULL(test, sys_multi_heap_alloc(&rig->multi, NULL, 0));
	KUNIT_EXPECT_NULL(test, sys_multi_heap_alloc(&rig->multi, NULL, SIZE_MAX));
	KUNIT_EXPECT_NULL(test, sys_multi_heap_aligned_alloc(&rig->multi, NULL, 56, 8));
	/* in the hole, below and above all, and nothing at all */
	KUNIT_EXPECT_EQ(test, heap_of(rig, rig->mem + (HEAPS - 1) * SPAN + 8), -1);
	KUNIT_EXPECT_EQ(test, heap_of(rig, rig->mem - 8), -1);
	KUNIT_EXPECT_EQ(test, heap_of(rig, rig->mem + (HEAPS + 1) * SPAN), -1);
	KUNIT_EXPECT_EQ(test, heap_of(rig, NULL), -1);
	sys_multi_heap_free(&rig->multi, rig->mem + (HEAPS - 1) * SPAN + 8);
	sys_multi_heap_free(&rig->multi, NULL);
	KUNIT_EXPECT_NULL(test, sys_multi_heap_realloc(&rig->multi, NULL, rig->mem - 8, 8));
	sys_multi_heap_free(&rig->multi, p);
	KUNIT_EXPECT_EQ(test, sys_multi_heap_remove_heap(&rig->multi, first), 0);
	KUNIT_EXPECT_EQ(test, heap_of(rig, p), -1);
	KUNIT_EXPECT_EQ(test, sys_multi_heap_add_heap(&rig->multi, first, NULL), 0);
}

static void blocks_move(struct kunit *test)
{
	struct rig *rig = rig_of(test);
	u8 *p = sys_multi_heap_alloc(&rig->multi, NULL, 1000), *wall, *q;

	KUNIT_ASSERT_NOT_NULL(test, p);
	memset(p, 0x5a, 1000);
	/* in place while there is room behind it, without asking */
	KUNIT_EXPECT_PTR_EQ(test, sys_multi_heap_realloc(&rig->multi, NULL, p, 2000), (void *)p);
	KUNIT_EXPECT_EQ(test, rig->asked, 1);
	wall = sys_multi_heap_alloc(&rig->multi, NULL, 1000);
	KUNIT_EXPECT_EQ(test, heap_of(rig, wall), 0);
	q = sys_multi_heap_aligned_realloc(&rig->multi, (void *)3, p, 256, 3000);
	KUNIT_ASSERT_NOT_NULL(test, q);
	KUNIT_EXPECT_EQ(test, heap_of(rig, q), 3);
	KUNIT_EXPECT_EQ(test, (uintptr_t)q % 256, 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(q, 0x5a, 1000));
	/* what cannot be leaves all as it was */
	KUNIT_EXPECT_NULL(test, sys_multi_heap_realloc(&rig->multi, NULL, q, SPAN));
	KUNIT_EXPECT_NULL(test, memchr_inv(q, 0x5a, 1000));
	KUNIT_EXPECT_NULL(test, sys_multi_heap_realloc(&rig->multi, NULL, q, 0));
	KUNIT_EXPECT_EQ(test, sys_multi_heap_remove_heap(&rig->multi, &rig->heap[3]), 0);
}

/**
 * struct held - a block of a random program
 * @at: it, or NULL
 * @bytes: size
 */
struct held {
	u8 *at;
	size_t bytes;
};

static void step(struct kunit *test, struct rig *rig, struct held *h, u8 fill, u32 *seed)
{
	size_t bytes = 1 + mrig_test_random(seed) % 900, kept = min(bytes, h->bytes);
	void *cfg = (void *)(uintptr_t)(mrig_test_random(seed) % HEAPS);
	u8 *p;

	KUNIT_ASSERT_NULL(test, h->at ? memchr_inv(h->at, fill, h->bytes) : NULL);
	if (h->at && mrig_test_random(seed) % 2) {
		sys_multi_heap_free(&rig->multi, h->at);
		h->at = NULL;
		h->bytes = 0;
		return;
	}
	p = sys_multi_heap_realloc(&rig->multi, cfg, h->at, bytes);
	if (!p)
		return;
	KUNIT_ASSERT_GE(test, heap_of(rig, p), 0);
	KUNIT_ASSERT_NULL(test, memchr_inv(p, fill, kept));
	memset(p, fill, bytes);
	h->at = p;
	h->bytes = bytes;
}

static void random_programs(struct kunit *test)
{
	struct held *held = kunit_kcalloc(test, HELD, sizeof(*held), GFP_KERNEL);
	struct rig *rig = rig_of(test);
	u32 seed = 1;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, held);
	for (i = 0; i < STEPS; i++) {
		u32 n = mrig_test_random(&seed) % HELD;

		step(test, rig, &held[n], n + 1, &seed);
	}
	for (i = 0; i < HELD; i++)
		sys_multi_heap_free(&rig->multi, held[i].at);
	for (i = 0; i < HEAPS; i++) {
		KUNIT_EXPECT_TRUE(test, sys_heap_validate(&rig->heap[i]));
		KUNIT_EXPECT_EQ(test, sys_multi_heap_remove_heap(&rig->multi, &rig->heap[i]), 0);
	}
}

static struct kunit_case mrig_multi_heap_cases[] = {
	KUNIT_CASE(the_function_chooses),
	KUNIT_CASE(bad_input),
	KUNIT_CASE(blocks_move),
	KUNIT_CASE(random_programs),
	{ }
};

static struct kunit_suite mrig_multi_heap_suite = {
	.name = "memrig_multi_heap",
	.test_cases = mrig_multi_heap_cases,
};

kunit_test_suite(mrig_multi_heap_suite);
