// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * shared_multi_heap: random programs against a linear search. Regions come and go. argv[1] is the
 * seed.
 */
#include "smh_rig.h"

#define ROUNDS 30000

static bool slow_match(const struct mrig_smh_region *x, const struct mrig_smh_req *q)
{
	for (int bit = 0; bit < 64; bit++) {
		bool has = x->attrs >> bit & 1;

		if ((q->with >> bit & 1 && !has) || (q->without >> bit & 1 && has))
			return false;
	}
	if (q->match & MRIG_SMH_MATCH_DMA && (x->dma_bits == 0 || x->dma_bits > q->dma_bits))
		return false;
	return !(q->match & MRIG_SMH_MATCH_NODE) || x->node == q->node;
}

static struct mrig_smh_req random_request(void)
{
	struct mrig_smh_req q = { .dma_bits = 1 + rnd(64), .node = (int32_t)rnd(3) };

	q.match = rnd(4) ? 0 : rnd(4);
	q.with = rnd(3) ? MRIG_SMH_BIT(32 + rnd(6)) : 0;
	q.without = rnd(3) ? 0 : MRIG_SMH_BIT(32 + rnd(6)) & ~q.with;
	return q;
}

static int order[REGIONS];

/* No region that comes before @got in the order of asking may have been able to serve. */
static void honest(const struct mrig_smh_req *q, size_t bytes, int got)
{
	for (int k = 0; k < REGIONS; k++) {
		int i = order[k];

		if (i == got)
			break;
		if (i >= 0 && r.m[i] && slow_match(&reg[i], q))
			assert_true(regions_largest(&r, i) < bytes);
	}
	if (got >= 0)
		assert_true(slow_match(&reg[got], q));
}

static uint64_t fails[REGIONS], attr_fails[64];

/* Who was asked in vain, and for which attributes nobody was found. */
static void passed_over(const struct mrig_smh_req *q, int got)
{
	for (int k = 0; k < REGIONS && order[k] != got; k++)
		fails[order[k]] += r.m[order[k]] && slow_match(&reg[order[k]], q);
	for (int bit = 0; bit < 64; bit++)
		attr_fails[bit] += got < 0 && q->with >> bit & 1;
}

static void step(void)
{
	struct mrig_smh_req q = random_request();
	size_t bytes = 1 + rnd(rnd(6) ? 300 : 9000);
	struct mrig_move move;
	struct live *l;
	uint64_t addr;
	int err;

	if (r.nlive < LIVE && rnd(5) < 2) {
		err = alloc(&q, 0, bytes, &addr);
		assert_true(!err || err == -ENOMEM || err == -ENOENT);
		honest(&q, bytes, err ? -1 : regions_of(&r, addr));
		passed_over(&q, err ? -1 : regions_of(&r, addr));
		if (!err)
			regions_add(&r, addr, bytes);
		return;
	}
	if (!r.nlive)
		return;
	l = &r.live[rnd((uint32_t)r.nlive)];
	if (rnd(2)) {
		assert_int_equal(mrig_smh_free(&smh, l->addr), 0);
		regions_drop(&r, l);
		return;
	}
	err = resize(&q, l->addr, rnd(4) ? 0 : 8U << rnd(6), bytes, &move);
	assert_true(!err || err == -ENOMEM);
	if (err || regions_of(&r, move.to) != l->region)
		passed_over(&q, err ? -1 : regions_of(&r, move.to));
	if (err)
		return;
	assert_int_equal(move.from, l->addr);
	if (move.to != move.from) {
		assert_int_equal(move.bytes, bytes < l->usable ? bytes : l->usable);
		if (regions_of(&r, move.to) != l->region)
			assert_true(slow_match(&reg[regions_of(&r, move.to)], &q));
		assert_int_equal(mrig_smh_free(&smh, move.from), 0);
	}
	regions_drop(&r, l);
	regions_add(&r, move.to, bytes);
}

static void check(void)
{
	struct mrig_smh_stats st;

	for (unsigned int bit = 32; bit < 38; bit++) {
		uint64_t bytes = 0, live = 0, n = 0;

		for (int i = 0; i < r.nlive; i++) {
			if (reg[r.live[i].region].attrs >> bit & 1) {
				bytes += r.live[i].usable;
				live++;
			}
		}
		for (int i = 0; i < r.n; i++)
			n += r.m[i] && reg[i].attrs >> bit & 1;
		assert_int_equal(mrig_smh_attr_stats(&smh, bit, &st), 0);
		assert_int_equal(st.use.allocated, bytes);
		assert_int_equal(st.use.live, live);
		assert_int_equal(st.regions, n);
		assert_true(st.use.max_allocated >= bytes);
		assert_int_equal(st.use.fails, attr_fails[bit]);
	}
	for (int i = 0; i < r.n; i++) {
		if (!r.m[i])
			continue;
		regions_agree(&r, i, &reg[i].member.stats);
		assert_int_equal(reg[i].member.stats.fails, fails[i]);
	}
}

/* Regions leave exactly while nothing lives in them, and come back as the last to be asked. */
static void come_and_go(void)
{
	int i = (int)rnd(REGIONS), live = 0, k;

	if (!r.m[i]) {
		assert_int_equal(mrig_smh_add(&smh, &reg[i]), 0);
		r.m[i] = &reg[i].member;
		fails[i] = 0;
		for (k = 0; order[k] != i; k++)
			;
		for (; k < REGIONS - 1; k++)
			order[k] = order[k + 1];
		order[k] = i;
		return;
	}
	for (k = 0; k < r.nlive; k++)
		live += r.live[k].region == i;
	assert_int_equal(mrig_smh_remove(&smh, &reg[i]), live ? -EBUSY : 0);
	if (!live) {
		assert_null(mrig_smh_find(&smh, reg[i].member.addr + rnd(64)));
		r.m[i] = NULL;
	}
}

void model_program(void)
{
	memset(fails, 0, sizeof(fails));
	memset(attr_fails, 0, sizeof(attr_fails));
	up();
	for (int i = 0; i < REGIONS; i++) {
		uint64_t attrs = (uint64_t)rnd(64) << 32;

		reg[i] = (struct mrig_smh_region){ .attrs = attrs,
						   .dma_bits = rnd(65),
						   .node = (int)rnd(3) - 1 };
		regions_open(&r, &reg[i].member, 1024U << rnd(5), i % 2);
		assert_int_equal(mrig_smh_add(&smh, &reg[i]), 0);
		order[i] = i;
	}
	for (uint32_t i = 0; random_goes_on(i, ROUNDS); i++) {
		step();
		if (!rnd(20))
			come_and_go();
		if (i % 64 == 0)
			check();
	}
	while (r.nlive) {
		assert_int_equal(mrig_smh_free(&smh, r.live[0].addr), 0);
		regions_drop(&r, &r.live[0]);
	}
	check();
	regions_close(&r);
}

static void random_programs(void **state)
{
	model_program();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_programs),
	};

	if (argc > 1)
		random_from_seed(strtoull(argv[1], NULL, 0));
	return RUN("shared multi heap, model", tests);
}
