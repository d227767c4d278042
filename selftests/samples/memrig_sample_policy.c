// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A sample of an eviction policy in a module of its own: "mru" takes the newest page that was not
 * used again. A program that goes round and round a loop larger than its frames finds most of them
 * filled with what it will use, where FIFO and its kin throw away every page just before its turn.
 *
 * The pages that may leave are in list 0 of the instance, by their coming: see evict_part.h.
 * Nothing here locks, sleeps or allocates. A policy that needs memory says how much (bytes) and
 * finds it zeroed in e->state.
 */
#include <linux/module.h>
#include <memrig/paging.h>

/*
 * The newest of all are left alone: one instruction may touch this many pages, and would never get
 * through if each threw out the one before.
 */
#define MRU_KEEP	4

/*
 * A page has come. The touch that brought it in will leave its accessed bit behind, which is no use
 * beyond that touch: mrig_evict_settle_newest() clears it when the next page comes.
 */
static void mru_add(struct mrig_evict *e, uint32_t frame, enum mrig_evict_coming why)
{
	mrig_evict_push(e, 0, frame);
	mrig_evict_settle_newest(e, frame, why);
}

static void mru_remove(struct mrig_evict *e, uint32_t frame, enum mrig_evict_going why)
{
	mrig_evict_unlink(e, 0, frame);
}

/* From the newest to the oldest: one that is neither used nor busy. */
static uint32_t mru_unused(struct mrig_evict *e)
{
	uint32_t anchor = mrig_evict_anchor(e, 0);
	uint32_t frame = e->older[anchor];
	unsigned int skip = MRU_KEEP;

	for (; frame != anchor; frame = e->older[frame]) {
		if (skip) {
			skip--;
			continue;
		}
		/* Looks are dear, so they are counted, and a window may set a bound. */
		if (!mrig_evict_may_look(e))
			break;
		if (!(mrig_evict_look(e, frame) & (MRIG_EVICT_ACCESSED | MRIG_EVICT_BUSY)))
			return frame;
	}
	return MRIG_EVICT_NONE;
}

/* From the oldest to the newest: one that can go at all. With this all get their turn. */
static uint32_t mru_any(struct mrig_evict *e)
{
	uint32_t anchor = mrig_evict_anchor(e, 0);
	uint32_t frame;

	for (frame = e->newer[anchor]; frame != anchor; frame = e->newer[frame]) {
		if (!mrig_evict_may_look(e))
			break;
		if (!(mrig_evict_look(e, frame) & MRIG_EVICT_BUSY))
			return frame;
	}
	return MRIG_EVICT_NONE;
}

/* The choice stays listed; remove() follows when the page really goes. */
static uint32_t mru_select(struct mrig_evict *e)
{
	uint32_t frame = mru_unused(e);

	return frame == MRIG_EVICT_NONE ? mru_any(e) : frame;
}

static const struct mrig_evict_ops mru_ops = {
	.name = "mru",
	.text = "the newest page that was not used again",
	.add = mru_add,
	.remove = mru_remove,
	.select = mru_select,
};

static int mru_number;

static int __init mru_module_init(void)
{
	/* Last of all, as windows can use it from now on. */
	mru_number = memrig_policy_register(&mru_ops, THIS_MODULE);
	return mru_number < 0 ? mru_number : 0;
}

/* Not called while a window uses it. */
static void __exit mru_module_exit(void)
{
	memrig_policy_unregister(mru_number);
}

module_init(mru_module_init);
module_exit(mru_module_exit);

MEMRIG_MODULE;
MODULE_DESCRIPTION("A sample of an eviction policy for windows");
MODULE_AUTHOR("memrig authors");
MODULE_LICENSE("GPL");
