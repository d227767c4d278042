// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * POWERED regions: what heaps over a suspended one still do, who may suspend, and in which order.
 */
#include "offers.h"
#include "touch.h"

#define LENGTH (64 * KIB)
#define RW     (PROT_READ | PROT_WRITE)

FIXTURE(powerheap)
{
	int session;
	int fd;
	char *map;
};

FIXTURE_OFFERS_OF(powerheap, MEMRIG_KIND_PAGES);

FIXTURE_SETUP(powerheap)
{
	self->session = session_open();
	self->fd = region_with(self->session, variant->of.kind, variant->of.attr, LENGTH,
			       MEMRIG_ATTRS_POWERED);
	ASSERT_GE(self->fd, 0);
	self->map = mmap(NULL, LENGTH, RW, MAP_SHARED, self->fd, 0);
	ASSERT_TRUE(self->map != MAP_FAILED);
	self->map[LENGTH - 1] = 0x55;
}

FIXTURE_TEARDOWN(powerheap)
{
	close(self->fd);
	close(self->session);
}

/* ---- heaps --------------------------------------------------------------------------- */

TEST_F(powerheap, bookkeeping_goes_on)
{
	int heap = heap_new(self->fd, MEMRIG_PLACEMENT_OOB, MEMRIG_HEAP_STATS), client;
	struct memrig_block blocks[16];
	int64_t first, second, third;
	uint32_t number;

	ASSERT_GE(heap, 0);
	first = heap_alloc(heap, 1000, 64);
	ASSERT_GE(first, 0);
	memset(self->map + first, 0x3c, 1000);
	ASSERT_EQ(0, region_suspend(self->fd, 0));
	second = heap_alloc(heap, 5000, 0);
	EXPECT_GE(second, 0);
	client = heap_attach(heap, &number);
	ASSERT_GE(client, 0);
	third = heap_alloc(client, 300, 0);
	EXPECT_GE(third, 0);
	EXPECT_EQ(0, heap_give(heap, second, number));
	EXPECT_EQ(5000, heap_realloc(client, second, 5000, 0, 0) == second ? 5000 : 0);
	EXPECT_EQ(second, heap_realloc(client, second, 4000, 0, MEMRIG_REALLOC_IN_PLACE));
	EXPECT_GE(heap_usable(client, second), 4000);
	EXPECT_EQ(0, heap_validate(heap));
	EXPECT_GE(heap_walk(heap, blocks, 16, 4), 3);
	EXPECT_EQ(3, heap_stat(heap).live_blocks);
	close(client); /* its two blocks are taken back */
	EXPECT_EQ(1, heap_stat(heap).live_blocks);
	EXPECT_EQ(-ENOENT, heap_free(heap, second));
	second = heap_alloc(heap, 100, 0);
	EXPECT_EQ(0, heap_free(heap, second));
	EXPECT_FALSE(touch_read(self->map + first));
	ASSERT_EQ(0, region_resume(self->fd));
	for (int i = 0; i < 1000; i++)
		ASSERT_EQ(0x3c, self->map[first + i]);
	EXPECT_EQ(0, heap_free(heap, first));
	EXPECT_EQ(0, heap_stat(heap).live_blocks);
	close(heap);
}

static uint64_t block_size(uint32_t engine)
{
	return engine == MEMRIG_ENGINE_SLAB || engine == MEMRIG_ENGINE_BLOCKS ? 256 : 0;
}

