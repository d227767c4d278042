// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* sys_mem_blocks from one thread: results, bad input, figures, listeners, side memory. */
#include "test.h"
#include "memory.h"
#include "mem_blocks_core.h"
#include "sys_mem_blocks.h"

#define NUM	  8
#define SIZE	  64
#define UNTOUCHED ((void *)0x5a5a)

static char buffer[NUM * SIZE] __attribute__((__aligned__(SIZE)));

static void *at(int i)
{
	return buffer + i * SIZE;
}

static void make(sys_mem_blocks_t *mb)
{
	assert_int_equal(mrig_mem_blocks_init(mb, buffer, SIZE, NUM), 0);
}

static void end(sys_mem_blocks_t *mb)
{
	assert_int_equal(mrig_mem_blocks_fini(mb), 0);
}

/* The figures agree with each other and with what is expected. */
static void check(sys_mem_blocks_t *mb, size_t used)
{
	struct sys_memory_stats stats;
	size_t size = (size_t)1 << mb->info.blk_sz_shift;

	assert_int_equal(sys_mem_blocks_runtime_stats_get(mb, &stats), 0);
	assert_int_equal(stats.allocated_bytes, used * size);
	assert_int_equal(stats.free_bytes, (mb->info.num_blocks - used) * size);
	assert_true(!mb->core || !mb->core->num || mrig_blocks_validate(mb->core));
}

/* Nothing can be had of it, and nothing can be done to it. */
static void has_no_blocks(sys_mem_blocks_t *mb)
{
	void *p = UNTOUCHED, *list[1] = { buffer };

	assert_int_equal(sys_mem_blocks_alloc(mb, 1, &p), -ENOMEM);
	assert_int_equal(sys_mem_blocks_alloc_contiguous(mb, 1, &p), -ENOMEM);
	assert_ptr_equal(p, UNTOUCHED);
	assert_int_equal(sys_mem_blocks_get(mb, buffer, 1), -EFAULT);
	assert_int_equal(sys_mem_blocks_free(mb, 1, list), -EINVAL);
	assert_int_equal(sys_mem_blocks_free_contiguous(mb, buffer, 1), -EINVAL);
	assert_int_equal(sys_mem_blocks_is_region_free(mb, buffer, 1), 0);
	assert_int_equal(sys_mem_blocks_runtime_stats_reset_max(mb), 0);
	assert_int_equal(mrig_mem_blocks_largest(mb), 0);
	assert_int_equal(mb->info.num_blocks, 0);
	check(mb, 0);
}

static void init_refuses(void **state)
{
	struct {
		void *buffer;
		size_t size;
		uint32_t num;
	} const rows[] = {
		{ buffer, 0, NUM },
		{ buffer, 3, NUM },
		{ buffer, SIZE + 8, NUM },
		{ buffer, SIZE, 0 },
		{ NULL, SIZE, NUM },
		{ buffer, SIZE, 0x40000000U },
		{ buffer, SIZE, UINT32_MAX },
		{ buffer, (size_t)1 << 63, 2 },
		{ buffer, (size_t)1 << 60, 100 },
		{ (void *)(UINTPTR_MAX - 255), 128, 3 },
	};
	sys_mem_blocks_t mb;

	for (size_t i = 0; i < COUNT(rows); i++) {
		memset(&mb, 0xa5, sizeof(mb));
		assert_int_equal(mrig_mem_blocks_init(&mb, rows[i].buffer, rows[i].size,
						      rows[i].num),
				 -EINVAL);
		has_no_blocks(&mb);
		end(&mb);
	}
	assert_int_equal(mrig_mem_blocks_init(NULL, buffer, SIZE, NUM), -EINVAL);
	assert_int_equal(mrig_mem_blocks_fini(NULL), -EINVAL);
	mem_grants = 0;
	assert_int_equal(mrig_mem_blocks_init(&mb, buffer, SIZE, NUM), -ENOMEM);
	mem_grants = -1;
	has_no_blocks(&mb);
	assert_int_equal(mem_live, 0);
}

static void zeroed_has_no_blocks(void **state)
{
	sys_mem_blocks_t mb = { 0 };

	has_no_blocks(&mb);
	end(&mb);
}

