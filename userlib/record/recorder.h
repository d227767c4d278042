/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the interposed functions tell the recorder.
 *
 * The order of the trace is the order in which one lock is taken. It is never impossible: an
 * allocation is recorded after the allocator made it and before the program sees it, a free before
 * the allocator sees it, and a realloc, which is both, holds the lock across the allocator's call.
 */
#ifndef MEMRIG_RECORDER_H
#define MEMRIG_RECORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "trace_format.h"

/**
 * mrig_record_enter() - begin to record one call of this thread
 *
 * Return: false when nothing is to be recorded: recording is off, or this is a call from within
 * the recorder (by a signal handler, say). Otherwise the lock is held, until mrig_record_leave().
 */
bool mrig_record_enter(void);

/**
 * mrig_record_leave() - end what a successful mrig_record_enter() began
 */
void mrig_record_leave(void);

/**
 * mrig_record_alloc() - an allocation was made
 * @op: which one
 * @p: what the program will get; NULL: refused
 * @align: of MEMRIG_TRACE_ALLOC_ALIGNED
 * @size: asked for
 */
void mrig_record_alloc(enum memrig_trace_op op, const void *p, size_t align, size_t size);

/**
 * mrig_record_free() - a block is about to be freed
 * @p: not NULL
 */
void mrig_record_free(const void *p);

/**
 * mrig_record_realloc_locked() - a block was reallocated
 * @old: where it was
 * @p: where it is; NULL: refused, or freed because @size is 0
 * @size: asked for
 */
void mrig_record_realloc_locked(const void *old, const void *p, size_t size);

#endif /* MEMRIG_RECORDER_H */
