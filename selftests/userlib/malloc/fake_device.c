// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * To be preloaded: any file is the device, and its regions are shared memory. What a program on a
 * region does, forks above all, can so be tested where there is no module. Attributes are not
 * looked at. $FAKE_DEVICE=full: there is no memory.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/memrig.h>

static int create(struct memrig_region_create *args)
{
	const char *mood = getenv("FAKE_DEVICE");

	if (mood && !strcmp(mood, "full")) {
		args->reason = MEMRIG_REASON_CONTIG;
		errno = ENOMEM;
		return -1;
	}
	args->actual_length = (args->length + 4095) & ~4095ULL;
	args->fd = memfd_create("fake-region", MFD_CLOEXEC);
	return args->fd < 0 ? -1 : ftruncate(args->fd, (off_t)args->actual_length);
}

static int info(int fd, struct memrig_region_info *args)
{
	struct stat st;

	if (fstat(fd, &st))
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = ENOTTY;
		return -1;
	}
	args->length = (__u64)st.st_size;
	return 0;
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list args;
	void *arg;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	switch (request) {
	case MEMRIG_IOC_CAPS:
		return 0;
	case MEMRIG_IOC_REGION_CREATE:
		return create(arg);
	case MEMRIG_IOC_REGION_INFO:
		return info(fd, arg);
	default:
		return (int)syscall(SYS_ioctl, fd, request, arg);
	}
}