/* No engine needs the bytes, whatever it does: made while it is off, used, and taken down. */
TEST_F(powerheap, every_engine)
{
	uint32_t engines = caps_get(self->session).engines, seen = 0;

	ASSERT_EQ(0, region_suspend(self->fd, 0));
	for (uint32_t engine = 1; engine < 32; engine++) {
		int64_t offset[40];
		int heap, n;

		if (!(engines & (1u << engine)))
			continue;
		heap = heap_engine(self->fd, engine, block_size(engine));
		ASSERT_GE(heap, 0)
		{
			TH_LOG("engine %u", engine);
		}
		for (n = 0; n < 40; n++)
			offset[n] = heap_alloc(heap, 1 + n * 6, 0);
		for (n = 0; n < 40; n++)
			ASSERT_GE(offset[n], 0);
		EXPECT_EQ(40, heap_stat(heap).live_blocks);
		EXPECT_EQ(0, heap_validate(heap));
		for (n = 0; n < 40; n += 2)
			EXPECT_EQ(0, heap_free(heap, offset[n]));
		EXPECT_EQ(-ENOENT, heap_free(heap, offset[0]));
		EXPECT_EQ(20, heap_stat(heap).live_blocks);
		EXPECT_EQ(0, heap_validate(heap));
		close(heap);
		EXPECT_FALSE(touch_read(self->map));
		seen++;
	}
	EXPECT_GE(seen, 3);
	ASSERT_EQ(0, region_resume(self->fd));
	EXPECT_EQ(0x55, self->map[LENGTH - 1]);
}

/* Moving a block needs its bytes: refused, and the block is where and as it was. */
TEST_F(powerheap, moves_are_refused)
{
	int heap = heap_new(self->fd, MEMRIG_PLACEMENT_OOB, 0);
	int64_t block, wall;

	ASSERT_GE(heap, 0);
	block = heap_alloc(heap, 1000, 0);
	wall = heap_alloc(heap, 1000, 0);
	memset(self->map + block, 0x11, 1000);
	ASSERT_EQ(0, region_suspend(self->fd, 0));
	EXPECT_EQ(-EHOSTDOWN, heap_realloc(heap, block, 9000, 0, 0));
	EXPECT_EQ(-ENOMEM, heap_realloc(heap, block, 9000, 0, MEMRIG_REALLOC_IN_PLACE));
	EXPECT_EQ(2, heap_stat(heap).live_blocks);
	EXPECT_EQ(0, heap_validate(heap));
	EXPECT_EQ(0, heap_free(heap, wall));
	EXPECT_EQ(block, heap_realloc(heap, block, 1800, 0, 0));
	wall = heap_alloc(heap, 1000, 0);
	ASSERT_EQ(0, region_resume(self->fd));
	block = heap_realloc(heap, block, 9000, 0, 0);
	ASSERT_GE(block, 0);
	for (int i = 0; i < 1000; i++)
		ASSERT_EQ(0x11, self->map[block + i]);
	EXPECT_EQ(0, heap_free(heap, block));
	EXPECT_EQ(0, heap_free(heap, wall));
	close(heap);
}

/* What needs the bytes at any time cannot be had over memory that is there at times. */
TEST_F(powerheap, scrubbing_and_inband_refused)
{
	struct memrig_region_create arg =
		ARG(memrig_region_create, .flags = MEMRIG_REGION_KERNEL_ONLY,
		    .kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED, .length = 8192,
		    .node = MEMRIG_NODE_ANY, .attrs = MEMRIG_ATTRS_POWERED);

	EXPECT_EQ(-EOPNOTSUPP, heap_new(self->fd, MEMRIG_PLACEMENT_OOB, MEMRIG_HEAP_SCRUB));
	EXPECT_EQ(-EOPNOTSUPP, heap_new(self->fd, MEMRIG_PLACEMENT_INBAND, 0));
	EXPECT_EQ(0, region_info(self->fd).heaps);
	ASSERT_EQ(0, call(self->session, MEMRIG_IOC_REGION_CREATE, &arg));
	EXPECT_EQ(-EOPNOTSUPP, heap_new(arg.fd, MEMRIG_PLACEMENT_INBAND, 0));
	EXPECT_EQ(0, region_suspend(arg.fd, 0));
	EXPECT_EQ(0, region_resume(arg.fd));
	close(arg.fd);
}

/* ---- who may, and when --------------------------------------------------------------- */

TEST_F(powerheap, once_is_enough)
{
	EXPECT_EQ(-EALREADY, region_resume(self->fd));
	EXPECT_EQ(0, region_suspend(self->fd, 0));
	EXPECT_EQ(-EALREADY, region_suspend(self->fd, 0));
	EXPECT_EQ(-EALREADY, region_suspend(self->fd, MEMRIG_SUSPEND_LOSE));
	EXPECT_EQ(0, region_resume(self->fd));
	EXPECT_EQ(-EALREADY, region_resume(self->fd));
	EXPECT_EQ(0x55, self->map[LENGTH - 1]);
	EXPECT_EQ(-EOPNOTSUPP, region_suspend(self->fd, 2));
}

