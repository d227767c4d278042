// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The rest of what interrupts may call, hard and soft ones: the system heap, sets of heaps, groups,
 * streams, tracking. And what is refused there: a wait at once, what needs a thread altogether.
 */
#include <linux/completion.h>
#include <linux/err.h>
#include <linux/hrtimer.h>
#include <linux/interrupt.h>
#include <linux/slab.h>
#include <memrig/patterns.h>

#include "consumer.h"
#include "core/compat.h"

#define BYTES	4096
#define PIECES	10
#define SHOTS	50

/**
 * struct rig - objects that interrupts use
 * @mem: of them all
 * @smart: a tier and a heap
 * @prio: one level
 * @ring: for four blocks
 * @pool: of one message
 * @tracker: notes
 * @sync: what interrupts may not use
 * @kept: a block of @sync
 * @heap: member of @multi
 * @multi: one heap
 * @group: one allocator
 * @table: of mem_attr
 * @k_heap: in-band
 * @region: of @kheap
 * @kheap: out-of-band
 * @shots: interrupts to come
 * @done: all have come
 * @timer: hard interrupts
 * @tasklet: soft interrupts
 */
static struct rig {
	u8 *mem;
	struct memrig_smart *smart;
	struct memrig_prio *prio;
	struct memrig_ring *ring;
	struct memrig_msgpool *pool;
	struct memrig_tracker tracker;
	struct sys_sync_heap sync;
	void *kept;
	struct sys_heap heap;
	struct sys_multi_heap multi;
	sys_multi_mem_blocks_t group;
	struct mem_attr_region_t table;
	struct k_heap k_heap;
	struct mrig_region *region;
	struct memrig_kheap *kheap;
	int shots;
	struct completion done;
	struct hrtimer timer;
	struct tasklet_struct tasklet;
} rig;

K_MEM_SLAB_DEFINE_STATIC(slab, 64, 1, 8);
SYS_MEM_BLOCKS_DEFINE_STATIC(blocks, 64, 4, 8);

/* All records are there from the start. */
static const struct memrig_span_opts bounded = { .max_blocks = 32 };

static void *first_heap(struct sys_multi_heap *mheap, void *cfg, size_t align, size_t size)
{
	return sys_heap_aligned_alloc(mheap->heaps[0].heap, align, size);
}

static sys_mem_blocks_t *first_blocks(struct sys_multi_mem_blocks *group, void *cfg)
{
	return group->allocators[0];
}

static void system_heap(void)
{
	u8 *p = k_calloc(8, 8), *q = k_aligned_alloc(128, 100), *r = z_thread_malloc(50);

	EXPECT(p && !p[63] && q && IS_ALIGNED((uintptr_t)q, 128) && r);
	p = k_realloc(p, 200);
	EXPECT(p && !k_malloc(2 * BYTES));
	k_free(p);
	k_free(q);
	k_free(r);
	p = z_thread_aligned_alloc(64, 50);
	EXPECT(p && IS_ALIGNED((uintptr_t)p, 64));
	k_free(p);
}

static void sets(void)
{
	struct mrig_smh_req req = { 0 };
	struct mrig_smh_stats stats;
	u8 *p, *q;

	p = shared_multi_heap_alloc(SMH_REG_ATTR_CACHEABLE, 100);
	p = shared_multi_heap_realloc(SMH_REG_ATTR_CACHEABLE, p, 1000);
	EXPECT(memrig_smh_here(&req, MRIG_SMH_MATCH_NODE | MRIG_SMH_MATCH_CPU) == 0);
	EXPECT(p && !memrig_smh_alloc(&req, 0, 8));
	q = shared_multi_heap_aligned_alloc(SMH_REG_ATTR_CACHEABLE, 64, 100);
	EXPECT(q && memrig_smh_stats(SMH_REG_ATTR_CACHEABLE, &stats) == 0 && stats.use.live == 2);
	shared_multi_heap_free(q);
	EXPECT(memrig_smh_free(p) == 0 && memrig_smh_reset_max() == 0);

	p = mem_attr_heap_alloc(DT_MEM_SW_ALLOC_CACHE, 100);
	p = mem_attr_heap_realloc(p, 1000);
	EXPECT(p && mem_attr_heap_get_region(p) == &rig.table);
	EXPECT(memrig_mem_attr_heap_free(p) == 0);

	p = sys_multi_heap_alloc(&rig.multi, NULL, 100);
	p = sys_multi_heap_realloc(&rig.multi, NULL, p, 1000);
	EXPECT(p);
	sys_multi_heap_free(&rig.multi, p);
}

