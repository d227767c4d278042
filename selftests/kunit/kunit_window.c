// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state of pages of a window, step by step, without anybody who touches them; and the small
 * parts that windows are made of: bins of histograms, limits of stores.
 */
#include <linux/err.h>
#include <linux/mm.h>
#include <linux/string.h>

#include "kunit_mrig.h"
#include "paging/window_priv.h"

#define FRAMES	4
#define COUNT	16

static const struct mrig_window_spec plain = {
	.frames = FRAMES,
	.pages = COUNT,
	.policy = MEMRIG_POLICY_FIFO,
	.frame_timeout_ns = NSEC_PER_MSEC,
	.store = { .kind = MEMRIG_STORE_RAM },
};

static struct mrig_window_client *window_new(struct kunit *test,
					     const struct mrig_window_spec *spec)
{
	struct mrig_region *region = mrig_test_region(test, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED,
						      0, FRAMES * PAGE_SIZE);
	struct mrig_window_client *client;
	u32 reason;

	client = mrig_window_create(region, spec, &reason);
	mrig_region_put(region);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, client);
	return client;
}

/* As the fault handler does. Return: the page, held. */
static struct mrig_page *bring(struct kunit *test, struct mrig_window_client *client,
			       unsigned long index)
{
	struct mrig_page *page;
	u32 reason;

	KUNIT_ASSERT_EQ(test, mrig_page_bring(client, index, &page, &reason), 0);
	KUNIT_EXPECT_EQ(test, page->state, MRIG_PAGE_RESIDENT);
	KUNIT_EXPECT_PTR_EQ(test, client->window->owners[page->frame], page);
	return page;
}

/* Through the kernel's own mapping, which leaves no trace in page tables. */
static void change(struct mrig_page *page, int byte)
{
	memset(mrig_frame_addr(page->window, page->frame), byte, PAGE_SIZE);
	page->dirty = true;
}

static bool all(struct mrig_page *page, int byte)
{
	return !memchr_inv(mrig_frame_addr(page->window, page->frame), byte, PAGE_SIZE);
}

/* A page that nobody holds goes. Return: what mrig_page_leave() said. */
static int leave(struct kunit *test, struct mrig_page *page)
{
	struct mrig_window *window = page->window;
	u32 frame, reason;
	int err;

	KUNIT_ASSERT_TRUE(test, mrig_page_begin(page, false));
	KUNIT_EXPECT_EQ(test, page->state, MRIG_PAGE_LEAVING);
	err = mrig_page_leave(page, NULL, &frame, &reason);
	if (!err)
		mrig_frame_put(window, frame);
	return err;
}

static void window_states(struct kunit *test)
{
	struct mrig_window_client *client = window_new(test, &plain);
	struct mrig_window *window = client->window;
	struct mrig_page *page, *same;

	KUNIT_EXPECT_EQ(test, mrig_page_find(window, 3, &page), -ENOENT);
	KUNIT_ASSERT_EQ(test, mrig_page_take(client, 3, true, &page), 1);
	KUNIT_EXPECT_EQ(test, page->state, MRIG_PAGE_LOADING);
	KUNIT_EXPECT_EQ(test, window->moving, 1);
	/* Who finds it on its way waits; and its record stays as long as somebody looks at it. */
	KUNIT_EXPECT_EQ(test, mrig_page_take(client, 3, true, &same), -EINPROGRESS);
	KUNIT_EXPECT_PTR_EQ(test, same, page);
	KUNIT_EXPECT_FALSE(test, mrig_page_begin(page, true));
	page->zero = true;
	window->nfree--;
	mrig_page_loaded(page, 0, true);
	KUNIT_EXPECT_EQ(test, page->state, MRIG_PAGE_RESIDENT);
	KUNIT_EXPECT_EQ(test, window->resident, 1);
	KUNIT_EXPECT_EQ(test, window->moving, 0);
	/* It is held. */
	KUNIT_EXPECT_FALSE(test, mrig_page_begin(page, false));
	mrig_page_unhold(page, false);
	KUNIT_EXPECT_TRUE(test, mrig_page_begin(page, false));
	KUNIT_EXPECT_FALSE(test, page->tracked);
	KUNIT_EXPECT_EQ(test, mrig_page_find(window, 3, &same), -EINPROGRESS);
	mrig_page_unuse(same);
	mrig_page_stay(page);
	KUNIT_EXPECT_EQ(test, page->state, MRIG_PAGE_RESIDENT);
	KUNIT_EXPECT_TRUE(test, page->tracked);
	KUNIT_EXPECT_TRUE(test, mrig_page_begin(page, false));
	KUNIT_EXPECT_EQ(test, mrig_page_left(page, NULL, false), 0);
	KUNIT_EXPECT_EQ(test, page->state, MRIG_PAGE_GONE);
	KUNIT_EXPECT_TRUE(test, list_empty(&window->spares));
	mrig_page_unuse(page);
	KUNIT_EXPECT_FALSE(test, list_empty(&window->spares));
	KUNIT_EXPECT_PTR_EQ(test, window->owners[0], NULL);
	mrig_frame_put(window, 0);
	mrig_window_release(client);
}

