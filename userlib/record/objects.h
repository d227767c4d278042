/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Which object lives at which address of the recorded process: a hash table in memory of its own,
 * never the heap that is being recorded. The caller serialises all calls.
 */
#ifndef MEMRIG_RECORD_OBJECTS_H
#define MEMRIG_RECORD_OBJECTS_H

#include <stdbool.h>
#include <stdint.h>

/**
 * mrig_objects_add() - object @id lives at @address from now on
 * @address: not 0, not in the table
 * @id: of the object
 *
 * Return: false when there is no memory for the table.
 */
bool mrig_objects_add(uintptr_t address, uint64_t id);

/**
 * mrig_objects_take() - the object at @address lives there no longer
 * @address: any
 * @id: out: the object
 *
 * Return: false when no known object lives there.
 */
bool mrig_objects_take(uintptr_t address, uint64_t *id);

/**
 * mrig_objects_clear() - forget all
 */
void mrig_objects_clear(void);

#endif /* MEMRIG_RECORD_OBJECTS_H */
