// SPDX-License-Identifier: GPL-2.0-only
/*
 * Allocating from multi objects, and giving back.
 *
 * All members that match are asked in order. Who is ready to wait notes, on the way, those who may
 * have such a block later, and then waits for all of them at once (wait.c). The lock of the object
 * is not held meanwhile: they are pinned.
 */
#include <linux/list.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/smp.h>

#include "alloc/heap_private.h"
#include "alloc/multi.h"
#include "core/fault.h"
#include "core/trace.h"

/**
 * struct search - an allocation under way
 * @choice: whom to ask
 * @file: for whom
 * @timeout_ns: how long to wait; NULL: not at all
 * @wait: for those of @hope, if there is time to wait; its places are struct chance
 * @asked: somebody was asked
 * @sound: somebody who is not fenced off was asked
 * @hope: somebody was asked who could give such a block at all
 * @largest: the largest request that anybody else could have served
 */
struct search {
	struct mrig_choice choice;
	struct mrig_multi_file *file;
	u64 *timeout_ns;
	struct mrig_wait wait;
	bool asked;
	bool sound;
	bool hope;
	u64 largest;
};

/**
 * struct chance - a member to wait for
 * @waiter: the place in its queue
 * @taken: who it is, pinned
 */
struct chance {
	struct mrig_waiter waiter;
	struct mrig_taken taken;
};

/* From now on the member stays, and so does the client. */
static void pin_locked(const struct search *search, struct mrig_taken *taken,
		       struct mrig_member *member, struct mrig_client *client)
{
	const struct mrig_rules *rules = search->choice.multi->rules;

	lockdep_assert_held(&search->choice.multi->lock);
	atomic_inc(&member->busy);
	mrig_client_get(client);
	taken->member = member;
	taken->client = client;
	taken->rule = rules->implied ? ~0U : search->choice.rule;
	taken->table = rules->id;
}

/**
 * mrig_multi_unpin() - let go of a member and a client
 * @taken: who they are
 *
 * Context: may sleep.
 */
void mrig_multi_unpin(struct mrig_taken *taken)
{
	mrig_client_release(taken->client);
	/* The member may be gone once nobody is busy with it. */
	smp_mb__before_atomic();
	atomic_dec(&taken->member->busy);
}

/**
 * mrig_multi_pin() - find a member and the caller's client of it, and keep both
 * @file: who asks
 * @number: of the member
 * @taken: out: who they are, until mrig_multi_unpin()
 *
 * Context: may sleep.
 * Return: as mrig_multi_find_locked().
 */
int mrig_multi_pin(struct mrig_multi_file *file, u32 number, struct mrig_taken *taken)
{
	struct mrig_multi *multi = file->multi;
	int err;

	down_read(&multi->lock);
	err = mrig_multi_find_locked(file, number, &taken->member, &taken->client);
	if (!err) {
		atomic_inc(&taken->member->busy);
		mrig_client_get(taken->client);
	}
	up_read(&multi->lock);
	return err;
}

/* One more member to wait for. */
static int chance_locked(struct search *search, struct mrig_member *member,
			 struct mrig_client *client)
{
	struct chance *chance = NULL;

	lockdep_assert_held(&search->choice.multi->lock);
	if (!mrig_should_fail())
		chance = kzalloc(sizeof(*chance), MRIG_GFP_SIDE);
	if (!chance)
		return MRIG_NO_SIDE_MEMORY;
	pin_locked(search, &chance->taken, member, client);
	mrig_wait_add(&search->wait, &chance->waiter, client);
	return 0;
}

/* It could not. -ENOMEM: go on asking. */
static int refused_locked(struct search *search, struct mrig_member *member,
			  struct mrig_client *client, const struct mrig_grant *grant,
			  struct mrig_taken *taken)
{
	const struct mrig_rules *rules = search->choice.multi->rules;
	u64 largest;

