// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Windows: who may know of one, and what an observer is kept from.
 */
#include <sys/socket.h>

#include "harness.h"
#include "window_paging.h"

WINDOW_FIXTURE(who);

FIXTURE_SETUP(who)
{
	WINDOW_SETUP_WITH(self, paging_window(self->session));
}

FIXTURE_TEARDOWN(who)
{
	WINDOW_TEARDOWN(self);
}

static int64_t windows(int session, struct memrig_window_stat *out, uint32_t max, uint32_t part)
{
	struct memrig_window_list list = ARG(memrig_window_list, .entry_size = sizeof(*out));
	int64_t n = 0;

	for (;;) {
		list.entries = (uintptr_t)(out + n);
		list.count = max - n < part ? max - n : part;
		if (!list.count || call(session, MEMRIG_IOC_WINDOW_LIST, &list))
			return -1;
		if (!list.count)
			return n;
		n += list.count;
	}
}

TEST_F(who, listed)
{
	struct memrig_window_stat stats[8], own = window_stat(self->fd);
	int second = window_new(self->session, 4, 8, MEMRIG_STORE_RAM);

	ASSERT_GE(second, 0);
	EXPECT_EQ(getuid(), own.uid);
	EXPECT_EQ(getpid(), own.pid);
	for (uint32_t part = 1; part <= 3; part++) {
		ASSERT_EQ(2, windows(self->session, stats, 8, part));
		EXPECT_EQ(own.id, stats[0].id);
		EXPECT_EQ(PAGES, stats[0].pages);
		EXPECT_EQ(sizeof(stats[0]), stats[0].size);
		EXPECT_EQ(window_stat(second).id, stats[1].id);
	}
	close(second);
	EXPECT_EQ(1, windows(self->session, stats, 8, 8));
}

static int makes_one(void *arg)
{
	int *ends = arg, session = session_open(), fd;

	fd = window_new(session, 2, 4, MEMRIG_STORE_RAM);
	CHECK(fd >= 0);
	CHECK(window_stat(fd).pid == (uint32_t)getpid());
	CHECK(!fd_send(ends[1], fd));
	return 0;
}

/* A window outlives the process that made it, whose number may be another's some day. */
TEST_F(who, made_by_one_that_is_gone)
{
	int ends[2], fd;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
	ASSERT_EQ(0, in_child(makes_one, ends));
	fd = fd_receive(ends[0]);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(0, window_stat(fd).pid);
	EXPECT_EQ(getuid(), window_stat(fd).uid);
	close(fd);
	close(ends[0]);
	close(ends[1]);
}

TEST_F(who, bad_lists)
{
	struct memrig_window_stat stat;
	struct memrig_window_list good = ARG(memrig_window_list, .entries = (uintptr_t)&stat,
					     .count = 1, .entry_size = sizeof(stat));
	struct memrig_window_list list = good;

	list.count = 0;
	EXPECT_EQ(-EINVAL, call(self->session, MEMRIG_IOC_WINDOW_LIST, &list));
	list.count = MEMRIG_BATCH_MAX + 1;
	EXPECT_EQ(-EINVAL, call(self->session, MEMRIG_IOC_WINDOW_LIST, &list));
	list = good;
	list.entry_size = sizeof(stat) - 1;
	EXPECT_EQ(-EINVAL, call(self->session, MEMRIG_IOC_WINDOW_LIST, &list));
	list.entry_size = page_size() + 1;
	EXPECT_EQ(-EINVAL, call(self->session, MEMRIG_IOC_WINDOW_LIST, &list));
	list = good;
	list.flags = 1;
	EXPECT_EQ(-EOPNOTSUPP, call(self->session, MEMRIG_IOC_WINDOW_LIST, &list));
	list = good;
	list.entries = 0;
	EXPECT_EQ(-EFAULT, call(self->session, MEMRIG_IOC_WINDOW_LIST, &list));
	list = good;
	list.cursor = -1;
	EXPECT_EQ(0, call(self->session, MEMRIG_IOC_WINDOW_LIST, &list));
	EXPECT_EQ(0, list.count);
}

