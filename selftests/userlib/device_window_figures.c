// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What windows tell through the library, on the real device: figures, times, kinds, to those who
 * have a file of them and to those who only look.
 */
#include "device_window.h"

TEST_F(window, histograms)
{
	struct memrig_window_hist hist = { .size = sizeof(hist) };
	static const uint64_t bounds[] = { 1, ~0ULL };
	static const uint64_t falling[] = { 2, 1 };

	for (int i = 0; i < PAGES; i++)
		self->at[i * self->page] = 1;
	ASSERT_EQ(0, memrig_window_hist_get(self->window, MEMRIG_HIST_PAGE_OUT, &hist));
	EXPECT_EQ(10, hist.bins);
	EXPECT_EQ(~0ULL, hist.bounds[9]);
	ASSERT_EQ(0, memrig_window_hist_set(self->window, MEMRIG_HIST_PAGE_OUT, bounds, 2));
	for (int i = 0; i < PAGES; i++)
		self->at[i * self->page] = 2;
	ASSERT_EQ(0, memrig_window_hist_get(self->window, MEMRIG_HIST_PAGE_OUT, &hist));
	EXPECT_EQ(2, hist.bins);
	EXPECT_EQ(PAGES, hist.counts[0] + hist.counts[1]);
	ASSERT_EQ(0, memrig_window_hist_reset(self->window, MEMRIG_HIST_PAGE_OUT));
	ASSERT_EQ(0, memrig_window_hist_get(self->window, MEMRIG_HIST_PAGE_OUT, &hist));
	EXPECT_EQ(0, hist.counts[0] + hist.counts[1]);
	EXPECT_EQ(-EINVAL, memrig_window_hist_get(self->window, 3, &hist));
	EXPECT_EQ(-EINVAL, memrig_window_hist_set(self->window, 0, falling, 2));
	EXPECT_EQ(-EINVAL, memrig_window_hist_set(self->window, 0, bounds, 0));
	EXPECT_EQ(-EINVAL, memrig_window_hist_set(self->window, 0, bounds, 17));
	EXPECT_EQ(-EINVAL, memrig_window_hist_reset(self->window, 3));
}

TEST_F(window, ordered_failures)
{
	struct memrig_window_inject plan = { .size = sizeof(plan), .out_errors = 1 };
	struct memrig_window_create args = MEMRIG_WINDOW_DEFAULTS;
	memrig_window_t *plain;

	self->at[0] = 7;
	ASSERT_EQ(0, memrig_window_inject(self->window, &plan));
	EXPECT_EQ(-EIO, memrig_window_page_out(self->window, 0, self->page, NULL));
	EXPECT_EQ(MEMRIG_REASON_STORE, memrig_failure()->reason);
	EXPECT_EQ(1, stat_of(self->window).out_errors);
	EXPECT_EQ(0, memrig_window_page_out(self->window, 0, self->page, NULL));
	EXPECT_EQ(7, self->at[0]);
	plan.delay_ns = 11000000000ULL;
	EXPECT_EQ(-EINVAL, memrig_window_inject(self->window, &plan));
	args.frames = 1;
	args.pages = 1;
	plan.delay_ns = 0;
	ASSERT_EQ(0, memrig_window_create(self->rig, NULL, &args, &plain));
	EXPECT_EQ(-EOPNOTSUPP, memrig_window_inject(plain, &plan));
	memrig_window_close(plain);
}

