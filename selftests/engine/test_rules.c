// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Choice by rules: each member of a rule on its own, the patterns that tables of rules stand for,
 * and random tables against the model. argv[1] is the seed.
 */
#include <stdio.h>
#include <string.h>

#include "rules_model.h"
#include "test.h"

#define ROUNDS 200000
#define BYTES  240

static uint64_t seed = 1;

static uint8_t random_byte(void)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return seed >> 56;
}

static const struct mrig_rule any = { .prio_min = INT32_MIN,
				      .uid = MRIG_RULE_ANY,
				      .member = MRIG_RULE_ANY };

/* Three members, one line, one request. */
static struct rules_case small_case(void)
{
	struct rules_case c = {
		.members = { { 0, 0x1, true, 32, 0 },
			     { 1, 0x2, false, 33, 1 },
			     { 7, 0x3, true, 0, -1 } },
		.nr_members = 3,
		.rules = { any },
		.nr_rules = 1,
		.req = { .bytes = 100, .align = 64, .uid = 5 },
	};

	return c;
}

static void describe(void *ctx, uint32_t index, struct mrig_rule_member *out)
{
	*out = ((struct rules_case *)ctx)->members[index];
}

/* "0 2" when the request goes to the members with these indices, in that order. */
static void expect_order(struct rules_case *c, const char *order)
{
	struct mrig_rule_set set = { c->rules, c->nr_rules, c->nr_members, describe, NULL, c };
	struct mrig_rule_walk walk;
	char text[128] = "";
	int32_t index;

	mrig_rules_begin(&walk, &set);
	while ((index = mrig_rules_next(&walk, &set, &c->req)) >= 0)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%d", *text ? " " : "",
			 index);
	assert_string_equal(text, order);
	assert_true(rules_case_holds(c));
}

static void no_rules(void **state)
{
	struct rules_case c = small_case();

	c.nr_rules = 0;
	expect_order(&c, "0 1 2");
	c.req.with = 0x2;
	expect_order(&c, "1 2");
	c.req.without = 0x1;
	expect_order(&c, "1");
	c.req.with = 0x4;
	expect_order(&c, "");
	c.nr_members = 0;
	expect_order(&c, "");
}

static void sizes(void **state)
{
	struct rules_case c = small_case();

	expect_order(&c, "0 1 2");
	c.rules[0].min_bytes = 100;
	c.rules[0].max_bytes = 100;
	expect_order(&c, "0 1 2");
	c.rules[0].min_bytes = 101;
	c.rules[0].max_bytes = 0;
	expect_order(&c, "");
	c.rules[0].min_bytes = 0;
	c.rules[0].max_bytes = 99;
	expect_order(&c, "");
	c.req.bytes = UINT64_MAX;
	c.rules[0].max_bytes = UINT64_MAX;
	expect_order(&c, "0 1 2");
}

static void alignments(void **state)
{
	struct rules_case c = small_case();

	c.rules[0].align_max = 64;
	expect_order(&c, "0 1 2");
	c.rules[0].align_max = 32;
	expect_order(&c, "");
	/* The rewind is not what is meant. */
	c.req.align = 32 | 8;
	expect_order(&c, "0 1 2");
	c.req.align = 0;
	expect_order(&c, "0 1 2");
	c.req.align = 1ULL << 63;
	expect_order(&c, "");
	c.rules[0].align_max = 0;
	expect_order(&c, "0 1 2");
}

static void who_and_how_urgent(void **state)
{
	struct rules_case c = small_case();

	c.rules[0].uid = 5;
	expect_order(&c, "0 1 2");
	c.rules[0].uid = 0;
	expect_order(&c, "");
	c.rules[0] = any;
	c.rules[0].prio_min = 1;
	expect_order(&c, "");
	c.req.prio = 1;
	expect_order(&c, "0 1 2");
	c.req.prio = INT32_MIN;
	expect_order(&c, "");
	c.rules[0].prio_min = INT32_MIN;
	expect_order(&c, "0 1 2");
}