static void managers(void)
{
	size_t size = 0;
	void *b[4];
	u8 *p;

	p = memrig_smart_alloc(rig.smart, 40);
	EXPECT(p && memrig_smart_usable_size(rig.smart, p) == 64);
	p = memrig_smart_realloc(rig.smart, p, 1000);
	EXPECT(p && memrig_smart_free(rig.smart, p) == 0);
	p = memrig_prio_alloc(rig.prio, MEMRIG_PRIO_HIGH, 40);
	p = memrig_prio_realloc(rig.prio, MEMRIG_PRIO_HIGH, p, 1000);
	EXPECT(p && memrig_prio_free(rig.prio, p) == 0);
	EXPECT(sys_multi_mem_blocks_alloc(&rig.group, NULL, 4, b, &size) == 0 && size == 64);
	EXPECT(sys_multi_mem_blocks_alloc(&rig.group, NULL, 1, &b[0], &size) == -ENOMEM);
	EXPECT(sys_multi_mem_blocks_free(&rig.group, 4, b) == 0);
}

/* Whoever would have to wait, for ever even, is told at once. */
static void streams(void)
{
	u64 number = 42;
	size_t bytes;
	u8 *p, *msg;

	EXPECT(memrig_ring_read(rig.ring, &number, 8, K_FOREVER) == -ENOMSG);
	EXPECT(!memrig_ring_get(rig.ring, &bytes, K_FOREVER));
	EXPECT(memrig_ring_put(rig.ring, &number, 8, K_NO_WAIT) == 0);
	p = memrig_ring_alloc(rig.ring, BYTES - 16, K_NO_WAIT);
	EXPECT(p && memrig_ring_resize(rig.ring, p, BYTES - 8) == 0);
	EXPECT(memrig_ring_put(rig.ring, &number, 8, K_FOREVER) == -ENOMEM);
	EXPECT(!memrig_ring_alloc(rig.ring, 8, K_MSEC(100)));
	EXPECT(memrig_ring_commit(rig.ring, p) == 0);
	EXPECT(memrig_ring_read(rig.ring, &number, 8, K_NO_WAIT) == 8);
	EXPECT(memrig_ring_get(rig.ring, &bytes, K_NO_WAIT) == p && bytes == BYTES - 8);
	EXPECT(memrig_ring_done(rig.ring, p) == 0);

	EXPECT(!memrig_msgpool_get(rig.pool, K_FOREVER));
	msg = memrig_msgpool_alloc(rig.pool, K_NO_WAIT);
	EXPECT(msg && !memrig_msgpool_alloc(rig.pool, K_FOREVER));
	EXPECT(memrig_msgpool_put(rig.pool, msg) == 0);
	EXPECT(memrig_msgpool_get(rig.pool, K_NO_WAIT) == msg);
	EXPECT(memrig_msgpool_free(rig.pool, msg) == 0);
}

static int count_one(const struct memrig_track_block *block, void *arg)
{
	++*(int *)arg;
	return 0;
}

/* Memory for a record may be wanting, and on real-time kernels always is. */
static void tracking(void)
{
	int err = memrig_track_note(&rig.tracker, &err, sizeof(err), __FILE__, __LINE__), seen = 0;
	struct memrig_track_stats stats;

	EXPECT(err == 0 || err == -ENOMEM);
	EXPECT(memrig_track_each(&rig.tracker, count_one, &seen) == 0 && seen == 1 + !err);
	EXPECT(memrig_track_stats(&rig.tracker, &stats) == 0 && stats.live == seen);
	EXPECT(memrig_track_forget(&rig.tracker, &err) == (err ? -ENOENT : 0));
}

