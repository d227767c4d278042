// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Waiting for memory: how long, what ends it, who is served first, and by whom.
 */
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "abi.h"
#include "harness.h"
#include "waiter.h"

#define LENGTH	   (64 * KIB)
#define LONG_NS	   (60 * 1000 * MSEC)
#define MANY	   6
#define SOME_BYTES 1000

FIXTURE(wait)
{
	int session;
	int region;
	int heap;
	uint64_t most; /* the largest request */
	int64_t full;  /* a block of that size */
};

FIXTURE_SETUP(wait)
{
	self->session = session_open();
	self->region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	self->heap = heap_new(self->region, MEMRIG_PLACEMENT_OOB, MEMRIG_HEAP_STATS);
	ASSERT_GE(self->heap, 0);
	self->most = heap_stat(self->heap).largest_free;
	self->full = heap_alloc(self->heap, self->most, 0);
	ASSERT_GE(self->full, 0);
}

FIXTURE_TEARDOWN(wait)
{
	EXPECT_EQ(0, heap_stat(self->heap).waiters);
	EXPECT_EQ(0, heap_validate(self->heap));
	close(self->heap);
	close(self->region);
	close(self->session);
}

TEST_F(wait, a_timeout_needs_the_flag)
{
	struct memrig_alloc arg = ARG(memrig_alloc, .bytes = 8, .timeout_ns = 1);

	EXPECT_EQ(-EINVAL, heap_alloc_full(self->heap, &arg));
	EXPECT_EQ(1, arg.timeout_ns);
	arg = ARG(memrig_alloc, .flags = 1 << 1, .bytes = 8);
	EXPECT_EQ(-EOPNOTSUPP, heap_alloc_full(self->heap, &arg));
}

TEST_F(wait, not_at_all)
{
	struct memrig_alloc arg = ARG(memrig_alloc, .flags = MEMRIG_ALLOC_WAIT, .bytes = 8);

	EXPECT_EQ(-ETIMEDOUT, heap_alloc_full(self->heap, &arg));
	EXPECT_EQ(MEMRIG_REASON_EMPTY, arg.reason);
	EXPECT_EQ(0, arg.largest_free);
	EXPECT_EQ(0, heap_stat(self->heap).waits);
	EXPECT_EQ(1, heap_stat(self->heap).failures);
	/* Without the flag it is another error. */
	EXPECT_EQ(-ENOMEM, heap_alloc(self->heap, 8, 0));
}

TEST_F(wait, what_is_there_needs_no_time)
{
	EXPECT_EQ(0, heap_free(self->heap, self->full));
	EXPECT_GE(heap_alloc_wait(self->heap, 8, 64, 0), 0);
	EXPECT_GE(heap_alloc_wait(self->heap, 8, 0, MEMRIG_FOREVER), 0);
	EXPECT_EQ(0, heap_stat(self->heap).waits);
}

TEST_F(wait, a_nanosecond)
{
	EXPECT_EQ(-ETIMEDOUT, heap_alloc_wait(self->heap, 8, 0, 1));
	EXPECT_EQ(1, heap_stat(self->heap).waits);
	EXPECT_EQ(1, heap_stat(self->heap).timeouts);
}

TEST_F(wait, a_while)
{
	struct memrig_alloc arg =
		ARG(memrig_alloc, .flags = MEMRIG_ALLOC_WAIT, .bytes = 8, .timeout_ns = 30 * MSEC);
	uint64_t start = now_ns();

	EXPECT_EQ(-ETIMEDOUT, heap_alloc_full(self->heap, &arg));
	EXPECT_GE(now_ns() - start, 30 * MSEC);
	EXPECT_EQ(30 * MSEC, arg.timeout_ns);
	EXPECT_EQ(MEMRIG_REASON_EMPTY, arg.reason);
	EXPECT_EQ(1, heap_stat(self->heap).timeouts);
	EXPECT_EQ(1, heap_stat(self->heap).failures);
}

TEST_F(wait, for_what_can_never_be)
{
	const struct {
		uint64_t bytes, align;
	} never[] = { { LENGTH + 1, 0 }, { ~0ULL, 0 }, { 1ULL << 63, 8 } };

	for (size_t i = 0; i < ARRAY_SIZE(never); i++) {
		struct memrig_alloc arg =
			ARG(memrig_alloc, .flags = MEMRIG_ALLOC_WAIT, .bytes = never[i].bytes,
			    .align = never[i].align, .timeout_ns = MEMRIG_FOREVER);

		EXPECT_EQ(-EINVAL, heap_alloc_full(self->heap, &arg));
		EXPECT_EQ(MEMRIG_REASON_TOO_LARGE, arg.reason);
	}
	EXPECT_EQ(-EINVAL, heap_alloc_wait(self->heap, 0, 0, MEMRIG_FOREVER));
	EXPECT_EQ(-EINVAL, heap_alloc_wait(self->heap, 8, 3 * 5 * 7, MEMRIG_FOREVER));
	EXPECT_EQ(-EOPNOTSUPP, heap_alloc_wait(self->heap, 8, MIB, MEMRIG_FOREVER));
}

