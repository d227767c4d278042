// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* A random life of a window; see evict_model.h. */
#include "evict_model.h"

#define KEPT (MRIG_EVICT_ACCESSED | MRIG_EVICT_DIRTY | MRIG_EVICT_BUSY)

static bool check(struct evict_model *m, bool holds, const char *what)
{
	if (!holds && !m->wrong)
		m->wrong = what;
	return holds;
}

static bool listed(const struct evict_model *m, uint32_t frame)
{
	return m->page[frame] != MRIG_EVICT_NONE && !m->pinned[frame];
}

static uint32_t count(const struct evict_model *m)
{
	uint32_t i, n = 0;

	for (i = 0; i < m->frames; i++)
		n += listed(m, i);
	return n;
}

static unsigned int look(void *window, uint32_t frame)
{
	struct evict_model *m = window;
	unsigned int found;

	if (frame >= m->frames || !listed(m, frame)) {
		m->bad_look = true;
		return MRIG_EVICT_BUSY;
	}
	found = m->bits[frame] & KEPT;
	m->bits[frame] &= (uint8_t)~MRIG_EVICT_ACCESSED;
	m->trap[frame] = true;
	m->spent++;
	return found;
}

static const struct mrig_evict_ops *any_policy(struct evict_model *m)
{
	uint32_t n = 0;

	while (mrig_evict_policies[n])
		n++;
	return mrig_evict_policies[m->rnd(n)];
}

static struct mrig_evict *make(struct evict_model *m, const struct mrig_evict_ops *ops)
{
	struct mrig_evict_params params = {
		.frames = m->frames, .looks = m->looks, .seed = 7, .look = look, .window = m
	};
	struct mrig_evict *e = NULL;

	m->turn = !m->turn;
	check(m, mrig_evict_footprint(ops, m->frames) <= MODEL_BYTES, "a large footprint");
	check(m, !mrig_evict_init(m->memory[m->turn], MODEL_BYTES, ops, &params, &e),
	      "no instance");
	return e;
}

/**
 * evict_model_init() - an empty window with a policy
 * @m: to fill in
 * @rnd: decides
 */
void evict_model_init(struct evict_model *m, uint32_t (*rnd)(uint32_t below))
{
	static const uint32_t bounds[] = { 0, 0, 0, 8, 3, 2, 1 };
	uint32_t i;

	memset(m, 0, sizeof(*m));
	m->rnd = rnd;
	m->frames = 1 + rnd(MODEL_FRAMES);
	m->looks = bounds[rnd(sizeof(bounds) / sizeof(bounds[0]))];
	for (i = 0; i < MODEL_FRAMES; i++)
		m->page[i] = MRIG_EVICT_NONE;
	m->e = make(m, any_policy(m));
	plain_init(&m->plain);
}

static bool plain(const struct evict_model *m)
{
	return plain_knows(mrig_evict_policy(m->e));
}

static void list(struct evict_model *m, uint32_t frame, enum mrig_evict_coming why)
{
	m->pinned[frame] = false;
	m->spent = 0;
	check(m, !mrig_evict_add(m->e, frame, m->page[frame], why), "an add failed");
	check(m, m->spent <= 1, "an arrival cost more than a look");
	check(m, mrig_evict_add(m->e, frame, m->page[frame], why) == -EEXIST, "listed twice");
	plain_add(m, frame, why);
}

/* @frame stays listed in the model until the policy has forgotten it: it may look at others. */
static void unlist(struct evict_model *m, uint32_t frame, enum mrig_evict_going why)
{
	check(m, !mrig_evict_remove(m->e, frame, why), "a removal failed");
	check(m, mrig_evict_remove(m->e, frame, why) == -ENOENT, "removed twice");
	plain_remove(m, frame);
	m->trap[frame] = false;
}

static uint32_t find_page(const struct evict_model *m, uint32_t page)
{
	uint32_t i = 0;

	while (i < m->frames && m->page[i] != page)
		i++;
	return i;
}

static uint32_t bound(const struct evict_model *m)
{
	uint32_t own = mrig_evict_policy(m->e)->looks;

	if (m->looks)
		return m->looks;
	return own ? own : 2 * count(m) + 2;
}

static bool all_busy(const struct evict_model *m)
{
	uint32_t i;

	for (i = 0; i < m->frames; i++) {
		if (listed(m, i) && !(m->bits[i] & MRIG_EVICT_BUSY))
			return false;
	}
	return true;
}

/* One choice: the victim's frame, or MRIG_EVICT_NONE with @err set. */
static uint32_t choose(struct evict_model *m, int *err)
{
	struct mrig_evict_victim victim = { MRIG_EVICT_NONE, MRIG_EVICT_NONE, false };
	uint32_t expected = MRIG_EVICT_NONE;

	m->spent = 0;
	*err = mrig_evict_select(m->e, &victim);
	check(m, m->spent <= bound(m), "a choice looked at too many frames");
	if (plain(m) && count(m))
		expected = plain_select(m, bound(m));
	if (*err) {
		check(m, *err == (count(m) ? *err : -ENOENT), "nothing is listed");
		check(m, *err == -ENOENT || *err == -EAGAIN || *err == -EBUSY, "an odd error");
		check(m, !plain(m) || expected == MRIG_EVICT_NONE, "the model finds a victim");
		return MRIG_EVICT_NONE;
	}
	if (!check(m, victim.frame < m->frames && listed(m, victim.frame), "no such victim"))
		return MRIG_EVICT_NONE;
	check(m, !(m->bits[victim.frame] & MRIG_EVICT_BUSY), "a busy victim");
	check(m, victim.page == m->page[victim.frame], "another page");
	check(m, victim.dirty == !!(m->bits[victim.frame] & MRIG_EVICT_DIRTY), "another's dirt");
	check(m, !plain(m) || expected == victim.frame, "the model finds another victim");
	return victim.frame;
}

