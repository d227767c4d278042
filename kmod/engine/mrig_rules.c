// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * See mrig_rules.h. A walk looks at each member at most once per rule.
 */
#include "mrig_rules.h"

/**
 * mrig_rule_match_ok() - can there be such a device and node?
 * @match: which of the others count
 * @dma_bits: address bits of the device
 * @node: number of the node
 *
 * Return: false when @match is unknown, or what counts is out of range, or what does not is not 0.
 */
bool mrig_rule_match_ok(uint32_t match, uint32_t dma_bits, int32_t node)
{
	if (match & ~(uint32_t)(MRIG_RULE_MATCH_DMA | MRIG_RULE_MATCH_NODE))
		return false;
	if (match & MRIG_RULE_MATCH_DMA ? !dma_bits || dma_bits > 64 : dma_bits != 0)
		return false;
	return match & MRIG_RULE_MATCH_NODE ? node >= 0 : !node;
}

/**
 * mrig_rule_ok() - can there be such a rule?
 * @rule: rule
 *
 * Return: false when its bounds leave nothing, or a flag is unknown.
 */
bool mrig_rule_ok(const struct mrig_rule *rule)
{
	if (rule->flags & ~(uint32_t)(MRIG_RULE_STOP | MRIG_RULE_LOCAL))
		return false;
	if (rule->reserved || !mrig_rule_match_ok(rule->match, rule->dma_bits, rule->node))
		return false;
	return !rule->max_bytes || rule->min_bytes <= rule->max_bytes;
}

/* The power of two in Zephyr's align | rewind: the higher bit. */
static uint64_t plain_align(uint64_t align)
{
	uint64_t high = align & (align - 1);

	return high ? high : align;
}

static bool rule_matches(const struct mrig_rule *rule, const struct mrig_rule_req *req)
{
	if (req->bytes < rule->min_bytes || req->prio < rule->prio_min)
		return false;
	if (rule->max_bytes && req->bytes > rule->max_bytes)
		return false;
	if (rule->align_max && plain_align(req->align) > rule->align_max)
		return false;
	return rule->uid == MRIG_RULE_ANY || rule->uid == req->uid;
}

static bool has(const struct mrig_rule_member *member, uint64_t with, uint64_t without)
{
	return (member->attrs & with) == with && !(member->attrs & without);
}

static bool is_placed(const struct mrig_rule_member *member, uint32_t match, uint32_t dma_bits,
		      int32_t node)
{
	if (match & MRIG_RULE_MATCH_DMA && (!member->dma_bits || member->dma_bits > dma_bits))
		return false;
	return !(match & MRIG_RULE_MATCH_NODE) || member->node == node;
}

static bool member_matches(const struct mrig_rule_member *member, const struct mrig_rule *rule,
			   const struct mrig_rule_req *req)
{
	if (!has(member, req->with, req->without) ||
	    !is_placed(member, req->match, req->dma_bits, req->node))
		return false;
	if (!rule)
		return true;
	if (rule->member != MRIG_RULE_ANY && rule->member != member->number)
		return false;
	if (rule->flags & MRIG_RULE_LOCAL && !member->local)
		return false;
	return has(member, rule->with, rule->without) &&
	       is_placed(member, rule->match, rule->dma_bits, rule->node);
}

/* Marks it; false if that had happened before, or the number is none. */
static bool first_time(struct mrig_rule_walk *walk, uint32_t number)
{
	uint64_t bit = 1ULL << number % 64;

	if (number >= MRIG_RULES_MAX || walk->tried[number / 64] & bit)
		return false;
	walk->tried[number / 64] |= bit;
	return true;
}

/* The next member that @rule offers the request to, or -1. */
static int32_t next_member(struct mrig_rule_walk *walk, const struct mrig_rule_set *set,
			   const struct mrig_rule *rule, const struct mrig_rule_req *req)
{
	struct mrig_rule_member member;
	uint32_t index;

	while (walk->next < set->nr_members) {
		index = walk->next++;
		set->member(set->ctx, index, &member);
		if (member_matches(&member, rule, req) && first_time(walk, member.number))
			return (int32_t)index;
	}
	return -1;
}

/* Goes to the first rule that matches, from the present one on. False: there is none. */
static bool find_rule(struct mrig_rule_walk *walk, const struct mrig_rule_set *set,
		      const struct mrig_rule_req *req)
{
	for (; walk->rule < set->nr_rules; walk->rule++) {
		if (!rule_matches(&set->rules[walk->rule], req))
			continue;
		if (set->matched)
			set->matched(set->ctx, walk->rule);
		walk->inside = true;
		walk->next = 0;
		return true;
	}
	return false;
}

/**
 * mrig_rules_begin() - before the first step
 * @walk: what to prepare
 * @set: what to choose from
 */
void mrig_rules_begin(struct mrig_rule_walk *walk, const struct mrig_rule_set *set)
{
	memset(walk, 0, sizeof(*walk));
	if (!set->nr_rules)
		walk->rule = MRIG_RULE_ANY;
}

/**
 * mrig_rules_next() - the next member to offer a request to
 * @walk: prepared; @walk->rule says by which rule it came
 * @set: what to choose from
 * @req: the request, the same at every step
 *
 * Return: index of the member, or -1 when there is no more.
 */
int32_t mrig_rules_next(struct mrig_rule_walk *walk, const struct mrig_rule_set *set,
			const struct mrig_rule_req *req)
{
	const struct mrig_rule *rule;
	int32_t index;

	if (!set->nr_rules)
		return next_member(walk, set, NULL, req);
	while (walk->inside || find_rule(walk, set, req)) {
		rule = &set->rules[walk->rule];
		index = next_member(walk, set, rule, req);
		if (index >= 0)
			return index;
		walk->inside = false;
		walk->rule = rule->flags & MRIG_RULE_STOP ? set->nr_rules : walk->rule + 1;
	}
	return -1;
}