/* Who waits for a page that cannot come is told why, and the next one tries again. */
static void window_failure(struct kunit *test)
{
	struct mrig_window_client *client = window_new(test, &plain);
	struct mrig_page *page, *waiter;
	unsigned long left = HZ;
	u32 reason;

	KUNIT_ASSERT_EQ(test, mrig_page_take(client, 0, true, &page), 1);
	KUNIT_ASSERT_EQ(test, mrig_page_take(client, 0, false, &waiter), -EINPROGRESS);
	mrig_page_failed(page, -EIO, MEMRIG_REASON_STORE);
	KUNIT_EXPECT_EQ(test, mrig_page_wait(waiter, false, &left, &reason), -EIO);
	KUNIT_EXPECT_EQ(test, reason, MEMRIG_REASON_STORE);
	mrig_page_unuse(waiter);
	KUNIT_EXPECT_EQ(test, mrig_page_find(client->window, 0, &page), -ENOENT);
	KUNIT_EXPECT_EQ(test, client->window->moving, 0);
	mrig_page_unhold(bring(test, client, 0), false);
	mrig_window_release(client);
}

/* Zeros need no place in the store; what has changed gets one and keeps it until it changes. */
static void window_location(struct kunit *test)
{
	struct mrig_window_client *client = window_new(test, &plain);
	struct mrig_window *window = client->window;
	struct mrig_page *page = bring(test, client, 5);
	u64 location;

	KUNIT_EXPECT_TRUE(test, all(page, 0));
	KUNIT_EXPECT_EQ(test, page->location, MRIG_NO_LOCATION);
	mrig_page_unhold(page, false);
	KUNIT_EXPECT_EQ(test, leave(test, page), 0);
	KUNIT_EXPECT_PTR_EQ(test, xa_load(&window->pages, 5), NULL);
	KUNIT_EXPECT_EQ(test, atomic64_read(&window->store.held), 0);

	page = bring(test, client, 5);
	change(page, 0x5a);
	mrig_page_unhold(page, false);
	KUNIT_EXPECT_EQ(test, leave(test, page), 0);
	KUNIT_ASSERT_TRUE(test, xa_is_value(xa_load(&window->pages, 5)));
	location = xa_to_value(xa_load(&window->pages, 5));
	KUNIT_EXPECT_EQ(test, window->stats.page_outs, 1);

	page = bring(test, client, 5);
	KUNIT_EXPECT_TRUE(test, all(page, 0x5a));
	KUNIT_EXPECT_EQ(test, page->location, location);
	mrig_page_unhold(page, false);
	KUNIT_EXPECT_EQ(test, leave(test, page), 0);
	KUNIT_EXPECT_EQ(test, window->stats.page_outs, 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&window->store.held), 1);
	mrig_window_release(client);
}

/* A store without room for all gives up what has a frame. */
static void window_limit(struct kunit *test)
{
	struct mrig_window_spec spec = plain;
	struct mrig_window_client *client;
	struct mrig_page *page;
	unsigned long index;

	spec.store.limit = COUNT - FRAMES + 1;
	client = window_new(test, &spec);
	for (index = 0; index < COUNT; index++) {
		page = bring(test, client, index);
		change(page, index + 1);
		mrig_page_unhold(page, false);
	}
	KUNIT_EXPECT_EQ(test, atomic64_read(&client->window->store.held), COUNT - FRAMES);
	for (index = 0; index < COUNT; index++) {
		page = bring(test, client, index);
		KUNIT_EXPECT_TRUE(test, all(page, index + 1));
		KUNIT_EXPECT_EQ(test, page->location, MRIG_NO_LOCATION);
		mrig_page_unhold(page, false);
	}
	mrig_window_release(client);
}