static void single_blocks(void **state)
{
	sys_mem_blocks_t mb;
	void *p[NUM], *more[2] = { UNTOUCHED, UNTOUCHED };

	make(&mb);
	assert_int_equal(sys_mem_blocks_alloc(&mb, 3, p), 0);
	assert_int_equal(sys_mem_blocks_alloc(&mb, 4, p + 3), 0);
	for (int i = 0; i < 7; i++)
		assert_ptr_equal(p[i], at(i));
	check(&mb, 7);
	assert_int_equal(sys_mem_blocks_alloc(&mb, 2, more), -ENOMEM);
	assert_int_equal(sys_mem_blocks_alloc(&mb, NUM + 1, more), -ENOMEM);
	assert_int_equal(sys_mem_blocks_alloc(&mb, SIZE_MAX, more), -ENOMEM);
	assert_ptr_equal(more[0], UNTOUCHED);
	check(&mb, 7);
	/* In any order, and together with what came by another call. */
	more[0] = p[6];
	more[1] = p[1];
	assert_int_equal(sys_mem_blocks_free(&mb, 2, more), 0);
	check(&mb, 5);
	assert_int_equal(sys_mem_blocks_alloc(&mb, 3, p), 0);
	assert_ptr_equal(p[0], at(1));
	assert_ptr_equal(p[1], at(6));
	assert_ptr_equal(p[2], at(7));
	assert_int_equal(sys_mem_blocks_free_contiguous(&mb, buffer, NUM), 0);
	check(&mb, 0);
	end(&mb);
}

static void runs(void **state)
{
	sys_mem_blocks_t mb;
	void *p, *q = UNTOUCHED;

	make(&mb);
	assert_int_equal(mrig_mem_blocks_largest(&mb), NUM);
	assert_int_equal(sys_mem_blocks_alloc_contiguous(&mb, 5, &p), 0);
	assert_ptr_equal(p, at(0));
	assert_int_equal(mrig_mem_blocks_largest(&mb), 3);
	assert_int_equal(sys_mem_blocks_alloc_contiguous(&mb, 4, &q), -ENOMEM);
	assert_int_equal(sys_mem_blocks_alloc_contiguous(&mb, NUM + 1, &q), -ENOMEM);
	assert_int_equal(sys_mem_blocks_alloc_contiguous(&mb, SIZE_MAX, &q), -ENOMEM);
	assert_ptr_equal(q, UNTOUCHED);
	assert_int_equal(sys_mem_blocks_free_contiguous(&mb, at(1), 2), 0);
	check(&mb, 3);
	/* Five are free, but not side by side. */
	assert_int_equal(sys_mem_blocks_alloc_contiguous(&mb, 4, &q), -ENOMEM);
	assert_int_equal(sys_mem_blocks_alloc_contiguous(&mb, 2, &q), 0);
	assert_ptr_equal(q, at(1));
	assert_int_equal(sys_mem_blocks_get(&mb, at(5), 3), 0);
	check(&mb, NUM);
	assert_int_equal(mrig_mem_blocks_largest(&mb), 0);
	assert_int_equal(mrig_mem_blocks_fini(&mb), -EBUSY);
	assert_int_equal(sys_mem_blocks_free_contiguous(&mb, at(0), NUM), 0);
	end(&mb);
}

static void named_blocks(void **state)
{
	sys_mem_blocks_t mb;

	make(&mb);
	assert_int_equal(sys_mem_blocks_is_region_free(&mb, at(0), NUM), 1);
	assert_int_equal(sys_mem_blocks_get(&mb, at(2), 3), 0);
	assert_int_equal(sys_mem_blocks_is_region_free(&mb, at(0), 2), 1);
	assert_int_equal(sys_mem_blocks_is_region_free(&mb, at(0), 3), 0);
	assert_int_equal(sys_mem_blocks_is_region_free(&mb, at(4), 1), 0);
	assert_int_equal(sys_mem_blocks_is_region_free(&mb, at(5), 3), 1);
	assert_int_equal(sys_mem_blocks_is_region_free(&mb, at(5), 4), 0);
	assert_int_equal(sys_mem_blocks_get(&mb, at(1), 2), -ENOMEM);
	assert_int_equal(sys_mem_blocks_get(&mb, at(4), 1), -ENOMEM);
	assert_int_equal(sys_mem_blocks_get(&mb, at(6), 3), -ENOMEM);
	assert_int_equal(sys_mem_blocks_get(&mb, at(6), SIZE_MAX), -ENOMEM);
	check(&mb, 3);
	assert_int_equal(sys_mem_blocks_free_contiguous(&mb, at(2), 3), 0);
	end(&mb);
}

