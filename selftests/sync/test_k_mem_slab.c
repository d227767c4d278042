// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* k_mem_slab from one thread: results, bad input, figures, settings, side memory. */
#include "slab_waiters.h"
#include "memory.h"
#include "mrig_side.h"

#define NUM  4
#define SIZE 32

static char buffer[NUM * SIZE] __attribute__((__aligned__(16)));
static const void *misused_object, *misused_block;
static int misuses, misuse_err;

static void on_misuse(const void *object, const void *block, int err)
{
	misused_object = object;
	misused_block = block;
	misuse_err = err;
	misuses++;
}

static void make(struct k_mem_slab *s)
{
	assert_int_equal(k_mem_slab_init(s, buffer, SIZE, NUM), 0);
}

static void end(struct k_mem_slab *s)
{
	assert_int_equal(mrig_mem_slab_fini(s), 0);
}

static void *get(struct k_mem_slab *s)
{
	void *p = NULL;

	assert_int_equal(k_mem_slab_alloc(s, &p, K_NO_WAIT), 0);
	return p;
}

/* Nothing can be had of it, and nothing can be done to it. */
static void is_empty(struct k_mem_slab *s)
{
	void *p = UNTOUCHED;

	assert_int_equal(k_mem_slab_alloc(s, &p, K_NO_WAIT), -ENOMEM);
	assert_null(p);
	assert_int_equal(k_mem_slab_alloc(s, &p, K_FOREVER), -ENOMEM);
	assert_int_equal(mrig_mem_slab_free(s, buffer), -ENOENT);
	slab_check(s, 0);
	assert_int_equal(k_mem_slab_num_free_get(s), 0);
	assert_int_equal(k_mem_slab_max_used_get(s), 0);
}

static void init_refuses(void **state)
{
	struct {
		void *buffer;
		size_t size;
		uint32_t num;
	} const rows[] = {
		{ buffer, 0, NUM },
		{ buffer, 0, 0 },
		{ buffer, SIZE + 1, 1 },
		{ buffer, 4, 1 },
		{ buffer + 4, SIZE, 1 },
		{ buffer + 1, SIZE, 1 },
		{ NULL, SIZE, NUM },
		{ buffer, SIZE, 0x80000000U },
		{ buffer, SIZE, UINT32_MAX },
		{ buffer, (size_t)1 << 42, 0x7fffff },
		{ buffer, SIZE_MAX - 7, 2 },
		{ buffer, (SIZE_MAX - 7) / 2, 3 },
		{ (void *)(UINTPTR_MAX - 63), 32, 3 },
	};
	struct k_mem_slab s;

	for (size_t i = 0; i < COUNT(rows); i++) {
		memset(&s, 0xa5, sizeof(s));
		assert_int_equal(k_mem_slab_init(&s, rows[i].buffer, rows[i].size, rows[i].num),
				 -EINVAL);
		is_empty(&s);
	}
	assert_int_equal(k_mem_slab_init(NULL, buffer, SIZE, NUM), -EINVAL);
}

static void init_needs_memory(void **state)
{
	struct k_mem_slab s;

	make(&s);
	mem_grants = 0;
	assert_int_equal(k_mem_slab_init(&s, buffer, SIZE, NUM), -ENOMEM);
	mem_grants = -1;
	is_empty(&s);
	make(&s);
	assert_ptr_equal(get(&s), buffer);
}

static void no_blocks_is_a_slab(void **state)
{
	struct k_mem_slab s;

	assert_int_equal(k_mem_slab_init(&s, buffer, SIZE, 0), 0);
	is_empty(&s);
	end(&s);
	assert_int_equal(k_mem_slab_init(&s, NULL, SIZE, 0), 0);
	is_empty(&s);
	end(&s);
}

static void zeroed_is_empty(void **state)
{
	struct k_mem_slab s = { 0 };

	is_empty(&s);
	end(&s);
	is_empty(&s);
}

static void order_is_zephyrs(void **state)
{
	struct k_mem_slab s;
	void *p[NUM], *none = UNTOUCHED;

	make(&s);
	for (int i = 0; i < NUM; i++) {
		p[i] = get(&s);
		assert_ptr_equal(p[i], buffer + i * SIZE);
		slab_check(&s, i + 1);
	}
	assert_int_equal(k_mem_slab_alloc(&s, &none, K_NO_WAIT), -ENOMEM);
	assert_null(none);
	k_mem_slab_free(&s, p[2]);
	k_mem_slab_free(&s, p[0]);
	slab_check(&s, 2);
	assert_ptr_equal(get(&s), p[0]);
	assert_ptr_equal(get(&s), p[2]);
	for (int i = 0; i < NUM; i++)
		assert_int_equal(mrig_mem_slab_free(&s, p[i]), 0);
	slab_check(&s, 0);
	assert_int_equal(misuses, 0);
	end(&s);
}

