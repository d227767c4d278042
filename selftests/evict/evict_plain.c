// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The simple policies once more: an array of frames by age, and every step spelled out. See
 * evict_model.h.
 */
#include "evict_model.h"

static bool is(const struct evict_model *m, const char *name)
{
	return mrig_evict_policy(m->e) == mrig_evict_find(name);
}

/**
 * plain_knows() - is a policy written down here?
 * @ops: policy
 *
 * Return: is it?
 */
bool plain_knows(const struct mrig_evict_ops *ops)
{
	static const char *const names[] = { "fifo", "lru", "nru", "clock", "sieve" };
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (ops == mrig_evict_find(names[i]))
			return true;
	}
	return false;
}

/**
 * plain_init() - an empty window
 * @p: to fill in
 */
void plain_init(struct plain *p)
{
	memset(p, 0, sizeof(*p));
	p->hand = MRIG_EVICT_NONE;
	p->newest = MRIG_EVICT_NONE;
}

static unsigned int look(struct evict_model *m, uint32_t frame)
{
	unsigned int found = m->bits2[frame];

	m->bits2[frame] &= (uint8_t)~MRIG_EVICT_ACCESSED;
	m->plain.spent++;
	return found;
}

static uint32_t place(const struct plain *p, uint32_t frame)
{
	uint32_t i = 0;

	while (i < p->n && p->queue[i] != frame)
		i++;
	return i;
}

static void take_out(struct plain *p, uint32_t frame)
{
	uint32_t i = place(p, frame);

	for (p->n--; i < p->n; i++)
		p->queue[i] = p->queue[i + 1];
}

static void to_end(struct plain *p, uint32_t frame)
{
	take_out(p, frame);
	p->queue[p->n++] = frame;
}

/**
 * plain_add() - a frame is listed
 * @m: window
 * @frame: frame
 * @why: it is
 */
void plain_add(struct evict_model *m, uint32_t frame, enum mrig_evict_coming why)
{
	struct plain *p = &m->plain;

	p->queue[p->n++] = frame;
	p->used[frame] = false;
	if (!is(m, "sieve") || why != MRIG_EVICT_FAULT)
		return;
	if (p->newest != MRIG_EVICT_NONE)
		look(m, p->newest);
	p->newest = frame;
}

/* Zephyr: the oldest leaves, and the next one is not alone: watch it. */
static void leave_lru(struct evict_model *m, uint32_t frame)
{
	struct plain *p = &m->plain;
	bool oldest = p->queue[0] == frame;

	take_out(p, frame);
	if (oldest && p->n > 1)
		look(m, p->queue[0]);
}

static uint32_t behind(const struct plain *p, uint32_t frame)
{
	uint32_t i = place(p, frame) + 1;

	return i < p->n ? p->queue[i] : MRIG_EVICT_NONE;
}

/**
 * plain_remove() - a frame is not listed any more
 * @m: window
 * @frame: frame
 */
void plain_remove(struct evict_model *m, uint32_t frame)
{
	struct plain *p = &m->plain;

	if (p->newest == frame)
		p->newest = MRIG_EVICT_NONE;
	if (p->hand == frame)
		p->hand = behind(p, frame);
	if (is(m, "lru"))
		leave_lru(m, frame);
	else
		take_out(p, frame);
}

/**
 * plain_accessed() - a page was used that was looked at
 * @m: window
 * @frame: it is in
 */
void plain_accessed(struct evict_model *m, uint32_t frame)
{
	struct plain *p = &m->plain;

	if (!is(m, "lru"))
		return;
	leave_lru(m, frame);
	p->queue[p->n++] = frame;
}

/**
 * plain_tick() - Zephyr's timer
 * @m: window
 */
void plain_tick(struct evict_model *m)
{
	uint32_t i;

	if (!is(m, "nru"))
		return;
	for (i = 0; i < m->plain.n; i++) {
		look(m, m->plain.queue[i]);
		m->plain.used[m->plain.queue[i]] = false;
	}
}

/* fifo and lru: the oldest that is not busy. */
static uint32_t oldest(struct evict_model *m, uint32_t bound)
{
	struct plain *p = &m->plain;
	uint32_t frame;

	while (p->spent < bound) {
		frame = p->queue[0];
		if (!(look(m, frame) & MRIG_EVICT_BUSY))
			return frame;
		to_end(p, frame);
	}
	return MRIG_EVICT_NONE;
}

/* clock: the oldest that was not used; sieve: the same, but the pages stay and the hand moves. */
static uint32_t unused(struct evict_model *m, uint32_t bound)
{
	struct plain *p = &m->plain;
	uint32_t left = p->n + 1, frame, used = MRIG_EVICT_NONE;
	bool sieve = is(m, "sieve");
	unsigned int found;

	for (; left && p->spent < bound; left--) {
		frame = sieve && p->hand != MRIG_EVICT_NONE ? p->hand : p->queue[0];
		found = look(m, frame);
		if (!(found & (MRIG_EVICT_BUSY | MRIG_EVICT_ACCESSED))) {
			if (sieve)
				p->hand = frame;
			return frame;
		}
		if (!(found & MRIG_EVICT_BUSY) && used == MRIG_EVICT_NONE)
			used = frame;
		if (sieve)
			p->hand = behind(p, frame);
		else
			to_end(p, frame);
	}
	return used;
}

/* nru: the first of the lowest rank, from @start on. */
static uint32_t lowest_rank(struct evict_model *m, uint32_t bound)
{
	struct plain *p = &m->plain;
	uint32_t i, frame = p->start, best = MRIG_EVICT_NONE;
	unsigned int found, rank, lowest = 4;

	for (i = 0; i < m->frames && lowest && p->spent < bound; i++) {
		frame = (p->start + i) % m->frames;
		if (place(p, frame) == p->n)
			continue;
		found = look(m, frame);
		p->used[frame] |= found & MRIG_EVICT_ACCESSED;
		rank = 2 * p->used[frame] + !!(found & MRIG_EVICT_DIRTY);
		if (!(found & MRIG_EVICT_BUSY) && rank < lowest) {
			lowest = rank;
			best = frame;
		}
	}
	p->start = ((best == MRIG_EVICT_NONE ? p->start + i - 1 : best) + 1) % m->frames;
	return best;
}

/**
 * plain_select() - choose
 * @m: window
 * @bound: most looks
 *
 * Return: frame, or MRIG_EVICT_NONE.
 */
uint32_t plain_select(struct evict_model *m, uint32_t bound)
{
	m->plain.spent = 0;
	if (is(m, "nru"))
		return lowest_rank(m, bound);
	if (is(m, "fifo") || is(m, "lru"))
		return oldest(m, bound);
	return unused(m, bound);
}
