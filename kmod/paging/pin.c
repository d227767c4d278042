// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pins: pages that keep their frames until whoever wants that says so, or is gone.
 *
 * A page that is pinned may be written by a device, which shows in no page table: it counts as
 * changed as long as it is pinned, and afterwards.
 */
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/io.h>
#include <linux/lockdep.h>
#include <linux/limits.h>
#include <linux/sched.h>

#include "core/account.h"
#include "core/fault.h"
#include "paging/control.h"
#include "paging/window_priv.h"

/* @page is held. */
static int pin_add(struct mrig_page *page, u32 *reason)
{
	struct mrig_window *window = page->window;
	int err = 0;

	mutex_lock(&window->choice);
	spin_lock(&window->lock);
	if (page->pins == U32_MAX)
		err = -EOVERFLOW;
	else if (!page->pins++)
		window->pinned++;
	spin_unlock(&window->lock);
	if (!err)
		mrig_choice_remove_locked(page, MRIG_EVICT_TAKEN);
	mutex_unlock(&window->choice);
	return err;
}

/* A page with pins is RESIDENT, or being written and on its way back to that. */
static void pin_drop(struct mrig_window *window, unsigned long index, unsigned long count)
{
	struct mrig_page *page;
	bool last;

	mutex_lock(&window->choice);
	spin_lock(&window->lock);
	page = xa_load(&window->pages, index);
	page->dirty = true;
	page->pins -= count;
	last = !page->pins;
	if (last)
		window->pinned--;
	last &= page->state == MRIG_PAGE_RESIDENT;
	mrig_frame_chance_locked(window);
	spin_unlock(&window->lock);
	if (last)
		mrig_choice_add_locked(page, MRIG_EVICT_BACK);
	mutex_unlock(&window->choice);
}

static unsigned long client_pins_locked(struct mrig_window_client *client, unsigned long index)
{
	void *entry = xa_load(&client->pins, index);

	lockdep_assert_held(&client->lock);
	return entry ? xa_to_value(entry) : 0;
}

static int client_store_locked(struct mrig_window_client *client, unsigned long index,
			       unsigned long pins)
{
	struct mem_cgroup *old;
	int err;

	lockdep_assert_held(&client->lock);
	if (!pins) {
		xa_erase(&client->pins, index);
		return 0;
	}
	old = mrig_window_pays(client->window);
	err = mrig_should_fail() ? -ENOMEM :
	      xa_err(xa_store(&client->pins, index, xa_mk_value(pins), MRIG_GFP_SIDE));
	set_active_memcg(old);
	return err;
}

/* Is there a frame for one more? Only a hint, to refuse at once what would only fail later. */
static bool pins_exhausted(struct mrig_window *window, unsigned long index)
{
	struct mrig_page *page;
	bool exhausted;

	spin_lock(&window->lock);
	page = xa_load(&window->pages, index);
	exhausted = window->pinned >= window->spec.frames &&
		    (!page || xa_is_value(page) || !page->pins);
	spin_unlock(&window->lock);
	return exhausted;
}

static int pin_one_locked(struct mrig_window_client *client, unsigned long index, u32 *reason)
{
	struct mrig_window *window = client->window;
	unsigned long pins = client_pins_locked(client, index);
	struct mrig_page *page;
	int err;

	if (pins_exhausted(window, index)) {
		*reason = MEMRIG_REASON_FRAMES;
		return -ENOMEM;
	}
	err = client_store_locked(client, index, pins + 1);
	if (err) {
		*reason = MEMRIG_REASON_SIDE;
		return err;
	}
	err = mrig_page_bring(client, index, &page, reason);
	if (!err) {
		err = pin_add(page, reason);
		mrig_page_unhold(page, false);
	}
	/* There is an entry, or none is wanted: this takes no memory. */
	if (err)
		client_store_locked(client, index, pins);
	return err;
}

static int unpin_one_locked(struct mrig_window_client *client, unsigned long index, u32 *reason)
{
	unsigned long pins = client_pins_locked(client, index);

	if (!pins)
		return -ENOENT;
	pin_drop(client->window, index, 1);
	client_store_locked(client, index, pins - 1);
	return 0;
}

