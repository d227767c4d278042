// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A perf event counts; virtual machines and perf_event_paranoid often leave us without one.
 */
#include "replay_counter.h"

#include <linux/perf_event.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

void replay_counter_start(struct replay_counter *counter)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_HARDWARE,
		.size = sizeof(attr),
		.config = PERF_COUNT_HW_INSTRUCTIONS,
		.disabled = 1,
		.exclude_kernel = 1,
		.exclude_hv = 1,
	};

	counter->fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (counter->fd >= 0)
		ioctl(counter->fd, PERF_EVENT_IOC_ENABLE, 0);
}

uint64_t replay_counter_stop(struct replay_counter *counter)
{
	uint64_t count;

	if (counter->fd < 0)
		return 0;
	ioctl(counter->fd, PERF_EVENT_IOC_DISABLE, 0);
	if (read(counter->fd, &count, sizeof(count)) != (ssize_t)sizeof(count))
		count = 0;
	close(counter->fd);
	return count;
}
