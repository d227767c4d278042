// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Spans in which no header may stand; see mrig_bare.h. Looked up under RCU, since heaps are also
 * made where nobody may sleep.
 */
#include <linux/mutex.h>
#include <linux/rculist.h>
#include "mrig_port.h"
#include "mrig_bare.h"

static LIST_HEAD(spans);
static DEFINE_MUTEX(spans_lock);	/* to change the list */

/**
 * mrig_bare_forbid() - no header may stand here from now on
 * @span: zeroed
 * @start: first address
 * @bytes: length
 * @err: what a heap there is to be refused with
 *
 * Context: may sleep.
 */
void mrig_bare_forbid(struct mrig_bare *span, const void *start, size_t bytes, int err)
{
	span->start = (uintptr_t)start;
	span->end = span->start + bytes;
	span->err = err;
	mutex_lock(&spans_lock);
	list_add_rcu(&span->entry, &spans);
	mutex_unlock(&spans_lock);
}

/**
 * mrig_bare_permit() - undo mrig_bare_forbid(), if that was done
 * @span: may be freed after a grace period of RCU
 *
 * Context: may sleep.
 */
void mrig_bare_permit(struct mrig_bare *span)
{
	if (!span->end)
		return;
	mutex_lock(&spans_lock);
	list_del_rcu(&span->entry);
	mutex_unlock(&spans_lock);
}

/**
 * mrig_port_span_refused() - may headers stand in memory that somebody wants to be a heap?
 * @mem: address
 * @bytes: length
 *
 * Context: any.
 * Return: 0, or why not: -EPERM where others can write, -EOPNOTSUPP where caches do not work.
 */
int mrig_port_span_refused(const void *mem, size_t bytes)
{
	uintptr_t start = (uintptr_t)mem;
	const struct mrig_bare *span;
	int err = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(span, &spans, entry) {
		/* No sum that can overflow: whatever is asked for may be nonsense. */
		if (start < span->end && (start >= span->start || span->start - start < bytes)) {
			err = span->err;
			break;
		}
	}
	rcu_read_unlock();
	return err;
}
