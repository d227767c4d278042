// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The wrappers of abi.h: ioctls, one function each.
 */
#include "abi.h"

int call(int fd, unsigned long cmd, void *arg)
{
	return ioctl(fd, cmd, arg) < 0 ? -errno : 0;
}

int session_open(void)
{
	int fd = open(DEV_PATH, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

struct memrig_caps caps_get(int session)
{
	struct memrig_caps caps = ARG(memrig_caps);

	if (call(session, MEMRIG_IOC_CAPS, &caps))
		memset(&caps, 0, sizeof(caps));
	return caps;
}

uint64_t used_bytes(int session)
{
	return caps_get(session).used_bytes;
}

int64_t region_count(int session)
{
	struct memrig_region_info entries[16];
	struct memrig_region_list list = ARG(memrig_region_list);
	int64_t count = 0;
	int ret;

	list.entries = (uintptr_t)entries;
	list.entry_size = sizeof(entries[0]);
	do {
		list.count = 16;
		ret = call(session, MEMRIG_IOC_REGION_LIST, &list);
		if (ret)
			return ret;
		count += list.count;
	} while (list.count);
	return count;
}

void name_set(__u8 *field, const char *name)
{
	size_t len = strnlen(name, MEMRIG_NAME_MAX);

	memset(field, 0, MEMRIG_NAME_MAX);
	memcpy(field, name, len);
}

int region_with(int session, uint32_t kind, uint32_t attr, uint64_t length, uint64_t attrs)
{
	struct memrig_region_create arg =
		ARG(memrig_region_create, .kind = kind, .attr = attr, .length = length,
		    .node = MEMRIG_NODE_ANY, .attrs = attrs);
	int ret = call(session, MEMRIG_IOC_REGION_CREATE, &arg);

	return ret ? ret : arg.fd;
}

int region_new(int session, uint32_t kind, uint32_t attr, uint64_t length)
{
	return region_with(session, kind, attr, length, 0);
}

int region_suspend(int region, uint32_t flags)
{
	struct memrig_region_suspend arg = ARG(memrig_region_suspend, .flags = flags);

	return call(region, MEMRIG_IOC_REGION_SUSPEND, &arg);
}

int region_resume(int region)
{
	struct memrig_region_resume arg = ARG(memrig_region_resume);

	return call(region, MEMRIG_IOC_REGION_RESUME, &arg);
}

int region_named(int session, const char *name, uint64_t length, uint32_t mode)
{
	struct memrig_region_create arg =
		ARG(memrig_region_create, .kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED,
		    .length = length, .node = MEMRIG_NODE_ANY, .uid = MEMRIG_ID_SELF,
		    .gid = MEMRIG_ID_SELF, .mode = mode);
	int ret;

	name_set(arg.name, name);
	ret = call(session, MEMRIG_IOC_REGION_CREATE, &arg);
	return ret ? ret : arg.fd;
}

int region_open(int session, const char *name, uint32_t flags)
{
	struct memrig_region_open arg = ARG(memrig_region_open, .flags = flags);
	int ret;

	name_set(arg.name, name);
	ret = call(session, MEMRIG_IOC_REGION_OPEN, &arg);
	return ret ? ret : arg.fd;
}

int region_remove(int session, const char *name)
{
	struct memrig_region_remove arg = ARG(memrig_region_remove);

	name_set(arg.name, name);
	return call(session, MEMRIG_IOC_REGION_REMOVE, &arg);
}

struct memrig_region_info region_info(int region)
{
	struct memrig_region_info info = ARG(memrig_region_info);

	if (call(region, MEMRIG_IOC_REGION_INFO, &info))
		memset(&info, 0, sizeof(info));
	return info;
}

int region_addr(int region, uint64_t offset, struct memrig_region_addr *out)
{
	*out = ARG(memrig_region_addr, .offset = offset);
	return call(region, MEMRIG_IOC_REGION_ADDR, out);
}

void *region_mapped_as(int session, uint32_t kind, uint32_t attr, uint64_t length, int *fd)
{
	*fd = region_new(session, kind, attr, length);
	if (*fd < 0)
		return MAP_FAILED;
	return mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, *fd, 0);
}

void *region_mapped(int session, uint64_t length, int *fd)
{
	return region_mapped_as(session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, length, fd);
}

int heap_new(int region, uint32_t placement, uint32_t flags)
{
	struct memrig_heap_create arg =
		ARG(memrig_heap_create, .flags = flags, .placement = placement);
	int ret = call(region, MEMRIG_IOC_HEAP_CREATE, &arg);

	return ret ? ret : arg.fd;
}

int heap_engine(int region, uint32_t engine, uint64_t block_size)
{
	struct memrig_heap_create arg =
		ARG(memrig_heap_create, .flags = MEMRIG_HEAP_STATS,
		    .placement = MEMRIG_PLACEMENT_OOB, .engine = engine, .block_size = block_size);
	int ret = call(region, MEMRIG_IOC_HEAP_CREATE, &arg);

	return ret ? ret : arg.fd;
}

int blocks_get(int heap, uint64_t offset, uint64_t count)
{
	struct memrig_blocks_get arg = ARG(memrig_blocks_get, .offset = offset, .count = count);

	return call(heap, MEMRIG_IOC_BLOCKS_GET, &arg);
}

int blocks_free(int heap, uint64_t offset, uint64_t count)
{
	struct memrig_blocks_free arg = ARG(memrig_blocks_free, .offset = offset, .count = count);

	return call(heap, MEMRIG_IOC_BLOCKS_FREE, &arg);
}

int blocks_is_free(int heap, uint64_t offset, uint64_t count)
{
	struct memrig_blocks_is_free arg =
		ARG(memrig_blocks_is_free, .offset = offset, .count = count);
	int ret = call(heap, MEMRIG_IOC_BLOCKS_IS_FREE, &arg);

	return ret ? ret : (int)arg.free;
}

int heap_span(int region, uint64_t offset, uint64_t length)
{
	struct memrig_heap_create arg = ARG(memrig_heap_create, .placement = MEMRIG_PLACEMENT_OOB,
					    .offset = offset, .length = length);
	int ret = call(region, MEMRIG_IOC_HEAP_CREATE, &arg);

	return ret ? ret : arg.fd;
}

int heap_attach(int heap, uint32_t *client)
{
	struct memrig_heap_attach arg = ARG(memrig_heap_attach);
	int ret = call(heap, MEMRIG_IOC_HEAP_ATTACH, &arg);

	if (client)
		*client = arg.client;
	return ret ? ret : arg.fd;
}

int heap_alloc_full(int heap, struct memrig_alloc *arg)
{
	return call(heap, MEMRIG_IOC_ALLOC, arg);
}

int64_t heap_alloc(int heap, uint64_t bytes, uint64_t align)
{
	struct memrig_alloc arg = ARG(memrig_alloc, .bytes = bytes, .align = align);
	int ret = heap_alloc_full(heap, &arg);

	return ret ? ret : (int64_t)arg.offset;
}

int64_t heap_alloc_wait(int heap, uint64_t bytes, uint64_t align, uint64_t timeout_ns)
{
	struct memrig_alloc arg = ARG(memrig_alloc, .flags = MEMRIG_ALLOC_WAIT, .bytes = bytes,
				      .align = align, .timeout_ns = timeout_ns);
	int ret = heap_alloc_full(heap, &arg);

	return ret ? ret : (int64_t)arg.offset;
}

int heap_watch(int heap, uint64_t bytes, uint64_t align)
{
	struct memrig_watch arg = ARG(memrig_watch, .bytes = bytes, .align = align);

	return call(heap, MEMRIG_IOC_WATCH, &arg);
}

int heap_free(int heap, uint64_t offset)
{
	struct memrig_free arg = ARG(memrig_free, .offset = offset);

	return call(heap, MEMRIG_IOC_FREE, &arg);
}

int64_t heap_realloc(int heap, uint64_t offset, uint64_t bytes, uint64_t align, uint32_t flags)
{
	struct memrig_realloc arg = ARG(memrig_realloc, .flags = flags, .offset = offset,
					.bytes = bytes, .align = align);
	int ret = call(heap, MEMRIG_IOC_REALLOC, &arg);

	return ret ? ret : (int64_t)arg.offset;
}

int64_t heap_usable(int heap, uint64_t offset)
{
	struct memrig_usable arg = ARG(memrig_usable, .offset = offset);
	int ret = call(heap, MEMRIG_IOC_USABLE, &arg);

	return ret ? ret : (int64_t)arg.usable;
}

struct memrig_heap_stat heap_stat(int heap)
{
	struct memrig_heap_stat stat = ARG(memrig_heap_stat);

	if (call(heap, MEMRIG_IOC_HEAP_STAT, &stat))
		memset(&stat, 0, sizeof(stat));
	return stat;
}

int heap_validate(int heap)
{
	struct memrig_heap_validate arg = ARG(memrig_heap_validate);
	int ret = call(heap, MEMRIG_IOC_HEAP_VALIDATE, &arg);

	return ret ? ret : (int)arg.invariant;
}

int heap_give(int heap, uint64_t offset, uint32_t client)
{
	struct memrig_give arg = ARG(memrig_give, .offset = offset, .client = client);

	return call(heap, MEMRIG_IOC_GIVE, &arg);
}

int heap_keep(int heap, uint64_t offset, uint32_t *reason)
{
	struct memrig_keep arg = ARG(memrig_keep, .offset = offset);
	int ret = call(heap, MEMRIG_IOC_KEEP, &arg);

	if (reason)
		*reason = arg.reason;
	return ret;
}

int64_t heap_walk(int heap, struct memrig_block *out, uint32_t max, uint32_t part)
{
	struct memrig_heap_walk arg = ARG(memrig_heap_walk);
	struct memrig_block *chunk = calloc(part, sizeof(*chunk));
	int64_t total = 0;
	int ret = -ENOMEM;

	if (!chunk)
		return ret;
	arg.blocks = (uintptr_t)chunk;
	for (;;) {
		arg.count = part;
		ret = call(heap, MEMRIG_IOC_HEAP_WALK, &arg);
		if (ret || !arg.count)
			break;
		for (uint32_t i = 0; i < arg.count; i++, total++)
			if (total < max)
				out[total] = chunk[i];
	}
	free(chunk);
	return ret ? ret : total;
}
