// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* The buffer manager: what each call promises, bad input, and random programs. */
#include <sys/mman.h>
#include "memory.h"
#include "memrig_smart.h"

#define HEAP 8192

static char small[8][32] __attribute__((aligned(64)));
static char large[4][256] __attribute__((aligned(256)));
static char heap[HEAP] __attribute__((aligned(64)));
static const struct memrig_span_opts outside = { .flags = MEMRIG_SPAN_OOB, .hardening = 1 };
static struct memrig_smart *smart;

static int up(void **state)
{
	assert_int_equal(memrig_smart_create(&smart, 1), 0);
	assert_int_equal(memrig_smart_add_heap(smart, heap, HEAP, &outside), 0);
	assert_int_equal(memrig_smart_add_tier(smart, large, 256, 4), 0);
	assert_int_equal(memrig_smart_add_tier(smart, small, 32, 8), 0);
	return 0;
}

static int down(void **state)
{
	assert_int_equal(memrig_smart_destroy(smart), 0);
	mrig_handle_drop_all();
	assert_int_equal(mem_live, 0);
	return 0;
}

static bool within(const void *p, const void *of, size_t bytes)
{
	return p && (uintptr_t)p - (uintptr_t)of < bytes;
}

#define IN(p, array) within(p, array, sizeof(array))

static void small_requests_use_tiers(void **state)
{
	void *p[14], *aligned;

	for (int i = 0; i < 8; i++)
		assert_true(IN(p[i] = memrig_smart_alloc(smart, 1 + 4 * i), small));
	for (int i = 8; i < 12; i++)
		assert_true(IN(p[i] = memrig_smart_alloc(smart, 20), large));
	assert_true(IN(p[12] = memrig_smart_alloc(smart, 20), heap));
	assert_true(IN(p[13] = memrig_smart_alloc(smart, 2000), heap));
	assert_int_equal(memrig_smart_usable_size(smart, p[0]), 32);
	assert_int_equal(memrig_smart_usable_size(smart, p[8]), 256);
	assert_true(memrig_smart_usable_size(smart, p[13]) >= 2000);
	for (int i = 0; i < 14; i++)
		assert_int_equal(memrig_smart_free(smart, p[i]), 0);
	aligned = memrig_smart_aligned_alloc(smart, 128, 20);
	assert_true(IN(aligned, large));
	assert_int_equal(memrig_smart_free(smart, aligned), 0);
}

static void figures(void **state)
{
	struct memrig_smart_stats tier;
	struct memrig_span_stats span;
	void *p[9];

	for (int i = 0; i < 9; i++)
		p[i] = memrig_smart_alloc(smart, 16);
	assert_int_equal(memrig_smart_tier(NULL, 0, &tier), -EINVAL);
	assert_int_equal(memrig_smart_tier(smart, 0, NULL), -EINVAL);
	assert_int_equal(memrig_smart_tier(smart, 2, &tier), -ENOENT);
	assert_int_equal(memrig_smart_heap(NULL, 0, &span), -EINVAL);
	assert_int_equal(memrig_smart_heap(smart, 0, NULL), -EINVAL);
	assert_int_equal(memrig_smart_heap(smart, 1, &span), -ENOENT);
	assert_int_equal(memrig_smart_tier(smart, 0, &tier), 0);
	assert_ptr_equal(tier.mem, small);
	assert_int_equal(tier.block_size, 32);
	assert_int_equal(tier.blocks, 8);
	assert_int_equal(tier.used, 8);
	assert_int_equal(tier.hits, 8);
	assert_int_equal(tier.full, 1);
	assert_int_equal(tier.lent, 0);
	for (int i = 0; i < 9; i++)
		assert_int_equal(memrig_smart_free(smart, p[i]), 0);
	assert_int_equal(memrig_smart_tier(smart, 1, &tier), 0);
	assert_int_equal(tier.lent, 1);
	assert_int_equal(tier.used, 0);
	assert_int_equal(tier.max_used, 1);
	assert_int_equal(memrig_smart_heap(smart, 0, &span), 0);
	assert_ptr_equal(span.mem, heap);
	assert_true(span.out_of_band);
}

