// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What a window takes of the kernel's memory besides frames and content: for pages that were
 * touched, and nothing for those that were not, however many there are.
 */
#include "harness.h"
#include "touch.h"
#include "window_fixture.h"

#define FRAMES 16
#define PAGES  MEMRIG_WINDOW_PAGES_MAX

/* A window; and the crypto layer's buffers for each processor, as long as somebody compresses. */
#define WINDOW_MOST (512 * KIB + 256 * KIB * sysconf(_SC_NPROCESSORS_CONF))
/* What the rest of the system does meanwhile, and what allocators keep ready. */
#define NOISE (512 * KIB)
/* Two trees of nodes of 576 bytes for 64 entries each, every level of both for this page alone. */
#define LONE_MOST (2 * 5 * 600ULL)
/* The same for pages side by side: two entries each. A record each would be five times as much. */
#define DENSE_MOST 32ULL

FIXTURE(memory)
{
	int session;
	size_t page;
	struct memrig_window_create arg;
};

static int64_t meminfo(const char *text, const char *key)
{
	const char *line = strstr(text, key);

	return line ? (int64_t)(strtoull(line + strlen(key), NULL, 10) * KIB) : -1;
}

/* Bytes of objects and mapped areas of the kernel's; -1: it does not say. */
static int64_t kernel_bytes(void)
{
	char text[4096];
	int64_t slab, area;

	/* Figures that processors still have by themselves; objects that they have freed. */
	file_write("/proc/sys/vm/stat_refresh", "1");
	if (file_read("/proc/meminfo", text, sizeof(text)) < 0)
		return -1;
	slab = meminfo(text, "\nSlab:");
	area = meminfo(text, "\nVmallocUsed:");
	return slab < 0 || area < 0 ? -1 : slab + area;
}

/* The least of some: nodes of trees are freed when nobody can look at them any more. */
static int64_t kernel_bytes_settled(void)
{
	int64_t least = kernel_bytes();

	for (int i = 0; i < 10; i++) {
		int64_t now;

		sleep_ms(50);
		now = kernel_bytes();
		least = now < least ? now : least;
	}
	return least;
}

FIXTURE_SETUP(memory)
{
	self->page = page_size();
	WINDOW_ASK_SETUP(self);
	self->arg.policy = MEMRIG_POLICY_FIFO;
	/* Of a page of zeros it keeps that there is one, and no byte. */
	self->arg.store = MEMRIG_STORE_COMPRESSED;
	if (!access("/sys/kernel/debug/kmemleak", F_OK))
		SKIP(return, "checkers of this kernel keep what was freed (kmemleak, KASAN)");
	if (kernel_bytes() < 0)
		SKIP(return, "no Slab and VmallocUsed in /proc/meminfo");
}

FIXTURE_TEARDOWN(memory)
{
	close(self->arg.region_fd);
	close(self->session);
}

static char *map_all(int window)
{
	return mmap(NULL, PAGES * page_size(), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE,
		    window, 0);
}

/* Writes zeros into pages, @step apart, and sends the last of them to the store. */
static bool touch_pages(int window, char *map, uint64_t first, uint64_t count, uint64_t step)
{
	bool ok = true;

	for (uint64_t i = 0; i < count; i++)
		ok &= touch_store(map + (first + i * step) * page_size(), 0);
	for (uint64_t i = count - FRAMES; i < count; i++)
		ok &= !page_out(window, first + i * step, 1);
	return ok;
}

/* A window from its beginning to its end; all is given back but for what the kernel keeps ready. */
static bool come_and_go(int session, struct memrig_window_create *arg, uint64_t lone)
{
	int window = window_create(session, arg);
	char *map = window < 0 ? MAP_FAILED : map_all(window);
	bool ok = map != MAP_FAILED && touch_pages(window, map, 0, lone, PAGES / lone);

	munmap(map, PAGES * page_size());
	close(window);
	return ok;
}

TEST_F(memory, is_for_pages_that_were_touched)
{
	static const uint64_t lone = 256, dense = 32768;
	int64_t before, empty, with_lone, with_dense, after, again;
	struct memrig_window_stat stat;
	int window;
	char *map;

	/* What the first one makes for all that follow. */
	ASSERT_TRUE(come_and_go(self->session, &self->arg, lone));
	before = kernel_bytes_settled();
	window = window_create(self->session, &self->arg);
	ASSERT_GE(window, 0);
	map = map_all(window);
	ASSERT_TRUE(map != MAP_FAILED);
	empty = kernel_bytes_settled() - before;
	ASSERT_TRUE(touch_pages(window, map, 0, lone, PAGES / lone));
	with_lone = kernel_bytes_settled() - before;
	ASSERT_TRUE(touch_pages(window, map, 1, dense, 1));
	with_dense = kernel_bytes_settled() - before;
	stat = window_stat(window);
	EXPECT_EQ(0, stat.resident);
	EXPECT_EQ(lone + dense, stat.stored);
	EXPECT_EQ(0, stat.stored_bytes);
	munmap(map, PAGES * self->page);
	close(window);
	after = kernel_bytes_settled() - before;
	for (int i = 0; i < 4; i++)
		EXPECT_TRUE(come_and_go(self->session, &self->arg, lone));
	again = kernel_bytes_settled() - before;

	TH_LOG("%lld bytes empty, %lld with %llu pages, %lld with %llu more, %lld and %lld after",
	       (long long)empty, (long long)with_lone, (unsigned long long)lone,
	       (long long)with_dense, (unsigned long long)dense, (long long)after,
	       (long long)again);
	EXPECT_GE(WINDOW_MOST, empty);
	EXPECT_GE((int64_t)(lone * LONE_MOST + NOISE), with_lone - empty);
	EXPECT_GE((int64_t)(dense * DENSE_MOST + NOISE), with_dense - with_lone);
	/* It was measured at all: an entry is not nothing. */
	EXPECT_LE((int64_t)(dense * 8), with_dense - with_lone);
	/* What four windows of lone pages would leave is four times as much. */
	EXPECT_GE((int64_t)NOISE, again - after);
}

/* Pages that were read and never written are forgotten when they leave. */
TEST_F(memory, none_for_pages_that_were_read)
{
	const uint64_t count = 2048, step = PAGES / count;
	int64_t empty, with;
	int window;
	char *map;

	window = window_create(self->session, &self->arg);
	ASSERT_GE(window, 0);
	map = map_all(window);
	ASSERT_TRUE(map != MAP_FAILED);
	ASSERT_TRUE(touch_read(map));
	empty = kernel_bytes_settled();
	for (uint64_t i = 0; i < count; i++)
		ASSERT_TRUE(touch_read(map + i * step * self->page));
	with = kernel_bytes_settled();
	TH_LOG("%lld bytes for %llu pages", (long long)(with - empty), (unsigned long long)count);
	EXPECT_EQ(count, window_stat(window).faults);
	EXPECT_EQ(0, window_stat(window).stored);
	/* Kept, they would take eight times as much. */
	EXPECT_GE((int64_t)NOISE, with - empty);
	munmap(map, PAGES * self->page);
	close(window);
}

TEST_HARNESS_MAIN