/* As a window does it: again while told so. */
static uint32_t evict(struct evict_model *m)
{
	uint32_t frame, tries = 0;
	int err;

	do {
		frame = choose(m, &err);
	} while (err == -EAGAIN && !m->wrong && ++tries < 1000);
	check(m, tries < 1000, "a choice without end");
	check(m, err != -EBUSY || all_busy(m), "not all are busy");
	check(m, err != 0 || frame != MRIG_EVICT_NONE || m->wrong, "no frame");
	if (frame == MRIG_EVICT_NONE)
		return frame;
	unlist(m, frame, MRIG_EVICT_EVICTED);
	if (!m->rnd(16)) {
		list(m, frame, MRIG_EVICT_BACK); /* the store had an error */
		return MRIG_EVICT_NONE;
	}
	m->page[frame] = MRIG_EVICT_NONE;
	return frame;
}

static void use(struct evict_model *m, uint32_t page, bool write)
{
	uint32_t frame = find_page(m, page);

	if (frame == m->frames) {
		frame = find_page(m, MRIG_EVICT_NONE);
		if (frame == m->frames)
			frame = evict(m);
		if (frame == MRIG_EVICT_NONE)
			return;
		m->page[frame] = page;
		m->bits[frame] = 0;
		m->bits2[frame] = 0;
		list(m, frame, MRIG_EVICT_FAULT);
	} else if (m->trap[frame] && listed(m, frame)) {
		m->trap[frame] = false;
		mrig_evict_accessed(m->e, frame);
		plain_accessed(m, frame);
	}
	m->bits[frame] |= MRIG_EVICT_ACCESSED | (write ? MRIG_EVICT_DIRTY : 0);
	m->bits2[frame] |= MRIG_EVICT_ACCESSED | (write ? MRIG_EVICT_DIRTY : 0);
}

static void pin(struct evict_model *m, uint32_t frame)
{
	if (m->page[frame] == MRIG_EVICT_NONE)
		return;
	if (m->pinned[frame]) {
		list(m, frame, MRIG_EVICT_BACK);
		return;
	}
	unlist(m, frame, MRIG_EVICT_TAKEN);
	if (m->rnd(4))
		m->pinned[frame] = true;
	else
		m->page[frame] = MRIG_EVICT_NONE; /* unmapped */
}

static void toggle_busy(struct evict_model *m, uint32_t frame)
{
	m->bits[frame] ^= MRIG_EVICT_BUSY;
	m->bits2[frame] ^= MRIG_EVICT_BUSY;
}

static void tick(struct evict_model *m)
{
	uint32_t some = 1 + m->rnd(MODEL_FRAMES), rounds = 0;

	while (mrig_evict_tick(m->e, some) && rounds <= m->frames)
		rounds++;
	check(m, rounds < m->frames || m->frames == 1, "time does not end");
	plain_tick(m);
}

/* The window goes on with another policy, or another instance of the same. */
static void switch_policy(struct evict_model *m)
{
	struct mrig_evict *from = m->e, *to = make(m, any_policy(m));
	uint32_t some = 1 + m->rnd(MODEL_FRAMES), rounds = 0;
	int err;

	check(m, mrig_evict_move(to, to, 1) == -EINVAL, "moved to itself");
	do {
		err = mrig_evict_move(to, from, some);
		check(m, err == (mrig_evict_count(from) ? -EAGAIN : 0), "a wrong end of a move");
		check(m, mrig_evict_count(from) + mrig_evict_count(to) == count(m), "one was lost");
	} while (err == -EAGAIN && ++rounds < 100);
	m->e = to;
	/* the order of arrival is the old policy's business: begin anew from what is listed */
	plain_init(&m->plain);
	while (mrig_evict_count(to)) {
		uint32_t i = 0;

		while (i < m->frames - 1 && !mrig_evict_listed(to, i, NULL))
			i++;
		check(m, listed(m, i), "a frame that was not listed was moved");
		mrig_evict_remove(to, i, MRIG_EVICT_TAKEN);
	}
	memcpy(m->bits2, m->bits, sizeof(m->bits));
	m->e = make(m, mrig_evict_policy(to));
	for (err = 0; err < (int)m->frames; err++) {
		if (listed(m, err))
			list(m, err, MRIG_EVICT_BACK);
	}
}

static void check_all(struct evict_model *m)
{
	uint32_t i, page;

	check(m, mrig_evict_count(m->e) == count(m), "a wrong number is listed");
	check(m, !m->bad_look, "looked at what is not listed");
	for (i = 0; i < m->frames; i++) {
		page = MRIG_EVICT_NONE;
		check(m, mrig_evict_listed(m->e, i, &page) == listed(m, i), "wrongly listed");
		check(m, !listed(m, i) || page == m->page[i], "a wrong page");
		check(m, !plain(m) || !listed(m, i) || m->bits[i] == m->bits2[i],
		      "the model looked at other frames");
	}
}

/**
 * evict_model_step() - something happens
 * @m: window
 *
 * Return: NULL, or what does not hold.
 */
const char *evict_model_step(struct evict_model *m)
{
	uint32_t what = m->rnd(32), frame = m->rnd(m->frames);

	if (what < 22)
		use(m, m->rnd(1 + m->rnd(MODEL_PAGES)), !(what % 4));
	else if (what < 25)
		pin(m, frame);
	else if (what < 28 && listed(m, frame))
		toggle_busy(m, frame);
	else if (what < 30)
		evict(m);
	else if (what < 31)
		tick(m);
	else if (!m->rnd(4))
		switch_policy(m);
	check_all(m);
	return m->wrong;
}
