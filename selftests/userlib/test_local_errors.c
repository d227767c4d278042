// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Heaps that the library runs itself: refusals, their reasons, and damage.
 */
#include "test.h"

static void bad_arguments_are_refused(void **state)
{
	static const struct {
		struct memrig_heap_create args;
		size_t bytes;
		int error;
	} rows[] = {
		{ { .size = 8, .placement = MEMRIG_PLACEMENT_OOB }, 4096, -EINVAL },
		{ { .size = sizeof(struct memrig_heap_create) }, 4096, -EINVAL },
		{ { .size = sizeof(struct memrig_heap_create), .placement = 3 },
		  4096,
		  -EOPNOTSUPP },
		{ { .size = sizeof(struct memrig_heap_create),
		    .placement = MEMRIG_PLACEMENT_OOB,
		    .hardening = 5 },
		  4096,
		  -EOPNOTSUPP },
		{ { .size = sizeof(struct memrig_heap_create),
		    .placement = MEMRIG_PLACEMENT_OOB,
		    .offset = 8 },
		  4096,
		  -EINVAL },
		{ { .size = sizeof(struct memrig_heap_create),
		    .placement = MEMRIG_PLACEMENT_OOB,
		    .length = 8 },
		  4096,
		  -EINVAL },
		{ { .size = sizeof(struct memrig_heap_create),
		    .placement = MEMRIG_PLACEMENT_OOB,
		    .flags = MEMRIG_HEAP_SCRUB },
		  4096,
		  -EOPNOTSUPP },
		{ { .size = sizeof(struct memrig_heap_create), .placement = MEMRIG_PLACEMENT_OOB },
		  0,
		  -EINVAL },
		{ { .size = sizeof(struct memrig_heap_create),
		    .placement = MEMRIG_PLACEMENT_INBAND },
		  8,
		  -EINVAL },
	};
	struct memrig_heap_create args;
	memrig_heap_t *heap;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		args = rows[i].args;
		assert_int_equal(memrig_local_create(NULL, rows[i].bytes, &args, &heap),
				 rows[i].error);
	}
}

static void unknown_tail_must_be_zero(void **state)
{
	struct {
		struct memrig_heap_create args;
		uint64_t tail;
	} newer = {
		.args = { .size = sizeof(newer), .placement = MEMRIG_PLACEMENT_OOB },
		.tail = 1,
	};
	memrig_heap_t *heap;

	assert_int_equal(memrig_local_create(NULL, 4096, &newer.args, &heap), -E2BIG);
	newer.tail = 0;
	assert_int_equal(memrig_local_create(NULL, 4096, &newer.args, &heap), 0);
	memrig_heap_close(heap);
}

static void what_only_the_kernel_can_is_refused(void **state)
{
	memrig_heap_t *heap = make_heap(MEMRIG_PLACEMENT_OOB, 4096, 0);
	memrig_region_t *region;
	memrig_heap_t *other;
	uint64_t offset;

	assert_int_equal(memrig_heap_alloc_at(heap, 0, 8, &offset, NULL), 0);
	assert_int_equal(memrig_heap_fd(heap), -EOPNOTSUPP);
	assert_int_equal(memrig_heap_attach(heap, &other), -EOPNOTSUPP);
	assert_int_equal(memrig_heap_region(heap, &region), -EOPNOTSUPP);
	assert_int_equal(memrig_heap_give(heap, offset, 2), -EOPNOTSUPP);
	assert_int_equal(memrig_heap_keep(heap, offset), -EOPNOTSUPP);
	memrig_heap_close(heap);
}

