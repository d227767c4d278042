// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What windows do before they have to: neighbours are entered in page tables, pages that are about
 * to be touched are brought in, pages that are about to leave are written. All of it is off unless
 * it is asked for, and what it is worth is a matter of figures.
 */
#include <pthread.h>

#include "harness.h"
#include "touch.h"
#include "window.h"

#define FRAMES 64
#define PAGES  128
#define AROUND 16
#define AHEAD  8

FIXTURE(ahead)
{
	int session;
	size_t page;
	int fd;
	char *map;
	struct memrig_window_create arg;
};

FIXTURE_SETUP(ahead)
{
	self->page = page_size();
	self->session = session_open();
	ASSERT_GE(self->session, 0);
	self->arg = window_arg(self->session, FRAMES, PAGES);
	ASSERT_GE(self->arg.region_fd, 0);
	self->arg.policy = MEMRIG_POLICY_FIFO;
	self->arg.flags = MEMRIG_WINDOW_INJECT;
}

FIXTURE_TEARDOWN(ahead)
{
	munmap(self->map, PAGES * self->page);
	close(self->fd);
	close(self->arg.region_fd);
	EXPECT_EQ(0, used_bytes(self->session));
	close(self->session);
}

/* In one page of the page table, with room behind it: neighbours in another one are left out. */
static char *map_aligned(int window)
{
	const size_t table = page_size() / sizeof(uint64_t) * page_size();
	char *room = mmap(NULL, 2 * table, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (room == MAP_FAILED || munmap(room, 2 * table))
		return MAP_FAILED;
	room += -(uintptr_t)room % table;
	return mmap(room, PAGES * page_size(), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_FIXED_NOREPLACE, window, 0);
}

#define MAKE(self)                                                         \
	do {                                                               \
		(self)->fd = window_create((self)->session, &(self)->arg); \
		ASSERT_GE((self)->fd, 0);                                  \
		(self)->map = map_aligned((self)->fd);                     \
		ASSERT_TRUE((self)->map != MAP_FAILED);                    \
	} while (0)

/* Everything is in the store, nothing in a frame, and figures are at 0. */
#define FILL(self)                                            \
	do {                                                  \
		pattern_fill((self)->map, PAGES, 1);          \
		ASSERT_TRUE(settled((self)->fd));             \
		ASSERT_EQ(0, page_out((self)->fd, 0, PAGES)); \
		ASSERT_EQ(0, window_reset((self)->fd));       \
	} while (0)

/* Nothing is on its way any more. */
static bool settled(int window)
{
	for (int i = 0; i < 5000; i++) {
		/* A worker that has just been told has not begun yet. */
		sleep_ms(i ? 1 : 3);
		if (!window_stat(window).moving)
			return true;
	}
	return false;
}

/* ---- neighbours ---------------------------------------------------------------------- */

TEST_F(ahead, one_fault_for_many_entries)
{
	static const uint32_t runs[] = { 0, 1, 4, AROUND, 64 };

	for (size_t r = 0; r < ARRAY_SIZE(runs); r++) {
		uint32_t run = runs[r] ? runs[r] : 1;
		struct memrig_window_stat stat;

		self->arg.fault_around = runs[r];
		MAKE(self);
		FILL(self);
		ASSERT_EQ(0, page_in(self->fd, 0, FRAMES));
		for (uint64_t i = 0; i < FRAMES; i++)
			EXPECT_TRUE(pattern_is(self->map + i * self->page, i, 1));
		stat = window_stat(self->fd);
		EXPECT_EQ(FRAMES, stat.faults);
		EXPECT_EQ(FRAMES / run, stat.soft_faults);
		EXPECT_EQ(FRAMES - FRAMES / run, stat.fault_arounds);
		if (r + 1 < ARRAY_SIZE(runs)) {
			munmap(self->map, PAGES * self->page);
			close(self->fd);
		}
	}
}

struct forgetter {
	char *map;
	size_t bytes;
	volatile bool stop;
};

static void *forget(void *arg)
{
	struct forgetter *f = arg;

	while (!f->stop)
		madvise(f->map, f->bytes, MADV_DONTNEED);
	return NULL;
}

/* Kernels that free pages of page tables which have become empty do it beside faults. */
TEST_F(ahead, page_tables_that_go)
{
	const size_t table = self->page / sizeof(uint64_t) * self->page;
	struct forgetter forgetter = { .bytes = table };
	pthread_t thread;

	self->arg.fault_around = AROUND;
	self->arg.pages = 2 * table / self->page;
	self->fd = window_create(self->session, &self->arg);
	ASSERT_GE(self->fd, 0);
	self->map = window_map(self->fd, self->arg.pages);
	ASSERT_TRUE(self->map != MAP_FAILED);
	forgetter.map = self->map + -(uintptr_t)self->map % table;
	pattern_fill(forgetter.map, FRAMES, 1);
	ASSERT_EQ(0, pthread_create(&thread, NULL, forget, &forgetter));
	for (int round = 0; round < 20; round++)
		EXPECT_EQ(0, pattern_wrong(forgetter.map, FRAMES, 1));
	forgetter.stop = true;
	pthread_join(thread, NULL);
	EXPECT_EQ(0, window_stat(self->fd).sigbus);
	EXPECT_LT(0, window_stat(self->fd).fault_arounds);
	munmap(self->map, self->arg.pages * self->page);
	self->map = NULL;
}

/* Of the aligned pages, those that have frames, and that this mapping has. */
TEST_F(ahead, only_neighbours_that_are_there)
{
	struct memrig_window_stat stat;
	char *part;

	self->arg.fault_around = AROUND;
	MAKE(self);
	FILL(self);
	ASSERT_EQ(0, page_in(self->fd, 4, 2 * AROUND));
	ASSERT_EQ(0, page_out(self->fd, AROUND + 3, 1));
	ASSERT_EQ(0, window_reset(self->fd));
	part = mmap(self->map + PAGES * self->page, AROUND * self->page, PROT_READ,
		    MAP_SHARED | MAP_FIXED_NOREPLACE, self->fd, 8 * self->page);
	ASSERT_TRUE(part != MAP_FAILED);
	/* 8 to 15 and 16 to 23 without 19. */
	EXPECT_TRUE(pattern_is(part + 2 * self->page, 10, 1));
	stat = window_stat(self->fd);
	EXPECT_EQ(1, stat.soft_faults);
	EXPECT_EQ(7, stat.fault_arounds);
	EXPECT_TRUE(pattern_is(part + 15 * self->page, 23, 1));
	stat = window_stat(self->fd);
	EXPECT_EQ(2, stat.soft_faults);
	EXPECT_EQ(7 + 6, stat.fault_arounds);
	EXPECT_EQ(0, stat.faults);
	munmap(part, AROUND * self->page);
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 1));
}

