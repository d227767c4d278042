// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Members of multi objects by where their memory is: which devices reach it, on which node, and
 * which processors are near. On a machine with one node the second of two heaps is on the first,
 * and what is said of it holds.
 */
#include <sched.h>

#include "abi.h"
#include "harness.h"

#define LENGTH (64 * KIB)
#define NODES  2
#define NEAR   MEMRIG_ATTRS_CUSTOM(0) /* made by heap_near() */

#define RULE(...)                                           \
	((struct memrig_rule){ .prio_min = INT32_MIN,       \
			       .uid = MEMRIG_UID_ANY,       \
			       .member = MEMRIG_MEMBER_ANY, \
			       ##__VA_ARGS__ })

FIXTURE(multimatch)
{
	int session;
	int multi;
	int nodes;	   /* that there are here, at most NODES */
	int region[NODES]; /* on its node, if there is one */
	int heap[NODES];
	int bits[NODES]; /* that a device needs for it */
};

static int region_on(int session, int node)
{
	struct memrig_region_create arg =
		ARG(memrig_region_create, .kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED,
		    .length = LENGTH, .node = node);
	int ret = call(session, MEMRIG_IOC_REGION_CREATE, &arg);

	return ret ? ret : arg.fd;
}

FIXTURE_SETUP(multimatch)
{
	self->session = session_open();
	self->multi = multi_new(self->session);
	for (int i = 0; i < NODES; i++) {
		self->region[i] = region_on(self->session, i);
		if (self->region[i] >= 0)
			self->nodes++;
		else
			self->region[i] = region_on(self->session, 0);
		ASSERT_GE(self->region[i], 0);
		self->bits[i] = region_info(self->region[i]).dma_bits;
		self->heap[i] = heap_engine(self->region[i], MEMRIG_ENGINE_SYS_HEAP, 0);
		ASSERT_EQ(i, multi_add(self->multi, self->heap[i], 0));
	}
	TH_LOG("%d nodes, %d and %d bits", self->nodes, self->bits[0], self->bits[1]);
}

FIXTURE_TEARDOWN(multimatch)
{
	close(self->multi);
	for (int i = 0; i < NODES; i++) {
		EXPECT_EQ(0, heap_stat(self->heap[i]).live_blocks);
		close(self->heap[i]);
		close(self->region[i]);
	}
	close(self->session);
}

static int served_by(int multi, struct memrig_multi_alloc arg)
{
	int ret = multi_alloc_full(multi, &arg);

	if (ret)
		return ret;
	ret = multi_free(multi, arg.member, arg.offset);
	return ret ? ret : (int)arg.member;
}

#define BY(...) served_by(self->multi, (struct memrig_multi_alloc){ .bytes = 8, __VA_ARGS__ })
#define DMA(n)	.match = MEMRIG_MATCH_DMA, .dma_bits = (n)
#define NODE(n) .match = MEMRIG_MATCH_NODE, .node = (n)

/* What a region says of its reach is what its addresses say. */
TEST_F(multimatch, reach_is_of_the_physical_addresses)
{
	for (int i = 0; i < NODES; i++) {
		struct memrig_region_addr addr;
		int bits = 0;

		ASSERT_EQ(0, region_addr(self->region[i], LENGTH - 1, &addr));
		while (bits < 64 && addr.phys >> bits)
			bits++;
		EXPECT_EQ(bits, self->bits[i]);
	}
}

TEST_F(multimatch, requests_by_reach)
{
	int low = self->bits[0] <= self->bits[1] ? 0 : 1, high = !low;
	int from = self->bits[low];

	EXPECT_EQ(0, BY(DMA(64)));
	EXPECT_EQ(0, BY(DMA(self->bits[high])));
	EXPECT_EQ(-ENOENT, BY(DMA(from - 1)));
	EXPECT_EQ(-ENOENT, BY(DMA(1)));
	/* Where both need the same, the first is asked first. */
	EXPECT_EQ(from < self->bits[high] ? low : 0, BY(DMA(from)));
}

TEST_F(multimatch, requests_by_node)
{
	int others = self->nodes == NODES ? 1 : -EINVAL;

	EXPECT_EQ(0, BY(NODE(0)));
	EXPECT_EQ(others, BY(NODE(1)));
	EXPECT_EQ(others,
		  BY(.match = MEMRIG_MATCH_NODE | MEMRIG_MATCH_DMA, .node = 1, .dma_bits = 64));
	EXPECT_EQ(0, multi_remove(self->multi, 0));
	EXPECT_EQ(self->nodes == NODES ? -ENOENT : 1, BY(NODE(0)));
	EXPECT_EQ(1, BY());
}

TEST_F(multimatch, rules)
{
	const struct memrig_rule rules[] = { RULE(.max_bytes = 100, NODE(0),
						  .flags = MEMRIG_RULE_STOP),
					     RULE(DMA(1)), RULE(DMA(64), .member = 1) };

	ASSERT_EQ(0, multi_rules(self->multi, rules, ARRAY_SIZE(rules)));
	EXPECT_EQ(0, BY());
	EXPECT_EQ(1, BY(.bytes = 101));
	EXPECT_EQ(1, BY(.bytes = 101, DMA(self->bits[1])));
	EXPECT_EQ(-ENOENT, BY(.bytes = 101, DMA(self->bits[1] - 1)));
	EXPECT_EQ(self->nodes == NODES ? -ENOENT : 1, BY(.bytes = 101, NODE(0)));
	/* The rule asks for more than the request. */
	if (self->nodes == NODES) {
		EXPECT_EQ(-ENOENT, BY(NODE(1)));
		EXPECT_EQ(1, BY(.bytes = 101, NODE(1)));
	}
}

TEST_F(multimatch, a_block_moves_to_where_it_is_wanted)
{
	struct memrig_multi_realloc arg = ARG(memrig_multi_realloc, .bytes = 200, NODE(1));
	uint32_t member;
	uint64_t offset;

	ASSERT_EQ(0, multi_alloc(self->multi, 100, &member, &offset));
	EXPECT_EQ(0, member);
	arg.offset = offset;
	EXPECT_EQ(self->nodes == NODES ? 0 : -EINVAL,
		  call(self->multi, MEMRIG_IOC_MULTI_REALLOC, &arg));
	EXPECT_EQ(self->nodes == NODES, arg.moved);
	EXPECT_EQ(self->nodes == NODES, arg.member);
	EXPECT_EQ(0, multi_free(self->multi, arg.member, arg.offset));
}

TEST_F(multimatch, figures)
{
	struct memrig_multi_member_stat members[NODES];
	struct memrig_multi_stat stat =
		ARG(memrig_multi_stat, .members = (uintptr_t)members, .member_count = NODES);

	ASSERT_EQ(0, call(self->multi, MEMRIG_IOC_MULTI_STAT, &stat));
	for (int i = 0; i < NODES; i++) {
		EXPECT_EQ(self->bits[i], members[i].dma_bits);
		EXPECT_EQ(region_info(self->region[i]).node, members[i].node);
		EXPECT_EQ(self->nodes == NODES ? i : 0, members[i].node);
		EXPECT_EQ(0, members[i].reserved);
	}
}

/* A heap in memory that is near to these processors alone; -EINVAL if one can never be. */
static int heap_near(int session, uint64_t cpus)
{
	struct memrig_region_create arg =
		ARG(memrig_region_create, .kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED,
		    .length = LENGTH, .node = MEMRIG_NODE_ANY, .cpus = cpus);
	int ret = call(session, MEMRIG_IOC_REGION_CREATE, &arg);

	if (ret)
		return ret;
	ret = heap_engine(arg.fd, MEMRIG_ENGINE_SYS_HEAP, 0);
	close(arg.fd);
	return ret;
}

static int run_on(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set);
}

/* Members 2, 3 and 4 are near to CPU 1, CPU 0, and both; whoever asks gets what is near to it. */
TEST_F(multimatch, local_members)
{
	const struct memrig_rule local = RULE(.flags = MEMRIG_RULE_LOCAL, .with = NEAR);
	const struct memrig_rule at_1[] = {
		RULE(.flags = MEMRIG_RULE_LOCAL | MEMRIG_RULE_STOP, .member = 2),
		RULE(.member = 4),
	};
	const struct memrig_rule falls[] = { RULE(.flags = MEMRIG_RULE_LOCAL, .member = 2),
					     RULE(.member = 4) };
	static const uint64_t near[] = { 2, 1, 3 };

	for (int i = 0; i < ARRAY_SIZE(near); i++) {
		int heap = heap_near(self->session, near[i]);

		if (!i && heap == -EINVAL)
			SKIP(return, "no second CPU can ever be here");
		ASSERT_EQ(NODES + i, multi_add(self->multi, heap, NEAR));
		close(heap);
	}
	ASSERT_EQ(0, run_on(0));
	EXPECT_EQ(2, BY(.with = NEAR)); /* there is no rule yet */
	ASSERT_EQ(0, multi_rules(self->multi, &local, 1));
	EXPECT_EQ(3, BY());
	ASSERT_EQ(0, multi_rules(self->multi, at_1, 2));
	EXPECT_EQ(-ENOENT, BY());
	ASSERT_EQ(0, multi_rules(self->multi, falls, 2));
	EXPECT_EQ(4, BY());
	if (run_on(1))
		SKIP(return, "CPU 1 is not online: half of it was seen from CPU 0");
	EXPECT_EQ(2, BY());
	ASSERT_EQ(0, multi_rules(self->multi, at_1, 2));
	EXPECT_EQ(2, BY());
	ASSERT_EQ(0, multi_rules(self->multi, &local, 1));
	EXPECT_EQ(2, BY());
	EXPECT_EQ(0, multi_remove(self->multi, 2));
	EXPECT_EQ(4, BY());
	EXPECT_EQ(0, multi_remove(self->multi, 4));
	EXPECT_EQ(-ENOENT, BY());
}

TEST_F(multimatch, bad_input)
{
	struct memrig_multi_realloc arg = ARG(memrig_multi_realloc, .bytes = 200, NODE(-1));
	const struct {
		uint32_t match;
		uint32_t dma_bits;
		int32_t node;
		int ret;
	} wrong[] = {
		{ MEMRIG_MATCH_DMA, 0, 0, -EINVAL },
		{ MEMRIG_MATCH_DMA, 65, 0, -EINVAL },
		{ MEMRIG_MATCH_DMA, ~0u, 0, -EINVAL },
		{ 0, 32, 0, -EINVAL },
		{ 0, 0, 1, -EINVAL },
		{ MEMRIG_MATCH_DMA, 32, 1, -EINVAL },
		{ MEMRIG_MATCH_NODE, 32, 0, -EINVAL },
		{ MEMRIG_MATCH_NODE, 0, -1, -EINVAL },
		{ MEMRIG_MATCH_NODE, 0, 1 << 20, -EINVAL },
		{ MEMRIG_MATCH_NODE, 0, INT32_MAX, -EINVAL },
		{ MEMRIG_MATCH_NODE, 0, INT32_MIN, -EINVAL },
		{ 4, 0, 0, -EOPNOTSUPP },
		{ ~0u, 32, 0, -EOPNOTSUPP },
	};
	struct memrig_rule rule = RULE(.reserved = 1);

	EXPECT_EQ(-EOPNOTSUPP, multi_rules(self->multi, &rule, 1));
	EXPECT_EQ(-EOPNOTSUPP, BY(.reserved = 1));
	EXPECT_EQ(-EINVAL, call(self->multi, MEMRIG_IOC_MULTI_REALLOC, &arg));
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		EXPECT_EQ(wrong[i].ret, BY(.match = wrong[i].match, .dma_bits = wrong[i].dma_bits,
					   .node = wrong[i].node))
		{
			TH_LOG("request %zu", i);
		}
		rule = RULE(.match = wrong[i].match, .dma_bits = wrong[i].dma_bits,
			    .node = wrong[i].node);
		EXPECT_EQ(wrong[i].ret, multi_rules(self->multi, &rule, 1))
		{
			TH_LOG("rule %zu", i);
		}
	}
	EXPECT_EQ(0, multi_stat(self->multi).rule_count);
}

TEST_HARNESS_MAIN
