// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* shared_multi_heap under Zephyr's names, by one thread: what each call promises, and bad input. */
#include <sys/mman.h>
#include "memory.h"
#include "smh_pool.h"

#define SPAN 8192

static char mem[4][SPAN] __attribute__((aligned(64)));
static const struct memrig_smh_opts outside = {
	.span = { .flags = MEMRIG_SPAN_OOB, .hardening = 1 }, .node = -1
};

static struct shared_multi_heap_region region(int i, uint32_t attr)
{
	return (struct shared_multi_heap_region){ attr, (uintptr_t)mem[i], SPAN };
}

static int add(int i, uint32_t attr, const struct memrig_smh_opts *opts)
{
	struct shared_multi_heap_region r = region(i, attr);

	return memrig_smh_add(&r, mem[i], opts);
}

static int up(void **state)
{
	return shared_multi_heap_pool_init();
}

/* Whatever a test has allocated it has given back. */
static int down(void **state)
{
	struct memrig_smh_region_info info;

	while (!memrig_smh_region(0, &info))
		assert_int_equal(memrig_smh_remove(info.span.mem), 0);
	assert_int_equal(memrig_smh_fini(), 0);
	assert_int_equal(mem_live, 0);
	return 0;
}

static int where(const void *p)
{
	struct memrig_smh_region_info info;

	if (!p)
		return -1;
	assert_int_equal(memrig_smh_region_of(p, &info), 0);
	assert_ptr_equal(info.user_data, info.span.mem);
	return (int)((char(*)[SPAN])info.span.mem - mem);
}

static void nothing_works_before_init(void **state)
{
	struct shared_multi_heap_region r = region(0, SMH_REG_ATTR_CACHEABLE);
	struct memrig_smh_region_info info;

	assert_int_equal(shared_multi_heap_add(&r, NULL), -EINVAL);
	assert_null(shared_multi_heap_alloc(SMH_REG_ATTR_CACHEABLE, 8));
	assert_null(shared_multi_heap_realloc(SMH_REG_ATTR_CACHEABLE, mem[0], 8));
	shared_multi_heap_free(mem[0]);
	assert_int_equal(memrig_smh_free(mem[0]), -ENOENT);
	assert_int_equal(memrig_smh_remove(mem[0]), -ENOENT);
	assert_int_equal(memrig_smh_region(0, &info), -ENOENT);
	assert_int_equal(memrig_smh_set_name(40, "x"), -EINVAL);
	assert_int_equal(memrig_smh_fini(), -EINVAL);
	assert_int_equal(mem_live, 0);
	assert_int_equal(shared_multi_heap_pool_init(), 0);
	assert_int_equal(shared_multi_heap_pool_init(), -EALREADY);
	assert_int_equal(memrig_smh_fini(), 0);
}

static void add_refuses(void **state)
{
	struct shared_multi_heap_region r = region(0, SMH_REG_ATTR_CACHEABLE);
	struct memrig_smh_opts opts = outside;

	assert_int_equal(shared_multi_heap_add(NULL, NULL), -EINVAL);
	for (uint32_t attr = SMH_REG_ATTR_NUM; attr < 80; attr++) {
		if (attr < MRIG_SMH_CUSTOM || attr >= MRIG_SMH_BITS)
			assert_int_equal(add(0, attr, NULL), -EINVAL);
	}
	assert_int_equal(add(0, UINT32_MAX, NULL), -EINVAL);
	r.addr = 0;
	assert_int_equal(shared_multi_heap_add(&r, NULL), -EINVAL);
	r = region(0, SMH_REG_ATTR_CACHEABLE);
	r.size = 0;
	assert_int_equal(shared_multi_heap_add(&r, NULL), -EINVAL);
	r.size = 8;
	assert_int_equal(shared_multi_heap_add(&r, NULL), -EINVAL);
	r.size = SIZE_MAX;
	assert_int_equal(shared_multi_heap_add(&r, NULL), -EINVAL);
	opts.attrs = MRIG_SMH_BIT(SMH_REG_ATTR_NON_CACHEABLE);
	assert_int_equal(add(0, SMH_REG_ATTR_CACHEABLE, &opts), -EINVAL);
	opts.attrs = MRIG_SMH_BIT(MRIG_SMH_FIXED);
	assert_int_equal(add(0, SMH_REG_ATTR_CACHEABLE, &opts), -EINVAL);
	opts = outside;
	opts.dma_bits = 65;
	assert_int_equal(add(0, SMH_REG_ATTR_CACHEABLE, &opts), -EINVAL);
	opts = outside;
	opts.node = -2;
	assert_int_equal(add(0, SMH_REG_ATTR_CACHEABLE, &opts), -EINVAL);
	opts = outside;
	opts.nr_cpus = 1;
	assert_int_equal(add(0, SMH_REG_ATTR_CACHEABLE, &opts), -EINVAL);
	opts = outside;
	opts.span.flags = MEMRIG_SPAN_OOB | MEMRIG_SPAN_INBAND;
	assert_int_equal(add(0, SMH_REG_ATTR_CACHEABLE, &opts), -EINVAL);
	opts.span.flags = 4;
	assert_int_equal(add(0, SMH_REG_ATTR_CACHEABLE, &opts), -EINVAL);
	opts = outside;
	opts.span.hardening = 5;
	assert_int_equal(add(0, SMH_REG_ATTR_CACHEABLE, &opts), -EINVAL);
	assert_int_equal(mem_live, 0);
	assert_int_equal(add(0, SMH_REG_ATTR_CACHEABLE, NULL), 0);
	assert_int_equal(add(0, SMH_REG_ATTR_CACHEABLE, NULL), -EINVAL);
	r = region(0, SMH_REG_ATTR_EXTERNAL);
	r.addr += 64;
	assert_int_equal(shared_multi_heap_add(&r, NULL), -EINVAL);
}