/* What is written through such an entry is seen; on x86 a page that only has one counts as idle. */
TEST_F(ahead, an_entry_is_no_touch)
{
	self->arg.fault_around = AROUND;
	MAKE(self);
	FILL(self);
	ASSERT_EQ(0, page_in(self->fd, 0, AROUND));
	touch_read(self->map + 3 * self->page);
	self->map[5 * self->page]++;
	EXPECT_EQ(1, window_stat(self->fd).soft_faults);
	/* Flushing looks. */
	ASSERT_EQ(0, page_flush(self->fd, 0, AROUND));
	EXPECT_EQ(1, window_stat(self->fd).page_outs);
	for (uint64_t i = 0; i < AROUND; i++) {
		bool touched = i == 3 || i == 5;

#if defined(__x86_64__)
		EXPECT_EQ(touched, !!(page_state(self->fd, i) & MEMRIG_PAGE_ACCESSED));
#else
		if (touched)
			EXPECT_TRUE(page_state(self->fd, i) & MEMRIG_PAGE_ACCESSED);
#endif
	}
	self->map[5 * self->page]--;
	ASSERT_EQ(0, page_out(self->fd, 0, PAGES));
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 1));
}

/* A change of protection does not make new entries young, or entries that are there writable. */
TEST_F(ahead, entries_after_mprotect)
{
	self->arg.fault_around = AROUND;
	MAKE(self);
	FILL(self);
	ASSERT_EQ(0, mprotect(self->map, PAGES * self->page, PROT_READ));
	ASSERT_EQ(0, page_in(self->fd, 0, AROUND));
	touch_read(self->map);
	ASSERT_EQ(0, mprotect(self->map, PAGES * self->page, PROT_READ | PROT_WRITE));
	EXPECT_TRUE(touch_write(self->map + self->page));
	touch_read(self->map + 2 * self->page);
	ASSERT_EQ(0, page_flush(self->fd, 0, AROUND));
	EXPECT_EQ(1, window_stat(self->fd).page_outs);
#if defined(__x86_64__)
	EXPECT_FALSE(page_state(self->fd, 7) & MEMRIG_PAGE_ACCESSED);
#endif
	EXPECT_TRUE(page_state(self->fd, 2) & MEMRIG_PAGE_ACCESSED);
}

