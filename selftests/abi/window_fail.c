// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Stores of windows that fail, that are slow, and that do not answer.
 */
#include <pthread.h>

#include "touch.h"
#include "window_fixture.h"

#define FRAMES	 8
#define PAGES	 64
#define IO_DELAY (1000 * MSEC)

FIXTURE(fail)
{
	int session;
	size_t page;
	struct memrig_window_create arg;
};

FIXTURE_SETUP(fail)
{
	self->page = page_size();
	WINDOW_ASK_SETUP(self);
	self->arg.policy = MEMRIG_POLICY_FIFO;
}

FIXTURE_TEARDOWN(fail)
{
	close(self->arg.region_fd);
	close(self->session);
}

TEST_F(fail, reads_that_fail)
{
	int window;
	char *map;

	self->arg.flags = MEMRIG_WINDOW_INJECT;
	WINDOW_MAKE(self, window, map);
	pattern_fill(map, PAGES, 1);
	ASSERT_EQ(0, page_out(window, 0, PAGES));
	ASSERT_EQ(0, window_inject(window, (struct memrig_window_inject){ .in_errors = 1000 }));
	EXPECT_FALSE(touch_read(map));
	EXPECT_FALSE(touch_write(map + self->page));
	EXPECT_EQ(-EIO, page_in(window, 2, 1));
	EXPECT_EQ(-EIO, page_pin(window, 2, 1));
	EXPECT_EQ(0, window_stat(window).pinned);
	EXPECT_EQ(2, window_stat(window).sigbus);
	EXPECT_EQ(MEMRIG_REASON_STORE, window_stat(window).last_reason);
	EXPECT_LE(4, window_stat(window).in_errors);
	EXPECT_EQ(MEMRIG_PAGE_STORED, page_state(window, 0));
	EXPECT_EQ(FRAMES, window_stat(window).free_frames);
	ASSERT_EQ(0, window_inject(window, (struct memrig_window_inject){ .in_after = 0 }));
	EXPECT_EQ(0, pattern_wrong(map, PAGES, 1));
	/* A touch that can try again does so once. */
	ASSERT_EQ(0, page_out(window, 0, PAGES));
	ASSERT_EQ(0, window_inject(window, (struct memrig_window_inject){ .in_errors = 1 }));
	EXPECT_TRUE(touch_read(map));
	window_drop(window, map, PAGES);
}

TEST_F(fail, writes_that_fail)
{
	struct memrig_window_stat stat;
	uint64_t done;
	struct memrig_window_inject torn = { .out_after = 2, .out_errors = 1 };
	int window;
	char *map;

	self->arg.flags = MEMRIG_WINDOW_INJECT;
	WINDOW_MAKE(self, window, map);
	pattern_fill(map, PAGES, 1);
	pattern_fill(map, PAGES, 2);
	/* Half of a page is written over the copy that was good; the page stays. */
	ASSERT_EQ(0, window_inject(window, torn));
	EXPECT_EQ(-EIO, page_call(window, MEMRIG_IOC_PAGE_OUT, PAGES - FRAMES, FRAMES, &done));
	EXPECT_EQ(2, done);
	EXPECT_TRUE(page_state(window, PAGES - FRAMES + 2) & MEMRIG_PAGE_RESIDENT);
	EXPECT_TRUE(page_state(window, PAGES - FRAMES + 2) & MEMRIG_PAGE_DIRTY);
	EXPECT_EQ(0, pattern_wrong(map, PAGES, 2));

	/* Another page leaves instead. */
	pattern_fill(map, PAGES, 3);
	ASSERT_EQ(0, window_inject(window, (struct memrig_window_inject){ .out_errors = 3 }));
	EXPECT_TRUE(touch_read(map));
	stat = window_stat(window);
	EXPECT_EQ(4, stat.out_errors);
	EXPECT_EQ(0, stat.sigbus);
	EXPECT_EQ(0, pattern_wrong(map, PAGES, 3));

	/* None can: who touches a page hears of it, and those that are there stay. */
	pattern_fill(map, PAGES, 4);
	ASSERT_EQ(0, window_inject(window, (struct memrig_window_inject){ .out_errors = 1000 }));
	EXPECT_FALSE(touch_read(map));
	EXPECT_EQ(MEMRIG_REASON_STORE, window_stat(window).last_reason);
	EXPECT_EQ(-EIO, page_flush(window, 0, PAGES));
	for (uint64_t i = PAGES - FRAMES; i < PAGES; i++)
		EXPECT_TRUE(pattern_is(map + i * self->page, i, 4));
	ASSERT_EQ(0, window_inject(window, (struct memrig_window_inject){ .in_after = 0 }));
	EXPECT_EQ(0, pattern_wrong(map, PAGES, 4));
	window_drop(window, map, PAGES);
}

