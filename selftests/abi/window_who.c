// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Windows: for whom pages were brought in, who may know of a window, and what an observer is kept
 * from.
 */
#include <pthread.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "harness.h"
#include "touch.h"
#include "window.h"

#define FRAMES 8
#define PAGES  32

FIXTURE(who)
{
	int session;
	int fd;
	size_t page;
	char *map;
};

FIXTURE_SETUP(who)
{
	struct memrig_window_create arg;

	self->page = page_size();
	self->session = session_open();
	ASSERT_GE(self->session, 0);
	arg = window_arg(self->session, FRAMES, PAGES);
	arg.flags = MEMRIG_WINDOW_THREAD_STATS | MEMRIG_WINDOW_INJECT;
	arg.policy = MEMRIG_POLICY_FIFO;
	self->fd = window_create(self->session, &arg);
	close(arg.region_fd);
	ASSERT_GE(self->fd, 0);
	self->map = window_map(self->fd, PAGES);
	ASSERT_TRUE(self->map != MAP_FAILED);
}

FIXTURE_TEARDOWN(who)
{
	munmap(self->map, PAGES * self->page);
	close(self->fd);
	EXPECT_EQ(0, used_bytes(self->session));
	close(self->session);
}

static int paging_call(int fd, struct memrig_paging_stat *stat)
{
	return call(fd, MEMRIG_IOC_WINDOW_PAGING_STAT, stat);
}

static struct memrig_paging_stat paging(int fd, uint32_t scope, uint32_t flags)
{
	struct memrig_paging_stat stat = ARG(memrig_paging_stat, .scope = scope, .flags = flags);
	int ret = paging_call(fd, &stat);

	if (ret) {
		stat.faults = ret;
		stat.evict_clean = ret;
		stat.evict_dirty = ret;
	}
	return stat;
}

static struct memrig_paging_stat paging_all(int session)
{
	struct memrig_paging_stat stat = ARG(memrig_paging_stat);

	if (call(session, MEMRIG_IOC_PAGING_STAT, &stat))
		stat.faults = -1;
	return stat;
}

/* ---- figures ------------------------------------------------------------------------- */

/* A thread that touches @count pages from @from on, and what it then finds its figures to be. */
struct toucher {
	int fd;
	char *from;
	uint64_t count;
	uint32_t tid;
	int error;
	struct memrig_paging_stat stat;
};

static void *touch_all(void *arg)
{
	struct toucher *t = arg;

	for (uint64_t i = 0; i < t->count; i++)
		t->from[i * page_size()]++;
	t->tid = syscall(SYS_gettid);
	t->stat = ARG(memrig_paging_stat, .scope = MEMRIG_SCOPE_THREAD);
	t->error = paging_call(t->fd, &t->stat);
	return NULL;
}

static void threads_count(struct __test_metadata *_metadata, FIXTURE_DATA(who) * self)
{
	struct toucher a = { self->fd, self->map, 5 };
	struct toucher b = { self->fd, self->map + 5 * self->page, PAGES - 5 };
	pthread_t thread;

	/* One after the other, so that it is known what leaves for whom. */
	ASSERT_EQ(0, pthread_create(&thread, NULL, touch_all, &a));
	pthread_join(thread, NULL);
	ASSERT_EQ(0, pthread_create(&thread, NULL, touch_all, &b));
	pthread_join(thread, NULL);
	EXPECT_EQ(0, a.error);
	EXPECT_EQ(5, a.stat.faults);
	EXPECT_EQ(5, a.stat.faults_user);
	EXPECT_EQ(0, a.stat.faults_kernel);
	EXPECT_EQ(0, a.stat.faults_isr);
	EXPECT_EQ(0, a.stat.evict_clean + a.stat.evict_dirty);
	EXPECT_EQ(0, b.error);
	EXPECT_EQ(PAGES - 5, b.stat.faults);
	EXPECT_EQ(PAGES - FRAMES, b.stat.evict_dirty);
	EXPECT_EQ(0, b.stat.evict_clean);
}