/* A buffer whose every access ends the program. */
static void blocks_are_not_touched(void **state)
{
	void *far = (void *)(uintptr_t)0x7000;
	struct k_mem_slab s;

	assert_int_equal(k_mem_slab_init(&s, far, 4096, 3), 0);
	for (int i = 0; i < 3; i++)
		assert_ptr_equal(get(&s), (char *)far + 4096 * i);
	for (int i = 0; i < 3; i++)
		assert_int_equal(mrig_mem_slab_free(&s, (char *)far + 4096 * i), 0);
	end(&s);
}

static void alloc_wants_arguments(void **state)
{
	struct k_mem_slab s;
	void *p = UNTOUCHED;

	make(&s);
	assert_int_equal(k_mem_slab_alloc(NULL, &p, K_NO_WAIT), -EINVAL);
	assert_int_equal(k_mem_slab_alloc(NULL, &p, K_FOREVER), -EINVAL);
	assert_int_equal(k_mem_slab_alloc(&s, NULL, K_NO_WAIT), -EINVAL);
	assert_int_equal(k_mem_slab_alloc(&s, NULL, K_FOREVER), -EINVAL);
	assert_ptr_equal(p, UNTOUCHED);
	slab_check(&s, 0);
	end(&s);
}

/* Each wrong free: what our call says, what Zephyr's reports, and that nothing changes. */
static void wrong_frees_are_refused(void **state)
{
	struct k_mem_slab s, other;
	void *live, *freed;
	static char foreign[SIZE] __attribute__((__aligned__(16)));

	make(&s);
	assert_int_equal(k_mem_slab_init(&other, foreign, SIZE, 1), 0);
	live = get(&s);
	freed = get(&s);
	assert_int_equal(mrig_mem_slab_free(&s, freed), 0);

	struct {
		struct k_mem_slab *slab;
		void *block;
		int err;
	} const rows[] = {
		{ &s, freed, -EALREADY },
		{ &s, buffer + (NUM - 1) * SIZE, -EALREADY },
		{ &s, (char *)live + 8, -EINVAL },
		{ &s, (char *)live + 1, -EINVAL },
		{ &s, buffer + NUM * SIZE - 1, -EINVAL },
		{ &s, buffer + NUM * SIZE, -ENOENT },
		{ &s, buffer - SIZE, -ENOENT },
		{ &s, foreign, -ENOENT },
		{ &s, NULL, -ENOENT },
		{ &s, (void *)UINTPTR_MAX, -ENOENT },
		{ &other, live, -ENOENT },
		{ &other, foreign, -EALREADY },
		{ NULL, live, -EINVAL },
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_int_equal(mrig_mem_slab_free(rows[i].slab, rows[i].block), rows[i].err);
		assert_int_equal(misuses, (int)i);
		k_mem_slab_free(rows[i].slab, rows[i].block);
		assert_int_equal(misuses, (int)i + 1);
		assert_ptr_equal(misused_object, rows[i].slab);
		assert_ptr_equal(misused_block, rows[i].block);
		assert_int_equal(misuse_err, rows[i].err);
		slab_check(&s, 1);
		slab_check(&other, 0);
	}
	misuses = 0;
	k_mem_slab_free(&s, live);
	assert_int_equal(misuses, 0);
	end(&s);
	end(&other);
}

/* The same on a slab all of whose blocks are handed out, and on one whose first call it is. */
static void wrong_frees_of_a_full_slab(void **state)
{
	K_MEM_SLAB_DEFINE_STATIC(fresh, 16, 2, 8);
	struct k_mem_slab s;
	void *p[NUM];

	make(&s);
	for (int i = 0; i < NUM; i++)
		p[i] = get(&s);
	assert_int_equal(mrig_mem_slab_free(&s, (char *)p[1] + 8), -EINVAL);
	assert_int_equal(mrig_mem_slab_free(&s, NULL), -ENOENT);
	slab_check(&s, NUM);
	for (int i = 0; i < NUM; i++) {
		assert_int_equal(mrig_mem_slab_free(&s, p[i]), 0);
		assert_int_equal(mrig_mem_slab_free(&s, p[i]), -EALREADY);
	}
	end(&s);
	assert_int_equal(mrig_mem_slab_free(&fresh, _k_mem_slab_buf_fresh), -EALREADY);
	assert_int_equal(mrig_mem_slab_free(&fresh, _k_mem_slab_buf_fresh + 1), -EINVAL);
	assert_int_equal(mrig_mem_slab_free(&fresh, p[0]), -ENOENT);
	slab_check(&fresh, 0);
}