/**
 * mrig_window_pin() - MEMRIG_IOC_PAGE_PIN
 * @client: whose pins they are
 * @range: which pages; out: how far it got
 *
 * Context: may sleep, and wait for the store.
 * Return: see struct memrig_page_range.
 */
int mrig_window_pin(struct mrig_window_client *client, struct memrig_page_range *range)
{
	int err;

	if (client->window->spec.flags & MEMRIG_WINDOW_READ_ONLY)
		return -EACCES;
	err = mutex_lock_killable(&client->lock);
	if (err)
		return err;
	err = mrig_range_each(client, range, pin_one_locked);
	mutex_unlock(&client->lock);
	return err;
}

/**
 * mrig_window_unpin() - MEMRIG_IOC_PAGE_UNPIN
 * @client: whose pins they are
 * @range: which pages; out: how far it got
 *
 * Context: may sleep.
 * Return: see struct memrig_page_range.
 */
int mrig_window_unpin(struct mrig_window_client *client, struct memrig_page_range *range)
{
	int err = mutex_lock_killable(&client->lock);

	if (err)
		return err;
	err = mrig_range_each(client, range, unpin_one_locked);
	mutex_unlock(&client->lock);
	return err;
}

/* The frame of a page, if this client has pinned it. It has it until the lock is released. */
static u32 pinned_frame_locked(struct mrig_window_client *client, unsigned long index)
{
	struct mrig_window *window = client->window;
	struct mrig_page *page;
	u32 frame;

	if (!client_pins_locked(client, index))
		return MRIG_NO_FRAME;
	spin_lock(&window->lock);
	page = xa_load(&window->pages, index);
	frame = page->frame;
	spin_unlock(&window->lock);
	return frame;
}

/* Pages from @index on that are pinned, and in memory one behind the other. */
static u64 pinned_run_locked(struct mrig_window_client *client, unsigned long index, u32 frame)
{
	struct mrig_window *window = client->window;
	unsigned long pfn = page_to_pfn(mrig_frame_page(window, frame));
	u64 run = 0;

	do {
		frame = pinned_frame_locked(client, index + ++run);
		cond_resched();
	} while (frame != MRIG_NO_FRAME &&
		 page_to_pfn(mrig_frame_page(window, frame)) == pfn + run);
	return run;
}

/**
 * mrig_window_addr() - MEMRIG_IOC_PAGE_ADDR
 * @client: whose pins count
 * @addr: in: @addr->offset; out: @addr->phys, @addr->dma, @addr->contiguous
 *
 * Context: may sleep.
 * Return: 0; -EPERM: no CAP_SYS_RAWIO; -EINVAL: beyond the end; -ENOENT: not pinned by @client;
 *	-ENOMEM; -EINTR: the caller is being killed.
 */
int mrig_window_addr(struct mrig_window_client *client, struct memrig_page_addr *addr)
{
	struct mrig_window *window = client->window;
	unsigned long index = addr->offset >> PAGE_SHIFT;
	u32 frame;
	int err;

	if (!capable(CAP_SYS_RAWIO))
		return -EPERM;
	if (index >= window->spec.pages)
		return -EINVAL;
	err = mutex_lock_killable(&client->lock);
	if (err)
		return err;
	frame = pinned_frame_locked(client, index);
	if (frame == MRIG_NO_FRAME) {
		err = -ENOENT;
	} else {
		addr->phys = page_to_phys(mrig_frame_page(window, frame)) +
			     offset_in_page(addr->offset);
		addr->contiguous = (pinned_run_locked(client, index, frame) << PAGE_SHIFT) -
				   offset_in_page(addr->offset);
		err = mrig_region_lent_dma(window->region, &window->claim, frame, &addr->dma);
		if (addr->dma != ~0ULL)
			addr->dma += offset_in_page(addr->offset);
	}
	mutex_unlock(&client->lock);
	return err;
}

/**
 * mrig_pins_release() - drop all pins of a client
 * @client: about to go
 *
 * Context: may sleep.
 */
void mrig_pins_release(struct mrig_window_client *client)
{
	unsigned long index;
	void *entry;

	xa_for_each(&client->pins, index, entry) {
		pin_drop(client->window, index, xa_to_value(entry));
		cond_resched();
	}
	xa_destroy(&client->pins);
}