/* In Zephyr a mutex. Only what would be lost is taken. */
static void refused(void)
{
	struct sys_memory_stats stats;
	void *b[1];

	EXPECT(!sys_sync_heap_alloc(&rig.sync, 8) && !sys_sync_heap_noalign_alloc(&rig.sync, 8, 8));
	EXPECT(!sys_sync_heap_aligned_alloc(&rig.sync, 8, 8));
	EXPECT(rig.kept || !sys_sync_heap_realloc(&rig.sync, NULL, 8));
	EXPECT(!rig.kept || !sys_sync_heap_realloc(&rig.sync, rig.kept, 16));
	EXPECT(sys_sync_heap_runtime_stats_get(&rig.sync, &stats) == -EINVAL);
	EXPECT(sys_sync_heap_runtime_stats_reset_max(&rig.sync) == -EINVAL);
	sys_sync_heap_free(&rig.sync, rig.kept);
	rig.kept = NULL;
	EXPECT(k_mem_slab_alloc(&slab, &b[0], K_FOREVER) == -ENOMEM && !b[0]);
	EXPECT(k_mem_slab_num_used_get(&slab) == 1);
}

/* What makes an object, or ends one of a region, needs a thread. */
static void making(void)
{
	const struct memrig_region_config region = {
		.kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED, .length = PAGE_SIZE,
	};
	struct shared_multi_heap_region more = {
		SMH_REG_ATTR_CACHEABLE, (uintptr_t)rig.mem + 9 * BYTES, BYTES,
	};
	const struct memrig_kheap_config kheap = { .max_blocks = 4 };
	u8 *mem = rig.mem + 9 * BYTES;
	struct memrig_msgpool *pool;
	struct memrig_smart *smart;
	struct memrig_prio *prio;
	struct memrig_ring *ring;

	EXPECT(PTR_ERR(memrig_region_create(&region)) == -EWOULDBLOCK);
	EXPECT(PTR_ERR(memrig_region_open("irq")) == -EWOULDBLOCK);
	EXPECT(memrig_region_remove("irq") == -EWOULDBLOCK);
	EXPECT(PTR_ERR(memrig_kheap_create(rig.region, &kheap)) == -EWOULDBLOCK);
	EXPECT(memrig_kheap_destroy(rig.kheap) == -EWOULDBLOCK);
	EXPECT(memrig_system_heap_add(BYTES) == -EWOULDBLOCK);
	EXPECT(memrig_system_heap_sub(BYTES) == -EWOULDBLOCK);
	EXPECT(memrig_smart_create(&smart, 0) == -ENOMEM && memrig_prio_create(&prio) == -ENOMEM);
	EXPECT(memrig_smart_add_tier(rig.smart, mem, 64, 4) == -ENOMEM);
	EXPECT(memrig_smart_add_heap(rig.smart, mem, BYTES, NULL) == -ENOMEM);
	EXPECT(memrig_prio_add(rig.prio, 0, mem, BYTES, NULL) == -ENOMEM);
	EXPECT(memrig_ring_create(&ring, mem, BYTES, 8, 4) == -ENOMEM);
	EXPECT(memrig_msgpool_create(&pool, NULL, mem, 64, 1) == -ENOMEM);
	EXPECT(shared_multi_heap_add(&more, NULL) == -ENOMEM);
}

