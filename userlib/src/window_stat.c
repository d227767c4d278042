// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Windows: policy, figures, and failures to order.
 */
#include <errno.h>
#include <string.h>

#include "window.h"

int memrig_window_policy(memrig_window_t *window, uint32_t policy)
{
	struct memrig_window_policy args = { .size = sizeof(args), .policy = policy };
	int ret = mrig_ioctl(window->fd, MEMRIG_IOC_WINDOW_POLICY, &args);

	return ret ? FAIL(ret) : 0;
}

int memrig_window_stat(memrig_window_t *window, uint32_t flags, struct memrig_window_stat *stat)
{
	int ret;

	stat->flags = flags;
	ret = mrig_ioctl(window->fd, MEMRIG_IOC_WINDOW_STAT, stat);
	return ret ? FAIL(ret) : 0;
}

int memrig_window_paging_stat(memrig_window_t *window, uint32_t scope, uint32_t tid, uint32_t flags,
			      struct memrig_paging_stat *stat)
{
	int ret;

	stat->flags = flags;
	stat->scope = scope;
	stat->tid = tid;
	ret = mrig_ioctl(window->fd, MEMRIG_IOC_WINDOW_PAGING_STAT, stat);
	return ret ? FAIL(ret) : 0;
}

int memrig_window_hist_get(memrig_window_t *window, uint32_t which, struct memrig_window_hist *hist)
{
	int ret;

	hist->flags = 0;
	hist->which = which;
	ret = mrig_ioctl(window->fd, MEMRIG_IOC_WINDOW_HIST, hist);
	return ret ? FAIL(ret) : 0;
}

int memrig_window_hist_set(memrig_window_t *window, uint32_t which, const uint64_t *bounds,
			   uint32_t bins)
{
	struct memrig_window_hist args = {
		.size = sizeof(args),
		.flags = MEMRIG_HIST_SET,
		.which = which,
		.bins = bins,
	};
	int ret;

	if (bins > MEMRIG_HIST_BINS)
		return FAIL(-EINVAL);
	memcpy(args.bounds, bounds, bins * sizeof(*bounds));
	ret = mrig_ioctl(window->fd, MEMRIG_IOC_WINDOW_HIST, &args);
	return ret ? FAIL(ret) : 0;
}

int memrig_window_hist_reset(memrig_window_t *window, uint32_t which)
{
	struct memrig_window_hist args = {
		.size = sizeof(args),
		.flags = MEMRIG_HIST_RESET,
		.which = which,
	};
	int ret = mrig_ioctl(window->fd, MEMRIG_IOC_WINDOW_HIST, &args);

	return ret ? FAIL(ret) : 0;
}

int memrig_window_inject(memrig_window_t *window, struct memrig_window_inject *plan)
{
	int ret = mrig_ioctl(window->fd, MEMRIG_IOC_WINDOW_INJECT, plan);

	return ret ? FAIL(ret) : 0;
}