/* None of these calls changes anything. */
static void bad_input(void **state)
{
	void *p = UNTOUCHED, *list[NUM + 1], *outside[] = { at(0), buffer - SIZE };
	void *twice[] = { at(0), at(1), at(0) }, *inside[] = { at(0), buffer + 8 };
	void *null[] = { NULL };
	struct sys_memory_stats stats;
	sys_mem_blocks_t mb;

	make(&mb);
	assert_int_equal(sys_mem_blocks_get(&mb, at(0), 3), 0);
	for (int i = 0; i <= NUM; i++)
		list[i] = at(i);

	assert_int_equal(sys_mem_blocks_alloc(NULL, 1, &p), -EINVAL);
	assert_int_equal(sys_mem_blocks_alloc(&mb, 1, NULL), -EINVAL);
	assert_int_equal(sys_mem_blocks_alloc_contiguous(NULL, 1, &p), -EINVAL);
	assert_int_equal(sys_mem_blocks_alloc_contiguous(&mb, 1, NULL), -EINVAL);
	assert_int_equal(sys_mem_blocks_alloc_contiguous(&mb, 0, NULL), -EINVAL);
	assert_ptr_equal(p, UNTOUCHED);

	assert_int_equal(sys_mem_blocks_get(NULL, at(4), 1), -EINVAL);
	assert_int_equal(sys_mem_blocks_get(&mb, NULL, 1), -EFAULT);
	assert_int_equal(sys_mem_blocks_get(&mb, buffer - SIZE, 1), -EFAULT);
	assert_int_equal(sys_mem_blocks_get(&mb, at(NUM), 1), -EFAULT);
	assert_int_equal(sys_mem_blocks_get(&mb, buffer + 4 * SIZE + 1, 1), -EINVAL);

	assert_int_equal(sys_mem_blocks_is_region_free(NULL, at(4), 1), 0);
	assert_int_equal(sys_mem_blocks_is_region_free(&mb, at(4), 0), 0);
	assert_int_equal(sys_mem_blocks_is_region_free(&mb, NULL, 1), 0);
	assert_int_equal(sys_mem_blocks_is_region_free(&mb, at(NUM), 1), 0);
	assert_int_equal(sys_mem_blocks_is_region_free(&mb, buffer + 4 * SIZE + 1, 1), 0);
	assert_int_equal(sys_mem_blocks_is_region_free(&mb, at(4), SIZE_MAX), 0);

	assert_int_equal(sys_mem_blocks_free(NULL, 1, list), -EINVAL);
	assert_int_equal(sys_mem_blocks_free(&mb, 1, NULL), -EINVAL);
	assert_int_equal(sys_mem_blocks_free(&mb, NUM + 1, list), -EINVAL);
	assert_int_equal(sys_mem_blocks_free(&mb, SIZE_MAX, list), -EINVAL);
	assert_int_equal(sys_mem_blocks_free(&mb, NUM, list), -EFAULT);
	assert_int_equal(sys_mem_blocks_free(&mb, 2, outside), -EFAULT);
	assert_int_equal(sys_mem_blocks_free(&mb, 3, twice), -EFAULT);
	assert_int_equal(sys_mem_blocks_free(&mb, 2, inside), -EINVAL);
	assert_int_equal(sys_mem_blocks_free(&mb, 1, null), -EFAULT);

	assert_int_equal(sys_mem_blocks_free_contiguous(NULL, at(0), 1), -EINVAL);
	assert_int_equal(sys_mem_blocks_free_contiguous(&mb, at(0), NUM + 1), -EINVAL);
	assert_int_equal(sys_mem_blocks_free_contiguous(&mb, at(1), NUM), -EINVAL);
	assert_int_equal(sys_mem_blocks_free_contiguous(&mb, at(0), 4), -EFAULT);
	assert_int_equal(sys_mem_blocks_free_contiguous(&mb, at(5), 1), -EFAULT);
	assert_int_equal(sys_mem_blocks_free_contiguous(&mb, NULL, 1), -EFAULT);
	assert_int_equal(sys_mem_blocks_free_contiguous(&mb, at(NUM), 1), -EFAULT);
	assert_int_equal(sys_mem_blocks_free_contiguous(&mb, buffer + 1, 1), -EINVAL);

	assert_int_equal(sys_mem_blocks_runtime_stats_get(NULL, &stats), -EINVAL);
	assert_int_equal(sys_mem_blocks_runtime_stats_get(&mb, NULL), -EINVAL);
	assert_int_equal(sys_mem_blocks_runtime_stats_reset_max(NULL), -EINVAL);
	assert_int_equal(mrig_mem_blocks_largest(NULL), 0);
	check(&mb, 3);

	/* Each of them once: freed, and then freed again. */
	assert_int_equal(sys_mem_blocks_free(&mb, 3, list), 0);
	assert_int_equal(sys_mem_blocks_free(&mb, 3, list), -EFAULT);
	check(&mb, 0);
	end(&mb);
}

