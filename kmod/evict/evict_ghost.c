// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Ghosts; see evict_ghost.h.
 */
#include "evict_ghost.h"

#define EMPTY	0xffffffffU
#define KIND	0x80000000U
#define GONE	(~0ULL)

static uint32_t buckets_for(uint32_t places)
{
	return places / MRIG_GHOST_BUCKET + 1;
}

/**
 * mrig_ghosts_bytes() - size of a table
 * @places: ghosts it can hold
 *
 * Return: bytes.
 */
uint64_t mrig_ghosts_bytes(uint32_t places)
{
	return sizeof(struct mrig_ghosts) +
	       (uint64_t)buckets_for(places) * MRIG_GHOST_BUCKET * sizeof(struct mrig_ghost);
}

/**
 * mrig_ghosts_init() - make an empty table
 * @g: memory, mrig_ghosts_bytes() of it
 * @places: as there
 *
 * Ghosts live for ever until the owner sets &mrig_ghosts.life.
 */
void mrig_ghosts_init(struct mrig_ghosts *g, uint32_t places)
{
	unsigned int i;

	g->buckets = buckets_for(places);
	for (i = 0; i < MRIG_GHOST_KINDS; i++) {
		g->clock[i] = 0;
		g->life[i] = KIND - 1;
	}
	memset(g->at, 0xff, (size_t)g->buckets * MRIG_GHOST_BUCKET * sizeof(g->at[0]));
}

/* Neighbouring pages come into buckets that are evenly apart (Fibonacci hashing). */
static struct mrig_ghost *bucket_of(struct mrig_ghosts *g, uint32_t page)
{
	uint32_t hash = page * 0x9e3779b1U;

	return &g->at[(((uint64_t)hash * g->buckets) >> 32) * MRIG_GHOST_BUCKET];
}

static uint32_t age_of(const struct mrig_ghosts *g, const struct mrig_ghost *ghost)
{
	return (g->clock[!!(ghost->born & KIND)] - ghost->born) & ~KIND;
}

/* Ghosts of different kinds compare by the part of their life that is over. */
static uint64_t decay(const struct mrig_ghosts *g, const struct mrig_ghost *ghost)
{
	unsigned int kind = !!(ghost->born & KIND);

	if (ghost->page == EMPTY)
		return GONE;
	return ((uint64_t)age_of(g, ghost) << 32) / (g->life[kind] + 1);
}

/**
 * mrig_ghosts_put() - a page was evicted
 * @g: table
 * @page: page, not all ones
 * @kind: 0 or 1
 */
void mrig_ghosts_put(struct mrig_ghosts *g, uint32_t page, unsigned int kind)
{
	struct mrig_ghost *at = bucket_of(g, page), *best = at;
	uint64_t most = 0, d;
	unsigned int i;

	for (i = 0; i < MRIG_GHOST_BUCKET; i++) {
		if (at[i].page == page) {
			best = &at[i];
			break;
		}
		d = decay(g, &at[i]);
		if (d > most) {
			most = d;
			best = &at[i];
		}
	}
	best->page = page;
	best->born = (g->clock[kind]++ & ~KIND) | (kind ? KIND : 0);
}

/**
 * mrig_ghosts_take() - a page comes back: is it a ghost? It is none any more.
 * @g: table
 * @page: page
 * @kind: set to its kind
 * @age: set to the evictions of its kind since its own
 *
 * Return: was it?
 */
bool mrig_ghosts_take(struct mrig_ghosts *g, uint32_t page, unsigned int *kind, uint32_t *age)
{
	struct mrig_ghost *at = bucket_of(g, page);
	unsigned int i;

	for (i = 0; i < MRIG_GHOST_BUCKET; i++) {
		if (at[i].page != page)
			continue;
		*kind = !!(at[i].born & KIND);
		*age = age_of(g, &at[i]);
		at[i].page = EMPTY;
		return *age <= g->life[*kind];
	}
	return false;
}
