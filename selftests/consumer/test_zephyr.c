// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Code as it is written for Zephyr: nothing here but the two lines that make it a test knows where
 * it runs.
 */
#define CONFIG_SYS_HEAP_RUNTIME_STATS 1
#include <zephyr/kernel.h>
#include <zephyr/logging/log.h>
#include <zephyr/sys/__assert.h>
#include <zephyr/sys/printk.h>
#include <zephyr/sys/util.h>
#include <zephyr/spinlock.h>

#include "consumer.h"

LOG_MODULE_REGISTER(sample, LOG_LEVEL_WRN);

BUILD_ASSERT(IS_POWER_OF_TWO(64), "a slot must be a power of two");

K_HEAP_DEFINE(consumer_pool, KB(2));
K_MEM_SLAB_DEFINE_STATIC(slots, 64, 8, 8);
static struct k_spinlock list_lock;

struct message {
	struct message *next;
	uint32_t stamp;
	char text[40];
};

static struct message *list;

static int post(const char *text, k_timeout_t timeout)
{
	struct message *m;
	k_spinlock_key_t key;
	int err = k_mem_slab_alloc(&slots, (void **)&m, timeout);

	if (err) {
		LOG_DBG("no slot for \"%s\": %d", text, err);
		return err;
	}
	m->stamp = k_uptime_get_32();
	snprintk(m->text, sizeof(m->text), "%s", text);
	key = k_spin_lock(&list_lock);
	m->next = list;
	list = m;
	k_spin_unlock(&list_lock, key);
	return 0;
}

static struct message *fetch(void)
{
	struct message *m = NULL;

	K_SPINLOCK(&list_lock) {
		m = list;
		if (!m)
			K_SPINLOCK_BREAK;
		list = m->next;
	}
	return m;
}

static void mailbox(void)
{
	struct message *m;
	int n = 0;

	while (!post("hello", K_NO_WAIT))
		n++;
	EXPECT(n == 8);
	EXPECT(post("late", K_MSEC(MAX(1, 2))) == -EAGAIN);
	while ((m = fetch())) {
		__ASSERT(strcmp(m->text, "hello") == 0, "wrong text");
		EXPECT(k_uptime_get_32() - m->stamp < 60000);
		k_mem_slab_free(&slots, m);
		n--;
	}
	EXPECT(n == 0);
}

static void buffers(void)
{
	struct sys_memory_stats stats;
	int64_t since = k_uptime_get();
	void *buf[4];
	size_t i;

	for (i = 0; i < ARRAY_SIZE(buf); i++)
		buf[i] = k_heap_aligned_alloc(&consumer_pool, 32, 200, K_NO_WAIT);
	EXPECT(buf[3]);
	EXPECT(!k_heap_alloc(&consumer_pool, ROUND_UP(1500, 8), K_MSEC(5)));
	EXPECT(k_uptime_delta(&since) >= 5);
	for (i = 0; i < ARRAY_SIZE(buf); i++)
		k_heap_free(&consumer_pool, buf[i]);
	EXPECT(k_heap_runtime_stats_get(&consumer_pool, &stats) == 0);
	EXPECT(stats.allocated_bytes == 0 && stats.max_allocated_bytes >= 800);
	k_msleep(2);
	EXPECT(sys_timepoint_expired(sys_timepoint_calc(K_NO_WAIT)));
	printk(KERN_INFO "memrig sample: %s has priority %d\n", k_thread_name_get(NULL),
	       k_thread_priority_get(k_current_get()));
}

#define CONFIG_SAMPLE_WANTED	1

static void words(void)
{
	u64 wide = 5000000000;

	EXPECT(IS_ENABLED(CONFIG_SAMPLE_WANTED) && !IS_ENABLED(CONFIG_SAMPLE_UNKNOWN));
	EXPECT(IN_RANGE(3, 3, 5) && IN_RANGE(5, 3, 5) && !IN_RANGE(2, 3, 5) && !IN_RANGE(6, 3, 5));
	EXPECT(WB_UP(sizeof(void *) + 1) == 2 * sizeof(void *));
	EXPECT(WB_DN(2 * sizeof(void *) - 1) == sizeof(void *));
	EXPECT(IS_ALIGNED(64, 16) && !IS_ALIGNED(72, 16));
	EXPECT(K_TIMEOUT_EQ(K_CYC(1001), K_TICKS(2)));
	EXPECT(K_TIMEOUT_EQ(K_TIMEOUT_ABS_SEC(3), K_TIMEOUT_ABS_MS(3000)));
	EXPECT(K_TIMEOUT_EQ(K_TIMEOUT_ABS_NS(1001), K_TIMEOUT_ABS_TICKS(2)));
	EXPECT(K_TIMEOUT_EQ(K_TIMEOUT_ABS_CYC(1000), K_TIMEOUT_ABS_US(1)));
	EXPECT(k_ms_to_ticks_floor32(3) == 3000 && k_ms_to_ticks_ceil64(5000000) == wide);
	EXPECT(k_ticks_to_ms_floor32(1999) == 1 && k_ticks_to_ms_near32(1500) == 2);
	EXPECT(k_ticks_to_ms_near32(1499) == 1 && k_ticks_to_ms_ceil32(1001) == 2);
	EXPECT(k_ticks_to_cyc_floor32(2) == 2000 && k_cyc_to_us_floor32(1999) == 1);
	EXPECT(k_cyc_to_ticks_ceil64(U64_MAX) == U64_MAX / 1000 + 1);
	EXPECT(k_sec_to_cyc_floor32(5) == lower_32_bits(wide));
	EXPECT(k_cyc_to_ns_ceil64(k_cycle_get_64()) >= k_ticks_to_ns_floor64(1));
}

static void log_words(void)
{
	static const u8 bytes[17] = { 1, 2, [15] = 0xfd, [16] = 0xfe };

	LOG_HEXDUMP_ERR(bytes, sizeof(bytes), "seventeen bytes");
	LOG_HEXDUMP_WRN(bytes, 2, "two bytes");
	LOG_HEXDUMP_INF(bytes, 2, "bytes nobody sees");
	LOG_HEXDUMP_DBG(bytes, 2, "bytes nobody sees");
	LOG_INF("a notice nobody sees");
	LOG_RAW("sample, raw: %d\n", 7);
	LOG_PRINTK("sample, as printk: %d\n", 8);
	EXPECT(consumer_logged("sample: seventeen bytes") == 1);
	EXPECT(consumer_logged("01 02 00 00 00 00 00 00 00 00 00 00 00 00 00 fd") == 1);
	EXPECT(consumer_logged("sample: two bytes") == 1);
	EXPECT(!consumer_logged("nobody sees"));
	EXPECT(consumer_logged("sample, raw: 7") == 1);
	EXPECT(consumer_logged("sample, as printk: 8") == 1);
}

const struct test zephyr_tests[] = {
	{ "code for Zephyr: messages in slots", mailbox },
	{ "code for Zephyr: buffers of a heap", buffers },
	{ "words around the allocators: arithmetic and units of time", words },
	{ "words around the allocators: what goes to the log", log_words },
	{ }
};
