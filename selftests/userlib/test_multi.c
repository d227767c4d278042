// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Several heaps behind one call, run by the library: rules, a function instead of rules, what is
 * refused.
 */
#include <unistd.h>

#include "multi_rig.h"

static void without_rules_all_are_tried_in_order(void **state)
{
	struct rig *rig = *state;
	uint32_t member;
	void *ptr;
	int i;

	for (i = 0; i < 13; i++) {
		assert_int_equal(get(rig, 10, 0, &member, &ptr), 0);
		assert_int_equal(member, i < 8 ? 0 : i < 12 ? 1 : 2);
		memset(ptr, i, 10);
	}
	assert_int_equal(get(rig, 1000, 0, &member, &ptr), 0);
	assert_int_equal(member, 2);
	assert_int_equal(get(rig, 2 * BYTES, 0, &member, &ptr), -ENOMEM);
	assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_TOO_LARGE);
}

static void the_first_rule_that_matches_is_asked_first(void **state)
{
	struct rig *rig = *state;
	struct memrig_rule rules[3] = { any_rule, any_rule, any_rule };
	struct memrig_multi_rule_stat counts[4];
	struct memrig_multi_stat stat = {
		.size = sizeof(stat),
		.rules = (uintptr_t)counts,
		.rule_count = 4,
	};
	uint32_t member;
	void *ptr;
	int i;

	rules[0].max_bytes = 64;
	rules[0].member = 0;
	rules[1].min_bytes = 65;
	rules[1].max_bytes = 256;
	rules[1].member = 1;
	rules[1].flags = MEMRIG_RULE_STOP;
	rules[2].member = 2;
	assert_int_equal(memrig_multi_rules(rig->multi, rules, 3), 0);
	for (i = 0; i < 10; i++) { /* tier 0 is full after 8, and what it cannot serve falls */
		assert_int_equal(get(rig, 64, 0, &member, &ptr), 0);
		assert_int_equal(member, i < 8 ? 0 : 2);
	}
	for (i = 0; i < 4; i++) {
		assert_int_equal(get(rig, 100, 0, &member, &ptr), 0);
		assert_int_equal(member, 1);
	}
	assert_int_equal(get(rig, 100, 0, &member, &ptr), -ENOMEM); /* STOP: no further */
	assert_int_equal(memrig_failure()->reason, MEMRIG_REASON_EMPTY);
	assert_int_equal(get(rig, 257, 0, &member, &ptr), 0);
	assert_int_equal(member, 2);
	assert_int_equal(memrig_multi_stat(rig->multi, &stat), 0);
	assert_int_equal(stat.rule_count, 3);
	assert_int_equal(counts[0].matched, 10);
	assert_int_equal(counts[0].allocs, 8);
	assert_int_equal(counts[1].matched, 5);
	assert_int_equal(counts[1].allocs, 4);
	assert_int_equal(counts[2].matched, 3);
	assert_int_equal(counts[2].allocs, 3);
	assert_int_equal(stat.allocs, 15);
	assert_int_equal(stat.failures, 1);
}

static void rules_see_who_asks_and_how(void **state)
{
	struct rig *rig = *state;
	struct memrig_rule rules[4] = { any_rule, any_rule, any_rule, any_rule };
	struct memrig_multi_alloc args = { .size = sizeof(args), .bytes = 10 };

	rules[0].uid = getuid() + 1; /* somebody else */
	rules[0].member = 2;
	rules[1].prio_min = 5;
	rules[1].with = CUSTOM(1);
	rules[2].align_max = 16;
	rules[2].without = CUSTOM(1) | CUSTOM(2);
	rules[3].member = 77; /* no such member: matches none */
	assert_int_equal(memrig_multi_rules(rig->multi, rules, 4), 0);
	args.priority = 5;
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), 0);
	assert_int_equal(args.member, 1);
	assert_int_equal(args.rule, 1);
	args.priority = 4;
	args.align = 16;
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), 0);
	assert_int_equal(args.member, 0);
	assert_int_equal(args.rule, 2);
	args.align = 0x28; /* 32, less 8: the alignment is 32 */
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -ENOENT);
	args.align = 32;
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -ENOENT);
	rules[0].uid = getuid();
	rules[0].flags = MEMRIG_RULE_LOCAL; /* memory of the process is where it is touched */
	assert_int_equal(memrig_multi_rules(rig->multi, rules, 1), 0);
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), 0);
	assert_int_equal(args.member, 2);
}

