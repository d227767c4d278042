// SPDX-License-Identifier: GPL-2.0-only
/*
 * The choice of the page that is to leave: first in, first out.
 */
#include <linux/lockdep.h>
#include <linux/slab.h>

#include "core/account.h"
#include "core/fault.h"
#include "paging/window_priv.h"

/**
 * mrig_choice_known() - is there such a policy?
 * @policy: enum memrig_policy
 *
 * Return: true if there is.
 */
bool mrig_choice_known(u32 policy)
{
	return policy == MEMRIG_POLICY_DEFAULT || policy == MEMRIG_POLICY_FIFO;
}

/**
 * mrig_choice_init() - a new window has nothing to choose from
 * @window: with its number of frames
 *
 * Context: Process context. May sleep.
 * Return: 0 or -ENOMEM.
 */
int mrig_choice_init(struct mrig_window *window)
{
	struct mrig_choice_state *chosen = &window->chosen;
	u32 head = window->spec.frames;

	if (mrig_should_fail())
		return -ENOMEM;
	chosen->prev = kvmalloc_array(head + 1, 2 * sizeof(u32), MRIG_GFP_SIDE);
	if (!chosen->prev)
		return -ENOMEM;
	chosen->next = chosen->prev + head + 1;
	chosen->prev[head] = head;
	chosen->next[head] = head;
	return 0;
}

/**
 * mrig_choice_fini() - undo mrig_choice_init()
 * @window: window
 */
void mrig_choice_fini(struct mrig_window *window)
{
	kvfree(window->chosen.prev);
}

/**
 * mrig_choice_add_locked() - a page in a frame can leave from now on
 * @window: window
 * @frame: not known to the policy
 */
void mrig_choice_add_locked(struct mrig_window *window, u32 frame)
{
	struct mrig_choice_state *chosen = &window->chosen;
	u32 head = window->spec.frames;

	lockdep_assert_held(&window->choice);
	chosen->prev[frame] = chosen->prev[head];
	chosen->next[frame] = head;
	chosen->next[chosen->prev[head]] = frame;
	chosen->prev[head] = frame;
}

/**
 * mrig_choice_remove_locked() - a page is on its way, or pinned
 * @window: window
 * @frame: known to the policy
 */
void mrig_choice_remove_locked(struct mrig_window *window, u32 frame)
{
	struct mrig_choice_state *chosen = &window->chosen;

	lockdep_assert_held(&window->choice);
	chosen->next[chosen->prev[frame]] = chosen->next[frame];
	chosen->prev[chosen->next[frame]] = chosen->prev[frame];
}

/**
 * mrig_choice_select_locked() - which page is to leave?
 * @window: window
 *
 * Return: its frame, which is still known to the policy, or MRIG_NO_FRAME.
 */
u32 mrig_choice_select_locked(struct mrig_window *window)
{
	u32 head = window->spec.frames;
	u32 frame = window->chosen.next[head];

	lockdep_assert_held(&window->choice);
	return frame == head ? MRIG_NO_FRAME : frame;
}

/**
 * mrig_window_policy() - MEMRIG_IOC_WINDOW_POLICY
 * @client: of the window
 * @policy: enum memrig_policy
 *
 * Context: may sleep.
 * Return: 0; -EOPNOTSUPP: there is no such policy; -EINTR: the caller is being killed.
 */
int mrig_window_policy(struct mrig_window_client *client, u32 policy)
{
	struct mrig_window *window = client->window;
	int err;

	if (!mrig_choice_known(policy))
		return -EOPNOTSUPP;
	err = mutex_lock_killable(&window->choice);
	if (err)
		return err;
	window->policy = policy ?: MEMRIG_POLICY_FIFO;
	mutex_unlock(&window->choice);
	return 0;
}
