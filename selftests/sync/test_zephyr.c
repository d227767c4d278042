// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A program as it is written for Zephyr, with Zephyr's include lines and Kconfig names: it compiles
 * and does what it does there.
 */
#define CONFIG_HEAP_MEM_POOL_SIZE     2048
#define CONFIG_SYS_HEAP_RUNTIME_STATS 1
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zephyr/kernel.h>
#include <zephyr/spinlock.h>
#include <zephyr/toolchain.h>
#include <zephyr/logging/log.h>
#include <zephyr/sys/__assert.h>
#include <zephyr/sys/heap_listener.h>
#include <zephyr/sys/math_extras.h>
#include <zephyr/sys/mem_stats.h>
#include <zephyr/sys/printk.h>
#include <zephyr/sys/sys_heap.h>
#include <zephyr/sys/util.h>
#include "waiters.h"

LOG_MODULE_REGISTER(test_zephyr);

K_HEAP_DEFINE(app_heap, 1024);
K_HEAP_DEFINE_NOCACHE(dma_heap, 2048);
K_HEAP_DEFINE(tiny_heap, 1);

MEMRIG_HEAP_MEM_POOL_ADD_SIZE(app, 2000);

struct k_heap *part_heap_get(void);

static struct k_spinlock lock;
static int counter;

struct __packed odd {
	uint8_t a;
	uint32_t b;
};

BUILD_ASSERT(sizeof(struct odd) == 5, "packed");
BUILD_ASSERT(IS_POWER_OF_TWO(64) && !IS_POWER_OF_TWO(0) && !IS_POWER_OF_TWO(6));

static void static_heaps_are_there(void **state)
{
	struct k_heap *first;
	int n = k_heap_array_get(&first), found = 0;

	assert_int_equal(n, 4);
	for (int i = 0; i < n; i++) {
		void *p = k_heap_alloc(&first[i], 1, K_FOREVER);

		assert_non_null(p);
		k_heap_free(&first[i], p);
		found |= (&first[i] == &app_heap) << 0 | (&first[i] == &dma_heap) << 1;
		found |= (&first[i] == &tiny_heap) << 2 | (&first[i] == part_heap_get()) << 3;
	}
	assert_int_equal(found, 15);
	assert_non_null(k_heap_alloc(&dma_heap, 1800, K_NO_WAIT));
	assert_null(k_heap_alloc(&app_heap, 1800, K_NO_WAIT));
}

/* 2048 here, 2000 here and 3000 in the other file: the sum counts. */
static void the_system_heap_has_its_size(void **state)
{
	struct sys_memory_stats stats;
	void *p = k_malloc(5000 - 8);

	assert_non_null(p);
	assert_null(k_malloc(200));
	k_free(p);
	assert_int_equal(sys_heap_runtime_stats_get(&_system_heap.heap, &stats), 0);
	assert_int_equal(stats.allocated_bytes, 0);
	assert_true(stats.max_allocated_bytes >= 5000);
}

static void config_counts_for_heaps(void **state)
{
	struct sys_memory_stats stats;
	static char mem[512];
	struct k_heap h;

	k_heap_init(&h, mem, sizeof(mem));
	k_heap_free(&h, k_heap_alloc(&h, 100, K_NO_WAIT));
	assert_int_equal(sys_heap_runtime_stats_get(&h.heap, &stats), 0);
	assert_in_range(stats.max_allocated_bytes, 100, 120);
	k_heap_free(&app_heap, k_heap_alloc(&app_heap, 100, K_NO_WAIT));
	assert_int_equal(k_heap_runtime_stats_get(&app_heap, &stats), 0);
	assert_in_range(stats.max_allocated_bytes, 100, 120);
}

static void *count(void *arg)
{
	for (int i = 0; i < 20000; i++) {
		k_spinlock_key_t key = k_spin_lock(&lock);

		counter++;
		k_spin_unlock(&lock, key);
		K_SPINLOCK(&lock)
		{
			if (i & 1)
				K_SPINLOCK_BREAK;
			counter++;
		}
	}
	return NULL;
}

