// SPDX-License-Identifier: GPL-2.0-only
/*
 * The heap engines in the kernel: each against a model that knows every live block, and side memory
 * fed and taken back as the contract says.
 */
#include <linux/mm.h>
#include <linux/slab.h>

#include "kunit_mrig.h"
#include "mrig_engine.h"

#define SPAN	SZ_64K
#define LIVE	192
#define STEPS	4000
#define STEPS_CAREFUL	600	/* at levels that may look at every block on every call */

/* A heap under test. The memory of out-of-band spans is never touched: there is none. */
struct bed {
	struct mrig_heap heap;
	struct mrig_heap_cfg cfg;
	void *control;
	void *span;
};

static bool is_oob(const struct bed *bed)
{
	return bed->heap.ops != &mrig_heap_inband;
}

static void bed_open(struct kunit *test, struct bed *bed, const struct mrig_heap_ops *ops,
		     u8 hardening)
{
	size_t size;

	memset(bed, 0, sizeof(*bed));
	bed->heap.ops = ops;
	if (!is_oob(bed)) {
		bed->span = kvzalloc(SPAN, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, bed->span);
	}
	bed->cfg = (struct mrig_heap_cfg){
		.base = bed->span ? (uintptr_t)bed->span : 0x10000,
		.bytes = SPAN,
		.block_size = SZ_1K,
		.hardening = hardening,
		.stats = true,
		.tags = is_oob(bed),
	};
	size = ops->control_bytes(&bed->cfg);
	KUNIT_ASSERT_GT(test, size, 0);
	bed->control = kvzalloc(size, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, bed->control);
	KUNIT_ASSERT_EQ(test, ops->init(&bed->heap, bed->control, &bed->cfg), 0);
}

static void bed_close(struct bed *bed)
{
	void *mem;

	while ((mem = bed->heap.ops->drain(&bed->heap)))
		kvfree(mem);
	kvfree(bed->control);
	kvfree(bed->span);
}

static void bed_feed(struct kunit *test, struct bed *bed)
{
	struct mrig_want want = { };
	void *mem;

	bed->heap.ops->want(&bed->heap, &want);
	KUNIT_ASSERT_GT(test, want.bytes, 0);
	mem = kvzalloc(want.bytes, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, mem);
	kvfree(bed->heap.ops->feed(&bed->heap, &want, mem));
}

static s64 bed_alloc(struct kunit *test, struct bed *bed, size_t align, size_t bytes)
{
	s64 ret;
	int i;

	for (i = 0; i <= MRIG_WANT_MAX; i++) {
		ret = bed->heap.ops->alloc(&bed->heap, align, bytes);
		if (ret != -EAGAIN)
			return ret;
		bed_feed(test, bed);
	}
	KUNIT_FAIL(test, "still wants memory after %d times", MRIG_WANT_MAX);
	return ret;
}

static int bed_resize(struct kunit *test, struct bed *bed, u64 off, size_t bytes)
{
	int i, ret;

	for (i = 0; i <= MRIG_WANT_MAX; i++) {
		ret = bed->heap.ops->resize(&bed->heap, off, bytes);
		if (ret != -EAGAIN)
			return ret;
		bed_feed(test, bed);
	}
	KUNIT_FAIL(test, "still wants memory after %d times", MRIG_WANT_MAX);
	return ret;
}

static void bed_validate(struct kunit *test, struct bed *bed)
{
	struct mrig_fault fault = { };
	u64 cursor = 0;
	int ret;

	do {
		ret = bed->heap.ops->validate(&bed->heap, &cursor, 64, &fault);
		KUNIT_ASSERT_EQ_MSG(test, ret, 0, "invariant %u at %llu", fault.invariant,
				    fault.offset);
	} while (cursor);
}

struct model {
	u64 off[LIVE];
	u64 usable[LIVE];
	u64 bytes;
	u32 count;
};

