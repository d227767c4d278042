// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Windows: content at many times the memory, what is counted, pages on request, pins, policies,
 * histograms.
 */
#include "touch.h"
#include "window_fixture.h"

#define FRAMES 16
#define PAGES  (16 * FRAMES)

WINDOW_FIXTURE(window);

FIXTURE_SETUP(window)
{
	WINDOW_SETUP(self);
}

FIXTURE_TEARDOWN(window)
{
	WINDOW_TEARDOWN(self);
}

TEST_F(window, what_there_is)
{
	struct memrig_caps caps = caps_get(self->session);

	EXPECT_EQ((2u << MEMRIG_POLICY_ADAPTIVE) - 1, caps.policies);
	EXPECT_EQ((2u << MEMRIG_STORE_IMAGE) - 2, caps.stores);
}

TEST_F(window, as_created)
{
	struct memrig_window_stat stat = window_stat(self->fd);

	EXPECT_EQ(FRAMES, stat.frames);
	EXPECT_EQ(PAGES, stat.pages);
	EXPECT_EQ(FRAMES, stat.free_frames);
	EXPECT_EQ(MEMRIG_STORE_RAM, stat.store);
	EXPECT_EQ(MEMRIG_POLICY_ADAPTIVE, stat.policy);
	EXPECT_EQ(1, stat.clients);
	EXPECT_EQ(1, stat.mappings);
	EXPECT_EQ(0, stat.resident);
	EXPECT_EQ(0, stat.faults);
	EXPECT_EQ(FRAMES * self->page, used_bytes(self->session));
}

TEST_F(window, untouched_pages_are_zero_and_nowhere)
{
	struct memrig_window_stat stat;

	for (uint64_t i = 0; i < PAGES; i++)
		ASSERT_TRUE(page_is_zero(self->map + i * self->page));
	stat = window_stat(self->fd);
	EXPECT_EQ(PAGES, stat.faults);
	EXPECT_EQ(PAGES, stat.faults_user);
	EXPECT_EQ(PAGES, stat.zeroed);
	EXPECT_EQ(PAGES - FRAMES, stat.evict_clean);
	EXPECT_EQ(0, stat.evict_dirty);
	EXPECT_EQ(0, stat.page_outs);
	EXPECT_EQ(0, stat.stored);
	EXPECT_EQ(FRAMES, stat.resident);
	EXPECT_EQ(0, page_state(self->fd, 0));
}

TEST_F(window, content_is_kept_and_only_changes_are_written)
{
	struct memrig_window_stat stat;

	/* Of which it is known who leaves. */
	ASSERT_EQ(0, window_policy(self->fd, MEMRIG_POLICY_FIFO));
	pattern_fill(self->map, PAGES, 1);
	stat = window_stat(self->fd);
	EXPECT_EQ(PAGES - FRAMES, stat.evict_dirty);
	EXPECT_EQ(PAGES - FRAMES, stat.page_outs);
	EXPECT_EQ(0, stat.evict_clean);
	EXPECT_EQ(PAGES - FRAMES, stat.stored);

	/* What was resident is written now; then everything has a copy that is good. */
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 1));
	stat = window_stat(self->fd);
	EXPECT_EQ(PAGES, stat.page_outs);
	EXPECT_EQ(PAGES, stat.page_ins);
	EXPECT_EQ(PAGES, stat.stored);
	EXPECT_EQ(PAGES * self->page, stat.stored_bytes);

	ASSERT_EQ(0, window_reset(self->fd));
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 1));
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 1));
	stat = window_stat(self->fd);
	EXPECT_EQ(0, stat.page_outs);
	EXPECT_EQ(0, stat.evict_dirty);
	EXPECT_EQ(2 * PAGES, stat.evict_clean);
	EXPECT_EQ(2 * PAGES, stat.page_ins);

	/* One byte in every fourth page. */
	for (uint64_t i = 0; i < PAGES; i += 4)
		self->map[i * self->page + 5] ^= 1;
	for (uint64_t i = 0; i < PAGES; i += 4)
		self->map[i * self->page + 5] ^= 1;
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 1));
	stat = window_stat(self->fd);
	EXPECT_EQ(2 * PAGES / 4, stat.page_outs);
}

TEST_F(window, a_fault_of_the_kernel_counts_as_one)
{
	int p[2];

	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(8, write(p[1], "memrig!", 8));
	ASSERT_EQ(8, read(p[0], self->map + 3 * self->page, 8));
	EXPECT_EQ(0, strcmp(self->map + 3 * self->page, "memrig!"));
	EXPECT_EQ(1, window_stat(self->fd).faults_kernel);
	EXPECT_EQ(0, window_stat(self->fd).faults_user);
	EXPECT_EQ(0, window_stat(self->fd).faults_isr);
	close(p[0]);
	close(p[1]);
}

