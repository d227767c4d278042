// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Waiting for a block of any member of a multi object: whichever has one first gives it, once.
 */
#include <sched.h>
#include <sys/resource.h>

#include "abi.h"
#include "harness.h"
#include "waiter.h"

#define LENGTH	(64 * KIB)
#define MEMBERS 3
#define LARGE	(LENGTH - 4096) /* of which each member has one at a time */

FIXTURE(multiwait)
{
	int session;
	int multi;
	int heap[MEMBERS]; /* a sys_heap, a heap of blocks, a first fit heap */
	int64_t block[MEMBERS];
	int slab;
};

static void fill(FIXTURE_DATA(multiwait) * self)
{
	for (int i = 0; i < MEMBERS; i++)
		self->block[i] = heap_alloc(self->heap[i], LARGE, 0);
}

FIXTURE_SETUP(multiwait)
{
	static const uint32_t engines[] = { MEMRIG_ENGINE_SYS_HEAP, MEMRIG_ENGINE_BLOCKS,
					    MEMRIG_ENGINE_FIRST_FIT, MEMRIG_ENGINE_SLAB };
	static const uint64_t sizes[] = { 0, 4096, 0, 64 };
	int heap[4];

	self->session = session_open();
	self->multi = multi_new(self->session);
	ASSERT_GE(self->multi, 0);
	for (int i = 0; i < 4; i++) {
		int region =
			region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);

		heap[i] = heap_engine(region, engines[i], sizes[i]);
		ASSERT_GE(heap[i], 0);
		ASSERT_EQ(i, multi_add(self->multi, heap[i], MEMRIG_ATTRS_CUSTOM(i)));
		close(region);
	}
	memcpy(self->heap, heap, sizeof(self->heap));
	self->slab = heap[3];
	fill(self);
}

FIXTURE_TEARDOWN(multiwait)
{
	close(self->multi);
	for (int i = 0; i < MEMBERS; i++) {
		EXPECT_EQ(0, heap_stat(self->heap[i]).waiters);
		EXPECT_EQ(1, heap_stat(self->heap[i]).clients);
		EXPECT_EQ(0, heap_validate(self->heap[i]));
		close(self->heap[i]);
	}
	close(self->slab);
	close(self->session);
}

/* A process that waits in the object, says who served it, and gives it back when told. */
struct asker {
	int multi;
	struct memrig_multi_alloc want;
	int nice;
	pid_t pid;
	int pipe[2];
	int told;
};

static int ask_and_tell(struct asker *asker)
{
	int multi = multi_attach(asker->multi), answer;
	char byte;

	if (asker->nice)
		setpriority(PRIO_PROCESS, 0, asker->nice);
	answer = multi_alloc_full(multi, &asker->want);
	if (!answer)
		answer = asker->want.member;
	CHECK(write(asker->pipe[1], &answer, sizeof(answer)) == sizeof(answer));
	CHECK(read(asker->told, &byte, 1) == 1);
	if (answer >= 0)
		CHECK(!multi_free(multi, answer, asker->want.offset));
	return 0;
}

static void ask(struct asker *asker, int multi, uint64_t bytes)
{
	int tell[2];

	asker->multi = multi;
	asker->want.bytes = bytes;
	asker->want.flags = MEMRIG_ALLOC_WAIT;
	asker->want.timeout_ns = MEMRIG_FOREVER;
	if (pipe2(asker->pipe, O_CLOEXEC) || pipe2(tell, O_CLOEXEC))
		abort();
	asker->told = tell[0];
	fflush(NULL);
	asker->pid = fork();
	if (!asker->pid) {
		close(tell[1]);
		_exit(ask_and_tell(asker));
	}
	close(asker->pipe[1]);
	close(tell[0]);
	asker->told = tell[1];
}

/* Number of the member that served it, or -errno. */
static int answer_of(struct asker *asker)
{
	int answer = -EPIPE;

	if (read(asker->pipe[0], &answer, sizeof(answer)) != sizeof(answer))
		answer = -EPIPE;
	close(asker->pipe[0]);
	return answer;
}

static int let_go(struct asker *asker)
{
	/* Not by closing it: those who were started later have a copy. */
	if (write(asker->told, "", 1) != 1)
		return -1;
	close(asker->told);
	return child_wait(asker->pid);
}

