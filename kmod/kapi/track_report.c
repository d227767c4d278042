// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a tracker of kernel code knows, in the kernel's log: when somebody asks, and when it ends
 * with blocks that nobody gave back.
 */
#include <linux/limits.h>
#include <linux/printk.h>
#include <linux/ratelimit.h>
#include <linux/uaccess.h>
#include "memrig/patterns.h"

#define LINES		32	/* blocks that are described, of one report */
#define FILE_BYTES	64

/* Reports of a few trackers, or one over and over. */
static DEFINE_RATELIMIT_STATE(mrig_report_limit, 5 * HZ, 8 * LINES);

/**
 * struct report - a report being written
 * @now: time
 * @lines: blocks that were described
 */
struct report {
	s64 now;
	unsigned int lines;
};

/*
 * The last part of a path. The string may have been of a module that is gone, which is when leaks
 * are looked at.
 */
static void copy_name(char *to, const char *from)
{
	unsigned int i, n = 0;
	char c;

	for (i = 0; from && i < PATH_MAX; i++) {
		if (copy_from_kernel_nofault(&c, &from[i], 1) || !c)
			break;
		if (c == '/')
			n = 0;
		else if (n < FILE_BYTES - 1)
			to[n++] = c < ' ' || c > '~' ? '?' : c;
	}
	to[n] = '\0';
}

static int print_block(const struct memrig_track_block *b, void *arg)
{
	struct report *r = arg;
	char file[FILE_BYTES];

	if (r->lines == LINES)
		return 1;
	r->lines++;
	if (!__ratelimit(&mrig_report_limit))
		return 0;
	copy_name(file, b->file);
	pr_notice("memrig:   %p %zu bytes, %lld ms, %s, %s:%d\n", b->ptr, b->bytes,
		  max(r->now - b->when, 0LL) / NSEC_PER_MSEC, b->name[0] ? b->name : "-",
		  file[0] ? file : "?", b->line);
	return 0;
}

static void report(struct memrig_tracker *t, const struct memrig_track_stats *s)
{
	struct report r = { .now = mrig_clock() };

	if (__ratelimit(&mrig_report_limit))
		pr_notice("memrig: tracker %p: %llu blocks live, %llu bytes, at most %llu bytes\n",
			  t, s->live, s->bytes, s->max_bytes);
	memrig_track_each(t, print_block, &r);
	if (s->live > r.lines && __ratelimit(&mrig_report_limit))
		pr_notice("memrig:   and %llu more\n", s->live - r.lines);
	if (__ratelimit(&mrig_report_limit))
		pr_notice("memrig:   %llu allocated, %llu freed, %llu refused, %llu stray frees, %llu lost\n",
			  s->allocs, s->frees, s->fails, s->strays, s->lost);
}

/**
 * memrig_track_report() - write to the log which blocks live, one line each, the oldest first
 * @t: tracker
 *
 * Of many blocks the oldest 32 are described, and the rest counted. Who reports very often has
 * lines left out, and the log says how many.
 *
 * Context: any.
 * Return: 0, or -EINVAL for NULL.
 */
int memrig_track_report(struct memrig_tracker *t)
{
	struct memrig_track_stats s;

	if (memrig_track_stats(t, &s))
		return -EINVAL;
	report(t, &s);
	return 0;
}

/**
 * mrig_tracker_ends() - report the leaks of a tracker, if there are any
 * @t: tracker, which is about to forget its blocks
 */
void mrig_tracker_ends(struct memrig_tracker *t)
{
	struct memrig_track_stats s;

	if (!memrig_track_stats(t, &s) && s.live)
		report(t, &s);
}
