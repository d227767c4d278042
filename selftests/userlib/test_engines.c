// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Heaps of every engine that the library runs: the calls that all have in common, and what only
 * blocks can do.
 */
#include "test.h"

#define BYTES 65536

static const struct {
	uint32_t engine;
	uint64_t block_size;
	uint64_t most; /* the largest request that the empty heap serves is at least that */
} kinds[] = {
	{ MEMRIG_ENGINE_SYS_HEAP, 0, BYTES - 64 },  { MEMRIG_ENGINE_SLAB, 256, 256 },
	{ MEMRIG_ENGINE_BLOCKS, 256, BYTES },	    { MEMRIG_ENGINE_RING, 0, BYTES - 64 },
	{ MEMRIG_ENGINE_FIRST_FIT, 0, BYTES - 64 }, { MEMRIG_ENGINE_BEST_FIT, 0, BYTES - 64 },
};

static int try_create(uint32_t engine, uint64_t block_size, uint32_t num_blocks,
		      memrig_heap_t **heap)
{
	struct memrig_heap_create args = {
		.size = sizeof(args),
		.engine = engine,
		.placement = MEMRIG_PLACEMENT_OOB,
		.hardening = 2,
		.flags = MEMRIG_HEAP_STATS,
		.block_size = block_size,
		.num_blocks = num_blocks,
	};

	return memrig_local_create(NULL, BYTES, &args, heap);
}

static memrig_heap_t *create(size_t kind)
{
	memrig_heap_t *heap = NULL;

	assert_int_equal(try_create(kinds[kind].engine, kinds[kind].block_size, 0, &heap), 0);
	return heap;
}

static void every_engine_has_a_name(void **state)
{
	static const char *const names[] = { "sys_heap", "slab",      "blocks",
					     "ring",	 "first_fit", "best_fit" };
	uint32_t i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		assert_int_equal(memrig_engine_value(names[i]), i + 1);
		assert_string_equal(memrig_engine_name(i + 1), names[i]);
	}
	assert_int_equal(memrig_engine_value("buddy"), 0);
	assert_string_equal(memrig_engine_name(0), "?");
	assert_string_equal(memrig_engine_name(7), "?");
}

static void bad_shapes_are_refused(void **state)
{
	static const struct {
		uint32_t engine;
		uint64_t block_size;
		uint32_t num_blocks;
		int error;
	} rows[] = {
		{ MEMRIG_ENGINE_SLAB, 0, 4, -EINVAL },
		{ MEMRIG_ENGINE_SLAB, 12, 0, -EINVAL },
		{ MEMRIG_ENGINE_SLAB, 64, BYTES / 64 + 1, -EINVAL },
		{ MEMRIG_ENGINE_SLAB, 2 * BYTES, 0, -EINVAL },
		{ MEMRIG_ENGINE_SLAB, ~7ULL, 0, -EINVAL },
		{ MEMRIG_ENGINE_BLOCKS, 0, 0, -EINVAL },
		{ MEMRIG_ENGINE_BLOCKS, 4, 0, -EINVAL },
		{ MEMRIG_ENGINE_BLOCKS, 96, 0, -EINVAL },
		{ MEMRIG_ENGINE_BLOCKS, 64, BYTES / 64 + 1, -EINVAL },
		{ MEMRIG_ENGINE_SYS_HEAP, 64, 0, -EINVAL },
		{ MEMRIG_ENGINE_SYS_HEAP, 0, 4, -EINVAL },
		{ MEMRIG_ENGINE_RING, 64, 0, -EINVAL },
		{ MEMRIG_ENGINE_FIRST_FIT, 0, 1, -EINVAL },
		{ MEMRIG_ENGINE_BEST_FIT, 8, 8, -EINVAL },
		{ 7, 0, 0, -EOPNOTSUPP },
	};
	struct memrig_heap_create inband = {
		.size = sizeof(inband),
		.engine = MEMRIG_ENGINE_SLAB,
		.placement = MEMRIG_PLACEMENT_INBAND,
		.block_size = 64,
	};
	memrig_heap_t *heap;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(try_create(rows[i].engine, rows[i].block_size, rows[i].num_blocks,
					    &heap),
				 rows[i].error);
	assert_int_equal(memrig_local_create(NULL, BYTES, &inband, &heap), -EOPNOTSUPP);
}

