// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The engine table: side memory, look-ups, cursors, tags. The span of every out-of-band heap here
 * is mapped without access: whoever touches it dies.
 */
#include <string.h>
#include "test.h"
#include "mrig_oob.h"
#include "heap_oob.h"

static struct world w;

static void up(uint64_t bytes, uint32_t max_blocks, bool tags, uint8_t hardening)
{
	struct mrig_heap_cfg cfg = {
		.bytes = bytes,
		.max_blocks = max_blocks,
		.tags = tags,
		.hardening = hardening,
		.stats = true,
	};

	assert_int_equal(world_open(&w, &mrig_heap_oob, &cfg), 0);
}

static void the_span_is_all_payload(void **state)
{
	struct mrig_heap_info info;

	up(1 << 20, 0, false, MRIG_HARDEN_BASIC);
	for (int i = 0; i < (1 << 20) / 64; i++)
		assert_int_equal(world_alloc(&w, 0, 64), i * 64);
	assert_int_equal(world_alloc(&w, 0, 1), -ENOMEM);
	w.ops->info(&w.heap, &info);
	assert_int_equal(info.allocated_bytes, 1 << 20);
	assert_int_equal(info.free_blocks, 0);
	assert_true(world_sound(&w));
	world_close(&w);
}

/* Side memory: 16 bytes a block, 8 more with tags, 1.6 percent, and what grows by a quarter. */
static void side_memory_stays_in_budget(void **state)
{
	for (int tags = 0; tags < 2; tags++) {
		struct mrig_heap_info info;
		uint64_t n, limit;

		up(16 << 20, 0, tags, MRIG_HARDEN_BASIC);
		for (n = 0; n < 100000; n++)
			assert_true(world_alloc(&w, 0, 100) >= 0);
		w.ops->info(&w.heap, &info);
		assert_int_equal(info.side_bytes, w.fed);
		limit = (16 + 8 * tags) * (n + n / 4 + 64) + (16 << 20) / 1000 * 16 + 4096;
		assert_in_range(info.side_bytes, 1, limit);
		world_close(&w);
	}
}

static void ten_blocks_cost_kilobytes(void **state)
{
	up(1ULL << 30, 0, false, MRIG_HARDEN_BASIC);
	for (int i = 0; i < 10; i++)
		assert_true(world_alloc(&w, 0, 100 << 20) >= 0);
	assert_true(w.fed <= 96 << 10);
	assert_true(world_sound(&w));
	world_close(&w);
}

static void nothing_is_fed_twice_as_often_as_promised(void **state)
{
	int64_t off;
	int fed, i;

	up(64 << 20, 0, true, MRIG_HARDEN_BASIC);
	for (i = 0; i < 3000; i++) {
		for (fed = 0; (off = w.ops->alloc(&w.heap, 1 << (i % 18), 1 + i * 7)) == -EAGAIN;
		     fed++)
			assert_true(world_feed(&w));
		assert_true(off >= 0);
		assert_true(fed <= MRIG_WANT_MAX);
		if (i % 3)
			assert_int_equal(w.ops->free(&w.heap, off), 0);
	}
	assert_true(world_sound(&w));
	world_close(&w);
}

/* Starved, everything that can go on does: free always, shrink always, allocation without split. */
static void starved(void **state)
{
	struct mrig_heap_info before, after;
	struct mrig_want want = { 0 };
	int64_t a, b, off;
	int i;

	up(1 << 20, 0, false, MRIG_HARDEN_MODERATE);
	/* not fed yet, and all free */
	w.ops->info(&w.heap, &before);
	assert_int_equal(before.free_bytes, 1 << 20);
	assert_int_equal(before.largest_free, 1 << 20);
	assert_int_equal(before.free_blocks, 1);
	assert_int_equal(before.frag_permille, 0);
	assert_int_equal(w.ops->alloc(&w.heap, 0, 64), -EAGAIN);
	assert_int_equal(w.ops->free(&w.heap, 0), -ENOENT);
	assert_int_equal(w.ops->usable(&w.heap, 0), -ENOENT);
	assert_true(world_sound(&w));
	a = world_alloc(&w, 0, 64);
	b = world_alloc(&w, 0, 1000);
	w.starve = true;
	for (i = 0; (off = world_alloc(&w, 0, 64)) >= 0; i++)
		;
	assert_int_equal(off, -EAGAIN);
	assert_true(i > 0);
	w.ops->info(&w.heap, &before);
	assert_int_equal(world_alloc(&w, 0, 64), -EAGAIN);
	assert_int_equal(world_alloc(&w, 4096, 64), -EAGAIN);
	w.ops->info(&w.heap, &after);
	assert_memory_equal(&before, &after, sizeof(before));
	w.ops->want(&w.heap, &want);
	assert_true(want.bytes > 0);
	assert_int_equal(world_resize(&w, b, 10), 0);
	assert_int_equal(w.ops->usable(&w.heap, b), 1000);
	assert_int_equal(w.ops->free(&w.heap, a), 0);
	assert_int_equal(w.ops->free(&w.heap, b), 0);
	assert_int_equal(world_alloc(&w, 0, 64), a);
	assert_true(world_sound(&w));
	w.starve = false;
	assert_true(world_alloc(&w, 0, 64) >= 0);
	world_close(&w);
}

