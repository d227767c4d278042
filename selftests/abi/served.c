// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Everything that gives memory back serves those who wait; and what cannot be delivered to them is
 * given back again.
 */
#include <pthread.h>

#include "abi.h"
#include "harness.h"
#include "waiter.h"

#define LENGTH (64 * KIB)
#define HALF   (LENGTH / 2)

FIXTURE(served)
{
	int session;
	int region;
	int heap;
	int64_t full; /* leaves no room for @waiter */
	struct waiter waiter;
};

FIXTURE_SETUP(served)
{
	self->session = session_open();
	self->region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	self->heap = heap_new(self->region, MEMRIG_PLACEMENT_OOB, MEMRIG_HEAP_SCRUB);
	ASSERT_GE(self->heap, 0);
	self->full = heap_alloc(self->heap, LENGTH - 64, 0);
	ASSERT_GE(self->full, 0);
	self->waiter =
		(struct waiter){ .heap = self->heap, .bytes = HALF, .timeout_ns = MEMRIG_FOREVER };
}

FIXTURE_TEARDOWN(served)
{
	EXPECT_EQ(0, heap_stat(self->heap).waiters);
	EXPECT_EQ(1, heap_stat(self->heap).clients);
	EXPECT_EQ(0, heap_validate(self->heap));
	close(self->heap);
	close(self->region);
	close(self->session);
}

#define EXPECT_SERVED()                                         \
	do {                                                    \
		EXPECT_EQ(0, waiter_answer(&self->waiter).ret); \
		EXPECT_EQ(0, waiter_end(&self->waiter));        \
		EXPECT_EQ(0, heap_stat(self->heap).waiters);    \
	} while (0)

TEST_F(served, by_free)
{
	ASSERT_EQ(0, waiter_start(&self->waiter));
	EXPECT_EQ(0, heap_free(self->heap, self->full));
	EXPECT_SERVED();
}

TEST_F(served, by_free_batch)
{
	__u64 offsets[2] = { self->full };
	struct memrig_free_batch batch =
		ARG(memrig_free_batch, .offsets = (uintptr_t)offsets, .count = 2);

	offsets[1] = heap_alloc(self->heap, 8, 0);
	ASSERT_EQ(0, waiter_start(&self->waiter));
	EXPECT_EQ(0, call(self->heap, MEMRIG_IOC_FREE_BATCH, &batch));
	EXPECT_SERVED();
}

TEST_F(served, by_shrinking)
{
	ASSERT_EQ(0, waiter_start(&self->waiter));
	EXPECT_EQ(self->full, heap_realloc(self->heap, self->full, HALF - KIB, 0, 0));
	EXPECT_SERVED();
}

/* A move gives the old place back when its caller knows about the new one. */
TEST_F(served, by_moving)
{
	int64_t first, second;

	EXPECT_EQ(0, heap_free(self->heap, self->full));
	first = heap_alloc(self->heap, 20 * KIB, 0);
	second = heap_alloc(self->heap, 16 * KIB, 0);
	self->waiter.bytes = 35 * KIB;
	ASSERT_EQ(0, waiter_start(&self->waiter));
	/* first | second | free: the second moves behind the rest of what the first leaves. */
	EXPECT_EQ(0, heap_free(self->heap, first));
	EXPECT_FALSE(waiter_answered(&self->waiter, 10));
	first = heap_realloc(self->heap, second, 18 * KIB, 4096, 0);
	EXPECT_GE(first, 0);
	EXPECT_EQ(0, heap_free(self->heap, first));
	EXPECT_SERVED();
}

static int own_and_die(void *arg)
{
	struct waiter *waiter = arg;
	int heap = heap_attach(waiter->heap, NULL);

	CHECK(heap_alloc(heap, LENGTH - 64, 0) >= 0);
	raise(SIGKILL);
	return 0;
}

TEST_F(served, by_the_death_of_the_owner)
{
	pid_t pid;

	EXPECT_EQ(0, heap_free(self->heap, self->full));
	pid = fork();
	if (!pid) {
		int heap = heap_attach(self->heap, NULL);

		CHECK(heap_alloc(heap, LENGTH - 64, 0) >= 0);
		pause();
		_exit(1);
	}
	while (!heap_stat(self->heap).live_blocks)
		sleep_ms(1);
	ASSERT_EQ(0, waiter_start(&self->waiter));
	kill(pid, SIGKILL);
	EXPECT_EQ(128 + SIGKILL, child_wait(pid));
	EXPECT_SERVED();
	/* And by one that dies with nobody waiting, the next is not kept waiting. */
	EXPECT_EQ(128 + SIGKILL, in_child(own_and_die, &self->waiter));
	self->full = heap_alloc_wait(self->heap, HALF, 0, MEMRIG_FOREVER);
	EXPECT_GE(self->full, 0);
}

