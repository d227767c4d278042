// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Attribute truth: what the page tables of kernel and user say about regions of each attribute, and
 * that the answer is about this mapping and nothing else.
 */
#include "offers.h"

#define LENGTH (256 * KIB)

/* What the page tables must show. Linear: the kernel's own map of all memory. */
struct truth {
	uint32_t user;
	uint32_t linear;
	uint32_t raw;
};

static struct truth truth_of(uint32_t kind, uint32_t attr)
{
#if defined(__aarch64__)
	/* A cacheable linear alias stays; uncached is Normal-NC, as Device memory breaks memset. */
	bool wb = kind == MEMRIG_KIND_PAGES && attr == MEMRIG_ATTR_CACHED;

	if (wb)
		return (struct truth){ MEMRIG_MEMTYPE_WB, MEMRIG_MEMTYPE_WB, 0xff };
	return (struct truth){ MEMRIG_MEMTYPE_NORMAL_NC, MEMRIG_MEMTYPE_WB, 0x44 };
#else
	/* No page has two types; DMA is coherent, so COHERENT memory is plain write-back. */
	if (kind == MEMRIG_KIND_PAGES && attr == MEMRIG_ATTR_WRITE_COMBINE)
		return (struct truth){ MEMRIG_MEMTYPE_WC, MEMRIG_MEMTYPE_WC, 0x08 };
	if (kind == MEMRIG_KIND_PAGES && attr == MEMRIG_ATTR_UNCACHED)
		return (struct truth){ MEMRIG_MEMTYPE_UC_MINUS, MEMRIG_MEMTYPE_UC_MINUS, 0x10 };
	return (struct truth){ MEMRIG_MEMTYPE_WB, MEMRIG_MEMTYPE_WB, 0 };
#endif
}

static int query(int region, uint64_t offset, const volatile void *user,
		 struct memrig_attr_query *out)
{
	*out = ARG(memrig_attr_query, .offset = offset, .user_addr = (uintptr_t)user);
	return call(region, MEMRIG_IOC_ATTR_QUERY, out);
}

FIXTURE(attr)
{
	int session;
	int fd;
	struct truth truth;
};

FIXTURE_OFFERS(attr);

FIXTURE_SETUP(attr)
{
	self->session = session_open();
	ASSERT_GE(self->session, 0);
	self->truth = truth_of(variant->of.kind, variant->of.attr);
	self->fd = region_new(self->session, variant->of.kind, variant->of.attr, LENGTH);
	ASSERT_GE(self->fd, 0);
}

FIXTURE_TEARDOWN(attr)
{
	close(self->fd);
	close(self->session);
}

TEST_F(attr, every_page_of_a_mapping)
{
	volatile char *map = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd, 0);
	struct memrig_attr_query q;

	ASSERT_TRUE(map != MAP_FAILED);
	for (uint64_t off = 0; off < LENGTH; off += page_size()) {
		map[off] = 1;
		ASSERT_EQ(0, query(self->fd, off, map + off, &q));
		EXPECT_EQ(variant->of.attr, q.asked);
		EXPECT_EQ(self->truth.user, q.user_type);
		EXPECT_EQ(self->truth.raw, q.user_raw);
		EXPECT_EQ(self->truth.linear, q.alias_type);
		if (q.kernel_type != MEMRIG_MEMTYPE_NONE)
			EXPECT_EQ(self->truth.user, q.kernel_type);
	}
}

TEST_F(attr, read_only_mapping)
{
	volatile char *map = mmap(NULL, LENGTH, PROT_READ, MAP_SHARED, self->fd, 0);
	struct memrig_attr_query q;

	ASSERT_TRUE(map != MAP_FAILED);
	EXPECT_EQ(0, map[LENGTH - 1]);
	ASSERT_EQ(0, query(self->fd, 0, map + LENGTH - 1, &q));
	EXPECT_EQ(self->truth.user, q.user_type);
}

/* Without a mapping, and before the first touch, there is no user type; nothing is made up. */
TEST_F(attr, no_mapping_no_type)
{
	struct memrig_attr_query q;
	char *map;

	ASSERT_EQ(0, query(self->fd, 0, NULL, &q));
	EXPECT_EQ(MEMRIG_MEMTYPE_NONE, q.user_type);
	EXPECT_EQ(self->truth.linear, q.alias_type);
	map = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd, 0);
	ASSERT_TRUE(map != MAP_FAILED);
	ASSERT_EQ(0, query(self->fd, 0, map, &q));
	if (variant->of.kind == MEMRIG_KIND_PAGES)
		EXPECT_EQ(MEMRIG_MEMTYPE_NONE, q.user_type);
	munmap(map, LENGTH);
	EXPECT_EQ(-EINVAL, query(self->fd, 0, map, &q));
}