/* In a heap of interrupts' own. */
static void k_heaps(void)
{
	u8 *p = k_heap_calloc(&rig.k_heap, 10, 10, K_NO_WAIT);

	EXPECT(p && !p[0] && !p[99] && !k_heap_calloc(&rig.k_heap, SIZE_MAX, 2, K_FOREVER));
	EXPECT(!k_heap_calloc(&rig.k_heap, 1, BYTES - 64, K_FOREVER));
	memset(p, 'x', 100);
	k_heap_free(&rig.k_heap, p);
	p = memrig_kheap_alloc(rig.kheap, 100, K_NO_WAIT);
	EXPECT(p && !memrig_kheap_alloc(rig.kheap, PAGE_SIZE - 64, K_FOREVER));
	EXPECT(memrig_kheap_free(rig.kheap, p) == 0);
}

static void shot(void)
{
	system_heap();
	k_heaps();
	making();
	sets();
	managers();
	streams();
	tracking();
	refused();
	if (!--rig.shots)
		complete(&rig.done);
}

static enum hrtimer_restart hard(struct hrtimer *timer)
{
	EXPECT(in_hardirq());
	shot();
	hrtimer_forward_now(timer, ns_to_ktime(200 * NSEC_PER_USEC));
	return rig.shots ? HRTIMER_RESTART : HRTIMER_NORESTART;
}

static void soft(struct tasklet_struct *tasklet)
{
	EXPECT(in_serving_softirq());
	shot();
	if (rig.shots)
		tasklet_schedule(tasklet);
}

static bool sets_up(void)
{
	static const struct memrig_smh_opts opts = { .span = { .max_blocks = 32 }, .node = -1 };
	const struct shared_multi_heap_region region = {
		SMH_REG_ATTR_CACHEABLE, (uintptr_t)rig.mem, BYTES,
	};

	rig.table = (struct mem_attr_region_t){
		"irq", (uintptr_t)rig.mem + BYTES, BYTES, DT_MEM_CACHEABLE | DT_MEM_SW_ALLOC_CACHE,
	};
	sys_multi_heap_init(&rig.multi, first_heap);
	return EXPECT(shared_multi_heap_pool_init() == 0 &&
		      memrig_smh_add(&region, NULL, &opts) == 0 &&
		      memrig_mem_attr_register(&rig.table, 1) == 0 &&
		      memrig_mem_attr_heap_init(&bounded) == 0 &&
		      sys_heap_init(&rig.heap, rig.mem + 2 * BYTES, BYTES) == 0 &&
		      sys_multi_heap_add_heap(&rig.multi, &rig.heap, NULL) == 0 &&
		      memrig_system_heap_add(BYTES) == 0);
}

static bool heaps_up(void)
{
	const struct memrig_region_config region = {
		.kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_UNCACHED, .length = PAGE_SIZE,
	};
	const struct memrig_kheap_config kheap = { .max_blocks = 16 };

	rig.region = memrig_region_create(&region);
	if (!EXPECT(!IS_ERR(rig.region)))
		return false;
	rig.kheap = memrig_kheap_create(rig.region, &kheap);
	return EXPECT(!IS_ERR(rig.kheap) &&
		      k_heap_init(&rig.k_heap, rig.mem + 8 * BYTES, BYTES) == 0);
}

static bool rig_up(void)
{
	u8 *mem;

	memset(&rig, 0, sizeof(rig));
	rig.shots = SHOTS;
	init_completion(&rig.done);
	rig.mem = kmalloc(PIECES * BYTES, GFP_KERNEL);
	if (!EXPECT(rig.mem) || !sets_up() || !heaps_up())
		return false;
	mem = rig.mem + 3 * BYTES;
	return EXPECT(memrig_smart_create(&rig.smart, 0) == 0 &&
		      memrig_smart_add_tier(rig.smart, mem, 64, 4) == 0 &&
		      memrig_smart_add_heap(rig.smart, mem + 1 * BYTES, BYTES, &bounded) == 0 &&
		      memrig_prio_create(&rig.prio) == 0 &&
		      memrig_prio_add(rig.prio, 0, mem + 2 * BYTES, BYTES, &bounded) == 0 &&
		      memrig_ring_create(&rig.ring, mem + 3 * BYTES, BYTES, 8, 4) == 0 &&
		      memrig_msgpool_create(&rig.pool, NULL, mem + 512, 64, 1) == 0 &&
		      sys_sync_heap_init(&rig.sync, mem + 4 * BYTES, BYTES) == 0 &&
		      (rig.kept = sys_sync_heap_alloc(&rig.sync, 8)) &&
		      memrig_track_init(&rig.tracker, NULL) == 0 &&
		      memrig_track_note(&rig.tracker, &rig, 1, __FILE__, __LINE__) == 0 &&
		      sys_multi_mem_blocks_init(&rig.group, first_blocks) == 0 &&
		      sys_multi_mem_blocks_add_allocator(&rig.group, &blocks) == 0);
}

