/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Where a trace is replayed: memory of one attribute.
 */
#ifndef MEMRIG_REPLAY_PLACE_H
#define MEMRIG_REPLAY_PLACE_H

#include <stdbool.h>
#include <memrig/memrig.h>

/**
 * struct replay_kind - a kind of memory as the command line names it
 * @name: of it
 * @kind: enum memrig_kind; 0: memory of this process, no device needed
 * @attr: enum memrig_attr; 0: what the machine gives of its own accord
 */
struct replay_kind {
	const char *name;
	uint32_t kind;
	uint32_t attr;
};

/**
 * struct replay_place - some memory
 * @kind: what it is
 * @bytes: of it
 * @base: where it is mapped
 * @region: it belongs to; NULL: memory of this process
 * @type: enum memrig_memtype of the mapping, from the page tables; NONE for memory of this process
 */
struct replay_place {
	const struct replay_kind *kind;
	uint64_t bytes;
	void *base;
	memrig_region_t *region;
	uint32_t type;
};

/**
 * replay_kind_find() - by name
 * @name: as the user wrote it
 *
 * Return: NULL when there is none.
 */
const struct replay_kind *replay_kind_find(const char *name);

/**
 * replay_kind_at() - one after the other
 * @n: from 0 on
 *
 * Return: NULL when there are no more.
 */
const struct replay_kind *replay_kind_at(size_t n);

/**
 * replay_kind_available() - can this machine give it?
 * @caps: of the machine
 * @kind: of memory
 *
 * Return: whether it can.
 */
bool replay_kind_available(const struct memrig_caps *caps, const struct replay_kind *kind);

/**
 * replay_place_reserve() - room for a heap whose blocks nobody will write
 * @bytes: of it; much more than the machine has will do
 * @place: out: memory of this process, given when it is touched
 *
 * Return: 0 or a negative errno.
 */
int replay_place_reserve(uint64_t bytes, struct replay_place *place);

/**
 * replay_place_open() - take memory, map it, touch every page of it
 * @rig: session; NULL will do for memory of this process
 * @kind: of memory
 * @bytes: wanted
 * @place: out
 *
 * Return: 0, or a negative errno that memrig_explain() can explain.
 */
int replay_place_open(memrig_t *rig, const struct replay_kind *kind, uint64_t bytes,
		      struct replay_place *place);

/**
 * replay_place_close() - give it back
 * @place: opened; without heaps
 */
void replay_place_close(struct replay_place *place);

#endif /* MEMRIG_REPLAY_PLACE_H */
