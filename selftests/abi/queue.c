// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Messages: their order, what may be done with one on its way, and poll().
 */
#include <poll.h>

#include "abi.h"
#include "harness.h"

#define LENGTH (64 * KIB)
#define SIZE   256

FIXTURE(queue)
{
	int session;
	int region;
	int heap; /* a slab */
	int peer; /* another client of it */
	uint32_t peer_id;
};

FIXTURE_SETUP(queue)
{
	self->session = session_open();
	self->region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	self->heap = heap_engine(self->region, MEMRIG_ENGINE_SLAB, SIZE);
	ASSERT_GE(self->heap, 0);
	self->peer = heap_attach(self->heap, &self->peer_id);
	ASSERT_GE(self->peer, 0);
}

FIXTURE_TEARDOWN(queue)
{
	EXPECT_EQ(0, heap_stat(self->heap).receivers);
	EXPECT_EQ(0, heap_validate(self->heap));
	close(self->peer);
	close(self->heap);
	close(self->region);
	close(self->session);
}

TEST_F(queue, first_in_first_out)
{
	int64_t sent[40];
	struct memrig_heap_stat stat;

	for (size_t i = 0; i < ARRAY_SIZE(sent); i++)
		ASSERT_GE(sent[i] = heap_send_new(i % 2 ? self->heap : self->peer, SIZE), 0);
	stat = heap_stat(self->heap);
	EXPECT_EQ(ARRAY_SIZE(sent), stat.queued);
	EXPECT_EQ(ARRAY_SIZE(sent), stat.max_queued);
	EXPECT_EQ(ARRAY_SIZE(sent), stat.sent);
	EXPECT_EQ(0, stat.received);
	EXPECT_EQ(ARRAY_SIZE(sent), stat.live_blocks);
	EXPECT_EQ(0, stat.client_blocks);
	for (size_t i = 0; i < ARRAY_SIZE(sent); i++) {
		struct memrig_receive got = ARG(memrig_receive);

		ASSERT_EQ(0, heap_receive_full(self->heap, &got));
		EXPECT_EQ(sent[i], got.offset);
		EXPECT_EQ(SIZE, got.usable);
		EXPECT_EQ(SIZE, got.bytes);
		EXPECT_EQ(i % 2 ? stat.client : self->peer_id, got.from);
		EXPECT_EQ(i + 1, heap_stat(self->heap).client_blocks);
	}
	stat = heap_stat(self->heap);
	EXPECT_EQ(0, stat.queued);
	EXPECT_EQ(ARRAY_SIZE(sent), stat.max_queued);
	EXPECT_EQ(ARRAY_SIZE(sent), stat.received);
	EXPECT_EQ(-EAGAIN, heap_receive(self->heap));
	for (size_t i = 0; i < ARRAY_SIZE(sent); i++)
		EXPECT_EQ(0, heap_free(self->heap, sent[i]));
}

TEST_F(queue, every_engine_has_one)
{
	const struct {
		uint32_t engine;
		uint64_t block;
	} kinds[] = { { MEMRIG_ENGINE_SYS_HEAP, 0 },
		      { MEMRIG_ENGINE_BLOCKS, 64 },
		      { MEMRIG_ENGINE_RING, 0 },
		      { MEMRIG_ENGINE_FIRST_FIT, 0 },
		      { MEMRIG_ENGINE_BEST_FIT, 0 } };

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		int region =
			region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
		int heap = heap_engine(region, kinds[i].engine, kinds[i].block);
		int peer = heap_attach(heap, NULL);
		int64_t off = heap_alloc(heap, 100, 0);

		ASSERT_GE(off, 0);
		EXPECT_EQ(0, heap_send(heap, off, 100));
		EXPECT_EQ(off, heap_receive(peer));
		EXPECT_EQ(-EPERM, heap_send(heap, off, 0));
		EXPECT_GE(heap_usable(peer, off), 100);
		EXPECT_EQ(0, heap_free(peer, off));
		EXPECT_EQ(0, heap_stat(heap).live_blocks);
		close(peer);
		close(heap);
		close(region);
	}
}

