// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A recording: an instance of tracefs of its own, so that nobody else's tracing is disturbed, and a
 * thread that moves what it says to the file.
 */
#include "window_record.h"

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "window_args.h"

#define TRACEFS	  "/sys/kernel/tracing"
#define BUFFER_KB "16384" /* of each processor */
#define NAP_NS	  5000000

static const char *const events[] = { "memrig_window_create", "memrig_window_destroy",
				      "memrig_window_fault",  "memrig_window_sigbus",
				      "memrig_page_in",	      "memrig_page_out",
				      "memrig_page_evict" };

/* ---- tracefs ------------------------------------------------------------------------- */

static int trace_open(const struct window_record *rec, const char *name, int flags)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", rec->instance, name);
	return open(path, flags | O_CLOEXEC);
}

static int trace_write(const struct window_record *rec, const char *name, const char *text)
{
	int fd = trace_open(rec, name, O_WRONLY);
	ssize_t ret = fd < 0 ? -1 : write(fd, text, strlen(text));
	int saved = errno;

	if (fd >= 0)
		close(fd);
	errno = saved;
	return ret < 0 ? fail("%s/%s: %s", rec->instance, name, strerror(errno)) : 0;
}

static int make_instance(struct window_record *rec)
{
	snprintf(rec->instance, sizeof(rec->instance), TRACEFS "/instances/memrig-%d", getpid());
	if (!mkdir(rec->instance, 0700))
		return 0;
	if (errno == EACCES || errno == EPERM)
		return fail("tracing is for root; try: sudo memrig ...");
	return fail("%s: %s; is tracefs mounted?", rec->instance, strerror(errno));
}

static int switch_on(const struct window_record *rec, uint64_t id)
{
	char name[96], filter[48];
	size_t i;
	int ret;

	ret = trace_write(rec, "trace_clock", "mono");
	if (!ret)
		ret = trace_write(rec, "buffer_size_kb", BUFFER_KB);
	snprintf(filter, sizeof(filter), "window==%" PRIu64, id);
	for (i = 0; !ret && i < ARRAY_SIZE(events); i++) {
		snprintf(name, sizeof(name), "events/memrig/%s/filter", events[i]);
		if (id)
			ret = trace_write(rec, name, filter);
		snprintf(name, sizeof(name), "events/memrig/%s/enable", events[i]);
		if (!ret)
			ret = trace_write(rec, name, "1");
	}
	return ret;
}

/* What a processor could not keep. */
static uint64_t lost_by(const char *stats)
{
	static const char *const keys[] = { "overrun: %" SCNu64, "dropped events: %" SCNu64 };
	uint64_t sum = 0, count;
	char line[128];
	FILE *in = fopen(stats, "re");
	size_t i;

	while (in && fgets(line, sizeof(line), in))
		for (i = 0; i < ARRAY_SIZE(keys); i++)
			if (sscanf(line, keys[i], &count) == 1)
				sum += count;
	if (in)
		fclose(in);
	return sum;
}

static uint64_t lost_by_all(const struct window_record *rec)
{
	char pattern[128];
	uint64_t sum = 0;
	glob_t found;
	size_t i;

	snprintf(pattern, sizeof(pattern), "%s/per_cpu/cpu*/stats", rec->instance);
	if (glob(pattern, 0, NULL, &found))
		return 0;
	for (i = 0; i < found.gl_pathc; i++)
		sum += lost_by(found.gl_pathv[i]);
	globfree(&found);
	return sum;
}

/* ---- moving events ------------------------------------------------------------------- */

/* What has come; false: nothing. */
static bool move_some(struct window_record *rec)
{
	char *end, *line = rec->line;
	ssize_t got = read(rec->pipe, rec->line + rec->have, sizeof(rec->line) - 1 - rec->have);

	if (got <= 0)
		return false;
	rec->have += (size_t)got;
	rec->line[rec->have] = '\0';
	while ((end = strchr(line, '\n'))) {
		*end = '\0';
		window_record_line(rec, line);
		line = end + 1;
	}
	rec->have -= (size_t)(line - rec->line);
	/* A line that is longer than that is none of ours. */
	if (rec->have == sizeof(rec->line) - 1)
		rec->have = 0;
	memmove(rec->line, line, rec->have);
	return true;
}

static void *move(void *arg)
{
	static const struct timespec nap = { .tv_nsec = NAP_NS };
	struct window_record *rec = arg;
	bool last;

	do {
		last = __atomic_load_n(&rec->stop, __ATOMIC_ACQUIRE);
		while (move_some(rec))
			;
		fflush(rec->out);
		if (!last)
			nanosleep(&nap, NULL);
	} while (!last);
	return NULL;
}

/* ---- a window that is there ---------------------------------------------------------- */

