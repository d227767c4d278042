/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Getting a library of ours into programs, by LD_PRELOAD.
 */
#ifndef MEMRIG_CLI_PRELOAD_H
#define MEMRIG_CLI_PRELOAD_H

#include <limits.h>

/**
 * preload_set() - put a library in front of those in LD_PRELOAD
 * @library: file name; looked for beside this program, beside libmemrig, and in ../lib
 * @variable: of the environment, that may name it instead
 *
 * Return: 0, or EXIT_FAILURE after saying why.
 */
int preload_set(const char *library, const char *variable);

#endif /* MEMRIG_CLI_PRELOAD_H */
