// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Creating regions: every kind with every attribute is either given honestly or refused; sizes,
 * masks, nodes, limits; what a region says about itself.
 */
#include <linux/capability.h>

#include "offers.h"

FIXTURE(region)
{
	int session;
};

FIXTURE_OFFERS(region);

FIXTURE_SETUP(region)
{
	self->session = session_open();
	ASSERT_GE(self->session, 0);
}

FIXTURE_TEARDOWN(region)
{
	close(self->session);
}

/* What CAPS offers is given, zeroed and charged. */
TEST_F(region, given)
{
	uint64_t length = 64 * KIB, before = used_bytes(self->session);
	int fd = region_new(self->session, variant->of.kind, variant->of.attr, length);
	struct memrig_region_info info;
	uint64_t *map;

	ASSERT_GE(fd, 0);
	info = region_info(fd);
	EXPECT_EQ(variant->of.kind, info.kind);
	EXPECT_EQ(variant->of.attr, info.attr);
	EXPECT_EQ(length, info.length);
	EXPECT_EQ(before + length, used_bytes(self->session));
	EXPECT_TRUE(info.flags & MEMRIG_REGION_STATE_MAPPABLE);
	EXPECT_EQ(variant->of.kind == MEMRIG_KIND_COHERENT ? 32 : 0, info.dma_mask_bits);
	map = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_TRUE(map != MAP_FAILED);
	for (size_t i = 0; i < length / sizeof(*map); i++)
		ASSERT_EQ(0, map[i]);
	for (size_t i = 0; i < length / sizeof(*map); i++)
		map[i] = i * 0x9e3779b97f4a7c15ULL;
	for (size_t i = 0; i < length / sizeof(*map); i++)
		ASSERT_EQ(i * 0x9e3779b97f4a7c15ULL, map[i]);
	munmap(map, length);
	close(fd);
	EXPECT_EQ(before, used_bytes(self->session));
}

/* Memory that was dirtied by one region comes back zeroed in the next. */
TEST_F(region, zeroed_again)
{
	uint64_t length = 256 * KIB;

	for (int round = 0; round < 3; round++) {
		int fd = region_new(self->session, variant->of.kind, variant->of.attr, length);
		uint64_t *map;

		ASSERT_GE(fd, 0);
		map = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		ASSERT_TRUE(map != MAP_FAILED);
		for (size_t i = 0; i < length / sizeof(*map); i += 8)
			ASSERT_EQ(0, map[i]);
		memset(map, 0xee, length);
		munmap(map, length);
		close(fd);
	}
}

TEST_F(region, contiguous)
{
	uint64_t length = MIB;
	struct memrig_region_addr first, addr;
	bool has_dma;
	int fd;

	fd = region_new(self->session, variant->of.kind, variant->of.attr, length);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, region_addr(fd, 0, &first));
	EXPECT_EQ(length, first.contiguous);
	EXPECT_NE(~0ULL, first.phys);
	has_dma = variant->of.kind == MEMRIG_KIND_COHERENT || !dma_is_copied();
	EXPECT_EQ(has_dma, first.dma != ~0ULL);
	for (uint64_t off = 0; off < length; off += 60 * KIB + 4) {
		ASSERT_EQ(0, region_addr(fd, off, &addr));
		EXPECT_EQ(first.phys + off, addr.phys);
		EXPECT_EQ(length - off, addr.contiguous);
		EXPECT_EQ(has_dma ? first.dma + off : ~0ULL, addr.dma);
	}
	EXPECT_EQ(0, region_addr(fd, length - 1, &addr));
	EXPECT_EQ(-EINVAL, region_addr(fd, length, &addr));
	EXPECT_EQ(-EINVAL, region_addr(fd, ~0ULL, &addr));
	close(fd);
}

static int addr_without_rawio(void *arg)
{
	struct memrig_region_addr addr;
	int fd = *(int *)arg;

	drop_cap(CAP_SYS_RAWIO);
	CHECK(region_addr(fd, 0, &addr) == -EPERM);
	CHECK(addr.phys == 0 && addr.dma == 0);
	return 0;
}

static int addr_as_nobody(void *arg)
{
	struct memrig_region_addr addr;
	int fd = *(int *)arg;

	become(NOBODY_UID, NOBODY_GID);
	CHECK(region_addr(fd, 0, &addr) == -EPERM);
	CHECK(addr.phys == 0 && addr.dma == 0);
	return 0;
}

