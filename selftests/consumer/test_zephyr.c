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

const struct test zephyr_tests[] = {
	{ "code for Zephyr: messages in slots", mailbox },
	{ "code for Zephyr: buffers of a heap", buffers },
	{ }
};
