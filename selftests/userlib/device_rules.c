// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Rules are written twice: in the kernel, and in the library, where they are checked against a
 * model. Here both get the same tables and requests, over heaps of the same shape in the same
 * regions, and are to say the same.
 */
#include <sched.h>

#include "device.h"

#define MEMBERS	  7
#define RULES	  6
#define HELD	  40
#define TABLES	  40
#define REQUESTS  60
#define HALF	  (32u << 10)
#define CUSTOM(n) MEMRIG_ATTRS_CUSTOM(n)

/* One heap twice: the first and the second half of a region. */
enum { KERNEL, LIBRARY, FACES };

struct block {
	uint32_t member;
	uint64_t offset[FACES];
};

FIXTURE(rules)
{
	memrig_t *rig;
	memrig_heap_t *heap[MEMBERS][FACES];
	memrig_multi_t *multi[FACES];
	struct block held[HELD];
	uint32_t nr_held;
	uint32_t nodes;
	uint32_t bits; /* that a device needs for the first region */
	uint64_t seed;
};

static uint32_t rnd(uint64_t *seed, uint32_t below)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (*seed >> 11) % below;
}

#define RND(n) rnd(&self->seed, n)
/* One of several values. */
#define ONE_OF(...)                                    \
	({                                             \
		const uint64_t of[] = { __VA_ARGS__ }; \
		of[RND(sizeof(of) / sizeof(of[0]))];   \
	})

/* Near to CPU 0, to CPU 1, or as the machine has it; where there is no second CPU, that too. */
static int region_of(memrig_t *rig, uint32_t i, uint32_t node, memrig_region_t **region)
{
	struct memrig_region_create args = {
		.size = sizeof(args),
		.kind = MEMRIG_KIND_PAGES,
		.attr = i % 2 ? MEMRIG_ATTR_UNCACHED : MEMRIG_ATTR_CACHED,
		.length = 2 * HALF,
		.node = node,
		.uid = MEMRIG_ID_SELF,
		.gid = MEMRIG_ID_SELF,
		.cpus = i % 3,
	};
	int ret = memrig_region_create(rig, &args, region);

	if (ret != -EINVAL || !args.cpus)
		return ret;
	args.cpus = 0;
	return memrig_region_create(rig, &args, region);
}

static int heap_of(memrig_region_t *region, uint32_t i, int face, memrig_heap_t **heap)
{
	static const uint32_t engines[] = { MEMRIG_ENGINE_SLAB, MEMRIG_ENGINE_SYS_HEAP,
					    MEMRIG_ENGINE_BLOCKS, MEMRIG_ENGINE_FIRST_FIT };
	static const uint64_t sizes[] = { 64, 0, 256, 0 };
	struct memrig_heap_create args = {
		.size = sizeof(args),
		.engine = engines[i % 4],
		.placement = MEMRIG_PLACEMENT_OOB,
		.flags = MEMRIG_HEAP_STATS,
		.block_size = sizes[i % 4],
		.offset = face * HALF,
		.length = i % 4 == 1 ? 8192 : HALF,
	};

	return memrig_heap_create(region, &args, heap);
}

FIXTURE_SETUP(rules)
{
	self->seed = 0x9e3779b97f4a7c15;
	ASSERT_EQ(0, memrig_open(&self->rig));
	ASSERT_EQ(0, memrig_multi_create(self->rig, &self->multi[KERNEL]));
	ASSERT_EQ(0, memrig_multi_local_create(&self->multi[LIBRARY]));
	self->nodes = 1;
	for (uint32_t i = 0; i < MEMBERS; i++) {
		memrig_region_t *region;

		/* The second is on the second node, if there is one. */
		if (i == 1 && !region_of(self->rig, i, 1, &region))
			self->nodes = 2;
		else
			ASSERT_EQ(0, region_of(self->rig, i, i % self->nodes, &region));
		for (int face = 0; face < FACES; face++)
			ASSERT_EQ(0, heap_of(region, i, face, &self->heap[i][face]));
		memrig_region_close(region);
	}
}

FIXTURE_TEARDOWN(rules)
{
	for (int face = 0; face < FACES; face++) {
		memrig_multi_close(self->multi[face]);
		for (int i = 0; i < MEMBERS; i++)
			memrig_heap_close(self->heap[i][face]);
	}
	memrig_close(self->rig);
}

#define rules_t FIXTURE_DATA(rules)

