/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A deterministic load on a heap, to have something to look at. Every step is a real request.
 */
#ifndef MEMRIG_CLI_FILL_H
#define MEMRIG_CLI_FILL_H

#include "util.h"

/*
 * Fills the heap to @percent of its length with blocks of 16 bytes up to a 64th of the heap, then
 * frees and allocates at random for as many steps as there are blocks, as a program that has run
 * for a while would. A refused request ends the filling. Blocks stay with the heap's client.
 * Reports what fails; returns 0 or EXIT_FAILURE.
 */
int fill_heap(memrig_heap_t *heap, unsigned int percent);

#endif /* MEMRIG_CLI_FILL_H */