static void bad_parts(void **state)
{
	const struct memrig_span_opts bad = { .hardening = 77 };
	static char other[256] __attribute__((aligned(64)));

	assert_int_equal(memrig_smart_create(NULL, 0), -EINVAL);
	assert_int_equal(memrig_smart_destroy(NULL), 0);
	assert_int_equal(memrig_smart_add_tier(NULL, other, 32, 8), -EINVAL);
	assert_int_equal(memrig_smart_add_tier(smart, NULL, 32, 8), -EINVAL);
	assert_int_equal(memrig_smart_add_tier(smart, other, 0, 8), -EINVAL);
	assert_int_equal(memrig_smart_add_tier(smart, other, 33, 8), -EINVAL);
	assert_int_equal(memrig_smart_add_tier(smart, other + 1, 32, 4), -EINVAL);
	assert_int_equal(memrig_smart_add_tier(smart, other, 32, 0), -EINVAL);
	assert_int_equal(memrig_smart_add_tier(smart, other, 32, UINT32_MAX), -EINVAL);
	assert_int_equal(memrig_smart_add_tier(smart, other, SIZE_MAX - 7, 8), -EINVAL);
	assert_int_equal(memrig_smart_add_tier(smart, small[4], 32, 1), -EINVAL);
	assert_int_equal(memrig_smart_add_tier(smart, heap + 512, 32, 1), -EINVAL);
	assert_int_equal(memrig_smart_add_heap(NULL, other, 256, NULL), -EINVAL);
	assert_int_equal(memrig_smart_add_heap(smart, NULL, 256, NULL), -EINVAL);
	assert_int_equal(memrig_smart_add_heap(smart, other, 4, NULL), -EINVAL);
	assert_int_equal(memrig_smart_add_heap(smart, other, 256, &bad), -EINVAL);
	assert_int_equal(memrig_smart_add_heap(smart, small, 256, &outside), -EINVAL);
	assert_int_equal(memrig_smart_add_heap(smart, heap + 64, 512, &outside), -EINVAL);
	assert_int_equal(memrig_smart_remove(NULL, heap), -EINVAL);
	assert_int_equal(memrig_smart_remove(smart, NULL), -ENOENT);
	assert_int_equal(memrig_smart_remove(smart, other), -ENOENT);
	assert_int_equal(memrig_smart_remove(smart, heap + 8), -ENOENT);
	assert_int_equal(memrig_smart_remove(smart, small[1]), -ENOENT);
}

static void bad_blocks(void **state)
{
	char *p = memrig_smart_alloc(smart, 16), *q = memrig_smart_alloc(smart, 1000);
	char other[64];

	assert_null(memrig_smart_alloc(NULL, 8));
	assert_null(memrig_smart_alloc(smart, 0));
	assert_null(memrig_smart_alloc(smart, HEAP));
	assert_null(memrig_smart_alloc(smart, SIZE_MAX));
	assert_null(memrig_smart_aligned_alloc(smart, 3, 8));
	assert_null(memrig_smart_calloc(smart, SIZE_MAX / 2, 3));
	assert_null(memrig_smart_calloc(smart, 0, 3));
	assert_null(memrig_smart_realloc(NULL, p, 8));
	assert_null(memrig_smart_realloc(smart, other, 8));
	assert_null(memrig_smart_realloc(smart, p + 8, 8));
	assert_null(memrig_smart_realloc(smart, small[5], 8));
	assert_null(memrig_smart_realloc(smart, p, SIZE_MAX));
	assert_int_equal(memrig_smart_usable_size(NULL, p), 0);
	assert_int_equal(memrig_smart_usable_size(smart, NULL), 0);
	assert_int_equal(memrig_smart_usable_size(smart, p + 8), 0);
	assert_int_equal(memrig_smart_usable_size(smart, other), 0);
	assert_int_equal(memrig_smart_free(NULL, p), -EINVAL);
	assert_int_equal(memrig_smart_free(smart, NULL), -EINVAL);
	assert_int_equal(memrig_smart_free(smart, p + 8), -EINVAL);
	assert_int_equal(memrig_smart_free(smart, other), -ENOENT);
	assert_int_equal(memrig_smart_free(smart, q + 8), -ENOENT);
	assert_int_equal(memrig_smart_free(smart, small[5]), -EALREADY);
	assert_int_equal(memrig_smart_destroy(smart), -EBUSY);
	assert_int_equal(memrig_smart_remove(smart, small), -EBUSY);
	assert_int_equal(memrig_smart_remove(smart, heap), -EBUSY);
	assert_int_equal(memrig_smart_free(smart, p), 0);
	assert_int_equal(memrig_smart_free(smart, p), -EALREADY);
	assert_int_equal(memrig_smart_destroy(smart), -EBUSY);
	assert_null(memrig_smart_realloc(smart, q, 0));
	assert_int_equal(memrig_smart_free(smart, q), -ENOENT);
	assert_int_equal(memrig_smart_remove(smart, small), 0);
	assert_int_equal(memrig_smart_remove(smart, heap), 0);
	assert_null(memrig_smart_alloc(smart, 1000));
}

