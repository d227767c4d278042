// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resizing a block of a multi object: in place if its member can and may keep it, else in a new
 * place that the rules choose, of the same member or another.
 *
 * Both places are busy from before the copy until the owner has been told: nobody frees either, and
 * the old one is untouched.
 */
#include <linux/minmax.h>

#include "alloc/heap_private.h"
#include "alloc/multi.h"

static int copy(const struct mrig_moved *move, u64 bytes)
{
	const struct mrig_heap_obj *from = move->from.member->heap;
	const struct mrig_heap_obj *to = move->to.member->heap;

	return mrig_payload_copy(to, move->to.grant.offset - to->spec.offset, from,
				 move->offset - from->spec.offset, bytes);
}

/* The old place is held. */
static int move_held(struct mrig_multi_file *file, const struct mrig_request *request, u64 usable,
		     struct mrig_moved *move)
{
	int err = mrig_multi_alloc_begin(file, request, NULL, &move->to);

	if (err)
		return err;
	err = copy(move, min(usable, request->bytes));
	if (err)
		mrig_multi_settle(file->multi, &move->to, false);
	else
		mrig_track_move(move->from.client, move->offset, move->to.client,
				move->to.grant.offset);
	return err;
}

static int move_block(struct mrig_multi_file *file, const struct mrig_request *request,
		      struct mrig_moved *move)
{
	u64 usable;
	int err = mrig_block_lend(move->from.client, move->offset, &usable);

	if (err)
		return err;
	err = move_held(file, request, usable, move);
	if (err)
		mrig_block_return(move->from.client, move->offset);
	else
		move->moved = true;
	return err;
}

static int resize(struct mrig_multi_file *file, const struct mrig_request *request, bool in_place,
		  struct mrig_moved *move)
{
	int err = -ENOMEM;

	if (mrig_member_fits(move->from.member, request))
		err = mrig_block_realloc_begin(move->from.client, move->offset, request->align,
					       request->bytes, true, &move->to.grant);
	if (err == -ENOMEM && !in_place && move->to.grant.reason != MEMRIG_REASON_QUOTA)
		return move_block(file, request, move);
	return err;
}

/**
 * mrig_multi_realloc_begin() - change the size of a block, and its place if it must
 * @file: its owner, through a client
 * @number: of the member that has it
 * @offset: of the block
 * @request: the new size, and what the place must be like
 * @in_place: do not move
 * @move: out: where it is now
 *
 * To be followed by mrig_multi_realloc_settle() if it succeeds.
 *
 * Context: may sleep.
 * Return: 0; -EINVAL, -EOPNOTSUPP as mrig_request_check(); -ENOENT: no such member or block, or
 * nobody may have it now; -ENOMEM: see @move->to.grant; -EPERM: not the owner; -EINTR: killed while
 * copying; -EHOSTDOWN: what is to be copied is suspended; -EBUSY, -EIO.
 */
int mrig_multi_realloc_begin(struct mrig_multi_file *file, u32 number, u64 offset,
			     const struct mrig_request *request, bool in_place,
			     struct mrig_moved *move)
{
	int err;

	*move = (struct mrig_moved){ .offset = offset };
	err = mrig_request_check(request);
	if (!err)
		err = mrig_multi_pin(file, number, &move->from);
	if (err)
		return err;
	err = resize(file, request, in_place, move);
	if (err)
		mrig_multi_unpin(&move->from);
	return err;
}

/**
 * mrig_multi_realloc_settle() - the owner knows where the block is, or cannot be told
 * @multi: the object
 * @move: from mrig_multi_realloc_begin()
 * @keep: whether he knows
 *
 * Context: may sleep.
 */
void mrig_multi_realloc_settle(struct mrig_multi *multi, struct mrig_moved *move, bool keep)
{
	struct mrig_client *from = move->from.client;
	struct mrig_grant grant;

	if (!move->moved) {
		if (!keep)
			mrig_block_realloc_begin(from, move->offset, 0, move->to.grant.was, true,
						 &grant);
	} else {
		if (keep && move->to.member != move->from.member)
			atomic64_inc(&multi->moves);
		mrig_multi_settle(multi, &move->to, keep);
		if (keep) {
			mrig_block_retire(from, move->offset);
			atomic64_inc(&move->from.member->frees);
			atomic64_inc(&multi->frees);
		} else {
			mrig_block_return(from, move->offset);
		}
	}
	mrig_multi_unpin(&move->from);
}