static void requests_name_attributes(void **state)
{
	struct rig *rig = *state;
	struct memrig_multi_alloc args = { .size = sizeof(args), .bytes = 10 };

	args.with = CUSTOM(2);
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), 0);
	assert_int_equal(args.member, 2);
	args.with = 0;
	args.without = CUSTOM(0);
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), 0);
	assert_int_equal(args.member, 1);
	args.with = CUSTOM(0);
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -ENOENT);
	args.with = CUSTOM(9);
	args.without = 0;
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -ENOENT);
}

/* Counts how it is asked; tries the heap, then slab 1, then nothing. */
static uint32_t heap_first(memrig_multi_t *multi, const struct memrig_multi_alloc *request,
			   uint32_t tried, void *arg)
{
	struct memrig_multi_stat stat = { .size = sizeof(stat) };

	*(int *)arg += 1;
	assert_int_equal(memrig_multi_stat(multi, &stat), 0); /* it may look */
	assert_true(request->bytes > 0);
	return tried == 0 ? 2 : tried == 1 ? 1 : MEMRIG_MEMBER_ANY;
}

/* Knows only members that are not there. */
static uint32_t stubborn(memrig_multi_t *multi, const struct memrig_multi_alloc *request,
			 uint32_t tried, void *arg)
{
	*(int *)arg += 1;
	return 5;
}

static void a_function_can_choose(void **state)
{
	struct rig *rig = *state;
	struct memrig_rule rule = any_rule;
	uint32_t member;
	int asked = 0;
	void *ptr;

	assert_int_equal(memrig_multi_rules(rig->multi, &rule, 1), 0);
	assert_int_equal(memrig_multi_choose(rig->multi, heap_first, &asked), 0);
	assert_int_equal(get(rig, BYTES - 64, 0, &member, &ptr), 0);
	assert_int_equal(member, 2);
	assert_int_equal(asked, 1);
	assert_int_equal(get(rig, 200, 0, &member, &ptr), 0);
	assert_int_equal(member, 1);
	assert_int_equal(asked, 3);
	assert_int_equal(get(rig, 400, 0, &member, &ptr), -ENOMEM);
	assert_int_equal(asked, 6);
	/* one that never gives up is not asked for ever */
	asked = 0;
	assert_int_equal(memrig_multi_choose(rig->multi, stubborn, &asked), 0);
	assert_int_equal(get(rig, 10, 0, &member, &ptr), -ENOENT);
	assert_int_equal(asked, MEMRIG_MULTI_MAX);
	assert_int_equal(memrig_multi_choose(rig->multi, NULL, NULL), 0);
	assert_int_equal(get(rig, 10, 0, &member, &ptr), 0);
	assert_int_equal(member, 0);
}

