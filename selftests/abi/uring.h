/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * io_uring as tests use it.
 */
#ifndef MEMRIG_URING_H
#define MEMRIG_URING_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/utsname.h>

/* Until Linux 6.5 io_uring registers no memory that is mapped from a file, whoever's it is. */
static inline bool uring_refuses_files(void)
{
	struct utsname name;
	unsigned int major, minor;

	if (uname(&name) || sscanf(name.release, "%u.%u", &major, &minor) != 2)
		return false;
	return major < 6 || (major == 6 && minor < 5);
}

#endif /* MEMRIG_URING_H */
