// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Pages that are about to leave are written before they have to, where that is wanted.
 */
#include "harness.h"
#include "window_before.h"

BEFORE_FIXTURE(clean);

FIXTURE_SETUP(clean)
{
	BEFORE_SETUP(self);
}

FIXTURE_TEARDOWN(clean)
{
	BEFORE_TEARDOWN(self);
}

/* Change every page. None is written meanwhile, or it might have to be once more. */
static void change(int window, char *map, uint64_t version)
{
	window_inject(window, (struct memrig_window_inject){ .out_errors = UINT64_MAX });
	pattern_fill(map, FRAMES, version);
	window_inject(window, (struct memrig_window_inject){ 0 });
}

static bool cleaned(int window, uint64_t many)
{
	for (int i = 0; i < 500 && window_stat(window).cleaned < many; i++)
		sleep_ms(10);
	return window_stat(window).cleaned >= many;
}

TEST_F(clean, what_leaves_is_clean)
{
	struct memrig_window_stat stat;

	for (int cleans = 0; cleans < 2; cleans++) {
		self->arg.clean_ms = cleans ? 5 : 0;
		self->arg.clean_pages = cleans ? 7 : 0;
		MAKE(self);
		FILL(self);
		change(self->fd, self->map, 2);
		if (cleans)
			EXPECT_TRUE(cleaned(self->fd, FRAMES));
		EXPECT_EQ(FRAMES, window_stat(self->fd).resident);
		EXPECT_EQ(0, window_stat(self->fd).evict_clean);
		for (uint64_t i = FRAMES; i < 2 * FRAMES; i++)
			EXPECT_TRUE(pattern_is(self->map + i * self->page, i, 1));
		stat = window_stat(self->fd);
		EXPECT_EQ(FRAMES, stat.evict_clean + stat.evict_dirty);
		EXPECT_EQ(cleans ? 0 : FRAMES, stat.evict_dirty);
		EXPECT_EQ(FRAMES, stat.page_outs);
		EXPECT_EQ(0, pattern_wrong(self->map, FRAMES, 2));
		if (!cleans) {
			munmap(self->map, PAGES * self->page);
			close(self->fd);
		}
	}
}

/* A policy without an order, too, and pages that are pinned are left alone. */
TEST_F(clean, by_number)
{
	self->arg.clean_ms = 5;
	self->arg.policy = MEMRIG_POLICY_RANDOM;
	MAKE(self);
	FILL(self);
	ASSERT_EQ(0, page_pin(self->fd, 0, 4));
	change(self->fd, self->map, 2);
	EXPECT_TRUE(cleaned(self->fd, FRAMES - 4));
	sleep_ms(50);
	EXPECT_EQ(FRAMES - 4, window_stat(self->fd).cleaned);
	EXPECT_TRUE(page_state(self->fd, 4) & MEMRIG_PAGE_STORED);
	EXPECT_FALSE(page_state(self->fd, 4) & MEMRIG_PAGE_DIRTY);
	ASSERT_EQ(0, page_unpin(self->fd, 0, 4));
}

/* Who writes while the worker does is not held up, and what he writes is not forgotten. */
TEST_F(clean, writing_meanwhile)
{
	struct memrig_window_inject slow = { .delay_ns = 2 * MSEC };
	uint64_t version = 2, waits;

	self->arg.clean_ms = 1;
	MAKE(self);
	FILL(self);
	pattern_fill(self->map, FRAMES, version);
	waits = window_stat(self->fd).waits;
	ASSERT_EQ(0, window_inject(self->fd, slow));
	for (int i = 0; i < 100; i++) {
		pattern_fill(self->map, 16, ++version);
		sleep_ms(i % 4);
	}
	EXPECT_EQ(waits, window_stat(self->fd).waits);
	EXPECT_TRUE(cleaned(self->fd, 1));
	ASSERT_EQ(0, page_out(self->fd, 0, PAGES));
	EXPECT_EQ(0, pattern_wrong(self->map, 16, version));
	EXPECT_TRUE(pattern_is(self->map + 20 * self->page, 20, 2));
}

TEST_F(clean, cleaning_that_fails)
{
	struct memrig_window_inject torn = { .out_errors = UINT64_MAX };

	self->arg.clean_ms = 5;
	MAKE(self);
	FILL(self);
	ASSERT_EQ(0, window_inject(self->fd, torn));
	pattern_fill(self->map, FRAMES, 2);
	for (int i = 0; i < 500 && !window_stat(self->fd).out_errors; i++)
		sleep_ms(5);
	EXPECT_LT(0, window_stat(self->fd).out_errors);
	ASSERT_EQ(0, window_inject(self->fd, (struct memrig_window_inject){ 0 }));
	EXPECT_TRUE(cleaned(self->fd, FRAMES));
	ASSERT_EQ(0, page_out(self->fd, 0, PAGES));
	EXPECT_EQ(0, pattern_wrong(self->map, FRAMES, 2));
	EXPECT_EQ(0, window_stat(self->fd).sigbus);
}

TEST_HARNESS_MAIN
