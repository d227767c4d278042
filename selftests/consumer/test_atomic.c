// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Where nobody may sleep: soft interrupts, hard interrupts, sections without preemption. What
 * Zephyr allows there with K_NO_WAIT works; what would have to wait is refused at once.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/preempt.h>
#include <linux/slab.h>

#include "consumer.h"
#include "core/compat.h"

#define BYTES	4096
#define SHOTS	200

/**
 * struct rig - objects that interrupts use
 * @mem: of @heap
 * @heap: in-band
 * @region: of @kheap
 * @kheap: out-of-band
 * @block: what an interrupt frees
 * @shots: interrupts to come
 * @done: all have come
 * @timer: hard interrupts
 * @tasklet: soft interrupts
 */
static struct rig {
	void *mem;
	struct k_heap heap;
	struct mrig_region *region;
	struct memrig_kheap *kheap;
	void *block;
	int shots;
	struct completion done;
	struct hrtimer timer;
	struct tasklet_struct tasklet;
} rig;

K_MEM_SLAB_DEFINE_STATIC(slab, 64, 2, 8);
SYS_MEM_BLOCKS_DEFINE_STATIC(blocks, 64, 4, 8);

/* All that may be called anywhere. */
static void use_everything(void)
{
	struct sys_memory_stats stats;
	k_timeout_t sometime = K_MSEC(100);
	void *p, *q, *b[3];

	EXPECT(!mrig_may_sleep());
	p = k_heap_alloc(&rig.heap, 100, K_NO_WAIT);
	q = k_heap_aligned_alloc(&rig.heap, 64, 200, K_NO_WAIT);
	p = k_heap_realloc(&rig.heap, p, 300, K_NO_WAIT);
	EXPECT(p && q);
	EXPECT(!k_heap_alloc(&rig.heap, BYTES - 256, sometime));
	EXPECT(k_heap_runtime_stats_get(&rig.heap, &stats) == 0);
	k_heap_free(&rig.heap, p);
	k_heap_free(&rig.heap, q);

	p = memrig_kheap_alloc(rig.kheap, 100, K_NO_WAIT);
	q = memrig_kheap_aligned_alloc(rig.kheap, 64, 200, K_NO_WAIT);
	EXPECT(p && q && !memrig_kheap_alloc(rig.kheap, BYTES - 64, sometime));
	EXPECT(memrig_kheap_resize(rig.kheap, q, 220) != -ENOENT);
	EXPECT(memrig_kheap_free(rig.kheap, p) == 0);
	EXPECT(memrig_kheap_free(rig.kheap, q) == 0);

	EXPECT(k_mem_slab_alloc(&slab, &b[0], K_NO_WAIT) == 0);
	EXPECT(k_mem_slab_alloc(&slab, &b[1], K_NO_WAIT) == 0);
	EXPECT(k_mem_slab_alloc(&slab, &b[2], K_NO_WAIT) == -ENOMEM);
	EXPECT(k_mem_slab_alloc(&slab, &b[2], sometime) == -ENOMEM && !b[2]);
	k_mem_slab_free(&slab, b[0]);
	k_mem_slab_free(&slab, b[1]);

	EXPECT(sys_mem_blocks_alloc(&blocks, 2, b) == 0);
	EXPECT(sys_mem_blocks_alloc_contiguous(&blocks, 3, &p) == -ENOMEM);
	EXPECT(sys_mem_blocks_free(&blocks, 2, b) == 0);

	p = k_malloc(64);
	EXPECT(p);
	k_free(p);
}

/* Interrupts have no thread of their own: what they see cannot be changed. */
static void use_threads(void)
{
	k_tid_t self = k_current_get();

	EXPECT(k_is_in_isr());
	EXPECT(k_thread_heap_assign(self, &rig.heap) == -EPERM);
	EXPECT(k_thread_name_set(self, "irq") == -EPERM);
	k_thread_priority_set(self, -1);
	EXPECT(k_thread_name_get(self));
}

static void shot(void)
{
	use_everything();
	use_threads();
	if (!--rig.shots)
		complete(&rig.done);
}

static enum hrtimer_restart hard(struct hrtimer *timer)
{
	EXPECT(in_hardirq());
	shot();
	if (!rig.shots)
		return HRTIMER_NORESTART;
	hrtimer_forward_now(timer, ns_to_ktime(100 * NSEC_PER_USEC));
	return HRTIMER_RESTART;
}

