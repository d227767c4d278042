// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * More of the library's objects over mapped memory: sets of heaps, tracking, two processes with a
 * span each of one region, and what goes on while a POWERED region is off.
 */
#include <sys/wait.h>
#include <unistd.h>

#include <memrig/patterns.h>
#include <memrig/track.h>
#include <memrig/zephyr.h>

#include "device_memories.h"
#include "touch.h"

#define HALF (LENGTH / 2)

static const struct memrig_span_opts outside = { .flags = MEMRIG_SPAN_OOB, .hardening = 1 };

/* ---- sets ---------------------------------------------------------------------------- */

static void *by_number(struct sys_multi_heap *mheap, void *cfg, size_t align, size_t size)
{
	return sys_heap_aligned_alloc(mheap->heaps[(uintptr_t)cfg].heap, align, size);
}

/* One set over all memories at once: heaps are found by address. */
TEST_F(zephyr, sys_multi_heap)
{
	struct sys_multi_heap_rec room[16];
	struct sys_multi_heap mheap;
	struct sys_heap heap[16];
	unsigned char *block[16];

	sys_multi_heap_init(&mheap, by_number);
	ASSERT_EQ(0, sys_multi_heap_set_room(&mheap, room, 16));
	for (int i = 0; i < self->count; i++) {
		ASSERT_EQ(0, sys_heap_init(&heap[i], self->all[i].at, LENGTH));
		ASSERT_EQ(0, sys_multi_heap_add_heap(&mheap, &heap[i], &self->all[i]));
		EXPECT_EQ(-EEXIST, sys_multi_heap_add_heap(&mheap, &heap[i], NULL));
	}
	/* Heaps stand in the order of their addresses. */
	for (int i = 0; i < self->count; i++) {
		struct memory *m = mheap.heaps[i].user_data;

		block[i] = sys_multi_heap_aligned_alloc(&mheap, (void *)(intptr_t)i, 64, 3000);
		ASSERT_TRUE(within(block[i], m));
		EXPECT_EQ(mheap.heaps[i].heap, sys_multi_heap_get_heap(&mheap, block[i])->heap);
		memset(block[i], i, 3000);
	}
	for (int i = 0; i < self->count; i++) {
		int next = (i + 1) % self->count;

		/* in place, and then into the next memory */
		EXPECT_EQ(block[i], sys_multi_heap_realloc(&mheap, NULL, block[i], 2000));
		block[i] = sys_multi_heap_realloc(&mheap, (void *)(intptr_t)next, block[i],
						  self->count > 1 ? LENGTH - 10000 : 9000);
		ASSERT_TRUE(block[i] && holds(block[i], 2000, i));
		EXPECT_EQ(-EBUSY, sys_multi_heap_remove_heap(
					  &mheap, sys_multi_heap_get_heap(&mheap, block[i])->heap));
		sys_multi_heap_free(&mheap, block[i]);
	}
	EXPECT_EQ(NULL, sys_multi_heap_get_heap(&mheap, &mheap));
	for (int i = 0; i < self->count; i++) {
		EXPECT_TRUE(sys_heap_validate(&heap[i]));
		EXPECT_EQ(0, sys_multi_heap_remove_heap(&mheap, &heap[i]));
	}
}

