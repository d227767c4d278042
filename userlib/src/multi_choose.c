// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * How a multi object of the library finds memory: rules, or a function, name members, and the first
 * that has some gives it. The words and errors are those of MEMRIG_IOC_MULTI_ALLOC.
 */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "multi.h"

#define WORD_BITS 64

/**
 * struct search - the way of one request
 * @local: where
 * @args: what is wanted; the answer
 * @named: bit n: the function has named member number n
 * @count: how many members were asked
 * @full: some could serve it later
 * @places: those, in the order they were asked, if it is ready to wait
 * @nr: their number
 * @large: some could never serve it
 */
struct search {
	struct local_multi *local;
	struct memrig_multi_alloc *args;
	uint64_t named[MEMRIG_MULTI_MAX / WORD_BITS];
	uint32_t count;
	bool full;
	struct multi_place *places;
	uint32_t nr;
	bool large;
};

struct multi_member *mrig_multi_member(struct local_multi *local, uint32_t number)
{
	uint32_t i;

	for (i = 0; i < local->nr; i++)
		if (local->members[i]->number == number)
			return local->members[i];
	return NULL;
}

int mrig_multi_check_match(uint32_t match, uint32_t dma_bits, int32_t node)
{
	if (match & ~(MEMRIG_MATCH_DMA | MEMRIG_MATCH_NODE))
		return -EOPNOTSUPP;
	return mrig_rule_match_ok(match, dma_bits, node) ? 0 : -EINVAL;
}

bool mrig_multi_matches(const struct multi_member *member, const struct multi_wish *wish)
{
	if ((member->attrs & wish->with) != wish->with || member->attrs & wish->without)
		return false;
	if (wish->match & MEMRIG_MATCH_DMA &&
	    (!member->dma_bits || member->dma_bits > wish->dma_bits))
		return false;
	return !(wish->match & MEMRIG_MATCH_NODE) || member->node == wish->node;
}

/* One more block, by that rule. */
static void count(struct local_multi *local, struct multi_member *member, uint32_t rule)
{
	atomic_fetch_add(&member->allocs, 1);
	atomic_fetch_add(&member->live, 1);
	atomic_fetch_add(&local->allocs, 1);
	if (rule < local->nr_rules && !local->choose)
		atomic_fetch_add(&local->counts[rule].allocs, 1);
}

static void take(struct search *s, const struct multi_member *member, uint32_t rule,
		 const struct memrig_alloc *got)
{
	s->args->member = member->number;
	s->args->rule = rule;
	s->args->offset = got->offset;
	s->args->usable = got->usable;
	s->args->reason = MEMRIG_REASON_NONE;
}

/* One more member that the request may wait for. */
static int note_place(struct search *s, struct multi_member *member, uint32_t rule)
{
	if (!s->places)
		s->places = calloc(s->local->nr, sizeof(*s->places));
	if (!s->places) {
		s->args->reason = MEMRIG_REASON_SIDE;
		return -ENOBUFS;
	}
	s->places[s->nr++] = (struct multi_place){ .member = member, .rule = rule };
	return -ENOMEM;
}

/* Offers the request to a member. 0: served; -ENOMEM: go on; anything else ends the search. */
static int offer(struct search *s, struct multi_member *member, uint32_t rule)
{
	struct memrig_alloc want = {
		.size = sizeof(want),
		.bytes = s->args->bytes,
		.align = s->args->align,
	};
	int ret;

	s->count++;
	ret = member->span.heap->ops->alloc(member->span.heap, &want);
	if (!ret) {
		count(s->local, member, rule);
		take(s, member, rule, &want);
		return 0;
	}
	atomic_fetch_add(&member->failures, 1);
	if (ret == -EIO)
		return -ENOMEM; /* one that is fenced off is passed over */
	if (ret != -ENOMEM)
		return ret;
	if (want.largest_free > s->args->largest_free)
		s->args->largest_free = want.largest_free;
	if (want.reason == MEMRIG_REASON_TOO_LARGE) {
		s->large = true;
		return ret;
	}
	s->full = true;
	s->args->reason = want.reason;
	return s->args->flags & MEMRIG_ALLOC_WAIT ? note_place(s, member, rule) : ret;
}

/* ---- rules --------------------------------------------------------------------------- */

/* Memory of the process is where it is touched first. */
static bool is_local(const struct multi_member *member)
{
	unsigned int cpu, node;

	if (member->node == MEMRIG_NODE_ANY || getcpu(&cpu, &node))
		return true;
	return cpu < WORD_BITS ? member->cpus >> cpu & 1 : node == (unsigned int)member->node;
}