#define EXPECT_WAITERS(count)                                           \
	do {                                                            \
		for (int m = 0; m < MEMBERS; m++)                       \
			EXPECT_TRUE(waiters_are(self->heap[m], count)); \
	} while (0)

TEST_F(multiwait, any_member_serves)
{
	for (int i = 0; i < MEMBERS; i++) {
		struct asker asker = { 0 };

		ask(&asker, self->multi, LARGE);
		EXPECT_WAITERS(1);
		/* What is too small for it is not waited for. */
		EXPECT_EQ(0, heap_stat(self->slab).waiters);
		EXPECT_EQ(0, heap_free(self->heap[i], self->block[i]));
		EXPECT_EQ(i, answer_of(&asker));
		EXPECT_WAITERS(0);
		EXPECT_EQ(1, heap_stat(self->heap[i]).live_blocks);
		EXPECT_EQ(0, let_go(&asker));
		EXPECT_EQ(0, heap_stat(self->heap[i]).live_blocks);
		self->block[i] = heap_alloc(self->heap[i], LARGE, 0);
		ASSERT_GE(self->block[i], 0);
	}
	EXPECT_EQ(MEMBERS, multi_stat(self->multi).allocs);
	EXPECT_EQ(MEMBERS, multi_stat(self->multi).frees);
}

TEST_F(multiwait, only_members_that_match)
{
	struct asker asker = { .want = { .without = MEMRIG_ATTRS_CUSTOM(0) } };

	ask(&asker, self->multi, LARGE);
	EXPECT_TRUE(waiters_are(self->heap[2], 1));
	EXPECT_EQ(0, heap_stat(self->heap[0]).waiters);
	EXPECT_EQ(0, heap_free(self->heap[0], self->block[0]));
	EXPECT_EQ(1, heap_stat(self->heap[1]).waiters);
	EXPECT_EQ(0, heap_free(self->heap[1], self->block[1]));
	EXPECT_EQ(1, answer_of(&asker));
	EXPECT_EQ(0, let_go(&asker));
}

TEST_F(multiwait, time_is_over)
{
	struct memrig_multi_alloc arg = { .bytes = LARGE,
					  .flags = MEMRIG_ALLOC_WAIT,
					  .timeout_ns = MSEC };
	uint64_t failures = heap_stat(self->heap[1]).failures;

	EXPECT_EQ(-ETIMEDOUT, multi_alloc_full(self->multi, &arg));
	EXPECT_EQ(MSEC, arg.timeout_ns);
	EXPECT_EQ(MEMRIG_MEMBER_ANY, arg.member);
	EXPECT_EQ(MEMRIG_REASON_EMPTY, arg.reason);
	EXPECT_EQ(4096, arg.largest_free);
	for (int i = 0; i < MEMBERS; i++) {
		EXPECT_EQ(0, heap_stat(self->heap[i]).waiters);
		EXPECT_EQ(1, heap_stat(self->heap[i]).waits);
		EXPECT_EQ(1, heap_stat(self->heap[i]).timeouts);
	}
	EXPECT_EQ(failures + 1, heap_stat(self->heap[1]).failures);
	EXPECT_EQ(1, multi_stat(self->multi).failures);
	arg.timeout_ns = 0;
	EXPECT_EQ(-ETIMEDOUT, multi_alloc_full(self->multi, &arg));
	EXPECT_EQ(1, heap_stat(self->heap[0]).waits);
}

static void on_alarm(int signal)
{
}

/* A process that sends a signal once somebody has waited for @ms. */
static pid_t signal_sleeper(int heap, pid_t to, int ms)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	CHECK(waiters_are(heap, 1));
	usleep(ms * 1000);
	_exit(kill(to, SIGALRM) ? 1 : 0);
}

TEST_F(multiwait, a_signal_ends_it)
{
	struct memrig_multi_alloc arg = { .bytes = LARGE,
					  .flags = MEMRIG_ALLOC_WAIT,
					  .timeout_ns = 60000 * MSEC };
	struct sigaction action = { .sa_handler = on_alarm };
	pid_t pid;

	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	pid = signal_sleeper(self->heap[0], getpid(), 20);
	EXPECT_EQ(-EINTR, multi_alloc_full(self->multi, &arg));
	EXPECT_LE(arg.timeout_ns, 60000 * MSEC - 20 * MSEC);
	EXPECT_GT(arg.timeout_ns, 0);
	EXPECT_EQ(0, arg.largest_free);
	EXPECT_WAITERS(0);
	EXPECT_EQ(0, child_wait(pid));
}

