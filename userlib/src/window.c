// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Windows: how handles come and go.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "window.h"

uint64_t mrig_page_size(void)
{
	return (uint64_t)sysconf(_SC_PAGESIZE);
}

uint64_t mrig_window_rest(const struct memrig_window *window, uint64_t offset, uint64_t length)
{
	return !length && offset < window->length ? window->length - offset : length;
}

/* Takes over @fd, if it succeeds and is a window. */
static int window_wrap(int fd, struct memrig_window **out)
{
	struct memrig_window_stat stat = { .size = sizeof(stat) };
	struct memrig_window *new;
	int ret;

	ret = mrig_ioctl(fd, MEMRIG_IOC_WINDOW_STAT, &stat);
	if (ret)
		return ret;
	new = malloc(sizeof(*new));
	if (!new)
		return -ENOMEM;
	*new = (struct memrig_window){
		.fd = fd,
		.id = stat.id,
		.length = stat.pages * mrig_page_size(),
	};
	*out = new;
	return 0;
}

int mrig_window_take(int fd, struct memrig_window **out)
{
	int ret = window_wrap(fd, out);

	if (ret)
		mrig_close_fd(fd);
	return ret;
}

/* A region that nobody else knows. The answer has its descriptor, or the reason. */
static int fresh_region(const struct memrig *rig, uint64_t frames,
			struct memrig_region_create *region)
{
	*region = (struct memrig_region_create){
		.size = sizeof(*region),
		.kind = MEMRIG_KIND_PAGES,
		.attr = MEMRIG_ATTR_CACHED,
		.node = MEMRIG_NODE_ANY,
		.uid = MEMRIG_ID_SELF,
		.gid = MEMRIG_ID_SELF,
	};
	if (!frames)
		return -EINVAL;
	if (__builtin_mul_overflow(frames, mrig_page_size(), &region->length))
		return -EOVERFLOW;
	return mrig_ioctl(rig->fd, MEMRIG_IOC_REGION_CREATE, region);
}

static int window_make(const struct memrig *rig, struct memrig_window_create *args,
		       struct memrig_window **window)
{
	int ret = mrig_ioctl(rig->fd, MEMRIG_IOC_WINDOW_CREATE, args);

	return ret ? ret : mrig_window_take(args->fd, window);
}

int memrig_window_create(memrig_t *rig, memrig_region_t *region, struct memrig_window_create *args,
			 memrig_window_t **window)
{
	struct memrig_region_create fresh;
	int ret;

	args->reason = MEMRIG_REASON_NONE;
	if (region) {
		args->region_fd = region->fd;
		if (!args->frames && args->offset < region->length)
			args->frames = (region->length - args->offset) / mrig_page_size();
		ret = window_make(rig, args, window);
	} else {
		ret = fresh_region(rig, args->frames, &fresh);
		if (ret) {
			struct fail_info info = {
				.reason = fresh.reason,
				.detail = fresh.detail,
				.wanted = fresh.length,
			};

			args->reason = fresh.reason;
			return mrig_fail_with(__func__, ret, &info);
		}
		args->region_fd = fresh.fd;
		ret = window_make(rig, args, window);
		mrig_close_fd(fresh.fd); /* the window keeps the region */
		args->region_fd = -1;
	}
	return ret ? mrig_fail_with(__func__, ret, &(struct fail_info){ .reason = args->reason })
		   : 0;
}

int memrig_window_from_fd(int fd, memrig_window_t **window)
{
	int ret = window_wrap(fd, window);

	return ret ? FAIL(ret) : 0;
}

int memrig_window_attach(memrig_window_t *window, memrig_window_t **other)
{
	struct memrig_window_attach args = { .size = sizeof(args) };
	int ret;

	ret = mrig_ioctl(window->fd, MEMRIG_IOC_WINDOW_ATTACH, &args);
	if (!ret)
		ret = mrig_window_take(args.fd, other);
	return ret ? FAIL(ret) : 0;
}

void memrig_window_close(memrig_window_t *window)
{
	if (!window)
		return;
	mrig_window_unmap_all(window);
	mrig_close_fd(window->fd);
	free(window);
}

int memrig_window_fd(const memrig_window_t *window)
{
	return window->fd;
}

uint64_t memrig_window_length(const memrig_window_t *window)
{
	return window->length;
}
