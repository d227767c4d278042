/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Which heap a subcommand means. A heap is a descriptor of some process:
 *
 *	PID:FD	that descriptor
 *	PID	the first heap among the descriptors of that process
 *	(none)	the one inherited from "memrig heap create ... -- COMMAND", $MEMRIG_HEAP_FD
 */
#ifndef MEMRIG_CLI_HEAP_TARGET_H
#define MEMRIG_CLI_HEAP_TARGET_H

#include "util.h"

/**
 * struct heap_fd - a heap found among the descriptors of a process
 * @pid: process
 * @fd: descriptor there
 * @command: name of the process
 */
struct heap_fd {
	int pid;
	int fd;
	char command[32];
};

/*
 * Calls @visit for every heap of every process whose descriptors the caller may see, or of @pid
 * alone if that is not 0; @fields is the object made of its fdinfo lines, which stays the
 * scanner's. Stops when @visit returns non-zero. Returns that, 0, or -errno if @pid cannot be read.
 */
int heap_scan(int pid,
	      int (*visit)(const struct heap_fd *found, struct json_object *fields, void *arg),
	      void *arg);

/* Opens @text. Reports what fails; returns 0 or EXIT_FAILURE. */
int heap_target_open(const char *text, memrig_heap_t **heap);

/* For argp: the parser's input is a const char **, which gets the target or stays NULL. */
error_t heap_target_parse(int key, char *arg, struct argp_state *state);

#define HEAP_TARGET_ARGS "[PID[:FD]]"
#define HEAP_TARGET_DOC                                                                          \
	"\vThe heap is a descriptor of a running process (memrig heap list). Without PID it is " \
	"the one inherited from memrig heap create ... -- COMMAND."

#endif /* MEMRIG_CLI_HEAP_TARGET_H */
