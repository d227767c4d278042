// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The ring heap behind the uniform interface: what is its alone. */
#include "mrig_ring.h"
#include "test.h"

static void open_ring(struct world *w, uint64_t bytes, uint32_t max_blocks)
{
	const struct mrig_heap_cfg cfg = {
		.bytes = bytes,
		.max_blocks = max_blocks,
		.stats = true,
		.tags = true,
	};

	assert_int_equal(world_open(w, &mrig_heap_ring, &cfg), 0);
}

static uint64_t largest(struct world *w)
{
	struct mrig_heap_info info;

	w->ops->info(&w->heap, &info);
	return info.largest_free;
}

static void space_comes_back_in_order(void **state)
{
	struct mrig_heap_info info;
	struct world w;

	open_ring(&w, 1000, 0);
	assert_int_equal(world_alloc(&w, 0, 300), 0);
	assert_int_equal(world_alloc(&w, 0, 300), 304);
	assert_int_equal(world_alloc(&w, 0, 300), 608);
	assert_int_equal(w.ops->free(&w.heap, 304), 0);
	assert_int_equal(w.ops->free(&w.heap, 304), -ENOENT);
	assert_int_equal(w.ops->usable(&w.heap, 304), -ENOENT);
	assert_int_equal(world_resize(&w, 304, 8), -ENOENT);
	w.ops->info(&w.heap, &info);
	assert_int_equal(info.live_blocks, 2);
	assert_int_equal(info.allocated_bytes, 608);
	assert_int_equal(info.largest_free, 88);
	assert_int_equal(world_alloc(&w, 0, 300), -ENOMEM);
	/* the oldest takes along what was given back before its time */
	assert_int_equal(w.ops->free(&w.heap, 0), 0);
	assert_int_equal(largest(&w), 608);
	assert_int_equal(world_alloc(&w, 0, 608), 0);
	assert_int_equal(w.ops->free(&w.heap, 608), 0);
	assert_int_equal(w.ops->free(&w.heap, 0), 0);
	assert_int_equal(largest(&w), 1000);
	assert_true(world_sound(&w));
	world_close(&w);
}

static void only_the_newest_grows(void **state)
{
	struct world w;

	open_ring(&w, 1000, 0);
	assert_int_equal(world_alloc(&w, 0, 100), 0);
	assert_int_equal(world_alloc(&w, 0, 100), 104);
	assert_int_equal(world_resize(&w, 0, 105), -ENOMEM);
	assert_int_equal(world_resize(&w, 0, 104), 0);
	assert_int_equal(world_resize(&w, 0, 1), 0);
	assert_int_equal(w.ops->usable(&w.heap, 0), 104);
	assert_int_equal(world_resize(&w, 104, 896), 0);
	assert_int_equal(world_resize(&w, 104, 897), -ENOMEM);
	assert_int_equal(world_resize(&w, 104, 8), 0);
	assert_int_equal(world_alloc(&w, 0, 100), 112);
	/* the newest is gone, and what was before it is that now */
	assert_int_equal(w.ops->free(&w.heap, 112), 0);
	assert_int_equal(world_resize(&w, 112, 16), -ENOENT);
	assert_int_equal(world_resize(&w, 104, 16), 0);
	world_close(&w);
}

static void alignment_is_skipped_to(void **state)
{
	struct world w;

	/* the span begins at a page */
	open_ring(&w, 1024, 0);
	assert_int_equal(world_alloc(&w, 0, 8), 0);
	assert_int_equal(world_alloc(&w, 256, 8), 256);
	assert_int_equal(world_alloc(&w, 256 | 8, 8), 504);
	assert_int_equal(world_alloc(&w, 512, 520), -ENOMEM);
	assert_int_equal(w.ops->free(&w.heap, 0), 0);
	assert_int_equal(largest(&w), 512);
	assert_int_equal(world_alloc(&w, 512, 200), 512);
	assert_int_equal(world_alloc(&w, 512, 248), 0);
	assert_int_equal(world_alloc(&w, 0, 8), 248);
	assert_int_equal(world_alloc(&w, 0, 1), -ENOMEM);
	assert_int_equal(w.ops->free(&w.heap, 256), 0);
	assert_int_equal(largest(&w), 248);
	assert_true(world_sound(&w));
	world_close(&w);
	open_ring(&w, 1024, 0);
	assert_int_equal(world_alloc(&w, 4096, 8), 0);
	assert_int_equal(world_alloc(&w, 4096, 8), -ENOMEM);
	world_close(&w);
}

