/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Objects live as long as somebody holds them: run a command that inherits descriptors, or hold
 * them until a signal.
 */
#ifndef MEMRIG_CLI_CHILD_H
#define MEMRIG_CLI_CHILD_H

#include "util.h"

/*
 * Makes @fd inheritable and names it in the environment of commands run from here on. Returns 0 or
 * EXIT_FAILURE, reported.
 */
int child_inherit(const char *variable, int fd);

/* Runs @argv and returns its exit status, as a shell would: 127 not found, 128 + signal. */
int child_run(char **argv);

/* Waits for SIGINT, SIGTERM or SIGHUP. */
void hold(void);

/*
 * argp helper: at the first argument behind "--" returns true, with *command at it; argp is told
 * that it is done.
 */
bool child_command(struct argp_state *state, char ***command);

#endif /* MEMRIG_CLI_CHILD_H */