static int window_open(int session, uint64_t id)
{
	struct memrig_window_open arg = ARG(memrig_window_open, .id = id);
	int ret = call(session, MEMRIG_IOC_WINDOW_OPEN, &arg);

	return ret ? ret : arg.fd;
}

struct nobody {
	int session;
	uint64_t id;
};

static int as_nobody(void *arg)
{
	struct nobody *n = arg;
	struct memrig_window_stat stats[8];
	int window, seen;

	become(NOBODY_UID, NOBODY_GID);
	CHECK(!windows(n->session, stats, 8, 8));
	CHECK(window_open(n->session, n->id) == -EPERM);
	CHECK(window_open(n->session, 0) == -ENOENT);
	window = window_new(n->session, 2, 4, MEMRIG_STORE_RAM);
	CHECK(window >= 0);
	CHECK(windows(n->session, stats, 8, 8) == 1);
	CHECK(stats[0].uid == NOBODY_UID);
	CHECK(stats[0].pid == (uint32_t)getpid());
	seen = window_open(n->session, stats[0].id);
	CHECK(seen >= 0);
	CHECK(window_stat(seen).id == stats[0].id);
	return 0;
}

TEST_F(who, others_do_not_know)
{
	struct nobody n = { self->session, window_stat(self->fd).id };
	struct memrig_window_stat stats[8];

	EXPECT_EQ(0, in_child(as_nobody, &n));
	EXPECT_EQ(1, windows(self->session, stats, 8, 8));
}

TEST_F(who, observers)
{
	static const unsigned long ranges[] = { MEMRIG_IOC_PAGE_IN, MEMRIG_IOC_PAGE_OUT,
						MEMRIG_IOC_PAGE_PIN, MEMRIG_IOC_PAGE_UNPIN,
						MEMRIG_IOC_PAGE_FLUSH };
	struct memrig_window_hist hist = ARG(memrig_window_hist);
	uint64_t id = window_stat(self->fd).id;
	int seen = window_open(self->session, id);

	ASSERT_GE(seen, 0);
	EXPECT_EQ(2, window_stat(self->fd).clients);
	EXPECT_EQ(O_RDONLY, fcntl(seen, F_GETFL) & O_ACCMODE);
	EXPECT_TRUE(fcntl(seen, F_GETFD) & FD_CLOEXEC);
	touch_read(self->map);
	EXPECT_EQ(id, window_stat(seen).id);
	EXPECT_EQ(1, paging(seen, MEMRIG_SCOPE_WINDOW, 0).faults);
	EXPECT_EQ(0, paging(seen, MEMRIG_SCOPE_CLIENT, 0).faults);
	EXPECT_EQ(1, paging(seen, MEMRIG_SCOPE_THREAD, 0).faults);
	EXPECT_EQ(0, call(seen, MEMRIG_IOC_WINDOW_HIST, &hist));
	EXPECT_TRUE(page_state(seen, 0) & MEMRIG_PAGE_RESIDENT);
	EXPECT_EQ(0, window_policy(seen, MEMRIG_POLICY_LRU));
	EXPECT_EQ(MEMRIG_POLICY_LRU, window_stat(self->fd).policy);

	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++)
		EXPECT_EQ(-EACCES, page_call(seen, ranges[i], 0, 1, NULL));
	EXPECT_EQ(-EACCES, window_attach(seen));
	EXPECT_EQ(-EACCES, call(seen, MEMRIG_IOC_PAGE_ADDR, &ARG(memrig_page_addr)));
	EXPECT_EQ(-EACCES, window_inject(seen, (struct memrig_window_inject){ 0 }));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, self->page, PROT_READ, MAP_SHARED, seen, 0));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(MAP_FAILED, window_map(seen, PAGES));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(-ENOTTY, call(seen, MEMRIG_IOC_CAPS, &hist));

	/* It keeps nothing: see window_end.c. */
	munmap(self->map, PAGES * self->page);
	close(self->fd);
	EXPECT_EQ(0, used_bytes(self->session));
	close(seen);
	EXPECT_EQ(-ENOENT, window_open(self->session, id));
}

TEST_HARNESS_MAIN
