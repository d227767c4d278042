// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Multi objects that the library runs: tables of members and rules, figures.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "multi.h"

#define CUSTOM_ATTRS (~0ULL << 32)

/* ---- members ------------------------------------------------------------------------- */

static void drop_member(struct multi_member *member)
{
	memrig_heap_close(member->span.heap);
	free(member);
}

/* Attributes and node of a region, which a heap of the process alone need not have. */
static int describe(struct multi_member *member, struct memrig_heap *heap, uint64_t attrs)
{
	struct memrig_region_info info = { .size = sizeof(info) };
	int ret;

	member->attrs = attrs;
	member->node = MEMRIG_NODE_ANY;
	member->cpus = ~0ULL;
	if (!heap->region)
		return 0;
	if (attrs & ~CUSTOM_ATTRS)
		return -EINVAL;
	ret = mrig_ioctl(heap->region->fd, MEMRIG_IOC_REGION_INFO, &info);
	member->attrs |= info.attrs;
	member->node = info.node;
	member->dma_bits = info.dma_bits;
	member->cpus = info.cpus;
	return ret;
}

static struct multi_member *make_member(struct memrig_heap *heap, uint64_t attrs, int *ret)
{
	struct multi_member *member = calloc(1, sizeof(*member));

	*ret = -ENOMEM;
	if (!member)
		return NULL;
	*ret = mrig_multi_span_init(&member->span, heap);
	if (!*ret)
		*ret = describe(member, heap, attrs);
	if (*ret) {
		free(member);
		return NULL;
	}
	mrig_heap_get(heap);
	return member;
}

static uint32_t free_number(struct local_multi *local)
{
	uint32_t number = 0;

	while (mrig_multi_member(local, number))
		number++;
	return number;
}

static int insert(struct local_multi *local, struct multi_member *member)
{
	struct multi_member **more;
	uint32_t i;

	for (i = 0; i < local->nr; i++)
		if (local->members[i]->span.heap == member->span.heap ||
		    (member->span.id && local->members[i]->span.id == member->span.id))
			return -EEXIST;
	if (local->nr == MEMRIG_MULTI_MAX)
		return -ENOSPC;
	more = reallocarray(local->members, local->nr + 1, sizeof(struct multi_member *));
	if (!more)
		return -ENOMEM;
	local->members = more;
	member->number = free_number(local);
	local->members[local->nr++] = member;
	return 0;
}

static int local_add(struct memrig_multi *multi, struct memrig_heap *heap, uint64_t attrs,
		     uint32_t *number)
{
	struct local_multi *local = to_local_multi(multi);
	struct multi_member *member;
	int ret;

	member = make_member(heap, attrs, &ret);
	if (!member)
		return ret;
	pthread_rwlock_wrlock(&local->lock);
	ret = insert(local, member);
	if (!ret)
		*number = member->number;
	pthread_rwlock_unlock(&local->lock);
	if (ret)
		drop_member(member);
	return ret;
}

static int local_remove(struct memrig_multi *multi, uint32_t number)
{
	struct local_multi *local = to_local_multi(multi);
	struct multi_member *member;
	uint32_t i = 0;
	int ret = -ENOENT;

	pthread_rwlock_wrlock(&local->lock);
	member = mrig_multi_member(local, number);
	if (member)
		ret = atomic_load(&member->live) > 0 || atomic_load(&member->busy) ? -EBUSY : 0;
	if (!ret) {
		while (local->members[i] != member)
			i++;
		local->nr--;
		memmove(&local->members[i], &local->members[i + 1],
			(local->nr - i) * sizeof(struct multi_member *));
	}
	pthread_rwlock_unlock(&local->lock);
	if (!ret)
		drop_member(member);
	return ret;
}

static int local_heap(struct memrig_multi *multi, uint32_t number, const uint64_t *block,
		      struct memrig_heap **heap)
{
	struct local_multi *local = to_local_multi(multi);
	struct multi_member *member;

	pthread_rwlock_rdlock(&local->lock);
	member = mrig_multi_member(local, number);
	if (member) {
		*heap = member->span.heap;
		mrig_heap_get(*heap);
	}
	pthread_rwlock_unlock(&local->lock);
	return member ? 0 : -ENOENT;
}

static int local_find(struct memrig_multi *multi, const void *ptr, uint32_t *number,
		      uint64_t *offset)
{
	struct local_multi *local = to_local_multi(multi);
	int ret = -ENOENT;
	uint32_t i;

	pthread_rwlock_rdlock(&local->lock);
	for (i = 0; i < local->nr && ret; i++) {
		if (mrig_multi_span_has(&local->members[i]->span, ptr, offset)) {
			*number = local->members[i]->number;
			ret = 0;
		}
	}
	pthread_rwlock_unlock(&local->lock);
	return ret;
}

/* ---- choice -------------------------------------------------------------------------- */

/* The engine has the table as the uapi has it. */
#define SAME_OFFSET(member) \
	(offsetof(struct mrig_rule, member) == offsetof(struct memrig_rule, member))
static_assert(sizeof(struct mrig_rule) == sizeof(struct memrig_rule), "rules have one size");
static_assert(SAME_OFFSET(prio_min) && SAME_OFFSET(flags) && SAME_OFFSET(node),
	      "rules have one layout");
static_assert(MRIG_RULE_MATCH_DMA == MEMRIG_MATCH_DMA, "one meaning of DMA");
static_assert(MRIG_RULE_MATCH_NODE == MEMRIG_MATCH_NODE, "one meaning of NODE");
static_assert(MRIG_RULE_STOP == MEMRIG_RULE_STOP, "one meaning of STOP");
static_assert(MRIG_RULE_LOCAL == MEMRIG_RULE_LOCAL, "one meaning of LOCAL");
static_assert(MRIG_RULES_MAX == MEMRIG_MULTI_MAX, "one bound on rules");
static_assert(MRIG_RULE_ANY == MEMRIG_MEMBER_ANY, "one word for any member");

