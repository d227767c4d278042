// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* mem_attr and mem_attr_heap under Zephyr's names: what each call promises, and bad input. */
#include "memory.h"
#include "mem_attr_pool.h"

#define SPAN 8192
#define BIG  100

static char mem[4][SPAN] __attribute__((aligned(64)));
static struct mem_attr_region_t table[4];
static const struct memrig_span_opts outside = { .flags = MEMRIG_SPAN_OOB };

/* Two alike but for the hardware's attributes, one of another kind, one without a heap. */
static int up(void **state)
{
	static const uint32_t attr[4] = { DT_MEM_CACHEABLE | DT_MEM_SW_ALLOC_CACHE,
					  DT_MEM_SW_ALLOC_DMA, DT_MEM_CACHEABLE,
					  DT_MEM_DMA | DT_MEM_SW_ALLOC_CACHE };

	for (int i = 0; i < 4; i++)
		table[i] = (struct mem_attr_region_t){ "r", (uintptr_t)mem[i], SPAN, attr[i] };
	return memrig_mem_attr_register(table, 4);
}

/* Whatever a test has allocated it has given back. */
static int down(void **state)
{
	int err = memrig_mem_attr_heap_fini();

	assert_true(!err || err == -EINVAL);
	assert_int_equal(memrig_mem_attr_register(NULL, 0), 0);
	assert_int_equal(mem_live, 0);
	return 0;
}

static void registering(void **state)
{
	const struct mem_attr_region_t *r = table;
	struct mem_attr_region_t bad[2] = { table[0], table[1] };

	assert_int_equal(mem_attr_get_regions(&r), 4);
	assert_ptr_equal(r, table);
	assert_int_equal(mem_attr_get_regions(NULL), 4);
	assert_int_equal(memrig_mem_attr_register(NULL, 1), -EINVAL);
	bad[0].dt_size = 0;
	assert_int_equal(memrig_mem_attr_register(bad, 2), -EINVAL);
	bad[0].dt_size = SIZE_MAX;
	assert_int_equal(memrig_mem_attr_register(bad, 2), -EINVAL);
	bad[0] = table[1];
	assert_int_equal(memrig_mem_attr_register(bad, 2), -EINVAL);
	assert_int_equal(memrig_mem_attr_register(table, (size_t)-1), -EINVAL);
	assert_int_equal(mem_attr_get_regions(&r), 4);
	assert_int_equal(mem_attr_heap_pool_init(), 0);
	assert_int_equal(memrig_mem_attr_register(table, 3), -EBUSY);
	assert_int_equal(memrig_mem_attr_register(NULL, 0), -EBUSY);
	assert_int_equal(memrig_mem_attr_heap_fini(), 0);
	assert_int_equal(memrig_mem_attr_register(NULL, 0), 0);
	assert_int_equal(mem_attr_get_regions(&r), 0);
	assert_null(r);
}

static void buffers(void **state)
{
	const uint32_t attr = table[0].dt_attr;

	assert_int_equal(mem_attr_check_buf(mem[0], SPAN, attr), 0);
	assert_int_equal(mem_attr_check_buf(mem[0] + 1, SPAN - 1, attr), 0);
	assert_int_equal(mem_attr_check_buf(NULL, 8, attr), -ENOTSUP);
	assert_int_equal(mem_attr_check_buf(mem[0], 0, attr), -ENOTSUP);
	assert_int_equal(mem_attr_check_buf(table, 8, attr), -ENOBUFS);
	assert_int_equal(mem_attr_check_buf(mem[0], SPAN + 1, attr), -ENOSPC);
	assert_int_equal(mem_attr_check_buf(mem[0] + 1, SIZE_MAX, attr), -ENOSPC);
	assert_int_equal(mem_attr_check_buf(mem[0], 8, DT_MEM_CACHEABLE), -EINVAL);
	assert_int_equal(mem_attr_check_buf(mem[0], 8, 0), -EINVAL);
}

static void nothing_works_before_init(void **state)
{
	struct memrig_span_stats stats;

	assert_null(mem_attr_heap_alloc(DT_MEM_SW_ALLOC_CACHE, 8));
	assert_null(mem_attr_heap_realloc(mem[0], 8));
	mem_attr_heap_free(mem[0]);
	assert_int_equal(memrig_mem_attr_heap_free(mem[0]), -ENOENT);
	assert_null(mem_attr_heap_get_region(mem[0]));
	assert_int_equal(memrig_mem_attr_heap_stats(&table[0], &stats), -ENOENT);
	assert_int_equal(memrig_mem_attr_heap_fini(), -EINVAL);
}

