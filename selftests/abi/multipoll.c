// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * poll() on a multi object: POLLIN while a request like the watched one could be had of any member,
 * POLLERR when none ever can.
 */
#include <poll.h>
#include <sys/epoll.h>

#include "abi.h"
#include "harness.h"
#include "waiter.h"

#define LENGTH	   (64 * KIB)
#define LARGE	   (LENGTH - 4096)
#define MEMBERS	   2

#define WATCH(...) multi_watch(self->multi, (struct memrig_multi_watch){ __VA_ARGS__ })

FIXTURE(multipoll)
{
	int session;
	int multi;
	int heap[MEMBERS]; /* sys_heaps, with custom attributes 0 and 1 */
	int64_t block[MEMBERS];
};

static int heap_here(int session)
{
	int region = region_new(session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	int heap = heap_new(region, MEMRIG_PLACEMENT_OOB, MEMRIG_HEAP_STATS);

	close(region);
	return heap;
}

FIXTURE_SETUP(multipoll)
{
	self->session = session_open();
	self->multi = multi_new(self->session);
	ASSERT_GE(self->multi, 0);
	for (int i = 0; i < MEMBERS; i++) {
		self->heap[i] = heap_here(self->session);
		ASSERT_EQ(i, multi_add(self->multi, self->heap[i], MEMRIG_ATTRS_CUSTOM(i)));
		self->block[i] = heap_alloc(self->heap[i], LARGE, 0);
		ASSERT_GE(self->block[i], 0);
	}
}

FIXTURE_TEARDOWN(multipoll)
{
	close(self->multi);
	for (int i = 0; i < MEMBERS; i++)
		close(self->heap[i]);
	close(self->session);
}

static short polled(int fd, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN | POLLOUT | POLLPRI };

	return poll(&pfd, 1, ms) < 0 ? -1 : pfd.revents;
}

TEST_F(multipoll, is_level_triggered)
{
	EXPECT_EQ(POLLIN, polled(self->multi, 0));
	EXPECT_EQ(0, WATCH(.bytes = LARGE));
	EXPECT_EQ(0, polled(self->multi, 0));
	EXPECT_EQ(0, polled(self->multi, 20));
	for (int i = 0; i < MEMBERS; i++) {
		EXPECT_EQ(0, heap_free(self->heap[i], self->block[i]));
		EXPECT_EQ(POLLIN, polled(self->multi, 0));
		EXPECT_EQ(POLLIN, polled(self->multi, -1));
		self->block[i] = heap_alloc(self->heap[i], LARGE, 0);
		EXPECT_EQ(0, polled(self->multi, 0));
	}
}

TEST_F(multipoll, watches_what_matches)
{
	EXPECT_EQ(0, WATCH(.bytes = LARGE, .with = MEMRIG_ATTRS_CUSTOM(1)));
	EXPECT_EQ(0, heap_free(self->heap[0], self->block[0]));
	EXPECT_EQ(0, polled(self->multi, 0));
	EXPECT_EQ(0, WATCH(.bytes = LARGE, .without = MEMRIG_ATTRS_CUSTOM(1)));
	EXPECT_EQ(POLLIN, polled(self->multi, 0));
	EXPECT_EQ(0, WATCH(.bytes = LARGE, .align = 4096));
	EXPECT_EQ(POLLIN, polled(self->multi, 0));
	EXPECT_EQ(0, heap_free(self->heap[1], self->block[1]));
}

TEST_F(multipoll, tells_never)
{
	/* Too large for any; then nobody matches. */
	EXPECT_EQ(0, WATCH(.bytes = LENGTH + 1));
	EXPECT_EQ(POLLERR, polled(self->multi, -1));
	EXPECT_EQ(0, WATCH(.bytes = ~0ULL));
	EXPECT_EQ(POLLERR, polled(self->multi, -1));
	EXPECT_EQ(0, WATCH(.bytes = 1, .with = MEMRIG_ATTRS_NON_CACHEABLE));
	EXPECT_EQ(POLLERR, polled(self->multi, -1));
	EXPECT_EQ(0, WATCH(.bytes = LARGE));
	EXPECT_EQ(0, polled(self->multi, 0));
}

