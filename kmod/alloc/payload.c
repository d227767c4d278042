// SPDX-License-Identifier: GPL-2.0-only
/*
 * The only code of this layer that touches the bytes of a region: zeroing and moving blocks,
 * through the kernel's mapping in the region's own attribute. It works in pieces, with no lock
 * held, because on uncached memory a large block takes seconds. Whoever has the region mapped may
 * be writing all the while; he harms nothing but the content of his own blocks.
 */
#include <linux/err.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/sizes.h>
#include <linux/string.h>

#include "alloc/heap_private.h"
#include "region/region.h"

#define PIECE	SZ_64K

/**
 * mrig_payload_zero() - zero bytes of a span
 * @heap: one with a kernel mapping
 * @off: from the start of the span
 * @bytes: how many
 *
 * Context: may sleep; no lock held.
 */
void mrig_payload_zero(const struct mrig_heap_obj *heap, u64 off, u64 bytes)
{
	u64 n;

	for (; bytes; off += n, bytes -= n) {
		n = min_t(u64, bytes, PIECE);
		memset(heap->kaddr + off, 0, n);
		cond_resched();
	}
}

/**
 * mrig_payload_zero_killable() - the same, for what may be given up half-way
 * @heap: one with a kernel mapping
 * @off: from the start of the span
 * @bytes: how many
 *
 * Context: may sleep; no lock held.
 * Return: 0, or -EINTR when the caller is being killed.
 */
int mrig_payload_zero_killable(const struct mrig_heap_obj *heap, u64 off, u64 bytes)
{
	u64 n;

	for (; bytes; off += n, bytes -= n) {
		if (fatal_signal_pending(current))
			return -EINTR;
		n = min_t(u64, bytes, PIECE);
		mrig_payload_zero(heap, off, n);
	}
	return 0;
}

/**
 * mrig_payload_copy() - copy between two blocks
 * @to_heap: where to; its region gets a kernel mapping if it had none
 * @to: from the start of its span
 * @from_heap: where from; the same, like @to_heap or another
 * @from: from the start of its span; the two blocks do not overlap
 * @bytes: how many
 *
 * Context: may sleep; no lock held.
 * Return: 0; -EINTR: the caller is being killed; -ENOMEM: a region cannot be mapped; -EHOSTDOWN:
 * it is suspended.
 */
int mrig_payload_copy(const struct mrig_heap_obj *to_heap, u64 to,
		      const struct mrig_heap_obj *from_heap, u64 from, u64 bytes)
{
	void *dst = mrig_region_touch(to_heap->region), *src;
	int err = 0;
	u64 n;

	if (IS_ERR(dst))
		return PTR_ERR(dst);
	src = mrig_region_touch(from_heap->region);
	if (IS_ERR(src)) {
		mrig_region_touched(to_heap->region);
		return PTR_ERR(src);
	}
	dst += to_heap->spec.offset;
	src += from_heap->spec.offset;
	for (; bytes && !err; to += n, from += n, bytes -= n) {
		n = min_t(u64, bytes, PIECE);
		memcpy(dst + to, src + from, n);
		cond_resched();
		err = fatal_signal_pending(current) ? -EINTR : 0;
	}
	mrig_region_touched(from_heap->region);
	mrig_region_touched(to_heap->region);
	return err;
}
