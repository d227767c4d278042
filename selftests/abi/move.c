// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A block that moves is copied without the lock of the heap. What can happen meanwhile: others come
 * at it, the mover is killed, its owner goes away. The block is either where it was with its
 * content, or where it went with its content, or it went with its owner; nothing is left over, and
 * a heap that scrubs has zeroed all of it.
 */
#include <time.h>

#include "abi.h"
#include "harness.h"

#define LENGTH	 (32 * MIB)
#define BLOCK	 (10 * MIB)
#define GROWN	 (11 * MIB)
#define WANTED	 3   /* times to come in the middle of a move before a test is content, */
#define ROUNDS	 20  /* in so many moves at most */
#define WAIT_MAX 60  /* seconds until a move must have begun or ended */
#define TIMEOUT	 300 /* seconds for a test, on the slowest machine */

FIXTURE(move)
{
	int session;
	int region;
	int heap;
	unsigned char *map;
	int64_t block;
};

FIXTURE_VARIANT(move)
{
	uint32_t flags;
};

FIXTURE_VARIANT_ADD(move, plain){
	.flags = 0,
};

FIXTURE_VARIANT_ADD(move, scrub){
	.flags = MEMRIG_HEAP_SCRUB,
};

/* Uncached memory is what makes a copy take its time. */
FIXTURE_SETUP(move)
{
	self->session = session_open();
	ASSERT_GE(self->session, 0);
	self->region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_UNCACHED, LENGTH);
	if (self->region == -ENOMEM)
		SKIP(return, "no contiguous memory for a region of 32 MiB");
	ASSERT_GE(self->region, 0);
	self->map = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, self->region, 0);
	ASSERT_TRUE(self->map != MAP_FAILED);
	/* Movers have no use for it, and copying its page tables takes longer than a move. */
	ASSERT_EQ(0, madvise(self->map, LENGTH, MADV_DONTFORK));
	self->heap = heap_new(self->region, MEMRIG_PLACEMENT_OOB, variant->flags);
	ASSERT_GE(self->heap, 0);
}

FIXTURE_TEARDOWN(move)
{
	EXPECT_EQ(0, heap_validate(self->heap));
	close(self->heap);
	munmap(self->map, LENGTH);
	close(self->region);
	close(self->session);
}

static void paint(unsigned char *at, unsigned char with)
{
	for (uint64_t i = 0; i < BLOCK; i += 4096)
		at[i] = (unsigned char)(with + (i >> 12));
}

static bool painted(const unsigned char *at, unsigned char with)
{
	for (uint64_t i = 0; i < BLOCK; i += 4096)
		if (at[i] != (unsigned char)(with + (i >> 12)))
			return false;
	return true;
}

/* A client whose block cannot grow where it is. */
static int owner_new(int heap, int64_t *block)
{
	int owner = heap_attach(heap, NULL);

	*block = heap_alloc(owner, BLOCK, 0);
	if (*block < 0 || heap_alloc(owner, 64, 0) < 0)
		return -ENOMEM;
	return owner;
}

/* The user who made the heap may move anybody's block, which does not make it his. */
static pid_t mover_start(int heap, int owner, int64_t block)
{
	pid_t pid = fork();
	int64_t to;

	if (pid)
		return pid;
	close(owner);
	to = heap_realloc(heap, block, GROWN, 0, 0);
	_exit(to < 0 ? (int)-to : 0);
}

/* Wait until the block is being moved (true), or has been (false). */
static bool move_begun(int heap, int64_t block)
{
	struct timespec nap = { .tv_nsec = 200000 };
	time_t end = time(NULL) + WAIT_MAX;
	int64_t ret;

	do {
		ret = heap_usable(heap, block);
		if (ret == -EBUSY)
			return true;
		if (ret < 0)
			return false;
		nanosleep(&nap, NULL);
	} while (time(NULL) < end);
	return false;
}

/* Where the one block of that size is now; -ENOENT if there is none. */
static int64_t big_block(int heap)
{
	struct memrig_block blocks[16];
	int64_t n = heap_walk(heap, blocks, 16, 16);

	for (int64_t i = 0; i < n && i < 16; i++)
		if ((blocks[i].flags & MEMRIG_BLOCK_USED) && blocks[i].bytes >= BLOCK)
			return blocks[i].offset;
	return -ENOENT;
}

TEST_F_TIMEOUT(move, others_are_kept_off, TIMEOUT)
{
	uint32_t id = heap_stat(self->heap).client;
	int seen = 0;

	for (int i = 0; i < ROUNDS && seen < WANTED; i++) {
		int64_t block;
		int owner = owner_new(self->heap, &block);
		pid_t pid;

		ASSERT_GE(owner, 0);
		pid = mover_start(self->heap, owner, block);
		if (move_begun(self->heap, block)) {
			int got = heap_free(owner, block);

			/* The move may end at any time; what it left is not there any more. */
			EXPECT_TRUE(got == -EBUSY || got == -ENOENT);
			got = heap_give(owner, block, id);
			EXPECT_TRUE(got == -EBUSY || got == -ENOENT);
			got = heap_realloc(owner, block, 10, 0, 0);
			EXPECT_TRUE(got == -EBUSY || got == -ENOENT);
			seen++;
		}
		EXPECT_EQ(0, child_wait(pid));
		EXPECT_EQ(2, heap_stat(self->heap).live_blocks);
		block = big_block(self->heap);
		ASSERT_GE(block, 0);
		EXPECT_EQ(GROWN, heap_usable(owner, block));
		EXPECT_EQ(0, heap_free(owner, block));
		close(owner);
		EXPECT_EQ(0, heap_stat(self->heap).live_blocks);
	}
	EXPECT_GT(seen, 0);
}

TEST_F_TIMEOUT(move, mover_is_killed, TIMEOUT)
{
	int stayed = 0;

	for (int i = 0; i < ROUNDS && stayed < WANTED; i++) {
		int64_t block, found;
		int owner = owner_new(self->heap, &block);
		pid_t pid;

		ASSERT_GE(owner, 0);
		paint(self->map + block, i);
		pid = mover_start(self->heap, owner, block);
		move_begun(self->heap, block);
		kill(pid, SIGKILL);
		child_wait(pid);
		EXPECT_EQ(2, heap_stat(self->heap).live_blocks);
		EXPECT_EQ(2, heap_stat(owner).client_blocks);
		found = big_block(self->heap);
		ASSERT_GE(found, 0);
		EXPECT_TRUE(painted(self->map + found, i));
		stayed += found == block;
		close(owner);
	}
	EXPECT_GT(stayed, 0);
}

TEST_F_TIMEOUT(move, owner_goes, TIMEOUT)
{
	int went = 0;

	for (int i = 0; i < ROUNDS && went < WANTED; i++) {
		uint64_t dirty = 0;
		int64_t block;
		int owner = owner_new(self->heap, &block), status;
		pid_t pid;

		ASSERT_GE(owner, 0);
		paint(self->map + block, 1);
		pid = mover_start(self->heap, owner, block);
		move_begun(self->heap, block);
		close(owner);
		status = child_wait(pid);
		EXPECT_TRUE(status == ENOENT || status == 0);
		went += status == ENOENT;
		EXPECT_EQ(0, heap_stat(self->heap).live_blocks);
		EXPECT_EQ(1, heap_stat(self->heap).clients);
		for (uint64_t at = 0; at < LENGTH; at += 4096)
			dirty += !!self->map[at];
		if (variant->flags & MEMRIG_HEAP_SCRUB)
			EXPECT_EQ(0, dirty);
	}
	EXPECT_GT(went, 0);
}

TEST_HARNESS_MAIN