/* ---- on request ---------------------------------------------------------------------- */

TEST_F(window, in_and_out)
{
	struct memrig_window_stat stat;

	pattern_fill(self->map, PAGES, 1);
	ASSERT_EQ(0, page_out(self->fd, 0, PAGES));
	stat = window_stat(self->fd);
	EXPECT_EQ(0, stat.resident);
	EXPECT_EQ(FRAMES, stat.free_frames);
	EXPECT_EQ(PAGES, stat.stored);
	/* Zephyr counts evictions that faults cause, and no others. */
	EXPECT_EQ(PAGES - FRAMES, stat.evict_dirty);
	EXPECT_EQ(MEMRIG_PAGE_STORED, page_state(self->fd, 7));

	ASSERT_EQ(0, page_out(self->fd, 0, PAGES));
	EXPECT_EQ(stat.page_outs, window_stat(self->fd).page_outs);

	ASSERT_EQ(0, window_reset(self->fd));
	ASSERT_EQ(0, page_in(self->fd, 8, FRAMES));
	stat = window_stat(self->fd);
	EXPECT_EQ(FRAMES, stat.resident);
	EXPECT_EQ(FRAMES, stat.faults);
	EXPECT_EQ(FRAMES, stat.faults_kernel);
	EXPECT_EQ(MEMRIG_PAGE_STORED | MEMRIG_PAGE_RESIDENT, page_state(self->fd, 8));
	for (uint64_t i = 8; i < 8 + FRAMES; i++)
		EXPECT_TRUE(pattern_is(self->map + i * self->page, i, 1));
	EXPECT_EQ(FRAMES, window_stat(self->fd).faults);
	EXPECT_EQ(FRAMES, window_stat(self->fd).soft_faults);
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 1));
}

TEST_F(window, flush_writes_changes_and_keeps_frames)
{
	for (uint64_t i = 0; i < FRAMES; i++)
		pattern_write(self->map + i * self->page, i, 1);
	ASSERT_EQ(0, page_flush(self->fd, 0, PAGES));
	EXPECT_EQ(FRAMES, window_stat(self->fd).page_outs);
	EXPECT_EQ(FRAMES, window_stat(self->fd).resident);
	ASSERT_EQ(0, page_flush(self->fd, 0, PAGES));
	EXPECT_EQ(FRAMES, window_stat(self->fd).page_outs);
	self->map[2 * self->page] ^= 1;
	ASSERT_EQ(0, page_flush(self->fd, 0, PAGES));
	EXPECT_EQ(FRAMES + 1, window_stat(self->fd).page_outs);
	EXPECT_EQ(FRAMES, window_stat(self->fd).faults);
}

TEST_F(window, ranges_that_are_none)
{
	static const unsigned long cmds[] = { MEMRIG_IOC_PAGE_IN, MEMRIG_IOC_PAGE_OUT,
					      MEMRIG_IOC_PAGE_PIN, MEMRIG_IOC_PAGE_UNPIN,
					      MEMRIG_IOC_PAGE_FLUSH };
	const uint64_t end = PAGES * self->page;
	uint8_t state;

	for (size_t i = 0; i < ARRAY_SIZE(cmds); i++) {
		struct memrig_page_range r = ARG(memrig_page_range);

		EXPECT_EQ(-EINVAL, call(self->fd, cmds[i], &r));
		r.length = self->page - 1;
		EXPECT_EQ(-EINVAL, call(self->fd, cmds[i], &r));
		r.offset = 1;
		r.length = self->page;
		EXPECT_EQ(-EINVAL, call(self->fd, cmds[i], &r));
		r.offset = end;
		EXPECT_EQ(-EINVAL, call(self->fd, cmds[i], &r));
		r.offset = 0;
		r.length = end + self->page;
		EXPECT_EQ(-EINVAL, call(self->fd, cmds[i], &r));
		r.offset = -self->page;
		r.length = 2 * self->page;
		EXPECT_EQ(-EOVERFLOW, call(self->fd, cmds[i], &r));
		r.flags = 1;
		EXPECT_EQ(-EOPNOTSUPP, call(self->fd, cmds[i], &r));
		EXPECT_EQ(0, r.done);
	}
	EXPECT_EQ(-EINVAL, page_map(self->fd, PAGES, 1, &state));
	EXPECT_EQ(-EINVAL, page_map(self->fd, 0, MEMRIG_BATCH_MAX + 1, &state));
	EXPECT_EQ(-EFAULT, page_map(self->fd, 0, 1, NULL));
	EXPECT_EQ(0, window_stat(self->fd).faults);
}

