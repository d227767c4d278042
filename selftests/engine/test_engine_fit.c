// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* First fit and best fit: that they are, and what is theirs alone. */
#include "engine_fit.h"
#include "test.h"

static void open_fit(struct world *w, const struct mrig_heap_ops *ops, uint64_t bytes,
		     uint32_t max_blocks)
{
	const struct mrig_heap_cfg cfg = {
		.bytes = bytes,
		.max_blocks = max_blocks,
		.stats = true,
		.tags = true,
	};

	assert_int_equal(world_open(w, ops, &cfg), 0);
}

/* Holes of 200, 64 and 104 bytes, in this order, and a rest of 300 or so. */
static void dig(struct world *w)
{
	static const size_t size[] = { 200, 8, 64, 8, 104, 8 };
	int64_t off[6];
	int i;

	for (i = 0; i < 6; i++)
		off[i] = world_alloc(w, 0, size[i]);
	assert_int_equal(off[5], 384);
	for (i = 0; i < 6; i += 2)
		assert_int_equal(w->ops->free(&w->heap, (uint64_t)off[i]), 0);
}

static void the_first_that_fits(void **state)
{
	struct world w;

	open_fit(&w, &mrig_heap_first_fit, 704, 0);
	dig(&w);
	assert_int_equal(world_alloc(&w, 0, 60), 0);
	assert_int_equal(world_alloc(&w, 0, 104), 64);
	assert_int_equal(world_alloc(&w, 0, 104), 280);
	assert_int_equal(world_alloc(&w, 0, 32), 168);
	assert_int_equal(world_alloc(&w, 0, 313), -ENOMEM);
	assert_int_equal(world_alloc(&w, 0, 312), 392);
	assert_int_equal(world_alloc(&w, 0, 64), 208);
	assert_int_equal(world_alloc(&w, 0, 1), -ENOMEM);
	world_close(&w);
}

static void the_smallest_that_fits(void **state)
{
	struct world w;

	open_fit(&w, &mrig_heap_best_fit, 704, 0);
	dig(&w);
	assert_int_equal(world_alloc(&w, 0, 60), 208);
	assert_int_equal(world_alloc(&w, 0, 60), 280);
	assert_int_equal(world_alloc(&w, 0, 100), 0);
	assert_int_equal(world_alloc(&w, 0, 312), 392);
	assert_int_equal(world_alloc(&w, 0, 40), 344);
	world_close(&w);
}

static void neighbours_become_one(void **state)
{
	const struct mrig_heap_ops *ops[] = { &mrig_heap_first_fit, &mrig_heap_best_fit };
	struct mrig_heap_info info;
	struct world w;
	int i, k;

	for (i = 0; i < 2; i++) {
		open_fit(&w, ops[i], 500, 0);
		for (k = 0; k < 62; k++)
			assert_int_equal(world_alloc(&w, 0, 1), k * 8);
		assert_int_equal(world_alloc(&w, 0, 1), -ENOMEM);
		for (k = 0; k < 62; k += 2)
			assert_int_equal(w.ops->free(&w.heap, (uint64_t)k * 8), 0);
		w.ops->info(&w.heap, &info);
		assert_int_equal(info.free_blocks, 31);
		assert_int_equal(info.largest_free, 8);
		for (k = 61; k > 0; k -= 2)
			assert_int_equal(w.ops->free(&w.heap, (uint64_t)k * 8), 0);
		w.ops->info(&w.heap, &info);
		assert_int_equal(info.free_blocks, 1);
		assert_int_equal(info.largest_free, 496);
		assert_int_equal(info.max_allocated_bytes, 496);
		world_close(&w);
	}
}

