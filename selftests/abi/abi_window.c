// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The functions of window.h.
 */
#include "window.h"

struct memrig_window_create window_arg(int session, uint64_t frames, uint64_t pages)
{
	struct memrig_window_create arg =
		ARG(memrig_window_create, .frames = frames, .pages = pages,
		    .store = MEMRIG_STORE_RAM, .store_fd = -1);

	arg.region_fd =
		region_new(session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, frames * page_size());
	return arg;
}

int window_create(int session, struct memrig_window_create *arg)
{
	int ret = call(session, MEMRIG_IOC_WINDOW_CREATE, arg);

	return ret ? ret : arg->fd;
}

int window_new(int session, uint64_t frames, uint64_t pages, uint32_t store)
{
	struct memrig_window_create arg = window_arg(session, frames, pages);
	int ret;

	if (arg.region_fd < 0)
		return arg.region_fd;
	arg.store = store;
	ret = window_create(session, &arg);
	close(arg.region_fd);
	return ret;
}

char *window_map(int window, uint64_t pages)
{
	return mmap(NULL, pages * page_size(), PROT_READ | PROT_WRITE, MAP_SHARED, window, 0);
}

struct memrig_window_stat window_stat(int window)
{
	struct memrig_window_stat stat = ARG(memrig_window_stat);

	if (call(window, MEMRIG_IOC_WINDOW_STAT, &stat))
		memset(&stat, 0, sizeof(stat));
	return stat;
}

int window_reset(int window)
{
	struct memrig_window_stat stat = ARG(memrig_window_stat, .flags = MEMRIG_WINDOW_STAT_RESET);

	return call(window, MEMRIG_IOC_WINDOW_STAT, &stat);
}

int page_call(int window, unsigned long cmd, uint64_t first, uint64_t count, uint64_t *done)
{
	struct memrig_page_range range = ARG(memrig_page_range, .offset = first * page_size(),
					     .length = count * page_size());
	int ret = call(window, cmd, &range);

	if (done)
		*done = range.done / page_size();
	return ret;
}

int page_in(int window, uint64_t first, uint64_t count)
{
	return page_call(window, MEMRIG_IOC_PAGE_IN, first, count, NULL);
}

int page_out(int window, uint64_t first, uint64_t count)
{
	return page_call(window, MEMRIG_IOC_PAGE_OUT, first, count, NULL);
}

int page_pin(int window, uint64_t first, uint64_t count)
{
	return page_call(window, MEMRIG_IOC_PAGE_PIN, first, count, NULL);
}

int page_unpin(int window, uint64_t first, uint64_t count)
{
	return page_call(window, MEMRIG_IOC_PAGE_UNPIN, first, count, NULL);
}

int page_flush(int window, uint64_t first, uint64_t count)
{
	return page_call(window, MEMRIG_IOC_PAGE_FLUSH, first, count, NULL);
}

int page_map(int window, uint64_t first, uint64_t count, uint8_t *states)
{
	struct memrig_page_map map =
		ARG(memrig_page_map, .offset = first * page_size(), .length = count * page_size(),
		    .states = (uintptr_t)states);

	return call(window, MEMRIG_IOC_PAGE_MAP, &map);
}

int page_state(int window, uint64_t page)
{
	uint8_t state = 0;
	int ret = page_map(window, page, 1, &state);

	return ret ? ret : state;
}

int window_attach(int window)
{
	struct memrig_window_attach arg = ARG(memrig_window_attach);
	int ret = call(window, MEMRIG_IOC_WINDOW_ATTACH, &arg);

	return ret ? ret : arg.fd;
}

int window_policy(int window, uint32_t policy)
{
	struct memrig_window_policy arg = ARG(memrig_window_policy, .policy = policy);

	return call(window, MEMRIG_IOC_WINDOW_POLICY, &arg);
}

int window_inject(int window, struct memrig_window_inject plan)
{
	plan.size = sizeof(plan);
	return call(window, MEMRIG_IOC_WINDOW_INJECT, &plan);
}

static uint64_t pattern_word(uint64_t index, uint64_t version, uint64_t i)
{
	return (index << 40) ^ (version << 16) ^ i ^ 0x9e3779b97f4a7c15ULL;
}

void pattern_write(char *page, uint64_t index, uint64_t version)
{
	uint64_t *word = (uint64_t *)page;
	uint64_t words = page_size() / sizeof(*word);

	for (uint64_t i = 0; i < words; i++)
		word[i] = pattern_word(index, version, i);
}

bool pattern_is(const char *page, uint64_t index, uint64_t version)
{
	const uint64_t *word = (const uint64_t *)page;
	uint64_t words = page_size() / sizeof(*word);

	for (uint64_t i = 0; i < words; i++)
		if (word[i] != pattern_word(index, version, i))
			return false;
	return true;
}

/* The first word is zero, and every other is the one before it. */
bool page_is_zero(const char *page)
{
	const size_t word = sizeof(uint64_t);

	return !*(const uint64_t *)page && !memcmp(page, page + word, page_size() - word);
}

void pattern_fill(char *map, uint64_t pages, uint64_t version)
{
	for (uint64_t i = 0; i < pages; i++)
		pattern_write(map + i * page_size(), i, version);
}

uint64_t pattern_wrong(const char *map, uint64_t pages, uint64_t version)
{
	uint64_t bad = 0;

	for (uint64_t i = 0; i < pages; i++)
		bad += !pattern_is(map + i * page_size(), i, version);
	return bad;
}