TEST_F(multipoll, an_empty_object_never)
{
	int multi = multi_new(self->session);

	EXPECT_EQ(POLLERR, polled(multi, -1));
	EXPECT_EQ(0, multi_add(multi, self->heap[0], 0));
	EXPECT_EQ(POLLIN, polled(multi, -1));
	EXPECT_EQ(0, multi_remove(multi, 0));
	EXPECT_EQ(POLLERR, polled(multi, -1));
	close(multi);
}

TEST_F(multipoll, refuses_what_no_alloc_takes)
{
	EXPECT_EQ(-EINVAL, WATCH(.bytes = 0));
	EXPECT_EQ(-EINVAL, WATCH(.bytes = 8, .align = 7));
	EXPECT_EQ(-EOPNOTSUPP, WATCH(.bytes = 8, .align = MIB));
	EXPECT_EQ(-EOPNOTSUPP, WATCH(.bytes = 8, .flags = 1));
	EXPECT_EQ(-EOPNOTSUPP, WATCH(.bytes = 8, .match = 4));
	EXPECT_EQ(-EINVAL, WATCH(.bytes = 8, .match = MEMRIG_MATCH_DMA));
	EXPECT_EQ(-EINVAL, WATCH(.bytes = 8, .node = 1));
	EXPECT_EQ(POLLIN, polled(self->multi, 0));
}

TEST_F(multipoll, each_file_watches_for_itself)
{
	int other = multi_attach(self->multi), same = dup(self->multi);

	EXPECT_EQ(0, WATCH(.bytes = LARGE));
	EXPECT_EQ(0, polled(self->multi, 0));
	EXPECT_EQ(0, polled(same, 0));
	EXPECT_EQ(POLLIN, polled(other, 0));
	close(other);
	close(same);
}

/* Nothing that anybody could see comes of looking. */
TEST_F(multipoll, looking_leaves_nothing_behind)
{
	const struct memrig_rule rule = { .prio_min = INT32_MIN,
					  .uid = MEMRIG_UID_ANY,
					  .member = MEMRIG_MEMBER_ANY };
	struct memrig_heap_stat before[MEMBERS];
	struct memrig_multi_rule_stat count;
	struct memrig_multi_stat stat =
		ARG(memrig_multi_stat, .rules = (uintptr_t)&count, .rule_count = 1);

	ASSERT_EQ(0, multi_rules(self->multi, &rule, 1));
	for (int i = 0; i < MEMBERS; i++)
		before[i] = heap_stat(self->heap[i]);
	EXPECT_EQ(0, WATCH(.bytes = 3000, .align = 512));
	for (int i = 0; i < 10; i++)
		EXPECT_EQ(POLLIN, polled(self->multi, 0));
	EXPECT_EQ(0, WATCH(.bytes = 4097, .align = 512));
	EXPECT_EQ(0, polled(self->multi, 0));
	for (int i = 0; i < MEMBERS; i++) {
		struct memrig_heap_stat after = heap_stat(self->heap[i]);

		EXPECT_EQ(0, memcmp(&before[i], &after, sizeof(after)));
	}
	ASSERT_EQ(0, call(self->multi, MEMRIG_IOC_MULTI_STAT, &stat));
	EXPECT_EQ(0, count.matched);
	EXPECT_EQ(0, stat.failures);
}

/* ---- those who sleep ----------------------------------------------------------------------- */

/* A process in poll(): its exit status is 0 if it saw @mask. */
static pid_t poller(int multi, uint64_t bytes, short mask)
{
	int ready[2];
	char byte;
	pid_t pid;

	if (pipe2(ready, O_CLOEXEC))
		return -1;
	fflush(NULL);
	pid = fork();
	if (!pid) {
		struct memrig_multi_watch watch = { .bytes = bytes };
		int file = multi_attach(multi);

		CHECK(!multi_watch(file, watch));
		CHECK(polled(file, 0) != mask);
		close(ready[1]);
		CHECK(polled(file, 20000) == mask);
		_exit(0);
	}
	close(ready[1]);
	if (read(ready[0], &byte, 1))
		return -1;
	close(ready[0]);
	sleep_ms(30);
	return pid;
}