static void which_members(void **state)
{
	struct rules_case c = small_case();

	c.rules[0].member = 7;
	expect_order(&c, "2");
	c.rules[0].member = 2; /* a number, not an index */
	expect_order(&c, "");
	c.rules[0] = any;
	c.rules[0].flags = MRIG_RULE_LOCAL;
	expect_order(&c, "0 2");
	c.rules[0].with = 0x2;
	expect_order(&c, "2");
	c.rules[0].without = 0x1;
	expect_order(&c, "");
	c.rules[0].flags = 0;
	expect_order(&c, "1");
	/* Rule and request must agree. */
	c.req.with = 0x1;
	expect_order(&c, "");
}

/* By rule, by request, and by both; what no device reaches is reached by none. */
static void where_members_are(void **state)
{
	struct rules_case c = small_case();

	c.rules[0].match = MRIG_RULE_MATCH_DMA;
	c.rules[0].dma_bits = 64;
	expect_order(&c, "0 1");
	c.rules[0].dma_bits = 32;
	expect_order(&c, "0");
	c.rules[0].dma_bits = 31;
	expect_order(&c, "");
	c.rules[0] = any;
	c.rules[0].match = MRIG_RULE_MATCH_NODE;
	expect_order(&c, "0");
	c.rules[0].node = 1;
	expect_order(&c, "1");
	c.req.match = MRIG_RULE_MATCH_DMA;
	c.req.dma_bits = 33;
	expect_order(&c, "1");
	c.req.dma_bits = 32;
	expect_order(&c, "");
	c.rules[0] = any;
	expect_order(&c, "0");
	c.req.match |= MRIG_RULE_MATCH_NODE;
	expect_order(&c, "0");
	c.req.node = 1;
	expect_order(&c, "");
	c.nr_rules = 0;
	expect_order(&c, "");
	c.req.dma_bits = 64;
	expect_order(&c, "1");
}

/* High requests may fall to what normal and low ones have, but not the other way round. */
static void priority_levels(void **state)
{
	struct rules_case c = small_case();

	for (int i = 0; i < 3; i++)
		c.rules[i] = any;
	c.rules[0].member = 7;
	c.rules[0].prio_min = 2;
	c.rules[1].member = 1;
	c.rules[1].prio_min = 1;
	c.rules[2].member = 0;
	c.nr_rules = 3;
	c.req.prio = 2;
	expect_order(&c, "2 1 0");
	c.req.prio = 1;
	expect_order(&c, "1 0");
	c.req.prio = -3;
	expect_order(&c, "0");
}

/* Near memory first, then the rest: nobody is asked twice. */
static void local_first(void **state)
{
	struct rules_case c = small_case();

	c.rules[0].flags = MRIG_RULE_LOCAL;
	c.rules[1] = any;
	c.nr_rules = 2;
	expect_order(&c, "0 2 1");
	c.rules[0].flags |= MRIG_RULE_STOP;
	expect_order(&c, "0 2");
}

/* STOP is for requests that match, whether a member does or not. */
static void stop(void **state)
{
	struct rules_case c = small_case();

	c.rules[0].with = 0x8;
	c.rules[0].flags = MRIG_RULE_STOP;
	c.rules[1] = any;
	c.nr_rules = 2;
	expect_order(&c, "");
	c.rules[0].min_bytes = 1000;
	expect_order(&c, "0 1 2");
}

static void wrong_rules(void **state)
{
	struct mrig_rule rule = any;

	assert_true(mrig_rule_ok(&rule));
	rule.flags = MRIG_RULE_STOP | MRIG_RULE_LOCAL;
	assert_true(mrig_rule_ok(&rule));
	rule.flags = 4;
	assert_false(mrig_rule_ok(&rule));
	rule.flags = 1U << 31;
	assert_false(mrig_rule_ok(&rule));
	rule.flags = 0;
	rule.min_bytes = 9;
	assert_true(mrig_rule_ok(&rule));
	rule.max_bytes = 8;
	assert_false(mrig_rule_ok(&rule));
	rule.max_bytes = 9;
	assert_true(mrig_rule_ok(&rule));
	rule.reserved = 1;
	assert_false(mrig_rule_ok(&rule));
}

