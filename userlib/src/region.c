// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Regions: one ioctl per call, and the mapping that all heaps on the handle share.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "priv.h"

int mrig_region_wrap(int fd, uint64_t length, bool read_only, struct memrig_region **out)
{
	struct memrig_region *region = calloc(1, sizeof(*region));
	int ret;

	if (!region)
		return -ENOMEM;
	ret = pthread_mutex_init(&region->lock, NULL);
	if (ret) {
		free(region);
		return -ret;
	}
	atomic_init(&region->refs, 1);
	region->fd = fd;
	region->length = length;
	region->read_only = read_only;
	*out = region;
	return 0;
}

void mrig_region_get(struct memrig_region *region)
{
	atomic_fetch_add_explicit(&region->refs, 1, memory_order_relaxed);
}

void mrig_region_put(struct memrig_region *region)
{
	int saved = errno;

	if (atomic_fetch_sub_explicit(&region->refs, 1, memory_order_acq_rel) != 1)
		return;
	if (region->map)
		munmap(region->map, region->length);
	mrig_close_fd(region->fd);
	pthread_mutex_destroy(&region->lock);
	free(region);
	errno = saved;
}

int mrig_region_map(struct memrig_region *region, void **addr)
{
	int prot = region->read_only ? PROT_READ : PROT_READ | PROT_WRITE;
	int saved = errno;
	int ret = 0;
	void *map;

	if (region->length > SIZE_MAX)
		return -EOVERFLOW;
	pthread_mutex_lock(&region->lock);
	if (!region->map) {
		map = mmap(NULL, region->length, prot, MAP_SHARED, region->fd, 0);
		if (map == MAP_FAILED)
			ret = -errno;
		else
			region->map = map;
	}
	if (!ret) {
		region->maps++;
		*addr = region->map;
	}
	pthread_mutex_unlock(&region->lock);
	errno = saved;
	return ret;
}

void mrig_region_unmap(struct memrig_region *region)
{
	int saved = errno;

	pthread_mutex_lock(&region->lock);
	if (--region->maps == 0) {
		munmap(region->map, region->length);
		region->map = NULL;
	}
	pthread_mutex_unlock(&region->lock);
	errno = saved;
}

/* A name as the uapi carries it; longer ones cannot exist. */
static int name_copy(__u8 *dst, const char *name)
{
	size_t len = strlen(name);

	if (len >= MEMRIG_NAME_MAX)
		return -EINVAL;
	memcpy(dst, name, len + 1);
	return 0;
}

int memrig_region_create(memrig_t *rig, struct memrig_region_create *args, memrig_region_t **region)
{
	const char *name = args->name[0] ? (const char *)args->name : NULL;
	int ret;

	ret = mrig_ioctl(rig->fd, MEMRIG_IOC_REGION_CREATE, args);
	if (!ret) {
		ret = mrig_region_wrap(args->fd, args->actual_length, false, region);
		if (ret)
			mrig_close_fd(args->fd);
	}
	if (ret) {
		struct fail_info info = {
			.reason = args->reason,
			.detail = args->detail,
			.wanted = args->length,
			.name = name,
		};

		return mrig_fail_with(__func__, ret, &info);
	}
	return 0;
}

int memrig_region_open(memrig_t *rig, const char *name, uint32_t flags, memrig_region_t **region)
{
	struct memrig_region_open args = { .size = sizeof(args), .flags = flags };
	int ret;

	ret = name_copy(args.name, name);
	if (!ret)
		ret = mrig_ioctl(rig->fd, MEMRIG_IOC_REGION_OPEN, &args);
	if (ret)
		return FAIL_NAME(ret, name);
	ret = memrig_region_from_fd(args.fd, region);
	if (ret) {
		mrig_close_fd(args.fd);
		return FAIL_NAME(ret, name);
	}
	return 0;
}

int memrig_region_remove(memrig_t *rig, const char *name)
{
	struct memrig_region_remove args = { .size = sizeof(args) };
	int ret;

	ret = name_copy(args.name, name);
	if (!ret)
		ret = mrig_ioctl(rig->fd, MEMRIG_IOC_REGION_REMOVE, &args);
	return ret ? FAIL_NAME(ret, name) : 0;
}

