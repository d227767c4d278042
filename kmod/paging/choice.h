/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which page is to leave: between a window and its policy. Policies are in kmod/evict; they speak
 * of frames, and ask what has happened to the page in one.
 */
#ifndef MRIG_CHOICE_H
#define MRIG_CHOICE_H

#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/workqueue.h>

#include "evict.h"

struct mrig_kind;
struct mrig_page;
struct mrig_window;

/**
 * struct mrig_choice - the policy of a window
 * @kind: what is in force
 * @evict: the same at work
 * @before: one that was, as long as it has frames of its own left; or NULL
 * @switching: held by whoever changes the policy
 * @traps: it wants to hear of the first touch of a page after it has looked at it
 * @tick: time passes
 */
struct mrig_choice {
	struct mrig_kind *kind;
	struct mrig_evict *evict;
	struct mrig_evict *before;
	struct mutex switching;	/* see above */
	bool traps;
	struct delayed_work tick;
};

int mrig_choice_init(struct mrig_window *window);
void mrig_choice_stop(struct mrig_window *window);
void mrig_choice_fini(struct mrig_window *window);
void mrig_choice_touched(struct mrig_page *page);

/* With &mrig_window.choice. */
void mrig_choice_add_locked(struct mrig_page *page, enum mrig_evict_coming why);
void mrig_choice_remove_locked(struct mrig_page *page, enum mrig_evict_going why);
u32 mrig_choice_select_locked(struct mrig_window *window);
u32 mrig_choice_after_locked(struct mrig_window *window, u32 frame);
bool mrig_choice_ordered_locked(struct mrig_window *window);

#endif /* MRIG_CHOICE_H */