TEST_F(queue, inside_the_kernel_only)
{
	struct memrig_region_create region =
		ARG(memrig_region_create, .flags = MEMRIG_REGION_KERNEL_ONLY,
		    .kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED, .length = LENGTH,
		    .node = MEMRIG_NODE_ANY);
	int heap;
	int64_t off;

	ASSERT_EQ(0, call(self->session, MEMRIG_IOC_REGION_CREATE, &region));
	heap = heap_new(region.fd, MEMRIG_PLACEMENT_INBAND, MEMRIG_HEAP_TRACK);
	ASSERT_GE(heap, 0);
	off = heap_send_new(heap, SIZE);
	ASSERT_GE(off, 0);
	EXPECT_EQ(-EBUSY, heap_free(heap, off));
	EXPECT_EQ(off, heap_receive(heap));
	EXPECT_EQ(0, heap_free(heap, off));
	EXPECT_EQ(0, heap_validate(heap));
	close(heap);
	close(region.fd);
}

TEST_F(queue, a_part_can_be_the_message)
{
	struct memrig_receive got = ARG(memrig_receive);
	int64_t off = heap_alloc(self->heap, SIZE, 0);

	EXPECT_EQ(-EINVAL, heap_send(self->heap, off, SIZE + 1));
	EXPECT_EQ(-EINVAL, heap_send(self->heap, off, ~0ULL));
	EXPECT_EQ(0, heap_send(self->heap, off, 7));
	EXPECT_EQ(0, heap_receive_full(self->peer, &got));
	EXPECT_EQ(7, got.bytes);
	EXPECT_EQ(SIZE, got.usable);
}

/* On its way it is nobody's: neither its sender nor who made the heap may touch it. */
TEST_F(queue, a_message_belongs_to_the_heap)
{
	int64_t off = heap_send_new(self->heap, SIZE);
	int faces[] = { self->heap, self->peer };
	uint32_t reason;

	ASSERT_GE(off, 0);
	for (size_t i = 0; i < ARRAY_SIZE(faces); i++) {
		EXPECT_EQ(-EBUSY, heap_free(faces[i], off));
		EXPECT_EQ(-EBUSY, heap_realloc(faces[i], off, 8, 0, 0));
		EXPECT_EQ(-EBUSY, heap_give(faces[i], off, self->peer_id));
		EXPECT_EQ(-EBUSY, heap_keep(faces[i], off, &reason));
		EXPECT_EQ(-EBUSY, heap_usable(faces[i], off));
		EXPECT_EQ(-EBUSY, heap_send(faces[i], off, 0));
	}
	EXPECT_EQ(off, heap_receive(self->peer));
	/* Now it is the peer's. */
	EXPECT_EQ(-EPERM, heap_send(self->heap, off, 0));
	EXPECT_EQ(SIZE, heap_usable(self->peer, off));
	EXPECT_EQ(0, heap_send(self->peer, off, 0));
	EXPECT_EQ(off, heap_receive(self->heap));
	EXPECT_EQ(0, heap_free(self->heap, off));
}

TEST_F(queue, a_run_of_blocks_cannot_be_freed_in_part)
{
	int region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	int heap = heap_engine(region, MEMRIG_ENGINE_BLOCKS, SIZE);

	EXPECT_EQ(0, blocks_get(heap, 0, 8));
	EXPECT_EQ(0, heap_send(heap, 0, 0));
	EXPECT_EQ(-EBUSY, blocks_free(heap, 2 * SIZE, 2));
	EXPECT_EQ(0, heap_receive(heap));
	EXPECT_EQ(0, blocks_free(heap, 2 * SIZE, 2));
	EXPECT_EQ(0, heap_send(heap, 4 * SIZE, 0));
	EXPECT_EQ(4 * SIZE, heap_receive(heap));
	close(heap);
	close(region);
}

TEST_F(queue, listings_mark_it)
{
	int64_t off = heap_send_new(self->peer, SIZE);
	struct memrig_block blocks[512];
	int found = 0;
	int64_t n = heap_walk(self->heap, blocks, ARRAY_SIZE(blocks), 16);

	for (int64_t i = 0; i < n && i < (int64_t)ARRAY_SIZE(blocks); i++) {
		if (blocks[i].offset != (uint64_t)off)
			continue;
		found++;
		EXPECT_EQ(MEMRIG_BLOCK_USED | MEMRIG_BLOCK_QUEUED, blocks[i].flags);
		EXPECT_EQ(self->peer_id, blocks[i].client);
	}
	EXPECT_EQ(1, found);
	EXPECT_EQ(off, heap_receive(self->heap));
}

