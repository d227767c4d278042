/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* For whom pages are brought in: the window that tests of it start from, and the question. */
#ifndef MEMRIG_WINDOW_PAGING_H
#define MEMRIG_WINDOW_PAGING_H

#include "touch.h"
#include "window_fixture.h"

#define FRAMES 8
#define PAGES  32

/* A window that counts threads, or -errno. */
static inline int paging_window(int session)
{
	struct memrig_window_create arg = window_arg(session, FRAMES, PAGES);
	int fd;

	arg.flags = MEMRIG_WINDOW_THREAD_STATS | MEMRIG_WINDOW_INJECT;
	arg.policy = MEMRIG_POLICY_FIFO;
	fd = window_create(session, &arg);
	close(arg.region_fd);
	return fd;
}

static inline int paging_call(int fd, struct memrig_paging_stat *stat)
{
	return call(fd, MEMRIG_IOC_WINDOW_PAGING_STAT, stat);
}

static inline struct memrig_paging_stat paging(int fd, uint32_t scope, uint32_t flags)
{
	struct memrig_paging_stat stat = ARG(memrig_paging_stat, .scope = scope, .flags = flags);
	int ret = paging_call(fd, &stat);

	if (ret) {
		stat.faults = ret;
		stat.evict_clean = ret;
		stat.evict_dirty = ret;
	}
	return stat;
}

#endif /* MEMRIG_WINDOW_PAGING_H */
