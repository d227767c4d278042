/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Objects of the module as descriptors of running processes. An object lives as long as somebody
 * has it open, so that the tables of descriptors are the list of all objects; one sees those of the
 * processes one may look into: one's own, as root all.
 */
#ifndef MEMRIG_CLI_OBJECTS_H
#define MEMRIG_CLI_OBJECTS_H

#include "util.h"

/**
 * struct object_fd - an object found among the descriptors of a process
 * @pid: process
 * @fd: descriptor there
 * @command: name of the process
 * @type: "region", "heap", "multi"
 */
struct object_fd {
	int pid;
	int fd;
	char command[32];
	const char *type;
};

typedef int (*object_visit)(const struct object_fd *found, struct json_object *fields, void *arg);

/*
 * Calls @visit for every object of @type (NULL: of any) of every process whose descriptors the
 * caller may see, or of @pid alone if that is not 0; @fields is the object made of its fdinfo
 * lines, which stays the scanner's. Stops when @visit returns non-zero. Returns that, 0, or -errno
 * if @pid cannot be read.
 */
int object_scan(int pid, const char *type, object_visit visit, void *arg);

/* A duplicate of descriptor @fd of process @pid, or -errno. */
int object_dup(int pid, int fd);

#endif /* MEMRIG_CLI_OBJECTS_H */
