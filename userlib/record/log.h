/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The recorder's end of the trace file: append records, keep the commit right.
 *
 * Nothing here calls malloc or holds a file descriptor between calls: the recorded program sees
 * its own descriptor numbers and may close all of them. The caller serialises all calls.
 */
#ifndef MEMRIG_RECORD_LOG_H
#define MEMRIG_RECORD_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "trace_format.h"

/**
 * mrig_log_set_path() - where traces go
 * @path: absolute; the first process takes this name, every other @path.PID, @path.PID.2...
 * @only_first: record no process but the first
 *
 * Return: false when @path is too long.
 */
bool mrig_log_set_path(const char *path, bool only_first);

/**
 * mrig_log_forked() - this is a forked child: let go of the parent's file
 */
void mrig_log_forked(void);

/**
 * mrig_log_counts() - counters of the commit being prepared
 *
 * The next mrig_log_put() or mrig_log_commit() publishes them.
 *
 * Return: never NULL; the caller changes @foreign, @refused, @missed and @threads only.
 */
struct memrig_trace_commit *mrig_log_counts(void);

/**
 * mrig_log_ready() - open the trace of this process unless that is done
 *
 * Return: true when records can be put.
 */
bool mrig_log_ready(void);

/**
 * mrig_log_put() - append one record and commit it
 * @op: of the record
 * @a: first operand
 * @b: second operand of the operations that have one
 */
void mrig_log_put(enum memrig_trace_op op, uint64_t a, uint64_t b);

/**
 * mrig_log_commit() - publish the counters without a record
 */
void mrig_log_commit(void);

/**
 * mrig_log_stop() - record no more, and say why in the file
 * @why: MEMRIG_TRACE_STOP_*
 */
void mrig_log_stop(uint32_t why);

#endif /* MEMRIG_RECORD_LOG_H */