static void spinlocks_exclude(void **state)
{
	k_spinlock_key_t key, other;
	pthread_t threads[4];

	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, count, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(counter, 4 * 30000);
	key = k_spin_lock(&lock);
	assert_int_equal(k_spin_trylock(&lock, &other), -EBUSY);
	k_spin_unlock(&lock, key);
	assert_int_equal(k_spin_trylock(&lock, &other), 0);
	k_spin_release(&lock);
	assert_int_equal(k_spin_trylock(&lock, &other), 0);
	k_spin_unlock(&lock, other);
}

static void *has_a_name(void *arg)
{
	pthread_setname_np(pthread_self(), "worker");
	assert_string_equal(k_thread_name_get(NULL), "worker");
	return k_current_get();
}

static void threads_have_names_and_priorities(void **state)
{
	char buf[MRIG_THREAD_NAME], *longer = "a name that is longer than the room for it is";
	k_tid_t me = k_current_get();
	pthread_t thread;
	void *other;

	pthread_create(&thread, NULL, has_a_name, NULL);
	pthread_join(thread, &other);
	assert_ptr_not_equal(other, me);
	assert_int_equal(k_thread_name_set(me, NULL), -EINVAL);
	assert_int_equal(k_thread_name_set(NULL, longer), 0);
	assert_int_equal(strlen(k_thread_name_get(me)), MRIG_THREAD_NAME - 1);
	assert_int_equal(k_thread_name_set(me, "main"), 0);
	assert_int_equal(k_thread_name_copy(me, buf, 4), -ENOSPC);
	assert_int_equal(k_thread_name_copy(me, NULL, 5), -EINVAL);
	assert_int_equal(k_thread_name_copy(me, buf, 5), 0);
	assert_string_equal(buf, "main");
	assert_in_range(k_thread_priority_get(me), 0, 39);
	k_thread_priority_set(me, -7);
	assert_int_equal(k_thread_priority_get(NULL), -7);
}

static void time_passes(void **state)
{
	k_timepoint_t end = sys_timepoint_calc(K_MSEC(20)), now = sys_timepoint_calc(K_NO_WAIT);
	uint32_t before = k_uptime_get_32(), cycles = k_cycle_get_32();
	int64_t ref = k_uptime_get();

	assert_false(sys_timepoint_expired(end));
	assert_true(sys_timepoint_expired(now));
	assert_true(K_TIMEOUT_EQ(sys_timepoint_timeout(now), K_NO_WAIT));
	assert_true(K_TIMEOUT_EQ(sys_timepoint_timeout(sys_timepoint_calc(K_FOREVER)), K_FOREVER));
	assert_int_equal(k_sleep(sys_timepoint_timeout(end)), 0);
	assert_true(sys_timepoint_expired(end));
	assert_int_equal(k_msleep(-3) | k_usleep(10), 0);
	k_busy_wait(1000);
	assert_true(k_uptime_get_32() - before >= 20);
	assert_true(k_cycle_get_32() - cycles >= 20000000);
	assert_true(k_uptime_delta(&ref) >= 20);
	assert_true(k_uptime_delta(&ref) < 20);
}