static uint64_t some_attrs(rules_t *self)
{
	return ONE_OF(0, 0, 0, CUSTOM(0), CUSTOM(1), CUSTOM(0) | CUSTOM(2), MEMRIG_ATTRS_CACHEABLE,
		      MEMRIG_ATTRS_NON_CACHEABLE);
}

static void some_place(rules_t *self, uint32_t *match, uint32_t *dma_bits, int32_t *node)
{
	*match = ONE_OF(0, 0, 0, 0, MEMRIG_MATCH_DMA, MEMRIG_MATCH_NODE,
			MEMRIG_MATCH_DMA | MEMRIG_MATCH_NODE);
	*dma_bits = *match & MEMRIG_MATCH_DMA ? ONE_OF(1, self->bits - 1, self->bits, 64, 64) : 0;
	*node = *match & MEMRIG_MATCH_NODE ? RND(self->nodes) : 0;
	if (!RND(60)) /* what cannot be */
		*dma_bits = 65;
	if (!RND(60))
		*match = 4;
}

static struct memrig_rule some_rule(rules_t *self)
{
	struct memrig_rule rule = {
		.min_bytes = ONE_OF(0, 0, 1, 64, 65, 256, 4096),
		.max_bytes = ONE_OF(0, 0, 64, 256, 5000, UINT64_MAX),
		.align_max = ONE_OF(0, 0, 0, 1, 8, 64),
		.with = some_attrs(self) & some_attrs(self),
		.without = some_attrs(self) & some_attrs(self),
		.prio_min = (int32_t)ONE_OF(INT32_MIN, INT32_MIN, -1, 0, 7),
		.uid = ONE_OF(MEMRIG_UID_ANY, MEMRIG_UID_ANY, getuid(), getuid() + 1),
		.member = RND(3) ? MEMRIG_MEMBER_ANY : RND(MEMBERS + 1),
		.flags = ONE_OF(0, 0, MEMRIG_RULE_STOP, MEMRIG_RULE_LOCAL,
				MEMRIG_RULE_LOCAL | MEMRIG_RULE_STOP),
	};

	if (rule.max_bytes && rule.min_bytes > rule.max_bytes && RND(8))
		rule.min_bytes = 0;
	some_place(self, &rule.match, &rule.dma_bits, &rule.node);
	if (!RND(100))
		rule.flags |= 4;
	if (!RND(100))
		rule.reserved = 1;
	return rule;
}

static struct memrig_multi_alloc some_request(rules_t *self)
{
	struct memrig_multi_alloc args = {
		.size = sizeof(args),
		.bytes = ONE_OF(1, 8, 63, 64, 65, 200, 256, 257, 1000, 4000, HALF, HALF + 1),
		.align = ONE_OF(0, 0, 0, 1, 8, 64, 256, 64 | 8),
		.with = some_attrs(self) & some_attrs(self),
		.without = some_attrs(self) & some_attrs(self),
		.priority = (int32_t)ONE_OF(0, 0, -1, 7, INT32_MIN, INT32_MAX),
	};

	some_place(self, &args.match, &args.dma_bits, &args.node);
	if (!RND(60))
		args.bytes = 0;
	if (!RND(60))
		args.align = 48 + 1024;
	return args;
}

/* Both say the same. Whether they did. */
static bool ask_both(struct __test_metadata *_metadata, rules_t *self, int *ret)
{
	struct memrig_multi_alloc request = some_request(self), got[FACES];
	int answer[FACES];
	bool same;

	for (int face = 0; face < FACES; face++) {
		got[face] = request;
		answer[face] = memrig_multi_alloc_at(self->multi[face], &got[face]);
	}
	*ret = answer[KERNEL];
	same = answer[KERNEL] == answer[LIBRARY];
	if (same && !*ret)
		same = got[KERNEL].member == got[LIBRARY].member &&
		       got[KERNEL].rule == got[LIBRARY].rule &&
		       got[KERNEL].usable == got[LIBRARY].usable;
	if (same && *ret == -ENOMEM)
		same = got[KERNEL].reason == got[LIBRARY].reason &&
		       got[KERNEL].largest_free == got[LIBRARY].largest_free;
	EXPECT_TRUE(same)
	{
		for (int face = 0; face < FACES; face++)
			TH_LOG("%s: %d, member %d by rule %d, %llu bytes, reason %u, largest %llu",
			       face == KERNEL ? "kernel" : "library", answer[face],
			       (int)got[face].member, (int)got[face].rule,
			       (unsigned long long)got[face].usable, got[face].reason,
			       (unsigned long long)got[face].largest_free);
		TH_LOG("%llu bytes, align %#llx, with %#llx without %#llx, priority %d, match %u",
		       (unsigned long long)request.bytes, (unsigned long long)request.align,
		       (unsigned long long)request.with, (unsigned long long)request.without,
		       request.priority, request.match);
	}
	if (!*ret && same)
		self->held[self->nr_held++] = (struct block){
			.member = got[KERNEL].member,
			.offset = { got[KERNEL].offset, got[LIBRARY].offset },
		};
	return same;
}

