// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Messages and those who wait for them: how long, who gets one, and what becomes of it when its
 * sender, its receiver or the receiver's memory goes.
 */
#include <pthread.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/time.h>

#include "abi.h"
#include "harness.h"
#include "waiter.h"

#define LENGTH	(64 * KIB)
#define SIZE	256
#define LONG_NS (60 * 1000 * MSEC)

FIXTURE(receive)
{
	int session;
	int region;
	int heap; /* a slab */
	int peer; /* another client of it */
	uint32_t peer_id;
};

FIXTURE_SETUP(receive)
{
	self->session = session_open();
	self->region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	self->heap = heap_engine(self->region, MEMRIG_ENGINE_SLAB, SIZE);
	ASSERT_GE(self->heap, 0);
	self->peer = heap_attach(self->heap, &self->peer_id);
	ASSERT_GE(self->peer, 0);
}

FIXTURE_TEARDOWN(receive)
{
	EXPECT_EQ(0, heap_stat(self->heap).receivers);
	EXPECT_EQ(0, heap_validate(self->heap));
	close(self->peer);
	close(self->heap);
	close(self->region);
	close(self->session);
}

/* ---- waiting --------------------------------------------------------------------------------- */

TEST_F(receive, times_out)
{
	struct memrig_receive arg = ARG(memrig_receive, .flags = MEMRIG_RECEIVE_WAIT);
	uint64_t start = now_ns();

	EXPECT_EQ(-EAGAIN, heap_receive(self->heap));
	EXPECT_EQ(-ETIMEDOUT, heap_receive_full(self->heap, &arg));
	EXPECT_EQ(-ETIMEDOUT, heap_receive_wait(self->heap, 1));
	arg.timeout_ns = 30 * MSEC;
	EXPECT_EQ(-ETIMEDOUT, heap_receive_full(self->heap, &arg));
	EXPECT_EQ(30 * MSEC, arg.timeout_ns);
	EXPECT_GE(now_ns() - start, 30 * MSEC);
	EXPECT_EQ(0, heap_stat(self->heap).receivers);
	/* What is there needs no time. */
	ASSERT_GE(heap_send_new(self->heap, SIZE), 0);
	EXPECT_GE(heap_receive_wait(self->heap, 0), 0);
}

TEST_F(receive, waits_for_a_message)
{
	const uint64_t timeouts[] = { LONG_NS, MEMRIG_FOREVER, 1ULL << 63, (1ULL << 63) - 1 };

	for (size_t i = 0; i < ARRAY_SIZE(timeouts); i++) {
		struct waiter waiter = { .heap = self->heap,
					 .message = true,
					 .timeout_ns = timeouts[i] };
		struct answer answer;
		int64_t off;

		ASSERT_EQ(0, waiter_start(&waiter));
		EXPECT_FALSE(waiter_answered(&waiter, 10));
		off = heap_send_new(self->heap, SIZE);
		answer = waiter_answer(&waiter);
		EXPECT_EQ(0, answer.ret);
		EXPECT_EQ(off, answer.offset);
		EXPECT_EQ(timeouts[i], answer.timeout_ns);
		EXPECT_EQ(0, heap_stat(self->heap).queued);
		EXPECT_EQ(-EPERM, heap_send(self->heap, off, 0));
		EXPECT_EQ(0, waiter_end(&waiter));
		EXPECT_EQ(0, heap_stat(self->heap).live_blocks);
	}
	/* It never stood in the queue. */
	EXPECT_EQ(0, heap_stat(self->heap).max_queued);
	EXPECT_EQ(ARRAY_SIZE(timeouts), heap_stat(self->heap).received);
}

static void on_alarm(int sig)
{
}

static void alarm_soon(void)
{
	const struct itimerval when = { .it_value = { .tv_usec = 50000 } };
	struct sigaction act = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };

	CHECK(!sigaction(SIGALRM, &act, NULL));
	CHECK(!setitimer(ITIMER_REAL, &when, NULL));
}

TEST_F(receive, until_a_signal)
{
	struct waiter waiter = {
		.heap = self->heap, .message = true, .timeout_ns = LONG_NS, .prepare = alarm_soon
	};
	struct answer answer;

	ASSERT_EQ(0, waiter_start(&waiter));
	answer = waiter_answer(&waiter);
	EXPECT_EQ(-EINTR, answer.ret);
	EXPECT_LE(answer.timeout_ns, LONG_NS - 40 * MSEC);
	EXPECT_GE(answer.timeout_ns + answer.waited_ns, LONG_NS);
	EXPECT_EQ(0, waiter_end(&waiter));
	/* A message that comes later is not his. */
	ASSERT_GE(heap_send_new(self->heap, SIZE), 0);
	EXPECT_EQ(1, heap_stat(self->heap).queued);

	EXPECT_GE(heap_receive(self->heap), 0);
	waiter.timeout_ns = MEMRIG_FOREVER;
	ASSERT_EQ(0, waiter_start(&waiter));
	answer = waiter_answer(&waiter);
	EXPECT_EQ(-EINTR, answer.ret);
	EXPECT_EQ(MEMRIG_FOREVER, answer.timeout_ns);
	EXPECT_EQ(0, waiter_end(&waiter));
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

TEST_F(receive, by_priority_then_age)
{
	void (*const prepare[])(void) = { be_nice, NULL, be_first, NULL, be_nice, be_first };
	const int order[] = { 2, 5, 1, 3, 0, 4 };
	struct waiter waiters[ARRAY_SIZE(order)];

	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		waiters[i] = (struct waiter){ .heap = self->heap,
					      .message = true,
					      .timeout_ns = MEMRIG_FOREVER,
					      .prepare = prepare[i] };
		ASSERT_EQ(0, waiter_start(&waiters[i]));
	}
	EXPECT_EQ(ARRAY_SIZE(order), heap_stat(self->heap).receivers);
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		int64_t off = heap_send_new(self->heap, SIZE);

		EXPECT_EQ(off, waiter_answer(&waiters[order[i]]).offset);
		for (size_t j = i + 1; j < ARRAY_SIZE(order); j++)
			EXPECT_FALSE(waiter_answered(&waiters[order[j]], 0));
		EXPECT_EQ(0, waiter_end(&waiters[order[i]]));
	}
}

