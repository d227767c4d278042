// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Opening the heap that a command line means.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "heap_target.h"
#include "objects.h"

/* Several in one come before their members; regions are no allocators. */
static int take_first(const struct object_fd *found, struct json_object *fields, void *arg)
{
	bool multi = !strcmp(found->type, "multi");
	int *fd = arg;

	if (strcmp(found->type, "region") && (multi || *fd < 0))
		*fd = found->fd;
	return multi;
}

static int fail_process(int pid, int error)
{
	if (error == ENOENT || error == ESRCH)
		return fail("there is no process %d; try: memrig heap list", pid);
	if (error == EACCES || error == EPERM)
		return fail("you may not look into process %d; try: as its owner or as root (with "
			    "kernel.yama.ptrace_scope above 0 only root and parents may)",
			    pid);
	return fail("process %d: %s", pid, strerror(error));
}

/* A duplicate of descriptor @fd of process @pid, or EXIT_FAILURE reported. */
static int steal(int pid, int fd, int *copy)
{
	*copy = object_dup(pid, fd);
	if (*copy >= 0)
		return 0;
	if (*copy == -EBADF)
		return fail("process %d has no descriptor %d; try: memrig heap list", pid, fd);
	return fail_process(pid, -*copy);
}

/* A duplicate of what $MEMRIG_HEAP_FD or, for any allocator, $MEMRIG_MULTI_FD says. */
static int inherited(const char *type, int *copy)
{
	const char *variable = "MEMRIG_HEAP_FD", *text = getenv(variable);
	uint32_t number;

	if (!text && !type) {
		variable = "MEMRIG_MULTI_FD";
		text = getenv(variable);
	}
	if (!text || parse_u32(text, &number))
		return fail("which %s? try: memrig %s, then give PID:FD", type ?: "allocator",
			    type ? "heap list" : "top");
	*copy = fcntl(number, F_DUPFD_CLOEXEC, 0);
	if (*copy < 0)
		return fail("$%s is %s, which is not open here", variable, text);
	return 0;
}

static int parse_target(const char *text, int *pid, int *fd)
{
	char *end;
	long value = strtol(text, &end, 10);

	*fd = -1;
	*pid = value;
	if (end == text || value <= 0 || value > INT32_MAX)
		return -1;
	if (*end != ':')
		return *end ? -1 : 0;
	text = end + 1;
	value = strtol(text, &end, 10);
	*fd = value;
	return end == text || *end || value < 0 || value > INT32_MAX ? -1 : 0;
}

int heap_target_fd(const char *text, const char *type, int *copy)
{
	int pid, fd, ret;

	if (!text)
		return inherited(type, copy);
	if (parse_target(text, &pid, &fd)) {
		fail("'%s' is neither PID nor PID:FD", text);
		return EXIT_USAGE;
	}
	if (fd < 0) {
		ret = object_scan(pid, type, take_first, &fd);
		if (ret < 0)
			return fail_process(pid, -ret);
		if (fd < 0)
			return fail("process %d has no %s open; try: memrig %s", pid,
				    type ?: "allocator", type ? "heap list" : "top");
	}
	return steal(pid, fd, copy);
}

int heap_target_open(const char *text, memrig_heap_t **heap)
{
	int copy, ret;

	ret = heap_target_fd(text, "heap", &copy);
	if (ret)
		return ret;
	if (memrig_heap_from_fd(copy, heap)) {
		ret = report();
		close(copy);
	}
	return ret;
}

error_t heap_target_parse(int key, char *arg, struct argp_state *state)
{
	const char **target = state->input;

	if (key != ARGP_KEY_ARG)
		return ARGP_ERR_UNKNOWN;
	if (*target)
		argp_error(state, "one heap at a time");
	*target = arg;
	return 0;
}