static void zephyrs_calls(void **state)
{
	const enum shared_multi_heap_attr cached = SMH_REG_ATTR_CACHEABLE;
	const enum shared_multi_heap_attr uncached = SMH_REG_ATTR_NON_CACHEABLE;
	void *a, *b, *c;

	assert_int_equal(add(0, cached, NULL), 0);
	assert_int_equal(add(1, uncached, NULL), 0);
	assert_int_equal(add(2, cached, NULL), 0);
	a = shared_multi_heap_alloc(cached, 6000);
	b = shared_multi_heap_alloc(cached, 6000);
	c = shared_multi_heap_aligned_alloc(uncached, 256, 6000);
	assert_int_equal(where(a), 0);
	assert_int_equal(where(b), 2);
	assert_int_equal(where(c), 1);
	assert_int_equal((uintptr_t)c % 256, 0);
	assert_null(shared_multi_heap_alloc(cached, 6000));
	assert_null(shared_multi_heap_alloc(SMH_REG_ATTR_EXTERNAL, 1));
	shared_multi_heap_free(NULL);
	shared_multi_heap_free(a);
	assert_int_equal(where(a = shared_multi_heap_alloc(cached, 6000)), 0);
	shared_multi_heap_free(a);
	shared_multi_heap_free(b);
	shared_multi_heap_free(c);
}

static void requests_that_are_none(void **state)
{
	char other[64];
	void *p;

	assert_int_equal(add(0, SMH_REG_ATTR_CACHEABLE, &outside), 0);
	p = shared_multi_heap_alloc(SMH_REG_ATTR_CACHEABLE, 100);
	assert_null(shared_multi_heap_alloc(SMH_REG_ATTR_NUM, 8));
	assert_null(shared_multi_heap_alloc(MAX_SHARED_MULTI_HEAP_ATTR + 1, 8));
	assert_null(shared_multi_heap_alloc((enum shared_multi_heap_attr) - 1, 8));
	assert_null(shared_multi_heap_alloc(SMH_REG_ATTR_CACHEABLE, 0));
	assert_null(shared_multi_heap_alloc(SMH_REG_ATTR_CACHEABLE, SPAN));
	for (size_t back = 0; back < 40; back++) {
		assert_null(shared_multi_heap_alloc(SMH_REG_ATTR_CACHEABLE, SIZE_MAX - back));
		assert_null(shared_multi_heap_realloc(SMH_REG_ATTR_CACHEABLE, p, SIZE_MAX - back));
	}
	assert_null(shared_multi_heap_aligned_alloc(SMH_REG_ATTR_CACHEABLE, 3, 8));
	assert_null(shared_multi_heap_aligned_alloc(SMH_REG_ATTR_CACHEABLE, 64 | 8, 8));
	assert_null(shared_multi_heap_aligned_alloc(SMH_REG_ATTR_CACHEABLE, (size_t)1 << 40, 8));
	assert_null(shared_multi_heap_realloc(SMH_REG_ATTR_NUM, p, 8));
	assert_null(shared_multi_heap_realloc(SMH_REG_ATTR_CACHEABLE, other, 8));
	assert_null(shared_multi_heap_realloc(SMH_REG_ATTR_CACHEABLE, (char *)p + 8, 8));
	assert_null(memrig_smh_alloc(NULL, 0, 8));
	assert_null(memrig_smh_realloc(NULL, p, 0, 8));
	assert_int_equal(memrig_smh_free(NULL), -EINVAL);
	assert_int_equal(memrig_smh_free(other), -ENOENT);
	assert_int_equal(memrig_smh_free((char *)p + 8), -ENOENT);
	assert_int_equal(memrig_smh_free(mem[0] + 4096), -ENOENT);
	assert_int_equal(memrig_smh_free(p), 0);
}

