// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The session: an open /dev/memrig, and the one place that calls ioctl().
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "priv.h"

int mrig_ioctl(int fd, unsigned long command, void *args)
{
	int saved = errno;
	int ret;

	ret = ioctl(fd, command, args) < 0 ? -errno : 0;
	errno = saved;
	return ret;
}

void mrig_close_fd(int fd)
{
	int saved = errno;

	close(fd);
	errno = saved;
}

static int fail_open(int error, const char *path)
{
	/* Advice differs: a path of the caller's own may be wrong. */
	const char *call = strcmp(path, MEMRIG_DEVICE) ? "memrig_open_path" : "memrig_open";

	return mrig_fail_with(call, error, &(struct fail_info){ .name = path });
}

int memrig_open_path(const char *path, memrig_t **rig)
{
	struct memrig_caps caps = { .size = sizeof(caps) };
	struct memrig *new;
	int saved = errno;
	int fd, ret;

	fd = open(path, O_RDWR | O_CLOEXEC);
	ret = fd < 0 ? -errno : 0;
	errno = saved;
	if (ret)
		return fail_open(ret, path);
	ret = mrig_ioctl(fd, MEMRIG_IOC_CAPS, &caps); /* is it one of ours? */
	if (ret) {
		mrig_close_fd(fd);
		return fail_open(ret, path);
	}
	new = malloc(sizeof(*new));
	if (!new) {
		mrig_close_fd(fd);
		return fail_open(-ENOMEM, path);
	}
	new->fd = fd;
	*rig = new;
	return 0;
}

int memrig_open(memrig_t **rig)
{
	const char *path = getenv("MEMRIG_DEVICE");

	return memrig_open_path(path && *path ? path : MEMRIG_DEVICE, rig);
}

void memrig_close(memrig_t *rig)
{
	if (!rig)
		return;
	mrig_close_fd(rig->fd);
	free(rig);
}

int memrig_fd(const memrig_t *rig)
{
	return rig->fd;
}

int memrig_caps(memrig_t *rig, struct memrig_caps *caps)
{
	int ret = mrig_ioctl(rig->fd, MEMRIG_IOC_CAPS, caps);

	return ret ? FAIL(ret) : 0;
}

const char *memrig_version(void)
{
	return MEMRIG_VERSION_STRING;
}