static void rig_down(void)
{
	EXPECT(memrig_smh_remove(rig.mem) == 0 && memrig_smh_fini() == 0);
	EXPECT(memrig_mem_attr_heap_fini() == 0 && memrig_mem_attr_register(NULL, 0) == 0);
	EXPECT(sys_multi_heap_remove_heap(&rig.multi, &rig.heap) == 0);
	EXPECT(memrig_system_heap_sub(BYTES) == 0);
	EXPECT(memrig_smart_destroy(rig.smart) == 0 && memrig_prio_destroy(rig.prio) == 0);
	EXPECT(memrig_ring_destroy(rig.ring) == 0 && memrig_msgpool_destroy(rig.pool) == 0);
	EXPECT(memrig_kheap_destroy(rig.kheap) == 0);
	memrig_region_put(rig.region);
	EXPECT(memrig_track_fini(&rig.tracker) == 1);
	EXPECT(sys_multi_mem_blocks_remove_allocator(&rig.group, &blocks) == 0);
	EXPECT(mrig_multi_mem_blocks_fini(&rig.group) == 0);
	kfree(rig.mem);
}

static void hard_interrupts(void)
{
	void *held = NULL;

	if (!rig_up())
		return;
	EXPECT(k_mem_slab_alloc(&slab, &held, K_NO_WAIT) == 0);
	mrig_hrtimer_setup(&rig.timer, hard, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	hrtimer_start(&rig.timer, ns_to_ktime(200 * NSEC_PER_USEC), HRTIMER_MODE_REL_HARD);
	wait_for_completion(&rig.done);
	hrtimer_cancel(&rig.timer);
	k_mem_slab_free(&slab, held);
	rig_down();
}

static void soft_interrupts(void)
{
	void *held = NULL;

	if (!rig_up())
		return;
	EXPECT(k_mem_slab_alloc(&slab, &held, K_NO_WAIT) == 0);
	tasklet_setup(&rig.tasklet, soft);
	tasklet_schedule(&rig.tasklet);
	wait_for_completion(&rig.done);
	tasklet_kill(&rig.tasklet);
	k_mem_slab_free(&slab, held);
	rig_down();
}

static enum hrtimer_restart give_back(struct hrtimer *timer)
{
	EXPECT(mrig_mem_slab_free(&slab, rig.kept) == 0);
	return HRTIMER_NORESTART;
}

/* The block goes from the interrupt to the thread that waits. */
static void handed_over(void)
{
	void *p = NULL;

	EXPECT(k_mem_slab_alloc(&slab, &rig.kept, K_NO_WAIT) == 0);
	mrig_hrtimer_setup(&rig.timer, give_back, CLOCK_MONOTONIC, HRTIMER_MODE_REL_HARD);
	hrtimer_start(&rig.timer, ms_to_ktime(20), HRTIMER_MODE_REL_HARD);
	EXPECT(k_mem_slab_alloc(&slab, &p, K_SECONDS(100)) == 0 && p == rig.kept);
	hrtimer_cancel(&rig.timer);
	EXPECT(mrig_mem_slab_free(&slab, p) == 0);
}

const struct test irq_tests[] = {
	{ "hard interrupts: sets, groups, streams, tracking", hard_interrupts },
	{ "soft interrupts: sets, groups, streams, tracking", soft_interrupts },
	{ "hard interrupts: a slab's block goes to who waits", handed_over },
	{ }
};