static void a_second_free_is_refused(void **state)
{
	void *p;

	assert_int_equal(add(0, SMH_REG_ATTR_CACHEABLE, &outside), 0);
	p = shared_multi_heap_alloc(SMH_REG_ATTR_CACHEABLE, 100);
	assert_int_equal(memrig_smh_free(p), 0);
	assert_int_equal(memrig_smh_free(p), -ENOENT);
	assert_non_null(p = shared_multi_heap_alloc(SMH_REG_ATTR_CACHEABLE, 100));
	assert_int_equal(memrig_smh_free(p), 0);
}

static void realloc_keeps_bytes_and_moves(void **state)
{
	const enum shared_multi_heap_attr cached = SMH_REG_ATTR_CACHEABLE;
	struct mrig_smh_stats stats;
	char *p, *q;

	assert_int_equal(add(0, cached, NULL), 0);
	assert_int_equal(add(1, cached, &outside), 0);
	p = shared_multi_heap_realloc(cached, NULL, 3000);
	memset(p, 'x', 3000);
	q = shared_multi_heap_alloc(cached, 3000);
	assert_int_equal(where(p), 0);
	assert_int_equal(where(q), 0);
	p = shared_multi_heap_realloc(cached, p, 7000);
	assert_int_equal(where(p), 1);
	for (int i = 0; i < 3000; i++)
		assert_int_equal(p[i], 'x');
	assert_null(shared_multi_heap_realloc(cached, p, 9000));
	assert_int_equal(p[2999], 'x');
	assert_ptr_equal(shared_multi_heap_realloc(cached, p, 100), p);
	assert_null(shared_multi_heap_realloc(cached, p, 0));
	assert_int_equal(memrig_smh_free(p), -ENOENT);
	assert_null(shared_multi_heap_realloc(SMH_REG_ATTR_NUM, q, 0));
	assert_null(shared_multi_heap_realloc(cached, NULL, 0));
	assert_int_equal(memrig_smh_stats(cached, &stats), 0);
	assert_int_equal(stats.use.live, 0);
}

static void every_attribute(void **state)
{
	static const uint64_t cpus[1] = { 1ULL << 5 };
	struct memrig_smh_opts opts = outside;
	struct mrig_smh_req req = { 0 };
	void *p;

	opts.attrs = MRIG_SMH_BIT(MRIG_SMH_WRITE_COMBINE) | MRIG_SMH_BIT(MRIG_SMH_POWERED);
	opts.dma_bits = 32;
	assert_int_equal(add(0, SMH_REG_ATTR_NON_CACHEABLE, &opts), 0);
	opts = outside;
	opts.node = 3;
	opts.cpus = cpus;
	opts.nr_cpus = 6;
	assert_int_equal(add(1, SMH_REG_ATTR_EXTERNAL, &opts), 0);
	assert_int_equal(add(2, 40, &outside), 0);
	req.with = MRIG_SMH_BIT(MRIG_SMH_WRITE_COMBINE);
	assert_int_equal(where(p = memrig_smh_alloc(&req, 0, 8)), 0);
	memrig_smh_free(p);
	req = (struct mrig_smh_req){ .match = MRIG_SMH_MATCH_DMA, .dma_bits = 36 };
	assert_int_equal(where(p = memrig_smh_alloc(&req, 0, 8)), 0);
	memrig_smh_free(p);
	req.dma_bits = 30;
	assert_null(memrig_smh_alloc(&req, 0, 8));
	req = (struct mrig_smh_req){ .match = MRIG_SMH_MATCH_NODE, .node = 3 };
	assert_int_equal(where(p = memrig_smh_alloc(&req, 0, 8)), 1);
	memrig_smh_free(p);
	req = (struct mrig_smh_req){ .match = MRIG_SMH_MATCH_CPU, .cpu = 5 };
	assert_int_equal(where(p = memrig_smh_alloc(&req, 0, 8)), 1);
	memrig_smh_free(p);
	assert_int_equal(where(p = shared_multi_heap_alloc(40, 8)), 2);
	memrig_smh_free(p);
	req = (struct mrig_smh_req){ .without = MRIG_SMH_BIT(SMH_REG_ATTR_NON_CACHEABLE) |
						MRIG_SMH_BIT(SMH_REG_ATTR_EXTERNAL) };
	assert_int_equal(where(p = memrig_smh_alloc(&req, 0, 8)), 2);
	memrig_smh_free(p);
	req.with = req.without;
	assert_null(memrig_smh_alloc(&req, 0, 8));
}

