// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Who owns a block: clients of one heap, what happens to their blocks when they close, die or are
 * killed, passing descriptors, giving and keeping blocks, and who may free what.
 */
#include <linux/capability.h>
#include <sys/socket.h>

#include "abi.h"
#include "harness.h"

#define LENGTH (256 * KIB)

FIXTURE(client)
{
	int session;
	int region;
	int heap;
	uint32_t id;
};

FIXTURE_SETUP(client)
{
	self->session = session_open();
	ASSERT_GE(self->session, 0);
	self->region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	ASSERT_GE(self->region, 0);
	self->heap = heap_new(self->region, MEMRIG_PLACEMENT_OOB, MEMRIG_HEAP_STATS);
	ASSERT_GE(self->heap, 0);
	self->id = heap_stat(self->heap).client;
}

FIXTURE_TEARDOWN(client)
{
	EXPECT_EQ(0, heap_validate(self->heap));
	close(self->heap);
	close(self->region);
	close(self->session);
}

TEST_F(client, closing_frees)
{
	uint32_t id;
	int other = heap_attach(self->heap, &id);
	int64_t mine = heap_alloc(self->heap, 100, 0);

	ASSERT_GE(other, 0);
	EXPECT_NE(self->id, id);
	EXPECT_EQ(id, heap_stat(other).client);
	EXPECT_EQ(2, heap_stat(self->heap).clients);
	for (int i = 0; i < 500; i++)
		ASSERT_GE(heap_alloc(other, 64, 0), 0);
	EXPECT_EQ(501, heap_stat(self->heap).live_blocks);
	EXPECT_EQ(1, heap_stat(self->heap).client_blocks);
	EXPECT_EQ(500, heap_stat(other).client_blocks);
	close(other);
	EXPECT_EQ(1, heap_stat(self->heap).live_blocks);
	EXPECT_EQ(1, heap_stat(self->heap).clients);
	EXPECT_EQ(500, heap_stat(self->heap).reclaimed);
	EXPECT_EQ(0, heap_free(self->heap, mine));
}

static int allocate_and_get_killed(void *arg)
{
	int heap = heap_attach(*(int *)arg, NULL);

	CHECK(heap >= 0);
	for (int i = 0; i < 300; i++)
		CHECK(heap_alloc(heap, 200, 64) >= 0);
	raise(SIGKILL);
	return 0;
}

TEST_F(client, killed_client_leaves_nothing)
{
	for (int i = 0; i < 5; i++) {
		EXPECT_EQ(128 + SIGKILL, in_child(allocate_and_get_killed, &self->heap));
		EXPECT_EQ(0, heap_stat(self->heap).live_blocks);
		EXPECT_EQ(1, heap_stat(self->heap).clients);
	}
	EXPECT_EQ(1500, heap_stat(self->heap).reclaimed);
}

/* A process that is killed with the heap as it inherited it: the client lives on in the parent. */
static int allocate_inherited_and_die(void *arg)
{
	CHECK(heap_alloc(*(int *)arg, 200, 0) >= 0);
	raise(SIGKILL);
	return 0;
}

TEST_F(client, inherited_descriptor_is_the_same_client)
{
	EXPECT_EQ(128 + SIGKILL, in_child(allocate_inherited_and_die, &self->heap));
	EXPECT_EQ(1, heap_stat(self->heap).live_blocks);
	EXPECT_EQ(1, heap_stat(self->heap).client_blocks);
}

static int receive_and_use(void *arg)
{
	int heap = fd_receive(*(int *)arg);
	struct memrig_heap_stat stat;
	int64_t off;

	CHECK(heap >= 0);
	stat = heap_stat(heap);
	CHECK(stat.clients == 1);
	CHECK(stat.client_blocks == 1);
	off = heap_alloc(heap, 100, 0);
	CHECK(off >= 0);
	CHECK(heap_stat(heap).client_blocks == 2);
	close(heap);
	return 0;
}

TEST_F(client, passed_descriptor_is_the_same_client)
{
	int sv[2];

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	ASSERT_GE(heap_alloc(self->heap, 100, 0), 0);
	ASSERT_EQ(0, fd_send(sv[0], self->heap));
	EXPECT_EQ(0, in_child(receive_and_use, &sv[1]));
	EXPECT_EQ(2, heap_stat(self->heap).live_blocks);
	EXPECT_EQ(2, heap_stat(self->heap).client_blocks);
}

