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

#define SPARES 8

/* What @name needs, in the order of loading, itself last; how many, or -errno. */
static int spare_order(const char *name, char names[SPARES][32])
{
	char path[64];
	FILE *order;
	int n = 0;

	snprintf(path, sizeof(path), "/lib/spare/%s.order", name);
	order = fopen(path, "r");
	if (!order)
		return -errno;
	while (n < SPARES && fscanf(order, "%31s", names[n]) == 1)
		n++;
	fclose(order);
	return n;
}

int spare_load(const char *name, const char *params)
{
	char names[SPARES][32], path[sizeof("/lib/spare/.ko") + 32];
	int n = spare_order(name, names), ret = n < 0 ? n : 0;

	for (int i = 0; i < n && !ret; i++) {
		snprintf(path, sizeof(path), "/lib/spare/%.31s.ko", names[i]);
		ret = kmod_load(path, i == n - 1 ? params : "");
		if (ret == -EEXIST && i < n - 1)
			ret = 0;
	}
	return ret;
}

int spare_unload(const char *name)
{
	char names[SPARES][32];
	int n = spare_order(name, names), ret = 0;

	while (n-- > 0 && !ret) {
		ret = kmod_unload(names[n]);
		if (ret == -ENOENT)
			ret = 0;
	}
	return ret;
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
