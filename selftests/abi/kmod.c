// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The functions of kmod.h.
 */
#include <sys/syscall.h>

#include "kmod.h"

int kmod_load(const char *path, const char *params)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), ret;

	if (fd < 0)
		return -errno;
	ret = syscall(SYS_finit_module, fd, params, 0) ? -errno : 0;
	close(fd);
	return ret;
}

int kmod_unload(const char *name)
{
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? -errno : 0;
}

int kind_next(int session, uint32_t what, uint32_t number, struct memrig_window_kind *kind)
{
	int ret;

	*kind = ARG(memrig_window_kind, .what = what, .number = number);
	ret = call(session, MEMRIG_IOC_WINDOW_KIND, kind);
	return ret ? ret : (int)kind->number;
}

int kind_find(int session, uint32_t what, const char *name)
{
	struct memrig_window_kind kind;
	int number;

	for (uint32_t from = 0;; from = number + 1) {
		number = kind_next(session, what, from, &kind);
		if (number < 0 || !strcmp((char *)kind.name, name))
			return number;
	}
}
