// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Finding objects in /proc/PID/fdinfo, and duplicating descriptors of others with pidfd_getfd().
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "objects.h"

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

/* What its fdinfo says that it is, or NULL when it is none of ours. */
static const char *object_type(struct json_object *fields)
{
	struct json_object *type;

	return json_object_object_get_ex(fields, "object", &type) ? json_object_get_string(type)
								  : NULL;
}

static int scan_process(int pid, const char *type, object_visit visit, void *arg)
{
	struct object_fd found = { .pid = pid };
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
		found.type = fields ? object_type(fields) : NULL;
		if (found.type && (!type || !strcmp(found.type, type)))
			ret = visit(&found, fields, arg);
		json_object_put(fields);
	}
	closedir(dir);
	return ret;
}

int object_scan(int pid, const char *type, object_visit visit, void *arg)
{
	struct dirent *entry;
	int ret = 0;
	DIR *dir;

	if (pid)
		return scan_process(pid, type, visit, arg);
	dir = opendir("/proc");
	if (!dir)
		return -errno;
	while (ret <= 0 && (entry = readdir(dir))) /* processes come and go: no error */
		if (isdigit((unsigned char)entry->d_name[0]))
			ret = scan_process(atoi(entry->d_name), type, visit, arg);
	closedir(dir);
	return ret > 0 ? ret : 0;
}

int object_dup(int pid, int fd)
{
	int pidfd, copy;

	pidfd = syscall(SYS_pidfd_open, pid, 0);
	if (pidfd < 0)
		return -errno;
	copy = syscall(SYS_pidfd_getfd, pidfd, fd, 0);
	if (copy < 0)
		copy = -errno;
	close(pidfd);
	return copy;
}