/* The span starts at an odd place: what fits without alignment does not fit with it. */
TEST_F(wait, for_an_alignment_that_can_never_be)
{
	int region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	int heap = heap_span(region, 8, 4096);
	uint64_t most = heap_stat(heap).largest_free;
	int64_t small = heap_alloc(heap, 8, 0);
	struct waiter waiter = {
		.heap = heap, .bytes = most, .align = 4096, .timeout_ns = MEMRIG_FOREVER
	};

	ASSERT_GE(small, 0);
	/* Nobody knows before the heap is empty. */
	ASSERT_EQ(0, waiter_start(&waiter));
	EXPECT_EQ(0, heap_free(heap, small));
	EXPECT_EQ(-EINVAL, waiter_answer(&waiter).ret);
	EXPECT_EQ(0, waiter_end(&waiter));
	EXPECT_EQ(-EINVAL, heap_alloc_wait(heap, most, 4096, MEMRIG_FOREVER));
	close(heap);
	close(region);
}

TEST_F(wait, until_it_is_freed)
{
	const uint64_t timeouts[] = { LONG_NS, MEMRIG_FOREVER, MEMRIG_FOREVER - 1, 1ULL << 63,
				      (1ULL << 63) - 1 };

	for (size_t i = 0; i < ARRAY_SIZE(timeouts); i++) {
		struct waiter waiter = { .heap = self->heap,
					 .bytes = SOME_BYTES,
					 .align = 64,
					 .timeout_ns = timeouts[i] };
		struct answer answer;

		ASSERT_EQ(0, waiter_start(&waiter));
		EXPECT_FALSE(waiter_answered(&waiter, 10));
		EXPECT_EQ(0, heap_free(self->heap, self->full));
		answer = waiter_answer(&waiter);
		EXPECT_EQ(0, answer.ret);
		EXPECT_EQ(0, answer.offset % 64);
		EXPECT_EQ(timeouts[i], answer.timeout_ns);
		/* It is the waiter's, not that of who freed. */
		EXPECT_EQ(0, heap_stat(self->heap).client_blocks);
		EXPECT_EQ(1, heap_stat(self->heap).live_blocks);
		EXPECT_EQ(0, waiter_end(&waiter));
		self->full = heap_alloc(self->heap, self->most, 0);
		ASSERT_GE(self->full, 0);
	}
	EXPECT_EQ(ARRAY_SIZE(timeouts), heap_stat(self->heap).waits);
	EXPECT_EQ(0, heap_stat(self->heap).timeouts);
}

static void on_alarm(int sig)
{
}

static void alarm_soon(void)
{
	const struct itimerval when = { .it_value = { .tv_usec = 300000 } };
	/* Even a signal that restarts calls ends this one: what is left is in the struct. */
	struct sigaction act = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };

	CHECK(!sigaction(SIGALRM, &act, NULL));
	CHECK(!setitimer(ITIMER_REAL, &when, NULL));
}

TEST_F(wait, until_a_signal)
{
	struct waiter waiter = {
		.heap = self->heap, .bytes = 8, .timeout_ns = LONG_NS, .prepare = alarm_soon
	};
	struct answer answer;

	ASSERT_EQ(0, waiter_start(&waiter));
	answer = waiter_answer(&waiter);
	EXPECT_EQ(-EINTR, answer.ret);
	EXPECT_LE(answer.timeout_ns, LONG_NS - 40 * MSEC);
	EXPECT_GE(answer.timeout_ns + answer.waited_ns, LONG_NS);
	EXPECT_EQ(MEMRIG_REASON_NONE, answer.reason);
	EXPECT_EQ(0, waiter_end(&waiter));

	waiter.timeout_ns = MEMRIG_FOREVER;
	ASSERT_EQ(0, waiter_start(&waiter));
	answer = waiter_answer(&waiter);
	EXPECT_EQ(-EINTR, answer.ret);
	EXPECT_EQ(MEMRIG_FOREVER, answer.timeout_ns);
	EXPECT_EQ(0, waiter_end(&waiter));
	EXPECT_EQ(2, heap_stat(self->heap).waits);
	EXPECT_EQ(0, heap_stat(self->heap).timeouts);
}

TEST_F(wait, until_it_is_killed)
{
	struct waiter dead = { .heap = self->heap, .bytes = 8, .timeout_ns = MEMRIG_FOREVER };
	struct waiter next = dead;

	ASSERT_EQ(0, waiter_start(&dead));
	ASSERT_EQ(0, waiter_start(&next));
	EXPECT_EQ(3, heap_stat(self->heap).clients);
	kill(dead.pid, SIGKILL);
	EXPECT_EQ(128 + SIGKILL, waiter_end(&dead));
	EXPECT_TRUE(waiters_are(self->heap, 1));
	EXPECT_EQ(2, heap_stat(self->heap).clients);
	EXPECT_EQ(0, heap_free(self->heap, self->full));
	EXPECT_EQ(0, waiter_answer(&next).ret);
	EXPECT_EQ(0, waiter_end(&next));
	EXPECT_EQ(0, heap_stat(self->heap).live_blocks);
}

