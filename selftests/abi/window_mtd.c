// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Windows over raw flash, simulated: mtdram erases and writes as NOR flash does, nandsim has bad
 * blocks, blocks that fail when they are erased, pages that fail when they are written, and bits
 * that flip.
 */
#include <pthread.h>

#include "kmod.h"
#include "window_fixture.h"

#define FRAMES 16
#define STORE  "memrig_mtd"

/* Number of the device with this name, or -1. */
static int mtd_find(const char *name)
{
	char text[2048], *line;
	int n = -1;

	if (file_read("/proc/mtd", text, sizeof(text)) <= 0)
		return -1;
	line = strstr(text, name);
	while (line && line > text && line[-1] != '\n')
		line--;
	if (line)
		sscanf(line, "mtd%d:", &n);
	return n;
}

static int mtd_open(int number, int mode)
{
	char path[32];

	snprintf(path, sizeof(path), "/dev/mtd%d", number);
	return open(path, mode | O_CLOEXEC);
}

FIXTURE(mtd)
{
	int session;
	int number;
	struct memrig_window_create arg;
};

FIXTURE_VARIANT(mtd)
{
	const char *spare;
	const char *params;
	const char *device;
	unsigned int blocks; /* good ones */
	unsigned int slots;  /* pages in each */
	unsigned int fail;   /* blocks that fail */
	unsigned int turns;  /* how often the device is written to see how it wears */
};

/* 32 erase blocks of 32 KiB. */
FIXTURE_VARIANT_ADD(mtd, nor){
	.spare = "mtdram",
	.params = "total_size=1024 erase_size=32",
	.device = "mtdram test device",
	.blocks = 32,
	.slots = 8,
	.turns = 12,
};

/* 16 erase blocks of 128 KiB with pages of 2 KiB; two are bad from the start. */
FIXTURE_VARIANT_ADD(mtd, nand){
	.spare = "nandsim",
	.params = "first_id_byte=0xec second_id_byte=0xf1 third_id_byte=0x00 fourth_id_byte=0x15 "
		  "parts=16 badblocks=3,11",
	.device = "NAND simulator partition 0",
	.blocks = 14,
	.slots = 32,
	.turns = 4,
};

/*
 * The same with two blocks that cannot be erased a second and a third time, pages in two others
 * that cannot be written a second time, and a bit that is wrong now and then.
 */
FIXTURE_VARIANT_ADD(mtd, nand_worn){
	.spare = "nandsim",
	.params = "first_id_byte=0xec second_id_byte=0xf1 third_id_byte=0x00 fourth_id_byte=0x15 "
		  "parts=16 badblocks=3,11 weakblocks=5:1,8:2 weakpages=400:1,700:1 bitflips=1",
	.device = "NAND simulator partition 0",
	.blocks = 14,
	.slots = 32,
	.fail = 4,
	.turns = 5,
};

/* Pages that there is room for at first. */
static unsigned int room(const FIXTURE_VARIANT(mtd) * variant)
{
	return (variant->blocks - 5) * variant->slots;
}

FIXTURE_SETUP(mtd)
{
	char device[32];
	int ret;

	self->session = session_open();
	ASSERT_GE(self->session, 0);
	ret = spare_load(variant->spare, variant->params);
	if (ret == -ENOENT)
		SKIP(return, "this kernel has no %s", variant->spare);
	ASSERT_EQ(0, ret);
	snprintf(device, sizeof(device), "%s", variant->device);
	self->number = mtd_find(device);
	ASSERT_GE(self->number, 0);
	ASSERT_EQ(0, kmod_load("/lib/" STORE ".ko", ""));
	self->arg = window_arg(self->session, FRAMES,
			       (room(variant) - variant->fail * variant->slots) * 7 / 8);
	ASSERT_GE(self->arg.region_fd, 0);
	self->arg.store = kind_find(self->session, MEMRIG_KIND_OF_STORE, "mtd");
	self->arg.policy = MEMRIG_POLICY_CLOCK;
	self->arg.store_fd = mtd_open(self->number, O_RDWR);
	ASSERT_GE(self->arg.store_fd, 0);
}

FIXTURE_TEARDOWN(mtd)
{
	close(self->arg.store_fd);
	close(self->arg.region_fd);
	close(self->session);
	EXPECT_EQ(0, kmod_unload(STORE));
	EXPECT_EQ(0, spare_unload(variant->spare));
}

