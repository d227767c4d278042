/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Running a program with the recorder preloaded.
 */
#ifndef MEMRIG_RECORD_RUN_H
#define MEMRIG_RECORD_RUN_H

#include <stdbool.h>
#include <limits.h>
#include <sys/types.h>

#include "replay_trace.h"

/**
 * struct record_request - what to record
 * @path: absolute name of the trace of the first process; others append .PID
 * @argv: program and arguments, NULL-terminated
 * @only_first: leave out all processes but the first
 * @quiet: the program's output goes to /dev/null
 */
struct record_request {
	char path[PATH_MAX];
	char **argv;
	bool only_first;
	bool quiet;
};

/**
 * record_set_path() - make a name absolute
 * @request: out: @path
 * @name: as the user wrote it
 *
 * Return: 0, or EXIT_FAILURE after saying why.
 */
int record_set_path(struct record_request *request, const char *name);

/**
 * record_run() - remove older traces of that name, run the program, wait for it
 * @request: what
 * @status: out: as waitpid() gives it
 *
 * Return: 0, or after saying why 127 when it cannot be run, else EXIT_FAILURE.
 */
int record_run(const struct record_request *request, int *status);

/**
 * record_each() - seal and look at every trace of a recording
 * @request: what was recorded
 * @visit: called with each
 * @arg: for @visit
 *
 * Return: the number of traces, or -1 after saying why.
 */
int record_each(const struct record_request *request,
		void (*visit)(void *arg, const char *path, const struct replay_trace *trace,
			      bool running),
		void *arg);

/**
 * record_find_program() - find a program as execvp() does
 * @program: as it was started
 * @path: out: where it is
 *
 * Return: false when it is nowhere.
 */
bool record_find_program(const char *program, char path[PATH_MAX]);

/**
 * record_why_nothing() - why a preloaded library did not get into a program
 * @program: as it was started
 * @otherwise: what to say of it when nothing is wrong with its file
 * @text: out: a sentence
 * @len: of @text
 */
void record_why_nothing(const char *program, const char *otherwise, char *text, size_t len);

#endif /* MEMRIG_RECORD_RUN_H */
