// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Address to object: open addressing, linear probing, at most half full. Removal shifts the rest
 * of a run back, so there are no tombstones and a look-up stays short however long the program
 * runs.
 */
#include "objects.h"

#include <stddef.h>
#include <sys/mman.h>

#define FIRST_SLOTS (1UL << 14)

struct slot {
	uintptr_t address; /* 0: empty */
	uint64_t id;
};

static struct {
	struct slot *slots;
	size_t mask; /* number of slots - 1 */
	size_t used;
} table;

static size_t home(uintptr_t address)
{
	return (size_t)(((uint64_t)address * 0x9e3779b97f4a7c15ULL) >> 20) & table.mask;
}

static void insert(uintptr_t address, uint64_t id)
{
	size_t at = home(address);

	while (table.slots[at].address)
		at = (at + 1) & table.mask;
	table.slots[at] = (struct slot){ address, id };
	table.used++;
}

static bool grow(void)
{
	size_t old_slots = table.slots ? table.mask + 1 : 0, i;
	size_t new_slots = old_slots ? old_slots * 2 : FIRST_SLOTS;
	struct slot *old = table.slots;
	void *map;

	map = mmap(NULL, new_slots * sizeof(struct slot), PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map == MAP_FAILED)
		return false;
	table.slots = map;
	table.mask = new_slots - 1;
	table.used = 0;
	for (i = 0; i < old_slots; i++) {
		if (old[i].address)
			insert(old[i].address, old[i].id);
	}
	if (old)
		munmap(old, old_slots * sizeof(struct slot));
	return true;
}

bool mrig_objects_add(uintptr_t address, uint64_t id)
{
	if ((!table.slots || table.used > table.mask / 2) && !grow())
		return false;
	insert(address, id);
	return true;
}

/* Close the gap at @hole: move back what could not be at home because of it. */
static void shift_back(size_t hole)
{
	size_t at = hole, want;

	for (;;) {
		at = (at + 1) & table.mask;
		if (!table.slots[at].address)
			break;
		want = home(table.slots[at].address);
		if (((at - want) & table.mask) < ((at - hole) & table.mask))
			continue;
		table.slots[hole] = table.slots[at];
		hole = at;
	}
	table.slots[hole].address = 0;
}

bool mrig_objects_take(uintptr_t address, uint64_t *id)
{
	size_t at;

	if (!table.slots)
		return false;
	for (at = home(address); table.slots[at].address; at = (at + 1) & table.mask) {
		if (table.slots[at].address != address)
			continue;
		*id = table.slots[at].id;
		table.used--;
		shift_back(at);
		return true;
	}
	return false;
}

void mrig_objects_clear(void)
{
	if (table.slots)
		munmap(table.slots, (table.mask + 1) * sizeof(struct slot));
	table.slots = NULL;
	table.mask = 0;
	table.used = 0;
}