TEST_F(multiwait, the_killed_leave_all_queues)
{
	struct asker first = { 0 }, second = { 0 };

	ask(&first, self->multi, LARGE);
	EXPECT_WAITERS(1);
	ask(&second, self->multi, LARGE);
	EXPECT_WAITERS(2);
	kill(first.pid, SIGKILL);
	/* Nobody is left to be told. */
	EXPECT_EQ(128 + SIGKILL, child_wait(first.pid));
	close(first.told);
	EXPECT_WAITERS(1);
	EXPECT_EQ(0, heap_free(self->heap[1], self->block[1]));
	EXPECT_EQ(1, answer_of(&second));
	EXPECT_EQ(0, let_go(&second));
}

/* In each queue, whoever waits for one heap alone and whoever waits for several take turns. */
TEST_F(multiwait, by_priority_then_age)
{
	struct waiter old = { .heap = self->heap[1], .bytes = LARGE, .timeout_ns = MEMRIG_FOREVER };
	struct asker young = { 0 }, urgent = { .nice = -10 };

	ASSERT_EQ(0, waiter_start(&old));
	ask(&young, self->multi, LARGE);
	EXPECT_TRUE(waiters_are(self->heap[2], 1));
	ask(&urgent, self->multi, LARGE);
	EXPECT_TRUE(waiters_are(self->heap[2], 2));
	EXPECT_EQ(3, heap_stat(self->heap[1]).waiters);
	EXPECT_EQ(0, heap_free(self->heap[1], self->block[1]));
	EXPECT_EQ(1, answer_of(&urgent));
	EXPECT_EQ(0, let_go(&urgent));
	EXPECT_EQ(0, waiter_answer(&old).ret);
	EXPECT_EQ(0, heap_free(self->heap[2], self->block[2]));
	EXPECT_EQ(2, answer_of(&young));
	EXPECT_EQ(0, waiter_end(&old));
	EXPECT_EQ(0, let_go(&young));
}

/* One block is all that is taken, and the next in the line gets what is left. */
TEST_F(multiwait, served_once)
{
	struct asker first = { 0 }, second = { 0 };

	ask(&first, self->multi, LARGE);
	EXPECT_WAITERS(1);
	ask(&second, self->multi, LARGE);
	EXPECT_WAITERS(2);
	EXPECT_EQ(0, heap_free(self->heap[0], self->block[0]));
	EXPECT_EQ(0, answer_of(&first));
	EXPECT_WAITERS(1);
	EXPECT_EQ(0, heap_free(self->heap[2], self->block[2]));
	EXPECT_EQ(2, answer_of(&second));
	EXPECT_EQ(0, let_go(&first));
	EXPECT_EQ(0, let_go(&second));
}

TEST_F(multiwait, members_that_are_waited_for_stay)
{
	struct asker asker = { 0 };

	ask(&asker, self->multi, LARGE);
	EXPECT_WAITERS(1);
	for (int i = 0; i < MEMBERS; i++)
		EXPECT_EQ(-EBUSY, multi_remove(self->multi, i));
	EXPECT_EQ(0, multi_remove(self->multi, MEMBERS));
	EXPECT_EQ(0, heap_free(self->heap[1], self->block[1]));
	EXPECT_EQ(1, answer_of(&asker));
	EXPECT_EQ(0, multi_remove(self->multi, 0));
	EXPECT_EQ(-EBUSY, multi_remove(self->multi, 1));
	EXPECT_EQ(0, let_go(&asker));
	EXPECT_EQ(0, multi_remove(self->multi, 1));
}