static void near_the_caller(void **state)
{
	static uint64_t all[16];
	struct memrig_smh_opts opts = outside;
	struct mrig_smh_req req = { 0 };
	void *p;

	assert_int_equal(memrig_smh_here(NULL, MRIG_SMH_MATCH_CPU), -EINVAL);
	assert_int_equal(memrig_smh_here(&req, 0), -EINVAL);
	assert_int_equal(memrig_smh_here(&req, MRIG_SMH_MATCH_DMA), -EINVAL);
	assert_int_equal(memrig_smh_here(&req, MRIG_SMH_MATCH_CPU | 8), -EINVAL);
	assert_int_equal(req.match, 0);
	memset(all, 0xff, sizeof(all));
	assert_int_equal(add(0, SMH_REG_ATTR_CACHEABLE, &outside), 0);
	opts.cpus = all;
	opts.nr_cpus = 1024;
	opts.node = mrig_node();
	assert_int_equal(add(1, SMH_REG_ATTR_CACHEABLE, &opts), 0);
	assert_int_equal(memrig_smh_here(&req, MRIG_SMH_MATCH_CPU | MRIG_SMH_MATCH_NODE), 0);
	assert_int_equal(req.match, MRIG_SMH_MATCH_CPU | MRIG_SMH_MATCH_NODE);
	assert_int_equal(where(p = memrig_smh_alloc(&req, 0, 8)), 1);
	memrig_smh_free(p);
}

static void names(void **state)
{
	char buf[MRIG_SMH_NAME_LEN + 1];

	assert_int_equal(memrig_smh_set_name(40, "fast.sram"), 0);
	assert_int_equal(memrig_smh_set_name(41, "fast.sram"), -EEXIST);
	assert_int_equal(memrig_smh_set_name(41, "external"), -EEXIST);
	assert_int_equal(memrig_smh_set_name(31, "x"), -EINVAL);
	assert_int_equal(memrig_smh_set_name(64, "x"), -EINVAL);
	assert_int_equal(memrig_smh_set_name(41, "No"), -EINVAL);
	assert_int_equal(memrig_smh_find_name("fast.sram"), 40);
	assert_int_equal(memrig_smh_find_name("write-combine"), MRIG_SMH_WRITE_COMBINE);
	assert_int_equal(memrig_smh_find_name("slow"), -ENOENT);
	assert_int_equal(memrig_smh_find_name(NULL), -EINVAL);
	assert_int_equal(memrig_smh_get_name(40, NULL, 9), -EINVAL);
	memset(buf, '?', sizeof(buf));
	assert_int_equal(memrig_smh_get_name(40, buf, 9), -ENOSPC);
	assert_int_equal(buf[0], '?');
	assert_int_equal(memrig_smh_get_name(40, buf, 10), 0);
	assert_string_equal(buf, "fast.sram");
	assert_int_equal(memrig_smh_get_name(41, buf, 10), -ENOENT);
	assert_int_equal(memrig_smh_get_name(400, buf, 10), -ENOENT);
	assert_int_equal(memrig_smh_set_name(40, NULL), 0);
	assert_int_equal(memrig_smh_get_name(40, buf, 10), -ENOENT);
}