/* ---- pages that are about to be touched ---------------------------------------------- */

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
	/* Two touches make a stream; after that hardly any had to wait, if a worker was late. */
	EXPECT_LE(2, stat.faults);
	EXPECT_GE(2 + 6, stat.faults);
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
	EXPECT_GE(2 + 6, stat.faults);
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
		sleep_ms(50);
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
	struct memrig_window_inject slow = { .delay_ns = 20 * MSEC };

	self->arg.clean_ms = 1;
	MAKE(self);
	FILL(self);
	pattern_fill(self->map, FRAMES, 2);
	ASSERT_EQ(0, window_inject(self->fd, slow));
	ASSERT_EQ(0, posix_fadvise(self->fd, 0, 0, POSIX_FADV_WILLNEED));
	sleep_ms(5);
	/* The rest is in the teardown, which finds that all memory has been given back. */
}

/* ---- pages that are about to leave --------------------------------------------------- */

static bool cleaned(int window, uint64_t many)
{
	for (int i = 0; i < 500 && window_stat(window).cleaned < many; i++)
		sleep_ms(10);
	return window_stat(window).cleaned >= many;
}

TEST_F(ahead, what_leaves_is_clean)
{
	struct memrig_window_stat stat;

	for (int cleans = 0; cleans < 2; cleans++) {
		self->arg.clean_ms = cleans ? 5 : 0;
		self->arg.clean_pages = cleans ? 7 : 0;
		MAKE(self);
		FILL(self);
		pattern_fill(self->map, FRAMES, 2);
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
TEST_F(ahead, by_number)
{
	self->arg.clean_ms = 5;
	self->arg.policy = MEMRIG_POLICY_RANDOM;
	MAKE(self);
	FILL(self);
	ASSERT_EQ(0, page_pin(self->fd, 0, 4));
	pattern_fill(self->map, FRAMES, 2);
	EXPECT_TRUE(cleaned(self->fd, FRAMES - 4));
	sleep_ms(50);
	EXPECT_EQ(FRAMES - 4, window_stat(self->fd).cleaned);
	EXPECT_TRUE(page_state(self->fd, 4) & MEMRIG_PAGE_STORED);
	EXPECT_FALSE(page_state(self->fd, 4) & MEMRIG_PAGE_DIRTY);
	ASSERT_EQ(0, page_unpin(self->fd, 0, 4));
}

/* Who writes while the worker does is not held up, and what he writes is not forgotten. */
TEST_F(ahead, writing_meanwhile)
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
	EXPECT_LT(0, window_stat(self->fd).cleaned);
	ASSERT_EQ(0, page_out(self->fd, 0, PAGES));
	EXPECT_EQ(0, pattern_wrong(self->map, 16, version));
	EXPECT_TRUE(pattern_is(self->map + 20 * self->page, 20, 2));
}

TEST_F(ahead, cleaning_that_fails)
{
	struct memrig_window_inject torn = { .out_errors = 1000 };

	self->arg.clean_ms = 5;
	MAKE(self);
	FILL(self);
	pattern_fill(self->map, FRAMES, 2);
	ASSERT_EQ(0, window_inject(self->fd, torn));
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