static void blocks_live_and_are_freed(void **state)
{
	for (size_t kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		struct memrig_heap_stat stat = { .size = sizeof(stat) };
		memrig_heap_t *heap = create(kind);
		unsigned char *block[100];
		size_t usable;
		int i, k;

		for (i = 0; i < 100; i++) {
			assert_int_equal(memrig_heap_alloc(heap, 8, 1 + 2 * i, (void **)&block[i]),
					 0);
			assert_int_equal(memrig_heap_usable(heap, block[i], &usable), 0);
			assert_true(usable >= 1 + 2 * (size_t)i);
			memset(block[i], i, usable);
		}
		assert_int_equal(memrig_heap_stat(heap, &stat), 0);
		assert_int_equal(stat.engine, kinds[kind].engine);
		assert_int_equal(stat.block_size, kinds[kind].block_size);
		assert_int_equal(stat.num_blocks,
				 kinds[kind].block_size ? BYTES / kinds[kind].block_size : 0);
		assert_int_equal(stat.live_blocks, 100);
		assert_int_equal(stat.allocs, 100);
		for (i = 0; i < 100; i++) {
			for (k = 0; k < 1 + 2 * i; k++)
				assert_int_equal(block[i][k], i);
			assert_int_equal(memrig_heap_free(heap, block[i]), 0);
			assert_int_equal(memrig_heap_free(heap, block[i]), -ENOENT);
		}
		assert_sound(heap);
		assert_int_equal(memrig_heap_stat(heap, &stat), 0);
		assert_int_equal(stat.live_blocks, 0);
		assert_int_equal(stat.max_live_blocks, 100);
		assert_int_equal(stat.rejects, 100);
		assert_int_equal(memrig_heap_reset_max(heap), 0);
		assert_int_equal(memrig_heap_stat(heap, &stat), 0);
		assert_int_equal(stat.max_live_blocks, 0);
		memrig_heap_close(heap);
	}
}

static void shortage_says_why(void **state)
{
	for (size_t kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		memrig_heap_t *heap = create(kind);
		uint64_t offset, usable;
		uint32_t live = 0;
		int ret;

		assert_int_equal(memrig_heap_alloc_at(heap, 0, kinds[kind].most, &offset, &usable),
				 0);
		assert_true(usable >= kinds[kind].most);
		assert_int_equal(memrig_heap_free_at(heap, offset), 0);
		assert_int_equal(memrig_heap_alloc_at(heap, 0, 2 * BYTES, &offset, NULL), -ENOMEM);
		assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_TOO_LARGE);
		assert_int_equal(memrig_heap_alloc_at(heap, 0, 0, &offset, NULL), -EINVAL);
		assert_int_equal(memrig_heap_alloc_at(heap, 7, 8, &offset, NULL), -EINVAL);
		while (!(ret = memrig_heap_alloc_at(heap, 0, 200, &offset, NULL)))
			live++;
		assert_int_equal(ret, -ENOMEM);
		assert_true(live >= 200);
		assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_EMPTY);
		assert_true(memrig_failure()->detail < 200);
		memrig_heap_close(heap);
	}
}

static void realloc_keeps_content_on_every_engine(void **state)
{
	for (size_t kind = 0; kind < ARRAY_SIZE(kinds); kind++) {
		memrig_heap_t *heap = create(kind);
		unsigned char *block = NULL;
		void *wall;
		int i;

		assert_int_equal(memrig_heap_realloc(heap, (void **)&block, 0, 100), 0);
		for (i = 0; i < 100; i++)
			block[i] = i;
		assert_int_equal(memrig_heap_alloc(heap, 0, 100, &wall), 0);
		assert_int_equal(memrig_heap_realloc(heap, (void **)&block, 0, 256), 0);
		for (i = 0; i < 100; i++)
			assert_int_equal(block[i], i);
		assert_int_equal(memrig_heap_realloc(heap, (void **)&block, 0, 2 * BYTES), -ENOMEM);
		assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_TOO_LARGE);
		assert_int_equal(memrig_heap_realloc(heap, (void **)&block, 0, 50), 0);
		for (i = 0; i < 50; i++)
			assert_int_equal(block[i], i);
		assert_int_equal(memrig_heap_realloc(heap, (void **)&block, 0, 0), 0);
		assert_null(block);
		memrig_heap_close(heap);
	}
}