	lockdep_assert_held(&search->choice.multi->lock);
	/* Only who could give such a block at all counts for the verdict, or is waited for. */
	if (grant->reason == MEMRIG_REASON_TOO_LARGE) {
		search->largest = max(search->largest, grant->largest_free);
		return -ENOMEM;
	}
	search->hope = true;
	largest = max(taken->grant.largest_free, grant->largest_free);
	taken->grant = *grant;
	taken->grant.largest_free = largest;
	taken->rule = rules->implied ? ~0U : search->choice.rule;
	return search->timeout_ns ? chance_locked(search, member, client) ?: -ENOMEM : -ENOMEM;
}

/* Ask one. 0: it gave a block; -ENOMEM: go on asking. */
static int ask_locked(struct search *search, struct mrig_member *member, struct mrig_taken *taken)
{
	const struct mrig_request *request = search->choice.request;
	struct mrig_grant grant = { };
	struct mrig_client *client;
	int err;

	lockdep_assert_held(&search->choice.multi->lock);
	search->asked = true;
	err = mrig_multi_join_locked(search->file, member, &client);
	if (err == -ENOMEM)
		return MRIG_NO_SIDE_MEMORY;
	if (!err)
		err = mrig_block_alloc_begin(client, request->align, request->bytes, NULL, &grant);
	if (!err) {
		pin_locked(search, taken, member, client);
		taken->grant = grant;
		return 0;
	}
	atomic64_inc(&member->failures);
	if (err == -EIO)
		return -ENOMEM;
	search->sound = true;
	return err == -ENOMEM ? refused_locked(search, member, client, &grant, taken) : err;
}

static int ask_all(struct search *search, struct mrig_taken *taken)
{
	struct mrig_multi *multi = search->choice.multi;
	struct mrig_member *member;
	int err = -ENOMEM;

	down_read(&multi->lock);
	while (err == -ENOMEM) {
		member = mrig_choice_next_locked(&search->choice);
		if (!member)
			break;
		err = ask_locked(search, member, taken);
	}
	up_read(&multi->lock);
	if (err == MRIG_NO_SIDE_MEMORY) {
		taken->grant = (struct mrig_grant){ .reason = MEMRIG_REASON_SIDE };
		search->timeout_ns = NULL;
		search->sound = true;
		search->hope = true;
		err = -ENOMEM;
	}
	return err;
}

/* The first of them who has one. What was waited for in vain has been counted as a failure. */
static int wait_for_any(struct search *search, struct mrig_taken *taken)
{
	const struct mrig_waiter *winner;
	const struct mrig_heap_obj *heap;
	int err;

	err = mrig_wait_run(&search->wait, search->timeout_ns, &taken->grant);
	if (err)
		return err;
	winner = search->wait.winner;
	heap = winner->client->heap;
	*taken = container_of(winner, const struct chance, waiter)->taken;
	taken->grant.offset = heap->spec.offset + winner->held.off;
	taken->grant.usable = winner->held.usable;
	trace_memrig_alloc(heap->id, winner->client->id, search->wait.bytes, search->wait.align,
			   taken->grant.offset, taken->grant.usable, 0, 0);
	return 0;
}

/* Nobody had it at once. */
static int wait_or_refuse(struct search *search, struct mrig_taken *taken)
{
	int err = -ENOMEM;

	if (!search->asked)
		return -ENOENT;
	if (!search->sound)
		return -EIO;
	if (search->timeout_ns)
		err = search->hope ? wait_for_any(search, taken) : -EINVAL;
	if (!search->hope)
		taken->grant.reason = MEMRIG_REASON_TOO_LARGE;
	if (err == -ENOMEM || err == -ETIMEDOUT || !search->hope)
		taken->grant.largest_free = max(taken->grant.largest_free, search->largest);
	return err;
}

/* All but the one that @taken is. */
static void drop_chances(struct search *search, const struct mrig_taken *taken)
{
	struct chance *chance, *next;

	list_for_each_entry_safe(chance, next, &search->wait.waiters, waiter.sibling) {
		if (chance->taken.member != taken->member)
			mrig_multi_unpin(&chance->taken);
		kfree(chance);
	}
}