/* A descriptor in a socket nobody reads keeps the client; closing the socket lets go of it. */
TEST_F(client, descriptor_in_flight)
{
	int other = heap_attach(self->heap, NULL);
	int sv[2];

	ASSERT_GE(heap_alloc(other, 100, 0), 0);
	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	ASSERT_EQ(0, fd_send(sv[0], other));
	close(other);
	EXPECT_EQ(1, heap_stat(self->heap).live_blocks);
	close(sv[0]);
	close(sv[1]);
	EXPECT_EQ(0, heap_stat(self->heap).live_blocks);
}

TEST_F(client, dup_is_the_same_client)
{
	int dup_fd = dup(self->heap);

	ASSERT_GE(heap_alloc(dup_fd, 100, 0), 0);
	EXPECT_EQ(self->id, heap_stat(dup_fd).client);
	close(dup_fd);
	EXPECT_EQ(1, heap_stat(self->heap).live_blocks);
}

TEST_F(client, give)
{
	uint32_t id;
	int other = heap_attach(self->heap, &id);
	int64_t off = heap_alloc(self->heap, 100, 0);

	EXPECT_EQ(-ENOENT, heap_give(self->heap, off, id + 1000));
	EXPECT_EQ(-ENOENT, heap_give(self->heap, off, 0));
	EXPECT_EQ(-ENOENT, heap_give(self->heap, off, 0xffffffffu));
	EXPECT_EQ(0, heap_give(self->heap, off, id));
	EXPECT_EQ(0, heap_stat(self->heap).client_blocks);
	EXPECT_EQ(1, heap_stat(other).client_blocks);
	close(other);
	EXPECT_EQ(0, heap_stat(self->heap).live_blocks);
	EXPECT_EQ(-ENOENT, heap_free(self->heap, off));
}

TEST_F(client, giver_dies_block_lives)
{
	int other = heap_attach(self->heap, NULL);
	int64_t off = heap_alloc(other, 100, 0);

	EXPECT_EQ(0, heap_give(other, off, self->id));
	close(other);
	EXPECT_EQ(1, heap_stat(self->heap).client_blocks);
	EXPECT_EQ(0, heap_free(self->heap, off));
}

TEST_F(client, keep_outlives_the_client)
{
	int other = heap_attach(self->heap, NULL);
	int64_t kept = heap_alloc(other, 100, 0), lost = heap_alloc(other, 100, 0);
	struct memrig_block blocks[16];
	bool seen = false;
	int64_t n;

	EXPECT_EQ(0, heap_keep(other, kept, NULL));
	EXPECT_EQ(1, heap_stat(other).client_blocks);
	close(other);
	EXPECT_EQ(1, heap_stat(self->heap).live_blocks);
	EXPECT_EQ(-ENOENT, heap_free(self->heap, lost));
	n = heap_walk(self->heap, blocks, 16, 16);
	for (int i = 0; i < n; i++) {
		if ((int64_t)blocks[i].offset != kept)
			continue;
		seen = true;
		EXPECT_EQ(MEMRIG_BLOCK_USED | MEMRIG_BLOCK_KEPT, blocks[i].flags);
		EXPECT_EQ(0, blocks[i].client);
	}
	EXPECT_TRUE(seen);
	/* The creator may free it. */
	EXPECT_EQ(0, heap_free(self->heap, kept));
}

/* Two users on one heap, both without capabilities; neither created it. */
struct foreign {
	int heap;
	int64_t block; /* of the other user */
};

static int touch_foreign(void *arg)
{
	struct foreign *f = arg;
	int heap;
	int64_t mine;

	become(NOBODY_UID, NOBODY_GID);
	heap = heap_attach(f->heap, NULL);
	CHECK(heap >= 0);
	mine = heap_alloc(heap, 100, 0);
	CHECK(mine >= 0);
	CHECK(heap_free(heap, f->block) == -EPERM);
	CHECK(heap_realloc(heap, f->block, 10, 0, 0) == -EPERM);
	CHECK(heap_usable(heap, f->block) == -EPERM);
	CHECK(heap_give(heap, f->block, heap_stat(heap).client) == -EPERM);
	CHECK(heap_keep(heap, f->block, NULL) == -EPERM);
	CHECK(heap_stat(heap).rejects >= 2);
	CHECK(heap_free(heap, mine) == 0);
	return 0;
}

TEST_F(client, foreign_blocks_are_out_of_reach)
{
	struct foreign f = { self->heap, heap_alloc(self->heap, 100, 0) };
	struct memrig_heap_stat before = heap_stat(self->heap), after;

	EXPECT_EQ(0, in_child(touch_foreign, &f));
	after = heap_stat(self->heap);
	EXPECT_EQ(before.live_blocks, after.live_blocks);
	EXPECT_EQ(before.client_blocks, after.client_blocks);
	EXPECT_EQ(before.allocated_bytes, after.allocated_bytes);
	EXPECT_EQ(0, heap_free(self->heap, f.block));
}

