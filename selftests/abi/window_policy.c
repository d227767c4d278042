// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Policies of windows, told apart by what they keep: six ways to use pages, on each of which some
 * do well and others do not. No two policies do well on the same ones.
 *
 * The bounds lie between what "memrig evict-sim" makes of the same uses for those who do well and
 * for the others. It knows every use; a window knows what the hardware noted.
 */
#include "harness.h"
#include "window_fixture.h"

#define FRAMES 16
#define PAGES  128

/* Nobody notices the first tick of nru. */
#define TICK_MS (3600 * 1000)

struct user {
	int window;
	char *map;
	size_t page;
};

static void use(const struct user *u, uint64_t first, uint64_t count)
{
	for (uint64_t i = first; i < first + count; i++)
		*(volatile char *)(u->map + i * u->page);
}

static uint64_t faults(const struct user *u)
{
	return window_stat(u->window).faults;
}

/* Four pages between any two of a scan; how many of their uses fault. */
static uint64_t hot_and_scan(const struct user *u)
{
	for (uint64_t i = 4; i < PAGES; i++) {
		use(u, 0, 4);
		use(u, i, 1);
	}
	return faults(u) - PAGES;
}

/* A loop larger than the window. */
static uint64_t loop(const struct user *u)
{
	for (int round = 0; round < 16; round++)
		use(u, 0, FRAMES + 4);
	return faults(u);
}

/* Four pages that were written, and many that are read: how many of the four have left. */
static uint64_t written_once(const struct user *u)
{
	uint64_t before;

	for (uint64_t i = 0; i < 4; i++)
		u->map[i * u->page] = 1;
	use(u, 4, 60);
	before = faults(u);
	use(u, 0, 4);
	return faults(u) - before;
}

/* Four pages that come back soon after they left: how many of them a scan takes away again. */
static uint64_t back_soon(const struct user *u)
{
	uint64_t before;

	use(u, 0, 4);
	use(u, 20, 18);
	use(u, 0, 4);
	use(u, 60, 24);
	before = faults(u);
	use(u, 0, 4);
	return faults(u) - before;
}

/* Some pages in turn with as many that are new, or with more. */
static uint64_t turns(const struct user *u, uint64_t hot)
{
	for (uint64_t k = 0; k < 12; k++) {
		use(u, 0, hot);
		use(u, 16 + k * 8 % 96, 8);
	}
	return faults(u);
}

static uint64_t turns_of_eight(const struct user *u)
{
	return turns(u, 8);
}

static uint64_t turns_of_four(const struct user *u)
{
	return turns(u, 4);
}

enum { HOT = 1, LOOP = 2, WRITTEN = 4, BACK = 8, EIGHT = 16, FOUR = 32 };

static const struct way {
	const char *name;
	int bit;
	uint64_t (*run)(const struct user *u);
	uint64_t well, badly; /* at most and at least, faults */
} ways[] = {
	/* 0 to 4; random 19 to 46, others 36 */
	{ "hot_and_scan", HOT, hot_and_scan, 8, 12 },
	/* 128 to 140; 320 */
	{ "loop", LOOP, loop, 200, 300 },
	/* 0; 3 and 4 */
	{ "written_once", WRITTEN, written_once, 0, 1 },
	/* 0; random 3 and 4, others 4 */
	{ "back_soon", BACK, back_soon, 0, 1 },
	/* 104 to 112; random 136 to 154, others 144 */
	{ "turns_of_eight", EIGHT, turns_of_eight, 120, 125 },
	/* 100; random 111 to 123, clock 116, others 120 */
	{ "turns_of_four", FOUR, turns_of_four, 104, 106 },
};

FIXTURE(policy)
{
	int session;
	struct memrig_window_create arg;
};

FIXTURE_VARIANT(policy)
{
	uint32_t policy;
	int well; /* on which ways */
};

#define POLICY(name, number, ways)                             \
	FIXTURE_VARIANT_ADD(policy, name)                      \
	{                                                      \
		.policy = MEMRIG_POLICY_##number, .well = ways \
	}
POLICY(nru, NRU, WRITTEN);
POLICY(lru, LRU, HOT | EIGHT);
POLICY(fifo, FIFO, 0);
POLICY(random, RANDOM, LOOP);
POLICY(clock, CLOCK, HOT);
POLICY(sieve, SIEVE, HOT | EIGHT | FOUR);
POLICY(s3fifo, S3FIFO, HOT | BACK | EIGHT | FOUR);
POLICY(adaptive, ADAPTIVE, HOT | LOOP | BACK | EIGHT | FOUR);

FIXTURE_SETUP(policy)
{
	WINDOW_ASK_SETUP(self);
	self->arg.policy = variant->policy;
	self->arg.tick_ms = TICK_MS;
}

FIXTURE_TEARDOWN(policy)
{
	close(self->arg.region_fd);
	close(self->session);
}

TEST_F(policy, is_what_it_does_well)
{
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		struct user u = { .page = page_size() };
		uint64_t n;

		u.window = window_create(self->session, &self->arg);
		ASSERT_GE(u.window, 0);
		u.map = window_map(u.window, PAGES);
		ASSERT_TRUE(u.map != MAP_FAILED);
		n = ways[i].run(&u);
		EXPECT_TRUE(variant->well & ways[i].bit ? n <= ways[i].well : n >= ways[i].badly)
		{
			TH_LOG("%s: %llu faults", ways[i].name, (unsigned long long)n);
		}
		munmap(u.map, PAGES * u.page);
		close(u.window);
	}
}

TEST_HARNESS_MAIN