static void frees_of_no_block_change_nothing(void **state)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	memrig_heap_t *heap = make_heap(MEMRIG_PLACEMENT_OOB, 65536, 0);
	uint64_t offset, usable;
	char outside;

	assert_int_equal(memrig_heap_alloc_at(heap, 0, 1000, &offset, NULL), 0);
	assert_int_equal(memrig_heap_free_at(heap, offset + 8), -ENOENT);
	assert_int_equal(memrig_heap_free_at(heap, 1 << 30), -ENOENT);
	assert_int_equal(memrig_heap_free(heap, &outside), -ENOENT);
	assert_int_equal(memrig_heap_usable_at(heap, offset + 8, &usable), -ENOENT);
	assert_int_equal(memrig_heap_free_at(heap, offset), 0);
	assert_int_equal(memrig_heap_free_at(heap, offset), -ENOENT);
	assert_int_equal(memrig_heap_stat(heap, &stat), 0);
	assert_int_equal(stat.rejects, 4);
	assert_sound(heap);
	memrig_heap_close(heap);
}

static void shortage_has_its_reason(void **state)
{
	static const uint32_t placements[] = { MEMRIG_PLACEMENT_INBAND, MEMRIG_PLACEMENT_OOB };
	uint64_t offset[64], first;
	size_t i, n, k;

	for (i = 0; i < 2; i++) {
		memrig_heap_t *heap = make_heap(placements[i], 65536, 0);

		assert_int_equal(memrig_heap_alloc_at(heap, 0, 1 << 20, &first, NULL), -ENOMEM);
		assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_TOO_LARGE);
		for (n = 0; n < 64; n++)
			if (memrig_heap_alloc_at(heap, 0, 1500, &offset[n], NULL))
				break;
		assert_true(n > 40 && n < 44);
		assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_EMPTY);
		for (k = 0; k < n; k += 2)
			assert_int_equal(memrig_heap_free_at(heap, offset[k]), 0);
		assert_int_equal(memrig_heap_alloc_at(heap, 0, 8000, &first, NULL), -ENOMEM);
		assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_FRAGMENTED);
		assert_int_equal(memrig_failure()->wanted, 8000);
		assert_true(memrig_failure()->detail >= 1500 && memrig_failure()->detail < 8000);
		memrig_heap_close(heap);
	}
}

static void block_bound_has_its_reason(void **state)
{
	memrig_heap_t *heap = make_heap(MEMRIG_PLACEMENT_OOB, 65536, 8);
	uint64_t offset;
	int ret, n;

	for (n = 0, ret = 0; !ret && n < 100; n++)
		ret = memrig_heap_alloc_at(heap, 0, 16, &offset, NULL);
	assert_int_equal(ret, -ENOMEM);
	assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_MAX_BLOCKS);
	assert_true(n <= 9);
	assert_sound(heap);
	memrig_heap_close(heap);
}

static void zero_bytes_and_bad_alignment(void **state)
{
	memrig_heap_t *heap = make_heap(MEMRIG_PLACEMENT_OOB, 65536, 0);
	uint64_t offset;

	assert_int_equal(memrig_heap_alloc_at(heap, 0, 0, &offset, NULL), -EINVAL);
	assert_int_equal(memrig_heap_alloc_at(heap, 7, 8, &offset, NULL), -EINVAL);
	assert_int_equal(memrig_heap_alloc_at(heap, 0, 8, &offset, NULL), 0);
	assert_int_equal(memrig_heap_realloc_at(heap, &offset, 0, 0, 0, NULL), -EINVAL);
	assert_int_equal(memrig_heap_realloc_at(heap, &offset, 7, 8, 0, NULL), -EINVAL);
	assert_int_equal(memrig_heap_realloc_at(heap, &offset, 0, 8, 2, NULL), -EOPNOTSUPP);
	memrig_heap_close(heap);
}

static int corruptions;

static void on_corruption(const void *heap, unsigned int invariant, uint64_t offset)
{
	assert_int_not_equal(invariant, 0);
	corruptions++;
}