/* What each memory is like is in the table; the attribute chooses among those that are alike. */
TEST_F(zephyr, mem_attr_heap)
{
	struct mem_attr_region_t table[16];
	size_t cached = 0, others = 0;

	for (int i = 0; i < self->count; i++) {
		struct memory *m = &self->all[i];
		bool is = m->attr == MEMRIG_ATTR_CACHED;

		table[i] = (struct mem_attr_region_t){ "memory", (uintptr_t)m->at, LENGTH,
						       is ? DT_MEM_CACHEABLE | DT_MEM_SW_ALLOC_CACHE
							  : DT_MEM_SW_ALLOC_NON_CACHE };
		cached += is;
		others += !is;
	}
	ASSERT_EQ(0, memrig_mem_attr_register(table, self->count));
	ASSERT_EQ(0, memrig_mem_attr_heap_init(&outside));
	for (int i = 0; i < 2; i++) {
		uint32_t attr = i ? DT_MEM_SW_ALLOC_CACHE : DT_MEM_SW_ALLOC_NON_CACHE;
		size_t want = i ? cached : others, got = 0;
		unsigned char *block[17];

		/* each memory has room for one */
		while (got < 17 && (block[got] = mem_attr_heap_alloc(attr, LENGTH * 2 / 3)))
			memset(block[got], (int)got, 5000), got++;
		EXPECT_EQ(want, got);
		while (got--) {
			const struct mem_attr_region_t *r = mem_attr_heap_get_region(block[got]);

			ASSERT_NE(NULL, r);
			EXPECT_EQ(attr, DT_MEM_SW_ATTR_GET(r->dt_attr));
			EXPECT_TRUE(holds(block[got], 5000, (unsigned char)got));
			EXPECT_EQ(0, memrig_mem_attr_heap_free(block[got]));
			EXPECT_EQ(-ENOENT, memrig_mem_attr_heap_free(block[got]));
		}
	}
	EXPECT_EQ(NULL, mem_attr_heap_alloc(DT_MEM_SW_ALLOC_DMA, 8));
	EXPECT_EQ(0, memrig_mem_attr_heap_fini());
	EXPECT_EQ(0, memrig_mem_attr_register(NULL, 0));
}

/* ---- tracking ------------------------------------------------------------------------ */

static void *heap_alloc(void *arg, size_t bytes)
{
	return k_heap_alloc(arg, bytes, K_NO_WAIT);
}

static void *heap_realloc(void *arg, void *ptr, size_t bytes)
{
	return k_heap_realloc(arg, ptr, bytes, K_NO_WAIT);
}

static void heap_free(void *arg, void *ptr)
{
	k_heap_free(arg, ptr);
}

static int keep(const struct memrig_track_block *block, void *arg)
{
	*(struct memrig_track_block *)arg = *block;
	return 0;
}

TEST_F(zephyr, tracking)
{
	for (struct memory *m = self->all; m < self->all + self->count; m++) {
		struct k_heap heap;
		struct memrig_allocator from = { heap_alloc, heap_realloc, heap_free, &heap };
		struct memrig_track_block seen = { 0 };
		struct memrig_track_stats stats;
		struct memrig_tracker t;
		char text[1024] = "", *p, *q;
		FILE *out = fmemopen(text, sizeof(text), "w");

		ASSERT_EQ(0, k_heap_init(&heap, m->at, LENGTH));
		ASSERT_EQ(0, memrig_track_init(&t, &from));
		p = memrig_track_alloc(&t, 1000, "stream.c", 12);
		q = memrig_track_calloc(&t, 10, 100, "stream.c", 13);
		ASSERT_TRUE(within(p, m) && within(q, m));
		memset(p, 'p', 1000);
		p = memrig_track_realloc(&t, p, 50000, "stream.c", 14);
		ASSERT_TRUE(within(p, m) && holds((unsigned char *)p, 1000, 'p'));
		EXPECT_TRUE(holds((unsigned char *)q, 1000, 0));
		EXPECT_EQ(-ENOENT, memrig_track_free(&t, p + 8));
		EXPECT_EQ(0, memrig_track_free(&t, q));
		EXPECT_EQ(-ENOENT, memrig_track_free(&t, q));
		EXPECT_EQ(0, memrig_track_each(&t, keep, &seen));
		EXPECT_EQ(p, seen.ptr);
		EXPECT_EQ(14, seen.line);
		EXPECT_EQ(0, memrig_track_stats(&t, &stats));
		EXPECT_EQ(1, stats.live);
		EXPECT_EQ(2, stats.strays);
		ASSERT_NE(NULL, out);
		EXPECT_EQ(0, memrig_track_report(&t, out));
		fclose(out);
		EXPECT_NE(NULL, strstr(text, "1 blocks live, 50000 bytes"));
		EXPECT_NE(NULL, strstr(text, "stream.c:14"));
		EXPECT_EQ(1, memrig_track_fini(&t));
		EXPECT_TRUE(sys_heap_validate(&heap.heap));
	}
}