static void none_is_no_request(void **state)
{
	sys_mem_blocks_t mb;
	void *p = UNTOUCHED;

	make(&mb);
	assert_int_equal(sys_mem_blocks_alloc(&mb, 0, &p), 0);
	assert_int_equal(sys_mem_blocks_alloc(&mb, 0, NULL), 0);
	assert_ptr_equal(p, UNTOUCHED);
	assert_int_equal(sys_mem_blocks_get(&mb, NULL, 0), 0);
	assert_int_equal(sys_mem_blocks_free(&mb, 0, NULL), 0);
	assert_int_equal(sys_mem_blocks_free_contiguous(&mb, NULL, 0), 0);
	assert_int_equal(sys_mem_blocks_alloc_contiguous(&mb, 0, &p), 0);
	assert_null(p);
	assert_int_equal(sys_mem_blocks_alloc(NULL, 0, NULL), -EINVAL);
	assert_int_equal(sys_mem_blocks_get(NULL, NULL, 0), -EINVAL);
	assert_int_equal(sys_mem_blocks_free(NULL, 0, NULL), -EINVAL);
	assert_int_equal(sys_mem_blocks_free_contiguous(NULL, NULL, 0), -EINVAL);
	check(&mb, 0);
	end(&mb);
}

static void the_peak(void **state)
{
	struct sys_memory_stats stats;
	sys_mem_blocks_t mb;
	void *p[NUM];

	make(&mb);
	assert_int_equal(sys_mem_blocks_alloc(&mb, 6, p), 0);
	/* A call that fails leaves no mark. */
	assert_int_equal(sys_mem_blocks_alloc(&mb, 3, p + 5), -ENOMEM);
	assert_int_equal(sys_mem_blocks_free(&mb, 5, p), 0);
	assert_int_equal(sys_mem_blocks_runtime_stats_get(&mb, &stats), 0);
	assert_int_equal(stats.max_allocated_bytes, 6 * SIZE);
	assert_int_equal(sys_mem_blocks_runtime_stats_reset_max(&mb), 0);
	assert_int_equal(sys_mem_blocks_runtime_stats_get(&mb, &stats), 0);
	assert_int_equal(stats.max_allocated_bytes, SIZE);
	assert_int_equal(sys_mem_blocks_free(&mb, 1, p + 5), 0);
	end(&mb);
}

/* What listeners were told, and whether the lock was free then. */
static struct {
	int allocs, frees;
	size_t bytes;
	void *last;
} told;
static sys_mem_blocks_t *listened;

static void on_alloc(uintptr_t id, void *mem, size_t bytes)
{
	assert_int_equal(id, HEAP_ID_FROM_POINTER(listened));
	assert_int_equal(listened->lock.lock.word, 0);
	told.allocs++;
	told.bytes = bytes;
	told.last = mem;
}

static void on_free(uintptr_t id, void *mem, size_t bytes)
{
	assert_int_equal(id, HEAP_ID_FROM_POINTER(listened));
	assert_int_equal(listened->lock.lock.word, 0);
	told.frees++;
	told.bytes = bytes;
	told.last = mem;
}

static void told_is(int allocs, int frees, size_t bytes, void *last)
{
	assert_int_equal(told.allocs, allocs);
	assert_int_equal(told.frees, frees);
	assert_int_equal(told.bytes, bytes);
	assert_ptr_equal(told.last, last);
	memset(&told, 0, sizeof(told));
}

