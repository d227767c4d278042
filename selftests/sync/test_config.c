// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A program that defines the Kconfig names of the memory system, and what each does to its heaps
 * and slabs. Where a choice can be made per object, too, one with the other choice stands beside.
 */
#define CONFIG_HEAP_MEM_POOL_SIZE	      2048
#define CONFIG_HEAP_MEM_POOL_IGNORE_MIN	      1
#define CONFIG_SYS_HEAP_ALLOC_LOOPS	      1
#define CONFIG_SYS_HEAP_HARDENING_LEVEL	      4
#define CONFIG_SYS_HEAP_LISTENER	      1
#define CONFIG_SYS_HEAP_RUNTIME_STATS	      1
#define CONFIG_SYS_HEAP_VALIDATE	      1
#define CONFIG_SYS_HEAP_ARRAY_SIZE	      4
#define CONFIG_MEM_SLAB_TRACE_MAX_UTILIZATION 0
#define CONFIG_LOG_DEFAULT_LEVEL	      2
#include <unistd.h>
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/sys/heap_listener.h>
#include <zephyr/sys/mem_stats.h>
#include <zephyr/sys/sys_heap.h>
#include "test.h"

LOG_MODULE_REGISTER(test_config);

K_HEAP_DEFINE(app_heap, 2048);
K_MEM_SLAB_DEFINE_STATIC(app_slab, 64, 4, 8);
MEMRIG_HEAP_MEM_POOL_ADD_SIZE(app, 5000);

static char mem[16384] __aligned(8);
static unsigned int heard;

static void hear(uintptr_t id, void *block, size_t bytes)
{
	heard++;
}

static void ignore_min_beats_what_parts_ask_for(void **state)
{
	void *p = k_malloc(2048 - 8);

	assert_non_null(p);
	k_free(p);
	assert_null(k_malloc(2500));
}

/* One block that fits stands among others of its class that are 16 bytes too small. */
static void *needle(struct sys_heap *heap)
{
	void *hay[5], *p;

	for (size_t i = 0; i < ARRAY_SIZE(hay); i++) {
		hay[i] = sys_heap_alloc(heap, i == 2 ? 3036 : 3020);
		assert_non_null(hay[i]);
		p = sys_heap_alloc(heap, 8);
		assert_non_null(p);
	}
	while (sys_heap_alloc(heap, 8))
		;
	for (size_t i = 0; i < ARRAY_SIZE(hay); i++)
		sys_heap_free(heap, hay[i]);
	return sys_heap_alloc(heap, 3036);
}

static void alloc_loops_bounds_the_search(void **state)
{
	struct sys_heap_opts opts = { .search_limit = 5, .hardening = MRIG_HARDEN_BASIC };
	struct sys_heap heap;

	assert_int_equal(sys_heap_init(&heap, mem, sizeof(mem)), 0);
	assert_null(needle(&heap));
	assert_int_equal(sys_heap_init_opts(&heap, mem, sizeof(mem), &opts), 0);
	assert_non_null(needle(&heap));
}

/* Of level 4: a call looks at every header, not only at those it uses. */
static void *far_from_damage(struct sys_heap *heap)
{
	void *p[8];

	for (size_t i = 0; i < ARRAY_SIZE(p); i++)
		p[i] = sys_heap_alloc(heap, 100);
	memset((char *)p[2] - 4, 0x5a, 4);
	return sys_heap_alloc(heap, 1000);
}

static void hardening_level_counts(void **state)
{
	struct sys_heap_opts opts = { .hardening = MRIG_HARDEN_BASIC };
	struct sys_heap heap;

	assert_int_equal(sys_heap_init(&heap, mem, sizeof(mem)), 0);
	assert_true(sys_heap_validate(&heap));
	assert_null(far_from_damage(&heap));
	assert_int_equal(sys_heap_init_opts(&heap, mem, sizeof(mem), &opts), 0);
	assert_true(sys_heap_validate(&heap));
	assert_non_null(far_from_damage(&heap));
	assert_false(sys_heap_validate(&heap));
}

static unsigned int events_of(struct sys_heap *heap)
{
	HEAP_LISTENER_ALLOC_DEFINE(on_alloc, HEAP_ID_FROM_POINTER(heap), hear);
	HEAP_LISTENER_FREE_DEFINE(on_free, HEAP_ID_FROM_POINTER(heap), hear);

	heard = 0;
	heap_listener_register(&on_alloc);
	heap_listener_register(&on_free);
	sys_heap_free(heap, sys_heap_alloc(heap, 100));
	heap_listener_unregister(&on_alloc);
	heap_listener_unregister(&on_free);
	return heard;
}