static int describe_pages(struct window_record *rec, int fd, const struct memrig_window_stat *stat)
{
	uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), first, i;
	struct memrig_page_map map = { .size = sizeof(map) };
	uint8_t states[MEMRIG_BATCH_MAX];

	map.states = (uintptr_t)states;
	for (first = 0; first < stat->pages; first += MEMRIG_BATCH_MAX) {
		map.offset = first * page;
		map.length = MEMRIG_BATCH_MAX * page;
		if (first + MEMRIG_BATCH_MAX > stat->pages)
			map.length = (stat->pages - first) * page;
		if (ioctl(fd, MEMRIG_IOC_PAGE_MAP, &map))
			return fail("the window does not say which pages have frames: %s",
				    strerror(errno));
		for (i = 0; i < map.length / page; i++)
			if (states[i] & MEMRIG_PAGE_RESIDENT)
				fprintf(rec->out, "0 %llu here %" PRIu64 "\n", stat->id, first + i);
	}
	return 0;
}

static int describe(struct window_record *rec, int fd, const struct memrig_window_stat *stat)
{
	fprintf(rec->out, "0 %llu window %llu %llu %ld %s %s\n", stat->id, stat->pages,
		stat->frames, sysconf(_SC_PAGESIZE), memrig_policy_name(stat->policy),
		memrig_store_name(stat->store));
	rec->first = stat->id;
	rec->windows++;
	return stat->resident ? describe_pages(rec, fd, stat) : 0;
}

/* How long choices take is in no event, but the window counts it. */
static int get_choices(int fd, struct memrig_window_hist *hist)
{
	*hist = (struct memrig_window_hist){ .size = sizeof(*hist), .which = MEMRIG_HIST_EVICTION };
	return ioctl(fd, MEMRIG_IOC_WINDOW_HIST, hist);
}

static void write_choices(struct window_record *rec, uint64_t time)
{
	struct memrig_window_hist now;
	uint32_t i;

	if (rec->window < 0 || get_choices(rec->window, &now))
		return;
	for (i = 0; i < now.bins; i++)
		if (now.counts[i] > rec->choices.counts[i])
			fprintf(rec->out, "%" PRIu64 " %" PRIu64 " choice %llu %llu\n", time,
				rec->first, now.bounds[i], now.counts[i] - rec->choices.counts[i]);
}

/* ---- life ---------------------------------------------------------------------------- */

static void put_away(struct window_record *rec)
{
	if (rec->pipe >= 0)
		close(rec->pipe);
	rmdir(rec->instance);
	if (rec->out)
		fclose(rec->out);
}

static int begin(struct window_record *rec, int fd)
{
	struct memrig_window_stat stat = { .size = sizeof(stat) };
	struct timespec now;
	int ret;

	if (fd >= 0 && ioctl(fd, MEMRIG_IOC_WINDOW_STAT, &stat))
		return fail("this is no window: %s", strerror(errno));
	rec->out = fopen(rec->file, "we");
	if (!rec->out)
		return fail("%s: %s", rec->file, strerror(errno));
	fputs(WINDOW_TRACE_HEAD "\n", rec->out);
	rec->pipe = trace_open(rec, "trace_pipe", O_RDONLY | O_NONBLOCK);
	if (rec->pipe < 0)
		return fail("%s/trace_pipe: %s", rec->instance, strerror(errno));
	clock_gettime(CLOCK_MONOTONIC, &now);
	rec->start = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
	ret = switch_on(rec, stat.id);
	if (ret || fd < 0)
		return ret;
	if (get_choices(fd, &rec->choices))
		return fail("the window has no histogram: %s", strerror(errno));
	return describe(rec, fd, &stat);
}

int window_record_start(struct window_record *rec, const char *file, int fd)
{
	int ret;

	*rec = (struct window_record){ .file = file, .window = fd, .pipe = -1 };
	ret = make_instance(rec);
	if (ret)
		return ret;
	ret = begin(rec, fd);
	if (!ret && pthread_create(&rec->thread, NULL, move, rec))
		ret = fail("no thread to record with");
	if (ret)
		put_away(rec);
	return ret;
}

int window_record_stop(struct window_record *rec)
{
	struct timespec now;
	uint64_t time;
	int ret;

	ret = trace_write(rec, "tracing_on", "0");
	__atomic_store_n(&rec->stop, true, __ATOMIC_RELEASE);
	pthread_join(rec->thread, NULL);
	rec->lost = lost_by_all(rec);
	clock_gettime(CLOCK_MONOTONIC, &now);
	time = (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000 - rec->start;
	write_choices(rec, time);
	fprintf(rec->out, "%" PRIu64 " 0 lost %" PRIu64 "\n", time, rec->lost);
	errno = 0;
	if (ferror(rec->out) | fclose(rec->out))
		ret = fail("%s: could not be written: %s", rec->file, strerror(errno));
	rec->out = NULL;
	put_away(rec);
	return ret;
}

void window_record_report(const struct window_record *rec)
{
	fprintf(stderr, "memrig: %s: %" PRIu64 " events of %" PRIu64 " window%s\n", rec->file,
		rec->events, rec->windows, rec->windows == 1 ? "" : "s");
	if (rec->lost)
		fprintf(stderr,
			"memrig: %" PRIu64 " more came faster than they could be written and are "
			"missing\n",
			rec->lost);
}
