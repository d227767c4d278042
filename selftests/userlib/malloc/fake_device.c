// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * To be preloaded: any file is the device, and its regions and windows are shared memory. What a
 * program on a region does, forks above all, can so be tested where there is no module. Attributes
 * are not looked at, and nothing ever leaves a window: a page of it counts as written when it is
 * not all zeros. $FAKE_DEVICE=full: there is no memory; =store: there is no such store.
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

static int create_window(struct memrig_window_create *args)
{
	const char *mood = getenv("FAKE_DEVICE");

	if (mood && !strcmp(mood, "store")) {
		errno = EOPNOTSUPP;
		return -1;
	}
	args->fd = memfd_create("fake-window", MFD_CLOEXEC);
	return args->fd < 0 ? -1 : ftruncate(args->fd, (off_t)args->pages * 4096);
}

/* Two of each. */
static int window_kind(struct memrig_window_kind *args)
{
	static const char *const names[2][4] = { { NULL, NULL, "lru", "fifo" },
						 { NULL, "ram", NULL, "file" } };

	for (; args->number < 4; args->number++) {
		const char *name = names[args->what == MEMRIG_KIND_OF_STORE][args->number];

		if (!name)
			continue;
		strcpy((char *)args->name, name);
		args->wants_file = !strcmp(name, "file");
		return 0;
	}
	errno = ENOENT;
	return -1;
}

static int window_stat(int fd, struct memrig_window_stat *args)
{
	struct stat st;

	if (fstat(fd, &st))
		return -1;
	if (!S_ISREG(st.st_mode)) {
		errno = ENOTTY;
		return -1;
	}
	args->pages = (__u64)st.st_size / 4096;
	args->policy = MEMRIG_POLICY_LRU;
	args->store = MEMRIG_STORE_RAM;
	return 0;
}

static int page_map(int fd, const struct memrig_page_map *args)
{
	unsigned char *states = (unsigned char *)(unsigned long)args->states;
	static const char zeros[4096];
	char page[4096];
	__u64 i;

	if (args->length / 4096 > MEMRIG_BATCH_MAX) {
		errno = EINVAL;
		return -1;
	}
	for (i = 0; i < args->length / 4096; i++) {
		if (pread(fd, page, sizeof(page), (off_t)(args->offset + i * 4096)) < 0)
			return -1;
		states[i] = memcmp(page, zeros, sizeof(page)) ? MEMRIG_PAGE_RESIDENT : 0;
	}
	return 0;
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
	case MEMRIG_IOC_WINDOW_CREATE:
		return create_window(arg);
	case MEMRIG_IOC_WINDOW_KIND:
		return window_kind(arg);
	case MEMRIG_IOC_WINDOW_STAT:
		return window_stat(fd, arg);
	case MEMRIG_IOC_PAGE_MAP:
		return page_map(fd, arg);
	default:
		return (int)syscall(SYS_ioctl, fd, request, arg);
	}
}