static void max_blocks_is_a_bound(void **state)
{
	int64_t off[10];

	up(1 << 20, 10, false, MRIG_HARDEN_BASIC);
	for (int i = 0; i < 9; i++) {
		off[i] = world_alloc(&w, 0, 64);
		assert_true(off[i] >= 0);
	}
	/* nine live, one free: a tenth would leave an eleventh */
	assert_int_equal(world_alloc(&w, 0, 64), -ENOSPC);
	assert_int_equal(w.ops->free(&w.heap, off[4]), 0);
	assert_int_equal(world_alloc(&w, 0, 64), off[4]);
	assert_int_equal(world_alloc(&w, 0, (1 << 20) - 9 * 64), 9 * 64);
	assert_int_equal(world_alloc(&w, 0, 64), -ENOMEM);
	assert_true(world_sound(&w));
	world_close(&w);
}

/* Only the start of a live block names it. */
static void only_starts_are_blocks(void **state)
{
	int64_t off[8];
	uint64_t live = 0, tag;

	up(4096, 0, true, MRIG_HARDEN_BASIC);
	for (int i = 0; i < 8; i++)
		off[i] = world_alloc(&w, 0, 16 + 24 * i);
	for (int i = 0; i < 8; i += 2)
		assert_int_equal(w.ops->free(&w.heap, off[i]), 0);
	for (uint64_t at = 0; at < 8192; at++) {
		bool is = false;

		for (int i = 1; i < 8; i += 2)
			is |= at == (uint64_t)off[i];
		live += is;
		if (is) {
			assert_true(w.ops->usable(&w.heap, at) > 0);
			assert_int_equal(w.ops->set_tag(&w.heap, at, at), 0);
			continue;
		}
		assert_int_equal(w.ops->usable(&w.heap, at), -ENOENT);
		assert_int_equal(w.ops->free(&w.heap, at), -ENOENT);
		assert_int_equal(w.ops->resize(&w.heap, at, 8), -ENOENT);
		assert_int_equal(w.ops->set_tag(&w.heap, at, 1), -ENOENT);
		assert_int_equal(w.ops->get_tag(&w.heap, at, &tag), -ENOENT);
	}
	assert_int_equal(live, 4);
	for (int bit = 12; bit < 64; bit++) {
		assert_int_equal(w.ops->free(&w.heap, 1ULL << bit), -ENOENT);
		assert_int_equal(w.ops->free(&w.heap, 1ULL << bit | off[1]), -ENOENT);
	}
	assert_int_equal(w.ops->free(&w.heap, ~0ULL), -ENOENT);
	for (int i = 1; i < 8; i += 2) {
		assert_int_equal(w.ops->get_tag(&w.heap, off[i], &tag), 0);
		assert_int_equal(tag, off[i]);
	}
	assert_true(world_sound(&w));
	world_close(&w);
}

static void tags_start_at_zero(void **state)
{
	uint64_t tag;
	int64_t off;

	up(1 << 16, 0, true, MRIG_HARDEN_BASIC);
	for (int i = 0; i < 500; i++) {
		off = world_alloc(&w, i % 5 ? 0 : 256, 1 + i % 90);
		tag = 1;
		assert_int_equal(w.ops->get_tag(&w.heap, off, &tag), 0);
		assert_int_equal(tag, 0);
		assert_int_equal(w.ops->set_tag(&w.heap, off, ~0ULL), 0);
		if (i % 4)
			assert_int_equal(w.ops->free(&w.heap, off), 0);
	}
	world_close(&w);
}

