// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Allocation tracking: reports for people, and leaks at exit. See <memrig/track.h>.
 */
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include "memrig/track.h"

static void *libc_alloc(void *arg, size_t bytes)
{
	return malloc(bytes);
}

static void *libc_realloc(void *arg, void *ptr, size_t bytes)
{
	return realloc(ptr, bytes);
}

static void libc_free(void *arg, void *ptr)
{
	free(ptr);
}

const struct memrig_allocator memrig_allocator_libc = {
	.alloc = libc_alloc,
	.realloc = libc_realloc,
	.free = libc_free,
};

/**
 * struct report - a report being written
 * @out: where to
 * @now: time
 */
struct report {
	FILE *out;
	int64_t now;
};

static int print_block(const struct memrig_track_block *b, void *arg)
{
	const struct report *r = arg;
	int64_t age = r->now > b->when ? (r->now - b->when) / 1000000 : 0;

	fprintf(r->out, "  %p %8zu bytes %8" PRId64 " ms %-16s %s:%d\n", b->ptr, b->bytes, age,
		b->name[0] ? b->name : "-", b->file ? b->file : "?", b->line);
	return 0;
}

/**
 * memrig_track_report() - write down which blocks live, one line each, the oldest first
 * @t: tracker
 * @out: where to
 *
 * Return: 0, or -EINVAL for NULL.
 */
int memrig_track_report(struct memrig_tracker *t, FILE *out)
{
	struct report r = { .out = out, .now = mrig_clock() };
	struct memrig_track_stats s;

	if (!out || memrig_track_stats(t, &s))
		return -EINVAL;
	fprintf(out, "%" PRIu64 " blocks live, %" PRIu64 " bytes, at most %" PRIu64 " bytes\n",
		s.live, s.bytes, s.max_bytes);
	fprintf(out,
		"%" PRIu64 " allocated, %" PRIu64 " freed, %" PRIu64 " refused, %" PRIu64
		" stray frees, %" PRIu64 " lost\n",
		s.allocs, s.frees, s.fails, s.strays, s.lost);
	return memrig_track_each(t, print_block, &r);
}

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct memrig_tracker *at_exit[MEMRIG_TRACK_AT_EXIT];
static unsigned int nr_at_exit;

static void report_leaks(void)
{
	struct memrig_track_stats s;
	unsigned int i;

	pthread_mutex_lock(&lock);
	for (i = 0; i < nr_at_exit; i++) {
		if (memrig_track_stats(at_exit[i], &s) || (!s.live && !s.strays))
			continue;
		fputs("memrig: blocks that were never freed:\n", stderr);
		memrig_track_report(at_exit[i], stderr);
	}
	pthread_mutex_unlock(&lock);
}

/**
 * memrig_track_report_at_exit() - report leaks to standard error when the program exits
 * @t: tracker, which must still be there then; nothing is written if it has none and saw no stray
 *	frees
 *
 * Return: 0, also if that was asked for before; -EINVAL for NULL; -ENOSPC for more than
 * MEMRIG_TRACK_AT_EXIT; -ENOMEM.
 */
int memrig_track_report_at_exit(struct memrig_tracker *t)
{
	unsigned int i = 0;
	int err = 0;

	if (!t)
		return -EINVAL;
	pthread_mutex_lock(&lock);
	while (i < nr_at_exit && at_exit[i] != t)
		i++;
	if (i == MEMRIG_TRACK_AT_EXIT)
		err = -ENOSPC;
	else if (i == nr_at_exit && !i && atexit(report_leaks))
		err = -ENOMEM;
	else if (i == nr_at_exit)
		at_exit[nr_at_exit++] = t;
	pthread_mutex_unlock(&lock);
	return err;
}
