// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A program for Zephyr in a process: one thread waits for memory that another gives back. Only the
 * include line differs from the original, and with include/memrig/compat on the include path not
 * even that.
 */
#define CONFIG_HEAP_MEM_POOL_SIZE 4096
#include <memrig/zephyr.h>
#include <pthread.h>

K_HEAP_DEFINE(packets, 1024);

static struct k_spinlock lock;
static uint32_t waited_ms;

static void *consumer(void *arg)
{
	uint32_t start = k_uptime_get_32();
	void *packet = k_heap_alloc(&packets, 700, K_SECONDS(10));

	K_SPINLOCK(&lock)
	{
		waited_ms = k_uptime_get_32() - start;
	}
	k_heap_free(&packets, packet);
	return packet ? arg : NULL;
}

int main(void)
{
	void *packet = k_heap_alloc(&packets, 700, K_NO_WAIT);
	char *note = k_malloc(100);
	pthread_t thread;
	void *served;

	if (!packet || !note || pthread_create(&thread, NULL, consumer, note))
		return 1;
	k_msleep(20);
	k_heap_free(&packets, packet);
	pthread_join(thread, &served);
	printk("the consumer %s after %" PRIu32 " ms\n", served ? "was served" : "gave up",
	       waited_ms);
	k_free(note);
	return served ? 0 : 1;
}
