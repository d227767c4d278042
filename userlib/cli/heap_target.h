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

/* Opens @text. Reports what fails; returns 0 or EXIT_FAILURE. */
int heap_target_open(const char *text, memrig_heap_t **heap);

/* The same for a duplicate of the descriptor; @type NULL: an allocator of any kind. */
int heap_target_fd(const char *text, const char *type, int *copy);

/* For argp: the parser's input is a const char **, which gets the target or stays NULL. */
error_t heap_target_parse(int key, char *arg, struct argp_state *state);

#define HEAP_TARGET_ARGS "[PID[:FD]]"
#define HEAP_TARGET_DOC                                                                          \
	"\vThe heap is a descriptor of a running process (memrig heap list). Without PID it is " \
	"the one inherited from memrig heap create ... -- COMMAND."

#endif /* MEMRIG_CLI_HEAP_TARGET_H */
