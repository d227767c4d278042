/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A window as the memory the heap is on. It may be larger than the memory of the machine, so a fork
 * copies only pages that were ever written.
 */
#ifndef MEMRIG_MALLOC_SPAN_WINDOW_H
#define MEMRIG_MALLOC_SPAN_WINDOW_H

#include "span.h"

/**
 * malloc_window_map() - map a window that was handed down; ends the process when that fails
 * @span: out
 * @fd: of the window
 */
void malloc_window_map(struct malloc_span *span, int fd);

/**
 * malloc_window_copy() - copy what was ever written
 * @span: a window
 * @to: zeroed memory of the same length
 * @used: no byte behind these was ever given out
 *
 * Return: false: the machine has not as much memory free as that takes. It would kill somebody.
 */
bool malloc_window_copy(const struct malloc_span *span, char *to, size_t used);

#endif /* MEMRIG_MALLOC_SPAN_WINDOW_H */