TEST(address_needs_rawio)
{
	int session = session_open();
	int fd = region_new(session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, page_size());

	ASSERT_GE(fd, 0);
	EXPECT_EQ(0, in_child(addr_without_rawio, &fd));
	EXPECT_EQ(0, in_child(addr_as_nobody, &fd));
}

TEST(offers_what_this_machine_can)
{
	struct memrig_caps caps = caps_get(session_open());

	EXPECT_EQ(MEMRIG_UAPI_VERSION, caps.version);
	EXPECT_EQ(page_size(), caps.page_size);
	EXPECT_TRUE(caps.kinds & (1u << MEMRIG_KIND_PAGES));
	EXPECT_TRUE(caps.kinds & (1u << MEMRIG_KIND_COHERENT));
	EXPECT_TRUE(caps.attrs_pages & (1u << MEMRIG_ATTR_CACHED));
	EXPECT_TRUE(caps.attrs_pages & (1u << MEMRIG_ATTR_WRITE_COMBINE));
	EXPECT_TRUE(caps.attrs_pages & (1u << MEMRIG_ATTR_UNCACHED));
	EXPECT_FALSE(caps.attrs_pages & (1u << MEMRIG_ATTR_WRITE_THROUGH));
	EXPECT_FALSE(caps.attrs_pages & (1u << MEMRIG_ATTR_DEVICE));
	EXPECT_TRUE(caps.placements & (1u << MEMRIG_PLACEMENT_OOB));
	EXPECT_TRUE(caps.placements & (1u << MEMRIG_PLACEMENT_INBAND));
	EXPECT_TRUE(caps.gup_attrs & (1u << MEMRIG_ATTR_CACHED));
	EXPECT_GE(caps.hardening_max, 3);
#if defined(__x86_64__)
	EXPECT_EQ(1u << MEMRIG_ATTR_CACHED, caps.attrs_coherent);
	EXPECT_TRUE(caps.features & MEMRIG_FEATURE_X86_PAT);
	EXPECT_FALSE(caps.features & MEMRIG_FEATURE_ALIAS_WB);
	EXPECT_TRUE(caps.gup_attrs & (1u << MEMRIG_ATTR_UNCACHED));
#elif defined(__aarch64__)
	EXPECT_EQ(1u << MEMRIG_ATTR_WRITE_COMBINE | 1u << MEMRIG_ATTR_UNCACHED,
		  caps.attrs_coherent);
	EXPECT_TRUE(caps.features & MEMRIG_FEATURE_ARM64);
	EXPECT_TRUE(caps.features & MEMRIG_FEATURE_ALIAS_WB);
	EXPECT_FALSE(caps.gup_attrs & (1u << MEMRIG_ATTR_UNCACHED));
#endif
}

/* Far beyond the 4 MiB of the page allocator; a quarter of a gigabyte where there is one. */
TEST(beyond_the_page_allocator)
{
	int session = session_open();
	uint64_t length = memory_total() < 900 * MIB ? 64 * MIB : 256 * MIB;
	struct memrig_region_addr addr;
	volatile uint64_t *map;
	int fd;

	fd = region_new(session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, length);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, region_addr(fd, 0, &addr));
	EXPECT_EQ(length, addr.contiguous);
	map = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_TRUE(map != MAP_FAILED);
	for (uint64_t off = 0; off < length; off += 61 * KIB + 8) {
		ASSERT_EQ(0, map[off / 8]);
		map[off / 8] = off;
	}
	EXPECT_EQ(0, map[length / 8 - 1]);
	for (uint64_t off = 0; off < length; off += 61 * KIB + 8)
		ASSERT_EQ(off, map[off / 8]);
	munmap((void *)map, length);
	close(fd);
	EXPECT_EQ(0, used_bytes(session));
}

static int create(int session, struct memrig_region_create *arg)
{
	int ret = call(session, MEMRIG_IOC_REGION_CREATE, arg);

	if (!ret)
		close(arg->fd);
	return ret;
}