static bool model_overlaps(const struct model *m, u32 skip, u64 off, u64 usable)
{
	u32 i;

	for (i = 0; i < LIVE; i++)
		if (i != skip && m->usable[i] && off < m->off[i] + m->usable[i] &&
		    m->off[i] < off + usable)
			return true;
	return false;
}

static void model_set(struct kunit *test, struct bed *bed, struct model *m, u32 slot, u64 off)
{
	s64 usable = bed->heap.ops->usable(&bed->heap, off);

	KUNIT_ASSERT_GT(test, usable, 0);
	KUNIT_ASSERT_LE(test, off + usable, SPAN);
	KUNIT_ASSERT_FALSE(test, model_overlaps(m, slot, off, usable));
	m->bytes += usable - m->usable[slot];
	m->count += !m->usable[slot];
	m->off[slot] = off;
	m->usable[slot] = usable;
}

static void step_alloc(struct kunit *test, struct bed *bed, struct model *m, u32 slot, u32 *seed)
{
	size_t bytes = 1 + mrig_test_random(seed) % 700;
	size_t align = 1UL << (mrig_test_random(seed) % 9);
	s64 off = bed_alloc(test, bed, align, bytes);

	if (off == -ENOMEM)
		return;
	KUNIT_ASSERT_GE(test, off, 0);
	KUNIT_ASSERT_EQ(test, (bed->cfg.base + off) % align, 0);
	model_set(test, bed, m, slot, off);
	KUNIT_ASSERT_GE(test, m->usable[slot], bytes);
	if (is_oob(bed))
		KUNIT_ASSERT_EQ(test, bed->heap.ops->set_tag(&bed->heap, off, slot + 1), 0);
	else
		memset(bed->span + off, slot, m->usable[slot]);
}

static void step_free(struct kunit *test, struct bed *bed, struct model *m, u32 slot)
{
	u64 off = m->off[slot], tag, i;

	if (is_oob(bed)) {
		KUNIT_ASSERT_EQ(test, bed->heap.ops->get_tag(&bed->heap, off, &tag), 0);
		KUNIT_ASSERT_EQ(test, tag, slot + 1);
	} else {
		for (i = 0; i < m->usable[slot]; i++)
			KUNIT_ASSERT_EQ(test, ((u8 *)bed->span)[off + i], slot);
	}
	KUNIT_ASSERT_EQ(test, bed->heap.ops->free(&bed->heap, off), 0);
	if (is_oob(bed)) {
		KUNIT_ASSERT_EQ(test, bed->heap.ops->free(&bed->heap, off), -ENOENT);
		KUNIT_ASSERT_EQ(test, bed->heap.ops->free(&bed->heap, off + 4), -ENOENT);
	}
	m->bytes -= m->usable[slot];
	m->count--;
	m->usable[slot] = 0;
}

static void step_resize(struct kunit *test, struct bed *bed, struct model *m, u32 slot, u32 *seed)
{
	size_t bytes = 1 + mrig_test_random(seed) % 900;
	int ret = bed_resize(test, bed, m->off[slot], bytes);

	if (ret) {
		KUNIT_ASSERT_EQ(test, ret, -ENOMEM);
		KUNIT_ASSERT_GT(test, bytes, m->usable[slot]);
		return;
	}
	model_set(test, bed, m, slot, m->off[slot]);
	KUNIT_ASSERT_GE(test, m->usable[slot], bytes);
	if (!is_oob(bed))
		memset(bed->span + m->off[slot], slot, m->usable[slot]);
}

static void check_figures(struct kunit *test, struct bed *bed, struct model *m)
{
	struct mrig_heap_info info = { };

	bed->heap.ops->info(&bed->heap, &info);
	KUNIT_ASSERT_EQ(test, info.live_blocks, m->count);
	KUNIT_ASSERT_EQ(test, info.allocated_bytes, m->bytes);
	KUNIT_ASSERT_GE(test, info.max_allocated_bytes, m->bytes);
	bed_validate(test, bed);
}

