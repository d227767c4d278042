// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * poll() on a heap: POLLIN while the watched size could be had, POLLERR when it never can.
 */
#include <poll.h>
#include <sys/epoll.h>

#include "abi.h"
#include "harness.h"

#define LENGTH (64 * KIB)

FIXTURE(poll)
{
	int session;
	int region;
	int heap;
};

FIXTURE_SETUP(poll)
{
	self->session = session_open();
	self->region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	self->heap = heap_new(self->region, MEMRIG_PLACEMENT_OOB, MEMRIG_HEAP_STATS);
	ASSERT_GE(self->heap, 0);
}

FIXTURE_TEARDOWN(poll)
{
	close(self->heap);
	close(self->region);
	close(self->session);
}

static short polled(int fd, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN | POLLOUT | POLLPRI };

	return poll(&pfd, 1, ms) < 0 ? -1 : pfd.revents;
}

TEST_F(poll, is_level_triggered)
{
	uint64_t most = heap_stat(self->heap).largest_free;
	int64_t full;

	EXPECT_EQ(POLLIN, polled(self->heap, 0));
	EXPECT_EQ(POLLIN, polled(self->heap, -1));
	full = heap_alloc(self->heap, most, 0);
	EXPECT_EQ(0, polled(self->heap, 0));
	EXPECT_EQ(0, polled(self->heap, 20));
	EXPECT_EQ(0, heap_free(self->heap, full));
	EXPECT_EQ(POLLIN, polled(self->heap, 0));
	EXPECT_EQ(POLLIN, polled(self->heap, 0));
}

TEST_F(poll, watches_a_size)
{
	uint64_t most = heap_stat(self->heap).largest_free;
	int64_t off = heap_alloc(self->heap, 100, 0);

	EXPECT_EQ(0, heap_watch(self->heap, most, 0));
	EXPECT_EQ(0, polled(self->heap, 0));
	EXPECT_EQ(0, heap_watch(self->heap, most / 2, 0));
	EXPECT_EQ(POLLIN, polled(self->heap, 0));
	EXPECT_EQ(0, heap_watch(self->heap, most, 0));
	EXPECT_EQ(0, heap_free(self->heap, off));
	EXPECT_EQ(POLLIN, polled(self->heap, 0));
	EXPECT_GE(heap_alloc(self->heap, most, 0), 0);
}

TEST_F(poll, tells_never)
{
	uint64_t most = heap_stat(self->heap).largest_free;

	EXPECT_EQ(0, heap_watch(self->heap, most + 1, 0));
	EXPECT_EQ(POLLERR, polled(self->heap, -1));
	EXPECT_EQ(0, heap_watch(self->heap, ~0ULL, 0));
	EXPECT_EQ(POLLERR, polled(self->heap, -1));
	EXPECT_EQ(0, heap_watch(self->heap, most, 0));
	EXPECT_EQ(POLLIN, polled(self->heap, -1));
}

TEST_F(poll, watches_an_alignment)
{
	int heap, region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	struct memrig_heap_stat stat;
	int64_t off;

	heap = heap_span(region, 8, 8192 + 4096 - 8);
	/* Page 1 and 2 are whole, and nothing larger starts at a page. */
	EXPECT_EQ(0, heap_watch(heap, 8192, 4096));
	EXPECT_EQ(POLLIN, polled(heap, 0));
	EXPECT_EQ(0, heap_watch(heap, 8193, 4096));
	EXPECT_EQ(POLLERR, polled(heap, 0));
	EXPECT_EQ(0, heap_watch(heap, 8193, 8));
	EXPECT_EQ(POLLIN, polled(heap, 0));
	off = heap_alloc(heap, 8, 4096);
	EXPECT_EQ(0, heap_watch(heap, 8192, 4096));
	EXPECT_EQ(0, polled(heap, 0));
	EXPECT_EQ(0, heap_free(heap, off));
	EXPECT_EQ(POLLIN, polled(heap, 0));
	/* Looking leaves nothing behind. */
	stat = heap_stat(heap);
	EXPECT_EQ(0, stat.live_blocks);
	EXPECT_EQ(1, stat.allocs);
	EXPECT_EQ(0, heap_validate(heap));
	/* Nor in the figures: there never was a block. */
	EXPECT_EQ(0, heap_watch(self->heap, LENGTH / 2, 4096));
	EXPECT_EQ(POLLIN, polled(self->heap, 0));
	EXPECT_EQ(0, heap_stat(self->heap).max_allocated_bytes);
	EXPECT_EQ(0, heap_stat(self->heap).max_live_blocks);
	close(heap);
	close(region);
}

