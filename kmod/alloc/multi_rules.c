// SPDX-License-Identifier: GPL-2.0-only
/*
 * The choice function of multi objects, as a table.
 */
#include <linux/cred.h>
#include <linux/limits.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/overflow.h>
#include <linux/sched.h>
#include <linux/uidgid.h>

#include "alloc/heap_private.h"
#include "alloc/multi.h"
#include "core/fault.h"
#include "region/region.h"

/**
 * mrig_rules_new() - a table to be filled in
 * @count: lines; 0: the table that offers everything to all members in order
 *
 * Context: may sleep.
 * Return: the table, or NULL.
 */
struct mrig_rules *mrig_rules_new(u32 count)
{
	u32 lines = count ?: 1;
	struct mrig_rules *rules = NULL;

	if (!mrig_should_fail())
		rules = kvzalloc(struct_size(rules, rule, lines), MRIG_GFP_SIDE);
	if (!rules)
		return NULL;
	rules->count = lines;
	if (!count) {
		rules->implied = true;
		rules->rule[0].is = (struct memrig_rule){
			.prio_min = S32_MIN,
			.uid = MEMRIG_UID_ANY,
			.member = MEMRIG_MEMBER_ANY,
		};
		rules->rule[0].uid = INVALID_UID;
	}
	return rules;
}

static int match_check(u32 match, u32 dma_bits, s32 node)
{
	if (match & ~(MEMRIG_MATCH_DMA | MEMRIG_MATCH_NODE))
		return -EOPNOTSUPP;
	if (match & MEMRIG_MATCH_DMA ? !dma_bits || dma_bits > 64 : dma_bits)
		return -EINVAL;
	if (!(match & MEMRIG_MATCH_NODE))
		return node ? -EINVAL : 0;
	return node >= 0 && node < MAX_NUMNODES && node_online(node) ? 0 : -EINVAL;
}

/**
 * mrig_request_check() - whether a request makes sense
 * @request: the request
 *
 * Return: 0; -EINVAL: no bytes, a bad alignment, a device or node that cannot be; -EOPNOTSUPP: an
 * alignment that is not given, something unknown to match.
 */
int mrig_request_check(const struct mrig_request *request)
{
	int err = request->bytes ? mrig_align_check(request->align) : -EINVAL;

	return err ?: match_check(request->match, request->dma_bits, request->node);
}

static int rule_check(struct mrig_rule *rule)
{
	const struct memrig_rule *is = &rule->is;
	int err;

	if (is->flags & ~(MEMRIG_RULE_STOP | MEMRIG_RULE_LOCAL) || is->reserved)
		return -EOPNOTSUPP;
	if (is->max_bytes && is->min_bytes > is->max_bytes)
		return -EINVAL;
	err = match_check(is->match, is->dma_bits, is->node);
	if (err)
		return err;
	rule->uid = INVALID_UID;
	if (is->uid == MEMRIG_UID_ANY)
		return 0;
	rule->uid = make_kuid(current_user_ns(), is->uid);
	return uid_valid(rule->uid) ? 0 : -EINVAL;
}

/**
 * mrig_rules_set() - replace the table of an object
 * @multi: the object
 * @rules: from mrig_rules_new(), with the lines as the user gave them; taken over, on failure freed
 *
 * Context: may sleep.
 * Return: 0; -EPERM; -EOPNOTSUPP, -EINVAL: what a line says makes no sense.
 */
int mrig_rules_set(struct mrig_multi *multi, struct mrig_rules *rules)
{
	int err = mrig_multi_may_change(multi) ? 0 : -EPERM;
	u32 i;

	for (i = 0; i < rules->count && !err; i++)
		err = rule_check(&rules->rule[i]);
	if (!err) {
		down_write(&multi->lock);
		rules->id = multi->rules->id + 1;
		swap(multi->rules, rules);
		up_write(&multi->lock);
	}
	kvfree(rules);
	if (!err)
		mrig_multi_poke(multi);
	return err;
}

static bool has_attrs(const struct mrig_member *member, u64 with, u64 without)
{
	return (member->attrs & with) == with && !(member->attrs & without);
}

static bool is_placed(const struct mrig_member *member, u32 match, u32 dma_bits, s32 node)
{
	return (!(match & MEMRIG_MATCH_DMA) || member->dma_bits <= dma_bits) &&
	       (!(match & MEMRIG_MATCH_NODE) || member->node == node);
}

/**
 * mrig_member_fits() - whether a member is what a request asks for
 * @member: the member
 * @request: the request
 *
 * Return: true if so.
 */
bool mrig_member_fits(const struct mrig_member *member, const struct mrig_request *request)
{
	return has_attrs(member, request->with, request->without) &&
	       is_placed(member, request->match, request->dma_bits, request->node);
}

static bool rule_matches(const struct mrig_rule *rule, const struct mrig_request *request)
{
	const struct memrig_rule *is = &rule->is;
	u64 rewind = hweight64(request->align) == 2 ? request->align & -request->align : 0;

	return request->bytes >= is->min_bytes &&
	       (!is->max_bytes || request->bytes <= is->max_bytes) &&
	       (!is->align_max || request->align - rewind <= is->align_max) &&
	       request->priority >= is->prio_min &&
	       (!uid_valid(rule->uid) || uid_eq(rule->uid, current_fsuid()));
}

static bool member_matches(const struct mrig_choice *choice, const struct memrig_rule *is,
			   const struct mrig_member *member)
{
	if (is->member != MEMRIG_MEMBER_ANY && is->member != member->id)
		return false;
	if (!has_attrs(member, is->with, is->without) ||
	    !is_placed(member, is->match, is->dma_bits, is->node) ||
	    !mrig_member_fits(member, choice->request))
		return false;
	return !(is->flags & MEMRIG_RULE_LOCAL) ||
	       mrig_region_near(member->heap->region, choice->cpu);
}

/* The next member in order that the current rule chooses. */
static struct mrig_member *next_member_locked(struct mrig_choice *choice,
					      const struct memrig_rule *is)
{
	struct list_head *head = &choice->multi->members;
	struct mrig_member *member = choice->member;

	lockdep_assert_held(&choice->multi->lock);
	member = list_prepare_entry(member, head, entry);
	list_for_each_entry_continue(member, head, entry)
		if (member_matches(choice, is, member) &&
		    !__test_and_set_bit(member->id, choice->tried))
			return member;
	return NULL;
}

/**
 * mrig_choice_next_locked() - whom to ask next
 * @choice: zero, but for object, request, CPU and @choice->counted, to begin
 *
 * Rules times members steps in all.
 *
 * Context: multi->lock held from the first call to the last; may sleep.
 * Return: a member, at most once each; NULL: there is nobody else.
 */
struct mrig_member *mrig_choice_next_locked(struct mrig_choice *choice)
{
	struct mrig_rules *rules = choice->multi->rules;
	struct mrig_rule *rule;

	lockdep_assert_held(&choice->multi->lock);
	for (; choice->rule < rules->count; choice->rule++) {
		rule = &rules->rule[choice->rule];
		if (!choice->entered) {
			if (!rule_matches(rule, choice->request))
				continue;
			cond_resched();
			if (choice->counted)
				atomic64_inc(&rule->matched);
			choice->entered = true;
			choice->member = NULL;
		}
		choice->member = next_member_locked(choice, &rule->is);
		if (choice->member)
			return choice->member;
		choice->entered = false;
		if (rule->is.flags & MEMRIG_RULE_STOP)
			choice->rule = rules->count - 1;
	}
	return NULL;
}
