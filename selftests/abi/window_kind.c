// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Stores and policies by number and name, and those that other modules bring: the samples.
 */
#include <pthread.h>

#include "harness.h"
#include "kmod.h"
#include "window_fixture.h"

#define FRAMES 16
#define PAGES  (8 * FRAMES)
#define STORE  "memrig_sample_store"
#define POLICY "memrig_sample_policy"

FIXTURE(kind)
{
	int session;
	struct memrig_window_create arg;
};

FIXTURE_SETUP(kind)
{
	WINDOW_ASK_SETUP(self);
}

FIXTURE_TEARDOWN(kind)
{
	close(self->arg.region_fd);
	close(self->session);
	kmod_unload(STORE);
	kmod_unload(POLICY);
}

TEST_F(kind, built_in)
{
	static const char *const policies[] = { "nru",	 "lru",	  "fifo",   "random",
						"clock", "sieve", "s3fifo", "adaptive" };
	static const char *const stores[] = { "ram", "compressed", "file", "null", "image" };
	struct memrig_window_kind kind;

	for (int i = 0; i < (int)ARRAY_SIZE(policies); i++) {
		EXPECT_EQ(i + 1, kind_next(self->session, MEMRIG_KIND_OF_POLICY, i + 1, &kind));
		EXPECT_STREQ(policies[i], (char *)kind.name);
		EXPECT_EQ(0, kind.wants_file);
	}
	for (int i = 0; i < (int)ARRAY_SIZE(stores); i++) {
		EXPECT_EQ(i + 1, kind_next(self->session, MEMRIG_KIND_OF_STORE, i + 1, &kind));
		EXPECT_STREQ(stores[i], (char *)kind.name);
		EXPECT_EQ(i + 1 == MEMRIG_STORE_FILE || i + 1 == MEMRIG_STORE_IMAGE,
			  kind.wants_file);
	}
	EXPECT_EQ(1, kind_next(self->session, MEMRIG_KIND_OF_POLICY, 0, &kind));
	EXPECT_EQ(1, kind_next(self->session, MEMRIG_KIND_OF_STORE, 0, &kind));
	EXPECT_EQ(-ENOENT, kind_next(self->session, MEMRIG_KIND_OF_STORE, -1, &kind));
	EXPECT_EQ(-ENOENT, kind_next(self->session, MEMRIG_KIND_OF_POLICY, 1u << 31, &kind));
	EXPECT_EQ(-EINVAL, kind_next(self->session, 2, 0, &kind));
	EXPECT_EQ(-EINVAL, kind_next(self->session, -1, 0, &kind));
}

static bool fdinfo_has(int fd, const char *line)
{
	char path[64], text[2048];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	return file_read(path, text, sizeof(text)) > 0 && strstr(text, line);
}

TEST_F(kind, a_store_of_another_module)
{
	int number, window, again;
	char *map;

	ASSERT_EQ(0, kmod_load("/lib/" STORE ".ko", ""));
	number = kind_find(self->session, MEMRIG_KIND_OF_STORE, "arena");
	ASSERT_GE(number, MEMRIG_KIND_FIRST);
	self->arg.store = number;
	self->arg.policy = MEMRIG_POLICY_CLOCK;
	window = window_create(self->session, &self->arg);
	ASSERT_GE(window, 0);
	map = window_map(window, PAGES);
	ASSERT_TRUE(map != MAP_FAILED);
	for (uint64_t version = 1; version < 4; version++) {
		pattern_fill(map, PAGES, version);
		EXPECT_EQ(-EWOULDBLOCK, kmod_unload(STORE));
		EXPECT_EQ(0, pattern_wrong(map, PAGES, version));
	}
	EXPECT_EQ(number, window_stat(window).store);
	EXPECT_EQ(PAGES * page_size(), window_stat(window).stored_bytes);
	EXPECT_LE(PAGES - FRAMES, window_stat(window).stored);
	EXPECT_EQ(0, window_stat(window).erases);
	EXPECT_TRUE(fdinfo_has(window, "memrig-store:\tarena\n"));
	/* A mapping is a use of it, too. */
	close(window);
	EXPECT_EQ(-EWOULDBLOCK, kmod_unload(STORE));
	EXPECT_EQ(0, pattern_wrong(map, PAGES, 3));
	munmap(map, PAGES * page_size());
	ASSERT_EQ(0, kmod_unload(STORE));

	EXPECT_EQ(-ENOENT, kind_find(self->session, MEMRIG_KIND_OF_STORE, "arena"));
	EXPECT_EQ(-EOPNOTSUPP, window_create(self->session, &self->arg));
	ASSERT_EQ(0, kmod_load("/lib/" STORE ".ko", ""));
	again = kind_find(self->session, MEMRIG_KIND_OF_STORE, "arena");
	EXPECT_GT(again, number);
	EXPECT_EQ(-EOPNOTSUPP, window_create(self->session, &self->arg));
	EXPECT_EQ(0, kmod_unload(STORE));
}