/* ---- two processes ------------------------------------------------------------------- */

/**
 * struct message - what the child tells: blocks of its own span, by offset in the region
 * @slot: of a slab
 * @block: of a heap
 * @bad: checks that failed
 */
struct message {
	size_t slot;
	size_t block;
	int bad;
};

/* The second half of the region, mapped anew, is this process's own. */
static void child(int fd, int out)
{
	struct message msg = { 0 };
	memrig_region_t *region;
	struct k_mem_slab slab;
	struct k_heap heap;
	void *at, *slot, *p;
	char *span;

	if (memrig_region_from_fd(dup(fd), &region) || memrig_region_map(region, &at))
		_exit(1);
	span = (char *)at + HALF;
	msg.bad += !!k_heap_init(&heap, span, HALF / 2);
	msg.bad += !!k_mem_slab_init(&slab, span + HALF / 2, 4096, HALF / 2 / 4096);
	for (int i = 0; i < 2000; i++) {
		p = k_heap_alloc(&heap, 100 + i % 3000, K_NO_WAIT);
		msg.bad += !p || (char *)p < span || (char *)p >= span + HALF / 2;
		memset(p, 0xcc, 100);
		k_heap_free(&heap, p);
	}
	msg.bad += !!k_mem_slab_alloc(&slab, &slot, K_NO_WAIT);
	p = k_heap_alloc(&heap, 5000, K_NO_WAIT);
	memset(slot, 0x51, 4096);
	memset(p, 0x52, 5000);
	msg.bad += !sys_heap_validate(&heap.heap);
	msg.slot = (size_t)((char *)slot - (char *)at);
	msg.block = (size_t)((char *)p - (char *)at);
	_exit(write(out, &msg, sizeof(msg)) != sizeof(msg));
}

/* Each has objects of its own in a span of its own; bytes go from one to the other by offset. */
TEST_F(zephyr, two_processes)
{
	for (struct memory *m = self->all; m < self->all + self->count; m++) {
		int fds[2], status, bad = 0;
		struct message msg;
		struct k_heap heap;
		pid_t pid;

		ASSERT_EQ(0, pipe(fds));
		ASSERT_EQ(0, k_heap_init(&heap, m->at, HALF));
		pid = fork();
		if (!pid)
			child(memrig_region_fd(m->region), fds[1]);
		for (int i = 0; i < 2000; i++) {
			char *p = k_heap_alloc(&heap, 100 + i % 5000, K_NO_WAIT);

			bad += !p || p < m->at || p >= m->at + HALF;
			memset(p, 0xaa, 100);
			k_heap_free(&heap, p);
		}
		EXPECT_EQ(0, bad);
		ASSERT_EQ(sizeof(msg), read(fds[0], &msg, sizeof(msg)));
		ASSERT_EQ(pid, waitpid(pid, &status, 0));
		EXPECT_EQ(0, status);
		EXPECT_EQ(0, msg.bad);
		ASSERT_TRUE(msg.slot >= HALF && msg.slot <= LENGTH - 4096);
		ASSERT_TRUE(msg.block >= HALF && msg.block <= LENGTH - 5000);
		EXPECT_TRUE(holds((unsigned char *)m->at + msg.slot, 4096, 0x51));
		EXPECT_TRUE(holds((unsigned char *)m->at + msg.block, 5000, 0x52));
		EXPECT_TRUE(sys_heap_validate(&heap.heap));
		close(fds[0]);
		close(fds[1]);
	}
}

/* ---- POWERED regions ----------------------------------------------------------------- */