static int check_rules(const struct memrig_rule *rules, uint32_t count)
{
	uint32_t i;
	int ret;

	if (count > MEMRIG_MULTI_MAX)
		return -EINVAL;
	if (count && !rules)
		return -EFAULT;
	for (i = 0; i < count; i++) {
		if (rules[i].flags & ~(MEMRIG_RULE_STOP | MEMRIG_RULE_LOCAL) || rules[i].reserved)
			return -EOPNOTSUPP;
		if (rules[i].max_bytes && rules[i].min_bytes > rules[i].max_bytes)
			return -EINVAL;
		ret = mrig_multi_check_match(rules[i].match, rules[i].dma_bits, rules[i].node);
		if (ret)
			return ret;
	}
	return 0;
}

static void swap_rules(struct local_multi *local, struct mrig_rule **rules,
		       struct multi_rule_count **counts, uint32_t nr)
{
	struct multi_rule_count *old_counts = local->counts;
	struct mrig_rule *old_rules = local->rules;

	local->rules = *rules;
	local->counts = *counts;
	local->nr_rules = nr;
	*rules = old_rules;
	*counts = old_counts;
}

static int local_rules(struct memrig_multi *multi, const struct memrig_rule *rules, uint32_t count)
{
	struct local_multi *local = to_local_multi(multi);
	struct multi_rule_count *counts;
	struct mrig_rule *table;
	int ret;

	ret = check_rules(rules, count);
	if (ret)
		return ret;
	table = calloc(count + 1, sizeof(*table));
	counts = calloc(count + 1, sizeof(*counts));
	if (table && counts) {
		if (count)
			memcpy(table, rules, count * sizeof(*table));
		pthread_rwlock_wrlock(&local->lock);
		swap_rules(local, &table, &counts, count);
		pthread_rwlock_unlock(&local->lock);
	} else {
		ret = -ENOMEM;
	}
	free(table);
	free(counts);
	return ret;
}

static int local_choose(struct memrig_multi *multi, memrig_choose_fn choose, void *arg)
{
	struct local_multi *local = to_local_multi(multi);

	pthread_rwlock_wrlock(&local->lock);
	local->choose = choose;
	local->arg = arg;
	pthread_rwlock_unlock(&local->lock);
	return 0;
}

/* ---- figures ------------------------------------------------------------------------- */

static void fill_member(const struct multi_member *member, struct memrig_multi_member_stat *stat)
{
	*stat = (struct memrig_multi_member_stat){
		.member = member->number,
		.node = member->node,
		.heap_id = member->span.id,
		.region_id = member->span.region_id,
		.attrs = member->attrs,
		.allocs = atomic_load(&member->allocs),
		.frees = atomic_load(&member->frees),
		.failures = atomic_load(&member->failures),
		.dma_bits = member->dma_bits,
	};
}

static int local_stat(struct memrig_multi *multi, struct memrig_multi_stat *args)
{
	struct memrig_multi_member_stat *members = (void *)(uintptr_t)args->members;
	struct memrig_multi_rule_stat *rules = (void *)(uintptr_t)args->rules;
	struct local_multi *local = to_local_multi(multi);
	uint32_t i;

	if (args->size < sizeof(*args) || args->member_count > MEMRIG_MULTI_MAX ||
	    args->rule_count > MEMRIG_MULTI_MAX)
		return -EINVAL;
	pthread_rwlock_rdlock(&local->lock);
	for (i = 0; i < args->member_count && i < local->nr; i++)
		fill_member(local->members[i], &members[i]);
	for (i = 0; i < args->rule_count && i < local->nr_rules; i++) {
		rules[i].matched = atomic_load(&local->counts[i].matched);
		rules[i].allocs = atomic_load(&local->counts[i].allocs);
	}
	args->member_count = local->nr;
	args->rule_count = local->nr_rules;
	pthread_rwlock_unlock(&local->lock);
	args->id = 0;
	args->files = 1;
	args->allocs = atomic_load(&local->allocs);
	args->frees = atomic_load(&local->frees);
	args->failures = atomic_load(&local->failures);
	args->moves = atomic_load(&local->moves);
	return 0;
}

/* ---- life ---------------------------------------------------------------------------- */

static void local_close(struct memrig_multi *multi)
{
	struct local_multi *local = to_local_multi(multi);
	uint32_t i;

	for (i = 0; i < local->nr; i++)
		drop_member(local->members[i]);
	free(local->members);
	free(local->rules);
	free(local->counts);
	pthread_rwlock_destroy(&local->lock);
	free(local);
}

static const struct multi_ops local_ops = {
	.close = local_close,
	.add = local_add,
	.remove = local_remove,
	.rules = local_rules,
	.choose = local_choose,
	.alloc = mrig_multi_local_alloc,
	.free = mrig_multi_local_free,
	.realloc = mrig_multi_local_realloc,
	.stat = local_stat,
	.heap = local_heap,
	.find = local_find,
};

int memrig_multi_local_create(memrig_multi_t **multi)
{
	struct local_multi *new = calloc(1, sizeof(*new));
	int ret;

	if (!new)
		return FAIL(-ENOMEM);
	ret = -pthread_rwlock_init(&new->lock, NULL);
	if (ret) {
		free(new);
		return FAIL(ret);
	}
	new->multi.ops = &local_ops;
	*multi = &new->multi;
	return 0;
}
