// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A perf event counts; virtual machines and perf_event_paranoid often leave us without one.
 */
#include "replay_clock.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define PAGE	 4096
#define READINGS 200 /* of which the two closest count */

static const volatile uint64_t *emulator_word(void)
{
	const char *text = getenv("MEMRIG_REPLAY_COUNTER");
	unsigned long address;
	char *end;

	if (!text)
		return NULL;
	address = strtoul(text, &end, 0);
	if (*end || !address || address % sizeof(uint64_t))
		return NULL;
	/* Nothing is mapped there: no emulator. */
	if (msync((void *)(address & ~(PAGE - 1UL)), PAGE, MS_ASYNC))
		return NULL;
	return (const volatile uint64_t *)address;
}

static int perf_event(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_HW_INSTRUCTIONS,
		.exclude_kernel = 1,
		.exclude_hv = 1,
	};
	uint64_t count;
	int fd;

	fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (fd >= 0 && (read(fd, &count, sizeof(count)) != (ssize_t)sizeof(count) || !count)) {
		close(fd); /* there, but it does not count */
		fd = -1;
	}
	return fd;
}

void replay_clock_open(struct replay_clock *clock, bool kernel)
{
	uint64_t start, took, least = UINT64_MAX;
	int i;

	*clock = (struct replay_clock){ .fd = -1 };
	if (!kernel) {
		clock->word = emulator_word();
		if (!clock->word)
			clock->fd = perf_event();
		if (clock->word || clock->fd >= 0)
			clock->unit = REPLAY_INSTRUCTIONS;
	}
	for (i = 0; i < READINGS; i++) {
		start = replay_clock_read(clock);
		took = replay_clock_read(clock) - start;
		if (took < least)
			least = took;
	}
	clock->overhead = least;
}

uint64_t replay_clock_read(const struct replay_clock *clock)
{
	struct timespec now;
	uint64_t count;

	if (clock->word)
		return *clock->word;
	if (clock->fd >= 0)
		return read(clock->fd, &count, sizeof(count)) < 0 ? 0 : count;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void replay_clock_close(struct replay_clock *clock)
{
	if (clock->fd >= 0)
		close(clock->fd);
}

const char *replay_unit_name(enum replay_unit unit)
{
	return unit == REPLAY_INSTRUCTIONS ? "instructions" : "ns";
}