static void regions_leave(void **state)
{
	void *p;

	assert_int_equal(add(0, SMH_REG_ATTR_CACHEABLE, NULL), 0);
	assert_int_equal(add(1, SMH_REG_ATTR_CACHEABLE, &outside), 0);
	p = shared_multi_heap_alloc(SMH_REG_ATTR_CACHEABLE, 8);
	assert_int_equal(memrig_smh_remove(mem[0]), -EBUSY);
	assert_int_equal(memrig_smh_remove(mem[0] + 8), -ENOENT);
	assert_int_equal(memrig_smh_remove(mem[2]), -ENOENT);
	assert_int_equal(memrig_smh_remove(NULL), -ENOENT);
	assert_int_equal(memrig_smh_fini(), -EBUSY);
	assert_int_equal(memrig_smh_free(p), 0);
	assert_int_equal(memrig_smh_remove(mem[0]), 0);
	assert_int_equal(memrig_smh_remove(mem[0]), -ENOENT);
	assert_int_equal(where(p = shared_multi_heap_alloc(SMH_REG_ATTR_CACHEABLE, 8)), 1);
	assert_int_equal(add(0, SMH_REG_ATTR_EXTERNAL, NULL), 0);
	assert_int_equal(memrig_smh_free(p), 0);
}

static void figures(void **state)
{
	struct memrig_smh_region_info info;
	struct mrig_smh_stats stats;
	void *a, *b;

	assert_int_equal(add(0, SMH_REG_ATTR_CACHEABLE, NULL), 0);
	assert_int_equal(add(1, SMH_REG_ATTR_CACHEABLE, &outside), 0);
	a = shared_multi_heap_alloc(SMH_REG_ATTR_CACHEABLE, 6000);
	b = shared_multi_heap_alloc(SMH_REG_ATTR_CACHEABLE, 6000);
	assert_null(shared_multi_heap_alloc(SMH_REG_ATTR_CACHEABLE, 6000));
	assert_int_equal(memrig_smh_stats(SMH_REG_ATTR_CACHEABLE, NULL), -EINVAL);
	assert_int_equal(memrig_smh_stats(MRIG_SMH_FIXED, &stats), -EINVAL);
	assert_int_equal(memrig_smh_stats(64, &stats), -EINVAL);
	assert_int_equal(memrig_smh_stats(SMH_REG_ATTR_CACHEABLE, &stats), 0);
	assert_int_equal(stats.regions, 2);
	assert_int_equal(stats.bytes, 2 * SPAN);
	assert_int_equal(stats.use.live, 2);
	assert_int_equal(stats.use.fails, 1);
	assert_true(stats.use.allocated >= 12000 && stats.use.allocated < 12100);
	shared_multi_heap_free(a);
	assert_int_equal(memrig_smh_reset_max(), 0);
	assert_int_equal(memrig_smh_region(0, NULL), -EINVAL);
	assert_int_equal(memrig_smh_region_of(b, NULL), -EINVAL);
	assert_int_equal(memrig_smh_region_of(&info, &info), -ENOENT);
	assert_int_equal(memrig_smh_region(0, &info), 0);
	assert_ptr_equal(info.span.mem, mem[0]);
	assert_false(info.span.out_of_band);
	assert_int_equal(info.span.use.max_allocated, 0);
	assert_int_equal(info.span.use.allocs, 1);
	assert_int_equal(memrig_smh_region(1, &info), 0);
	assert_ptr_equal(info.span.mem, mem[1]);
	assert_true(info.span.out_of_band);
	assert_int_equal(info.span.use.live, 1);
	assert_int_equal(info.attrs, MRIG_SMH_BIT(SMH_REG_ATTR_CACHEABLE));
	assert_int_equal(memrig_smh_region(2, &info), -ENOENT);
	assert_int_equal(memrig_smh_region(UINT32_MAX, &info), -ENOENT);
	shared_multi_heap_free(b);
}