static void describe(void *ctx, uint32_t index, struct mrig_rule_member *out)
{
	const struct local_multi *local = ctx;
	const struct multi_member *member = local->members[index];

	*out = (struct mrig_rule_member){
		.number = member->number,
		.attrs = member->attrs,
		.local = is_local(member),
		.dma_bits = member->dma_bits,
		.node = member->node,
	};
}

static void note_match(void *ctx, uint32_t rule)
{
	struct local_multi *local = ctx;

	atomic_fetch_add(&local->counts[rule].matched, 1);
}

static int search_rules(struct search *s)
{
	struct local_multi *local = s->local;
	const struct mrig_rule_set set = {
		.rules = local->rules,
		.nr_rules = local->nr_rules,
		.nr_members = local->nr,
		.member = describe,
		.matched = note_match,
		.ctx = local,
	};
	const struct mrig_rule_req request = {
		.bytes = s->args->bytes,
		.align = s->args->align,
		.with = s->args->with,
		.without = s->args->without,
		.prio = s->args->priority,
		.uid = getuid(),
		.match = s->args->match,
		.dma_bits = s->args->dma_bits,
		.node = s->args->node,
	};
	struct mrig_rule_walk walk;
	int ret = -ENOMEM;
	int32_t index;

	mrig_rules_begin(&walk, &set);
	while (ret == -ENOMEM && (index = mrig_rules_next(&walk, &set, &request)) >= 0)
		ret = offer(s, local->members[index], walk.rule);
	return ret;
}

/* ---- a function ---------------------------------------------------------------------- */

/* One that it has not named before, and that has what the request asks for. */
static bool is_new(struct search *s, const struct multi_member *member)
{
	const struct multi_wish wish = {
		.with = s->args->with,
		.without = s->args->without,
		.match = s->args->match,
		.dma_bits = s->args->dma_bits,
		.node = s->args->node,
	};
	uint64_t *word = &s->named[member->number / WORD_BITS];
	uint64_t bit = 1ULL << member->number % WORD_BITS;
	bool seen = *word & bit;

	*word |= bit;
	return !seen && mrig_multi_matches(member, &wish);
}

/* A function that names the same members again and again is not asked for ever. */
static int search_function(struct search *s)
{
	struct local_multi *local = s->local;
	struct multi_member *member;
	uint32_t number, asked;
	int ret = -ENOMEM;

	for (asked = 0; asked < MEMRIG_MULTI_MAX && ret == -ENOMEM; asked++) {
		number = local->choose(&local->multi, s->args, s->count, local->arg);
		if (number == MEMRIG_MEMBER_ANY)
			break;
		member = mrig_multi_member(local, number);
		if (member && is_new(s, member))
			ret = offer(s, member, UINT32_MAX);
	}
	return ret;
}

/* ---- waiting ------------------------------------------------------------------------- */

/* Members that are busy are not removed. */
static void hold_places(struct search *s, int by)
{
	uint32_t i;

	for (i = 0; i < s->nr; i++)
		atomic_fetch_add(&s->places[i].member->busy, by);
}

/* The lock is given up meanwhile. */
static int wait_for_any(struct search *s)
{
	struct multi_place *winner = NULL;
	int ret;

	hold_places(s, 1);
	pthread_rwlock_unlock(&s->local->lock);
	ret = mrig_multi_wait(s->local, s->places, s->nr, s->args, &winner);
	pthread_rwlock_rdlock(&s->local->lock);
	if (!ret) {
		count(s->local, winner->member, winner->rule);
		take(s, winner->member, winner->rule, &winner->args);
	}
	hold_places(s, -1);
	return ret;
}

/* ---- all of it ----------------------------------------------------------------------- */

static int search(struct search *s)
{
	int ret = s->local->choose ? search_function(s) : search_rules(s);

	if (ret != -ENOMEM)
		return ret == -ENOBUFS ? -ENOMEM : ret;
	if (s->full)
		return s->nr ? wait_for_any(s) : -ENOMEM;
	if (s->large) {
		s->args->reason = MEMRIG_REASON_TOO_LARGE;
		return s->args->flags & MEMRIG_ALLOC_WAIT ? -EINVAL : -ENOMEM;
	}
	return s->count ? -EIO : -ENOENT;
}

/**
 * mrig_multi_choose_alloc() - allocate from one of the members
 * @local: object; its lock is held for reading, and given up while the call waits
 * @args: request and answer
 *
 * Return: 0 or a negative errno.
 */
int mrig_multi_choose_alloc(struct local_multi *local, struct memrig_multi_alloc *args)
{
	struct search s = { .local = local, .args = args };
	int ret;

	args->reason = MEMRIG_REASON_NONE;
	args->largest_free = 0;
	ret = search(&s);
	free(s.places);
	if (ret)
		atomic_fetch_add(&local->failures, 1);
	return ret;
}