/* ---- deaths ---------------------------------------------------------------------------------- */

TEST_F(receive, survives_its_sender)
{
	struct memrig_receive got = ARG(memrig_receive);
	int64_t off = heap_send_new(self->peer, SIZE);

	EXPECT_GE(heap_alloc(self->peer, SIZE, 0), 0);
	close(self->peer);
	self->peer = -1;
	/* The other block went with its client. */
	EXPECT_EQ(1, heap_stat(self->heap).live_blocks);
	EXPECT_EQ(1, heap_stat(self->heap).reclaimed);
	EXPECT_EQ(0, heap_receive_full(self->heap, &got));
	EXPECT_EQ(off, got.offset);
	EXPECT_EQ(0, got.from);
	EXPECT_EQ(0, heap_free(self->heap, off));
}

TEST_F(receive, passes_over_a_receiver_that_was_killed)
{
	struct waiter dead = { .heap = self->heap, .message = true, .timeout_ns = MEMRIG_FOREVER };
	struct waiter next = dead;

	ASSERT_EQ(0, waiter_start(&dead));
	ASSERT_EQ(0, waiter_start(&next));
	kill(dead.pid, SIGKILL);
	EXPECT_EQ(128 + SIGKILL, waiter_end(&dead));
	EXPECT_TRUE(receivers_are(self->heap, 1));
	ASSERT_GE(heap_send_new(self->heap, SIZE), 0);
	EXPECT_EQ(0, waiter_answer(&next).ret);
	EXPECT_EQ(0, waiter_end(&next));
	EXPECT_EQ(0, heap_stat(self->heap).live_blocks);
}

TEST_F(receive, goes_with_the_heap)
{
	uint64_t used = used_bytes(self->session);
	int region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	int heap = heap_engine(region, MEMRIG_ENGINE_SLAB, SIZE);

	for (int i = 0; i < 100; i++)
		ASSERT_GE(heap_send_new(heap, SIZE), 0);
	close(heap);
	close(region);
	EXPECT_EQ(used, used_bytes(self->session));
}

struct faulting {
	int heap;
	struct memrig_receive *arg;
	int ret;
};

static void *receive_thread(void *ptr)
{
	struct faulting *f = ptr;

	f->ret = heap_receive_full(f->heap, f->arg);
	return NULL;
}

/* The receiver's struct is unmapped while it waits: the message is in its place again. */
TEST_F(receive, comes_back_when_the_answer_cannot_be_written)
{
	struct faulting f = { .heap = self->peer };
	int64_t first, second;
	pthread_t thread;

	f.arg = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, f.arg);
	*f.arg = ARG(memrig_receive, .flags = MEMRIG_RECEIVE_WAIT, .timeout_ns = MEMRIG_FOREVER);
	ASSERT_EQ(0, pthread_create(&thread, NULL, receive_thread, &f));
	ASSERT_TRUE(receivers_are(self->heap, 1));
	ASSERT_EQ(0, munmap(f.arg, page_size()));
	first = heap_send_new(self->heap, SIZE);
	second = heap_send_new(self->heap, SIZE);
	EXPECT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(-EFAULT, f.ret);
	EXPECT_EQ(2, heap_stat(self->heap).queued);
	EXPECT_EQ(0, heap_stat(self->heap).received);
	EXPECT_EQ(0, heap_stat(self->peer).client_blocks);
	EXPECT_EQ(first, heap_receive(self->heap));
	EXPECT_EQ(second, heap_receive(self->heap));
}

/* ... and who waits by then gets it. */
TEST_F(receive, comes_back_to_the_next_who_waits)
{
	struct waiter next = { .heap = self->heap, .message = true, .timeout_ns = MEMRIG_FOREVER };
	struct faulting f = { .heap = self->peer };
	pthread_t thread;
	int64_t off;

	f.arg = mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_NE(MAP_FAILED, f.arg);
	*f.arg = ARG(memrig_receive, .flags = MEMRIG_RECEIVE_WAIT, .timeout_ns = MEMRIG_FOREVER);
	ASSERT_EQ(0, pthread_create(&thread, NULL, receive_thread, &f));
	ASSERT_TRUE(receivers_are(self->heap, 1));
	ASSERT_EQ(0, waiter_start(&next));
	ASSERT_EQ(0, munmap(f.arg, page_size()));
	off = heap_send_new(self->heap, SIZE);
	EXPECT_EQ(0, pthread_join(thread, NULL));
	EXPECT_EQ(-EFAULT, f.ret);
	EXPECT_EQ(off, waiter_answer(&next).offset);
	EXPECT_EQ(0, waiter_end(&next));
}

TEST_HARNESS_MAIN
