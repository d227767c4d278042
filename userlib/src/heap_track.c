// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Tracked blocks: naming the line that asks for one, and the list of those that live.
 */
#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <memrig/track.h>

#include "priv.h"

#define PART 64 /* blocks listed at a time */

/* "dir/file.c", 12 as "file.c:12", cut from the left if it is too long, without odd characters. */
static void site_text(char site[MEMRIG_SITE_MAX], const char *file, int line)
{
	const char *name = file ? strrchr(file, '/') : NULL;
	char number[16];
	size_t room, len;
	char *c;

	name = name ? name + 1 : file ? file : "?";
	snprintf(number, sizeof(number), ":%d", line);
	room = MEMRIG_SITE_MAX - 1 - strlen(number);
	len = strlen(name);
	snprintf(site, MEMRIG_SITE_MAX, "%s%s", len > room ? name + len - room : name, number);
	for (c = site; *c; c++)
		if (!isascii((unsigned char)*c) || !isprint((unsigned char)*c))
			*c = '?';
}

static int tracked_alloc(struct memrig_heap *heap, struct memrig_alloc *args, const char *file,
			 int line)
{
	char site[MEMRIG_SITE_MAX];

	site_text(site, file, line);
	args->size = sizeof(*args);
	args->site = (uintptr_t)site;
	return heap->ops->alloc(heap, args);
}

static int fail_alloc(const char *call, int error, const struct memrig_alloc *args)
{
	struct fail_info info = {
		.reason = args->reason,
		.detail = args->largest_free,
		.wanted = args->bytes,
	};

	return mrig_fail_with(call, error, &info);
}

int memrig_heap_tracked_alloc_at(memrig_heap_t *heap, uint64_t align, uint64_t bytes,
				 const char *file, int line, uint64_t *offset)
{
	struct memrig_alloc args = { .bytes = bytes, .align = align };
	int ret = tracked_alloc(heap, &args, file, line);

	if (ret)
		return fail_alloc(__func__, ret, &args);
	*offset = args.offset;
	return 0;
}

int memrig_heap_tracked_alloc(memrig_heap_t *heap, size_t align, size_t bytes, const char *file,
			      int line, void **ptr)
{
	struct memrig_alloc args = { .bytes = bytes, .align = align };
	char *base;
	int ret;

	ret = mrig_heap_base(heap, &base);
	if (!ret)
		ret = tracked_alloc(heap, &args, file, line);
	if (ret)
		return fail_alloc(__func__, ret, &args);
	*ptr = base + args.offset;
	return 0;
}

static int list(struct memrig_heap *heap, uint64_t *cursor, struct memrig_track_entry *entries,
		uint32_t count)
{
	struct memrig_track_list args = {
		.size = sizeof(args),
		.cursor = *cursor,
		.entries = (uintptr_t)entries,
		.count = count,
		.entry_size = sizeof(*entries),
	};
	int ret = heap->ops->track_list ? heap->ops->track_list(heap, &args) : -EOPNOTSUPP;

	*cursor = args.cursor;
	return ret ? ret : (int)args.count;
}

int memrig_heap_track_list(memrig_heap_t *heap, uint64_t *cursor,
			   struct memrig_track_entry *entries, uint32_t count)
{
	int ret = list(heap, cursor, entries, count);

	return ret < 0 ? FAIL(ret) : ret;
}

static uint64_t boot_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

static void report_block(FILE *out, const struct memrig_track_entry *e, uint64_t now)
{
	uint64_t age = now > e->when_ns ? (now - e->when_ns) / 1000000 : 0;

	fprintf(out, "  0x%08" PRIx64 " %8" PRIu64 " bytes %8" PRIu64 " ms %-16s %7u %s%s\n",
		(uint64_t)e->offset, (uint64_t)e->bytes, age, e->comm[0] ? (char *)e->comm : "-",
		e->pid, e->site[0] ? (char *)e->site : "-",
		e->flags & MEMRIG_BLOCK_QUEUED ? " queued"
		: e->flags & MEMRIG_BLOCK_KEPT ? " kept"
					       : "");
}

int memrig_heap_track_report(memrig_heap_t *heap, FILE *out)
{
	struct memrig_track_entry entries[PART];
	uint64_t cursor = 0, blocks = 0, bytes = 0, now = boot_ns();
	int n, i;

	if (!out)
		return FAIL(-EINVAL);
	while ((n = list(heap, &cursor, entries, PART)) > 0) {
		for (i = 0; i < n; i++) {
			report_block(out, &entries[i], now);
			bytes += entries[i].bytes;
		}
		blocks += n;
	}
	if (n < 0)
		return FAIL(n);
	fprintf(out, "%" PRIu64 " blocks live, %" PRIu64 " bytes\n", blocks, bytes);
	return 0;
}
