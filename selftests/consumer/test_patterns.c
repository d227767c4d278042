// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Buffer manager, priority heap, ring heap, message pool and tracking; ring and pool fed by a timer
 * in a hard interrupt, while a thread waits. And the table of mem_attr.
 */
#include <linux/hrtimer.h>
#include <linux/slab.h>
#include <memrig/patterns.h>

#include "consumer.h"
#include "core/compat.h"

#define BYTES 4096
#define SENT  20

static const struct memrig_span_opts inside = { .flags = MEMRIG_SPAN_INBAND, .hardening = 1 };

static void buffer_manager(void)
{
	u8 *mem = kmalloc(2 * BYTES, GFP_KERNEL), *p, *q;
	struct memrig_smart_stats tier;
	struct memrig_smart *smart;

	if (!EXPECT(mem) || !EXPECT(memrig_smart_create(&smart, 0) == 0))
		goto out;
	EXPECT(memrig_smart_add_tier(smart, mem, 64, 8) == 0);
	EXPECT(memrig_smart_add_tier(smart, mem, 64, 8) == -EINVAL);
	EXPECT(memrig_smart_add_heap(smart, mem + BYTES, BYTES, NULL) == 0);
	p = memrig_smart_alloc(smart, 40);
	EXPECT(p >= mem && p < mem + 512);
	memset(p, 'x', 40);
	q = memrig_smart_realloc(smart, p, 1000);
	EXPECT(q >= mem + BYTES && q[39] == 'x');
	EXPECT(memrig_smart_free(smart, p) == -EALREADY);
	EXPECT(memrig_smart_destroy(smart) == -EBUSY);
	EXPECT(memrig_smart_free(smart, q) == 0);
	EXPECT(memrig_smart_tier(smart, 0, &tier) == 0 && tier.hits == 1 && !tier.used);
	EXPECT(memrig_smart_destroy(smart) == 0);
out:
	kfree(mem);
}

static void priority_heap(void)
{
	u8 *mem = kmalloc(2 * BYTES, GFP_KERNEL), *p, *q;
	struct memrig_prio *prio;

	if (!EXPECT(mem) || !EXPECT(memrig_prio_create(&prio) == 0))
		goto out;
	EXPECT(memrig_prio_add(prio, MEMRIG_PRIO_LOW, mem, BYTES, &inside) == 0);
	EXPECT(memrig_prio_add(prio, MEMRIG_PRIO_HIGH, mem + BYTES, BYTES, NULL) == 0);
	p = memrig_prio_alloc(prio, MEMRIG_PRIO_HIGH, 3000);
	q = memrig_prio_alloc(prio, MEMRIG_PRIO_HIGH, 3000);
	EXPECT(p >= mem + BYTES && q >= mem && q < mem + BYTES);
	EXPECT(!memrig_prio_alloc(prio, MEMRIG_PRIO_NORMAL, 3000));
	EXPECT(memrig_prio_free(prio, p) == 0 && memrig_prio_free(prio, q) == 0);
	EXPECT(memrig_prio_destroy(prio) == 0);
out:
	kfree(mem);
}

/**
 * struct source - a timer that sends
 * @timer: it
 * @ring: where numbers go
 * @pool: where messages go
 * @sent: how often it went off
 */
struct source {
	struct hrtimer timer;
	struct memrig_ring *ring;
	struct memrig_msgpool *pool;
	u64 sent;
};

static enum hrtimer_restart send(struct hrtimer *timer)
{
	struct source *s = container_of(timer, struct source, timer);
	u64 *msg = memrig_msgpool_alloc(s->pool, K_FOREVER);

	/* there is room for all: a wait, which nobody can do here, would be a failure */
	EXPECT(memrig_ring_put(s->ring, &s->sent, sizeof(s->sent), K_FOREVER) == 0);
	if (EXPECT(msg)) {
		*msg = s->sent;
		EXPECT(memrig_msgpool_put(s->pool, msg) == 0);
	}
	hrtimer_forward_now(timer, ns_to_ktime(200 * NSEC_PER_USEC));
	return ++s->sent == SENT ? HRTIMER_NORESTART : HRTIMER_RESTART;
}

