/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What tests of windows start from. Either a window in memory, mapped, of FRAMES frames and PAGES
 * pages, which the test program says; or a request that each test changes before it makes one.
 */
#ifndef MEMRIG_WINDOW_FIXTURE_H
#define MEMRIG_WINDOW_FIXTURE_H

#include "harness.h"
#include "window.h"

#define WINDOW_FIXTURE(name) \
	FIXTURE(name)        \
	{                    \
		int session; \
		int fd;      \
		size_t page; \
		char *map;   \
	}

/* @make is an expression with (self)->session: the window, or -errno. */
#define WINDOW_SETUP_WITH(self, make)                        \
	do {                                                 \
		(self)->page = page_size();                  \
		(self)->session = session_open();            \
		ASSERT_GE((self)->session, 0);               \
		(self)->fd = make;                           \
		ASSERT_GE((self)->fd, 0);                    \
		(self)->map = window_map((self)->fd, PAGES); \
		ASSERT_TRUE((self)->map != MAP_FAILED);      \
	} while (0)

#define WINDOW_SETUP(self) \
	WINDOW_SETUP_WITH(self, window_new((self)->session, FRAMES, PAGES, MEMRIG_STORE_RAM))

/* The last of it: nothing is left behind. */
#define WINDOW_TEARDOWN(self)                              \
	do {                                               \
		munmap((self)->map, PAGES *(self)->page);  \
		close((self)->fd);                         \
		EXPECT_EQ(0, used_bytes((self)->session)); \
		close((self)->session);                    \
	} while (0)

/* Somebody who asks, and the request (self)->arg, which holds a region. */
#define WINDOW_ASK_SETUP(self)                                            \
	do {                                                              \
		(self)->session = session_open();                         \
		ASSERT_GE((self)->session, 0);                            \
		(self)->arg = window_arg((self)->session, FRAMES, PAGES); \
		ASSERT_GE((self)->arg.region_fd, 0);                      \
	} while (0)

/* Of (self)->arg. */
#define WINDOW_MAKE(self, window, map)                                 \
	do {                                                           \
		window = window_create((self)->session, &(self)->arg); \
		ASSERT_GE(window, 0);                                  \
		map = window_map(window, (self)->arg.pages);           \
		ASSERT_TRUE(map != MAP_FAILED);                        \
	} while (0)

static inline void window_drop(int window, char *map, uint64_t pages)
{
	munmap(map, pages * page_size());
	close(window);
}

#endif /* MEMRIG_WINDOW_FIXTURE_H */
