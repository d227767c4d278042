// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Windows: for whom pages were brought in.
 */
#include <pthread.h>
#include <sys/syscall.h>

#include "harness.h"
#include "window_paging.h"

WINDOW_FIXTURE(count);

FIXTURE_SETUP(count)
{
	WINDOW_SETUP_WITH(self, paging_window(self->session));
}

FIXTURE_TEARDOWN(count)
{
	WINDOW_TEARDOWN(self);
}

static struct memrig_paging_stat paging_all(int session)
{
	struct memrig_paging_stat stat = ARG(memrig_paging_stat);

	if (call(session, MEMRIG_IOC_PAGING_STAT, &stat))
		stat.faults = -1;
	return stat;
}

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

static void threads_count(struct __test_metadata *_metadata, FIXTURE_DATA(count) * self)
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

TEST_F(count, by_thread)
{
	threads_count(_metadata, self);
	/* This one has not asked for anything. */
	EXPECT_EQ(-ENOENT, (int)paging(self->fd, MEMRIG_SCOPE_THREAD, 0).faults);
	touch_read(self->map);
	EXPECT_EQ(1, paging(self->fd, MEMRIG_SCOPE_THREAD, 0).faults);
}

/* A worker brings the page in, and it counts for who touched it all the same. */
TEST_F(count, by_thread_when_a_worker_does_it)
{
	struct memrig_window_inject plan = { .delay_ns = 2 * MSEC };

	ASSERT_EQ(0, window_inject(self->fd, plan));
	threads_count(_metadata, self);
	EXPECT_LT(0, window_stat(self->fd).waits);
}

TEST_F(count, a_thread_by_its_number)
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
TEST_F(count, many_threads)
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

TEST_F(count, by_client)
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

TEST_F(count, by_window_and_by_all)
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

TEST_F(count, bad_questions)
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

TEST_HARNESS_MAIN