/* Tags, order and walks are as they were when the table of records is replaced by a larger one. */
static void records_are_fed(void **state)
{
	struct mrig_block out[8];
	struct world w;
	uint64_t cursor = 0, tag, i;

	open_ring(&w, 8 * 300, 0);
	for (i = 0; i < 20; i++)
		assert_int_equal(world_alloc(&w, 0, 8), i * 8);
	for (i = 0; i < 20; i++)
		assert_int_equal(w.ops->free(&w.heap, i * 8), 0);
	for (i = 0; i < 30; i++) {
		assert_int_equal(world_alloc(&w, 0, 8), i * 8);
		assert_int_equal(w.ops->set_tag(&w.heap, i * 8, i + 1), 0);
	}
	assert_int_equal(w.ops->walk(&w.heap, &cursor, out, 8), 8);
	assert_int_equal(out[7].offset, 7 * 8);
	for (; i < 300; i++) {
		assert_int_equal(world_alloc(&w, 0, 8), i * 8);
		assert_int_equal(w.ops->set_tag(&w.heap, i * 8, i + 1), 0);
	}
	assert_int_equal(world_alloc(&w, 0, 8), -ENOSPC);
	assert_int_equal(w.ops->walk(&w.heap, &cursor, out, 8), 8);
	assert_int_equal(out[0].offset, 8 * 8);
	for (i = 0; i < 300; i++) {
		assert_int_equal(w.ops->get_tag(&w.heap, i * 8, &tag), 0);
		assert_int_equal(tag, i + 1);
	}
	assert_true(world_sound(&w));
	world_close(&w);
}

static void records_are_bounded(void **state)
{
	struct mrig_want want = { .index = 5 };
	struct world w;
	int i;

	open_ring(&w, 65536, 33);
	for (i = 0; i < 32; i++)
		assert_true(world_alloc(&w, 0, 8) >= 0);
	w.starve = true;
	assert_int_equal(world_alloc(&w, 0, 8), -EAGAIN);
	w.starve = false;
	/* what is not asked for is not taken */
	assert_ptr_equal(w.ops->feed(&w.heap, &want, &want), &want);
	assert_true(world_alloc(&w, 0, 8) >= 0);
	assert_int_equal(world_alloc(&w, 0, 8), -ENOSPC);
	assert_int_equal(largest(&w), 0);
	w.ops->want(&w.heap, &want);
	assert_int_equal(want.bytes, 0);
	world_close(&w);
}

static int validate(struct world *w, struct mrig_fault *fault)
{
	uint64_t cursor = 0;

	return w->ops->validate(&w->heap, &cursor, ~0U, fault);
}

static void validate_notices(void **state)
{
	struct mrig_ring *ring;
	struct mrig_fault fault;
	struct world w;

	open_ring(&w, 1000, 0);
	assert_int_equal(world_alloc(&w, 0, 100), 0);
	assert_int_equal(world_alloc(&w, 0, 100), 104);
	ring = *(struct mrig_ring **)w.heap.control;
	ring->block[1].off = 96;
	assert_int_equal(validate(&w, &fault), -EIO);
	assert_int_equal(fault.invariant, 18);
	assert_int_equal(fault.offset, 96);
	ring->block[1].off = 100;
	assert_int_equal(validate(&w, &fault), -EIO);
	ring->block[1].off = 104;
	ring->block[0].bytes = 0;
	assert_int_equal(validate(&w, &fault), -EIO);
	ring->block[0].bytes = 8;
	assert_int_equal(validate(&w, &fault), -EIO);
	assert_int_equal(fault.invariant, 19);
	ring->block[0].bytes = 100;
	assert_int_equal(validate(&w, &fault), 0);
	world_close(&w);
}

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* What it says before is what happens then, and it changes nothing. */
static void fits_tells_what_alloc_will_do(void **state)
{
	static const size_t aligns[] = { 0, 8, 64, 256, 64 | 8, 1024 };
	uint32_t seed = 7, live = 0, yes = 0, i;
	uint64_t off[64];
	struct world w;

	open_ring(&w, 4096, 64);
	for (i = 0; i < 20000; i++) {
		size_t align = aligns[next_random(&seed) % 6], bytes = next_random(&seed) % 900;
		uint64_t before = largest(&w);
		bool fits = w.ops->fits(&w.heap, align, bytes);
		int64_t got;

		assert_int_equal(largest(&w), before);
		got = world_alloc(&w, align, bytes);
		assert_int_equal(got >= 0, fits);
		if (got >= 0) {
			off[live++] = got;
			yes++;
		}
		while (live && (got < 0 || live == 60 || next_random(&seed) % 3 == 0)) {
			uint32_t which = next_random(&seed) % 4 ? 0 : next_random(&seed) % live;

			assert_int_equal(w.ops->free(&w.heap, off[which]), 0);
			memmove(&off[which], &off[which + 1], (--live - which) * sizeof(off[0]));
			if (got < 0)
				break;
		}
	}
	assert_true(yes > 5000 && yes < 20000);
	assert_false(w.ops->fits(&w.heap, 0, 0));
	assert_false(w.ops->fits(&w.heap, 7, 8));
	assert_false(w.ops->fits(&w.heap, 0, 4097));
	assert_false(w.ops->fits(&w.heap, 0, SIZE_MAX));
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(space_comes_back_in_order),
		cmocka_unit_test(only_the_newest_grows),
		cmocka_unit_test(alignment_is_skipped_to),
		cmocka_unit_test(records_are_fed),
		cmocka_unit_test(records_are_bounded),
		cmocka_unit_test(fits_tells_what_alloc_will_do),
		cmocka_unit_test(validate_notices),
	};

	return RUN("ring, as a heap", tests);
}