static void in_place(void **state)
{
	struct world w;

	open_fit(&w, &mrig_heap_first_fit, 400, 0);
	assert_int_equal(world_alloc(&w, 0, 100), 0);
	assert_int_equal(world_alloc(&w, 0, 100), 104);
	assert_int_equal(world_resize(&w, 0, 105), -ENOMEM);
	assert_int_equal(world_resize(&w, 0, 50), 0);
	assert_int_equal(w.ops->usable(&w.heap, 0), 56);
	assert_int_equal(world_resize(&w, 0, 80), 0);
	assert_int_equal(world_resize(&w, 0, 104), 0);
	assert_int_equal(world_resize(&w, 104, 296), 0);
	assert_int_equal(world_resize(&w, 104, 297), -ENOMEM);
	assert_true(world_sound(&w));
	world_close(&w);
}

static void alignment(void **state)
{
	struct world w;

	open_fit(&w, &mrig_heap_best_fit, 1024, 0);
	assert_int_equal(world_alloc(&w, 0, 8), 0);
	assert_int_equal(world_alloc(&w, 256, 8), 256);
	assert_int_equal(world_alloc(&w, 256 | 16, 8), 240);
	assert_int_equal(world_alloc(&w, 8192, 8), -ENOMEM);
	assert_int_equal(world_alloc(&w, 0, 232), 8);
	assert_true(world_sound(&w));
	world_close(&w);
}

/* Without a record for what is left over, a block is larger than asked for. */
static void records_are_bounded(void **state)
{
	struct mrig_want want = { .index = 5 };
	struct world w;
	int i;

	open_fit(&w, &mrig_heap_first_fit, 65536, 33);
	for (i = 0; i < 31; i++)
		assert_int_equal(world_alloc(&w, 0, 8), i * 8);
	w.starve = true;
	assert_int_equal(world_alloc(&w, 0, 8), -EAGAIN);
	assert_ptr_equal(w.ops->feed(&w.heap, &want, &want), &want);
	w.starve = false;
	assert_int_equal(world_alloc(&w, 0, 8), 31 * 8);
	assert_int_equal(world_alloc(&w, 512, 8), -ENOSPC);
	assert_int_equal(world_alloc(&w, 0, 8), 32 * 8);
	assert_int_equal(w.ops->usable(&w.heap, 32 * 8), 65536 - 32 * 8);
	assert_int_equal(world_alloc(&w, 0, 8), -ENOMEM);
	/* a shrink is granted, and keeps what it cannot give back */
	assert_int_equal(world_resize(&w, 32 * 8, 8), 0);
	assert_int_equal(w.ops->usable(&w.heap, 32 * 8), 65536 - 32 * 8);
	w.ops->want(&w.heap, &want);
	assert_int_equal(want.bytes, 0);
	assert_true(world_sound(&w));
	world_close(&w);
}

static int validate(struct world *w, struct mrig_fault *fault)
{
	uint64_t cursor = 0;

	return w->ops->validate(&w->heap, &cursor, ~0U, fault);
}

static void validate_notices(void **state)
{
	struct mrig_fault fault;
	struct mrig_fit *h;
	struct world w;

	open_fit(&w, &mrig_heap_first_fit, 704, 0);
	dig(&w);
	h = w.heap.control;
	assert_int_equal(validate(&w, &fault), 0);
	h->rec[2].bytes += 8;
	assert_int_equal(validate(&w, &fault), -EIO);
	assert_int_equal(fault.invariant, 20);
	h->rec[2].bytes -= 8;
	h->rec[1].next = h->rec[1].prev;
	assert_int_equal(validate(&w, &fault), -EIO);
	assert_int_equal(fault.invariant, 21);
	h->rec[1].next = 3;
	assert_int_equal(validate(&w, &fault), 0);
	h->live++;
	assert_int_equal(validate(&w, &fault), -EIO);
	assert_int_equal(fault.invariant, 22);
	h->live--;
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_that_fits),
		cmocka_unit_test(the_smallest_that_fits),
		cmocka_unit_test(neighbours_become_one),
		cmocka_unit_test(in_place),
		cmocka_unit_test(alignment),
		cmocka_unit_test(records_are_bounded),
		cmocka_unit_test(validate_notices),
	};

	return RUN("first fit, best fit", tests);
}
