// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Finding heaps in /proc/PID/fdinfo, and opening them with pidfd_getfd().
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "heap_target.h"

/* ---- scanning ------------------------------------------------------------------------ */

#define KEY_PREFIX "memrig-"

/*
 * "memrig-a-key:<blanks>value<newline>" into the object as "a_key", as a number if it is one.
 * Lines of others are left out.
 */
static void add_field(struct json_object *fields, char *line)
{
	char *colon = strchr(line, ':');
	char *value, *end, *dash;
	uint64_t number;

	if (!colon || strncmp(line, KEY_PREFIX, strlen(KEY_PREFIX)))
		return;
	*colon = '\0';
	line += strlen(KEY_PREFIX);
	while ((dash = strchr(line, '-')))
		*dash = '_';
	value = colon + 1 + strspn(colon + 1, " \t");
	value[strcspn(value, "\n")] = '\0';
	errno = 0;
	number = strtoull(value, &end, 10);
	if (isdigit((unsigned char)*value) && !*end && !errno)
		json_set_u64(fields, line, number);
	else
		json_set_text(fields, line, value);
}

static struct json_object *read_fdinfo(int pid, int fd)
{
	struct json_object *fields;
	char path[64], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo/%d", pid, fd);
	file = fopen(path, "re");
	if (!file)
		return NULL;
	fields = json_object_new_object();
	while (fgets(line, sizeof(line), file))
		add_field(fields, line);
	fclose(file);
	return fields;
}

static void read_command(int pid, char *command, size_t room)
{
	char path[32];
	ssize_t got = -1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		got = read(fd, command, room - 1);
		close(fd);
	}
	command[got > 0 ? got : 0] = '\0';
	command[strcspn(command, "\n")] = '\0';
}

/* Does the descriptor's fdinfo say that it is a heap? */
static bool is_heap(struct json_object *fields)
{
	struct json_object *type;

	return json_object_object_get_ex(fields, "object", &type) &&
	       !strcmp(json_object_get_string(type), "heap");
}

typedef int (*heap_visit)(const struct heap_fd *found, struct json_object *fields, void *arg);

static int scan_process(int pid, heap_visit visit, void *arg)
{
	struct heap_fd found = { .pid = pid };
	struct json_object *fields;
	struct dirent *entry;
	char path[32];
	int ret = 0;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%d/fdinfo", pid);
	dir = opendir(path);
	if (!dir)
		return -errno;
	read_command(pid, found.command, sizeof(found.command));
	while (!ret && (entry = readdir(dir))) {
		if (!isdigit((unsigned char)entry->d_name[0]))
			continue;
		found.fd = atoi(entry->d_name);
		fields = read_fdinfo(pid, found.fd);
		if (fields && is_heap(fields))
			ret = visit(&found, fields, arg);
		json_object_put(fields);
	}
	closedir(dir);
	return ret;
}

int heap_scan(int pid, heap_visit visit, void *arg)
{
	struct dirent *entry;
	int ret = 0;
	DIR *dir;

	if (pid)
		return scan_process(pid, visit, arg);
	dir = opendir("/proc");
	if (!dir)
		return -errno;
	while (ret <= 0 && (entry = readdir(dir))) /* processes come and go: no error */
		if (isdigit((unsigned char)entry->d_name[0]))
			ret = scan_process(atoi(entry->d_name), visit, arg);
	closedir(dir);
	return ret > 0 ? ret : 0;
}

/* ---- opening ------------------------------------------------------------------------- */

static int take_first(const struct heap_fd *found, struct json_object *fields, void *arg)
{
	*(int *)arg = found->fd;
	return 1;
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
	int pidfd, error;

	*copy = -1;
	pidfd = syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		return fail_process(pid, errno);
	*copy = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	error = errno;
	close(pidfd);
	if (*copy >= 0)
		return 0;
	if (error == EBADF)
		return fail("process %d has no descriptor %d; try: memrig heap list", pid, fd);
	return fail_process(pid, error);
}

static int open_inherited(memrig_heap_t **heap)
{
	const char *text = getenv("MEMRIG_HEAP_FD");
	uint32_t number;
	int fd;

	if (!text || parse_u32(text, &number))
		return fail("which heap? try: memrig heap list, then give PID:FD");
	fd = fcntl(number, F_DUPFD_CLOEXEC, 0);
	if (fd < 0)
		return fail("$MEMRIG_HEAP_FD is %s, which is not open here", text);
	if (memrig_heap_from_fd(fd, heap)) {
		close(fd);
		return report();
	}
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

int heap_target_open(const char *text, memrig_heap_t **heap)
{
	int pid, fd, copy, ret;

	if (!text)
		return open_inherited(heap);
	if (parse_target(text, &pid, &fd)) {
		fail("'%s' is neither PID nor PID:FD", text);
		return EXIT_USAGE;
	}
	if (fd < 0) {
		ret = heap_scan(pid, take_first, &fd);
		if (ret < 0)
			return fail_process(pid, -ret);
		if (!ret)
			return fail("process %d has no heap open; try: memrig heap list", pid);
	}
	if (steal(pid, fd, &copy))
		return EXIT_FAILURE;
	if (memrig_heap_from_fd(copy, heap)) {
		close(copy);
		return report();
	}
	return 0;
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
