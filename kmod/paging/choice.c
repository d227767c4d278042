// SPDX-License-Identifier: GPL-2.0-only
/*
 * The policy of a window: see choice.h. What it remembers is the window's to pay for, and is not
 * looked at by anybody who does not hold the choice lock.
 */
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/slab.h>

#include "core/account.h"
#include "core/fault.h"
#include "paging/window_priv.h"

/* Frames that are dealt with before the lock is dropped for a moment. */
#define CHOICE_BATCH	64

/* What a policy wants to know about a page that could leave. */
static unsigned int choice_look(void *arg, uint32_t frame)
{
	struct mrig_window *window = arg;

	return mrig_page_look(window->owners[frame]);
}

static struct mrig_evict *evict_new(struct mrig_window *window, const struct mrig_evict_ops *ops)
{
	struct mrig_evict_params params = {
		.frames = window->spec.frames,
		.seed = get_random_u64(),
		.look = choice_look,
		.window = window,
	};
	size_t bytes = mrig_evict_footprint(ops, params.frames);
	struct mrig_evict *evict = NULL;
	struct mem_cgroup *old;
	void *mem = NULL;

	old = mrig_window_pays(window);
	if (bytes && !mrig_should_fail())
		mem = kvzalloc(bytes, MRIG_GFP_SIDE);
	set_active_memcg(old);
	if (mem && mrig_evict_init(mem, bytes, ops, &params, &evict))
		kvfree(mem);
	return evict;
}

static void choice_tick(struct work_struct *work)
{
	struct mrig_window *window = container_of(to_delayed_work(work), struct mrig_window,
						  chosen.tick);
	struct mrig_choice *chosen = &window->chosen;
	bool ticks;
	u32 left;

	do {
		mutex_lock(&window->choice);
		left = mrig_evict_tick(chosen->evict, CHOICE_BATCH);
		ticks = mrig_evict_policy(chosen->evict)->clear;
		mutex_unlock(&window->choice);
		cond_resched();
	} while (left && !READ_ONCE(window->closing));
	if (ticks && !READ_ONCE(window->closing))
		queue_delayed_work(system_unbound_wq, &chosen->tick,
				   msecs_to_jiffies(window->spec.tick_ms));
}

/* @evict is new; it decides from now on. */
static void choice_set(struct mrig_window *window, struct mrig_evict *evict)
{
	struct mrig_choice *chosen = &window->chosen;
	const struct mrig_evict_ops *ops = mrig_evict_policy(evict);

	chosen->evict = evict;
	WRITE_ONCE(chosen->traps, ops->accessed);
	if (ops->clear)
		queue_delayed_work(system_unbound_wq, &chosen->tick,
				   msecs_to_jiffies(window->spec.tick_ms));
}

/**
 * mrig_choice_init() - the policy of a new window
 * @window: with its specification
 *
 * Context: Process context. May sleep.
 * Return: 0; -EOPNOTSUPP: there is no such policy; -ENOMEM.
 */
int mrig_choice_init(struct mrig_window *window)
{
	struct mrig_kind *kind = mrig_kind_get(MEMRIG_KIND_OF_POLICY, window->policy);
	struct mrig_evict *evict;

	if (!kind)
		return -EOPNOTSUPP;
	evict = evict_new(window, kind->policy);
	if (!evict) {
		mrig_kind_put(kind);
		return -ENOMEM;
	}
	window->chosen.kind = kind;
	mutex_init(&window->chosen.switching);
	INIT_DELAYED_WORK(&window->chosen.tick, choice_tick);
	choice_set(window, evict);
	return 0;
}

/**
 * mrig_choice_stop() - time does not pass any more
 * @window: that is closing
 *
 * Context: may sleep.
 */
void mrig_choice_stop(struct mrig_window *window)
{
	cancel_delayed_work_sync(&window->chosen.tick);
}

/**
 * mrig_choice_fini() - the end of a policy
 * @window: whose; mrig_choice_stop() was called
 */
void mrig_choice_fini(struct mrig_window *window)
{
	mutex_destroy(&window->chosen.switching);
	kvfree(window->chosen.evict);
	mrig_kind_put(window->chosen.kind);
}

/**
 * mrig_choice_add_locked() - a page can leave from now on
 * @page: with a frame; not known to the policy
 * @why: it can
 *
 * Context: may sleep.
 */
void mrig_choice_add_locked(struct mrig_page *page, enum mrig_evict_coming why)
{
	struct mrig_window *window = page->window;

	lockdep_assert_held(&window->choice);
	mrig_evict_add(window->chosen.evict, page->frame, page->index, why);
	page->tracked = true;
}

/**
 * mrig_choice_remove_locked() - a page is on its way, or pinned
 * @page: may be known to the policy
 * @why: it cannot leave any more
 *
 * Context: may sleep.
 */
