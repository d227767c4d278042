// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The kernel's log, read back.
 */
#include <linux/kmsg_dump.h>
#include <linux/string.h>

#include "consumer.h"

static u64 first;	/* line that counts */

/**
 * consumer_log_start() - what is in the log now does not count
 */
void consumer_log_start(void)
{
	struct kmsg_dump_iter iter;
	size_t len;

	kmsg_dump_rewind(&iter);
	while (kmsg_dump_get_line(&iter, false, NULL, 0, &len))
		;
	first = iter.cur_seq;
}

/**
 * consumer_logged() - find text in the log
 * @text: part of a line
 *
 * Context: a thread.
 * Return: number of lines that have it.
 */
unsigned int consumer_logged(const char *text)
{
	static char line[512];
	struct kmsg_dump_iter iter;
	unsigned int n = 0;
	size_t len;

	kmsg_dump_rewind(&iter);
	iter.cur_seq = max(iter.cur_seq, first);
	while (kmsg_dump_get_line(&iter, false, line, sizeof(line) - 1, &len)) {
		line[len] = '\0';
		n += !!strstr(line, text);
	}
	return n;
}
