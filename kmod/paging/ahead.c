// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages come before they are touched: those that follow, when touches come one after the other, and
 * those of which somebody says that he will need them.
 *
 * All of this is a guess, so it must not cost others anything that is hard to come by. Only what is
 * in the store is brought in, by workers. A page leaves for it only while less than a quarter of
 * the frames that are not pinned have pages that came ahead and were not touched since; nobody
 * waits for a frame, and what goes wrong is forgotten: whoever touches the page tries for himself.
 */
#include <linux/lockdep.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/sched.h>

#include "paging/window_priv.h"

static u32 quarter_locked(const struct mrig_window *window)
{
	lockdep_assert_held(&window->lock);
	return (window->spec.frames - window->pinned) / 4;
}

/* May one more come? */
static bool ahead_room_locked(const struct mrig_window *window)
{
	lockdep_assert_held(&window->lock);
	return window->ahead.waiting < quarter_locked(window) || window->moving < window->nfree;
}

/* How many may come at once, so that they do not drive each other out. */
static u32 ahead_most(struct mrig_window *window)
{
	u32 most;

	spin_lock(&window->lock);
	most = window->nfree + quarter_locked(window);
	spin_unlock(&window->lock);
	return most;
}

/*
 * Go to the next page from @index on that is known to the tree, or is in a store that knows all.
 * Return: 1: bring it in; 0: not this one; -1: nothing more.
 */
static int ahead_next_locked(struct mrig_window *window, unsigned long *index, unsigned long end)
{
	void *entry;

	lockdep_assert_held(&window->lock);
	if (READ_ONCE(window->closing) || !ahead_room_locked(window))
		return -1;
	if (window->store.flags & MRIG_STORE_PERMANENT) {
		entry = xa_load(&window->pages, *index);
		return !entry || xa_is_value(entry);
	}
	entry = xa_find(&window->pages, index, end - 1, XA_PRESENT);
	return entry ? xa_is_value(entry) : -1;
}

static void ahead_span(struct mrig_window *window, const struct mrig_span *span)
{
	unsigned long index, end = span->first + span->count;
	u32 left = ahead_most(window);
	struct mrig_page *page;
	int next, err;

	for (index = span->first; left && index < end; index++) {
		spin_lock(&window->lock);
		next = ahead_next_locked(window, &index, end);
		spin_unlock(&window->lock);
		if (next < 0)
			return;
		cond_resched();
		if (!next)
			continue;
		err = mrig_page_take_ahead(window, index, index == span->mark, &page);
		if (err == -ENOMEM)
			return;
		if (err)
			continue;
		left--;
		mrig_page_load_later(page);
	}
}

static void ahead_work(struct work_struct *work)
{
	struct mrig_window *window = container_of(work, struct mrig_window, ahead.work);
	struct mrig_ahead *ahead = &window->ahead;
	struct mrig_span span;

	spin_lock(&window->lock);
	while (ahead->nspans && !READ_ONCE(window->closing)) {
		span = ahead->spans[ahead->first_span];
		spin_unlock(&window->lock);
		ahead_span(window, &span);
		spin_lock(&window->lock);
		ahead->first_span = (ahead->first_span + 1) % MRIG_SPANS;
		ahead->nspans--;
	}
	spin_unlock(&window->lock);
}

/* Whoever has more to ask for than there is room for is not heard. */
static bool ahead_ask_locked(struct mrig_window *window, const struct mrig_span *span)
{
	struct mrig_ahead *ahead = &window->ahead;

	lockdep_assert_held(&window->lock);
	if (ahead->nspans == MRIG_SPANS)
		return false;
	ahead->spans[(ahead->first_span + ahead->nspans++) % MRIG_SPANS] = *span;
	queue_work(window->workers, &ahead->work);
	return true;
}

/* The stream that a touch continues; otherwise it may be the beginning of one. NULL: no news. */
static struct mrig_stream *stream_locked(struct mrig_ahead *ahead, u64 index)
{
	struct mrig_stream *stream;
	unsigned int i;

