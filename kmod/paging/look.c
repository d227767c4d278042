// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the hardware has noted about pages.
 *
 * The accessed and dirty bits of page table entries cannot be read and cleared in place by a
 * module. But taking an entry away moves both to the frame: accessed to PG_referenced, dirty to
 * PG_dirty. So looking at a page takes it out of all page tables; when it is touched next, the
 * fault handler finds it RESIDENT and puts it back, which costs no I/O, and is a touch that is
 * known of.
 *
 * For that reason it does not matter that the core does not always move the accessed bit
 * (MADV_RANDOM), or makes something else of it when several entries had one: there was a fault for
 * each of them. The dirty bit is always moved.
 */
#include <linux/lockdep.h>
#include <linux/page-flags.h>
#include <linux/page_ref.h>

#include "paging/window_priv.h"

/* Takes a page out of all page tables. Return: MRIG_EVICT_*: what the hardware has noted. */
static unsigned int page_harvest(struct mrig_page *page, bool mapped)
{
	struct mrig_window *window = page->window;
	struct folio *folio = page_folio(mrig_frame_page(window, page->frame));
	unsigned int found = 0;

	if (mapped)
		unmap_mapping_pages(window->node->i_mapping, page->index, 1, false);
	if (folio_test_referenced(folio)) {
		folio_clear_referenced(folio);
		found |= MRIG_EVICT_ACCESSED;
	}
	/* Nobody can change a page of a READ_ONLY window, whatever a driver says of it. */
	if (folio_test_clear_dirty(folio) && !(window->spec.flags & MEMRIG_WINDOW_READ_ONLY))
		found |= MRIG_EVICT_DIRTY;
	return found;
}

static void page_note_locked(struct mrig_page *page, unsigned int found)
{
	lockdep_assert_held(&page->window->lock);
	page->accessed |= !!(found & MRIG_EVICT_ACCESSED);
	page->used |= !!(found & MRIG_EVICT_ACCESSED);
	page->dirty |= !!(found & MRIG_EVICT_DIRTY);
}

/* What the hardware has noted of a page that others may put into page tables meanwhile. */
static unsigned int page_glance(struct mrig_page *page)
{
	struct mrig_window *window = page->window;
	bool held, mapped, touched;

	lockdep_assert_held(&window->choice);
	spin_lock(&window->lock);
	held = page->holds;
	/* By somebody who has just touched it, or by the cleaner. */
	touched = held && !page->cleaning;
	/* Who puts it into a page table from now on holds it, and says so. */
	mapped = page->mapped;
	page->mapped &= held;
	spin_unlock(&window->lock);
	if (held)
		return touched ? MRIG_EVICT_ACCESSED : 0;
	return page_harvest(page, mapped);
}

/**
 * mrig_page_look() - what has happened to a page since this was last called?
 * @page: RESIDENT
 *
 * Context: with the choice lock of the window held. May sleep.
 * Return: MRIG_EVICT_*. Forgets that it was accessed, but not that it has changed.
 */
unsigned int mrig_page_look(struct mrig_page *page)
{
	struct mrig_window *window = page->window;
	unsigned int found = page_glance(page);

	spin_lock(&window->lock);
	page_note_locked(page, found);
	found = 0;
	if (page->accessed && page->ahead) {
		mrig_ahead_used_locked(page);
		mrig_ahead_settle_locked(page, MRIG_AHEAD_NONE);
	} else if (page->accessed) {
		found |= MRIG_EVICT_ACCESSED;
	}
	if (page->dirty)
		found |= MRIG_EVICT_DIRTY;
	if (page->holds)
		found |= MRIG_EVICT_BUSY;
	page->accessed = false;
	page->looked = true;
	spin_unlock(&window->lock);
	return found;
}

/**
 * mrig_page_peek() - was a page touched since this was last called?
 * @page: RESIDENT
 *
 * Notes also whether it has changed, and leaves to mrig_page_look() what that has to tell.
 *
 * Context: with the choice lock of the window held. May sleep.
 * Return: was it?
 */
bool mrig_page_peek(struct mrig_page *page)
{
	struct mrig_window *window = page->window;
	unsigned int found = page_glance(page);
	bool used;

	spin_lock(&window->lock);
	page_note_locked(page, found);
	used = page->used;
	page->used = false;
	spin_unlock(&window->lock);
	return used;
}

/**
 * mrig_page_strip() - take a page out of all page tables
 * @page: LEAVING, by the caller: nobody puts it there again
 *
 * Sets @page->accessed and @page->dirty if the hardware has noted such; never clears them.
 *
 * Context: may sleep.
 */
void mrig_page_strip(struct mrig_page *page)
{
	struct mrig_window *window = page->window;
	unsigned int found = page_harvest(page, page->mapped);

	spin_lock(&window->lock);
	page->mapped = false;
	page_note_locked(page, found);
	spin_unlock(&window->lock);
}

/**
 * mrig_page_exposed() - can anybody change a page that is in no page table?
 * @page: LEAVING, and has been looked at since
 *
 * Return: true: it is pinned, or somebody else has a reference on its frame.
 */
bool mrig_page_exposed(const struct mrig_page *page)
{
	if (page->pins)
		return true;
	/* Who takes one by way of a page table looks at its entry again afterwards. */
	smp_mb();
	return page_ref_count(mrig_frame_page(page->window, page->frame)) != 1;
}