TEST_F(served, not_by_giving_or_keeping)
{
	uint32_t client;
	int other = heap_attach(self->heap, &client);

	ASSERT_EQ(0, waiter_start(&self->waiter));
	EXPECT_EQ(0, heap_give(self->heap, self->full, client));
	EXPECT_FALSE(waiter_answered(&self->waiter, 10));
	EXPECT_EQ(0, heap_keep(other, self->full, NULL));
	close(other);
	EXPECT_FALSE(waiter_answered(&self->waiter, 10));
	EXPECT_EQ(0, heap_free(self->heap, self->full));
	EXPECT_SERVED();
}

/* The one who shares a client with the waiter frees: the block is the same client's again. */
struct shared {
	int heap;
	struct memrig_alloc *arg;
	int ret;
};

static void *wait_in_thread(void *arg)
{
	struct shared *shared = arg;

	shared->ret = heap_alloc_full(shared->heap, shared->arg);
	return NULL;
}

TEST_F(served, its_own_client)
{
	struct memrig_alloc arg = ARG(memrig_alloc, .flags = MEMRIG_ALLOC_WAIT, .bytes = HALF,
				      .timeout_ns = MEMRIG_FOREVER);
	struct shared shared = { .heap = self->heap, .arg = &arg };
	pthread_t thread;

	ASSERT_EQ(0, pthread_create(&thread, NULL, wait_in_thread, &shared));
	EXPECT_TRUE(waiters_are(self->heap, 1));
	EXPECT_EQ(0, heap_free(self->heap, self->full));
	pthread_join(thread, NULL);
	EXPECT_EQ(0, shared.ret);
	EXPECT_EQ(1, heap_stat(self->heap).client_blocks);
}

/* Where the answer should go is gone by the time there is one. */
TEST_F(served, but_cannot_be_told)
{
	struct memrig_alloc *arg =
		mmap(NULL, page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct shared shared = { .heap = self->heap, .arg = arg };
	pthread_t thread;

	ASSERT_TRUE(arg != MAP_FAILED);
	*arg = ARG(memrig_alloc, .flags = MEMRIG_ALLOC_WAIT, .bytes = HALF,
		   .timeout_ns = MEMRIG_FOREVER);
	ASSERT_EQ(0, pthread_create(&thread, NULL, wait_in_thread, &shared));
	EXPECT_TRUE(waiters_are(self->heap, 1));
	/* The next in the line gets what the first cannot take. */
	ASSERT_EQ(0, waiter_start(&self->waiter));
	ASSERT_EQ(0, mprotect(arg, page_size(), PROT_READ));
	EXPECT_EQ(0, heap_free(self->heap, self->full));
	pthread_join(thread, NULL);
	EXPECT_EQ(-EFAULT, shared.ret);
	EXPECT_SERVED();
	EXPECT_EQ(0, heap_stat(self->heap).live_blocks);
	munmap(arg, page_size());
}

/* ---- many ---------------------------------------------------------------------------------- */

#define PROCESSES 8
#define ROUNDS	  150

static int take_turns(void *arg)
{
	int heap = heap_attach(*(int *)arg, NULL);
	unsigned int seed = getpid();

	for (int i = 0; i < ROUNDS; i++) {
		uint64_t bytes = 1 + rand_r(&seed) % (LENGTH / 2);
		uint64_t align = rand_r(&seed) % 4 ? 0 : 256;
		int64_t off = heap_alloc_wait(heap, bytes, align, MEMRIG_FOREVER);

		CHECK(off >= 0);
		if (i % 16 == 0)
			sleep_ms(1);
		CHECK(!heap_free(heap, off));
	}
	return 0;
}

TEST_F(served, many_processes)
{
	pid_t pids[PROCESSES];

	EXPECT_EQ(0, heap_free(self->heap, self->full));
	fflush(NULL);
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (!pids[i])
			_exit(take_turns(&self->heap));
	}
	for (int i = 0; i < PROCESSES; i++)
		EXPECT_EQ(0, child_wait(pids[i]));
	EXPECT_EQ(0, heap_stat(self->heap).live_blocks);
	EXPECT_EQ(PROCESSES * ROUNDS + 1, heap_stat(self->heap).allocs);
	EXPECT_EQ(0, heap_stat(self->heap).failures);
}

TEST_HARNESS_MAIN
