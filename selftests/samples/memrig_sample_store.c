// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A sample of a store in a module of its own: "arena" keeps the pages of a window in one piece of
 * memory. Copy it and put your device in its place.
 *
 * The piece has places for as many pages as the window may have in the store. A place is taken when
 * a page leaves its frame for the first time (location_get), and given back when nobody needs what
 * is there any more (location_free). Its number is the location: what a location means is up to the
 * store.
 */
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include <memrig/paging.h>

/* Most pages of one arena: a program names the number, so there has to be an end somewhere. */
#define ARENA_PAGES	(1U << 16)

/**
 * struct arena - what such a store is, behind &mrig_store.priv
 * @bytes: the places, one after the other
 * @taken: which are in use
 * @lock: for @taken. There is no lock for the bytes: the window never has two operations under way
 *	on one location
 */
struct arena {
	void *bytes;
	unsigned long *taken;
	spinlock_t lock;	/* see above */
};

/*
 * Called once for each window, in the context of its maker. Memory is charged to that one by
 * GFP_KERNEL_ACCOUNT; who asks for too much gets an error, and nobody is killed for it.
 */
static int arena_init(struct mrig_store *store, const struct mrig_store_spec *spec)
{
	const gfp_t gfp = GFP_KERNEL_ACCOUNT | __GFP_NOWARN | __GFP_RETRY_MAYFAIL;
	struct arena *arena;

	/* How many pages there will be at most: the limit that was asked for, or all of them. */
	if (store->limit > ARENA_PAGES)
		return -ENOSPC;
	arena = kzalloc(sizeof(*arena), gfp);
	if (!arena)
		return -ENOMEM;
	spin_lock_init(&arena->lock);
	arena->taken = bitmap_zalloc(store->limit, gfp);
	arena->bytes = __vmalloc(store->limit << PAGE_SHIFT, gfp);
	if (!arena->taken || !arena->bytes) {
		vfree(arena->bytes);
		bitmap_free(arena->taken);
		kfree(arena);
		return -ENOMEM;
	}
	store->priv = arena;
	return 0;
}

/* The window is gone, and nothing is under way. Pages may still have locations. */
static void arena_fini(struct mrig_store *store)
{
	struct arena *arena = store->priv;

	vfree(arena->bytes);
	bitmap_free(arena->taken);
	kfree(arena);
}

/*
 * mrig_store_take() counts locations against the limit and knows when the last one must be kept for
 * a fault. After it there is a free place, as places are given back before they are counted so.
 */
static int arena_location_get(struct mrig_store *store, u64 index, bool fault, u64 *location)
{
	struct arena *arena = store->priv;
	int err = mrig_store_take(store, fault);

	if (err)
		return err;
	spin_lock(&arena->lock);
	*location = find_first_zero_bit(arena->taken, store->limit);
	__set_bit(*location, arena->taken);
	spin_unlock(&arena->lock);
	return 0;
}

static void arena_location_free(struct mrig_store *store, u64 location)
{
	struct arena *arena = store->priv;

	spin_lock(&arena->lock);
	__clear_bit(location, arena->taken);
	spin_unlock(&arena->lock);
	mrig_store_give(store);
}

/* Any number of these two at once, for different locations. An error loses nothing. */
static int arena_page_out(struct mrig_store *store, u64 location, const void *from)
{
	struct arena *arena = store->priv;

	memcpy(arena->bytes + (location << PAGE_SHIFT), from, PAGE_SIZE);
	return 0;
}

static int arena_page_in(struct mrig_store *store, u64 location, void *to)
{
	struct arena *arena = store->priv;

	memcpy(to, arena->bytes + (location << PAGE_SHIFT), PAGE_SIZE);
	return 0;
}

/* What WINDOW_STAT reports as stored_bytes. */
static u64 arena_bytes(struct mrig_store *store)
{
	return store->limit << PAGE_SHIFT;
}

/*
 * NOWAIT: a copy takes no time to speak of, so whoever touches a page makes it himself. A store
 * that waits for a device leaves this out, and the work is done by workers of the window.
 * LIMIT: store_pages of WINDOW_CREATE is allowed.
 */
static const struct mrig_store_ops arena_ops = {
	.name = "arena",
	.flags = MRIG_STORE_NOWAIT | MRIG_STORE_LIMIT,
	.init = arena_init,
	.fini = arena_fini,
	.location_get = arena_location_get,
	.location_free = arena_location_free,
	.page_out = arena_page_out,
	.page_in = arena_page_in,
	.bytes = arena_bytes,
};

static int arena_number;

static int __init arena_module_init(void)
{
	/* Last of all, as there can be windows from now on. */
	arena_number = memrig_store_register(&arena_ops, THIS_MODULE);
	return arena_number < 0 ? arena_number : 0;
}

/* Not called while a window has such a store. */
static void __exit arena_module_exit(void)
{
	memrig_store_unregister(arena_number);
}

module_init(arena_module_init);
module_exit(arena_module_exit);

MEMRIG_MODULE;
MODULE_DESCRIPTION("A sample of a store for windows: one piece of memory");
MODULE_AUTHOR("memrig authors");
MODULE_LICENSE("GPL");