static void figures(void **state)
{
	struct sys_memory_stats stats;
	struct k_mem_slab s;
	void *p[NUM];

	make(&s);
	assert_int_equal(s.info.num_blocks, NUM);
	assert_int_equal(s.info.block_size, SIZE);
	assert_int_equal(k_mem_slab_max_used_get(&s), 0);
	for (int i = 0; i < 3; i++)
		p[i] = get(&s);
	k_mem_slab_free(&s, p[0]);
	k_mem_slab_free(&s, p[1]);
	assert_int_equal(k_mem_slab_max_used_get(&s), 3);
	assert_int_equal(k_mem_slab_runtime_stats_get(&s, &stats), 0);
	assert_int_equal(stats.allocated_bytes, SIZE);
	assert_int_equal(stats.free_bytes, (NUM - 1) * SIZE);
	assert_int_equal(stats.max_allocated_bytes, 3 * SIZE);
	assert_int_equal(k_mem_slab_runtime_stats_reset_max(&s), 0);
	assert_int_equal(k_mem_slab_max_used_get(&s), 1);
	p[0] = get(&s);
	assert_int_equal(k_mem_slab_max_used_get(&s), 2);
	slab_check(&s, 2);
	k_mem_slab_free(&s, p[0]);
	k_mem_slab_free(&s, p[2]);
	assert_int_equal(k_mem_slab_runtime_stats_reset_max(&s), 0);
	assert_int_equal(k_mem_slab_max_used_get(&s), 0);
	assert_int_equal(k_mem_slab_runtime_stats_get(NULL, &stats), -EINVAL);
	assert_int_equal(k_mem_slab_runtime_stats_get(&s, NULL), -EINVAL);
	assert_int_equal(k_mem_slab_runtime_stats_get(NULL, NULL), -EINVAL);
	assert_int_equal(k_mem_slab_runtime_stats_reset_max(NULL), -EINVAL);
	assert_int_equal(k_mem_slab_num_used_get(NULL), 0);
	assert_int_equal(k_mem_slab_num_free_get(NULL), 0);
	assert_int_equal(k_mem_slab_max_used_get(NULL), 0);
	end(&s);
}

static void a_slab_may_keep_its_peak_to_itself(void **state)
{
	const struct k_mem_slab_opts opts = { .untraced = true };
	struct sys_memory_stats stats;
	struct k_mem_slab s;
	void *p;

	assert_int_equal(k_mem_slab_init_opts(&s, buffer, SIZE, NUM, &opts), 0);
	p = get(&s);
	assert_int_equal(k_mem_slab_max_used_get(&s), 0);
	assert_int_equal(k_mem_slab_runtime_stats_get(&s, &stats), 0);
	assert_int_equal(stats.allocated_bytes, SIZE);
	assert_int_equal(stats.max_allocated_bytes, 0);
	assert_int_equal(k_mem_slab_runtime_stats_reset_max(&s), -EOPNOTSUPP);
	k_mem_slab_free(&s, p);
	end(&s);
}

static void side_memory_of_the_caller(void **state)
{
	size_t bytes = MRIG_MEM_SLAB_SIDE_BYTES(NUM);
	char *side = malloc(bytes + 8);
	struct k_mem_slab_opts opts = { .side = side, .side_bytes = bytes };
	struct k_mem_slab s;

	memset(side, 0xff, bytes);
	assert_int_equal(k_mem_slab_init_opts(&s, buffer, SIZE, NUM, &opts), 0);
	assert_ptr_equal(s.core.level, side);
	for (int i = 0; i < NUM; i++)
		assert_ptr_equal(get(&s), buffer + i * SIZE);
	assert_int_equal(mrig_mem_slab_fini(&s), -EBUSY);
	for (int i = 0; i < NUM; i++)
		k_mem_slab_free(&s, buffer + i * SIZE);
	end(&s);
	opts.side_bytes = bytes - 1;
	assert_int_equal(k_mem_slab_init_opts(&s, buffer, SIZE, NUM, &opts), -EINVAL);
	is_empty(&s);
	opts.side_bytes = 0;
	assert_int_equal(k_mem_slab_init_opts(&s, buffer, SIZE, NUM, &opts), -EINVAL);
	opts.side_bytes = bytes;
	opts.side = side + 4;
	assert_int_equal(k_mem_slab_init_opts(&s, buffer, SIZE, NUM, &opts), -EINVAL);
	is_empty(&s);
	free(side);
}