/* A heap that scrubs needs a kernel mapping: it must have the region's own attribute. */
TEST_F(attr, kernel_mapping)
{
	int heap = heap_new(self->fd, MEMRIG_PLACEMENT_OOB, MEMRIG_HEAP_SCRUB);
	struct memrig_attr_query q;

	ASSERT_GE(heap, 0);
	for (uint64_t off = 0; off < LENGTH; off += page_size()) {
		ASSERT_EQ(0, query(self->fd, off, NULL, &q));
		EXPECT_EQ(self->truth.user, q.kernel_type);
		EXPECT_EQ(self->truth.raw, q.kernel_raw);
		EXPECT_EQ(self->truth.linear, q.alias_type);
	}
	close(heap);
}

TEST_F(attr, wrong_addresses)
{
	int other = region_new(self->session, variant->of.kind, variant->of.attr, LENGTH);
	char *theirs, *mine, *anon;
	struct memrig_attr_query q;

	ASSERT_GE(other, 0);
	mine = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, self->fd, 0);
	theirs = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, other, 0);
	anon = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	ASSERT_TRUE(mine != MAP_FAILED && theirs != MAP_FAILED && anon != MAP_FAILED);
	memset(anon, 1, LENGTH);
	theirs[0] = 1;
	EXPECT_EQ(0, query(self->fd, 0, mine, &q));
	EXPECT_EQ(-EINVAL, query(self->fd, 0, theirs, &q));
	EXPECT_EQ(-EINVAL, query(self->fd, 0, anon, &q));
	EXPECT_EQ(-EINVAL, query(self->fd, 0, (void *)4096, &q));
	EXPECT_EQ(-EINVAL, query(self->fd, 0, (void *)-4096L, &q));
	EXPECT_EQ(-EINVAL, query(self->fd, 0, (void *)(1UL << 47), &q));
	EXPECT_EQ(-EINVAL, query(self->fd, LENGTH, mine, &q));
	EXPECT_EQ(-EINVAL, query(self->fd, ~0ULL, mine, &q));
}

/* Pages change their type with the region that holds them and never keep a second one. */
TEST_F(attr, types_do_not_stick)
{
	struct memrig_attr_query q;

	for (int round = 0; round < 8; round++) {
		int cached =
			region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
		volatile char *map;
		int fd;

		ASSERT_GE(cached, 0);
		map = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, cached, 0);
		ASSERT_TRUE(map != MAP_FAILED);
		for (uint64_t off = 0; off < LENGTH; off += page_size()) {
			map[off] = 1;
			ASSERT_EQ(0, query(cached, off, map + off, &q));
			ASSERT_EQ(MEMRIG_MEMTYPE_WB, q.user_type);
			ASSERT_EQ(MEMRIG_MEMTYPE_WB, q.alias_type);
		}
		munmap((void *)map, LENGTH);
		close(cached);
		fd = region_new(self->session, variant->of.kind, variant->of.attr, LENGTH);
		ASSERT_GE(fd, 0);
		map = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		ASSERT_TRUE(map != MAP_FAILED);
		map[0] = 1;
		ASSERT_EQ(0, query(fd, 0, map, &q));
		EXPECT_EQ(self->truth.user, q.user_type);
		EXPECT_EQ(self->truth.linear, q.alias_type);
		munmap((void *)map, LENGTH);
		close(fd);
	}
}

TEST(kernel_only_has_no_user_type)
{
	int session = session_open();
	struct memrig_region_create arg =
		ARG(memrig_region_create, .flags = MEMRIG_REGION_KERNEL_ONLY,
		    .kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_UNCACHED, .length = LENGTH,
		    .node = MEMRIG_NODE_ANY);
	struct truth truth = truth_of(arg.kind, arg.attr);
	struct memrig_attr_query q;
	char here;

	ASSERT_EQ(0, call(session, MEMRIG_IOC_REGION_CREATE, &arg));
	/* A heap that scrubs has the kernel map the region. */
	ASSERT_GE(heap_new(arg.fd, MEMRIG_PLACEMENT_OOB, MEMRIG_HEAP_SCRUB), 0);
	ASSERT_EQ(0, query(arg.fd, 0, NULL, &q));
	EXPECT_EQ(MEMRIG_MEMTYPE_NONE, q.user_type);
	EXPECT_EQ(truth.user, q.kernel_type);
	EXPECT_EQ(truth.linear, q.alias_type);
	EXPECT_EQ(-EINVAL, query(arg.fd, 0, &here, &q));
}

TEST_HARNESS_MAIN
