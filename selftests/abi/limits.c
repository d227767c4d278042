// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Who may pin how much: RLIMIT_MEMLOCK per user, its exemption, and how long a charge is held.
 */
#include <linux/capability.h>
#include <sys/resource.h>

#include "abi.h"
#include "harness.h"

#define LIMIT (64 * KIB)

static void set_memlock(uint64_t bytes)
{
	struct rlimit limit = { bytes, bytes };

	CHECK(!setrlimit(RLIMIT_MEMLOCK, &limit));
}

static int create(int session, uint64_t length, struct memrig_region_create *arg)
{
	*arg = ARG(memrig_region_create, .kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED,
		   .length = length, .node = MEMRIG_NODE_ANY);
	return call(session, MEMRIG_IOC_REGION_CREATE, arg);
}

static int memlock_bounds(void *arg)
{
	int session = *(int *)arg;
	struct memrig_region_create first, second;

	set_memlock(LIMIT);
	become(NOBODY_UID, NOBODY_GID);
	CHECK(create(session, LIMIT + 4096, &first) == -ENOMEM);
	CHECK(first.reason == MEMRIG_REASON_MEMLOCK && first.detail == LIMIT);
	CHECK(create(session, LIMIT - 4096, &first) == 0);
	CHECK(create(session, 8192, &second) == -ENOMEM);
	CHECK(second.reason == MEMRIG_REASON_MEMLOCK && second.detail == 4096);
	CHECK(create(session, 4096, &second) == 0);
	CHECK(create(session, 1, &second) == -ENOMEM);
	CHECK(second.reason == MEMRIG_REASON_MEMLOCK && second.detail == 0);
	/* The charge goes with the memory. */
	CHECK(!close(first.fd));
	CHECK(create(session, LIMIT - 4096, &first) == 0);
	return 0;
}

TEST(memlock_bounds_a_user)
{
	int session = session_open();

	ASSERT_GE(session, 0);
	EXPECT_EQ(0, in_child(memlock_bounds, &session));
	/* Again: the dead child has given everything back. */
	EXPECT_EQ(0, in_child(memlock_bounds, &session));
}

static int mapping_holds_charge(void *arg)
{
	int session = *(int *)arg;
	struct memrig_region_create one;
	char *map;

	set_memlock(LIMIT);
	become(NOBODY_UID, NOBODY_GID);
	CHECK(create(session, LIMIT, &one) == 0);
	map = mmap(NULL, LIMIT, PROT_READ | PROT_WRITE, MAP_SHARED, one.fd, 0);
	CHECK(map != MAP_FAILED);
	map[0] = 1;
	CHECK(!close(one.fd));
	CHECK(create(session, 4096, &one) == -ENOMEM);
	CHECK(one.reason == MEMRIG_REASON_MEMLOCK);
	CHECK(!munmap(map, LIMIT));
	CHECK(create(session, LIMIT, &one) == 0);
	return 0;
}

TEST(a_mapping_holds_the_charge)
{
	int session = session_open();

	EXPECT_EQ(0, in_child(mapping_holds_charge, &session));
}

static int heap_holds_charge(void *arg)
{
	int session = *(int *)arg;
	struct memrig_region_create one;
	int heap;

	set_memlock(LIMIT);
	become(NOBODY_UID, NOBODY_GID);
	CHECK(create(session, LIMIT, &one) == 0);
	heap = heap_new(one.fd, MEMRIG_PLACEMENT_OOB, 0);
	CHECK(heap >= 0);
	CHECK(!close(one.fd));
	CHECK(create(session, 4096, &one) == -ENOMEM);
	CHECK(!close(heap));
	CHECK(create(session, LIMIT, &one) == 0);
	return 0;
}

TEST(a_heap_holds_the_charge)
{
	int session = session_open();

	EXPECT_EQ(0, in_child(heap_holds_charge, &session));
}

static int root_with_zero_limit(void *arg)
{
	int session = *(int *)arg;
	struct memrig_region_create one;

	set_memlock(0);
	CHECK(create(session, LIMIT, &one) == 0);
	CHECK(!close(one.fd));
	/* The capability is what exempts, not the user. */
	drop_cap(CAP_IPC_LOCK);
	CHECK(create(session, LIMIT, &one) == -ENOMEM);
	CHECK(one.reason == MEMRIG_REASON_MEMLOCK && one.detail == 0);
	return 0;
}

TEST(ipc_lock_exempts)
{
	int session = session_open();

	EXPECT_EQ(0, in_child(root_with_zero_limit, &session));
}

/* Two users do not share one limit; the same user in two processes does. */
static int other_user(void *arg)
{
	struct memrig_region_create one;

	set_memlock(LIMIT);
	become(OTHER_UID, NOBODY_GID);
	CHECK(create(*(int *)arg, LIMIT, &one) == 0);
	return 0;
}

static int same_user(void *arg)
{
	struct memrig_region_create one;

	set_memlock(LIMIT);
	become(NOBODY_UID, NOBODY_GID);
	CHECK(create(*(int *)arg, 4096, &one) == -ENOMEM);
	return 0;
}

static int fill_limit(void *arg)
{
	int *fds = arg;
	struct memrig_region_create one;
	char byte = 0;

	set_memlock(LIMIT);
	become(NOBODY_UID, NOBODY_GID);
	CHECK(create(fds[0], LIMIT, &one) == 0);
	CHECK(write(fds[1], &byte, 1) == 1);
	CHECK(read(fds[2], &byte, 1) == 0);
	return 0;
}

TEST(limit_is_per_user)
{
	int session = session_open();
	int ready[2], stop[2];
	int fds[3];
	pid_t pid;
	char byte;

	ASSERT_EQ(0, pipe(ready));
	ASSERT_EQ(0, pipe(stop));
	fds[0] = session;
	fds[1] = ready[1];
	fds[2] = stop[0];
	pid = fork();
	if (!pid) {
		close(stop[1]);
		_exit(fill_limit(fds));
	}
	close(ready[1]);
	ASSERT_EQ(1, read(ready[0], &byte, 1));
	EXPECT_EQ(0, in_child(same_user, &session));
	EXPECT_EQ(0, in_child(other_user, &session));
	close(stop[1]);
	EXPECT_EQ(0, child_wait(pid));
	EXPECT_EQ(0, in_child(other_user, &session));
}

TEST_HARNESS_MAIN