TEST_F(multipoll, any_member_wakes_who_sleeps)
{
	for (int i = 0; i < MEMBERS; i++) {
		pid_t pid = poller(self->multi, LARGE, POLLIN);

		/* Not enough for him; then enough. */
		EXPECT_EQ(self->block[i],
			  heap_realloc(self->heap[i], self->block[i], LARGE - 8192, 0, 0));
		sleep_ms(10);
		EXPECT_EQ(0, waitpid(pid, NULL, WNOHANG));
		EXPECT_EQ(0, heap_free(self->heap[i], self->block[i]));
		EXPECT_EQ(0, child_wait(pid));
		self->block[i] = heap_alloc(self->heap[i], LARGE, 0);
	}
}

TEST_F(multipoll, members_and_rules_wake_who_sleeps)
{
	const struct memrig_rule none = { .prio_min = INT32_MIN,
					  .uid = MEMRIG_UID_ANY,
					  .member = 7 };
	int heap = heap_here(self->session);
	pid_t pid = poller(self->multi, LARGE, POLLIN);

	EXPECT_EQ(MEMBERS, multi_add(self->multi, heap, 0));
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(0, multi_remove(self->multi, MEMBERS));
	pid = poller(self->multi, LARGE, POLLERR);
	EXPECT_EQ(0, multi_rules(self->multi, &none, 1));
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(0, multi_rules(self->multi, NULL, 0));
	EXPECT_EQ(0, heap_free(self->heap[0], self->block[0]));
	EXPECT_EQ(0, heap_free(self->heap[1], self->block[1]));
	EXPECT_EQ(0, multi_remove(self->multi, 0));
	self->block[1] = heap_alloc(self->heap[1], LARGE, 0);
	pid = poller(self->multi, LARGE, POLLERR);
	EXPECT_EQ(0, multi_remove(self->multi, 1));
	EXPECT_EQ(0, child_wait(pid));
	close(heap);
}

/* A member that has gone, and its heap with it, while somebody has the object in an epoll set. */
TEST_F(multipoll, epoll_outlives_a_member)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int ep = epoll_create1(EPOLL_CLOEXEC), heap = heap_here(self->session);

	EXPECT_EQ(0, WATCH(.bytes = LARGE));
	EXPECT_EQ(MEMBERS, multi_add(self->multi, heap, 0));
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, self->multi, &event));
	EXPECT_EQ(1, epoll_wait(ep, &event, 1, 0));
	EXPECT_EQ(EPOLLIN, event.events);
	EXPECT_EQ(0, multi_remove(self->multi, MEMBERS));
	close(heap);
	EXPECT_EQ(0, epoll_wait(ep, &event, 1, 0));
	for (int i = 0; i < 2 * MEMBERS; i++) {
		int m = i % MEMBERS;

		EXPECT_EQ(0, heap_free(self->heap[m], self->block[m]));
		EXPECT_EQ(1, epoll_wait(ep, &event, 1, 1000));
		EXPECT_EQ(EPOLLIN, event.events);
		EXPECT_EQ(0, epoll_wait(ep, &event, 1, 0));
		self->block[m] = heap_alloc(self->heap[m], LARGE, 0);
	}
	EXPECT_EQ(0, WATCH(.bytes = ~0ULL));
	EXPECT_EQ(1, epoll_wait(ep, &event, 1, 1000));
	EXPECT_EQ(EPOLLERR, event.events);
	close(ep);
}

/* Those who wait come first: nothing is left for who polls. */
TEST_F(multipoll, waiters_come_first)
{
	struct waiter waiter = { .heap = self->heap[1],
				 .bytes = LARGE,
				 .timeout_ns = MEMRIG_FOREVER };

	EXPECT_EQ(0, WATCH(.bytes = LARGE));
	ASSERT_EQ(0, waiter_start(&waiter));
	EXPECT_EQ(0, heap_free(self->heap[1], self->block[1]));
	EXPECT_EQ(0, waiter_answer(&waiter).ret);
	EXPECT_EQ(0, polled(self->multi, 0));
	EXPECT_EQ(0, waiter_end(&waiter));
	EXPECT_EQ(POLLIN, polled(self->multi, 20000));
}

TEST_HARNESS_MAIN