/* ---- pins ---------------------------------------------------------------------------- */

TEST_F(window, pinned_pages_stay)
{
	uint64_t done;

	ASSERT_EQ(0, page_pin(self->fd, 0, 4));
	ASSERT_EQ(0, page_pin(self->fd, 0, 1));
	EXPECT_EQ(4, window_stat(self->fd).pinned);
	pattern_fill(self->map, PAGES, 1);
	for (uint64_t i = 0; i < 4; i++)
		EXPECT_TRUE(page_state(self->fd, i) & MEMRIG_PAGE_RESIDENT);
	EXPECT_EQ(-EBUSY, page_call(self->fd, MEMRIG_IOC_PAGE_OUT, 0, 1, &done));
	EXPECT_EQ(0, done);
	ASSERT_EQ(0, page_unpin(self->fd, 0, 4));
	EXPECT_EQ(1, window_stat(self->fd).pinned);
	EXPECT_EQ(-EBUSY, page_out(self->fd, 0, 1));
	EXPECT_EQ(-ENOENT, page_call(self->fd, MEMRIG_IOC_PAGE_UNPIN, 0, 2, &done));
	EXPECT_EQ(1, done);
	EXPECT_EQ(0, page_out(self->fd, 0, PAGES));
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 1));
}

/* What a device may have written shows nowhere: what was pinned is written out. */
TEST_F(window, pinned_pages_count_as_changed)
{
	ASSERT_EQ(0, page_pin(self->fd, 0, 1));
	EXPECT_TRUE(page_is_zero(self->map));
	ASSERT_EQ(0, page_flush(self->fd, 0, 1));
	ASSERT_EQ(0, page_flush(self->fd, 0, 1));
	EXPECT_EQ(2, window_stat(self->fd).page_outs);
	ASSERT_EQ(0, page_unpin(self->fd, 0, 1));
	ASSERT_EQ(0, page_out(self->fd, 0, 1));
	EXPECT_EQ(3, window_stat(self->fd).page_outs);
}

TEST_F(window, no_more_pins_than_frames)
{
	struct memrig_page_range range =
		ARG(memrig_page_range, .length = (FRAMES + 3) * self->page);

	EXPECT_EQ(-ENOMEM, call(self->fd, MEMRIG_IOC_PAGE_PIN, &range));
	EXPECT_EQ(MEMRIG_REASON_FRAMES, range.reason);
	EXPECT_EQ(FRAMES * self->page, range.done);
	EXPECT_EQ(FRAMES, window_stat(self->fd).pinned);
	/* There is no frame for anything else, and it does not take for ever to find out. */
	EXPECT_FALSE(touch_read(self->map + FRAMES * self->page));
	EXPECT_EQ(1, window_stat(self->fd).sigbus);
	EXPECT_EQ(MEMRIG_REASON_FRAMES, window_stat(self->fd).last_reason);
	ASSERT_EQ(0, page_unpin(self->fd, 5, 1));
	EXPECT_TRUE(touch_read(self->map + FRAMES * self->page));
	EXPECT_EQ(0, page_state(self->fd, 5) & MEMRIG_PAGE_RESIDENT);
}

TEST_F(window, pins_go_with_their_client)
{
	int other = window_attach(self->fd);
	int same = dup(other);

	ASSERT_GE(other, 0);
	EXPECT_EQ(2, window_stat(self->fd).clients);
	ASSERT_EQ(0, page_pin(other, 0, 3));
	ASSERT_EQ(0, page_pin(self->fd, 2, 1));
	EXPECT_EQ(-ENOENT, page_unpin(self->fd, 0, 1));
	close(other);
	EXPECT_EQ(3, window_stat(self->fd).pinned);
	close(same);
	EXPECT_EQ(1, window_stat(self->fd).pinned);
	EXPECT_EQ(0, page_out(self->fd, 0, 2));
	EXPECT_EQ(-EBUSY, page_out(self->fd, 2, 1));
	/* And the last one goes by itself in the end. */
}

/* ---- policies ------------------------------------------------------------------------ */