TEST_F(who, by_thread)
{
	threads_count(_metadata, self);
	/* This one has not asked for anything. */
	EXPECT_EQ(-ENOENT, (int)paging(self->fd, MEMRIG_SCOPE_THREAD, 0).faults);
	touch_read(self->map);
	EXPECT_EQ(1, paging(self->fd, MEMRIG_SCOPE_THREAD, 0).faults);
}

/* A worker brings the page in, and it counts for who touched it all the same. */
TEST_F(who, by_thread_when_a_worker_does_it)
{
	struct memrig_window_inject plan = { .delay_ns = 2 * MSEC };

	ASSERT_EQ(0, window_inject(self->fd, plan));
	threads_count(_metadata, self);
	EXPECT_LT(0, window_stat(self->fd).waits);
}

TEST_F(who, a_thread_by_its_number)
{
	struct toucher t = { self->fd, self->map, 3 };
	struct memrig_paging_stat stat = ARG(memrig_paging_stat, .scope = MEMRIG_SCOPE_THREAD);

	touch_all(&t);
	stat.tid = t.tid;
	ASSERT_EQ(0, paging_call(self->fd, &stat));
	EXPECT_EQ(3, stat.faults);
	EXPECT_EQ(t.tid, stat.tid);
	/* init lives, and has not asked for anything; the other one cannot live. */
	stat.tid = 1;
	EXPECT_EQ(getpid() == 1 ? 0 : -ENOENT, paging_call(self->fd, &stat));
	stat.tid = 0x7fffffff;
	EXPECT_EQ(-ENOENT, paging_call(self->fd, &stat));
	stat.tid = 0xffffffff;
	EXPECT_EQ(-ENOENT, paging_call(self->fd, &stat));
	/* Its own figures start again, and no others. */
	stat.tid = 0;
	stat.flags = MEMRIG_WINDOW_STAT_RESET;
	ASSERT_EQ(0, paging_call(self->fd, &stat));
	EXPECT_EQ(3, stat.faults);
	EXPECT_EQ(0, paging(self->fd, MEMRIG_SCOPE_THREAD, 0).faults);
	EXPECT_EQ(3, paging(self->fd, MEMRIG_SCOPE_CLIENT, 0).faults);
	EXPECT_EQ(3, window_stat(self->fd).faults);
}

/* More threads than there is room for: those that are gone make way for those that come. */
TEST_F(who, many_threads)
{
	for (int i = 0; i < 1200; i++) {
		struct toucher t = { self->fd, self->map + (i % PAGES) * self->page, 1 };
		pthread_t thread;

		ASSERT_EQ(0, pthread_create(&thread, NULL, touch_all, &t));
		pthread_join(thread, NULL);
		ASSERT_EQ(0, t.error);
		ASSERT_EQ(1, t.stat.faults);
	}
}

TEST_F(who, by_client)
{
	int other = window_attach(self->fd);
	char *map = window_map(other, PAGES);
	struct memrig_paging_stat stat;

	ASSERT_TRUE(map != MAP_FAILED);
	for (int i = 0; i < FRAMES; i++)
		self->map[i * self->page] = 1;
	/* What has a frame is nobody's fault any more. */
	for (int i = 0; i < FRAMES + 2; i++)
		touch_read(map + i * self->page);
	ASSERT_EQ(0, page_in(other, FRAMES + 2, 1));
	ASSERT_EQ(0, page_pin(other, FRAMES + 2, 2));
	ASSERT_EQ(0, page_pin(other, FRAMES + 2, 2));
	stat = paging(self->fd, MEMRIG_SCOPE_CLIENT, 0);
	EXPECT_EQ(FRAMES, stat.faults);
	EXPECT_EQ(0, stat.evict_clean + stat.evict_dirty);
	stat = paging(other, MEMRIG_SCOPE_CLIENT, MEMRIG_WINDOW_STAT_RESET);
	EXPECT_EQ(4, stat.faults);
	EXPECT_EQ(2, stat.faults_user);
	EXPECT_EQ(2, stat.faults_kernel);
	EXPECT_EQ(4, stat.evict_dirty);
	EXPECT_EQ(0, paging(other, MEMRIG_SCOPE_CLIENT, 0).faults);
	EXPECT_EQ(FRAMES, paging(self->fd, MEMRIG_SCOPE_CLIENT, 0).faults);
	stat = paging(other, MEMRIG_SCOPE_WINDOW, 0);
	EXPECT_EQ(FRAMES + 4, stat.faults);
	EXPECT_EQ(4, stat.evict_dirty);
	/* Zephyr counts what leaves for a fault, not what is told to. */
	ASSERT_EQ(0, page_unpin(other, FRAMES + 2, 2));
	ASSERT_EQ(0, page_unpin(other, FRAMES + 2, 2));
	ASSERT_EQ(0, page_out(other, 0, PAGES));
	EXPECT_EQ(4, paging(other, MEMRIG_SCOPE_WINDOW, 0).evict_dirty);
	/* Figures of a mapping stay while it is there, though its file is closed. */
	close(other);
	touch_read(map);
	munmap(map, PAGES * self->page);
	EXPECT_EQ(FRAMES + 5, paging(self->fd, MEMRIG_SCOPE_WINDOW, 0).faults);
}