TEST_F(queue, refuses_what_is_no_message)
{
	struct memrig_send send = ARG(memrig_send, .flags = 1);
	struct memrig_receive receive = ARG(memrig_receive, .flags = 1 << 1);
	struct memrig_watch watch = ARG(memrig_watch, .flags = MEMRIG_WATCH_MESSAGES, .bytes = 1);
	int64_t off = heap_alloc(self->heap, SIZE, 0);
	uint64_t rejects = heap_stat(self->heap).rejects;

	EXPECT_EQ(-ENOENT, heap_send(self->heap, off + SIZE, 0));
	EXPECT_EQ(-ENOENT, heap_send(self->heap, ~0ULL, 0));
	EXPECT_EQ(-EPERM, heap_send(self->peer, off, 0));
	EXPECT_EQ(rejects + 3, heap_stat(self->heap).rejects);
	send.offset = off;
	EXPECT_EQ(-EOPNOTSUPP, call(self->heap, MEMRIG_IOC_SEND, &send));
	EXPECT_EQ(-EOPNOTSUPP, heap_receive_full(self->heap, &receive));
	receive = ARG(memrig_receive, .reserved = 1);
	EXPECT_EQ(-EOPNOTSUPP, heap_receive_full(self->heap, &receive));
	receive = ARG(memrig_receive, .timeout_ns = 1);
	EXPECT_EQ(-EINVAL, heap_receive_full(self->heap, &receive));
	EXPECT_EQ(-EINVAL, call(self->heap, MEMRIG_IOC_WATCH, &watch));
	watch = ARG(memrig_watch, .flags = MEMRIG_WATCH_MESSAGES, .align = 8);
	EXPECT_EQ(-EINVAL, call(self->heap, MEMRIG_IOC_WATCH, &watch));
	watch = ARG(memrig_watch, .flags = 1 << 1, .bytes = 1);
	EXPECT_EQ(-EOPNOTSUPP, call(self->heap, MEMRIG_IOC_WATCH, &watch));
	EXPECT_EQ(-ENOTTY, heap_receive(self->region));
	EXPECT_EQ(-ENOTTY, heap_send(self->session, 0, 0));
	EXPECT_EQ(-EBADF, heap_receive(-1));
	EXPECT_EQ(0, heap_stat(self->heap).sent);
	/* What is kept is no client's. */
	EXPECT_EQ(0, heap_keep(self->heap, off, &(uint32_t){ 0 }));
	EXPECT_EQ(-EPERM, heap_send(self->heap, off, 0));
}

/* ---- poll() ---------------------------------------------------------------------------------- */

static short polled(int fd, int ms)
{
	struct pollfd pfd = { .fd = fd, .events = POLLIN | POLLOUT };

	return poll(&pfd, 1, ms) < 0 ? -1 : pfd.revents;
}

static int send_later(void *arg)
{
	const int *heap = arg;

	sleep_ms(50);
	return heap_send_new(*heap, SIZE) < 0;
}

TEST_F(queue, can_be_polled)
{
	pid_t pid;

	EXPECT_EQ(0, heap_watch_messages(self->peer));
	EXPECT_EQ(0, polled(self->peer, 0));
	EXPECT_EQ(POLLIN, polled(self->heap, 0)); /* that is memory */
	fflush(NULL);
	pid = fork();
	if (!pid)
		_exit(send_later(&self->heap));
	EXPECT_EQ(POLLIN, polled(self->peer, 20000));
	EXPECT_EQ(POLLIN, polled(self->peer, 0));
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_GE(heap_receive(self->peer), 0);
	EXPECT_EQ(0, polled(self->peer, 0));
	/* And about memory again. */
	EXPECT_EQ(0, heap_watch(self->peer, SIZE, 0));
	EXPECT_EQ(POLLIN, polled(self->peer, 0));
}

TEST_HARNESS_MAIN
