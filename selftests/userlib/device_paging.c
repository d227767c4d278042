// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Zephyr's demand paging under its own names, over windows of the device.
 */
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include <memrig/window.h>
#include <zephyr/kernel/mm/demand_paging.h>

#include "device.h"
#include "misuse.h"

#define FRAMES 8
#define PAGES  32

FIXTURE(paging)
{
	memrig_t *rig;
	memrig_window_t *window;
	size_t page;
	char *at;
};

static memrig_window_t *make_window(memrig_t *rig, uint64_t store_pages, char **at)
{
	struct memrig_window_create args = MEMRIG_WINDOW_DEFAULTS;
	memrig_window_t *window;
	void *addr;

	args.frames = FRAMES;
	args.pages = PAGES;
	args.policy = MEMRIG_POLICY_LRU;
	args.store_pages = store_pages;
	args.flags = MEMRIG_WINDOW_THREAD_STATS;
	if (memrig_window_create(rig, NULL, &args, &window))
		return NULL;
	if (memrig_window_map(window, 0, 0, PROT_READ | PROT_WRITE, &addr)) {
		memrig_window_close(window);
		return NULL;
	}
	*at = addr;
	return window;
}

FIXTURE_SETUP(paging)
{
	self->page = (size_t)sysconf(_SC_PAGESIZE);
	ASSERT_EQ(0, memrig_open(&self->rig));
	self->window = make_window(self->rig, 0, &self->at);
	ASSERT_NE(NULL, self->window);
	memset(&reported, 0, sizeof(reported));
	memrig_on_misuse(note_misuse);
}

FIXTURE_TEARDOWN(paging)
{
	memrig_window_close(self->window);
	memrig_close(self->rig);
}

static int state_of(memrig_window_t *window, uint64_t page)
{
	uint64_t size = (uint64_t)sysconf(_SC_PAGESIZE);
	uint8_t state = 0;
	int ret = memrig_window_page_map(window, page * size, size, &state);

	return ret ? ret : state;
}

/* What Zephyr's sample counts: a pass over an arena that has more pages than there are frames. */
TEST_F(paging, counts_faults_and_evictions)
{
	struct k_mem_paging_stats_t stats;
	unsigned long before = k_mem_num_pagefaults_get();

	for (int i = 0; i < PAGES; i++)
		memset(self->at + i * self->page, i, self->page);
	EXPECT_EQ(PAGES, k_mem_num_pagefaults_get() - before);
	k_mem_paging_stats_get(&stats);
	EXPECT_EQ(PAGES, stats.pagefaults.cnt);
	EXPECT_EQ(PAGES, stats.pagefaults.irq_unlocked);
	EXPECT_EQ(0, stats.pagefaults.irq_locked);
	EXPECT_EQ(0, stats.pagefaults.in_isr);
	EXPECT_EQ(PAGES - FRAMES, stats.eviction.dirty);
	EXPECT_EQ(0, stats.eviction.clean);
	k_mem_page_in(self->at, self->page);
	k_mem_paging_stats_get(&stats);
	EXPECT_EQ(PAGES + 1, stats.pagefaults.cnt);
	EXPECT_EQ(1, stats.pagefaults.irq_locked);
	EXPECT_EQ(0, reported.count);
}

TEST_F(paging, page_in_and_out)
{
	struct k_mem_paging_stats_t stats;

	k_mem_page_in(self->at, FRAMES * self->page);
	EXPECT_TRUE(state_of(self->window, FRAMES - 1) & MEMRIG_PAGE_RESIDENT);
	memset(self->at, 5, self->page);
	EXPECT_EQ(0, k_mem_page_out(self->at, FRAMES * self->page));
	EXPECT_FALSE(state_of(self->window, 0) & MEMRIG_PAGE_RESIDENT);
	EXPECT_EQ(0, k_mem_page_out(self->at, FRAMES * self->page)); /* they are out already */
	EXPECT_EQ(5, self->at[self->page - 1]);
	k_mem_paging_stats_get(&stats);
	EXPECT_EQ(0, stats.eviction.clean + stats.eviction.dirty);
	EXPECT_EQ(0, reported.count);
}

/* Zephyr asserts that no page is pinned. */
TEST_F(paging, pins_are_not_counted)
{
	k_mem_pin(self->at, 2 * self->page);
	k_mem_pin(self->at, self->page);
	k_mem_pin(self->at, self->page);
	EXPECT_TRUE(state_of(self->window, 0) & MEMRIG_PAGE_PINNED);
	EXPECT_EQ(-EBUSY, k_mem_page_out(self->at, self->page));
	k_mem_unpin(self->at, 4 * self->page); /* two of them are not even there */
	EXPECT_FALSE(state_of(self->window, 0) & MEMRIG_PAGE_PINNED);
	EXPECT_FALSE(state_of(self->window, 1) & MEMRIG_PAGE_PINNED);
	EXPECT_EQ(0, k_mem_page_out(self->at, 2 * self->page));
	EXPECT_EQ(0, reported.count);
}

TEST_F(paging, pinning_more_than_there_is_reports)
{
	k_mem_pin(self->at, PAGES * self->page);
	EXPECT_EQ(1, reported.count);
	EXPECT_EQ(-ENOMEM, reported.error);
	EXPECT_EQ(self->window, reported.object);
	EXPECT_EQ(self->at + FRAMES * self->page, reported.block);
	k_mem_unpin(self->at, PAGES * self->page);
	EXPECT_EQ(1, reported.count);
	k_mem_page_in(self->at + PAGES * self->page - self->page, self->page);
	EXPECT_EQ(1, reported.count);
}

