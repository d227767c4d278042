// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Pages that are about to be touched are brought in, where that is wanted: those that follow, and
 * those that a program says it will need.
 */
#include "harness.h"
#include "window_before.h"

BEFORE_FIXTURE(ahead);

FIXTURE_SETUP(ahead)
{
	BEFORE_SETUP(self);
}

FIXTURE_TEARDOWN(ahead)
{
	BEFORE_TEARDOWN(self);
}

/* Each touch is given the time that it takes to bring in what it asks for. */
static void read_slowly(struct __test_metadata *_metadata, FIXTURE_DATA(ahead) * self)
{
	for (uint64_t i = 0; i < PAGES; i++) {
		EXPECT_TRUE(pattern_is(self->map + i * self->page, i, 1));
		ASSERT_TRUE(settled(self->fd));
	}
}

TEST_F(ahead, reading_in_order)
{
	struct memrig_window_stat stat;

	self->arg.read_ahead = AHEAD;
	MAKE(self);
	FILL(self);
	read_slowly(_metadata, self);
	stat = window_stat(self->fd);
	/* Two touches make a stream, and after that none has to wait. */
	EXPECT_EQ(2, stat.faults);
	EXPECT_EQ(PAGES - stat.faults, stat.read_aheads);
	EXPECT_EQ(stat.read_aheads, stat.read_ahead_hits);
	EXPECT_EQ(PAGES, stat.page_ins);
	/* Evictions are those of faults, as Zephyr counts them. */
	EXPECT_GE(stat.faults, stat.evict_clean + stat.evict_dirty);
	EXPECT_EQ(FRAMES, stat.resident);
}

TEST_F(ahead, reading_in_order_with_neighbours)
{
	struct memrig_window_stat stat;

	self->arg.read_ahead = AHEAD;
	self->arg.fault_around = AROUND;
	MAKE(self);
	FILL(self);
	read_slowly(_metadata, self);
	stat = window_stat(self->fd);
	EXPECT_EQ(2, stat.faults);
	EXPECT_EQ(PAGES - stat.faults, stat.read_aheads);
	EXPECT_GT(PAGES / 2, stat.soft_faults);
	EXPECT_LT(PAGES / 4, stat.fault_arounds);
}

/* In no order, or what was never written: nothing is known of what comes next. */
TEST_F(ahead, nothing_to_guess)
{
	self->arg.read_ahead = AHEAD;
	MAKE(self);
	for (uint64_t i = 0; i < PAGES; i++)
		EXPECT_TRUE(page_is_zero(self->map + i * self->page));
	ASSERT_TRUE(settled(self->fd));
	EXPECT_EQ(0, window_stat(self->fd).read_aheads);
	FILL(self);
	for (uint64_t i = 0; i < PAGES; i++)
		EXPECT_TRUE(pattern_is(self->map + i * 37 % PAGES * self->page, i * 37 % PAGES, 1));
	ASSERT_TRUE(settled(self->fd));
	EXPECT_EQ(0, window_stat(self->fd).read_aheads);
	EXPECT_EQ(PAGES, window_stat(self->fd).faults);
}

/* Several streams at once, each with its own touches. */
TEST_F(ahead, streams)
{
	struct memrig_window_stat stat;

	self->arg.read_ahead = AHEAD / 2;
	MAKE(self);
	FILL(self);
	for (uint64_t i = 0; i < PAGES / 4; i++) {
		for (uint64_t s = 0; s < 4; s++) {
			uint64_t page = s * PAGES / 4 + i;

			EXPECT_TRUE(pattern_is(self->map + page * self->page, page, 1));
			ASSERT_TRUE(settled(self->fd));
		}
	}
	stat = window_stat(self->fd);
	EXPECT_LT(PAGES / 2, stat.read_ahead_hits);
	EXPECT_EQ(PAGES, stat.faults + stat.read_ahead_hits);
}

/* What cannot be read ahead is nobody's error. */
TEST_F(ahead, errors_of_reading_ahead)
{
	struct memrig_window_inject plan = { .in_errors = 6 };
	struct memrig_window_stat stat;

	self->arg.read_ahead = AHEAD;
	MAKE(self);
	FILL(self);
	/* What the second touch asks for may be read before what it touches. */
	EXPECT_TRUE(touch_read(self->map));
	EXPECT_TRUE(touch_read(self->map + self->page));
	ASSERT_TRUE(settled(self->fd));
	ASSERT_EQ(0, window_inject(self->fd, plan));
	read_slowly(_metadata, self);
	stat = window_stat(self->fd);
	EXPECT_EQ(6, stat.in_errors);
	EXPECT_EQ(0, stat.sigbus);
	EXPECT_LT(PAGES / 2, stat.read_ahead_hits);
}