TEST_F(who, by_window_and_by_all)
{
	struct memrig_paging_stat before = paging_all(self->session), after, stat;
	struct memrig_window_stat other;
	int window;

	pattern_fill(self->map, PAGES, 1);
	stat = paging(self->fd, MEMRIG_SCOPE_WINDOW, MEMRIG_WINDOW_STAT_RESET);
	EXPECT_EQ(PAGES, stat.faults);
	EXPECT_EQ(PAGES - FRAMES, stat.evict_dirty);
	other = window_stat(self->fd);
	EXPECT_EQ(0, other.faults + other.faults_user + other.evict_dirty);
	/* The others were not asked for. */
	EXPECT_EQ(PAGES, other.zeroed);
	EXPECT_EQ(PAGES - FRAMES, other.page_outs);
	touch_read(self->map);
	after = paging_all(self->session);
	EXPECT_EQ(PAGES + 1, after.faults - before.faults);
	EXPECT_EQ(PAGES + 1, after.faults_user - before.faults_user);
	EXPECT_EQ(PAGES + 1 - FRAMES, after.evict_dirty - before.evict_dirty);
	EXPECT_EQ(0, after.faults_isr);

	/* Those of a window that is gone count as well. */
	window = window_new(self->session, 4, 8, MEMRIG_STORE_NULL);
	ASSERT_EQ(0, page_in(window, 0, 4));
	close(window);
	stat = paging_all(self->session);
	EXPECT_EQ(4, stat.faults - after.faults);
	EXPECT_EQ(4, stat.faults_kernel - after.faults_kernel);
}

TEST_F(who, bad_questions)
{
	struct memrig_paging_stat stat = ARG(memrig_paging_stat, .flags = 2);
	int plain = window_new(self->session, 4, 8, MEMRIG_STORE_RAM);

	EXPECT_EQ(-EOPNOTSUPP, paging_call(self->fd, &stat));
	EXPECT_EQ(-EOPNOTSUPP, call(self->session, MEMRIG_IOC_PAGING_STAT, &stat));
	stat = ARG(memrig_paging_stat, .flags = MEMRIG_WINDOW_STAT_RESET);
	EXPECT_EQ(-EOPNOTSUPP, call(self->session, MEMRIG_IOC_PAGING_STAT, &stat));
	stat = ARG(memrig_paging_stat, .scope = MEMRIG_SCOPE_THREAD + 1);
	EXPECT_EQ(-EINVAL, paging_call(self->fd, &stat));
	stat = ARG(memrig_paging_stat, .scope = MEMRIG_SCOPE_CLIENT);
	EXPECT_EQ(-EINVAL, call(self->session, MEMRIG_IOC_PAGING_STAT, &stat));
	stat.tid = getpid();
	EXPECT_EQ(-EINVAL, paging_call(self->fd, &stat));
	stat.scope = MEMRIG_SCOPE_WINDOW;
	EXPECT_EQ(-EINVAL, paging_call(self->fd, &stat));
	EXPECT_EQ(-EINVAL, call(self->session, MEMRIG_IOC_PAGING_STAT, &stat));
	stat.scope = MEMRIG_SCOPE_THREAD;
	EXPECT_EQ(-EOPNOTSUPP, paging_call(plain, &stat));
	close(plain);
}

/* ---- who knows ----------------------------------------------------------------------- */

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