TEST_F(fail, what_cannot_be_injected)
{
	int window;
	char *map;

	WINDOW_MAKE(self, window, map);
	EXPECT_EQ(-EOPNOTSUPP, window_inject(window, (struct memrig_window_inject){ 0 }));
	window_drop(window, map, PAGES);
	self->arg.flags = MEMRIG_WINDOW_INJECT;
	WINDOW_MAKE(self, window, map);
	EXPECT_EQ(-EINVAL,
		  window_inject(window, (struct memrig_window_inject){ .delay_ns = 10001 * MSEC }));
	EXPECT_EQ(-EOPNOTSUPP, window_inject(window, (struct memrig_window_inject){ .flags = 1 }));
	window_drop(window, map, PAGES);
}

/* ---- time ---------------------------------------------------------------------------- */

struct toucher {
	pthread_t thread;
	char *at;
	bool ok;
};

static void *touch_it(void *arg)
{
	struct toucher *toucher = arg;

	toucher->ok = touch_read(toucher->at);
	return NULL;
}

/* The most pages that were on their way at the same time while @count threads touched @step. */
static uint64_t most_moving(int window, char *map, size_t step, struct toucher *all, int count)
{
	uint64_t most = 0;

	for (int i = 0; i < count; i++) {
		all[i].at = map + i * step;
		pthread_create(&all[i].thread, NULL, touch_it, &all[i]);
	}
	for (int i = 0; i < count; i++) {
		while (pthread_tryjoin_np(all[i].thread, NULL)) {
			uint64_t moving = window_stat(window).moving;

			most = moving > most ? moving : most;
			sleep_ms(2);
		}
	}
	return most;
}

/*
 * Pages wait for the store all at once, or one at a time if that is wanted; several touches of one
 * page wait for one read.
 */
TEST_F(fail, reads_overlap)
{
	struct toucher all[FRAMES];
	int window;
	char *map;

	for (int serial = 0; serial < 2; serial++) {
		int count = serial ? 3 : FRAMES;
		uint64_t start, took;

		self->arg.flags = MEMRIG_WINDOW_INJECT | (serial ? MEMRIG_WINDOW_SERIAL : 0);
		WINDOW_MAKE(self, window, map);
		pattern_fill(map, PAGES, 1);
		ASSERT_EQ(0, page_out(window, 0, PAGES));
		ASSERT_EQ(0, window_reset(window));
		ASSERT_EQ(0, window_inject(window,
					   (struct memrig_window_inject){ .delay_ns = IO_DELAY }));
		start = now_ns();
		EXPECT_EQ(count, most_moving(window, map, self->page, all, count));
		took = now_ns() - start;
		EXPECT_EQ(serial, took >= count * IO_DELAY);
		for (int i = 0; i < count; i++)
			EXPECT_TRUE(all[i].ok);
		EXPECT_EQ(count, window_stat(window).page_ins);

		ASSERT_EQ(0, window_reset(window));
		/* And another page that leaves for it, at some time. */
		EXPECT_GE(2, most_moving(window, map + FRAMES * self->page, 0, all, 4));
		EXPECT_EQ(1, window_stat(window).page_ins);
		EXPECT_EQ(1, window_stat(window).faults);
		EXPECT_LE(3, window_stat(window).waits);
		window_drop(window, map, PAGES);
	}
}

TEST_F(fail, a_store_that_does_not_answer)
{
	uint64_t start;
	int window;
	char *map;

	self->arg.flags = MEMRIG_WINDOW_INJECT;
	self->arg.store_timeout_ns = 50 * MSEC;
	self->arg.frame_timeout_ns = 50 * MSEC;
	WINDOW_MAKE(self, window, map);
	pattern_fill(map, PAGES, 1);
	ASSERT_EQ(0, page_out(window, 0, 1));
	ASSERT_EQ(0,
		  window_inject(window, (struct memrig_window_inject){ .delay_ns = 3000 * MSEC }));
	start = now_ns();
	EXPECT_FALSE(touch_read(map));
	EXPECT_GT(2500 * MSEC, now_ns() - start);
	EXPECT_EQ(MEMRIG_REASON_STORE, window_stat(window).last_reason);
	EXPECT_EQ(-ETIMEDOUT, page_in(window, 0, 1));
	ASSERT_EQ(0, window_inject(window, (struct memrig_window_inject){ .in_after = 0 }));
	/* It comes in the end, and with it everything else. */
	while (window_stat(window).moving)
		sleep_ms(10);
	EXPECT_EQ(0, pattern_wrong(map, PAGES, 1));
	window_drop(window, map, PAGES);
}