static void streams(void)
{
	/* Not on the stack, where a timer takes a call of its own. */
	static struct source s;
	u8 *mem = kmalloc(2 * BYTES, GFP_KERNEL);
	u64 i, number, *msg;

	if (!EXPECT(mem))
		return;
	s.sent = 0;
	EXPECT(memrig_ring_create(&s.ring, mem, BYTES, 8, 64) == 0);
	EXPECT(memrig_msgpool_create(&s.pool, "consumer", mem + BYTES, 8, SENT + 1) == 0);
	EXPECT(memrig_msgpool_find("consumer") == s.pool);
	EXPECT(memrig_ring_read(s.ring, &number, sizeof(number), K_NO_WAIT) == -ENOMSG);
	EXPECT(memrig_ring_read(s.ring, &number, sizeof(number), K_MSEC(2)) == -ETIMEDOUT);
	EXPECT(!memrig_msgpool_get(s.pool, K_MSEC(2)));
	mrig_hrtimer_setup(&s.timer, send, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	hrtimer_start(&s.timer, ns_to_ktime(200 * NSEC_PER_USEC), HRTIMER_MODE_REL_HARD);
	for (i = 0; i < SENT; i++) {
		EXPECT(memrig_ring_read(s.ring, &number, sizeof(number), K_SECONDS(10)) ==
		       sizeof(number));
		EXPECT(number == i);
		msg = memrig_msgpool_get(s.pool, K_SECONDS(10));
		if (!EXPECT(msg && *msg == i))
			break;
		EXPECT(memrig_msgpool_free(s.pool, msg) == 0);
	}
	hrtimer_cancel(&s.timer);
	EXPECT(memrig_ring_destroy(s.ring) == 0);
	EXPECT(memrig_msgpool_destroy(s.pool) == 0);
	kfree(mem);
}

static void tracking(void)
{
	struct memrig_tracker t;
	char block[8];

	EXPECT(memrig_track_init(&t, NULL) == 0);
	EXPECT(memrig_track_note(&t, block, sizeof(block), __FILE__, __LINE__) == 0);
	EXPECT(memrig_track_free(&t, block + 1) == -ENOENT);
	EXPECT(memrig_track_forget(&t, block) == 0);
	EXPECT(memrig_track_forget(&t, block) == -ENOENT);
	EXPECT(memrig_track_note(&t, block, sizeof(block), __FILE__, __LINE__) == 0);
	EXPECT(memrig_track_fini(&t) == 1);
}

static void leak_lines(struct memrig_tracker *t)
{
	char owner[MRIG_THREAD_NAME + 32];

	snprintf(owner, sizeof(owner), ", %s, leaky.c:77", k_thread_name_get(NULL));
	EXPECT(memrig_track_report(NULL) == -EINVAL && memrig_track_report(t) == 0);
	EXPECT(consumer_logged(": 3 blocks live, 592 bytes, at most 592 bytes") == 1);
	EXPECT(consumer_logged(" 123 bytes, ") == 1 && consumer_logged(owner) == 1);
	EXPECT(consumer_logged(" 456 bytes, ") == 1 && consumer_logged("test_patterns.c:") >= 1);
	/* a string that went with its module */
	EXPECT(consumer_logged(" 13 bytes, ") == 1 && consumer_logged(", ?:78") == 1);
	EXPECT(consumer_logged(" 3 allocated, 0 freed, 0 refused, 0 stray frees, 0 lost") == 1);
}

/* What is not given back is told when the tracker ends, some of it block by block. */
static void leaks(void)
{
	static struct memrig_tracker t;
	static char block[40];
	unsigned int i, before;

	EXPECT(memrig_track_init(&t, NULL) == 0);
	EXPECT(memrig_track_note(&t, block, 123, "leaky.c", 77) == 0);
	EXPECT(memrig_track_note(&t, block + 1, 456, __FILE__, __LINE__) == 0);
	EXPECT(memrig_track_note(&t, block + 2, 13, (const char *)8, 78) == 0);
	leak_lines(&t);
	EXPECT(memrig_track_forget(&t, block + 2) == 0);
	for (i = 2; i < sizeof(block); i++)
		EXPECT(memrig_track_note(&t, &block[i], 1, "many\n.c", 79) == 0);
	EXPECT(memrig_track_fini(&t) == 40);
	EXPECT(consumer_logged(": 40 blocks live, 617 bytes, ") == 1);
	EXPECT(consumer_logged(", many?.c:79") == 30 && consumer_logged(" and 8 more") == 1);
	EXPECT(consumer_logged(" 41 allocated, 1 freed, ") == 1);
	before = consumer_logged("memrig: tracker ");
	EXPECT(memrig_track_fini(&t) == 0 && consumer_logged("memrig: tracker ") == before);
}

static void mem_attr(void)
{
	u8 *mem = kmalloc(2 * BYTES, GFP_KERNEL), *p;
	struct mem_attr_region_t table[2] = {
		{ "cached", (uintptr_t)mem, BYTES, DT_MEM_CACHEABLE | DT_MEM_SW_ALLOC_CACHE },
		{ "dma", (uintptr_t)mem + BYTES, BYTES, DT_MEM_DMA | DT_MEM_SW_ALLOC_DMA },
	};

	if (!EXPECT(mem))
		return;
	EXPECT(memrig_mem_attr_register(table, 2) == 0);
	EXPECT(mem_attr_check_buf(mem, BYTES + 1, table[0].dt_attr) == -ENOSPC);
	/* headers inside memory that is not cached: never in the kernel */
	EXPECT(memrig_mem_attr_heap_init(&inside) == -EINVAL);
	EXPECT(mem_attr_heap_pool_init() == 0);
	p = mem_attr_heap_aligned_alloc(DT_MEM_SW_ALLOC_DMA, 64, 100);
	EXPECT(p >= mem + BYTES && mem_attr_heap_get_region(p) == &table[1]);
	EXPECT(memrig_mem_attr_heap_fini() == -EBUSY);
	mem_attr_heap_free(p);
	EXPECT(memrig_mem_attr_heap_fini() == 0);
	EXPECT(memrig_mem_attr_register(NULL, 0) == 0);
	kfree(mem);
}

const struct test patterns_tests[] = {
	{ "memrig_smart: tiers, and a heap behind them", buffer_manager },
	{ "memrig_prio: urgent requests fall", priority_heap },
	{ "memrig_ring, memrig_msgpool: from a timer to a thread", streams },
	{ "memrig_track: what lives, and what was not ours", tracking },
	{ "memrig_track: what was not given back is in the log", leaks },
	{ "mem_attr: a table and its heaps", mem_attr },
	{}
};