TEST_F(ahead, frames_are_not_taken_from_others)
{
	struct memrig_window_stat stat;

	self->arg.read_ahead = 64;
	MAKE(self);
	FILL(self);
	ASSERT_EQ(0, page_pin(self->fd, PAGES - FRAMES, FRAMES - 2));
	touch_read(self->map);
	touch_read(self->map + self->page);
	ASSERT_TRUE(settled(self->fd));
	EXPECT_EQ(0, posix_fadvise(self->fd, 0, 0, POSIX_FADV_WILLNEED));
	ASSERT_TRUE(settled(self->fd));
	stat = window_stat(self->fd);
	EXPECT_EQ(FRAMES - 2, stat.pinned);
	EXPECT_EQ(FRAMES, stat.resident);
	EXPECT_EQ(0, stat.read_aheads);
	EXPECT_EQ(0, stat.sigbus);
	ASSERT_EQ(0, page_unpin(self->fd, PAGES - FRAMES, FRAMES - 2));
	/* As long as nobody touches them, no more than a quarter of the frames. */
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(0, posix_fadvise(self->fd, 0, 0, POSIX_FADV_WILLNEED));
		ASSERT_TRUE(settled(self->fd));
		EXPECT_EQ(FRAMES / 4, window_stat(self->fd).read_aheads);
	}
	EXPECT_EQ(0, window_stat(self->fd).read_ahead_hits);
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 1));
}

TEST_F(ahead, advice)
{
	const size_t many = 16 * self->page;
	struct memrig_window_stat stat;

	/* Also without read_ahead. */
	MAKE(self);
	FILL(self);
	ASSERT_EQ(0, madvise(self->map + many, many, MADV_WILLNEED));
	ASSERT_TRUE(settled(self->fd));
	ASSERT_EQ(0, posix_fadvise(self->fd, 2 * many + 1, many - 1, POSIX_FADV_WILLNEED));
	ASSERT_TRUE(settled(self->fd));
	stat = window_stat(self->fd);
	EXPECT_EQ(32, stat.resident);
	EXPECT_EQ(32, stat.read_aheads);
	EXPECT_EQ(0, stat.faults);
	EXPECT_EQ(0, page_state(self->fd, 15) & MEMRIG_PAGE_RESIDENT);
	EXPECT_TRUE(page_state(self->fd, 16) & MEMRIG_PAGE_RESIDENT);
	for (uint64_t i = 16; i < 48; i++)
		EXPECT_TRUE(pattern_is(self->map + i * self->page, i, 1));
	EXPECT_EQ(0, window_stat(self->fd).faults);
	EXPECT_EQ(32, window_stat(self->fd).read_ahead_hits);

	for (int advice = POSIX_FADV_NORMAL; advice <= POSIX_FADV_NOREUSE; advice++)
		EXPECT_EQ(0, posix_fadvise(self->fd, 0, many, advice));
	EXPECT_EQ(0, posix_fadvise(self->fd, PAGES * self->page, many, POSIX_FADV_WILLNEED));
	EXPECT_EQ(EINVAL, posix_fadvise(self->fd, 0, -1, POSIX_FADV_WILLNEED));
	EXPECT_EQ(EINVAL, posix_fadvise(self->fd, -1, 1, POSIX_FADV_WILLNEED));
	EXPECT_EQ(EINVAL, posix_fadvise(self->fd, 0, many, 1000));
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 1));
}

/* The last file goes while a worker is busy with what is to be brought in. */
TEST_F(ahead, closing)
{
	struct memrig_window_inject slow = { .delay_ns = 1000 * MSEC };
	uint64_t moving = 0;

	self->arg.clean_ms = 1;
	MAKE(self);
	FILL(self);
	pattern_fill(self->map, FRAMES, 2);
	ASSERT_EQ(0, window_inject(self->fd, slow));
	ASSERT_EQ(0, posix_fadvise(self->fd, 0, 0, POSIX_FADV_WILLNEED));
	for (int i = 0; i < 1000 && !moving; i++) {
		sleep_ms(1);
		moving = window_stat(self->fd).moving;
	}
	EXPECT_LT(0, moving);
	/* The rest is in the teardown, which finds that all memory has been given back. */
}

TEST_HARNESS_MAIN
