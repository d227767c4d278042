// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Slabs as programs written for Zephyr use them: what Zephyr's own suites mslab_api, mslab_concept,
 * mslab_stats and mslab_threadsafe look at, with Zephyr's include lines, names and macros alone.
 */
#define CONFIG_MEM_SLAB_TRACE_MAX_UTILIZATION 1
#define CONFIG_MEM_SLAB_POINTER_VALIDATE      1
#include <zephyr/kernel.h>
#include <zephyr/sys/mem_stats.h>
#include "zephyr_slab.h"
#include "slab_waiters.h"

#define BLK_NUM	  3
#define BLK_ALIGN 8
#define BLK_SIZE  16

K_MEM_SLAB_DEFINE(kmslab, BLK_SIZE, BLK_NUM, BLK_ALIGN);
K_MEM_SLAB_DEFINE_STATIC(own_slab, 64, 5, 64);
K_MEM_SLAB_DEFINE_IN_SECT(sect_slab, __attribute__((__section__("slab_area"))), 32, 2, 16);
K_MEM_SLAB_DEFINE_IN_SECT_STATIC(sect_own, __attribute__((__section__("slab_area"))), 32, 2, 16);
K_MEM_SLAB_DEFINE_STATIC(odd_slab, 5, 4, 1);

extern char __start_slab_area[], __stop_slab_area[];

static char __aligned(BLK_ALIGN) tslab[BLK_SIZE * BLK_NUM];
static struct k_mem_slab mslab;

static bool used_before_main;

/* Static slabs are there whenever the program asks. */
static __attribute__((__constructor__(101))) void early(void)
{
	void *p;

	used_before_main = !k_mem_slab_alloc(&own_slab, &p, K_NO_WAIT) &&
			   k_mem_slab_num_used_get(&own_slab) == 1;
	k_mem_slab_free(&own_slab, p);
}

static void blocks_of(struct k_mem_slab *slab, void **block, uint32_t num, size_t size)
{
	for (uint32_t i = 0; i < num; i++) {
		assert_int_equal(k_mem_slab_alloc(slab, &block[i], K_NO_WAIT), 0);
		assert_non_null(block[i]);
		assert_int_equal(k_mem_slab_num_used_get(slab), i + 1);
		assert_int_equal(k_mem_slab_num_free_get(slab), num - 1 - i);
		assert_int_equal(k_mem_slab_max_used_get(slab), i + 1);
		memset(block[i], 0xf0 + (int)i, size);
	}
}

static void alloc_free(struct k_mem_slab *slab)
{
	void *block[BLK_NUM];

	blocks_of(slab, block, BLK_NUM, BLK_SIZE);
	for (int i = 0; i < BLK_NUM; i++) {
		assert_int_equal(*(unsigned char *)block[i], 0xf0 + i);
		k_mem_slab_free(slab, block[i]);
		assert_int_equal(k_mem_slab_num_free_get(slab), i + 1);
	}
	assert_int_equal(k_mem_slab_max_used_get(slab), BLK_NUM);
}

static void api_init(void **state)
{
	assert_int_equal(k_mem_slab_init(&mslab, tslab, BLK_SIZE, BLK_NUM), 0);
	assert_int_equal(k_mem_slab_num_used_get(&mslab), 0);
	assert_int_equal(k_mem_slab_num_free_get(&mslab), BLK_NUM);
	assert_int_equal(k_mem_slab_init(&mslab, tslab, BLK_SIZE + 1, BLK_NUM), -EINVAL);
	assert_int_equal(k_mem_slab_init(&mslab, tslab + 1, BLK_SIZE, BLK_NUM), -EINVAL);
	assert_int_equal(k_mem_slab_num_used_get(&mslab), 0);
}

static void api_define(void **state)
{
	assert_int_equal(k_mem_slab_num_free_get(&kmslab), BLK_NUM);
	alloc_free(&kmslab);
	assert_true(used_before_main);
	assert_int_equal(kmslab.info.block_size, BLK_SIZE);
	assert_int_equal(kmslab.info.num_blocks, BLK_NUM);
}