/* A walk in small steps, with a heap that changes in between, sees each lasting block once. */
static void cursor_survives_changes(void **state)
{
	enum { N = 600 };
	static int seen[N];
	static int64_t off[N];
	struct mrig_block blk[3];
	uint64_t cursor = 0, rnd = 1;
	uint32_t n;

	up(1 << 20, 0, true, MRIG_HARDEN_BASIC);
	memset(seen, 0, sizeof(seen));
	for (int i = 0; i < N; i++) {
		off[i] = world_alloc(&w, 0, 16 + i % 300);
		assert_int_equal(w.ops->set_tag(&w.heap, off[i], 1 + i), 0);
	}
	while ((n = w.ops->walk(&w.heap, &cursor, blk, 3))) {
		for (uint32_t k = 0; k < n; k++) {
			if (blk[k].used && blk[k].tag && blk[k].tag % 2)
				seen[blk[k].tag - 1]++;
		}
		/* blocks with an even tag come and go */
		for (int k = 0; k < 4; k++) {
			int i;

			rnd = rnd * 6364136223846793005ULL + 1;
			i = (int)(rnd >> 40) % (N / 2) * 2 + 1;
			if (off[i] >= 0) {
				assert_int_equal(w.ops->free(&w.heap, off[i]), 0);
				off[i] = -1;
			} else {
				off[i] = world_alloc(&w, 0, 16 + (rnd >> 33) % 300);
				assert_int_equal(w.ops->set_tag(&w.heap, off[i], 1 + i), 0);
			}
		}
	}
	for (int i = 0; i < N; i += 2)
		assert_int_equal(seen[i], 1);
	world_close(&w);
}

static void validate_in_batches(void **state)
{
	struct mrig_fault fault;
	uint64_t cursor = 0;
	int batches = 0;

	up(1 << 20, 0, false, MRIG_HARDEN_BASIC);
	for (int i = 0; i < 1000; i++)
		assert_true(world_alloc(&w, 0, 16 + i % 300) >= 0);
	do {
		assert_int_equal(w.ops->validate(&w.heap, &cursor, 64, &fault), 0);
		assert_int_equal(fault.invariant, 0);
		w.ops->free(&w.heap, (batches * 7 % 200) * 8);
		batches++;
		assert_true(batches < 40);
	} while (cursor);
	assert_true(batches >= 1000 / 64);
	world_close(&w);
}

/* Break the side table: validation names an invariant, and MODERATE stops at the fault. */
static void damaged_side_table(void **state)
{
	static const size_t field[] = { 0, 4, 8 };
	struct mrig_fault fault;

	for (size_t f = 0; f < 3; f++) {
		for (int bit = 1; bit < 32; bit += 3) {
			struct mrig_oob *h;
			uint64_t cursor = 0;
			int64_t off[6];

			up(1 << 16, 0, false, MRIG_HARDEN_MODERATE);
			for (int i = 0; i < 6; i++)
				off[i] = world_alloc(&w, 0, 64);
			assert_int_equal(w.ops->free(&w.heap, off[2]), 0);
			h = w.heap.control;
			*(uint32_t *)((char *)rec(h, mrig_oob_find(h, off[3])) + field[f]) ^=
				1U << bit;
			assert_int_equal(w.ops->validate(&w.heap, &cursor, ~0U, &fault), -EIO);
			assert_in_range(fault.invariant, 1, 12);
			world_faults();
			world_close(&w);
		}
	}
}

static void sealed_records(void **state)
{
	struct mrig_oob *h;
	int64_t off;

	up(1 << 16, 0, false, MRIG_HARDEN_FULL);
	off = world_alloc(&w, 0, 64);
	assert_true(world_alloc(&w, 0, 64) >= 0);
	h = w.heap.control;
	rec(h, mrig_oob_find(h, off))->named ^= 1;
	assert_int_equal(w.ops->free(&w.heap, off), -EIO);
	assert_int_equal(world_faults(), 1);
	assert_int_equal(w.ops->alloc(&w.heap, 0, 64), -EIO);
	assert_int_equal(w.ops->free(&w.heap, off), -EIO);
	assert_int_equal(w.ops->resize(&w.heap, off, 64), -EIO);
	assert_int_equal(w.ops->usable(&w.heap, off), -EIO);
	world_close(&w);
}