/* Who looks at a window sees its figures, and nothing of its content. */
TEST_F(window, observers)
{
	struct memrig_window_stat stats[4] = { { .size = sizeof(stats[0]) } };
	struct memrig_page_addr where = { .size = sizeof(where) };
	uint64_t id = stat_of(self->window).id, cursor = 0;
	uint8_t states[PAGES];
	memrig_window_t *looker;
	void *addr;
	bool found = false;
	int count;

	while ((count = memrig_window_list(self->rig, &cursor, stats, 4)) > 0)
		for (int i = 0; i < count; i++)
			found |= stats[i].id == id && stats[i].pages == PAGES;
	EXPECT_EQ(0, count);
	EXPECT_TRUE(found);
	ASSERT_EQ(0, memrig_window_open(self->rig, id, &looker));
	self->at[0] = 1;
	EXPECT_EQ(PAGES * self->page, memrig_window_length(looker));
	EXPECT_EQ(1, stat_of(looker).faults);
	EXPECT_EQ(getpid(), stat_of(looker).pid);
	EXPECT_EQ(0, memrig_window_page_map(looker, 0, 0, states));
	EXPECT_TRUE(states[0] & MEMRIG_PAGE_RESIDENT);
	EXPECT_EQ(0, memrig_window_policy(looker, MEMRIG_POLICY_CLOCK));
	EXPECT_EQ(-EACCES, memrig_window_map(looker, 0, 0, PROT_READ, &addr));
	EXPECT_EQ(-EACCES, memrig_window_pin(looker, 0, 0, NULL));
	EXPECT_EQ(-EACCES, memrig_window_addr(looker, 0, &where));
	memrig_window_close(looker);
	EXPECT_EQ(-ENOENT, memrig_window_open(self->rig, ~0ULL, &looker));
	EXPECT_EQ(0, strcmp("18446744073709551615", memrig_failure()->name));
}

TEST_F(window, kinds)
{
	struct memrig_window_kind kind = { .size = sizeof(kind) };

	ASSERT_EQ(0, memrig_window_kind(self->rig, MEMRIG_KIND_OF_POLICY, 0, &kind));
	EXPECT_EQ(MEMRIG_POLICY_NRU, kind.number);
	EXPECT_EQ(0, strcmp("nru", (char *)kind.name));
	for (uint32_t i = 1; i <= MEMRIG_POLICY_ADAPTIVE; i++) {
		ASSERT_EQ(0, memrig_window_kind_find(self->rig, MEMRIG_KIND_OF_POLICY,
						     memrig_policy_name(i), &kind));
		EXPECT_EQ(i, kind.number);
	}
	for (uint32_t i = 1; i <= MEMRIG_STORE_IMAGE; i++) {
		ASSERT_EQ(0, memrig_window_kind_find(self->rig, MEMRIG_KIND_OF_STORE,
						     memrig_store_name(i), &kind));
		EXPECT_EQ(i, kind.number);
		EXPECT_EQ(i == MEMRIG_STORE_FILE || i == MEMRIG_STORE_IMAGE, kind.wants_file);
	}
	EXPECT_EQ(-ENOENT, memrig_window_kind_find(self->rig, MEMRIG_KIND_OF_STORE, "tape", &kind));
	EXPECT_EQ(-EINVAL, memrig_window_kind(self->rig, 2, 0, &kind));
}

TEST_F(window, whose_faults)
{
	struct memrig_paging_stat stat = { .size = sizeof(stat) }, all = { .size = sizeof(all) };
	memrig_window_t *other;
	uint64_t before;

	ASSERT_EQ(0, memrig_paging_stat(self->rig, &all));
	before = all.faults;
	ASSERT_EQ(0, memrig_window_attach(self->window, &other));
	self->at[0] = 1;
	ASSERT_EQ(0, memrig_window_page_in(other, self->page, 2 * self->page, NULL));
	ASSERT_EQ(0, memrig_window_paging_stat(other, MEMRIG_SCOPE_CLIENT, 0, 0, &stat));
	EXPECT_EQ(2, stat.faults_kernel);
	EXPECT_EQ(0, stat.faults_user);
	ASSERT_EQ(0, memrig_window_paging_stat(other, MEMRIG_SCOPE_WINDOW, 0,
					       MEMRIG_WINDOW_STAT_RESET, &stat));
	EXPECT_EQ(3, stat.faults);
	ASSERT_EQ(0, memrig_window_paging_stat(other, MEMRIG_SCOPE_WINDOW, 0, 0, &stat));
	EXPECT_EQ(0, stat.faults);
	EXPECT_EQ(-EOPNOTSUPP, memrig_window_paging_stat(other, MEMRIG_SCOPE_THREAD, 0, 0, &stat));
	EXPECT_EQ(-EINVAL, memrig_window_paging_stat(other, 3, 0, 0, &stat));
	ASSERT_EQ(0, memrig_paging_stat(self->rig, &all));
	EXPECT_LE(before + 3, all.faults);
	memrig_window_close(other);
}

TEST_HARNESS_MAIN