/* Another policy takes over while pages are on their way, and misses none of them. */
TEST_F(fail, policies_change_while_the_store_works)
{
	struct toucher all[FRAMES];
	int window, busy = 0;
	char *map;

	self->arg.flags = MEMRIG_WINDOW_INJECT;
	WINDOW_MAKE(self, window, map);
	pattern_fill(map, PAGES, 1);
	ASSERT_EQ(0,
		  window_inject(window, (struct memrig_window_inject){ .delay_ns = 300 * MSEC }));
	for (uint32_t policy = 1; policy <= MEMRIG_POLICY_ADAPTIVE; policy++) {
		char *at = map + policy % 2 * FRAMES * self->page;

		for (int i = 0; i < FRAMES; i++) {
			all[i].at = at + i * self->page;
			pthread_create(&all[i].thread, NULL, touch_it, &all[i]);
		}
		for (int i = 0; i < 100 && !window_stat(window).moving; i++)
			sleep_ms(1);
		EXPECT_EQ(0, window_policy(window, policy));
		busy += window_stat(window).moving > 0;
		for (int i = 0; i < FRAMES; i++) {
			pthread_join(all[i].thread, NULL);
			EXPECT_TRUE(all[i].ok);
		}
		EXPECT_EQ(policy, window_stat(window).policy);
	}
	ASSERT_EQ(0, window_inject(window, (struct memrig_window_inject){ .in_after = 0 }));
	/* On a busy machine the store may be done before the policy has changed, but not always. */
	EXPECT_LE(MEMRIG_POLICY_ADAPTIVE / 2, busy);
	/* Every frame can be had: no policy has forgotten one. */
	ASSERT_EQ(0, page_pin(window, 0, FRAMES));
	ASSERT_EQ(0, page_unpin(window, 0, FRAMES));
	EXPECT_EQ(0, pattern_wrong(map, PAGES, 1));
	window_drop(window, map, PAGES);
}

/* The last file goes with pages pinned, and with others on their way for somebody who is killed. */
TEST_F(fail, closing_with_pins_and_touches)
{
	uint64_t used = used_bytes(self->session);
	int window;
	char *map;
	pid_t pid;

	self->arg.flags = MEMRIG_WINDOW_INJECT;
	WINDOW_MAKE(self, window, map);
	pattern_fill(map, PAGES, 1);
	ASSERT_EQ(0, page_pin(window, 0, FRAMES / 2));
	ASSERT_EQ(0,
		  window_inject(window, (struct memrig_window_inject){ .delay_ns = 300 * MSEC }));
	pid = fork();
	if (!pid) {
		touch_read(map + (PAGES - 1) * self->page);
		touch_read(map + FRAMES * self->page);
		_exit(0);
	}
	while (!window_stat(window).waits)
		sleep_ms(1);
	window_drop(window, map, PAGES);
	kill(pid, SIGKILL);
	EXPECT_EQ(128 + SIGKILL, child_wait(pid));
	/* Its frames have been given back: another window can have them. */
	for (int i = 0; i < 200; i++) {
		window = window_create(self->session, &self->arg);
		if (window >= 0)
			break;
		ASSERT_EQ(-EBUSY, window);
		sleep_ms(20);
	}
	EXPECT_GE(window, 0);
	EXPECT_EQ(used, used_bytes(self->session));
	close(window);
}

/* Who waits for a store can be killed. */
TEST_F(fail, waiting_is_killable)
{
	uint64_t start;
	int window;
	char *map;
	pid_t pid;

	self->arg.flags = MEMRIG_WINDOW_INJECT;
	WINDOW_MAKE(self, window, map);
	pattern_fill(map, PAGES, 1);
	ASSERT_EQ(0, page_out(window, 0, 1));
	ASSERT_EQ(0,
		  window_inject(window, (struct memrig_window_inject){ .delay_ns = 4000 * MSEC }));
	start = now_ns();
	pid = fork();
	if (!pid) {
		touch_read(map);
		_exit(0);
	}
	while (!window_stat(window).waits)
		sleep_ms(5);
	kill(pid, SIGKILL);
	EXPECT_EQ(128 + SIGKILL, child_wait(pid));
	EXPECT_GT(3000 * MSEC, now_ns() - start);
	ASSERT_EQ(0, window_inject(window, (struct memrig_window_inject){ .in_after = 0 }));
	EXPECT_EQ(0, pattern_wrong(map, PAGES, 1));
	window_drop(window, map, PAGES);
}

TEST_HARNESS_MAIN
