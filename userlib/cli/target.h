/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * An allocator of any kind: a heap, or several behind one call.
 */
#ifndef MEMRIG_CLI_TARGET_H
#define MEMRIG_CLI_TARGET_H

#include "util.h"

#define TARGET_MEMBERS MEMRIG_MULTI_MAX

/**
 * struct target - what a command works on; one of the two is not NULL
 * @heap: a heap of any engine
 * @multi: a multi object
 * @member: heaps of its members, as far as they were used
 * @room: length of that array
 */
struct target {
	memrig_heap_t *heap;
	memrig_multi_t *multi;
	memrig_heap_t **member;
	uint32_t room;
};

/*
 * Opens "PID:FD", "PID" (its first allocator) or, if @text is NULL, what was inherited from memrig
 * create ... -- COMMAND. @type "heap": heaps only. Reports what fails; returns 0, EXIT_FAILURE or
 * EXIT_USAGE.
 */
int target_open(const char *text, const char *type, struct target *target);
void target_close(struct target *target);

/* A heap of it, which is the target's; that of a single heap is member 0. -errno. */
int target_member(struct target *target, uint32_t member, memrig_heap_t **heap);
/* The numbers of its members; how many, or -errno. */
int target_members(const struct target *target, uint32_t members[TARGET_MEMBERS]);

#endif /* MEMRIG_CLI_TARGET_H */