static void drained_is_dead(void **state)
{
	void *mem, *pieces[64];
	int n = 0;

	up(16 << 20, 0, true, MRIG_HARDEN_BASIC);
	for (int i = 0; i < 1000; i++)
		assert_true(world_alloc(&w, 0, 10000) >= 0);
	while ((mem = w.ops->drain(&w.heap)))
		pieces[n++] = mem;
	assert_true(n > 2);
	assert_int_equal(w.ops->alloc(&w.heap, 0, 64), -EIO);
	assert_int_equal(w.ops->free(&w.heap, 0), -EIO);
	assert_null(w.ops->drain(&w.heap));
	while (n--) {
		size_t *p = (size_t *)((char *)pieces[n] - sizeof(size_t[2]));

		w.fed -= *p;
		free(p);
	}
	world_close(&w);
}

/* Everything for a number of blocks in advance: then nothing is ever lacking. */
static void reserved_in_advance(void **state)
{
	struct mrig_want want;
	int64_t off = 0;
	int n;

	up(1 << 20, 500, true, MRIG_HARDEN_BASIC);
	for (n = 0; n < 100; n++) {
		void *mem;

		mrig_oob_want_blocks(w.heap.control, 500, &want);
		if (!want.bytes)
			break;
		((struct mrig_oob *)w.heap.control)->want = want;
		mem = w.heap.control;
		assert_non_null(mem);
		assert_true(world_feed(&w));
	}
	assert_true(n < 100);
	w.starve = true;
	for (n = 0; off >= 0; n++)
		off = world_alloc(&w, n % 3 ? 0 : 512, 700);
	assert_int_equal(off, -ENOSPC);
	assert_true(n > 250);
	assert_true(world_sound(&w));
	world_close(&w);
}

static void bad_configurations(void **state)
{
	const struct mrig_heap_cfg good = { .base = 4096, .bytes = 4096, .hardening = 1 };
	struct mrig_heap_cfg cfg = good;

	assert_true(mrig_heap_oob.control_bytes(&cfg) > 0);
	cfg.bytes = 8;
	assert_int_equal(mrig_heap_oob.control_bytes(&cfg), 0);
	cfg.bytes = 1ULL << 40;
	assert_int_equal(mrig_heap_oob.control_bytes(&cfg), 0);
	cfg.bytes = UINT64_MAX - 100;
	assert_int_equal(mrig_heap_oob.control_bytes(&cfg), 0);
	cfg = good;
	cfg.base = UINTPTR_MAX - 7;
	assert_int_equal(mrig_heap_oob.control_bytes(&cfg), 0);
	cfg.base = 4097;
	assert_int_equal(mrig_heap_oob.control_bytes(&cfg), 0);
	cfg = good;
	cfg.hardening = 5;
	assert_int_equal(mrig_heap_oob.control_bytes(&cfg), 0);
	assert_int_equal(mrig_heap_inband.control_bytes(&cfg), 0);
	cfg = good;
	cfg.base = 0;
	assert_int_equal(mrig_heap_inband.control_bytes(&cfg), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_span_is_all_payload),
		cmocka_unit_test(side_memory_stays_in_budget),
		cmocka_unit_test(ten_blocks_cost_kilobytes),
		cmocka_unit_test(nothing_is_fed_twice_as_often_as_promised),
		cmocka_unit_test(starved),
		cmocka_unit_test(max_blocks_is_a_bound),
		cmocka_unit_test(only_starts_are_blocks),
		cmocka_unit_test(tags_start_at_zero),
		cmocka_unit_test(cursor_survives_changes),
		cmocka_unit_test(validate_in_batches),
		cmocka_unit_test(damaged_side_table),
		cmocka_unit_test(sealed_records),
		cmocka_unit_test(drained_is_dead),
		cmocka_unit_test(reserved_in_advance),
		cmocka_unit_test(bad_configurations),
	};

	return RUN("out of band", tests);
}