/* What has an address of its own behind a mapping is none of a window's. */
TEST_F(paging, ends_of_mappings)
{
	ASSERT_EQ(0, memrig_window_unmap(self->window, self->at + 4 * self->page, self->page));
	EXPECT_EQ(-EFAULT, k_mem_page_out(self->at, 6 * self->page));
	k_mem_page_in(self->at + 2 * self->page, 4 * self->page);
	EXPECT_EQ(1, reported.count);
	EXPECT_EQ(-EFAULT, reported.error);
	EXPECT_EQ(self->at + 4 * self->page, reported.block);
	EXPECT_TRUE(state_of(self->window, 3) & MEMRIG_PAGE_RESIDENT);
	EXPECT_EQ(0, state_of(self->window, 5));
	EXPECT_EQ(-EINVAL, k_mem_page_out(self->at + 1, self->page));
	k_mem_unpin(self->at, self->page / 2);
	EXPECT_EQ(-EINVAL, reported.error);
}

/* One place of a store is for touches; a range that fills the others is told so. */
TEST_F(paging, full_store)
{
	uint64_t room = PAGES - FRAMES + 1;
	memrig_window_t *tight;
	char *at;

	tight = make_window(self->rig, room, &at);
	ASSERT_NE(NULL, tight);
	for (int i = 0; i < PAGES; i++)
		at[i * self->page] = 1;
	EXPECT_EQ(-ENOMEM, k_mem_page_out(at, PAGES * self->page));
	EXPECT_EQ(1, at[0]);
	memrig_window_close(tight);
}

/**
 * struct worker - a thread that touches pages
 * @at: the first of them
 * @page: size of a page
 * @self: itself
 * @here: it has touched them
 * @go: it may end
 */
struct worker {
	char *at;
	size_t page;
	k_tid_t self;
	pthread_barrier_t here;
	pthread_barrier_t go;
};

static void *touch_pages(void *arg)
{
	struct worker *worker = arg;

	for (int i = 0; i < 5; i++)
		worker->at[i * worker->page] = 1;
	worker->self = k_current_get();
	pthread_barrier_wait(&worker->here);
	pthread_barrier_wait(&worker->go);
	return NULL;
}

TEST_F(paging, threads_have_figures_of_their_own)
{
	struct worker worker = { .at = self->at, .page = self->page };
	struct k_mem_paging_stats_t mine, its;
	pthread_t thread;

	pthread_barrier_init(&worker.here, NULL, 2);
	pthread_barrier_init(&worker.go, NULL, 2);
	ASSERT_EQ(0, pthread_create(&thread, NULL, touch_pages, &worker));
	pthread_barrier_wait(&worker.here);
	k_mem_page_in(self->at + 16 * self->page, 4 * self->page);
	k_mem_paging_thread_stats_get(worker.self, &its);
	k_mem_paging_thread_stats_get(k_current_get(), &mine);
	EXPECT_EQ(5, its.pagefaults.cnt);
	EXPECT_EQ(5, its.pagefaults.irq_unlocked);
	EXPECT_EQ(0, its.eviction.dirty);
	EXPECT_EQ(4, mine.pagefaults.cnt);
	EXPECT_EQ(4, mine.pagefaults.irq_locked);
	EXPECT_EQ(1, mine.eviction.dirty);
	pthread_barrier_wait(&worker.go);
	pthread_join(thread, NULL);
}

TEST_F(paging, histograms)
{
	struct k_mem_paging_histogram_t hist, other;
	static const uint64_t bounds[] = { 2000, ~0ULL };
	unsigned long counts[2], tops[2], sum = 0;
	memrig_window_t *second;
	char *at;

	for (int i = 0; i < PAGES; i++)
		self->at[i * self->page] = 1;
	self->at[0] = 2;
	k_mem_paging_histogram_eviction_get(&hist);
	EXPECT_EQ(1000, hist.bounds[0]);
	EXPECT_EQ(~0UL, hist.bounds[9]);
	for (int i = 0; i < 10; i++)
		sum += hist.counts[i];
	EXPECT_EQ(PAGES - FRAMES + 1, sum);
	k_mem_paging_histogram_backing_store_page_in_get(&hist);
	EXPECT_EQ(10000, hist.bounds[0]);
	sum = 0;
	for (int i = 0; i < 10; i++)
		sum += hist.counts[i];
	EXPECT_EQ(1, sum);

	/* another window with bins of its own, and a program with two */
	second = make_window(self->rig, 0, &at);
	ASSERT_NE(NULL, second);
	ASSERT_EQ(0, memrig_window_hist_set(second, MEMRIG_HIST_PAGE_OUT, bounds, 2));
	k_mem_paging_histogram_backing_store_page_out_get(&other);
	for (int i = 0; i < PAGES; i++)
		at[i * self->page] = 1;
	ASSERT_EQ(0, memrig_paging_histogram(MEMRIG_HIST_PAGE_OUT, counts, tops, 2));
	EXPECT_EQ(2 * (PAGES - FRAMES) + 1, counts[0] + counts[1]);
	EXPECT_EQ(~0UL, tops[1]);
	EXPECT_LT(0, tops[0]);
	memrig_window_close(second);
}

TEST_HARNESS_MAIN