static void free_some(struct __test_metadata *_metadata, rules_t *self, uint32_t keep)
{
	while (self->nr_held > keep) {
		struct block *block = &self->held[RND(self->nr_held)];

		for (int face = 0; face < FACES; face++)
			EXPECT_EQ(0, memrig_multi_free_at(self->multi[face], block->member,
							  block->offset[face]));
		*block = self->held[--self->nr_held];
	}
}

/* Members go and come again in another order, with other attributes, and get the same numbers. */
static void change_members(struct __test_metadata *_metadata, rules_t *self)
{
	uint32_t first = RND(MEMBERS), number[FACES], i;

	for (i = 0; i < MEMBERS; i++) {
		uint32_t which = (first + i * 3) % MEMBERS;
		uint64_t attrs = some_attrs(self) & MEMRIG_ATTRS_CUSTOM_ALL;

		for (int face = 0; face < FACES; face++)
			ASSERT_EQ(0, memrig_multi_add(self->multi[face], self->heap[which][face],
						      attrs, &number[face]));
		EXPECT_EQ(number[KERNEL], number[LIBRARY]);
	}
	/* One number is free. */
	i = RND(MEMBERS);
	for (int face = 0; face < FACES; face++)
		EXPECT_EQ(0, memrig_multi_remove(self->multi[face], i));
}

static void no_members(rules_t *self)
{
	for (int face = 0; face < FACES; face++)
		for (uint32_t i = 0; i < MEMBERS; i++)
			memrig_multi_remove(self->multi[face], i);
}

static void run_on(uint32_t cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set)) {
		CPU_ZERO(&set);
		CPU_SET(0, &set); /* there is no other */
		sched_setaffinity(0, sizeof(set), &set);
	}
}

static uint32_t reach_of(rules_t *self)
{
	struct memrig_multi_member_stat infos[MEMBERS];
	struct memrig_multi_stat stat = { .size = sizeof(stat),
					  .members = (uintptr_t)infos,
					  .member_count = MEMBERS };

	return memrig_multi_stat(self->multi[KERNEL], &stat) ? 0 : infos[0].dma_bits;
}

TEST_F(rules, kernel_and_library_choose_alike)
{
	uint32_t served = 0, refused = 0, bad = 0, none = 0, bad_tables = 0;
	struct memrig_rule table[RULES];
	int ret[FACES];

	for (int t = 0; t < TABLES; t++) {
		uint32_t count = RND(RULES + 1);

		no_members(self);
		change_members(_metadata, self);
		self->bits = reach_of(self);
		ASSERT_NE(0, self->bits);
		for (uint32_t i = 0; i < count; i++)
			table[i] = some_rule(self);
		for (int face = 0; face < FACES; face++)
			ret[face] = memrig_multi_rules(self->multi[face], table, count);
		ASSERT_EQ(ret[KERNEL], ret[LIBRARY]);
		bad_tables += !!ret[KERNEL];
		for (int i = 0; i < REQUESTS; i++) {
			run_on(RND(2));
			ASSERT_TRUE(ask_both(_metadata, self, ret))
			{
				TH_LOG("table %d, request %d", t, i);
			}
			served += !ret[0];
			refused += ret[0] == -ENOMEM;
			none += ret[0] == -ENOENT;
			bad += ret[0] == -EINVAL || ret[0] == -EOPNOTSUPP;
			if (self->nr_held == HELD)
				free_some(_metadata, self, RND(HELD));
		}
		free_some(_metadata, self, 0);
	}
	TH_LOG("%u served, %u without memory, %u without member, %u bad, %u bad tables", served,
	       refused, none, bad, bad_tables);
	/* It is not always the same answer that they agree in. */
	EXPECT_GT(served, 400);
	EXPECT_GT(refused, 50);
	EXPECT_GT(none, 300);
	EXPECT_GT(bad, 30);
	EXPECT_GT(bad_tables, 0);
}

TEST_HARNESS_MAIN