static void realloc_and_calloc(void **state)
{
	char *p = memrig_smart_realloc(smart, NULL, 32);

	memset(p, 'x', 32);
	assert_ptr_equal(memrig_smart_realloc(smart, p, 5), p);
	p = memrig_smart_realloc(smart, p, 200);
	assert_true(IN(p, large));
	p = memrig_smart_realloc(smart, p, 2000);
	assert_true(IN(p, heap));
	for (int i = 0; i < 32; i++)
		assert_int_equal(p[i], 'x');
	assert_int_equal(memrig_smart_free(smart, p), 0);
	memset(small, 'x', sizeof(small));
	p = memrig_smart_calloc(smart, 4, 8);
	for (int i = 0; i < 32; i++)
		assert_int_equal(p[i], 0);
	assert_int_equal(memrig_smart_free(smart, p), 0);
}

/* No part of it touches memory that is handed over as out-of-band. */
static void untouchable(void **state)
{
	char *at = mmap(NULL, 1 << 20, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *p[200];

	assert_true(at != MAP_FAILED);
	assert_int_equal(memrig_smart_remove(smart, heap), 0);
	assert_int_equal(memrig_smart_add_tier(smart, at, 512, 100), 0);
	assert_int_equal(memrig_smart_add_heap(smart, at + 65536, 1 << 19, &outside), 0);
	for (int i = 0; i < 200; i++)
		assert_non_null(p[i] = memrig_smart_alloc(smart, 400));
	for (int i = 0; i < 200; i++)
		assert_int_equal(memrig_smart_free(smart, p[i * 7 % 200]), 0);
	assert_int_equal(memrig_smart_remove(smart, at), 0);
	assert_int_equal(memrig_smart_remove(smart, at + 65536), 0);
	munmap(at, 1 << 20);
}

static void any_number_of_parts(void **state)
{
	static char more[50][64] __attribute__((aligned(64)));
	static char heaps[50][256] __attribute__((aligned(64)));
	struct memrig_smart_stats tier;

	for (int i = 0; i < 50; i++) {
		assert_int_equal(memrig_smart_add_tier(smart, more[i], 8 + 8 * (i % 8), 1), 0);
		assert_int_equal(memrig_smart_add_heap(smart, heaps[i], 256, NULL), 0);
	}
	assert_int_equal(memrig_smart_tier(smart, 51, &tier), 0);
	assert_int_equal(tier.block_size, 256);
	assert_int_equal(memrig_smart_tier(smart, 0, &tier), 0);
	assert_int_equal(tier.block_size, 8);
	for (int i = 0; i < 50; i++)
		assert_int_equal(memrig_smart_remove(smart, more[i]), 0);
}

/* Blocks keep their bytes whatever becomes of the others. */
static void random_programs(void **state)
{
	struct block {
		unsigned char *at;
		size_t bytes;
		unsigned char fill;
	} held[48] = { 0 };
	unsigned int seed = 5;

	for (int step = 0; step < 30000; step++) {
		struct block *b = &held[rand_r(&seed) % 48];
		size_t bytes = 1 + rand_r(&seed) % (rand_r(&seed) % 3 ? 60 : 600);
		unsigned char *to;

		for (size_t i = 0; b->at && i < b->bytes; i++)
			assert_int_equal(b->at[i], b->fill);
		if (b->at && rand_r(&seed) % 2) {
			assert_int_equal(memrig_smart_free(smart, b->at), 0);
			b->at = NULL;
			continue;
		}
		to = memrig_smart_realloc(smart, b->at, bytes);
		if (!to)
			continue;
		b->at = to;
		b->bytes = bytes;
		b->fill = (unsigned char)step;
		memset(to, b->fill, bytes);
	}
	for (int i = 0; i < 48; i++) {
		if (held[i].at)
			assert_int_equal(memrig_smart_free(smart, held[i].at), 0);
	}
}

static int create(void)
{
	int err = memrig_smart_create(&smart, 0);

	if (!err)
		err = memrig_smart_add_tier(smart, small, 32, 8);
	if (!err)
		err = memrig_smart_add_heap(smart, heap, HEAP, &outside);
	if (err && smart)
		memrig_smart_destroy(smart);
	if (err)
		smart = NULL;
	return err;
}

static void without_memory(void **state)
{
	smart = NULL;
	/* itself; the tier, the array; the heap, its bookkeeping, the array */
	assert_int_equal(mem_starve(create), 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(small_requests_use_tiers, up, down),
		cmocka_unit_test_setup_teardown(figures, up, down),
		cmocka_unit_test_setup_teardown(bad_parts, up, down),
		cmocka_unit_test_setup_teardown(bad_blocks, up, down),
		cmocka_unit_test_setup_teardown(realloc_and_calloc, up, down),
		cmocka_unit_test_setup_teardown(untouchable, up, down),
		cmocka_unit_test_setup_teardown(any_number_of_parts, up, down),
		cmocka_unit_test_setup_teardown(random_programs, up, down),
		cmocka_unit_test_teardown(without_memory, down),
	};

	return RUN("memrig_smart", tests);
}