static void listeners_are_called(void **state)
{
	struct sys_heap_opts opts = { .hardening = MRIG_HARDEN_BASIC };
	struct sys_heap heap;

	assert_int_equal(sys_heap_init(&heap, mem, sizeof(mem)), 0);
	assert_int_equal(events_of(&heap), 2);
	assert_int_equal(events_of(&app_heap.heap), 2);
	assert_int_equal(events_of(&_system_heap.heap), 2);
	assert_int_equal(sys_heap_init_opts(&heap, mem, sizeof(mem), &opts), 0);
	assert_int_equal(events_of(&heap), 0);
}

static size_t peak_of(struct sys_heap *heap)
{
	struct sys_memory_stats stats;

	sys_heap_free(heap, sys_heap_alloc(heap, 100));
	if (sys_heap_runtime_stats_get(heap, &stats))
		return 0;
	return stats.max_allocated_bytes;
}

static void runtime_stats_keep_the_peak(void **state)
{
	struct sys_heap_opts opts = { .hardening = MRIG_HARDEN_BASIC };
	struct sys_heap heap;

	assert_int_equal(sys_heap_init(&heap, mem, sizeof(mem)), 0);
	assert_in_range(peak_of(&heap), 100, 120);
	assert_in_range(peak_of(&app_heap.heap), 100, 120);
	assert_true(peak_of(&_system_heap.heap) >= 100);
	assert_int_equal(sys_heap_init_opts(&heap, mem, sizeof(mem), &opts), 0);
	assert_int_equal(peak_of(&heap), 0);
}

static bool in_array(struct sys_heap *heap)
{
	struct sys_heap **heaps;
	int n = sys_heap_array_get(&heaps);

	for (int i = 0; i < n; i++)
		if (heaps[i] == heap)
			return true;
	return false;
}

static void array_has_each_heap(void **state)
{
	struct sys_heap_opts opts = { .hardening = MRIG_HARDEN_BASIC };
	static struct sys_heap with, without;

	assert_int_equal(sys_heap_init(&with, mem, 4096), 0);
	assert_true(in_array(&with));
	assert_int_equal(sys_heap_init_opts(&without, mem + 4096, 4096, &opts), 0);
	assert_false(in_array(&without));
	assert_int_equal(sys_heap_array_remove(&with), 0);
	assert_false(in_array(&with));
}

static void slab_keeps_its_peak_to_itself(void **state)
{
	static char blocks[4][64] __aligned(8);
	struct k_mem_slab_opts opts = { NULL, 0, false };
	struct k_mem_slab slab, tells;
	void *p;

	assert_int_equal(k_mem_slab_alloc(&app_slab, &p, K_NO_WAIT), 0);
	assert_int_equal(k_mem_slab_max_used_get(&app_slab), 0);
	assert_int_equal(k_mem_slab_init(&slab, blocks, 64, 4), 0);
	assert_int_equal(k_mem_slab_alloc(&slab, &p, K_NO_WAIT), 0);
	assert_int_equal(k_mem_slab_max_used_get(&slab), 0);
	assert_int_equal(k_mem_slab_num_used_get(&slab), 1);
	k_mem_slab_free(&slab, p);
	assert_int_equal(mrig_mem_slab_fini(&slab), 0);
	assert_int_equal(k_mem_slab_init_opts(&tells, blocks, 64, 4, &opts), 0);
	assert_int_equal(k_mem_slab_alloc(&tells, &p, K_NO_WAIT), 0);
	assert_int_equal(k_mem_slab_max_used_get(&tells), 1);
	k_mem_slab_free(&tells, p);
	assert_int_equal(mrig_mem_slab_fini(&tells), 0);
}

static void log_level_of_the_file(void **state)
{
	char text[256] = "";
	FILE *file = tmpfile();
	int kept = dup(STDERR_FILENO);

	assert_non_null(file);
	assert_true(kept >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
	LOG_ERR("an error");
	LOG_WRN("a warning");
	LOG_INF("a notice");
	dup2(kept, STDERR_FILENO);
	close(kept);
	rewind(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	assert_string_equal(text, "<err> test_config: an error\n<wrn> test_config: a warning\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ignore_min_beats_what_parts_ask_for),
		cmocka_unit_test(alloc_loops_bounds_the_search),
		cmocka_unit_test(hardening_level_counts),
		cmocka_unit_test(listeners_are_called),
		cmocka_unit_test(runtime_stats_keep_the_peak),
		cmocka_unit_test(array_has_each_heap),
		cmocka_unit_test(slab_keeps_its_peak_to_itself),
		cmocka_unit_test(log_level_of_the_file),
	};

	return RUN("config", tests);
}