static void init_refuses(void **state)
{
	struct memrig_span_opts opts = { .flags = 8 };

	assert_int_equal(memrig_mem_attr_heap_init(&opts), -EINVAL);
	opts = (struct memrig_span_opts){ .hardening = 9 };
	assert_int_equal(memrig_mem_attr_heap_init(&opts), -EINVAL);
	table[3].dt_size = 8;
	assert_int_equal(mem_attr_heap_pool_init(), -EINVAL);
	assert_int_equal(mem_live, 0);
	table[3].dt_size = SPAN;
	assert_int_equal(mem_attr_heap_pool_init(), 0);
	assert_int_equal(mem_attr_heap_pool_init(), -EALREADY);
	assert_int_equal(memrig_mem_attr_heap_init(&outside), -EALREADY);
}

static void zephyrs_calls(void **state)
{
	void *a, *b, *c;

	assert_int_equal(mem_attr_heap_pool_init(), 0);
	a = mem_attr_heap_alloc(DT_MEM_SW_ALLOC_CACHE, 6000);
	b = mem_attr_heap_alloc(DT_MEM_SW_ALLOC_CACHE, 6000);
	c = mem_attr_heap_aligned_alloc(DT_MEM_SW_ALLOC_DMA, 256, 6000);
	assert_ptr_equal(mem_attr_heap_get_region(a), &table[0]);
	assert_ptr_equal(mem_attr_heap_get_region(b), &table[3]);
	assert_ptr_equal(mem_attr_heap_get_region(c), &table[1]);
	assert_int_equal((uintptr_t)c % 256, 0);
	assert_null(mem_attr_heap_alloc(DT_MEM_SW_ALLOC_CACHE, 6000));
	assert_null(mem_attr_heap_get_region((char *)b + 8));
	assert_null(mem_attr_heap_get_region(table));
	assert_null(mem_attr_heap_get_region(NULL));
	assert_int_equal(memrig_mem_attr_heap_fini(), -EBUSY);
	mem_attr_heap_free(NULL);
	mem_attr_heap_free(a);
	mem_attr_heap_free(b);
	mem_attr_heap_free(c);
	assert_null(mem_attr_heap_get_region(b));
}

static void requests_that_are_none(void **state)
{
	char *p;

	assert_int_equal(memrig_mem_attr_heap_init(&outside), 0);
	p = mem_attr_heap_alloc(DT_MEM_SW_ALLOC_DMA, 100);
	assert_null(mem_attr_heap_alloc(DT_MEM_SW_ALLOC_DMA, 0));
	assert_null(mem_attr_heap_alloc(DT_MEM_SW_ALLOC_NON_CACHE, 8));
	assert_null(mem_attr_heap_alloc(DT_MEM_SW_ALLOC_DMA | DT_MEM_SW_ALLOC_CACHE, 8));
	assert_null(mem_attr_heap_alloc(0, 8));
	assert_null(mem_attr_heap_alloc(table[0].dt_attr, 8));
	assert_null(mem_attr_heap_aligned_alloc(DT_MEM_SW_ALLOC_DMA, 3, 8));
	assert_null(mem_attr_heap_aligned_alloc(DT_MEM_SW_ALLOC_DMA, 72, 8));
	assert_null(mem_attr_heap_realloc(NULL, 8));
	assert_null(mem_attr_heap_realloc(p + 8, 8));
	assert_null(mem_attr_heap_realloc(table, 8));
	for (size_t back = 0; back < 40; back++) {
		assert_null(mem_attr_heap_alloc(DT_MEM_SW_ALLOC_DMA, SIZE_MAX - back));
		assert_null(mem_attr_heap_realloc(p, SIZE_MAX - back));
	}
	assert_int_equal(memrig_mem_attr_heap_free(NULL), -EINVAL);
	assert_int_equal(memrig_mem_attr_heap_free(p + 8), -ENOENT);
	assert_int_equal(memrig_mem_attr_heap_free(table), -ENOENT);
	assert_int_equal(memrig_mem_attr_heap_free(p), 0);
	assert_int_equal(memrig_mem_attr_heap_free(p), -ENOENT);
}

/* To a region whose hardware attributes are others: Zephyr's does not find it. */
static void realloc_moves(void **state)
{
	char *p, *q;

	assert_int_equal(mem_attr_heap_pool_init(), 0);
	p = mem_attr_heap_alloc(DT_MEM_SW_ALLOC_CACHE, 3000);
	q = mem_attr_heap_alloc(DT_MEM_SW_ALLOC_CACHE, 3000);
	memset(p, 'x', 3000);
	p = mem_attr_heap_realloc(p, 7000);
	assert_ptr_equal(mem_attr_heap_get_region(p), &table[3]);
	for (int i = 0; i < 3000; i++)
		assert_int_equal(p[i], 'x');
	assert_null(mem_attr_heap_realloc(p, 9000));
	assert_int_equal(p[2999], 'x');
	assert_null(mem_attr_heap_realloc(p, 0));
	assert_null(mem_attr_heap_realloc(q, 0));
	assert_int_equal(memrig_mem_attr_heap_fini(), 0);
}