#define PAGES_ARG(...)                                                                   \
	ARG(memrig_region_create, .kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED, \
	    .length = 4096, .node = MEMRIG_NODE_ANY, ##__VA_ARGS__)
#define COHERENT_ARG(...)                                                       \
	ARG(memrig_region_create, .kind = MEMRIG_KIND_COHERENT, .length = 4096, \
	    .node = MEMRIG_NODE_ANY, ##__VA_ARGS__)

/* What CAPS does not offer is refused with everything else in order, never weakened. */
TEST(nothing_else_is_given)
{
	int session = session_open(), refused = 0;
	struct memrig_caps caps = caps_get(session);
	struct memrig_region_create arg;
	struct offer offers[OFFERS_MAX];

	for (uint32_t kind = MEMRIG_KIND_PAGES; kind <= MEMRIG_KIND_COHERENT; kind++) {
		for (uint32_t attr = MEMRIG_ATTR_CACHED; attr <= MEMRIG_ATTR_DEVICE; attr++) {
			if (offered(&caps, kind, attr))
				continue;
			arg = PAGES_ARG();
			arg.kind = kind;
			arg.attr = attr;
			EXPECT_EQ(-EOPNOTSUPP, create(session, &arg))
			{
				TH_LOG("kind %u, attribute %u", kind, attr);
			}
			EXPECT_EQ(MEMRIG_REASON_NONE, arg.reason);
			arg.flags = MEMRIG_REGION_KERNEL_ONLY;
			EXPECT_EQ(-EOPNOTSUPP, create(session, &arg));
			EXPECT_EQ(MEMRIG_REASON_NONE, arg.reason);
			refused++;
		}
	}
	EXPECT_EQ(MEMRIG_KIND_COHERENT * MEMRIG_ATTR_DEVICE, refused + offers_get(offers));
	EXPECT_EQ(0, region_count(session));
	EXPECT_EQ(0, used_bytes(session));
}

TEST(lengths)
{
	int session = session_open();
	struct memrig_region_create arg;

	arg = PAGES_ARG();
	arg.length = 0;
	EXPECT_EQ(-EINVAL, create(session, &arg));
	arg = PAGES_ARG();
	arg.length = 1;
	EXPECT_EQ(0, create(session, &arg));
	EXPECT_EQ(page_size(), arg.actual_length);
	arg = PAGES_ARG();
	arg.length = ~0ULL;
	EXPECT_EQ(-EOVERFLOW, create(session, &arg));
	for (uint64_t length = 1ULL << 32; length; length <<= 1) {
		arg = PAGES_ARG();
		/* Not a page when cut to 32 bits, to a page count of 32 bits, or rounded. */
		arg.length = length + page_size();
		if (length <= 2 * memory_total())
			continue;
		EXPECT_EQ(-ENOMEM, create(session, &arg));
		EXPECT_TRUE(arg.reason == MEMRIG_REASON_TOO_LARGE ||
			    arg.reason == MEMRIG_REASON_LIMIT)
		{
			TH_LOG("length %#llx: reason %u", (unsigned long long)length, arg.reason);
		}
	}
	EXPECT_EQ(0, used_bytes(session));
}

/* A request the machine could hold but not in one piece, or not at all, says why. */
TEST(too_much_memory_is_explained)
{
	int session = session_open();
	struct memrig_region_create arg = PAGES_ARG();

	arg.length = memory_total() / 100 * 98;
	EXPECT_EQ(-ENOMEM, create(session, &arg));
	EXPECT_TRUE(arg.reason == MEMRIG_REASON_CONTIG || arg.reason == MEMRIG_REASON_TOO_LARGE ||
		    arg.reason == MEMRIG_REASON_LIMIT)
	{
		TH_LOG("reason %u", arg.reason);
	}
	EXPECT_EQ(0, used_bytes(session));
	/* More coherent memory than any DMA allocator here has. */
	arg = COHERENT_ARG();
	arg.length = GIB;
	arg.attr = __builtin_ctz(caps_get(session).attrs_coherent);
	EXPECT_EQ(-ENOMEM, create(session, &arg));
	EXPECT_NE(MEMRIG_REASON_NONE, arg.reason);
	EXPECT_EQ(0, used_bytes(session));
}

TEST(wrong_values)
{
	int session = session_open();
	struct memrig_region_create arg;
	const uint32_t unknown[] = { 6, 31, 32, 33, 64, 0x80000000u, 0xffffffffu };
	const int32_t nodes[] = { -2, 1000, 1 << 20, INT32_MAX, INT32_MIN };

	/* Never right is EINVAL; what a later version may define is EOPNOTSUPP. */
	arg = PAGES_ARG();
	arg.kind = 0;
	EXPECT_EQ(-EINVAL, create(session, &arg));
	arg = PAGES_ARG();
	arg.attr = 0;
	EXPECT_EQ(-EINVAL, create(session, &arg));
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++) {
		arg = PAGES_ARG();
		arg.kind = unknown[i];
		EXPECT_EQ(-EOPNOTSUPP, create(session, &arg));
		arg = PAGES_ARG();
		arg.attr = unknown[i];
		EXPECT_EQ(-EOPNOTSUPP, create(session, &arg));
	}
	for (size_t i = 0; i < ARRAY_SIZE(nodes); i++) {
		arg = PAGES_ARG();
		arg.node = nodes[i];
		EXPECT_EQ(-EINVAL, create(session, &arg));
	}
	arg = PAGES_ARG(.dma_mask_bits = 32);
	EXPECT_EQ(-EINVAL, create(session, &arg));
	EXPECT_EQ(0, used_bytes(session));
}

TEST(node_zero)
{
	int session = session_open();
	struct memrig_region_create arg = PAGES_ARG();

	arg.node = 0;
	ASSERT_EQ(0, call(session, MEMRIG_IOC_REGION_CREATE, &arg));
	EXPECT_EQ(0, region_info(arg.fd).node);
}

TEST(dma_masks)
{
	int session = session_open();
	uint32_t attrs = caps_get(session).attrs_coherent;
	uint32_t attr = __builtin_ctz(attrs);
	struct memrig_region_create arg;
	const uint32_t wrong[] = { 1, 8, 23, 65, 128, 0xffffffffu };
	int given = 0;

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		arg = COHERENT_ARG(.attr = attr, .dma_mask_bits = wrong[i]);
		EXPECT_EQ(-EINVAL, create(session, &arg));
	}
	arg = COHERENT_ARG(.attr = attr);
	arg.node = 0;
	EXPECT_EQ(-EINVAL, create(session, &arg));
	for (uint32_t bits = 24; bits <= 64; bits++) {
		uint64_t last = bits == 64 ? ~0ULL : (1ULL << bits) - 1;
		struct memrig_region_addr addr;
		int ret;

		arg = COHERENT_ARG(.attr = attr, .dma_mask_bits = bits);
		ret = call(session, MEMRIG_IOC_REGION_CREATE, &arg);
		/* Reach below 32 bits depends on the zones of the machine; it must say so. */
		if (ret) {
			EXPECT_LT(bits, 32);
			EXPECT_TRUE(ret == -ENOMEM || ret == -EOPNOTSUPP);
			if (ret == -ENOMEM)
				EXPECT_NE(MEMRIG_REASON_NONE, arg.reason);
			continue;
		}
		given++;
		EXPECT_EQ(bits, region_info(arg.fd).dma_mask_bits);
		ASSERT_EQ(0, region_addr(arg.fd, 0, &addr));
		EXPECT_LE(addr.dma + 4095, last);
		close(arg.fd);
	}
	EXPECT_GE(given, 33);
}

TEST(kernel_only)
{
	int session = session_open();
	struct memrig_region_create arg = PAGES_ARG(.flags = MEMRIG_REGION_KERNEL_ONLY);
	struct memrig_region_info info;

	ASSERT_EQ(0, call(session, MEMRIG_IOC_REGION_CREATE, &arg));
	info = region_info(arg.fd);
	EXPECT_TRUE(info.flags & MEMRIG_REGION_KERNEL_ONLY);
	EXPECT_FALSE(info.flags & MEMRIG_REGION_STATE_MAPPABLE);
	EXPECT_FALSE(info.flags & MEMRIG_REGION_STATE_GUP);
	EXPECT_TRUE(mmap(NULL, 4096, PROT_READ, MAP_SHARED, arg.fd, 0) == MAP_FAILED);
	EXPECT_TRUE(errno == ENODEV || errno == EPERM || errno == EACCES);
	EXPECT_TRUE(mmap(NULL, 4096, PROT_NONE, MAP_SHARED, arg.fd, 0) == MAP_FAILED);
}

TEST_HARNESS_MAIN
