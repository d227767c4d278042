// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * One block in place of a whole heap.
 *
 * Z_HEAP_MIN_SIZE_FOR(n) promises that a buffer of that size serves one request of n bytes, and the
 * class table of a large heap is larger than what Zephyr's formula leaves for it. While there is
 * no block at all the table holds nothing that matters. So a request that an empty heap cannot
 * serve otherwise may have the table's place as well: the block starts at unit 0, and the table is
 * written anew when the block is given back.
 */
#include "heap_inband.h"

/**
 * mrig_whole_alloc() - serve a request from an empty heap, table included
 * @h: heap that could not serve it otherwise
 * @bytes: size of the request, positive
 *
 * Return: 0, the block's name, or -ENOMEM.
 */
int mrig_whole_alloc(HEAP *h, size_t bytes)
{
	struct mrig_core *core = &h->core;
	mrig_id end = inband_end(h);

	if (inband_whole(h) || core->live || bytes > (end << MRIG_UNIT_LOG) - core->over)
		return -ENOMEM;
	core->flags |= MRIG_HEAP_WHOLE;
	core->hot = 0;
	core->most = 0;
	core->live = 1;
	core->blocks = 1;
	core->free = 0;
	core->total = (uint32_t)end;
	core->sum = 0;
	*inband_at(h, 0, 0) = (uint32_t)end << 2;
	*inband_at(h, end, 0) = INBAND_END;
	mrig_core_peak(core);
	blk_seal(h, 0);
	return 0;
}

static int inspect(HEAP *h, const void *mem)
{
	if (h->core.flags & MRIG_HEAP_FENCED)
		return -EIO;
	return mem == inband_payload(h, 0) ? mrig_inband_inspect_live(h, 0) : -ENOENT;
}

/**
 * mrig_whole_free() - give the block back
 * @h: heap with a whole block
 * @mem: claimed to be that block
 *
 * Return: 0, -ENOENT or -EIO.
 */
int mrig_whole_free(HEAP *h, const void *mem)
{
	int err = inspect(h, mem);

	if (!err) {
		blk_unseal(h, 0);
		mrig_inband_format(h);
	}
	return err;
}

/**
 * mrig_whole_resize() - any size up to the present one fits without a change
 * @h: heap with a whole block
 * @mem: claimed to be that block
 * @bytes: new size
 *
 * Return: 0, -EINVAL, -ENOMEM, -ENOENT or -EIO.
 */
int mrig_whole_resize(HEAP *h, const void *mem, size_t bytes)
{
	int64_t usable = mrig_whole_usable(h, mem);

	if (usable < 0)
		return (int)usable;
	if (!bytes)
		return -EINVAL;
	return bytes > (uint64_t)usable ? -ENOMEM : 0;
}

/**
 * mrig_whole_usable() - usable size of the block
 * @h: heap with a whole block
 * @mem: claimed to be that block
 *
 * Return: bytes, -ENOENT or -EIO.
 */
int64_t mrig_whole_usable(HEAP *h, const void *mem)
{
	int err = inspect(h, mem);

	return err ? err : (int64_t)h->core.total * MRIG_UNIT - h->core.over;
}