static void figures(void **state)
{
	struct memrig_span_stats stats;
	void *p;

	assert_int_equal(mem_attr_heap_pool_init(), 0);
	p = mem_attr_heap_alloc(DT_MEM_SW_ALLOC_CACHE, 100);
	assert_int_equal(memrig_mem_attr_heap_stats(NULL, &stats), -EINVAL);
	assert_int_equal(memrig_mem_attr_heap_stats(&table[0], NULL), -EINVAL);
	assert_int_equal(memrig_mem_attr_heap_stats(&table[2], &stats), -ENOENT);
	assert_int_equal(memrig_mem_attr_heap_stats(&table[0], &stats), 0);
	assert_ptr_equal(stats.mem, mem[0]);
	assert_int_equal(stats.bytes, SPAN);
	assert_false(stats.out_of_band);
	assert_int_equal(stats.use.live, 1);
	assert_int_equal(memrig_mem_attr_heap_stats(&table[1], &stats), 0);
	assert_true(stats.out_of_band);
	assert_int_equal(stats.use.live, 0);
	mem_attr_heap_free(p);
}

static void any_number_of_regions(void **state)
{
	static struct mem_attr_region_t many[BIG];
	static char small[BIG][512] __attribute__((aligned(64)));
	void *p[BIG];

	for (int i = 0; i < BIG; i++)
		many[i] = (struct mem_attr_region_t){ "m", (uintptr_t)small[i * 37 % BIG], 512,
						      DT_MEM_SW_ALLOC_NON_CACHE };
	assert_int_equal(memrig_mem_attr_register(many, BIG), 0);
	assert_int_equal(mem_attr_heap_pool_init(), 0);
	for (int i = 0; i < BIG; i++) {
		p[i] = mem_attr_heap_alloc(DT_MEM_SW_ALLOC_NON_CACHE, 400);
		assert_ptr_equal(mem_attr_heap_get_region(p[i]), &many[i]);
	}
	assert_null(mem_attr_heap_alloc(DT_MEM_SW_ALLOC_NON_CACHE, 400));
	for (int i = 0; i < BIG; i++)
		mem_attr_heap_free(p[i]);
}

/* As when a module goes: blocks or none, nothing is kept. */
static void the_end(void **state)
{
	assert_int_equal(memrig_mem_attr_heap_init(&outside), 0);
	assert_non_null(mem_attr_heap_alloc(DT_MEM_SW_ALLOC_DMA, 8));
	mrig_mem_attr_pool_exit();
	assert_int_equal(mem_live, 0);
	assert_int_equal(mem_attr_get_regions(NULL), 0);
	assert_null(mem_attr_heap_alloc(DT_MEM_SW_ALLOC_DMA, 8));
}

static int init_bounded(void)
{
	const struct memrig_span_opts opts = { .flags = MEMRIG_SPAN_OOB, .max_blocks = 5 };

	return memrig_mem_attr_heap_init(&opts);
}

static void without_memory(void **state)
{
	void *p;

	/* two arrays; three heaps with records and directory */
	assert_int_equal(mem_starve(init_bounded), 2 + 3 * 3);
	mem_grants = 0;
	assert_non_null(p = mem_attr_heap_alloc(DT_MEM_SW_ALLOC_DMA, 8));
	mem_grants = -1;
	mem_attr_heap_free(p);
	assert_int_equal(memrig_mem_attr_heap_fini(), 0);
	assert_int_equal(memrig_mem_attr_heap_init(&outside), 0);
	mem_grants = 1;
	assert_null(mem_attr_heap_alloc(DT_MEM_SW_ALLOC_DMA, 8));
	mem_grants = -1;
	assert_non_null(p = mem_attr_heap_alloc(DT_MEM_SW_ALLOC_DMA, 8));
	mem_attr_heap_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(registering, up, down),
		cmocka_unit_test_setup_teardown(buffers, up, down),
		cmocka_unit_test_setup_teardown(nothing_works_before_init, up, down),
		cmocka_unit_test_setup_teardown(init_refuses, up, down),
		cmocka_unit_test_setup_teardown(zephyrs_calls, up, down),
		cmocka_unit_test_setup_teardown(requests_that_are_none, up, down),
		cmocka_unit_test_setup_teardown(realloc_moves, up, down),
		cmocka_unit_test_setup_teardown(figures, up, down),
		cmocka_unit_test_setup_teardown(any_number_of_regions, up, down),
		cmocka_unit_test_setup_teardown(without_memory, up, down),
		cmocka_unit_test_setup_teardown(the_end, up, down),
	};

	return RUN("mem_attr_pool", tests);
}