/* Out-of-band, memory is not touched: here it could not be. Not cached, that is the default. */
static void untouchable(void **state)
{
	struct shared_multi_heap_region r = { .attr = SMH_REG_ATTR_NON_CACHEABLE, .size = 1 << 22 };
	void *at = mmap(NULL, r.size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *p[64];

	assert_true(at != MAP_FAILED);
	r.addr = (uintptr_t)at;
	assert_int_equal(shared_multi_heap_add(&r, NULL), 0);
	for (int i = 0; i < 64; i++)
		assert_non_null(p[i] = shared_multi_heap_alloc(SMH_REG_ATTR_NON_CACHEABLE, 60000));
	for (int i = 0; i < 64; i += 2)
		shared_multi_heap_free(p[i]);
	for (int i = 1; i < 64; i += 2)
		shared_multi_heap_free(p[i]);
	assert_int_equal(memrig_smh_remove(at), 0);
	munmap(at, r.size);
}

/* Regions in any number. */
static void many_regions(void **state)
{
	static char big[100][512] __attribute__((aligned(64)));
	struct shared_multi_heap_region r = { SMH_REG_ATTR_EXTERNAL, 0, 512 };
	void *p[100];

	for (int i = 0; i < 100; i++) {
		r.addr = (uintptr_t)big[i * 37 % 100];
		assert_int_equal(shared_multi_heap_add(&r, NULL), 0);
	}
	for (int i = 0; i < 100; i++) {
		p[i] = shared_multi_heap_alloc(SMH_REG_ATTR_EXTERNAL, 400);
		assert_int_equal((char(*)[512])p[i] - big, i * 37 % 100);
	}
	assert_null(shared_multi_heap_alloc(SMH_REG_ATTR_EXTERNAL, 400));
	for (int i = 0; i < 100; i++)
		shared_multi_heap_free(p[i]);
}

/* As when a module goes: blocks or none, nothing is kept. */
static void the_end(void **state)
{
	assert_int_equal(add(0, SMH_REG_ATTR_CACHEABLE, NULL), 0);
	assert_int_equal(add(1, SMH_REG_ATTR_CACHEABLE, &outside), 0);
	assert_non_null(shared_multi_heap_alloc(SMH_REG_ATTR_CACHEABLE, 6000));
	assert_non_null(shared_multi_heap_alloc(SMH_REG_ATTR_CACHEABLE, 6000));
	mrig_smh_pool_exit();
	assert_int_equal(mem_live, 0);
	assert_null(shared_multi_heap_alloc(SMH_REG_ATTR_CACHEABLE, 8));
	assert_int_equal(shared_multi_heap_pool_init(), 0);
}

static int add_outside(void)
{
	return add(0, SMH_REG_ATTR_CACHEABLE, &outside);
}

static int add_bounded(void)
{
	struct memrig_smh_opts opts = outside;

	opts.span.max_blocks = 10;
	return add(1, SMH_REG_ATTR_CACHEABLE, &opts);
}

static void without_memory(void **state)
{
	struct mrig_smh_req req = { .without = MRIG_SMH_BIT(SMH_REG_ATTR_EXTERNAL) };
	void *p[20] = { 0 };
	int n;

	/* the region, its heap, the array of regions */
	assert_int_equal(mem_starve(add_outside), 3);
	mem_grants = 0;
	assert_null(memrig_smh_alloc(&req, 0, 8));
	mem_grants = 1;
	assert_null(memrig_smh_alloc(&req, 0, 8));
	mem_grants = -1;
	assert_non_null(p[0] = memrig_smh_alloc(&req, 0, 8));
	assert_int_equal(memrig_smh_free(p[0]), 0);
	assert_int_equal(memrig_smh_remove(mem[0]), 0);
	/* the region, its heap, records, directory; from then on nothing more is asked for */
	assert_int_equal(mem_starve(add_bounded), 4);
	mem_grants = 0;
	for (n = 0; n < 20 && (p[n] = memrig_smh_alloc(&req, 0, 8)); n++)
		;
	/* one record is the free block's */
	assert_int_equal(n, 9);
	while (n)
		assert_int_equal(memrig_smh_free(p[--n]), 0);
	mem_grants = -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_works_before_init),
		cmocka_unit_test_setup_teardown(add_refuses, up, down),
		cmocka_unit_test_setup_teardown(zephyrs_calls, up, down),
		cmocka_unit_test_setup_teardown(requests_that_are_none, up, down),
		cmocka_unit_test_setup_teardown(a_second_free_is_refused, up, down),
		cmocka_unit_test_setup_teardown(realloc_keeps_bytes_and_moves, up, down),
		cmocka_unit_test_setup_teardown(every_attribute, up, down),
		cmocka_unit_test_setup_teardown(near_the_caller, up, down),
		cmocka_unit_test_setup_teardown(names, up, down),
		cmocka_unit_test_setup_teardown(regions_leave, up, down),
		cmocka_unit_test_setup_teardown(figures, up, down),
		cmocka_unit_test_setup_teardown(untouchable, up, down),
		cmocka_unit_test_setup_teardown(many_regions, up, down),
		cmocka_unit_test_setup_teardown(without_memory, up, down),
		cmocka_unit_test_setup_teardown(the_end, up, down),
	};

	return RUN("smh_pool", tests);
}