#define DROP(self, window, map)                              \
	do {                                                 \
		munmap(map, (self)->arg.pages *page_size()); \
		EXPECT_EQ(0, close(window));                 \
	} while (0)

TEST_F(mtd, content_and_wear)
{
	struct memrig_window_stat stat;
	int window;
	char *map;

	WINDOW_MAKE(self, window, map);
	for (uint64_t version = 1; version < 3; version++) {
		pattern_fill(map, self->arg.pages, version);
		EXPECT_EQ(0, pattern_wrong(map, self->arg.pages, version));
	}
	EXPECT_EQ(0, page_out(window, 0, self->arg.pages));
	EXPECT_EQ(0, pattern_wrong(map, self->arg.pages, 2));
	EXPECT_EQ(0, page_flush(window, 0, self->arg.pages));
	stat = window_stat(window);
	EXPECT_EQ(self->arg.store, stat.store);
	EXPECT_EQ(0, stat.in_errors);
	EXPECT_EQ(0, stat.out_errors);
	EXPECT_EQ(0, stat.sigbus);
	/* Each erase block that is written has been erased, and no more of them than that takes. */
	EXPECT_LE((stat.page_outs + stat.store_moves) / variant->slots, stat.erases);
	EXPECT_GE((stat.page_outs + stat.store_moves) / variant->slots + variant->blocks,
		  stat.erases);
	EXPECT_LE(stat.erases / variant->blocks, stat.wear_most);
	TH_LOG("%llu written, %llu moved, %llu erases, at most %llu of one",
	       (unsigned long long)stat.page_outs, (unsigned long long)stat.store_moves,
	       (unsigned long long)stat.erases, (unsigned long long)stat.wear_most);
	DROP(self, window, map);
}

/* A few pages change all the time and the others never: all blocks wear alike nevertheless. */
TEST_F(mtd, wear_is_spread)
{
	const uint64_t hot = FRAMES + 4;
	struct memrig_window_stat stat;
	int window;
	char *map;

	WINDOW_MAKE(self, window, map);
	pattern_fill(map, self->arg.pages, 1);
	for (uint64_t version = 2;
	     version < 2 + variant->turns * variant->blocks * variant->slots / hot; version++)
		pattern_fill(map, hot, version);
	stat = window_stat(window);
	TH_LOG("%llu written, %llu moved, %llu erases, at most %llu of one",
	       (unsigned long long)stat.page_outs, (unsigned long long)stat.store_moves,
	       (unsigned long long)stat.erases, (unsigned long long)stat.wear_most);
	EXPECT_LT(0, stat.store_moves);
	EXPECT_LE((variant->turns - 1) * variant->blocks, stat.erases);
	EXPECT_EQ(0, stat.out_errors);
	EXPECT_EQ(0, stat.sigbus);
	EXPECT_GE(stat.erases / variant->blocks + 10, stat.wear_most);
	for (uint64_t i = hot; i < self->arg.pages; i++)
		EXPECT_TRUE(pattern_is(map + i * page_size(), i, 1));
	DROP(self, window, map);
}

#define THREADS 4

struct part {
	char *map;
	uint64_t first, pages;
	unsigned int rounds, wrong;
};

static void *versions(void *arg)
{
	struct part *p = arg;

	for (uint64_t version = 1; version <= p->rounds; version++) {
		for (uint64_t i = p->first; i < p->first + p->pages; i++) {
			char *page = p->map + i * page_size();

			if (version > 1)
				p->wrong += !pattern_is(page, i, version - 1);
			pattern_write(page, i, version);
		}
	}
	return NULL;
}

/* Pages are read while others are written and room is made for them. */
TEST_F(mtd, many_threads)
{
	const uint64_t each = self->arg.pages / THREADS;
	/* In each of its rounds a thread writes all but as many pages as there are frames. */
	const unsigned int rounds =
		variant->blocks * variant->slots / (THREADS * (each - FRAMES)) + 2;
	struct part parts[THREADS];
	pthread_t threads[THREADS];
	int window;
	char *map;

	WINDOW_MAKE(self, window, map);
	for (int t = 0; t < THREADS; t++) {
		parts[t] = (struct part){ map, t * each, each, rounds, 0 };
		ASSERT_EQ(0, pthread_create(&threads[t], NULL, versions, &parts[t]));
	}
	for (int t = 0; t < THREADS; t++) {
		pthread_join(threads[t], NULL);
		EXPECT_EQ(0, parts[t].wrong);
	}
	EXPECT_EQ(0, pattern_wrong(map, each * THREADS, rounds));
	/* What is moved depends on who comes when; that a block was used again does not. */
	EXPECT_LT(variant->blocks, window_stat(window).erases);
	EXPECT_EQ(0, window_stat(window).sigbus);
	DROP(self, window, map);
}