static void wrong_places(void **state)
{
	struct mrig_rule rule = any;

	assert_true(mrig_rule_match_ok(0, 0, 0));
	assert_true(mrig_rule_match_ok(MRIG_RULE_MATCH_DMA, 1, 0));
	assert_true(mrig_rule_match_ok(MRIG_RULE_MATCH_DMA, 64, 0));
	assert_true(mrig_rule_match_ok(MRIG_RULE_MATCH_NODE, 0, INT32_MAX));
	assert_true(mrig_rule_match_ok(3, 32, 7));
	assert_false(mrig_rule_match_ok(4, 0, 0));
	assert_false(mrig_rule_match_ok(0, 32, 0));
	assert_false(mrig_rule_match_ok(0, 0, 1));
	assert_false(mrig_rule_match_ok(0, 0, -1));
	assert_false(mrig_rule_match_ok(MRIG_RULE_MATCH_DMA, 0, 0));
	assert_false(mrig_rule_match_ok(MRIG_RULE_MATCH_DMA, 65, 0));
	assert_false(mrig_rule_match_ok(MRIG_RULE_MATCH_DMA, 32, 1));
	assert_false(mrig_rule_match_ok(MRIG_RULE_MATCH_NODE, 32, 1));
	assert_false(mrig_rule_match_ok(MRIG_RULE_MATCH_NODE, 0, -1));
	rule.match = MRIG_RULE_MATCH_DMA;
	assert_false(mrig_rule_ok(&rule));
	rule.dma_bits = 32;
	assert_true(mrig_rule_ok(&rule));
}

/* As many as there can be; a number beyond that is never offered anything, and harms nothing. */
static void many(void *ctx, uint32_t index, struct mrig_rule_member *out)
{
	*out = (struct mrig_rule_member){ .number = index };
}

static void members_without_number(void **state)
{
	struct mrig_rule_set set = { NULL, 0, MRIG_RULES_MAX + 100, many, NULL, NULL };
	struct mrig_rule_req req = { .bytes = 1 };
	struct mrig_rule_walk walk;
	int32_t count = 0, index;

	mrig_rules_begin(&walk, &set);
	while ((index = mrig_rules_next(&walk, &set, &req)) >= 0)
		assert_int_equal(index, count++);
	assert_int_equal(count, MRIG_RULES_MAX);
}

static void random_tables(void **state)
{
	uint32_t round, i, offered = 0;

	for (round = 0; round < ROUNDS; round++) {
		uint8_t data[BYTES];
		struct rules_case c;

		for (i = 0; i < BYTES; i++)
			data[i] = random_byte();
		rules_case_from(&c, data, sizeof(data));
		if (!rules_case_holds(&c))
			fail_msg("round %u of seed %s differs from the model", round,
				 (char *)*state);
		offered += c.nr_rules && c.nr_members;
	}
	assert_true(offered > ROUNDS / 2);
}

int main(int argc, char **argv)
{
	char *text = argc > 1 ? argv[1] : "1";
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_rules),
		cmocka_unit_test(sizes),
		cmocka_unit_test(alignments),
		cmocka_unit_test(who_and_how_urgent),
		cmocka_unit_test(which_members),
		cmocka_unit_test(where_members_are),
		cmocka_unit_test(priority_levels),
		cmocka_unit_test(local_first),
		cmocka_unit_test(stop),
		cmocka_unit_test(wrong_rules),
		cmocka_unit_test(wrong_places),
		cmocka_unit_test(members_without_number),
		cmocka_unit_test_prestate(random_tables, text),
	};

	seed = strtoull(text, NULL, 0);
	return RUN("rules", tests);
}