static void blocks_can_be_named(void **state)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	memrig_heap_t *heap = NULL;
	uint64_t offset, usable;

	assert_int_equal(try_create(MEMRIG_ENGINE_BLOCKS, 256, 16, &heap), 0);
	assert_int_equal(memrig_heap_blocks_get(heap, 512, 4), 0);
	assert_int_equal(memrig_heap_blocks_get(heap, 1280, 1), -ENOMEM);
	assert_int_equal(memrig_heap_blocks_is_free(heap, 0, 2), 1);
	assert_int_equal(memrig_heap_blocks_is_free(heap, 0, 3), 0);
	assert_int_equal(memrig_heap_usable_at(heap, 512, &usable), 0);
	assert_int_equal(usable, 1024);
	/* from the middle: what is left are two allocations */
	assert_int_equal(memrig_heap_blocks_free(heap, 768, 2), 0);
	assert_int_equal(memrig_heap_usable_at(heap, 512, &usable), 0);
	assert_int_equal(usable, 256);
	assert_int_equal(memrig_heap_usable_at(heap, 1280, &usable), 0);
	assert_int_equal(memrig_heap_stat(heap, &stat), 0);
	assert_int_equal(stat.live_blocks, 2);
	assert_int_equal(memrig_heap_blocks_free(heap, 512, 4), -ENOENT); /* two of them are free */
	assert_int_equal(memrig_heap_usable_at(heap, 512, &usable), 0);	  /* nothing changed */
	assert_int_equal(memrig_heap_alloc_at(heap, 0, 512, &offset, NULL), 0);
	/* across two allocations, and one of them in part */
	assert_int_equal(memrig_heap_blocks_get(heap, 2048, 3), 0);
	assert_int_equal(memrig_heap_blocks_get(heap, 2816, 2), 0);
	assert_int_equal(memrig_heap_blocks_free(heap, 2304, 3), 0);
	assert_int_equal(memrig_heap_blocks_is_free(heap, 2304, 3), 1);
	assert_int_equal(memrig_heap_usable_at(heap, 3072, &usable), 0);
	assert_sound(heap);
	memrig_heap_close(heap);
}

static void blocks_by_number_are_checked(void **state)
{
	memrig_heap_t *heap = NULL, *other = create(0);

	assert_int_equal(try_create(MEMRIG_ENGINE_BLOCKS, 256, 16, &heap), 0);
	assert_int_equal(memrig_heap_blocks_get(heap, 0, 0), -EINVAL);
	assert_int_equal(memrig_heap_blocks_get(heap, 8, 1), -EINVAL);
	assert_int_equal(memrig_heap_blocks_get(heap, 4096, 1), -EINVAL);
	assert_int_equal(memrig_heap_blocks_get(heap, 3840, 2), -EINVAL);
	assert_int_equal(memrig_heap_blocks_get(heap, 0, UINT64_MAX), -EOVERFLOW);
	assert_int_equal(memrig_heap_blocks_free(heap, UINT64_MAX - 255, 1), -EOVERFLOW);
	assert_int_equal(memrig_heap_blocks_free(heap, 0, 1), -ENOENT);
	assert_int_equal(memrig_heap_blocks_is_free(heap, 0, 17), -EINVAL);
	assert_int_equal(memrig_heap_blocks_get(other, 0, 1), -EOPNOTSUPP);
	assert_int_equal(memrig_heap_blocks_free(other, 0, 1), -EOPNOTSUPP);
	assert_int_equal(memrig_heap_blocks_is_free(other, 0, 1), -EOPNOTSUPP);
	memrig_heap_close(other);
	memrig_heap_close(heap);
}

int main(void)
{
	const struct CMUnitTest engines[] = {
		cmocka_unit_test(every_engine_has_a_name),
		cmocka_unit_test(bad_shapes_are_refused),
		cmocka_unit_test(blocks_live_and_are_freed),
		cmocka_unit_test(shortage_says_why),
		cmocka_unit_test(realloc_keeps_content_on_every_engine),
		cmocka_unit_test(blocks_can_be_named),
		cmocka_unit_test(blocks_by_number_are_checked),
	};

	return RUN(engines);
}