/* What cannot be written stays where it is, as it is. */
static void window_error(struct kunit *test)
{
	struct memrig_window_inject plan = { .out_errors = 1 };
	struct mrig_window_spec spec = plain;
	struct mrig_window_client *client;
	struct mrig_page *page;

	spec.flags = MEMRIG_WINDOW_INJECT;
	client = window_new(test, &spec);
	page = bring(test, client, 1);
	change(page, 0x77);
	mrig_page_unhold(page, false);
	KUNIT_EXPECT_EQ(test, mrig_store_inject(&client->window->store, &plan), 0);
	KUNIT_EXPECT_EQ(test, leave(test, page), -EIO);
	KUNIT_EXPECT_EQ(test, page->state, MRIG_PAGE_RESIDENT);
	KUNIT_EXPECT_TRUE(test, page->dirty);
	KUNIT_EXPECT_TRUE(test, page->tracked);
	KUNIT_EXPECT_EQ(test, page->location, MRIG_NO_LOCATION);
	KUNIT_EXPECT_EQ(test, client->window->stats.out_errors, 1);
	KUNIT_EXPECT_EQ(test, atomic64_read(&client->window->store.base->held), 0);
	KUNIT_EXPECT_EQ(test, leave(test, page), 0);
	page = bring(test, client, 1);
	KUNIT_EXPECT_TRUE(test, all(page, 0x77));
	mrig_page_unhold(page, false);
	mrig_window_release(client);
}

/* With all frames held there is none, and then that is said. */
static void window_frames(struct kunit *test)
{
	struct mrig_window_client *client = window_new(test, &plain);
	struct mrig_page *pages[FRAMES], *page;
	u32 reason;
	int i;

	for (i = 0; i < FRAMES; i++)
		pages[i] = bring(test, client, i);
	KUNIT_EXPECT_EQ(test, mrig_page_bring(client, FRAMES, &page, &reason), -ENOMEM);
	KUNIT_EXPECT_EQ(test, reason, MEMRIG_REASON_FRAMES);
	for (i = 0; i < FRAMES; i++)
		mrig_page_unhold(pages[i], false);
	page = bring(test, client, FRAMES);
	mrig_page_unhold(page, false);
	KUNIT_EXPECT_EQ(test, client->window->tally.evict_clean, 1);
	KUNIT_EXPECT_EQ(test, client->window->resident, FRAMES);
	mrig_window_release(client);
}

/* A bound belongs to the bin below it, and the last bin takes the rest. */
static void window_hist(struct kunit *test)
{
	static const u64 times[] = { 0, 10, 11, 20, 21, 1000 };
	struct mrig_window_client *client = window_new(test, &plain);
	struct memrig_window_hist hist = {
		.flags = MEMRIG_HIST_SET,
		.which = MEMRIG_HIST_PAGE_OUT,
		.bins = 3,
		.bounds = { 10, 20, 30 },
	};
	int i;

	KUNIT_ASSERT_EQ(test, mrig_window_hist(client, &hist), 0);
	spin_lock(&client->window->lock);
	for (i = 0; i < ARRAY_SIZE(times); i++)
		mrig_hist_add_locked(client->window, MEMRIG_HIST_PAGE_OUT, times[i]);
	spin_unlock(&client->window->lock);
	hist.flags = 0;
	KUNIT_ASSERT_EQ(test, mrig_window_hist(client, &hist), 0);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_EQ(test, hist.counts[i], 2);
	mrig_window_release(client);
}

/* The last place of a store is for whoever waits for a frame. */
static void window_store_places(struct kunit *test)
{
	struct mrig_store store = { .limit = 3 };

	KUNIT_EXPECT_EQ(test, mrig_store_take(&store, false), 0);
	KUNIT_EXPECT_EQ(test, mrig_store_take(&store, false), 0);
	KUNIT_EXPECT_EQ(test, mrig_store_take(&store, false), -ENOSPC);
	KUNIT_EXPECT_EQ(test, mrig_store_take(&store, true), 0);
	KUNIT_EXPECT_EQ(test, mrig_store_take(&store, true), -ENOSPC);
	mrig_store_give(&store);
	KUNIT_EXPECT_EQ(test, mrig_store_take(&store, false), -ENOSPC);
	mrig_store_give(&store);
	KUNIT_EXPECT_EQ(test, mrig_store_take(&store, false), 0);
	store.keep = true;
	KUNIT_EXPECT_EQ(test, mrig_store_take(&store, false), 0);
}

static struct kunit_case mrig_window_cases[] = {
	KUNIT_CASE(window_states),
	KUNIT_CASE(window_failure),
	KUNIT_CASE(window_location),
	KUNIT_CASE(window_limit),
	KUNIT_CASE(window_error),
	KUNIT_CASE(window_frames),
	KUNIT_CASE(window_hist),
	KUNIT_CASE(window_store_places),
	{ }
};

static struct kunit_suite mrig_window_suite = {
	.name = "memrig_window",
	.test_cases = mrig_window_cases,
};

kunit_test_suite(mrig_window_suite);