static void slab_goes_on(struct __test_metadata *_metadata, struct k_mem_slab *slab, char *at)
{
	void *block[8], *none;

	for (int i = 0; i < 7; i++) {
		ASSERT_EQ(0, k_mem_slab_alloc(slab, &block[i], K_NO_WAIT));
		ASSERT_TRUE((char *)block[i] >= at && (char *)block[i] < at + 8 * 4096);
		EXPECT_FALSE(touch_read(block[i]));
	}
	EXPECT_EQ(-ENOMEM, k_mem_slab_alloc(slab, &none, K_NO_WAIT));
	EXPECT_EQ(-EAGAIN, k_mem_slab_alloc(slab, &none, K_MSEC(1)));
	for (int i = 0; i < 7; i++) {
		EXPECT_EQ(0, mrig_mem_slab_free(slab, block[i]));
		EXPECT_EQ(-EALREADY, mrig_mem_slab_free(slab, block[i]));
	}
	EXPECT_EQ(-EINVAL, mrig_mem_slab_free(slab, at + 8));
}

static void blocks_go_on(struct __test_metadata *_metadata, sys_mem_blocks_t *mb, char *at)
{
	void *list[4], *run;

	ASSERT_EQ(0, sys_mem_blocks_alloc(mb, 4, list));
	ASSERT_EQ(0, sys_mem_blocks_alloc_contiguous(mb, 20, &run));
	EXPECT_EQ(-ENOMEM, sys_mem_blocks_alloc_contiguous(mb, 20, &list[0]));
	EXPECT_FALSE(touch_write(run));
	EXPECT_EQ(1, sys_mem_blocks_is_region_free(mb, at + 30 * 4096, 2));
	EXPECT_EQ(0, sys_mem_blocks_get(mb, at + 30 * 4096, 2));
	EXPECT_EQ(0, sys_mem_blocks_free_contiguous(mb, at + 30 * 4096, 2));
	EXPECT_EQ(0, sys_mem_blocks_free_contiguous(mb, run, 20));
	EXPECT_EQ(0, sys_mem_blocks_free(mb, 4, list));
	EXPECT_EQ(-EFAULT, sys_mem_blocks_free(mb, 4, list));
}

/* Their bookkeeping is elsewhere: off or on is the same to them, a touch is not. */
TEST_F(zephyr, powered_regions)
{
	uint32_t seen = 0;

	for (struct memory *m = self->all; m < self->all + self->count; m++) {
		sys_mem_blocks_t mb = { 0 };
		struct k_mem_slab slab = { 0 };
		struct memrig_smart *smart;
		memrig_region_t *region;
		void *map, *kept, *p;
		char *at;

		if (m->kind != MEMRIG_KIND_PAGES)
			continue;
		region = region_of(self->rig, m->kind, m->attr, MEMRIG_ATTRS_POWERED);
		ASSERT_NE(NULL, region);
		ASSERT_EQ(0, memrig_region_map(region, &map));
		at = map;
		ASSERT_EQ(0, k_mem_slab_init(&slab, at, 4096, 8));
		ASSERT_EQ(0, mrig_mem_blocks_init(&mb, at + 8 * 4096, 4096, 32));
		ASSERT_EQ(0, memrig_smart_create(&smart, 0));
		ASSERT_EQ(0, memrig_smart_add_heap(smart, at + 40 * 4096, 4096, &outside));
		ASSERT_EQ(0, k_mem_slab_alloc(&slab, &kept, K_NO_WAIT));
		memset(kept, 0x77, 4096);
		ASSERT_EQ(0, memrig_region_suspend(region, 0));
		EXPECT_FALSE(touch_read(kept));
		slab_goes_on(_metadata, &slab, at);
		blocks_go_on(_metadata, &mb, at + 8 * 4096);
		p = memrig_smart_alloc(smart, 1000);
		EXPECT_TRUE(p && !touch_write(p));
		ASSERT_EQ(0, memrig_region_resume(region));
		EXPECT_TRUE(touch_read(kept) && touch_write(p));
		EXPECT_TRUE(holds(kept, 4096, 0x77));
		EXPECT_EQ(0, memrig_smart_free(smart, p));
		EXPECT_EQ(0, memrig_smart_destroy(smart));
		EXPECT_EQ(0, mrig_mem_slab_free(&slab, kept));
		EXPECT_EQ(0, mrig_mem_slab_fini(&slab));
		EXPECT_EQ(0, mrig_mem_blocks_fini(&mb));
		memrig_region_close(region);
		seen++;
	}
	EXPECT_GE(seen, 1);
}

TEST_HARNESS_MAIN