static void timeouts_are_ticks(void **state)
{
	assert_true(K_TIMEOUT_EQ(K_MSEC(5), K_USEC(5000)));
	assert_true(K_TIMEOUT_EQ(K_SECONDS(2), K_MSEC(2000)));
	assert_true(K_TIMEOUT_EQ(K_MINUTES(1), K_SECONDS(60)));
	assert_true(K_TIMEOUT_EQ(K_HOURS(1), K_MINUTES(60)));
	assert_true(K_TIMEOUT_EQ(K_NSEC(1), K_TICKS(1)));
	assert_true(K_TIMEOUT_EQ(K_NSEC(1000), K_TICKS(1)));
	assert_true(K_TIMEOUT_EQ(K_NSEC(1001), K_TICKS(2)));
	assert_true(K_TIMEOUT_EQ(K_MSEC(-1), K_NO_WAIT));
	assert_true(K_TIMEOUT_EQ(K_MSEC(0), K_NO_WAIT));
	assert_false(K_TIMEOUT_EQ(K_FOREVER, K_NO_WAIT));
	assert_true(K_TIMEOUT_EQ(K_HOURS(INT64_MAX), K_SECONDS(INT64_MAX)));
	assert_true(K_TIMEOUT_EQ(K_TIMEOUT_ABS_MS(3), K_TIMEOUT_ABS_TICKS(3000)));
	assert_int_equal(mrig_deadline(K_FOREVER), MRIG_NEVER);
	assert_int_equal(mrig_deadline(K_HOURS(INT64_MAX)), MRIG_NEVER);
	assert_int_equal(mrig_deadline(mrig_timeout_raw(INT64_MIN)), MRIG_NEVER);
	assert_int_equal(mrig_deadline(K_TIMEOUT_ABS_US(7)), 7000);
	assert_true(mrig_deadline(K_MSEC(1)) > mrig_clock());
}

static void words(void **state)
{
	struct odd odd __unused = { 1, 2 };
	int five[5];
	size_t n;

	assert_int_equal(ARRAY_SIZE(five), 5);
	assert_int_equal(MIN(1, 2) + MAX(1, 2) * 10 + CLAMP(9, 1, 3) * 100, 321);
	assert_int_equal(ROUND_UP(9, 8) + ROUND_DOWN(9, 8) + DIV_ROUND_UP(9, 8), 26);
	assert_int_equal(KB(2) + MB(1), 2048 + 1048576);
	assert_int_equal(BIT(5), 32);
	assert_ptr_equal(CONTAINER_OF(&odd.a, struct odd, a), &odd);
	assert_ptr_equal(UINT_TO_POINTER(POINTER_TO_UINT(five)), five);
	assert_true(size_mul_overflow(SIZE_MAX, 2, &n) && size_add_overflow(SIZE_MAX, 1, &n));
	assert_false(size_mul_overflow(3, 2, &n) || n != 6);
	assert_false(k_is_in_isr());
	__ASSERT(n == 6, "%zu is not six", n);
	__ASSERT_NO_MSG(n);
	ARG_UNUSED(five);
	k_yield();
	printk("# %s %d\n", "printed", 1);
	LOG_INF("one line");
	LOG_WRN("with a number: %d", 2);
	LOG_ERR("and a word: %s", "three");
	LOG_DBG("not seen");
}

#define CONFIG_WANTED	1
#define CONFIG_UNWANTED 0

static void more_words(void **state)
{
	assert_true(IS_ENABLED(CONFIG_WANTED));
	assert_false(IS_ENABLED(CONFIG_UNWANTED) || IS_ENABLED(CONFIG_NEVER_DEFINED));
	assert_true(IS_ALIGNED(64, 16) && !IS_ALIGNED((void *)72, 16));
	assert_true(IN_RANGE(3, 3, 5) && IN_RANGE(5, 3, 5));
	assert_false(IN_RANGE(2, 3, 5) || IN_RANGE(6, 3, 5));
	assert_int_equal(WB_UP(sizeof(void *) + 1), 2 * sizeof(void *));
	assert_int_equal(WB_DN(2 * sizeof(void *) - 1), sizeof(void *));
	assert_int_equal(BIT_MASK(5), 31);
	assert_true(K_TIMEOUT_EQ(K_CYC(1001), K_TICKS(2)));
	assert_true(K_TIMEOUT_EQ(K_TIMEOUT_ABS_SEC(3), K_TIMEOUT_ABS_MS(3000)));
	assert_true(K_TIMEOUT_EQ(K_TIMEOUT_ABS_NS(1001), K_TIMEOUT_ABS_TICKS(2)));
	assert_true(K_TIMEOUT_EQ(K_TIMEOUT_ABS_CYC(1000), K_TIMEOUT_ABS_US(1)));
}

