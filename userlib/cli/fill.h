/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A deterministic load on a heap, to have something to look at: Zephyr's stress rig, driven through
 * the library, so that every step is a real request.
 */
#ifndef MEMRIG_CLI_FILL_H
#define MEMRIG_CLI_FILL_H

#include "util.h"

/*
 * Allocates and frees until about @percent of the heap is in use, and leaves that in use.
 * Reports what fails; returns 0 or EXIT_FAILURE.
 */
int fill_heap(memrig_heap_t *heap, unsigned int percent);

#endif /* MEMRIG_CLI_FILL_H */
