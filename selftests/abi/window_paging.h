/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* What tests start from of who pages are brought in for: a window that counts threads. */
#ifndef MEMRIG_WINDOW_PAGING_H
#define MEMRIG_WINDOW_PAGING_H

#include "touch.h"
#include "window.h"

#define FRAMES 8
#define PAGES  32

#define PAGING_FIXTURE(name) \
	FIXTURE(name)        \
	{                    \
		int session; \
		int fd;      \
		size_t page; \
		char *map;   \
	}

static inline struct memrig_window_create paging_arg(int session)
{
	struct memrig_window_create arg = window_arg(session, FRAMES, PAGES);

	arg.flags = MEMRIG_WINDOW_THREAD_STATS | MEMRIG_WINDOW_INJECT;
	arg.policy = MEMRIG_POLICY_FIFO;
	return arg;
}

#define PAGING_SETUP(self)                                          \
	do {                                                        \
		struct memrig_window_create arg_;                   \
		(self)->page = page_size();                         \
		(self)->session = session_open();                   \
		ASSERT_GE((self)->session, 0);                      \
		arg_ = paging_arg((self)->session);                 \
		(self)->fd = window_create((self)->session, &arg_); \
		close(arg_.region_fd);                              \
		ASSERT_GE((self)->fd, 0);                           \
		(self)->map = window_map((self)->fd, PAGES);        \
		ASSERT_TRUE((self)->map != MAP_FAILED);             \
	} while (0)

#define PAGING_TEARDOWN(self)                              \
	do {                                               \
		munmap((self)->map, PAGES *(self)->page);  \
		close((self)->fd);                         \
		EXPECT_EQ(0, used_bytes((self)->session)); \
		close((self)->session);                    \
	} while (0)

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
