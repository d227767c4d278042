// SPDX-License-Identifier: GPL-2.0-only
/*
 * Figures of multi objects.
 */
#include "alloc/multi.h"
#include "region/region.h"

/**
 * mrig_multi_stat() - figures of an object
 * @multi: the object
 * @stat: out: everything but size, arrays and reserved; the counts of both tables included
 *
 * Context: may sleep.
 */
void mrig_multi_stat(struct mrig_multi *multi, struct memrig_multi_stat *stat)
{
	stat->id = multi->id;
	stat->allocs = atomic64_read(&multi->allocs);
	stat->frees = atomic64_read(&multi->frees);
	stat->failures = atomic64_read(&multi->failures);
	stat->moves = atomic64_read(&multi->moves);
	down_read(&multi->lock);
	stat->files = multi->nfiles;
	stat->member_count = multi->nmembers;
	stat->rule_count = multi->rules->implied ? 0 : multi->rules->count;
	up_read(&multi->lock);
}

/**
 * mrig_multi_member_stats() - figures of the members
 * @multi: the object
 * @out: room for them
 * @room: how many
 *
 * Context: may sleep.
 * Return: how many were filled in.
 */
u32 mrig_multi_member_stats(struct mrig_multi *multi, struct memrig_multi_member_stat *out,
			    u32 room)
{
	struct mrig_member *member;
	u32 n = 0;

	down_read(&multi->lock);
	list_for_each_entry(member, &multi->members, entry) {
		if (n == room)
			break;
		out[n++] = (struct memrig_multi_member_stat){
			.member = member->id,
			.node = member->node,
			.heap_id = member->heap->id,
			.region_id = member->heap->region->id,
			.attrs = member->attrs,
			.allocs = atomic64_read(&member->allocs),
			.frees = atomic64_read(&member->frees),
			.failures = atomic64_read(&member->failures),
			.dma_bits = member->dma_bits,
		};
	}
	up_read(&multi->lock);
	return n;
}

/**
 * mrig_multi_rule_stats() - figures of the rules
 * @multi: the object
 * @out: room for them
 * @room: how many
 *
 * Context: may sleep.
 * Return: how many were filled in.
 */
u32 mrig_multi_rule_stats(struct mrig_multi *multi, struct memrig_multi_rule_stat *out, u32 room)
{
	const struct mrig_rules *rules;
	u32 n = 0;

	down_read(&multi->lock);
	rules = multi->rules;
	for (; n < room && n < rules->count && !rules->implied; n++) {
		out[n].matched = atomic64_read(&rules->rule[n].matched);
		out[n].allocs = atomic64_read(&rules->rule[n].allocs);
	}
	up_read(&multi->lock);
	return n;
}
