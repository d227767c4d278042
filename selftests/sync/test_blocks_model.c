// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Random programs on two sys_mem_blocks and their group, against a model: an array of who is handed
 * out. Whatever a call says must be true of the model, before and after.
 *
 *	test_blocks_model [SEED]
 */
#include "test.h"
#include "mem_blocks_core.h"
#include "sys_multi_mem_blocks.h"

#define MOST  150
#define SIZE  32
#define POOLS 2

static unsigned int seed = 1;

struct pool {
	sys_mem_blocks_t mb;
	char *mem;
	int num, used, peak;
	bool live[MOST];
};

static struct pool pools[POOLS];
static sys_multi_mem_blocks_t group;

static int any(int n)
{
	return rand_r(&seed) % n;
}

static sys_mem_blocks_t *choose(struct sys_multi_mem_blocks *g, void *cfg)
{
	return g->allocators[(uintptr_t)cfg];
}

static bool run_is(const struct pool *p, int first, int count, bool live)
{
	for (int i = first; i < first + count; i++) {
		if (i < 0 || i >= p->num || p->live[i] != live)
			return false;
	}
	return true;
}

static void mark(struct pool *p, int i, bool live)
{
	assert_true(i >= 0 && i < p->num && p->live[i] != live);
	p->live[i] = live;
	p->used += live ? 1 : -1;
	if (p->peak < p->used)
		p->peak = p->used;
}

static int index_of(const struct pool *p, const void *block)
{
	ptrdiff_t off = (const char *)block - p->mem;

	assert_int_equal(off % SIZE, 0);
	return (int)(off / SIZE);
}

static void list_step(struct pool *p, bool by_group)
{
	int count = any(12), err;
	void *out[12];
	size_t size = 0;

	if (by_group)
		err = sys_multi_mem_blocks_alloc(&group, (void *)(uintptr_t)(p - pools),
						 (size_t)count, out, &size);
	else
		err = sys_mem_blocks_alloc(&p->mb, (size_t)count, out);
	assert_int_equal(err, count <= p->num - p->used ? 0 : -ENOMEM);
	if (err)
		return;
	assert_true(!by_group || size == (count ? SIZE : 0));
	for (int i = 0, lowest = 0; i < count; i++) {
		while (p->live[lowest])
			lowest++;
		assert_int_equal(index_of(p, out[i]), lowest);
		mark(p, lowest, true);
	}
}

static void run_step(struct pool *p)
{
	int count = 1 + any(20), first, err;
	void *out = NULL;

	err = sys_mem_blocks_alloc_contiguous(&p->mb, (size_t)count, &out);
	if (!err) {
		first = index_of(p, out);
		for (int i = 0; i < count; i++)
			mark(p, first + i, true);
		return;
	}
	assert_int_equal(err, -ENOMEM);
	for (first = 0; first + count <= p->num; first++)
		assert_false(run_is(p, first, count, false));
}

static void get_step(struct pool *p)
{
	int first = any(p->num), count = 1 + any(10), err;
	bool fits = run_is(p, first, count, false);
	void *at = p->mem + first * SIZE;

	assert_int_equal(sys_mem_blocks_is_region_free(&p->mb, at, (size_t)count), fits);
	err = sys_mem_blocks_get(&p->mb, at, (size_t)count);
	assert_int_equal(err, fits ? 0 : -ENOMEM);
	for (int i = 0; !err && i < count; i++)
		mark(p, first + i, true);
}

static void free_run_step(struct pool *p)
{
	int first = any(p->num), count = 1 + any(6), err;
	bool fits = run_is(p, first, count, true);

	err = sys_mem_blocks_free_contiguous(&p->mb, p->mem + first * SIZE, (size_t)count);
	if (count > p->num || first + count > p->num)
		assert_int_equal(err, -EINVAL);
	else
		assert_int_equal(err, fits ? 0 : -EFAULT);
	for (int i = 0; !err && i < count; i++)
		mark(p, first + i, false);
}

/* A list of whatever: some of them free, twice on it, or of the other pool. */
static void free_list_step(struct pool *p, bool by_group)
{
	int count = 1 + any(8), which[8], err;
	bool good = true;
	void *list[8];

	for (int i = 0; i < count; i++) {
		struct pool *from = any(30) ? p : &pools[any(POOLS)];

		do {
			which[i] = any(from->num);
		} while (!from->live[which[i]] && any(12));
		list[i] = from->mem + which[i] * SIZE;
		if (!i)
			p = by_group ? from : p;
		good &= from == p && from->live[which[i]];
		for (int k = 0; k < i; k++)
			good &= list[k] != list[i];
	}
	good &= count <= p->num;
	if (by_group)
		err = sys_multi_mem_blocks_free(&group, (size_t)count, list);
	else
		err = sys_mem_blocks_free(&p->mb, (size_t)count, list);
	if (good)
		assert_int_equal(err, 0);
	else
		assert_int_equal(err, count > p->num ? -EINVAL : -EFAULT);
	for (int i = 0; good && i < count; i++)
		mark(p, which[i], false);
}

static void check(struct pool *p)
{
	struct sys_memory_stats stats;

	assert_int_equal(sys_mem_blocks_runtime_stats_get(&p->mb, &stats), 0);
	assert_int_equal(stats.allocated_bytes, p->used * SIZE);
	assert_int_equal(stats.free_bytes, (p->num - p->used) * SIZE);
	assert_int_equal(stats.max_allocated_bytes, p->peak * SIZE);
	assert_true(mrig_blocks_validate(p->mb.core));
}

static void step(struct pool *p)
{
	int what = any(20);

	if (what < 3)
		list_step(p, what & 1);
	else if (what < 5)
		run_step(p);
	else if (what < 7)
		get_step(p);
	else if (what < 13)
		free_run_step(p);
	else if (what < 19)
		free_list_step(p, what & 1);
	else if (!sys_mem_blocks_runtime_stats_reset_max(&p->mb))
		p->peak = p->used;
}

static void random_programs(void **state)
{
	for (int program = 0; program < 20; program++) {
		assert_int_equal(sys_multi_mem_blocks_init(&group, choose), 0);
		for (int i = 0; i < POOLS; i++) {
			struct pool *p = &pools[i];

			memset(p, 0, sizeof(*p));
			p->num = 1 + any(MOST);
			p->mem = malloc((size_t)p->num * SIZE);
			assert_int_equal(
				mrig_mem_blocks_init(&p->mb, p->mem, SIZE, (uint32_t)p->num), 0);
			assert_int_equal(sys_multi_mem_blocks_add_allocator(&group, &p->mb), 0);
		}
		for (int i = 0; i < 1500; i++) {
			step(&pools[any(POOLS)]);
			for (int k = 0; k < POOLS; k++)
				check(&pools[k]);
		}
		for (int i = 0; i < POOLS; i++) {
			struct pool *p = &pools[i];

			for (int k = 0; k < p->num; k++) {
				if (p->live[k])
					sys_mem_blocks_free_contiguous(&p->mb, p->mem + k * SIZE,
								       1);
			}
			assert_int_equal(sys_multi_mem_blocks_remove_allocator(&group, &p->mb), 0);
			assert_int_equal(mrig_mem_blocks_fini(&p->mb), 0);
			free(p->mem);
		}
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_programs),
	};

	if (argc > 1)
		seed = (unsigned int)strtoul(argv[1], NULL, 0);
	print_message("# seed %u\n", seed);
	return RUN("blocks model", tests);
}