static int search_run(struct search *search, struct mrig_taken *taken)
{
	const struct mrig_request *request = search->choice.request;
	int err;

	mrig_wait_init(&search->wait, request->align, request->bytes);
	err = ask_all(search, taken);
	if (err == -ENOMEM)
		err = wait_or_refuse(search, taken);
	drop_chances(search, taken);
	return err;
}

/**
 * mrig_multi_alloc_begin() - get a block that is busy until mrig_multi_settle()
 * @file: its owner, through a client
 * @request: what is wanted
 * @timeout_ns: how long to wait for it, and what is left of that on -EINTR; NULL: not at all
 * @taken: out: the block; or why there is none
 *
 * Context: may sleep.
 * Return: 0; -EINVAL, -EOPNOTSUPP as mrig_request_check(), and -EINVAL: waiting for what can never
 * be; -ENOENT: nobody to ask; -ENOMEM, -ETIMEDOUT; -EINTR: a signal; -EIO: all who were asked are
 * fenced off.
 */
int mrig_multi_alloc_begin(struct mrig_multi_file *file, const struct mrig_request *request,
			   u64 *timeout_ns, struct mrig_taken *taken)
{
	struct search search = {
		.choice.multi = file->multi,
		.choice.request = request,
		.choice.cpu = raw_smp_processor_id(),
		.choice.counted = true,
		.file = file,
		.timeout_ns = timeout_ns,
	};
	int err;

	*taken = (struct mrig_taken){ .rule = ~0U };
	err = mrig_request_check(request);
	if (!err)
		err = search_run(&search, taken);
	if (err == -ENOMEM || err == -ETIMEDOUT)
		atomic64_inc(&file->multi->failures);
	trace_memrig_multi_alloc(file->multi->id, err ? ~0U : taken->member->id, taken->rule,
				 request->bytes, request->priority, taken->grant.offset, err,
				 taken->grant.reason);
	return err;
}

/* The rules may have been replaced meanwhile. */
static void count_rule(struct mrig_multi *multi, const struct mrig_taken *taken)
{
	down_read(&multi->lock);
	if (taken->table == multi->rules->id && taken->rule < multi->rules->count)
		atomic64_inc(&multi->rules->rule[taken->rule].allocs);
	up_read(&multi->lock);
}

/**
 * mrig_multi_settle() - the owner knows about a block now, or cannot be told
 * @multi: that gave it
 * @taken: from mrig_multi_alloc_begin()
 * @keep: whether he knows
 *
 * Context: may sleep.
 */
void mrig_multi_settle(struct mrig_multi *multi, struct mrig_taken *taken, bool keep)
{
	if (keep) {
		mrig_block_commit(taken->client, &taken->grant.offset, 1);
		atomic64_inc(&taken->member->allocs);
		atomic64_inc(&multi->allocs);
		count_rule(multi, taken);
	} else {
		mrig_block_undo(taken->client, &taken->grant.offset, 1);
	}
	mrig_multi_unpin(taken);
}

/**
 * mrig_multi_free() - give a block back
 * @file: who asks
 * @number: of the member that gave it
 * @offset: of the block
 *
 * Context: may sleep.
 * Return: 0; -ENOENT: no such member, too; -EPERM, -EBUSY, -EIO as mrig_block_free(); -ENOMEM: for
 * the client that is to be made of who never used the member.
 */
int mrig_multi_free(struct mrig_multi_file *file, u32 number, u64 offset)
{
	struct mrig_multi *multi = file->multi;
	struct mrig_taken from = { };
	int err;

	/* Pinned, as scrubbing takes its time and nobody is to wait for the lock so long. */
	err = mrig_multi_pin(file, number, &from);
	if (err)
		return err;
	err = mrig_block_free(from.client, offset);
	if (!err) {
		atomic64_inc(&from.member->frees);
		atomic64_inc(&multi->frees);
	}
	mrig_multi_unpin(&from);
	return err;
}