static void api_extern(void **state)
{
	void *block;

	assert_int_equal(k_mem_slab_alloc(&extern_slab, &block, K_NO_WAIT), 0);
	k_mem_slab_free(&extern_slab, block);
	assert_int_equal(k_mem_slab_num_used_get(&extern_slab), 0);
}

static void api_sections_and_alignment(void **state)
{
	void *block[5];

	for (int i = 0; i < 5; i++) {
		assert_int_equal(k_mem_slab_alloc(&own_slab, &block[i], K_NO_WAIT), 0);
		assert_int_equal((uintptr_t)block[i] % 64, 0);
	}
	for (int i = 0; i < 5; i++)
		k_mem_slab_free(&own_slab, block[i]);
	assert_int_equal(k_mem_slab_alloc(&sect_slab, block, K_NO_WAIT), 0);
	assert_true((char *)block[0] >= __start_slab_area && (char *)block[0] < __stop_slab_area);
	k_mem_slab_free(&sect_slab, block[0]);
	assert_int_equal(k_mem_slab_alloc(&sect_own, block, K_NO_WAIT), 0);
	assert_true((char *)block[0] >= __start_slab_area && (char *)block[0] < __stop_slab_area);
	k_mem_slab_free(&sect_own, block[0]);
	/* A size is rounded up to words. */
	assert_int_equal(odd_slab.info.block_size, 8);
	blocks_of(&odd_slab, block, 4, 8);
	for (int i = 0; i < 4; i++)
		k_mem_slab_free(&odd_slab, block[i]);
}

static void api_failure_and_timeout(void **state)
{
	void *block[BLK_NUM], *fail;
	int64_t before;

	assert_int_equal(k_mem_slab_init(&mslab, tslab, BLK_SIZE, BLK_NUM), 0);
	blocks_of(&mslab, block, BLK_NUM, BLK_SIZE);
	fail = tslab;
	assert_int_equal(k_mem_slab_alloc(&mslab, &fail, K_NO_WAIT), -ENOMEM);
	assert_null(fail);
	before = k_uptime_get();
	assert_int_equal(k_mem_slab_alloc(&mslab, &fail, K_MSEC(100)), -EAGAIN);
	assert_true(k_uptime_delta(&before) >= 99);
	for (int i = 0; i < BLK_NUM; i++)
		k_mem_slab_free(&mslab, block[i]);
	assert_int_equal(k_mem_slab_num_used_get(&mslab), 0);
}

static int panics;

static void panic(const void *object, const void *block, int err)
{
	panics++;
}

/* There it asserts and panics; here it is reported, and the slab lives on. */
static void api_bad_pointer(void **state)
{
	void *block;

	assert_int_equal(k_mem_slab_init(&mslab, tslab, BLK_SIZE, BLK_NUM), 0);
	assert_int_equal(k_mem_slab_alloc(&mslab, &block, K_NO_WAIT), 0);
	mrig_port_on_misuse(panic);
	k_mem_slab_free(&mslab, NULL);
	k_mem_slab_free(&mslab, (char *)block + 1);
	k_mem_slab_free(&mslab, &panics);
	assert_int_equal(panics, 3);
	k_mem_slab_free(&mslab, block);
	assert_int_equal(panics, 3);
	k_mem_slab_free(&mslab, block);
	assert_int_equal(panics, 4);
	assert_int_equal(k_mem_slab_num_used_get(&mslab), 0);
	mrig_port_on_misuse(NULL);
	alloc_free(&mslab);
}

/* Of threads that wait the most urgent has the block, then the one that has waited longest. */
static void concept_priority_then_longest_wait(void **state)
{
	struct slab_waiter w[3] = { { .prio = 5 }, { .prio = 4 }, { .prio = 4 } };
	static const int order[] = { 1, 2, 0 };
	void *block[BLK_NUM];

	assert_int_equal(k_mem_slab_init(&mslab, tslab, BLK_SIZE, BLK_NUM), 0);
	blocks_of(&mslab, block, BLK_NUM, BLK_SIZE);
	for (int i = 0; i < 3; i++) {
		w[i].slab = &mslab;
		w[i].timeout = K_MSEC(60000);
		slab_waiter_queue(&w[i]);
	}
	for (int i = 0; i < 3; i++) {
		k_mem_slab_free(&mslab, block[i]);
		assert_int_equal(slab_waiter_join(&w[order[i]]), 0);
		assert_ptr_equal(w[order[i]].block, block[i]);
		assert_int_equal(k_mem_slab_num_used_get(&mslab), BLK_NUM);
	}
}

