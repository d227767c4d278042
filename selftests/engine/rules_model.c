// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * See rules_model.h.
 */
#include <string.h>

#include "rules_model.h"

/* ---- a case out of bytes ------------------------------------------------------------- */

struct bytes {
	const uint8_t *at;
	size_t left;
};

/* 0 when they are used up. */
static uint32_t take(struct bytes *b, uint32_t below)
{
	if (!b->left)
		return 0;
	b->left--;
	return *b->at++ % below;
}

/* Few values, so that they meet; some at the ends of what there can be. */
static uint64_t some_size(struct bytes *b)
{
	static const uint64_t sizes[] = { 0, 1, 8, 63, 64, 65, 4096, 1ULL << 40, UINT64_MAX };

	return sizes[take(b, sizeof(sizes) / sizeof(sizes[0]))];
}

static uint64_t some_attrs(struct bytes *b)
{
	uint32_t bits = take(b, 16);

	return (bits & 7) | (bits & 8 ? 1ULL << 63 : 0);
}

static int32_t some_prio(struct bytes *b)
{
	static const int32_t prios[] = { INT32_MIN, -1, 0, 1, 7, INT32_MAX };

	return prios[take(b, 6)];
}

static uint32_t some_number(struct bytes *b, uint32_t any)
{
	uint32_t n = take(b, RULES_MEMBERS + 4);

	return n > RULES_MEMBERS ? any : n;
}

static void some_place(struct bytes *b, uint32_t *match, uint32_t *dma_bits, int32_t *node)
{
	static const uint32_t bits[] = { 1, 24, 32, 33, 64 };

	*match = take(b, 4) & take(b, 4);
	*dma_bits = *match & MRIG_RULE_MATCH_DMA ? bits[take(b, 5)] : 0;
	*node = *match & MRIG_RULE_MATCH_NODE ? (int32_t)take(b, 3) : 0;
}

void rules_case_from(struct rules_case *c, const uint8_t *data, size_t size)
{
	static const uint64_t aligns[] = { 0, 1, 8, 64, 64 | 8, 4096, 4096 | 16, 1ULL << 63 };
	static const uint32_t reach[] = { 0, 24, 32, 33, 64 };
	struct bytes b = { data, size };
	uint32_t shift = take(&b, 3) * 500, i;

	memset(c, 0, sizeof(*c));
	c->nr_members = take(&b, RULES_MEMBERS + 1);
	c->nr_rules = take(&b, RULES_RULES + 1);
	c->req.bytes = some_size(&b);
	c->req.align = aligns[take(&b, 8)];
	c->req.with = some_attrs(&b) & some_attrs(&b);
	c->req.without = some_attrs(&b) & some_attrs(&b);
	c->req.prio = some_prio(&b);
	c->req.uid = take(&b, 3);
	some_place(&b, &c->req.match, &c->req.dma_bits, &c->req.node);
	for (i = 0; i < c->nr_members; i++) {
		/* Numbers are not in order, and no two are the same. */
		c->members[i].number = shift + (i * 5 + 3) % RULES_MEMBERS;
		c->members[i].attrs = some_attrs(&b);
		c->members[i].local = take(&b, 2);
		c->members[i].dma_bits = reach[take(&b, 5)];
		c->members[i].node = (int32_t)take(&b, 4) - 1;
	}
	for (i = 0; i < c->nr_rules; i++) {
		struct mrig_rule *rule = &c->rules[i];

		rule->min_bytes = some_size(&b);
		rule->max_bytes = some_size(&b);
		rule->align_max = aligns[take(&b, 4)];
		rule->with = some_attrs(&b) & some_attrs(&b);
		rule->without = some_attrs(&b) & some_attrs(&b) & some_attrs(&b);
		rule->prio_min = some_prio(&b);
		rule->uid = take(&b, 2) ? MRIG_RULE_ANY : take(&b, 3);
		rule->member = some_number(&b, MRIG_RULE_ANY);
		if (rule->member != MRIG_RULE_ANY)
			rule->member += shift;
		rule->flags = take(&b, 4);
		some_place(&b, &rule->match, &rule->dma_bits, &rule->node);
	}
}

/* ---- the manual ---------------------------------------------------------------------- */

#define STEPS (RULES_MEMBERS + 1)

/* What a walk gave: members by rules, and the rules that matched. */
struct answer {
	int32_t index[STEPS];
	uint32_t rule[STEPS];
	uint32_t count;
	uint32_t matched[RULES_RULES + 1];
	uint32_t nr_matched;
};