/* A program overruns its block and destroys the next header: found, told, fenced off. */
static void damage_fences_the_heap_off(void **state)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	memrig_heap_t *heap = make_heap(MEMRIG_PLACEMENT_INBAND, 65536, 0);
	uint32_t invariant = 0;
	size_t usable;
	void *a, *b;

	memrig_on_corruption(on_corruption);
	assert_int_equal(memrig_heap_alloc(heap, 0, 100, &a), 0);
	assert_int_equal(memrig_heap_alloc(heap, 0, 100, &b), 0);
	assert_int_equal(memrig_heap_usable(heap, a, &usable), 0);
	memset(a, 0xff, usable + 8);
	assert_int_equal(memrig_heap_validate(heap, &invariant, NULL), 0);
	assert_int_not_equal(invariant, 0);
	assert_int_equal(memrig_heap_alloc(heap, 0, 100, &b), -EIO);
	assert_int_equal(memrig_heap_free(heap, a), -EIO);
	assert_int_equal(memrig_heap_stat(heap, &stat), 0);
	assert_true(stat.flags & MEMRIG_HEAP_STATE_FENCED);
	memrig_heap_close(heap);

	corruptions = 0;
	heap = make_heap(MEMRIG_PLACEMENT_INBAND, 65536, 0);
	assert_int_equal(memrig_heap_alloc(heap, 0, 100, &a), 0);
	assert_int_equal(memrig_heap_alloc(heap, 0, 100, &b), 0);
	assert_int_equal(memrig_heap_usable(heap, a, &usable), 0);
	memset(a, 0xff, usable + 8);
	assert_int_equal(memrig_heap_free(heap, a), -EIO);
	assert_true(corruptions > 0);
	memrig_on_corruption(NULL);
	memrig_heap_close(heap);
}

static void scribbling_cannot_hurt_an_oob_heap(void **state)
{
	static char memory[65536];
	struct memrig_heap_create args = {
		.size = sizeof(args),
		.placement = MEMRIG_PLACEMENT_OOB,
		.hardening = 2,
	};
	memrig_heap_t *heap;
	uint64_t offset[100];
	int n, k;

	assert_int_equal(memrig_local_create(memory, sizeof(memory), &args, &heap), 0);
	for (n = 0; n < 1000; n++) {
		k = n % 100;
		memset(memory, n, sizeof(memory));
		if (n >= 100)
			assert_int_equal(memrig_heap_free_at(heap, offset[k]), 0);
		assert_int_equal(memrig_heap_alloc_at(heap, 0, 8 + n % 300, &offset[k], NULL), 0);
	}
	assert_sound(heap);
	memrig_heap_close(heap);
}

static void errno_is_left_alone(void **state)
{
	memrig_heap_t *heap = make_heap(MEMRIG_PLACEMENT_OOB, 4096, 0);
	memrig_t *rig;
	uint64_t offset;

	errno = 77;
	assert_int_equal(memrig_heap_alloc_at(heap, 0, 1 << 20, &offset, NULL), -ENOMEM);
	assert_int_equal(memrig_heap_free_at(heap, 1), -ENOENT);
	assert_int_equal(memrig_open_path("/nonexistent/memrig", &rig), -ENOENT);
	memrig_heap_close(heap);
	assert_int_equal(errno, 77);
}

int main(void)
{
	const struct CMUnitTest local_errors[] = {
		cmocka_unit_test(bad_arguments_are_refused),
		cmocka_unit_test(unknown_tail_must_be_zero),
		cmocka_unit_test(what_only_the_kernel_can_is_refused),
		cmocka_unit_test(frees_of_no_block_change_nothing),
		cmocka_unit_test(shortage_has_its_reason),
		cmocka_unit_test(block_bound_has_its_reason),
		cmocka_unit_test(zero_bytes_and_bad_alignment),
		cmocka_unit_test(damage_fences_the_heap_off),
		cmocka_unit_test(scribbling_cannot_hurt_an_oob_heap),
		cmocka_unit_test(errno_is_left_alone),
	};

	return RUN(local_errors);
}