/* The device does not know what is where: a new window has nothing. */
TEST_F(mtd, nothing_is_kept)
{
	int window;
	char *map;

	WINDOW_MAKE(self, window, map);
	pattern_fill(map, self->arg.pages, 1);
	DROP(self, window, map);
	WINDOW_MAKE(self, window, map);
	for (uint64_t i = 0; i < self->arg.pages; i++)
		EXPECT_TRUE(page_is_zero(map + i * page_size()));
	DROP(self, window, map);
}

TEST_F(mtd, as_large_as_can_be)
{
	int window;
	char *map;

	self->arg.pages = room(variant) + 1;
	EXPECT_EQ(-ENOSPC, window_create(self->session, &self->arg));
	self->arg.pages = 1 << 24;
	EXPECT_EQ(-ENOSPC, window_create(self->session, &self->arg));
	self->arg.pages = room(variant) - variant->fail * variant->slots;
	WINDOW_MAKE(self, window, map);
	for (uint64_t version = 1; version < 3; version++) {
		pattern_fill(map, self->arg.pages, version);
		EXPECT_EQ(0, pattern_wrong(map, self->arg.pages, version));
	}
	EXPECT_EQ(0, window_stat(window).out_errors);
	DROP(self, window, map);
}

TEST_F(mtd, files_that_will_not_do)
{
	struct memrig_window_create good = self->arg, arg;
	struct memrig_window_kind kind;
	char path[32];
	int p[2];

	EXPECT_EQ(good.store, kind_next(self->session, MEMRIG_KIND_OF_STORE, good.store, &kind));
	EXPECT_EQ(1, kind.wants_file);
	ASSERT_EQ(0, pipe(p));
#define REFUSED(error, ...)                                              \
	do {                                                             \
		arg = good;                                              \
		__VA_ARGS__;                                             \
		EXPECT_EQ(-(error), window_create(self->session, &arg)); \
	} while (0)
	REFUSED(EBADF, arg.store_fd = -1);
	REFUSED(EINVAL, arg.store_fd = p[1]);
	REFUSED(EINVAL, arg.store_fd = self->session);
	REFUSED(EINVAL, arg.store_offset = page_size());
	REFUSED(EINVAL, arg.store_pages = arg.pages);
	REFUSED(EINVAL, arg.compressor = MEMRIG_COMPRESSOR_LZO);
	REFUSED(EINVAL, arg.store_fd = open("/dev/null", O_RDWR));
	close(arg.store_fd);
	REFUSED(EINVAL, arg.store_fd = open("/tmp/window-mtd", O_RDWR | O_CREAT, 0600));
	close(arg.store_fd);
	unlink("/tmp/window-mtd");
	REFUSED(EACCES, arg.store_fd = mtd_open(self->number, O_RDONLY));
	close(arg.store_fd);
	REFUSED(EACCES, arg.store_fd = mtd_open(self->number, O_WRONLY));
	close(arg.store_fd);
	snprintf(path, sizeof(path), "/dev/mtd%dro", self->number);
	REFUSED(EACCES, arg.store_fd = open(path, O_RDONLY));
	close(arg.store_fd);
	close(p[0]);
	close(p[1]);
}

TEST_F(mtd, one_window_and_nothing_goes)
{
	struct memrig_window_create other = window_arg(self->session, FRAMES, self->arg.pages);
	int window;
	char *map;

	WINDOW_MAKE(self, window, map);
	other.store = self->arg.store;
	other.store_fd = self->arg.store_fd;
	EXPECT_EQ(-EBUSY, window_create(self->session, &other));
	close(self->arg.store_fd);
	self->arg.store_fd = -1;
	EXPECT_EQ(-EWOULDBLOCK, kmod_unload(STORE));
	EXPECT_EQ(-EWOULDBLOCK, kmod_unload(variant->spare));
	pattern_fill(map, self->arg.pages, 1);
	EXPECT_EQ(0, pattern_wrong(map, self->arg.pages, 1));
	DROP(self, window, map);
	other.store_fd = mtd_open(self->number, O_RDWR);
	window = window_create(self->session, &other);
	EXPECT_GE(window, 0);
	close(window);
	close(other.store_fd);
	close(other.region_fd);
}

TEST_HARNESS_MAIN