/* Leaks would end the program: it runs under the leak sanitizer, and the old memory is poisoned. */
static void init_again_and_fini(void **state)
{
	static char side[MRIG_MEM_SLAB_SIDE_BYTES(NUM)] __attribute__((__aligned__(8)));
	const struct k_mem_slab_opts opts = { .side = side, .side_bytes = sizeof(side) };
	struct k_mem_slab s, many[200];

	for (int i = 0; i < 100; i++) {
		memset(&s, i, sizeof(s));
		make(&s);
		get(&s);
	}
	assert_int_equal(mrig_mem_slab_fini(&s), -EBUSY);
	slab_check(&s, 1);
	assert_int_equal(k_mem_slab_init_opts(&s, buffer, SIZE, NUM, &opts), 0);
	end(&s);
	is_empty(&s);
	end(&s);
	assert_int_equal(mrig_mem_slab_fini(NULL), -EINVAL);
	for (size_t i = 0; i < COUNT(many); i++)
		assert_int_equal(k_mem_slab_init(&many[i], buffer, SIZE, (uint32_t)i), 0);
	for (size_t i = COUNT(many); i--;) {
		slab_check(&many[i], 0);
		assert_int_equal(k_mem_slab_num_free_get(&many[i]), i);
	}
	for (size_t i = 0; i < COUNT(many); i++)
		end(&many[i]);
}

/* What is on the lists of side memory is what was not given back. */
static void side_memory_comes_back(void **state)
{
	long before = mem_live;
	struct k_mem_slab s;

	make(&s);
	make(&s);
	assert_int_equal(mem_live, before + 1);
	assert_int_equal(k_mem_slab_init(&s, buffer, 1, NUM), -EINVAL);
	assert_int_equal(mem_live, before);
	make(&s);
	end(&s);
	assert_int_equal(mem_live, before);
}

static void side_memory_has_limits(void **state)
{
	int owner = 0;

	assert_null(mrig_side_renew(&owner, SIZE_MAX));
	assert_null(mrig_side_renew(&owner, SIZE_MAX - 8));
	mrig_side_drop(&owner);
}

static void timeouts_on_an_empty_slab(void **state)
{
	struct {
		k_timeout_t timeout;
		int err;
		int64_t least;
	} const rows[] = {
		{ K_NO_WAIT, -ENOMEM, 0 },
		{ K_MSEC(-1), -ENOMEM, 0 },
		{ K_SECONDS(INT64_MIN), -ENOMEM, 0 },
		{ K_MSEC(0), -ENOMEM, 0 },
		{ K_MSEC(20), -EAGAIN, 20000000 },
		{ K_USEC(1500), -EAGAIN, 1500000 },
		{ K_NSEC(1), -EAGAIN, 1000 },
		{ K_TICKS(1), -EAGAIN, 1000 },
		{ K_TIMEOUT_ABS_MS(0), -EAGAIN, 0 },
		{ K_TIMEOUT_ABS_MS(-5), -EAGAIN, 0 },
		{ K_TIMEOUT_ABS_TICKS(k_uptime_ticks() - 1), -EAGAIN, 0 },
	};
	struct k_mem_slab s;
	void *p[NUM];

	make(&s);
	for (int i = 0; i < NUM; i++)
		p[i] = get(&s);
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct slab_waiter w = { .slab = &s, .timeout = rows[i].timeout };

		slab_waiter_main(&w);
		assert_int_equal(w.err, rows[i].err);
		assert_ptr_equal(w.block, w.err == -ENOMEM ? NULL : UNTOUCHED);
		assert_true(w.took >= rows[i].least);
		assert_true(w.took < rows[i].least + 5000000000LL);
		slab_check(&s, NUM);
	}
	assert_int_equal(s.lock.lock.word, 0);
	for (int i = 0; i < NUM; i++)
		k_mem_slab_free(&s, p[i]);
	end(&s);
}

static int setup(void **state)
{
	mrig_port_on_misuse(on_misuse);
	return quiet(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(init_refuses),
		cmocka_unit_test(init_needs_memory),
		cmocka_unit_test(no_blocks_is_a_slab),
		cmocka_unit_test(zeroed_is_empty),
		cmocka_unit_test(order_is_zephyrs),
		cmocka_unit_test(blocks_are_not_touched),
		cmocka_unit_test(alloc_wants_arguments),
		cmocka_unit_test(wrong_frees_are_refused),
		cmocka_unit_test(wrong_frees_of_a_full_slab),
		cmocka_unit_test(figures),
		cmocka_unit_test(a_slab_may_keep_its_peak_to_itself),
		cmocka_unit_test(side_memory_of_the_caller),
		cmocka_unit_test(init_again_and_fini),
		cmocka_unit_test(side_memory_comes_back),
		cmocka_unit_test(side_memory_has_limits),
		cmocka_unit_test(timeouts_on_an_empty_slab),
	};

	return cmocka_run_group_tests_name("k_mem_slab", tests, setup, NULL);
}