static void units_convert(void **state)
{
	assert_int_equal(k_ms_to_ticks_floor32(3), 3000);
	assert_int_equal(k_ms_to_ticks_ceil64(5000000), 5000000000);
	assert_int_equal(k_ms_to_cyc_near64(2), 2000000);
	assert_int_equal(k_ticks_to_ms_floor32(1999), 1);
	assert_int_equal(k_ticks_to_ms_near32(1499), 1);
	assert_int_equal(k_ticks_to_ms_near32(1500), 2);
	assert_int_equal(k_ticks_to_ms_ceil32(1001), 2);
	assert_int_equal(k_ticks_to_ms_ceil32(1000), 1);
	assert_int_equal(k_ticks_to_us_floor64(7), 7);
	assert_int_equal(k_ticks_to_us_near64(7), 7);
	assert_int_equal(k_ticks_to_us_ceil64(7), 7);
	assert_int_equal(k_ticks_to_cyc_floor32(2), 2000);
	assert_int_equal(k_ticks_to_sec_ceil32(1), 1);
	assert_int_equal(k_cyc_to_us_floor32(1999), 1);
	assert_int_equal(k_cyc_to_ns_ceil64(UINT64_MAX), UINT64_MAX);
	assert_int_equal(k_cyc_to_ticks_ceil64(UINT64_MAX), UINT64_MAX / 1000 + 1);
	assert_int_equal(k_cyc_to_sec_near32(1500000000), 2);
	assert_int_equal(k_sec_to_cyc_floor64(5), 5000000000);
	assert_int_equal(k_sec_to_cyc_floor32(5), (uint32_t)5000000000);
	assert_int_equal(k_ns_to_ticks_ceil32(1), 1);
	assert_int_equal(k_us_to_cyc_floor32(3), 3000);
}

static void dump_and_raw(void)
{
	static const unsigned char bytes[17] = { 1, 2, [15] = 0xfe, [16] = 0xff };

	LOG_HEXDUMP_ERR(bytes, sizeof(bytes), "seventeen");
	LOG_HEXDUMP_WRN(bytes, 1, "one");
	LOG_HEXDUMP_INF(bytes, 0, "none");
	LOG_HEXDUMP_DBG(bytes, 1, "not seen");
	LOG_RAW("%d", 7);
	LOG_PRINTK("%s\n", "!");
}

static void hexdumps_and_raw_lines(void **state)
{
	char text[512] = "";
	FILE *file = tmpfile();
	int kept = dup(STDERR_FILENO);

	assert_non_null(file);
	assert_true(kept >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
	dump_and_raw();
	dup2(kept, STDERR_FILENO);
	close(kept);
	rewind(file);
	assert_true(fread(text, 1, sizeof(text) - 1, file) > 0);
	fclose(file);
	assert_string_equal(text, "<err> test_zephyr: seventeen\n"
				  "      01 02 00 00 00 00 00 00 00 00 00 00 00 00 00 fe\n"
				  "      ff\n"
				  "<wrn> test_zephyr: one\n      01\n"
				  "<inf> test_zephyr: none\n7!\n");
}

static void panic_ends_the_program(void **state)
{
	int status;
	pid_t pid = fork();

	if (!pid) {
		signal(SIGABRT, SIG_DFL);
		k_panic();
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(static_heaps_are_there),
		cmocka_unit_test(the_system_heap_has_its_size),
		cmocka_unit_test(config_counts_for_heaps),
		cmocka_unit_test(spinlocks_exclude),
		cmocka_unit_test(threads_have_names_and_priorities),
		cmocka_unit_test(time_passes),
		cmocka_unit_test(timeouts_are_ticks),
		cmocka_unit_test(words),
		cmocka_unit_test(more_words),
		cmocka_unit_test(units_convert),
		cmocka_unit_test(hexdumps_and_raw_lines),
		cmocka_unit_test(panic_ends_the_program),
	};

	return RUN("zephyr", tests);
}
