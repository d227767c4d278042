/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What the parts of the program share.
 */
#ifndef FAMILY_H
#define FAMILY_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(what)                                                                \
	do {                                                                       \
		if (!(what)) {                                                     \
			fprintf(stderr, "line %d: not so: %s\n", __LINE__, #what); \
			exit(1);                                                   \
		}                                                                  \
	} while (0)

/* Blocks of random sizes come, grow and go, and keep their content. */
void churn(uint32_t seed, unsigned int steps, unsigned int count);
/* @trades: blocks that each thread hands on. */
void threads(unsigned int trades);
/* @children: how many, one after the other. */
void forks(unsigned int children);
/* @want: exit status of the child. */
void bare_clone(int want);
void signals(void);

/* main() of a program whose argument says which part; 0: everything was as it must be. */
int family(int argc, char **argv);

#endif /* FAMILY_H */
