// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The wrappers of abi.h for multi objects.
 */
#include "abi.h"

int multi_new(int session)
{
	struct memrig_multi_create arg = ARG(memrig_multi_create);
	int ret = call(session, MEMRIG_IOC_MULTI_CREATE, &arg);

	return ret ? ret : arg.fd;
}

int multi_attach(int multi)
{
	struct memrig_multi_attach arg = ARG(memrig_multi_attach);
	int ret = call(multi, MEMRIG_IOC_MULTI_ATTACH, &arg);

	return ret ? ret : arg.fd;
}

int multi_add(int multi, int heap, uint64_t attrs)
{
	struct memrig_multi_add arg = ARG(memrig_multi_add, .heap_fd = heap, .attrs = attrs);
	int ret = call(multi, MEMRIG_IOC_MULTI_ADD, &arg);

	return ret ? ret : (int)arg.member;
}

int multi_remove(int multi, uint32_t member)
{
	struct memrig_multi_remove arg = ARG(memrig_multi_remove, .member = member);

	return call(multi, MEMRIG_IOC_MULTI_REMOVE, &arg);
}

int multi_rules(int multi, const struct memrig_rule *rules, uint32_t count)
{
	struct memrig_multi_rules arg = ARG(memrig_multi_rules, .rules = (uintptr_t)rules,
					    .count = count, .rule_size = sizeof(*rules));

	return call(multi, MEMRIG_IOC_MULTI_RULES, &arg);
}

int multi_alloc(int multi, uint64_t bytes, uint32_t *member, uint64_t *offset)
{
	struct memrig_multi_alloc arg = ARG(memrig_multi_alloc, .bytes = bytes);
	int ret = call(multi, MEMRIG_IOC_MULTI_ALLOC, &arg);

	*member = arg.member;
	*offset = arg.offset;
	return ret;
}

int multi_alloc_full(int multi, struct memrig_multi_alloc *arg)
{
	arg->size = sizeof(*arg);
	return call(multi, MEMRIG_IOC_MULTI_ALLOC, arg);
}

int multi_watch(int multi, struct memrig_multi_watch arg)
{
	arg.size = sizeof(arg);
	return call(multi, MEMRIG_IOC_MULTI_WATCH, &arg);
}

int multi_free(int multi, uint32_t member, uint64_t offset)
{
	struct memrig_multi_free arg = ARG(memrig_multi_free, .member = member, .offset = offset);

	return call(multi, MEMRIG_IOC_MULTI_FREE, &arg);
}

int multi_member(int multi, uint32_t member)
{
	struct memrig_multi_member arg = ARG(memrig_multi_member, .member = member);
	int ret = call(multi, MEMRIG_IOC_MULTI_MEMBER, &arg);

	return ret ? ret : arg.fd;
}

struct memrig_multi_stat multi_stat(int multi)
{
	struct memrig_multi_stat stat = ARG(memrig_multi_stat);

	if (call(multi, MEMRIG_IOC_MULTI_STAT, &stat))
		memset(&stat, 0, sizeof(stat));
	return stat;
}