/* Two members that can never give it once they are empty; then there is no hope left. */
TEST_F(multiwait, hope_goes_member_by_member)
{
	int region[2], heap[2], multi = multi_new(self->session);
	struct asker asker = { .want = { .align = 4096 } };
	int64_t block[2];

	for (int i = 0; i < 2; i++) {
		region[i] =
			region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
		/* Two whole pages, and a bit before them. */
		heap[i] = heap_span(region[i], 8, 8192 + 4096 - 8);
		block[i] = heap_alloc(heap[i], 8, 0);
		ASSERT_EQ(i, multi_add(multi, heap[i], 0));
	}
	ask(&asker, multi, 8193);
	EXPECT_TRUE(waiters_are(heap[1], 1));
	EXPECT_EQ(1, heap_stat(heap[0]).waiters);
	EXPECT_EQ(0, heap_free(heap[0], block[0]));
	EXPECT_EQ(0, heap_stat(heap[0]).waiters);
	EXPECT_EQ(1, heap_stat(heap[1]).waiters);
	EXPECT_EQ(0, heap_free(heap[1], block[1]));
	EXPECT_EQ(-EINVAL, answer_of(&asker));
	EXPECT_EQ(0, let_go(&asker));
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(0, heap_stat(heap[i]).waiters);
		close(heap[i]);
		close(region[i]);
	}
	close(multi);
}

/* ---- many ---------------------------------------------------------------------------------- */

#define PROCESSES 6
#define ROUNDS	  200

static int take_turns(FIXTURE_DATA(multiwait) * self)
{
	int multi = multi_attach(self->multi);
	unsigned int seed = getpid();

	for (int i = 0; i < ROUNDS; i++) {
		struct memrig_multi_alloc arg = { .bytes = 1 + rand_r(&seed) % LARGE,
						  .align = rand_r(&seed) % 4 ? 0 : 256,
						  .flags = MEMRIG_ALLOC_WAIT,
						  .timeout_ns = MEMRIG_FOREVER };

		if (rand_r(&seed) % 3 == 0)
			arg.without = MEMRIG_ATTRS_CUSTOM(rand_r(&seed) % 2);
		CHECK(!multi_alloc_full(multi, &arg));
		if (i % 16 == 0)
			sched_yield();
		CHECK(!multi_free(multi, arg.member, arg.offset));
	}
	return 0;
}

/* With frees in all members at once some are served twice, and give one block back. */
TEST_F(multiwait, many_processes)
{
	pid_t pids[PROCESSES];

	for (int i = 0; i < MEMBERS; i++)
		EXPECT_EQ(0, heap_free(self->heap[i], self->block[i]));
	fflush(NULL);
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (!pids[i])
			_exit(take_turns(self));
	}
	for (int i = 0; i < PROCESSES; i++)
		EXPECT_EQ(0, child_wait(pids[i]));
	for (int i = 0; i < MEMBERS; i++)
		EXPECT_EQ(0, heap_stat(self->heap[i]).live_blocks);
	EXPECT_EQ(PROCESSES * ROUNDS, multi_stat(self->multi).allocs);
	EXPECT_EQ(PROCESSES * ROUNDS, multi_stat(self->multi).frees);
	EXPECT_EQ(0, multi_stat(self->multi).failures);
}

/* Waiters that come and go while blocks do: nothing is lost, nothing stays. */
static int come_and_go(FIXTURE_DATA(multiwait) * self)
{
	int multi = multi_attach(self->multi);
	unsigned int seed = getpid();

	for (int i = 0; i < ROUNDS; i++) {
		struct memrig_multi_alloc arg = { .bytes = LARGE,
						  .flags = MEMRIG_ALLOC_WAIT,
						  .timeout_ns = rand_r(&seed) % (MSEC / 2) };
		int ret = multi_alloc_full(multi, &arg);

		CHECK(!ret || ret == -ETIMEDOUT);
		if (!ret)
			CHECK(!multi_free(multi, arg.member, arg.offset));
	}
	return 0;
}

TEST_F(multiwait, short_waits)
{
	pid_t pids[PROCESSES];

	for (int i = 0; i < MEMBERS; i++)
		EXPECT_EQ(0, heap_free(self->heap[i], self->block[i]));
	fflush(NULL);
	for (int i = 0; i < PROCESSES; i++) {
		pids[i] = fork();
		if (!pids[i])
			_exit(come_and_go(self));
	}
	for (int i = 0; i < PROCESSES; i++)
		EXPECT_EQ(0, child_wait(pids[i]));
	EXPECT_WAITERS(0);
	for (int i = 0; i < MEMBERS; i++)
		EXPECT_EQ(0, heap_stat(self->heap[i]).live_blocks);
}

TEST_HARNESS_MAIN
