// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Windows: finding those of others, and what they can be made of.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "window.h"

int memrig_window_list(memrig_t *rig, uint64_t *cursor, struct memrig_window_stat *stats,
		       uint32_t count)
{
	struct memrig_window_list args = {
		.size = sizeof(args),
		.cursor = *cursor,
		.entries = (uintptr_t)stats,
		.count = count,
		.entry_size = stats->size,
	};
	int ret;

	ret = mrig_ioctl(rig->fd, MEMRIG_IOC_WINDOW_LIST, &args);
	if (ret)
		return FAIL(ret);
	*cursor = args.cursor;
	return args.count;
}

int memrig_window_open(memrig_t *rig, uint64_t id, memrig_window_t **window)
{
	struct memrig_window_open args = { .size = sizeof(args), .id = id };
	char name[24];
	int ret;

	ret = mrig_ioctl(rig->fd, MEMRIG_IOC_WINDOW_OPEN, &args);
	if (!ret)
		ret = mrig_window_take(args.fd, window);
	if (!ret)
		return 0;
	snprintf(name, sizeof(name), "%llu", (unsigned long long)id);
	return FAIL_NAME(ret, name);
}

int memrig_window_kind(memrig_t *rig, uint32_t what, uint32_t number,
		       struct memrig_window_kind *kind)
{
	int ret;

	kind->what = what;
	kind->number = number;
	ret = mrig_ioctl(rig->fd, MEMRIG_IOC_WINDOW_KIND, kind);
	return ret ? FAIL(ret) : 0;
}

int memrig_window_kind_find(memrig_t *rig, uint32_t what, const char *name,
			    struct memrig_window_kind *kind)
{
	int ret = 0;

	kind->what = what;
	for (kind->number = 0; !ret; kind->number++) {
		ret = mrig_ioctl(rig->fd, MEMRIG_IOC_WINDOW_KIND, kind);
		if (!ret && !strcmp((const char *)kind->name, name))
			return 0;
	}
	return FAIL_NAME(ret, name);
}

int memrig_paging_stat(memrig_t *rig, struct memrig_paging_stat *stat)
{
	int ret;

	stat->flags = 0;
	stat->scope = 0;
	stat->tid = 0;
	ret = mrig_ioctl(rig->fd, MEMRIG_IOC_PAGING_STAT, stat);
	return ret ? FAIL(ret) : 0;
}