/* ---- order --------------------------------------------------------------------------------- */

/* All want everything; each in turn must be the next to get it. */
static void expect_order(struct __test_metadata *_metadata, FIXTURE_DATA(wait) * self,
			 struct waiter *waiters, const int *order, int count)
{
	EXPECT_EQ(0, heap_free(self->heap, self->full));
	for (int i = 0; i < count; i++) {
		EXPECT_EQ(0, waiter_answer(&waiters[order[i]]).ret);
		for (int j = i + 1; j < count; j++)
			EXPECT_FALSE(waiter_answered(&waiters[order[j]], 0));
		EXPECT_EQ(0, waiter_end(&waiters[order[i]]));
	}
}

TEST_F(wait, first_come_first_served)
{
	struct waiter waiters[MANY];
	int order[MANY];

	for (int i = 0; i < MANY; i++) {
		order[i] = i;
		waiters[i] = (struct waiter){ .heap = self->heap,
					      .bytes = self->most,
					      .timeout_ns = MEMRIG_FOREVER };
		ASSERT_EQ(0, waiter_start(&waiters[i]));
	}
	EXPECT_EQ(MANY, heap_stat(self->heap).waiters);
	expect_order(_metadata, self, waiters, order, MANY);
}

static void be_nice(void)
{
	CHECK(!setpriority(PRIO_PROCESS, 0, 15));
}

static void be_first(void)
{
	const struct sched_param param = { .sched_priority = 10 };

	CHECK(!sched_setscheduler(0, SCHED_FIFO, &param));
}

static void be_second(void)
{
	const struct sched_param param = { .sched_priority = 5 };

	CHECK(!sched_setscheduler(0, SCHED_FIFO, &param));
}

TEST_F(wait, by_priority_then_age)
{
	void (*const prepare[])(void) = { be_nice,   NULL,    be_second, be_first,
					  be_second, be_nice, NULL };
	const int order[] = { 3, 2, 4, 1, 6, 0, 5 };
	struct waiter waiters[ARRAY_SIZE(order)];

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		waiters[i] = (struct waiter){ .heap = self->heap,
					      .bytes = self->most,
					      .timeout_ns = MEMRIG_FOREVER,
					      .prepare = prepare[i] };
		ASSERT_EQ(0, waiter_start(&waiters[i]));
	}
	expect_order(_metadata, self, waiters, order, ARRAY_SIZE(order));
}

TEST_F(wait, who_cannot_use_it_is_passed_over)
{
	struct waiter large = { .heap = self->heap,
				.bytes = self->most,
				.timeout_ns = MEMRIG_FOREVER };
	struct waiter small = { .heap = self->heap,
				.bytes = SOME_BYTES,
				.timeout_ns = MEMRIG_FOREVER };

	ASSERT_EQ(0, waiter_start(&large));
	ASSERT_EQ(0, waiter_start(&small));
	/* A shrink gives back some. */
	EXPECT_EQ(self->full, heap_realloc(self->heap, self->full, LENGTH / 2, 0, 0));
	EXPECT_EQ(0, waiter_answer(&small).ret);
	EXPECT_EQ(0, waiter_end(&small));
	EXPECT_FALSE(waiter_answered(&large, 10));
	EXPECT_EQ(0, heap_free(self->heap, self->full));
	EXPECT_EQ(0, waiter_answer(&large).ret);
	EXPECT_EQ(0, waiter_end(&large));
}

/* More waiters than are served without dropping the lock, from one block. */
TEST_F(wait, one_block_serves_many)
{
	struct waiter waiters[40];

	for (size_t i = 0; i < ARRAY_SIZE(waiters); i++) {
		waiters[i] = (struct waiter){ .heap = self->heap,
					      .bytes = SOME_BYTES,
					      .timeout_ns = MEMRIG_FOREVER };
		ASSERT_EQ(0, waiter_start(&waiters[i]));
	}
	EXPECT_EQ(0, heap_free(self->heap, self->full));
	EXPECT_EQ(0, heap_stat(self->heap).waiters);
	EXPECT_EQ(ARRAY_SIZE(waiters), heap_stat(self->heap).live_blocks);
	for (size_t i = 0; i < ARRAY_SIZE(waiters); i++) {
		EXPECT_EQ(0, waiter_answer(&waiters[i]).ret);
		EXPECT_EQ(0, waiter_end(&waiters[i]));
	}
}

TEST_HARNESS_MAIN