/* In a stream, what is given back out of order does not come back at once: looking takes none. */
TEST_F(poll, looking_at_a_ring_takes_nothing)
{
	int region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	int ring = heap_engine(region, MEMRIG_ENGINE_RING, 0);
	struct memrig_heap_stat before, after;
	int64_t first;

	first = heap_alloc(ring, 100, 0);
	EXPECT_EQ(0, heap_watch(ring, 8192, 4096));
	before = heap_stat(ring);
	for (int i = 0; i < 20; i++)
		EXPECT_EQ(POLLIN, polled(ring, 0));
	after = heap_stat(ring);
	EXPECT_EQ(0, memcmp(&before, &after, sizeof(after)));
	EXPECT_EQ(4096, heap_alloc(ring, 8192, 4096));
	/* Behind the newest up to the end; and before the oldest once that has moved on. */
	EXPECT_EQ(0, heap_watch(ring, LENGTH - 3 * 4096, 4096));
	EXPECT_EQ(POLLIN, polled(ring, 0));
	EXPECT_EQ(0, heap_watch(ring, LENGTH - 3 * 4096 + 1, 4096));
	EXPECT_EQ(0, polled(ring, 0));
	EXPECT_EQ(3 * 4096, heap_alloc(ring, LENGTH - 3 * 4096, 4096));
	EXPECT_EQ(0, heap_watch(ring, 4096, 4096));
	EXPECT_EQ(0, polled(ring, 0));
	EXPECT_EQ(0, heap_free(ring, first));
	EXPECT_EQ(POLLIN, polled(ring, 0));
	EXPECT_EQ(0, heap_watch(ring, 4097, 4096));
	EXPECT_EQ(0, polled(ring, 0));
	EXPECT_EQ(0, heap_watch(ring, LENGTH + 1, 4096));
	EXPECT_EQ(POLLERR, polled(ring, 0));
	close(ring);
	close(region);
}

TEST_F(poll, refuses_what_no_alloc_takes)
{
	EXPECT_EQ(-EINVAL, heap_watch(self->heap, 0, 0));
	EXPECT_EQ(-EINVAL, heap_watch(self->heap, 8, 7));
	EXPECT_EQ(-EOPNOTSUPP, heap_watch(self->heap, 8, MIB));
	EXPECT_EQ(POLLIN, polled(self->heap, 0));
}

TEST_F(poll, each_client_watches_for_itself)
{
	uint64_t most = heap_stat(self->heap).largest_free;
	int other = heap_attach(self->heap, NULL), same = dup(self->heap);

	EXPECT_GE(heap_alloc(self->heap, 8, 0), 0);
	EXPECT_EQ(0, heap_watch(self->heap, most, 0));
	EXPECT_EQ(0, polled(self->heap, 0));
	EXPECT_EQ(0, polled(same, 0));
	EXPECT_EQ(POLLIN, polled(other, 0));
	close(other);
	close(same);
}

static int poll_and_tell(void *arg)
{
	int heap = heap_attach(*(int *)arg, NULL);

	CHECK(heap_watch(heap, LENGTH / 2, 0) == 0);
	CHECK(polled(heap, 20000) == POLLIN);
	CHECK(heap_alloc(heap, LENGTH / 2, 0) >= 0);
	return 0;
}

/* A process is asleep in poll() when it is in state S and has attached. */
static void wait_for_client(int heap, uint32_t clients)
{
	while (heap_stat(heap).clients < clients)
		sleep_ms(1);
	sleep_ms(30);
}

TEST_F(poll, wakes_who_sleeps)
{
	int64_t full = heap_alloc(self->heap, heap_stat(self->heap).largest_free, 0);
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid)
		_exit(poll_and_tell(&self->heap));
	wait_for_client(self->heap, 2);
	/* Not enough for him; then enough. */
	EXPECT_EQ(full, heap_realloc(self->heap, full, LENGTH - LENGTH / 4, 0, 0));
	sleep_ms(10);
	EXPECT_EQ(0, waitpid(pid, NULL, WNOHANG));
	EXPECT_EQ(full, heap_realloc(self->heap, full, LENGTH / 4, 0, 0));
	EXPECT_EQ(0, child_wait(pid));
}

TEST_F(poll, edge_triggered_epoll)
{
	int64_t full = heap_alloc(self->heap, heap_stat(self->heap).largest_free, 0);
	struct epoll_event event = { .events = EPOLLIN | EPOLLET };
	int ep = epoll_create1(EPOLL_CLOEXEC);

	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, self->heap, &event));
	EXPECT_EQ(0, epoll_wait(ep, &event, 1, 0));
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(0, heap_free(self->heap, full));
		EXPECT_EQ(1, epoll_wait(ep, &event, 1, 1000));
		EXPECT_EQ(EPOLLIN, event.events);
		EXPECT_EQ(0, epoll_wait(ep, &event, 1, 0));
		full = heap_alloc(self->heap, LENGTH - 64, 0);
	}
	/* A new size is a reason to look. */
	EXPECT_EQ(0, heap_watch(self->heap, ~0ULL, 0));
	EXPECT_EQ(1, epoll_wait(ep, &event, 1, 1000));
	EXPECT_EQ(EPOLLERR, event.events);
	close(ep);
}

/* Those who wait come first: nothing is left for who polls. */
TEST_F(poll, waiters_come_first)
{
	int64_t full = heap_alloc(self->heap, heap_stat(self->heap).largest_free, 0);
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		int heap = heap_attach(self->heap, NULL);

		CHECK(heap_alloc_wait(heap, LENGTH - 64, 0, MEMRIG_FOREVER) >= 0);
		pause();
	}
	while (!heap_stat(self->heap).waiters)
		sleep_ms(1);
	EXPECT_EQ(0, heap_watch(self->heap, 1000, 0));
	EXPECT_EQ(0, heap_free(self->heap, full));
	EXPECT_EQ(0, polled(self->heap, 0));
	kill(pid, SIGKILL);
	EXPECT_EQ(POLLIN, polled(self->heap, 20000));
	EXPECT_EQ(128 + SIGKILL, child_wait(pid));
}

TEST_HARNESS_MAIN
