// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Windows: where pages are, and moving them.
 */
#include <errno.h>

#include "window.h"

int mrig_window_range(struct memrig_window *window, unsigned long command, uint64_t offset,
		      uint64_t length, struct memrig_page_range *range)
{
	*range = (struct memrig_page_range){
		.size = sizeof(*range),
		.offset = offset,
		.length = length,
	};
	return mrig_ioctl(window->fd, command, range);
}

static int do_range(const char *name, struct memrig_window *window, unsigned long command,
		    uint64_t offset, uint64_t length, uint64_t *done)
{
	struct memrig_page_range range;
	int ret;

	length = mrig_window_rest(window, offset, length);
	ret = mrig_window_range(window, command, offset, length, &range);
	if (done)
		*done = range.done;
	if (ret) {
		struct fail_info info = {
			.reason = range.reason,
			.detail = range.done,
			.wanted = length,
		};

		return mrig_fail_with(name, ret, &info);
	}
	return 0;
}

int memrig_window_page_in(memrig_window_t *window, uint64_t offset, uint64_t length, uint64_t *done)
{
	return do_range(__func__, window, MEMRIG_IOC_PAGE_IN, offset, length, done);
}

int memrig_window_page_out(memrig_window_t *window, uint64_t offset, uint64_t length,
			   uint64_t *done)
{
	return do_range(__func__, window, MEMRIG_IOC_PAGE_OUT, offset, length, done);
}

int memrig_window_pin(memrig_window_t *window, uint64_t offset, uint64_t length, uint64_t *done)
{
	return do_range(__func__, window, MEMRIG_IOC_PAGE_PIN, offset, length, done);
}

int memrig_window_unpin(memrig_window_t *window, uint64_t offset, uint64_t length, uint64_t *done)
{
	return do_range(__func__, window, MEMRIG_IOC_PAGE_UNPIN, offset, length, done);
}

int memrig_window_flush(memrig_window_t *window, uint64_t offset, uint64_t length, uint64_t *done)
{
	return do_range(__func__, window, MEMRIG_IOC_PAGE_FLUSH, offset, length, done);
}

int mrig_window_states(struct memrig_window *window, uint64_t offset, uint64_t length,
		       uint8_t *states)
{
	uint64_t most = MEMRIG_BATCH_MAX * mrig_page_size();
	struct memrig_page_map args = { .size = sizeof(args) };
	int ret;

	do {
		args.offset = offset;
		args.length = length < most ? length : most;
		args.states = (uintptr_t)states;
		ret = mrig_ioctl(window->fd, MEMRIG_IOC_PAGE_MAP, &args);
		offset += args.length;
		length -= args.length;
		states += args.length / mrig_page_size();
	} while (!ret && length);
	return ret;
}

int memrig_window_page_map(memrig_window_t *window, uint64_t offset, uint64_t length,
			   uint8_t *states)
{
	int ret;

	length = mrig_window_rest(window, offset, length);
	ret = mrig_window_states(window, offset, length, states);
	return ret ? FAIL(ret) : 0;
}

int memrig_window_addr(memrig_window_t *window, uint64_t offset, struct memrig_page_addr *addr)
{
	int ret;

	addr->offset = offset;
	ret = mrig_ioctl(window->fd, MEMRIG_IOC_PAGE_ADDR, addr);
	return ret ? FAIL(ret) : 0;
}
