/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What only user space can choose about the world engines run in. Inside the library; programs have
 * memrig_on_corruption().
 */
#ifndef MRIG_PORT_USER_H
#define MRIG_PORT_USER_H

#include <stdio.h>

#include "mrig_port.h"

/**
 * mrig_port_on_heap_fault() - choose what happens when a heap is found corrupted
 * @fn: called with the heap, the number of the broken invariant and the block's offset; NULL
 *	restores the default, one line on stderr. It may abort().
 */
void mrig_port_on_heap_fault(void (*fn)(const void *heap, unsigned int invariant, uint64_t offset));

/**
 * mrig_port_on_misuse() - choose what happens when an object is given back what is not its own
 * @fn: called with the object, the address and a negative errno, under no lock; NULL restores the
 *	default, one line on stderr. It may abort().
 */
void mrig_port_on_misuse(void (*fn)(const void *object, const void *block, int err));

/**
 * mrig_port_print_to() - choose where descriptions of heaps go
 * @out: a stream; NULL restores the default, standard output
 */
void mrig_port_print_to(FILE *out);

#endif /* MRIG_PORT_USER_H */