static void bad_requests_are_refused(void **state)
{
	struct rig *rig = *state;
	struct memrig_rule rule = any_rule;
	struct memrig_multi_alloc good = { .size = sizeof(good), .bytes = 10 }, args;
	struct memrig_multi_realloc resize = { .size = sizeof(resize) };
	struct memrig_multi_stat stat = { .size = 8 };
	memrig_multi_t *other;

	args = good;
	args.bytes = 0;
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -EINVAL);
	args = good;
	args.align = 7;
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -EINVAL);
	args = good;
	args.flags = 2;
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -EOPNOTSUPP);
	args = good;
	args.timeout_ns = 1; /* and no WAIT */
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -EINVAL);
	args = good;
	args.size = 8;
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -EINVAL);
	rule.flags = 4;
	assert_int_equal(memrig_multi_rules(rig->multi, &rule, 1), -EOPNOTSUPP);
	rule = any_rule;
	rule.min_bytes = 2;
	rule.max_bytes = 1;
	assert_int_equal(memrig_multi_rules(rig->multi, &rule, 1), -EINVAL);
	assert_int_equal(memrig_multi_rules(rig->multi, NULL, 1), -EFAULT);
	assert_int_equal(memrig_multi_rules(rig->multi, &rule, MEMRIG_MULTI_MAX + 1), -EINVAL);
	assert_int_equal(memrig_multi_realloc_at(rig->multi, &resize), -EINVAL);
	resize.bytes = 8;
	resize.flags = 2;
	assert_int_equal(memrig_multi_realloc_at(rig->multi, &resize), -EOPNOTSUPP);
	assert_int_equal(memrig_multi_stat(rig->multi, &stat), -EINVAL);
	assert_int_equal(memrig_multi_fd(rig->multi), -EOPNOTSUPP);
	assert_int_equal(memrig_multi_attach(rig->multi, &other), -EOPNOTSUPP);
	memrig_multi_close(NULL);
}

/* Memory of the process is on no node, and no device reaches it. */
static void places_are_of_regions(void **state)
{
	static const struct {
		uint32_t match, dma_bits;
		int32_t node;
		int ret;
	} places[] = {
		{ MEMRIG_MATCH_DMA, 64, 0, -ENOENT },
		{ MEMRIG_MATCH_NODE, 0, 0, -ENOENT },
		{ MEMRIG_MATCH_DMA | MEMRIG_MATCH_NODE, 1, 7, -ENOENT },
		{ MEMRIG_MATCH_DMA, 0, 0, -EINVAL },
		{ MEMRIG_MATCH_DMA, 65, 0, -EINVAL },
		{ MEMRIG_MATCH_NODE, 0, -1, -EINVAL },
		{ 0, 32, 0, -EINVAL },
		{ 0, 0, 1, -EINVAL },
		{ 4, 0, 0, -EOPNOTSUPP },
	};
	struct rig *rig = *state;
	struct memrig_multi_alloc args = { .size = sizeof(args), .bytes = 10 };
	struct memrig_multi_realloc resize = { .size = sizeof(resize), .bytes = 12 };
	struct memrig_rule rule;
	size_t i;

	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), 0);
	resize.member = args.member;
	resize.offset = args.offset;
	for (i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		args.match = places[i].match;
		resize.match = places[i].match;
		args.dma_bits = places[i].dma_bits;
		resize.dma_bits = places[i].dma_bits;
		args.node = places[i].node;
		resize.node = places[i].node;
		assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), places[i].ret);
		assert_int_equal(memrig_multi_realloc_at(rig->multi, &resize), places[i].ret);
		rule = any_rule;
		rule.match = places[i].match;
		rule.dma_bits = places[i].dma_bits;
		rule.node = places[i].node;
		assert_int_equal(memrig_multi_rules(rig->multi, &rule, 1),
				 places[i].ret == -ENOENT ? 0 : places[i].ret);
		assert_int_equal(memrig_multi_rules(rig->multi, NULL, 0), 0);
	}
	rule = any_rule;
	rule.reserved = 1;
	assert_int_equal(memrig_multi_rules(rig->multi, &rule, 1), -EOPNOTSUPP);
	args = (struct memrig_multi_alloc){ .size = sizeof(args), .bytes = 10, .reserved = 1 };
	assert_int_equal(memrig_multi_alloc_at(rig->multi, &args), -EOPNOTSUPP);
	resize = (struct memrig_multi_realloc){ .size = sizeof(resize), .bytes = 1, .reserved = 1 };
	assert_int_equal(memrig_multi_realloc_at(rig->multi, &resize), -EOPNOTSUPP);
}

int main(void)
{
	const struct CMUnitTest multi[] = {
		T(without_rules_all_are_tried_in_order),
		T(the_first_rule_that_matches_is_asked_first),
		T(rules_see_who_asks_and_how),
		T(requests_name_attributes),
		T(a_function_can_choose),
		T(bad_requests_are_refused),
		T(places_are_of_regions),
	};

	return RUN(multi);
}