static void run_model(struct kunit *test, const struct mrig_heap_ops *ops, u8 hardening,
		      u32 steps)
{
	struct model *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	struct mrig_heap_info info = { };
	struct bed bed;
	u32 seed = 1 + hardening, i, slot;

	KUNIT_ASSERT_NOT_NULL(test, m);
	bed_open(test, &bed, ops, hardening);
	for (i = 0; i < steps; i++) {
		slot = mrig_test_random(&seed) % LIVE;
		if (!m->usable[slot])
			step_alloc(test, &bed, m, slot, &seed);
		else if (mrig_test_random(&seed) % 3)
			step_free(test, &bed, m, slot);
		else
			step_resize(test, &bed, m, slot, &seed);
		if (i % 200 == 0)
			check_figures(test, &bed, m);
	}
	for (slot = 0; slot < LIVE; slot++)
		if (m->usable[slot])
			step_free(test, &bed, m, slot);
	check_figures(test, &bed, m);
	bed.heap.ops->info(&bed.heap, &info);
	KUNIT_EXPECT_EQ(test, info.free_blocks, ops == &mrig_heap_slab ? SPAN / SZ_1K : 1);
	KUNIT_EXPECT_EQ(test, info.frag_permille, 0);
	bed_close(&bed);
}

static void engine_agrees_with_model(struct kunit *test)
{
	const struct mrig_heap_ops *const *ops;

	for (ops = mrig_heap_engines; *ops; ops++)
		run_model(test, *ops, MRIG_HARDEN_BASIC, STEPS);
}

static void engine_agrees_at_every_hardening(struct kunit *test)
{
	const struct mrig_heap_ops *const *ops;
	u8 level;

	for (ops = mrig_heap_engines; *ops; ops++)
		for (level = MRIG_HARDEN_NONE; level <= MRIG_HARDEN_EXTREME; level++)
			if (level != MRIG_HARDEN_BASIC)
				run_model(test, *ops, level, STEPS_CAREFUL);
}

static void engine_refuses_nonsense(struct kunit *test)
{
	const struct mrig_heap_ops *const *ops;
	struct bed bed;
	s64 off;

	for (ops = mrig_heap_engines; *ops; ops++) {
		bed_open(test, &bed, *ops, MRIG_HARDEN_BASIC);
		KUNIT_EXPECT_EQ(test, bed_alloc(test, &bed, 0, 0), -EINVAL);
		KUNIT_EXPECT_EQ(test, bed_alloc(test, &bed, 7, 16), -EINVAL);
		KUNIT_EXPECT_EQ(test, bed_alloc(test, &bed, 0, SPAN + 1), -ENOMEM);
		KUNIT_EXPECT_EQ(test, bed_alloc(test, &bed, 0, SIZE_MAX), -ENOMEM);
		KUNIT_EXPECT_EQ(test, bed_alloc(test, &bed, 64, SIZE_MAX - 7), -ENOMEM);
		off = bed_alloc(test, &bed, 0, 100);
		KUNIT_ASSERT_GE(test, off, 0);
		KUNIT_EXPECT_EQ(test, bed_resize(test, &bed, off, 0), -EINVAL);
		KUNIT_EXPECT_EQ(test, bed_resize(test, &bed, off, SIZE_MAX), -ENOMEM);
		KUNIT_EXPECT_EQ(test, (*ops)->free(&bed.heap, SPAN), -ENOENT);
		KUNIT_EXPECT_EQ(test, (*ops)->free(&bed.heap, U64_MAX), -ENOENT);
		KUNIT_EXPECT_EQ(test, (*ops)->usable(&bed.heap, SPAN + 8), -ENOENT);
		bed_validate(test, &bed);
		bed_close(&bed);
	}
}

static struct kunit_case mrig_engine_cases[] = {
	KUNIT_CASE(engine_agrees_with_model),
	KUNIT_CASE_SLOW(engine_agrees_at_every_hardening),
	KUNIT_CASE(engine_refuses_nonsense),
	{ }
};

static struct kunit_suite mrig_engine_suite = {
	.name = "memrig_engine",
	.test_cases = mrig_engine_cases,
};

kunit_test_suite(mrig_engine_suite);
