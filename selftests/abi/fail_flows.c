// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The flows of fail_flows.h. Each returns 0 or -errno.
 */
#include "fail_flows.h"

static int keep_fd(int fd)
{
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

/* The failure may hit this call; it comes only once, and changes nothing. */
static int give_back(int heap, int64_t offset)
{
	int ret = heap_free(heap, offset);

	return ret == -EFAULT ? heap_free(heap, offset) : ret;
}

int flow_session(struct stage *s)
{
	return keep_fd(session_open());
}

int flow_caps(struct stage *s)
{
	struct memrig_caps caps = ARG(memrig_caps);

	return call(s->session, MEMRIG_IOC_CAPS, &caps);
}

int flow_region_cached(struct stage *s)
{
	return keep_fd(region_new(s->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, FAIL_LENGTH));
}

int flow_region_uncached(struct stage *s)
{
	int fd = region_new(s->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_UNCACHED, FAIL_LENGTH);

	return keep_fd(fd);
}

int flow_region_coherent(struct stage *s)
{
	return keep_fd(region_new(s->session, MEMRIG_KIND_COHERENT, s->coherent_attr, FAIL_LENGTH));
}

int flow_region_named(struct stage *s)
{
	int fd = region_named(s->session, FAIL_NAME, FAIL_LENGTH, 0600);

	if (fd < 0)
		return fd;
	close(fd);
	fd = region_remove(s->session, FAIL_NAME);
	return fd == -EFAULT ? region_remove(s->session, FAIL_NAME) : fd;
}

int flow_region_open(struct stage *s)
{
	return keep_fd(region_open(s->session, FAIL_STAGE, 0));
}

int flow_region_list(struct stage *s)
{
	int64_t count = region_count(s->session);

	return count < 0 ? count : 0;
}

int flow_region_info(struct stage *s)
{
	struct memrig_region_info info = ARG(memrig_region_info);

	return call(s->region, MEMRIG_IOC_REGION_INFO, &info);
}

int flow_region_addr(struct stage *s)
{
	struct memrig_region_addr addr;

	return region_addr(s->region, 0, &addr);
}

/* Of pages: they are mapped for a device then. */
int flow_region_addr_first(struct stage *s)
{
	int fd = region_new(s->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, FAIL_LENGTH);
	struct memrig_region_addr addr;
	int ret = fd;

	if (fd >= 0) {
		ret = region_addr(fd, 0, &addr);
		close(fd);
	}
	return ret;
}

int flow_attr_query(struct stage *s)
{
	struct memrig_attr_query query = ARG(memrig_attr_query, .user_addr = (uintptr_t)s->map);

	return call(s->region, MEMRIG_IOC_ATTR_QUERY, &query);
}

int flow_attr_name(struct stage *s)
{
	struct memrig_attr_name name =
		ARG(memrig_attr_name, .flags = MEMRIG_ATTR_NAME_SET, .bit = 50);
	int ret;

	name_set(name.name, FAIL_NAME);
	ret = call(s->session, MEMRIG_IOC_ATTR_NAME, &name);
	if (ret)
		return ret;
	name.flags = MEMRIG_ATTR_NAME_CLEAR;
	ret = call(s->session, MEMRIG_IOC_ATTR_NAME, &name);
	return ret == -EFAULT ? call(s->session, MEMRIG_IOC_ATTR_NAME, &name) : ret;
}

int flow_region_near(struct stage *s)
{
	struct memrig_region_near near = ARG(memrig_region_near, .cpu = MEMRIG_CPU_SELF);

	return call(s->region, MEMRIG_IOC_REGION_NEAR, &near);
}

/* What is not suspended for a failure is on; what is, comes on again. */
int flow_region_power(struct stage *s)
{
	int fd = region_with(s->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_UNCACHED, 8192,
			     MEMRIG_ATTRS_POWERED);
	int ret, again;

	if (fd < 0)
		return fd;
	ret = region_suspend(fd, MEMRIG_SUSPEND_LOSE);
	if (!ret)
		ret = region_resume(fd);
	if (ret) {
		again = region_resume(fd);
		ret = again && again != -EALREADY ? -EUCLEAN : ret;
	}
	close(fd);
	return ret;
}

int flow_mmap(struct stage *s)
{
	volatile char *map =
		mmap(NULL, FAIL_LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, s->region, 0);

	if (map == MAP_FAILED)
		return -errno;
	/* A fault that cannot be served for want of memory is tried again. */
	map[FAIL_LENGTH - 1] = 1;
	return munmap((void *)map, FAIL_LENGTH) ? -errno : 0;
}

int flow_heap_oob(struct stage *s)
{
	return keep_fd(heap_span(s->region, FAIL_LENGTH, 4096));
}

int flow_heap_scrub(struct stage *s)
{
	struct memrig_heap_create arg =
		ARG(memrig_heap_create, .flags = MEMRIG_HEAP_SCRUB,
		    .placement = MEMRIG_PLACEMENT_OOB, .offset = FAIL_LENGTH, .length = 4096);
	int ret = call(s->region, MEMRIG_IOC_HEAP_CREATE, &arg);

	return ret ? ret : keep_fd(arg.fd);
}

int flow_heap_inband(struct stage *s)
{
	struct memrig_region_create arg =
		ARG(memrig_region_create, .flags = MEMRIG_REGION_KERNEL_ONLY,
		    .kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED, .length = FAIL_LENGTH,
		    .node = MEMRIG_NODE_ANY);
	int ret = call(s->session, MEMRIG_IOC_REGION_CREATE, &arg), heap;

	if (ret)
		return ret;
	heap = heap_new(arg.fd, MEMRIG_PLACEMENT_INBAND, 0);
	if (heap >= 0) {
		ret = heap_alloc(heap, 100, 0);
		if (ret >= 0)
			ret = heap_free(heap, ret);
		close(heap);
	}
	close(arg.fd);
	return heap < 0 ? heap : ret;
}

int flow_attach(struct stage *s)
{
	return keep_fd(heap_attach(s->heap, NULL));
}

/* The first blocks of a heap: side memory has to be fed. */
int flow_first_alloc(struct stage *s)
{
	int heap = heap_span(s->region, FAIL_LENGTH, 4096);
	int64_t off = -EINVAL;

	if (heap < 0)
		return heap;
	off = heap_alloc(heap, 64, 0);
	if (off >= 0 && heap_validate(heap) > 0)
		off = -EUCLEAN;
	close(heap);
	return off < 0 ? off : 0;
}

int flow_alloc(struct stage *s)
{
	int64_t off = heap_alloc(s->client, 64, 64);

	return off < 0 ? off : give_back(s->client, off);
}

int flow_alloc_many(struct stage *s)
{
	struct memrig_alloc_req reqs[40];
	struct memrig_alloc_batch batch = ARG(memrig_alloc_batch, .flags = MEMRIG_BATCH_ALL_OR_NONE,
					      .reqs = (uintptr_t)reqs, .count = 40);
	int ret;

	memset(reqs, 0, sizeof(reqs));
	for (int i = 0; i < 40; i++)
		reqs[i].bytes = 200;
	ret = call(s->client, MEMRIG_IOC_ALLOC_BATCH, &batch);
	if (ret)
		return ret;
	for (int i = 0; i < 40 && !ret; i++)
		ret = give_back(s->client, reqs[i].offset);
	return ret;
}

int flow_free_batch(struct stage *s)
{
	__u64 offsets[1] = { s->block };
	struct memrig_free_batch frees =
		ARG(memrig_free_batch, .offsets = (uintptr_t)offsets, .count = 1);

	return call(s->heap, MEMRIG_IOC_FREE_BATCH, &frees);
}

int flow_free(struct stage *s)
{
	return heap_free(s->heap, s->block);
}

int flow_realloc_move(struct stage *s)
{
	int64_t off = heap_realloc(s->heap, s->block, 9000, 4096, 0);

	return off < 0 ? off : give_back(s->heap, off);
}

/* The neighbour of the only block is free: in place. */
int flow_realloc_grow(struct stage *s)
{
	int64_t off = heap_realloc(s->heap, s->block, 3000, 0, MEMRIG_REALLOC_IN_PLACE);

	return off < 0 ? off : 0;
}

int flow_realloc_shrink(struct stage *s)
{
	int64_t off = heap_realloc(s->heap, s->block, 20, 0, MEMRIG_REALLOC_IN_PLACE);

	return off < 0 ? off : 0;
}

int flow_usable(struct stage *s)
{
	int64_t ret = heap_usable(s->heap, s->block);

	return ret < 0 ? ret : 0;
}

int flow_stat(struct stage *s)
{
	struct memrig_heap_stat stat = ARG(memrig_heap_stat);

	return call(s->heap, MEMRIG_IOC_HEAP_STAT, &stat);
}

int flow_walk(struct stage *s)
{
	struct memrig_block blocks[8];
	int64_t ret = heap_walk(s->heap, blocks, 8, 8);

	return ret < 0 ? ret : 0;
}

int flow_validate(struct stage *s)
{
	return heap_validate(s->heap);
}

int flow_give(struct stage *s)
{
	return heap_give(s->heap, s->block, s->client_id);
}

int flow_keep(struct stage *s)
{
	return heap_keep(s->heap, s->block, NULL);
}

int flow_heap_region(struct stage *s)
{
	struct memrig_heap_region arg = ARG(memrig_heap_region);
	int ret = call(s->heap, MEMRIG_IOC_HEAP_REGION, &arg);

	return ret ? ret : keep_fd(arg.fd);
}
