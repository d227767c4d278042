/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Between the two halves of reading a trace: replay_trace.c knows files, replay_decode.c records.
 */
#ifndef MEMRIG_REPLAY_DECODE_H
#define MEMRIG_REPLAY_DECODE_H

#include "replay_trace.h"

/**
 * struct refusal - where to say what is wrong with a file
 * @why: text
 * @len: room
 */
struct refusal {
	char *why;
	size_t len;
};

/**
 * refuse() - say what is wrong with a file
 * @to: where
 * @error: negative errno
 * @format: of a sentence without its subject
 *
 * Return: @error.
 */
int refuse(const struct refusal *to, int error, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * replay_decode() - check records and turn them into operations
 * @trace: @header and @commit are filled in; all else is out, @ops also on failure
 * @data: the records
 * @bytes: of @data
 * @to: what is wrong, on failure
 *
 * Return: 0 or a negative errno.
 */
int replay_decode(struct replay_trace *trace, const uint8_t *data, size_t bytes,
		  const struct refusal *to);

#endif /* MEMRIG_REPLAY_DECODE_H */
