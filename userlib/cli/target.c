// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Allocators of any kind, by descriptor.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "heap_target.h"
#include "target.h"

int target_open(const char *text, const char *type, struct target *target)
{
	int fd, ret;

	*target = (struct target){ 0 };
	ret = heap_target_fd(text, type, &fd);
	if (ret)
		return ret;
	if (!memrig_heap_from_fd(fd, &target->heap))
		return 0;
	if (type || memrig_failure()->error != -ENOTTY ||
	    memrig_multi_from_fd(fd, &target->multi)) {
		ret = report();
		close(fd);
	}
	return ret;
}

int target_member(struct target *target, uint32_t member, memrig_heap_t **heap)
{
	memrig_heap_t **more;
	int ret = 0;

	if (target->heap) {
		*heap = target->heap;
		return member ? -ENOENT : 0;
	}
	if (member >= TARGET_MEMBERS)
		return -ENOENT;
	if (member >= target->room) {
		more = reallocarray(target->member, member + 1, sizeof(*more));
		if (!more)
			return -ENOMEM;
		memset(more + target->room, 0, (member + 1 - target->room) * sizeof(*more));
		target->member = more;
		target->room = member + 1;
	}
	if (!target->member[member])
		ret = memrig_multi_member(target->multi, member, &target->member[member]);
	*heap = target->member[member];
	return ret;
}

void target_close(struct target *target)
{
	uint32_t i;

	for (i = 0; i < target->room; i++)
		memrig_heap_close(target->member[i]);
	free(target->member);
	memrig_heap_close(target->heap);
	memrig_multi_close(target->multi);
	*target = (struct target){ 0 };
}

int target_members(const struct target *target, uint32_t members[TARGET_MEMBERS])
{
	static struct memrig_multi_member_stat infos[TARGET_MEMBERS];
	struct memrig_multi_stat stat = {
		.size = sizeof(stat),
		.members = (uintptr_t)infos,
		.member_count = TARGET_MEMBERS,
	};
	uint32_t i;
	int ret;

	members[0] = 0;
	if (target->heap)
		return 1;
	ret = memrig_multi_stat(target->multi, &stat);
	if (ret)
		return ret;
	for (i = 0; i < stat.member_count && i < TARGET_MEMBERS; i++)
		members[i] = infos[i].member;
	return (int)i;
}