TEST_F(powerheap, powered_ones_alone)
{
	int fd = region_new(self->session, variant->of.kind, variant->of.attr, 4096);

	ASSERT_GE(fd, 0);
	EXPECT_EQ(-EOPNOTSUPP, region_suspend(fd, 0));
	EXPECT_EQ(-EOPNOTSUPP, region_resume(fd));
	close(fd);
}

static int not_its_owner(void *arg)
{
	int fd = *(int *)arg;

	become(NOBODY_UID, NOBODY_GID);
	CHECK(region_suspend(fd, 0) == -EPERM);
	CHECK(region_resume(fd) == -EPERM);
	return 0;
}

static int own_region(void *arg)
{
	int session = *(int *)arg, fd;

	become(OTHER_UID, NOBODY_GID);
	fd = region_with(session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, 4096,
			 MEMRIG_ATTRS_POWERED);
	CHECK(fd >= 0);
	CHECK(region_suspend(fd, 0) == 0);
	CHECK(region_resume(fd) == 0);
	return 0;
}

TEST_F(powerheap, its_owner_and_root)
{
	struct memrig_region_create arg =
		ARG(memrig_region_create, .kind = variant->of.kind, .attr = variant->of.attr,
		    .length = 4096, .node = MEMRIG_NODE_ANY, .uid = OTHER_UID,
		    .gid = MEMRIG_ID_SELF, .mode = 0666, .attrs = MEMRIG_ATTRS_POWERED);
	int fd;

	EXPECT_EQ(0, in_child(not_its_owner, &self->fd));
	EXPECT_EQ(0, in_child(own_region, &self->session));
	name_set(arg.name, "power-owner");
	ASSERT_EQ(0, call(self->session, MEMRIG_IOC_REGION_CREATE, &arg));
	/* The mode lets anybody write, which is not the same. */
	EXPECT_EQ(0, in_child(not_its_owner, &arg.fd));
	EXPECT_EQ(0, region_suspend(arg.fd, 0));
	fd = region_open(self->session, "power-owner", MEMRIG_OPEN_READ_ONLY);
	ASSERT_GE(fd, 0);
	EXPECT_TRUE(region_info(fd).flags & MEMRIG_REGION_STATE_SUSPENDED);
	EXPECT_EQ(-EACCES, region_resume(fd));
	EXPECT_EQ(0, region_resume(arg.fd));
	EXPECT_EQ(-EACCES, region_suspend(fd, 0));
	EXPECT_EQ(0, region_remove(self->session, "power-owner"));
	close(fd);
	close(arg.fd);
}

/* A name keeps a region off, with nobody there. */
TEST_F(powerheap, stays_off_by_name)
{
	struct memrig_region_create arg =
		ARG(memrig_region_create, .kind = variant->of.kind, .attr = variant->of.attr,
		    .length = 4096, .node = MEMRIG_NODE_ANY, .uid = MEMRIG_ID_SELF,
		    .gid = MEMRIG_ID_SELF, .mode = 0600, .attrs = MEMRIG_ATTRS_POWERED);
	char text[64], *map;
	int fd;

	name_set(arg.name, "power-name");
	ASSERT_EQ(0, call(self->session, MEMRIG_IOC_REGION_CREATE, &arg));
	ASSERT_EQ(0, region_suspend(arg.fd, 0));
	close(arg.fd);
	ASSERT_GT(file_read("/sys/class/memrig/power-name/suspended", text, sizeof(text)), 0);
	EXPECT_STREQ("1\n", text);
	fd = region_open(self->session, "power-name", 0);
	ASSERT_GE(fd, 0);
	map = mmap(NULL, 4096, RW, MAP_SHARED, fd, 0);
	EXPECT_FALSE(touch_read(map));
	EXPECT_EQ(0, region_resume(fd));
	EXPECT_TRUE(touch_read(map));
	EXPECT_EQ(0, region_remove(self->session, "power-name"));
	close(fd);
}

TEST_HARNESS_MAIN
