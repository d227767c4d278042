// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The flows of fail_flows.h for waiting, engines other than sys_heap, and multi objects.
 */
#include "fail_flows.h"

static int keep_fd(int fd)
{
	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

int flow_slab(struct stage *s)
{
	struct memrig_heap_create arg =
		ARG(memrig_heap_create, .placement = MEMRIG_PLACEMENT_OOB, .offset = FAIL_LENGTH,
		    .length = 4096, .engine = MEMRIG_ENGINE_SLAB, .block_size = 64);
	int ret = call(s->region, MEMRIG_IOC_HEAP_CREATE, &arg);

	return ret ? ret : keep_fd(arg.fd);
}

int flow_wait(struct stage *s)
{
	int64_t off = heap_alloc_wait(s->client, 64, 64, MSEC);

	if (off < 0)
		return off;
	return heap_free(s->client, off) == -EFAULT ? heap_free(s->client, off) : 0;
}

int flow_wait_in_vain(struct stage *s)
{
	/* There is a block, so that this is a matter of time. */
	int64_t off = heap_alloc_wait(s->client, FAIL_LENGTH, 0, MSEC);

	return off == -ETIMEDOUT ? 0 : off;
}

int flow_watch(struct stage *s)
{
	return heap_watch(s->client, 64, 64);
}

static int give_back(struct stage *s, uint64_t offset, uint64_t count)
{
	int ret = blocks_free(s->blocks, offset, count);

	return ret == -EFAULT ? blocks_free(s->blocks, offset, count) : ret;
}

int flow_blocks_get(struct stage *s)
{
	int ret = blocks_get(s->blocks, 0, 8);

	return ret ? ret : give_back(s, 0, 8);
}

int flow_blocks_part(struct stage *s)
{
	int ret = blocks_get(s->blocks, 0, 8), rest;

	if (ret)
		return ret;
	ret = blocks_free(s->blocks, 512, 2);
	rest = give_back(s, 0, ret ? 8 : 2);
	if (!ret && !rest)
		rest = give_back(s, 1024, 4);
	return ret ? ret : rest;
}

int flow_blocks_is_free(struct stage *s)
{
	int ret = blocks_is_free(s->blocks, 0, 8);

	return ret < 0 ? ret : ret == 1 ? 0 : -EUCLEAN;
}

int flow_multi_create(struct stage *s)
{
	return keep_fd(multi_new(s->session));
}

int flow_multi_add(struct stage *s)
{
	int multi = multi_new(s->session), ret;

	if (multi < 0)
		return multi;
	ret = multi_add(multi, s->heap, 0);
	if (ret < 0 && multi_stat(multi).member_count)
		ret = -EUCLEAN;
	close(multi);
	return ret;
}

int flow_multi_attach(struct stage *s)
{
	return keep_fd(multi_attach(s->multi));
}

int flow_multi_rules(struct stage *s)
{
	struct memrig_rule rules[3];
	int ret;

	memset(rules, 0, sizeof(rules));
	ret = multi_rules(s->multi, rules, 3);
	/* Back to none, which must not fail twice. */
	if (!ret && multi_rules(s->multi, NULL, 0) && multi_rules(s->multi, NULL, 0))
		ret = -EUCLEAN;
	return ret;
}

int flow_multi_alloc(struct stage *s)
{
	uint32_t member;
	uint64_t offset;
	int ret = multi_alloc(s->multi, 64, &member, &offset);

	if (ret)
		return ret;
	ret = multi_free(s->multi, member, offset);
	return ret == -EFAULT ? multi_free(s->multi, member, offset) : ret;
}

static int first_use(int multi)
{
	uint32_t member;
	uint64_t offset;
	int ret = multi_alloc(multi, 64, &member, &offset);

	if (ret)
		return ret;
	ret = multi_free(multi, member, offset);
	return ret == -EFAULT ? multi_free(multi, member, offset) : ret;
}

/* By a file that is no client yet. */
int flow_multi_first(struct stage *s)
{
	int multi = multi_attach(s->multi), ret;

	if (multi < 0)
		return multi;
	ret = first_use(multi);
	close(multi);
	return ret;
}

/* There is a block in the member, so that this is a matter of time. */
int flow_multi_wait(struct stage *s)
{
	struct memrig_multi_alloc arg =
		ARG(memrig_multi_alloc, .flags = MEMRIG_ALLOC_WAIT, .bytes = FAIL_LENGTH,
		    .timeout_ns = MSEC, .with = MEMRIG_ATTRS_CUSTOM(0));
	int ret = call(s->multi, MEMRIG_IOC_MULTI_ALLOC, &arg);

	return ret == -ETIMEDOUT ? 0 : ret ? ret : -EUCLEAN;
}

int flow_multi_watch(struct stage *s)
{
	struct memrig_multi_watch arg = ARG(memrig_multi_watch, .bytes = 64, .align = 64);

	return call(s->multi, MEMRIG_IOC_MULTI_WATCH, &arg);
}

/* From the heap to the blocks. */
int flow_multi_move(struct stage *s)
{
	struct memrig_multi_realloc arg =
		ARG(memrig_multi_realloc, .bytes = 128, .without = MEMRIG_ATTRS_CUSTOM(0));
	uint32_t member;
	uint64_t offset;
	int ret = multi_alloc(s->multi, 64, &member, &offset);

	if (ret)
		return ret;
	arg.member = member;
	arg.offset = offset;
	ret = call(s->multi, MEMRIG_IOC_MULTI_REALLOC, &arg);
	if (!ret) {
		member = arg.member;
		offset = arg.offset;
		if (member != 1)
			ret = -EUCLEAN;
	}
	if (multi_free(s->multi, member, offset) && multi_free(s->multi, member, offset))
		ret = -EUCLEAN;
	return ret;
}

int flow_multi_member(struct stage *s)
{
	return keep_fd(multi_member(s->multi, 0));
}

int flow_multi_stat(struct stage *s)
{
	struct memrig_multi_member_stat members[2];
	struct memrig_multi_stat arg =
		ARG(memrig_multi_stat, .members = (uintptr_t)members, .member_count = 2);

	return call(s->multi, MEMRIG_IOC_MULTI_STAT, &arg);
}