	for (i = 0; i < MRIG_STREAMS; i++) {
		stream = &ahead->streams[i];
		if (!stream->end || index + 1 < stream->touched || index > stream->end)
			continue;
		return index + 1 == stream->touched ? NULL : stream;
	}
	stream = &ahead->streams[ahead->turn++ % MRIG_STREAMS];
	stream->touched = index + 1;
	stream->end = index + 1;
	return NULL;
}

/**
 * mrig_ahead_touched() - a page was touched that was not there, or only because of a guess
 * @window: window
 * @index: of the page
 *
 * The second of two touches side by side makes a stream; so many pages are asked for then, and the
 * next ones when half of them have been touched.
 */
void mrig_ahead_touched(struct mrig_window *window, u64 index)
{
	u64 many = min_t(u64, window->spec.read_ahead, window->spec.frames / 8);
	struct mrig_stream *stream;
	struct mrig_span span;

	if (!many)
		return;
	spin_lock(&window->lock);
	stream = stream_locked(&window->ahead, index);
	if (!stream)
		goto out_unlock;
	stream->touched = index + 1;
	stream->end = max(stream->end, stream->touched);
	if (stream->end - stream->touched > many / 2 || stream->end >= window->spec.pages)
		goto out_unlock;
	span.first = stream->end;
	span.count = min(many, window->spec.pages - span.first);
	span.mark = span.first + span.count / 2;
	if (ahead_ask_locked(window, &span))
		stream->end += span.count;
out_unlock:
	spin_unlock(&window->lock);
}

/**
 * mrig_ahead_used_locked() - a page that came ahead turns out to be of use
 * @page: perhaps such a page
 *
 * Return: it is, and that was not known before.
 */
bool mrig_ahead_used_locked(struct mrig_page *page)
{
	struct mrig_window *window = page->window;

	lockdep_assert_held(&window->lock);
	if (page->ahead != MRIG_AHEAD_NEW && page->ahead != MRIG_AHEAD_ENTERED)
		return false;
	page->mark = false;
	mrig_ahead_settle_locked(page, MRIG_AHEAD_USED);
	window->stats.read_ahead_hits++;
	return true;
}

/**
 * mrig_ahead_settle_locked() - something has become of a page that came ahead
 * @page: perhaps such a page
 * @now: enum mrig_ahead_state, if it is one
 */
void mrig_ahead_settle_locked(struct mrig_page *page, u8 now)
{
	lockdep_assert_held(&page->window->lock);
	if (!page->ahead)
		return;
	if (page->ahead == MRIG_AHEAD_NEW && now != MRIG_AHEAD_NEW)
		page->window->ahead.waiting--;
	page->ahead = now;
}

/**
 * mrig_window_willneed() - somebody says that he will need some pages
 * @client: on whose file
 * @offset: in bytes
 * @length: in bytes; may reach beyond the end
 *
 * Return: 0, or -EACCES: an observer.
 */
int mrig_window_willneed(struct mrig_window_client *client, u64 offset, u64 length)
{
	struct mrig_window *window = client->window;
	u64 first = offset >> PAGE_SHIFT, end;
	struct mrig_span span;

	if (client->observer)
		return -EACCES;
	if (first >= window->spec.pages || !length)
		return 0;
	length = min(length, window->spec.pages << PAGE_SHIFT);
	end = DIV_ROUND_UP_ULL(offset + length, PAGE_SIZE);
	span.first = first;
	span.count = min(end, window->spec.pages) - first;
	span.mark = U64_MAX;
	spin_lock(&window->lock);
	ahead_ask_locked(window, &span);
	spin_unlock(&window->lock);
	return 0;
}

/**
 * mrig_ahead_init() - get ready to guess
 * @window: new
 */
void mrig_ahead_init(struct mrig_window *window)
{
	INIT_WORK(&window->ahead.work, ahead_work);
}