/* A heap made by an ordinary user: its uid frees everything, another uid nothing, root all. */
static int create_as_nobody(void *arg)
{
	int *shared = arg; /* session, socket */
	int region, heap, other;
	int64_t off;
	char byte;

	become(NOBODY_UID, NOBODY_GID);
	region = region_new(shared[0], MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, 64 * KIB);
	CHECK(region >= 0);
	heap = heap_new(region, MEMRIG_PLACEMENT_OOB, 0);
	CHECK(heap >= 0);
	CHECK(!fd_send(shared[1], heap));
	CHECK(read(shared[1], &byte, 1) == 1);
	/* The other user's client holds one block now: the creator may free it. */
	other = heap_attach(heap, NULL);
	CHECK(heap_stat(heap).live_blocks == 1);
	{
		struct memrig_block block[4];
		int64_t n = heap_walk(heap, block, 4, 4);

		off = -1;
		for (int i = 0; i < n && i < 4; i++)
			if (block[i].flags & MEMRIG_BLOCK_USED)
				off = block[i].offset;
	}
	CHECK(off >= 0);
	CHECK(heap_free(other, off) == 0);
	CHECK(write(shared[1], &byte, 1) == 1);
	return 0;
}

static int use_as_other(void *arg)
{
	int *shared = arg; /* heap, socket */
	int heap;
	char byte = 0;

	become(OTHER_UID, NOBODY_GID);
	heap = heap_attach(shared[0], NULL);
	CHECK(heap >= 0);
	CHECK(heap_alloc(heap, 100, 0) >= 0);
	CHECK(write(shared[1], &byte, 1) == 1);
	CHECK(read(shared[1], &byte, 1) == 1);
	CHECK(heap_stat(heap).client_blocks == 0);
	return 0;
}

TEST_F(client, creator_frees_everything)
{
	int sv[2], shared[2];
	pid_t pid;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	shared[0] = self->session;
	shared[1] = sv[0];
	pid = fork();
	if (!pid) {
		close(sv[1]);
		_exit(create_as_nobody(shared));
	}
	close(sv[0]);
	shared[0] = fd_receive(sv[1]);
	shared[1] = sv[1];
	ASSERT_GE(shared[0], 0);
	EXPECT_EQ(0, in_child(use_as_other, shared));
	EXPECT_EQ(0, child_wait(pid));
}

TEST_F(client, root_frees_everything)
{
	int sv[2], shared[2], heap;
	struct memrig_block block[4];
	pid_t pid;
	int64_t n;
	char byte = 0;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, sv));
	shared[0] = self->heap;
	shared[1] = sv[0];
	pid = fork();
	if (!pid) {
		close(sv[1]);
		_exit(use_as_other(shared));
	}
	ASSERT_EQ(1, read(sv[1], &byte, 1));
	heap = heap_attach(self->heap, NULL);
	n = heap_walk(heap, block, 4, 4);
	for (int i = 0; i < n && i < 4; i++)
		if (block[i].flags & MEMRIG_BLOCK_USED)
			EXPECT_EQ(0, heap_free(heap, block[i].offset));
	EXPECT_EQ(1, write(sv[1], &byte, 1));
	EXPECT_EQ(0, child_wait(pid));
}

/* Heap and region live on in whoever still holds anything of them. */
TEST_F(client, outlives_session_and_region_descriptors)
{
	uint64_t used = used_bytes(self->session);
	int watch = session_open();

	close(self->region);
	close(self->session);
	EXPECT_EQ(used, used_bytes(watch));
	EXPECT_GE(heap_alloc(self->heap, 100, 0), 0);
	close(self->heap);
	EXPECT_EQ(used - LENGTH, used_bytes(watch));
	self->heap = heap_new(region_new(watch, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH),
			      MEMRIG_PLACEMENT_OOB, 0);
	self->session = watch;
}

TEST_F(client, descriptors_close_on_exec)
{
	EXPECT_EQ(FD_CLOEXEC, fcntl(self->heap, F_GETFD));
	EXPECT_EQ(FD_CLOEXEC, fcntl(self->region, F_GETFD));
	EXPECT_EQ(FD_CLOEXEC, fcntl(heap_attach(self->heap, NULL), F_GETFD));
}

TEST_HARNESS_MAIN
