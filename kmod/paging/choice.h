/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which page is to leave: between a window and its policy.
 */
#ifndef MRIG_CHOICE_H
#define MRIG_CHOICE_H

#include <linux/types.h>

struct mrig_window;

/**
 * struct mrig_choice_state - what a policy remembers about the frames of a window: a queue
 * @prev: which one came before, by frame; the number of frames is the head of the queue
 * @next: which one comes after
 */
struct mrig_choice_state {
	u32 *prev;
	u32 *next;
};

bool mrig_choice_known(u32 policy);
int mrig_choice_init(struct mrig_window *window);
void mrig_choice_fini(struct mrig_window *window);

/* With &mrig_window.choice. */
void mrig_choice_add_locked(struct mrig_window *window, u32 frame);
void mrig_choice_remove_locked(struct mrig_window *window, u32 frame);
u32 mrig_choice_select_locked(struct mrig_window *window);

#endif /* MRIG_CHOICE_H */
