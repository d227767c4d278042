/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What tests start from of that which windows do before they have to: a window over a store that
 * can be slow and fail, all of whose content is in the store.
 */
#ifndef MEMRIG_WINDOW_BEFORE_H
#define MEMRIG_WINDOW_BEFORE_H

#include "touch.h"
#include "window_fixture.h"

#define FRAMES 64
#define PAGES  128
#define AROUND 16
#define AHEAD  8

#define BEFORE_FIXTURE(name)                     \
	FIXTURE(name)                            \
	{                                        \
		int session;                     \
		size_t page;                     \
		int fd;                          \
		char *map;                       \
		struct memrig_window_create arg; \
	}

#define BEFORE_SETUP(self)                                \
	do {                                              \
		(self)->page = page_size();               \
		WINDOW_ASK_SETUP(self);                   \
		(self)->arg.policy = MEMRIG_POLICY_FIFO;  \
		(self)->arg.flags = MEMRIG_WINDOW_INJECT; \
	} while (0)

#define BEFORE_TEARDOWN(self)                              \
	do {                                               \
		munmap((self)->map, PAGES *(self)->page);  \
		close((self)->fd);                         \
		close((self)->arg.region_fd);              \
		EXPECT_EQ(0, used_bytes((self)->session)); \
		close((self)->session);                    \
	} while (0)

/* In one page of the page table, with room behind it: neighbours in another one are left out. */
static inline char *map_aligned(int window)
{
	const size_t table = page_size() / sizeof(uint64_t) * page_size();
	char *room = mmap(NULL, 2 * table, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (room == MAP_FAILED || munmap(room, 2 * table))
		return MAP_FAILED;
	room += -(uintptr_t)room % table;
	return mmap(room, PAGES * page_size(), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_FIXED_NOREPLACE, window, 0);
}

#define MAKE(self)                                                         \
	do {                                                               \
		(self)->fd = window_create((self)->session, &(self)->arg); \
		ASSERT_GE((self)->fd, 0);                                  \
		(self)->map = map_aligned((self)->fd);                     \
		ASSERT_TRUE((self)->map != MAP_FAILED);                    \
	} while (0)

/* Everything is in the store, nothing in a frame, and figures are at 0. */
#define FILL(self)                                            \
	do {                                                  \
		pattern_fill((self)->map, PAGES, 1);          \
		ASSERT_TRUE(settled((self)->fd));             \
		ASSERT_EQ(0, page_out((self)->fd, 0, PAGES)); \
		ASSERT_EQ(0, window_reset((self)->fd));       \
	} while (0)

/* Nothing is on its way any more, and nothing is about to be. */
static inline bool settled(int window)
{
	struct memrig_window_stat stat = window_stat(window);

	for (int i = 0; i < 10000 && (stat.moving || stat.queued); i++) {
		sleep_ms(1);
		stat = window_stat(window);
	}
	return !stat.moving && !stat.queued;
}

#endif /* MEMRIG_WINDOW_BEFORE_H */