static void soft(struct tasklet_struct *tasklet)
{
	EXPECT(in_serving_softirq());
	shot();
	if (rig.shots)
		tasklet_schedule(tasklet);
}

static bool rig_up(void)
{
	const struct memrig_region_config region_config = {
		.kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED, .length = BYTES,
	};
	const struct memrig_kheap_config config = { .max_blocks = 16 };

	rig.shots = SHOTS;
	init_completion(&rig.done);
	rig.mem = kmalloc(BYTES, GFP_KERNEL);
	rig.region = memrig_region_create(&region_config);
	if (!EXPECT(rig.mem && !IS_ERR(rig.region)))
		goto err_region;
	EXPECT(k_heap_init(&rig.heap, rig.mem, BYTES) == 0);
	rig.kheap = memrig_kheap_create(rig.region, &config);
	if (!EXPECT(!IS_ERR(rig.kheap)))
		goto err_region;
	if (!EXPECT(memrig_system_heap_add(BYTES) == 0))
		goto err_kheap;
	return true;

err_kheap:
	memrig_kheap_destroy(rig.kheap);
err_region:
	memrig_region_put(rig.region);
	kfree(rig.mem);
	return false;
}

static void rig_down(void)
{
	struct sys_memory_stats stats;

	EXPECT(sys_heap_validate(&rig.heap.heap));
	EXPECT(k_heap_runtime_stats_get(&rig.heap, &stats) == 0 && !stats.allocated_bytes);
	EXPECT(memrig_system_heap_sub(BYTES) == 0);
	EXPECT(memrig_kheap_destroy(rig.kheap) == 0);
	memrig_region_put(rig.region);
	kfree(rig.mem);
}

/* While a process uses the same heap, so that interrupts find its lock held by others. */
static void meanwhile(void)
{
	void *p;

	while (!completion_done(&rig.done)) {
		p = k_heap_alloc(&rig.heap, 32, K_NO_WAIT);
		k_heap_free(&rig.heap, p);
		p = memrig_kheap_alloc(rig.kheap, 32, K_NO_WAIT);
		EXPECT(memrig_kheap_free(rig.kheap, p) == 0);
		cond_resched();
	}
}

static void hard_interrupts(void)
{
	if (!rig_up())
		return;
	mrig_hrtimer_setup(&rig.timer, hard, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	hrtimer_start(&rig.timer, ns_to_ktime(100 * NSEC_PER_USEC), HRTIMER_MODE_REL_HARD);
	meanwhile();
	hrtimer_cancel(&rig.timer);
	rig_down();
}

static void soft_interrupts(void)
{
	if (!rig_up())
		return;
	tasklet_setup(&rig.tasklet, soft);
	tasklet_schedule(&rig.tasklet);
	meanwhile();
	tasklet_kill(&rig.tasklet);
	rig_down();
}

static void other_sections(void)
{
	static struct k_spinlock lock;
	unsigned long flags;

	if (!rig_up())
		return;
	EXPECT(mrig_may_sleep());
	local_irq_save(flags);
	use_everything();
	local_irq_restore(flags);
	local_bh_disable();
	use_everything();
	local_bh_enable();
	K_SPINLOCK(&lock)
		use_everything();
	EXPECT(mrig_may_sleep());
	rig_down();
}

/* An interrupt frees, and a process that waits goes on. */
static enum hrtimer_restart give_back(struct hrtimer *timer)
{
	k_heap_free(&rig.heap, rig.block);
	return HRTIMER_NORESTART;
}

static void woken_by_interrupt(void)
{
	void *p;

	if (!rig_up())
		return;
	rig.block = k_heap_alloc(&rig.heap, BYTES - 512, K_NO_WAIT);
	EXPECT(rig.block);
	mrig_hrtimer_setup(&rig.timer, give_back, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	hrtimer_start(&rig.timer, ms_to_ktime(20), HRTIMER_MODE_REL_HARD);
	p = k_heap_alloc(&rig.heap, BYTES - 512, K_SECONDS(100));
	EXPECT(p);
	k_heap_free(&rig.heap, p);
	hrtimer_cancel(&rig.timer);
	rig_down();
}

const struct test atomic_tests[] = {
	{ "hard interrupts (hrtimer): everything with K_NO_WAIT", hard_interrupts },
	{ "soft interrupts (tasklet): everything with K_NO_WAIT", soft_interrupts },
	{ "sections where nobody may sleep: no waiting", other_sections },
	{ "hard interrupts: a free that wakes", woken_by_interrupt },
	{ }
};