TEST_F(kind, what_such_a_store_is_given)
{
	struct memrig_window_create good, arg;
	int window;
	char *map;

	ASSERT_EQ(0, kmod_load("/lib/" STORE ".ko", ""));
	self->arg.store = kind_find(self->session, MEMRIG_KIND_OF_STORE, "arena");
	good = self->arg;
	arg = good;
	arg.store_fd = 0;
	EXPECT_EQ(-EINVAL, window_create(self->session, &arg));
	arg = good;
	arg.store_offset = page_size();
	EXPECT_EQ(-EINVAL, window_create(self->session, &arg));
	arg = good;
	arg.compressor = MEMRIG_COMPRESSOR_LZO;
	EXPECT_EQ(-EINVAL, window_create(self->session, &arg));
	arg = good;
	arg.store_pages = PAGES - FRAMES;
	EXPECT_EQ(-ENOSPC, window_create(self->session, &arg));
	/* What the store itself refuses. */
	arg = good;
	arg.pages = 1 << 20;
	EXPECT_EQ(-ENOSPC, window_create(self->session, &arg));

	/* Its limit and its errors are kept as those of any other. */
	arg = good;
	arg.store_pages = PAGES - FRAMES + 1;
	arg.flags = MEMRIG_WINDOW_INJECT;
	window = window_create(self->session, &arg);
	ASSERT_GE(window, 0);
	map = window_map(window, PAGES);
	ASSERT_TRUE(map != MAP_FAILED);
	pattern_fill(map, PAGES, 1);
	window_inject(window, (struct memrig_window_inject){ .out_errors = 3 });
	pattern_fill(map, PAGES, 2);
	EXPECT_EQ(0, pattern_wrong(map, PAGES, 2));
	EXPECT_EQ(3, window_stat(window).out_errors);
	EXPECT_EQ(0, window_stat(window).sigbus);
	munmap(map, PAGES * page_size());
	close(window);
	EXPECT_EQ(0, kmod_unload(STORE));
}

/* Faults of some rounds through a loop a little larger than the frames. */
static uint64_t loop_faults(int window, char *map)
{
	const uint64_t loop = FRAMES + FRAMES / 2;

	for (int round = 0; round < 8; round++) {
		if (round == 2)
			window_reset(window);
		for (uint64_t i = 0; i < loop; i++)
			*(volatile char *)(map + i * page_size());
	}
	return window_stat(window).faults;
}

TEST_F(kind, a_policy_of_another_module)
{
	uint64_t fifo, mru;
	int number, window;
	char *map;

	self->arg.policy = MEMRIG_POLICY_FIFO;
	window = window_create(self->session, &self->arg);
	ASSERT_GE(window, 0);
	map = window_map(window, PAGES);
	ASSERT_TRUE(map != MAP_FAILED);
	pattern_fill(map, PAGES, 1);
	fifo = loop_faults(window, map);

	ASSERT_EQ(0, kmod_load("/lib/" POLICY ".ko", ""));
	number = kind_find(self->session, MEMRIG_KIND_OF_POLICY, "mru");
	ASSERT_GE(number, MEMRIG_KIND_FIRST);
	ASSERT_EQ(0, window_policy(window, number));
	EXPECT_EQ(number, window_stat(window).policy);
	EXPECT_EQ(-EWOULDBLOCK, kmod_unload(POLICY));
	mru = loop_faults(window, map);
	TH_LOG("faults of a loop: fifo %llu, mru %llu", (unsigned long long)fifo,
	       (unsigned long long)mru);
	EXPECT_LE(6 * (FRAMES + FRAMES / 2), fifo);
	EXPECT_GT(fifo * 3 / 4, mru);
	pattern_fill(map, PAGES, 2);
	EXPECT_EQ(0, pattern_wrong(map, PAGES, 2));

	/* It goes when no window has it, whatever the window goes on with. */
	ASSERT_EQ(0, window_policy(window, MEMRIG_POLICY_LRU));
	EXPECT_EQ(0, kmod_unload(POLICY));
	EXPECT_EQ(-EOPNOTSUPP, window_policy(window, number));
	EXPECT_EQ(0, pattern_wrong(map, PAGES, 2));
	munmap(map, PAGES * page_size());
	close(window);
}