/* All of them work, and take over from each other; window_policy.c has what each is good at. */
TEST_F(window, policies)
{
	for (uint32_t policy = 0; policy <= MEMRIG_POLICY_ADAPTIVE; policy++) {
		struct memrig_window_stat stat;

		ASSERT_EQ(0, window_policy(self->fd, policy));
		pattern_fill(self->map, PAGES, policy + 1);
		ASSERT_EQ(0, window_reset(self->fd));
		/* Twice through everything, once backwards. */
		EXPECT_EQ(0, pattern_wrong(self->map, PAGES, policy + 1));
		for (uint64_t i = PAGES; i-- > 0;)
			EXPECT_TRUE(pattern_is(self->map + i * self->page, i, policy + 1));
		stat = window_stat(self->fd);
		EXPECT_EQ(policy ? policy : MEMRIG_POLICY_ADAPTIVE, stat.policy);
		EXPECT_EQ(FRAMES, stat.resident);
		EXPECT_EQ(stat.faults, stat.evict_clean + stat.evict_dirty);
		EXPECT_GE(FRAMES, stat.evict_dirty);
		if (policy == MEMRIG_POLICY_FIFO)
			EXPECT_EQ(2 * PAGES - FRAMES, stat.faults);
	}
	EXPECT_EQ(-EOPNOTSUPP, window_policy(self->fd, MEMRIG_POLICY_ADAPTIVE + 1));
	EXPECT_EQ(MEMRIG_POLICY_ADAPTIVE, window_stat(self->fd).policy);
}

/* ---- histograms ---------------------------------------------------------------------- */

static uint64_t hist_sum(int window, uint32_t which)
{
	struct memrig_window_hist hist = ARG(memrig_window_hist, .which = which);
	uint64_t sum = 0;

	if (call(window, MEMRIG_IOC_WINDOW_HIST, &hist))
		return -1;
	for (uint32_t i = 0; i < hist.bins; i++)
		sum += hist.counts[i];
	return sum;
}

TEST_F(window, every_time_is_in_one_bin)
{
	struct memrig_window_stat stat;

	pattern_fill(self->map, PAGES, 1);
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 1));
	stat = window_stat(self->fd);
	EXPECT_EQ(stat.evict_clean + stat.evict_dirty, hist_sum(self->fd, MEMRIG_HIST_EVICTION));
	EXPECT_EQ(stat.page_ins, hist_sum(self->fd, MEMRIG_HIST_PAGE_IN));
	EXPECT_EQ(stat.page_outs, hist_sum(self->fd, MEMRIG_HIST_PAGE_OUT));
}

TEST_F(window, bounds_of_ones_own)
{
	struct memrig_window_hist hist = ARG(memrig_window_hist, .which = MEMRIG_HIST_PAGE_OUT);

	ASSERT_EQ(0, call(self->fd, MEMRIG_IOC_WINDOW_HIST, &hist));
	EXPECT_EQ(10, hist.bins);
	EXPECT_EQ(10000, hist.bounds[0]);
	EXPECT_EQ(~0ULL, hist.bounds[9]);
	pattern_fill(self->map, PAGES, 1);
	hist.flags = MEMRIG_HIST_SET;
	hist.bins = 2;
	hist.bounds[0] = 0;
	hist.bounds[1] = 1;
	ASSERT_EQ(0, call(self->fd, MEMRIG_IOC_WINDOW_HIST, &hist));
	EXPECT_EQ(0, hist_sum(self->fd, MEMRIG_HIST_PAGE_OUT));
	pattern_fill(self->map, PAGES, 2);
	hist.flags = MEMRIG_HIST_RESET;
	ASSERT_EQ(0, call(self->fd, MEMRIG_IOC_WINDOW_HIST, &hist));
	EXPECT_EQ(2, hist.bins);
	/* Nothing takes no time, and everything lands in the last bin. */
	EXPECT_EQ(PAGES, hist.counts[0] + hist.counts[1]);
	EXPECT_EQ(0, hist_sum(self->fd, MEMRIG_HIST_PAGE_OUT));

	hist.flags = 3;
	EXPECT_EQ(-EINVAL, call(self->fd, MEMRIG_IOC_WINDOW_HIST, &hist));
	hist.flags = 4;
	EXPECT_EQ(-EOPNOTSUPP, call(self->fd, MEMRIG_IOC_WINDOW_HIST, &hist));
	hist.flags = 0;
	hist.which = 3;
	EXPECT_EQ(-EINVAL, call(self->fd, MEMRIG_IOC_WINDOW_HIST, &hist));
	hist.which = 0;
	hist.flags = MEMRIG_HIST_SET;
	hist.bins = 0;
	EXPECT_EQ(-EINVAL, call(self->fd, MEMRIG_IOC_WINDOW_HIST, &hist));
	hist.bins = MEMRIG_HIST_BINS + 1;
	EXPECT_EQ(-EINVAL, call(self->fd, MEMRIG_IOC_WINDOW_HIST, &hist));
	hist.bins = 2;
	hist.bounds[1] = hist.bounds[0];
	EXPECT_EQ(-EINVAL, call(self->fd, MEMRIG_IOC_WINDOW_HIST, &hist));
}

TEST_HARNESS_MAIN