static void stats(void **state)
{
	struct sys_memory_stats figures;
	void *block[BLK_NUM];

	assert_int_equal(k_mem_slab_init(&mslab, tslab, BLK_SIZE, BLK_NUM), 0);
	assert_int_equal(k_mem_slab_runtime_stats_get(NULL, &figures), -EINVAL);
	assert_int_equal(k_mem_slab_runtime_stats_get(&mslab, NULL), -EINVAL);
	assert_int_equal(k_mem_slab_runtime_stats_reset_max(NULL), -EINVAL);
	blocks_of(&mslab, block, BLK_NUM, BLK_SIZE);
	k_mem_slab_free(&mslab, block[0]);
	assert_int_equal(k_mem_slab_runtime_stats_get(&mslab, &figures), 0);
	assert_int_equal(figures.free_bytes, BLK_SIZE);
	assert_int_equal(figures.allocated_bytes, BLK_SIZE * (BLK_NUM - 1));
	assert_int_equal(figures.max_allocated_bytes, BLK_SIZE * BLK_NUM);
	assert_int_equal(k_mem_slab_runtime_stats_reset_max(&mslab), 0);
	assert_int_equal(k_mem_slab_runtime_stats_get(&mslab, &figures), 0);
	assert_int_equal(figures.max_allocated_bytes, BLK_SIZE * (BLK_NUM - 1));
}

static void *cycle(void *arg)
{
	for (int i = 0; i < 2000; i++) {
		void *block[2] = { NULL, NULL };

		for (int k = 0; k < 2; k++) {
			if (!k_mem_slab_alloc(arg, &block[k], K_MSEC(1)))
				memset(block[k], i, 64);
		}
		for (int k = 0; k < 2; k++) {
			if (block[k])
				k_mem_slab_free(arg, block[k]);
		}
	}
	return NULL;
}

static void threadsafe(void **state)
{
	pthread_t threads[4];

	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, cycle, &own_slab), 0);
	for (int i = 0; i < 4; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(k_mem_slab_num_used_get(&own_slab), 0);
	assert_true(k_mem_slab_max_used_get(&own_slab) <= 5);
}

/* zephyr_slab.c is compiled with CONFIG_MEM_SLAB_TRACE_MAX_UTILIZATION 0. */
static void config_tracing_off(void **state)
{
	struct sys_memory_stats figures;
	struct k_mem_slab *slabs[] = { &extern_slab, untraced_slab_make() };
	void *block;

	for (size_t i = 0; i < ARRAY_SIZE(slabs); i++) {
		assert_int_equal(k_mem_slab_alloc(slabs[i], &block, K_NO_WAIT), 0);
		assert_int_equal(k_mem_slab_num_used_get(slabs[i]), 1);
		assert_int_equal(k_mem_slab_max_used_get(slabs[i]), 0);
		assert_int_equal(k_mem_slab_runtime_stats_get(slabs[i], &figures), 0);
		assert_int_equal(figures.max_allocated_bytes, 0);
		assert_int_equal(k_mem_slab_runtime_stats_reset_max(slabs[i]), -EOPNOTSUPP);
		k_mem_slab_free(slabs[i], block);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(api_init),
		cmocka_unit_test(api_define),
		cmocka_unit_test(api_extern),
		cmocka_unit_test(api_sections_and_alignment),
		cmocka_unit_test(api_failure_and_timeout),
		cmocka_unit_test(api_bad_pointer),
		cmocka_unit_test(concept_priority_then_longest_wait),
		cmocka_unit_test(stats),
		cmocka_unit_test(threadsafe),
		cmocka_unit_test(config_tracing_off),
	};

	return RUN("zephyr slab", tests);
}