static bool request_fits(const struct mrig_rule *r, const struct mrig_rule_req *q)
{
	uint64_t align = q->align;

	/* The rewind is the lower of two bits. */
	if (align && align != (align & -align))
		align -= align & -align;
	return q->bytes >= r->min_bytes && (r->max_bytes == 0 || q->bytes <= r->max_bytes) &&
	       (r->align_max == 0 || align <= r->align_max) && q->prio >= r->prio_min &&
	       (r->uid == MRIG_RULE_ANY || r->uid == q->uid);
}

static bool attrs_fit(uint64_t attrs, uint64_t with, uint64_t without)
{
	int bit;

	for (bit = 0; bit < 64; bit++) {
		if (with >> bit & 1 && !(attrs >> bit & 1))
			return false;
		if (without >> bit & 1 && attrs >> bit & 1)
			return false;
	}
	return true;
}

static bool place_fits(const struct mrig_rule_member *m, uint32_t match, uint32_t dma_bits,
		       int32_t node)
{
	bool reached = m->dma_bits && dma_bits >= m->dma_bits, there = m->node == node;

	switch (match) {
	case 0:
		return true;
	case MRIG_RULE_MATCH_DMA:
		return reached;
	case MRIG_RULE_MATCH_NODE:
		return there;
	default:
		return reached && there;
	}
}

static bool seen(const struct answer *a, int32_t index)
{
	uint32_t i;

	for (i = 0; i < a->count; i++)
		if (a->index[i] == index)
			return true;
	return false;
}

static void offer_all(const struct rules_case *c, uint32_t number, struct answer *a)
{
	static const struct mrig_rule all = { .prio_min = INT32_MIN,
					      .uid = MRIG_RULE_ANY,
					      .member = MRIG_RULE_ANY };
	const struct mrig_rule *r = number == MRIG_RULE_ANY ? &all : &c->rules[number];
	uint32_t i;

	for (i = 0; i < c->nr_members; i++) {
		const struct mrig_rule_member *m = &c->members[i];

		if (seen(a, i) || (r->member != MRIG_RULE_ANY && r->member != m->number) ||
		    (r->flags & MRIG_RULE_LOCAL && !m->local) ||
		    !attrs_fit(m->attrs, r->with, r->without) ||
		    !attrs_fit(m->attrs, c->req.with, c->req.without) ||
		    !place_fits(m, r->match, r->dma_bits, r->node) ||
		    !place_fits(m, c->req.match, c->req.dma_bits, c->req.node))
			continue;
		a->index[a->count] = i;
		a->rule[a->count++] = number;
	}
}

static void by_the_manual(const struct rules_case *c, struct answer *a)
{
	uint32_t i;

	if (!c->nr_rules)
		offer_all(c, MRIG_RULE_ANY, a);
	for (i = 0; i < c->nr_rules; i++) {
		if (!request_fits(&c->rules[i], &c->req))
			continue;
		a->matched[a->nr_matched++] = i;
		offer_all(c, i, a);
		if (c->rules[i].flags & MRIG_RULE_STOP)
			break;
	}
}

/* ---- the engine ---------------------------------------------------------------------- */

struct run {
	const struct rules_case *c;
	struct answer *a;
};

static void describe(void *ctx, uint32_t index, struct mrig_rule_member *out)
{
	const struct run *run = ctx;

	*out = run->c->members[index];
}

static void matched(void *ctx, uint32_t rule)
{
	struct answer *a = ((struct run *)ctx)->a;

	if (a->nr_matched <= RULES_RULES)
		a->matched[a->nr_matched++] = rule;
}

static void by_the_engine(const struct rules_case *c, struct answer *a)
{
	struct run run = { c, a };
	struct mrig_rule_set set = {
		.rules = c->rules,
		.nr_rules = c->nr_rules,
		.nr_members = c->nr_members,
		.member = describe,
		.matched = matched,
		.ctx = &run,
	};
	struct mrig_rule_walk walk;
	int32_t index;

	mrig_rules_begin(&walk, &set);
	while ((index = mrig_rules_next(&walk, &set, &c->req)) >= 0 && a->count < STEPS) {
		a->index[a->count] = index;
		a->rule[a->count++] = walk.rule;
	}
	/* The end is the end. */
	if (a->count < STEPS && mrig_rules_next(&walk, &set, &c->req) >= 0)
		a->count = STEPS;
}

bool rules_case_holds(const struct rules_case *c)
{
	struct answer wanted = { .count = 0 }, got = { .count = 0 };

	by_the_manual(c, &wanted);
	by_the_engine(c, &got);
	return !memcmp(&wanted, &got, sizeof(got));
}