static void listeners(void **state)
{
	const struct mrig_mem_blocks_opts opts = { .listen = true };
	HEAP_LISTENER_ALLOC_DEFINE(allocs, 0, on_alloc);
	HEAP_LISTENER_FREE_DEFINE(frees, 0, on_free);
	sys_mem_blocks_t mb, deaf;
	void *p[NUM];

	listened = &mb;
	allocs.heap_id = HEAP_ID_FROM_POINTER(&mb);
	frees.heap_id = HEAP_ID_FROM_POINTER(&mb);
	heap_listener_register(&allocs);
	heap_listener_register(&frees);
	assert_int_equal(mrig_mem_blocks_init_opts(&mb, buffer, SIZE, NUM, &opts), 0);
	make(&deaf);
	assert_int_equal(sys_mem_blocks_alloc(&mb, 3, p), 0);
	told_is(3, 0, SIZE, at(2));
	assert_int_equal(sys_mem_blocks_free(&mb, 2, p), 0);
	told_is(0, 2, SIZE, at(1));
	assert_int_equal(sys_mem_blocks_alloc_contiguous(&mb, 4, p), 0);
	told_is(1, 0, 4 * SIZE, at(3));
	assert_int_equal(sys_mem_blocks_free_contiguous(&mb, at(2), 5), 0);
	told_is(0, 1, 5 * SIZE, at(2));
	assert_int_equal(sys_mem_blocks_get(&mb, at(6), 2), 0);
	told_is(1, 0, 2 * SIZE, at(6));
	/* Failures and empty requests tell nobody, nor do allocators that were not asked to. */
	assert_int_equal(sys_mem_blocks_alloc(&mb, 7, p), -ENOMEM);
	assert_int_equal(sys_mem_blocks_alloc_contiguous(&mb, 7, p), -ENOMEM);
	assert_int_equal(sys_mem_blocks_alloc_contiguous(&mb, 0, p), 0);
	assert_int_equal(sys_mem_blocks_get(&mb, at(6), 1), -ENOMEM);
	assert_int_equal(sys_mem_blocks_free_contiguous(&mb, at(5), 2), -EFAULT);
	assert_int_equal(sys_mem_blocks_free_contiguous(&mb, at(5), 0), 0);
	assert_int_equal(sys_mem_blocks_alloc(&deaf, 2, p), 0);
	assert_int_equal(sys_mem_blocks_free(&deaf, 2, p), 0);
	told_is(0, 0, 0, NULL);
	heap_listener_unregister(&allocs);
	heap_listener_unregister(&frees);
	assert_int_equal(sys_mem_blocks_free_contiguous(&mb, at(6), 2), 0);
	told_is(0, 0, 0, NULL);
	end(&mb);
	end(&deaf);
}

static void side_memory(void **state)
{
	size_t bytes = MRIG_MEM_BLOCKS_SIDE_BYTES(NUM);
	char *side = malloc(bytes + 8);
	struct mrig_mem_blocks_opts opts = { .side = side, .side_bytes = bytes };
	sys_mem_blocks_t mb;

	memset(side, 0xff, bytes);
	make(&mb);
	assert_int_equal(mem_live, 1);
	make(&mb);
	assert_int_equal(mem_live, 1);
	assert_int_equal(mrig_mem_blocks_init_opts(&mb, buffer, SIZE, NUM, &opts), 0);
	assert_int_equal(mem_live, 0);
	assert_ptr_equal(mb.core, side);
	assert_int_equal(sys_mem_blocks_get(&mb, at(0), NUM), 0);
	assert_int_equal(sys_mem_blocks_free_contiguous(&mb, at(0), NUM), 0);
	end(&mb);
	has_no_blocks(&mb);
	opts.side_bytes = mrig_blocks_control_bytes(NUM) - 1;
	assert_int_equal(mrig_mem_blocks_init_opts(&mb, buffer, SIZE, NUM, &opts), -EINVAL);
	opts.side_bytes = bytes;
	opts.side = side + 4;
	assert_int_equal(mrig_mem_blocks_init_opts(&mb, buffer, SIZE, NUM, &opts), -EINVAL);
	has_no_blocks(&mb);
	free(side);
}

/* The macro for static side memory gives what the engine needs, and not much more. */
static void side_is_enough(uint32_t n)
{
	size_t need = mrig_blocks_control_bytes(n), is = MRIG_MEM_BLOCKS_SIDE_BYTES(n);

	assert_in_range(is, need, need + need / 20 + 1000);
}

static void side_memory_is_enough(void **state)
{
	for (uint32_t n = 1; n < 20000; n++)
		side_is_enough(n);
	for (uint32_t log = 14; log < 30; log++) {
		for (uint32_t n = (1U << log) - 65; n <= (1U << log) + 65; n++)
			side_is_enough(n);
	}
	side_is_enough(MRIG_BLOCKS_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(init_refuses),
		cmocka_unit_test(zeroed_has_no_blocks),
		cmocka_unit_test(single_blocks),
		cmocka_unit_test(runs),
		cmocka_unit_test(named_blocks),
		cmocka_unit_test(bad_input),
		cmocka_unit_test(none_is_no_request),
		cmocka_unit_test(the_peak),
		cmocka_unit_test(listeners),
		cmocka_unit_test(side_memory),
		cmocka_unit_test(side_memory_is_enough),
	};

	return RUN("sys_mem_blocks", tests);
}