void mrig_choice_remove_locked(struct mrig_page *page, enum mrig_evict_going why)
{
	struct mrig_choice *chosen = &page->window->chosen;

	lockdep_assert_held(&page->window->choice);
	if (!page->tracked)
		return;
	page->tracked = false;
	if (mrig_evict_listed(chosen->before, page->frame, NULL))
		mrig_evict_remove(chosen->before, page->frame, why);
	else
		mrig_evict_remove(chosen->evict, page->frame, why);
}

/**
 * mrig_choice_select_locked() - which page is to leave?
 * @window: window
 *
 * Context: may sleep.
 * Return: its frame, which is still known to the policy, or MRIG_NO_FRAME.
 */
u32 mrig_choice_select_locked(struct mrig_window *window)
{
	struct mrig_choice *chosen = &window->chosen;
	struct mrig_evict_victim victim;
	struct mrig_evict *evict = chosen->evict;
	u64 left = 4ULL * window->spec.frames + 64;
	int err;

	lockdep_assert_held(&window->choice);
	if (mrig_evict_count(chosen->before))
		evict = chosen->before;
	/* However the policy of another module counts. */
	do {
		err = mrig_evict_select(evict, &victim);
	} while (err == -EAGAIN && --left);
	return err ? MRIG_NO_FRAME : victim.frame;
}

/**
 * mrig_choice_after_locked() - go through the frames in the order in which they would leave
 * @window: window
 * @frame: the one before, or MRIG_NO_FRAME
 *
 * Return: the next one, or MRIG_NO_FRAME: no more, as far as can be told.
 */
u32 mrig_choice_after_locked(struct mrig_window *window, u32 frame)
{
	lockdep_assert_held(&window->choice);
	return window->chosen.before ? MRIG_NO_FRAME :
				       mrig_evict_next(window->chosen.evict, frame);
}

/**
 * mrig_choice_ordered_locked() - does the policy have an order?
 * @window: window
 *
 * Return: mrig_choice_after_locked() goes by the policy, and not by the number of frames.
 */
bool mrig_choice_ordered_locked(struct mrig_window *window)
{
	lockdep_assert_held(&window->choice);
	return mrig_evict_ordered(window->chosen.evict);
}

/**
 * mrig_choice_touched() - a page was touched for the first time after it was looked at
 * @page: held
 *
 * Context: may sleep.
 */
void mrig_choice_touched(struct mrig_page *page)
{
	struct mrig_window *window = page->window;
	struct mrig_choice *chosen = &window->chosen;

	if (!READ_ONCE(chosen->traps))
		return;
	mutex_lock(&window->choice);
	mrig_evict_accessed(chosen->evict, page->frame);
	mutex_unlock(&window->choice);
}

/* Hands everything over to a new policy. Meanwhile both are asked. */
static void choice_move(struct mrig_window *window, struct mrig_evict *evict,
			struct mrig_kind *kind)
{
	struct mrig_choice *chosen = &window->chosen;
	struct mrig_kind *before_kind;
	struct mrig_evict *before;
	int err;

	mutex_lock(&window->choice);
	before = chosen->evict;
	before_kind = chosen->kind;
	chosen->before = before;
	chosen->kind = kind;
	window->policy = kind->number;
	choice_set(window, evict);
	while ((err = mrig_evict_move(evict, before, CHOICE_BATCH)) == -EAGAIN) {
		mutex_unlock(&window->choice);
		cond_resched();
		mutex_lock(&window->choice);
	}
	chosen->before = NULL;
	mutex_unlock(&window->choice);
	kvfree(before);
	mrig_kind_put(before_kind);
}

static int choice_switch(struct mrig_window *window, struct mrig_kind *kind)
{
	struct mrig_evict *evict;
	int err = mutex_lock_killable(&window->chosen.switching);

	if (err)
		return err;
	evict = evict_new(window, kind->policy);
	if (evict)
		choice_move(window, evict, kind);
	mutex_unlock(&window->chosen.switching);
	return evict ? 0 : -ENOMEM;
}

/**
 * mrig_window_policy() - MEMRIG_IOC_WINDOW_POLICY
 * @client: of the window
 * @policy: enum memrig_policy, or the number of one that another module has registered
 *
 * Context: may sleep.
 * Return: 0; -EOPNOTSUPP: there is no such policy; -ENOMEM; -EINTR: the caller is being killed.
 */
int mrig_window_policy(struct mrig_window_client *client, u32 policy)
{
	struct mrig_kind *kind = mrig_kind_get(MEMRIG_KIND_OF_POLICY,
					       policy ?: MEMRIG_POLICY_ADAPTIVE);
	int err;

	if (!kind)
		return -EOPNOTSUPP;
	err = choice_switch(client->window, kind);
	if (err)
		mrig_kind_put(kind);
	return err;
}