int memrig_region_list(memrig_t *rig, uint64_t *cursor, struct memrig_region_info *infos,
		       uint32_t count)
{
	struct memrig_region_list args = {
		.size = sizeof(args),
		.cursor = *cursor,
		.entries = (uintptr_t)infos,
		.count = count,
		.entry_size = infos->size,
	};
	int ret;

	ret = mrig_ioctl(rig->fd, MEMRIG_IOC_REGION_LIST, &args);
	if (ret)
		return FAIL(ret);
	*cursor = args.cursor;
	return args.count;
}

int memrig_region_from_fd(int fd, memrig_region_t **region)
{
	struct memrig_region_info info = { .size = sizeof(info) };
	int ret;

	ret = mrig_ioctl(fd, MEMRIG_IOC_REGION_INFO, &info);
	if (!ret)
		ret = mrig_region_wrap(fd, info.length, info.flags & MEMRIG_REGION_STATE_READ_ONLY,
				       region);
	return ret ? FAIL(ret) : 0;
}

void memrig_region_close(memrig_region_t *region)
{
	if (region)
		mrig_region_put(region);
}

int memrig_region_fd(const memrig_region_t *region)
{
	return region->fd;
}

uint64_t memrig_region_length(const memrig_region_t *region)
{
	return region->length;
}

int memrig_region_info(memrig_region_t *region, struct memrig_region_info *info)
{
	int ret;

	info->flags = 0; /* an answer, so that a structure can be used again */
	ret = mrig_ioctl(region->fd, MEMRIG_IOC_REGION_INFO, info);
	return ret ? FAIL(ret) : 0;
}

int memrig_region_attr_query(memrig_region_t *region, uint64_t offset, const void *addr,
			     struct memrig_attr_query *query)
{
	int ret;

	query->offset = offset;
	query->user_addr = (uintptr_t)addr;
	ret = mrig_ioctl(region->fd, MEMRIG_IOC_ATTR_QUERY, query);
	return ret ? FAIL(ret) : 0;
}

int memrig_region_addr(memrig_region_t *region, uint64_t offset, struct memrig_region_addr *addr)
{
	int ret;

	addr->offset = offset;
	ret = mrig_ioctl(region->fd, MEMRIG_IOC_REGION_ADDR, addr);
	return ret ? FAIL(ret) : 0;
}

int memrig_region_suspend(memrig_region_t *region, uint32_t flags)
{
	struct memrig_region_suspend args = { .size = sizeof(args), .flags = flags };
	int ret = mrig_ioctl(region->fd, MEMRIG_IOC_REGION_SUSPEND, &args);

	return ret ? FAIL(ret) : 0;
}

int memrig_region_resume(memrig_region_t *region)
{
	struct memrig_region_resume args = { .size = sizeof(args) };
	int ret = mrig_ioctl(region->fd, MEMRIG_IOC_REGION_RESUME, &args);

	return ret ? FAIL(ret) : 0;
}

int memrig_region_near(memrig_region_t *region, uint32_t cpu, struct memrig_region_near *near)
{
	int ret;

	near->cpu = cpu;
	ret = mrig_ioctl(region->fd, MEMRIG_IOC_REGION_NEAR, near);
	return ret ? FAIL(ret) : 0;
}

int memrig_region_map(memrig_region_t *region, void **addr)
{
	int ret = mrig_region_map(region, addr);

	if (ret)
		return FAIL(ret);
	pthread_mutex_lock(&region->lock);
	region->user_maps++;
	pthread_mutex_unlock(&region->lock);
	return 0;
}

/* Gives up what memrig_region_map() got; the heaps of the library have their own. */
int memrig_region_unmap(memrig_region_t *region)
{
	bool mapped;

	pthread_mutex_lock(&region->lock);
	mapped = region->user_maps > 0;
	if (mapped)
		region->user_maps--;
	pthread_mutex_unlock(&region->lock);
	if (!mapped)
		return FAIL(-EINVAL);
	mrig_region_unmap(region);
	return 0;
}