TEST_F(kind, a_policy_from_the_start)
{
	int number, window, pinned;
	char *map;

	ASSERT_EQ(0, kmod_load("/lib/" POLICY ".ko", ""));
	number = kind_find(self->session, MEMRIG_KIND_OF_POLICY, "mru");
	self->arg.policy = number;
	window = window_create(self->session, &self->arg);
	ASSERT_GE(window, 0);
	map = window_map(window, PAGES);
	ASSERT_TRUE(map != MAP_FAILED);
	pinned = window_attach(window);
	ASSERT_EQ(0, page_pin(pinned, 3, 5));
	pattern_fill(map, PAGES, 1);
	EXPECT_EQ(0, pattern_wrong(map, PAGES, 1));
	close(pinned);
	EXPECT_EQ(0, page_out(window, 0, PAGES));
	EXPECT_EQ(0, pattern_wrong(map, PAGES, 1));
	munmap(map, PAGES * page_size());
	EXPECT_EQ(-EWOULDBLOCK, kmod_unload(POLICY));
	close(window);
	EXPECT_EQ(0, kmod_unload(POLICY));
	EXPECT_EQ(-EOPNOTSUPP, window_create(self->session, &self->arg));
}

static void *touch_page(void *at)
{
	return (void *)(uintptr_t)pattern_is(at, 1, 1);
}

/* Neither waits for what the other does. */
TEST_F(kind, a_switch_while_the_store_is_busy)
{
	int number, window;
	pthread_t thread;
	uint64_t start;
	void *right;
	char *map;

	ASSERT_EQ(0, kmod_load("/lib/" POLICY ".ko", ""));
	number = kind_find(self->session, MEMRIG_KIND_OF_POLICY, "mru");
	self->arg.flags = MEMRIG_WINDOW_INJECT;
	self->arg.policy = number;
	window = window_create(self->session, &self->arg);
	ASSERT_GE(window, 0);
	map = window_map(window, PAGES);
	ASSERT_TRUE(map != MAP_FAILED);
	pattern_fill(map, PAGES, 1);
	ASSERT_EQ(0, page_out(window, 0, PAGES));
	window_inject(window, (struct memrig_window_inject){ .delay_ns = 2000 * MSEC });
	start = now_ns();
	ASSERT_EQ(0, pthread_create(&thread, NULL, touch_page, map + page_size()));
	while (!window_stat(window).moving && now_ns() - start < 1500 * MSEC)
		sleep_ms(1);
	EXPECT_EQ(1, window_stat(window).moving);
	EXPECT_EQ(0, window_policy(window, MEMRIG_POLICY_LRU));
	EXPECT_EQ(0, kmod_unload(POLICY));
	EXPECT_EQ(1, window_stat(window).moving);
	pthread_join(thread, &right);
	EXPECT_TRUE(!!right);
	EXPECT_LE(2000 * MSEC, now_ns() - start);
	window_inject(window, (struct memrig_window_inject){ 0 });
	EXPECT_EQ(0, pattern_wrong(map, PAGES, 1));
	munmap(map, PAGES * page_size());
	close(window);
}

struct maker {
	int session;
	struct memrig_window_create arg;
	volatile bool stop;
	unsigned int made, refused, wrong;
};

static void *make_windows(void *arg)
{
	struct maker *m = arg;
	struct memrig_window_create create;
	int number, window;

	while (!m->stop) {
		create = m->arg;
		number = kind_find(m->session, MEMRIG_KIND_OF_STORE, "arena");
		if (number < 0)
			continue;
		create.store = number;
		window = window_create(m->session, &create);
		if (window >= 0)
			close(window);
		m->made += window >= 0;
		m->refused += window == -EOPNOTSUPP;
		m->wrong += window < 0 && window != -EOPNOTSUPP;
	}
	return NULL;
}

/* The module comes and goes, or stays because it is in use, and nobody gets anything but that. */
TEST_F(kind, a_module_goes_while_windows_are_made)
{
	struct maker m = { .session = self->session, .arg = self->arg };
	unsigned int gone = 0;
	pthread_t thread;
	int ret;

	ASSERT_EQ(0, pthread_create(&thread, NULL, make_windows, &m));
	for (int i = 0; i < 40; i++) {
		ret = kmod_load("/lib/" STORE ".ko", "");
		EXPECT_TRUE(!ret || ret == -EEXIST);
		sleep_ms(5);
		ret = kmod_unload(STORE);
		EXPECT_TRUE(!ret || ret == -EWOULDBLOCK);
		gone += !ret;
	}
	m.stop = true;
	pthread_join(thread, NULL);
	EXPECT_EQ(0, m.wrong);
	EXPECT_LT(0, m.made);
	EXPECT_LT(0, gone);
	TH_LOG("made %u, refused %u, gone %u times", m.made, m.refused, gone);
}

TEST_HARNESS_MAIN
