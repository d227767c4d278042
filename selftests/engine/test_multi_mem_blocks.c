// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Groups of block allocators: who serves, who gets back, members coming and going. argv[1] is the
 * seed.
 */
#include <string.h>
#include "random.h"
#include "test.h"
#include "multi_mem_blocks.h"

#define STEP 0x10000UL /* between two allocators */
#define MOST 12

static struct mrig_blocks *blocks_at(uintptr_t base, uint64_t bytes, uint32_t num)
{
	struct mrig_blocks *h = calloc(1, mrig_blocks_control_bytes(num));

	assert_non_null(h);
	assert_int_equal(mrig_blocks_init(h, base, bytes, num), 0);
	return h;
}

static struct mrig_blocks *as_told(struct mrig_multi_blocks *g, void *cfg)
{
	(void)g;
	return cfg;
}

static void bad_arguments(void **state)
{
	struct mrig_blocks *one = blocks_at(STEP, 64, 4), *member[1];
	struct mrig_multi_blocks g;
	void *out[8];

	assert_int_equal(mrig_multi_blocks_init(&g, NULL, 1, as_told), -EINVAL);
	assert_int_equal(mrig_multi_blocks_init(&g, member, 0, as_told), -EINVAL);
	assert_int_equal(mrig_multi_blocks_init(&g, member, 1, NULL), -EINVAL);
	assert_int_equal(mrig_multi_blocks_init(&g, member, 1, as_told), 0);
	assert_int_equal(mrig_multi_blocks_add(&g, NULL), -EINVAL);
	assert_int_equal(mrig_multi_blocks_remove(&g, NULL), -EINVAL);
	assert_int_equal(mrig_multi_blocks_remove(&g, one), -ENOENT);
	assert_int_equal(mrig_multi_blocks_alloc(&g, one, 1, out, NULL), -EINVAL);
	assert_int_equal(mrig_multi_blocks_alloc(&g, NULL, 1, out, NULL), -EINVAL);
	assert_int_equal(mrig_multi_blocks_add(&g, one), 0);
	assert_int_equal(mrig_multi_blocks_alloc(&g, one, 1, NULL, NULL), -EINVAL);
	assert_int_equal(mrig_multi_blocks_free(&g, 1, NULL), -EINVAL);
	assert_int_equal(mrig_multi_blocks_free(&g, 0, NULL), 0);
	assert_int_equal(mrig_multi_blocks_free(&g, 1, (void *[]){ NULL }), -EINVAL);
	assert_null(mrig_multi_blocks_find(&g, (void *)(STEP - 1)));
	assert_null(mrig_multi_blocks_find(&g, (void *)(STEP + 256)));
	assert_ptr_equal(mrig_multi_blocks_find(&g, (void *)(STEP + 255)), one);
	free(one);
}

static void members_must_not_overlap(void **state)
{
	struct mrig_blocks *a = blocks_at(STEP, 64, 4), *b = blocks_at(STEP + 128, 64, 4);
	struct mrig_blocks *c = blocks_at(STEP + 256, 64, 4), *d = blocks_at(STEP - 64, 64, 16);
	struct mrig_blocks *e = blocks_at(STEP - 256, 64, 4), *f = blocks_at(4 * STEP, 64, 1);
	struct mrig_blocks *member[3];
	struct mrig_multi_blocks g;

	assert_int_equal(mrig_multi_blocks_init(&g, member, 3, as_told), 0);
	assert_int_equal(mrig_multi_blocks_add(&g, a), 0);
	assert_int_equal(mrig_multi_blocks_add(&g, a), -EEXIST);
	assert_int_equal(mrig_multi_blocks_add(&g, b), -EEXIST);
	assert_int_equal(mrig_multi_blocks_add(&g, d), -EEXIST);
	assert_int_equal(mrig_multi_blocks_add(&g, c), 0);
	assert_int_equal(mrig_multi_blocks_add(&g, e), 0);
	assert_int_equal(mrig_multi_blocks_add(&g, f), -ENOSPC);
	assert_int_equal(mrig_multi_blocks_remove(&g, b), -ENOENT);
	assert_int_equal(g.num, 3);
	free(a);
	free(b);
	free(c);
	free(d);
	free(e);
	free(f);
}

static void one_member_serves(void **state)
{
	struct mrig_blocks *a = blocks_at(STEP, 64, 4), *b = blocks_at(2 * STEP, 256, 8);
	struct mrig_blocks *member[8];
	struct mrig_multi_blocks g;
	size_t bytes = 1;
	void *out[8] = { NULL }, *other[4];

	assert_int_equal(mrig_multi_blocks_init(&g, member, 8, as_told), 0);
	assert_int_equal(mrig_multi_blocks_add(&g, b), 0);
	assert_int_equal(mrig_multi_blocks_add(&g, a), 0);
	assert_int_equal(mrig_multi_blocks_alloc(&g, b, 9, out, &bytes), -ENOMEM);
	assert_int_equal(mrig_multi_blocks_alloc(&g, a, 5, out, &bytes), -ENOMEM);
	assert_null(out[0]);
	assert_int_equal(bytes, 1);
	assert_int_equal(mrig_multi_blocks_alloc(&g, NULL, 0, NULL, &bytes), 0);
	assert_int_equal(bytes, 0);
	assert_int_equal(mrig_multi_blocks_alloc(&g, b, 8, out, &bytes), 0);
	assert_int_equal(bytes, 256);
	assert_ptr_equal(out[7], (void *)(2 * STEP + 7 * 256));
	assert_int_equal(mrig_multi_blocks_alloc(&g, a, 4, other, NULL), 0);
	assert_int_equal(mrig_multi_blocks_remove(&g, a), -EBUSY);
	/* of two members: nothing happens to either */
	assert_int_equal(mrig_multi_blocks_free(&g, 2, (void *[]){ out[0], other[0] }), -EFAULT);
	assert_int_equal(mrig_multi_blocks_free(&g, 1, (void *[]){ (char *)out[0] + 64 }), -EINVAL);
	assert_int_equal(a->used, 4);
	assert_int_equal(b->used, 8);
	assert_int_equal(mrig_multi_blocks_free(&g, 4, other), 0);
	assert_int_equal(mrig_multi_blocks_free(&g, 4, other), -EFAULT);
	assert_int_equal(mrig_multi_blocks_remove(&g, a), 0);
	assert_int_equal(mrig_multi_blocks_free(&g, 1, other), -EINVAL);
	assert_int_equal(mrig_multi_blocks_free(&g, 8, out), 0);
	assert_int_equal(a->used + b->used, 0);
	free(a);
	free(b);
}

/* The reference: allocators at fixed places, which are members, and which blocks live. */
#define BASE(k) (((k) + 1) * STEP)
#define NUM(k)	(1 + (k)*7)

struct ref {
	struct mrig_blocks *h[MOST];
	bool in[MOST];
	bool live[MOST][NUM(MOST)];
	uint32_t used[MOST];
};

static void step_member(struct mrig_multi_blocks *g, struct ref *m, uint32_t k)
{
	if (rnd(2)) {
		assert_int_equal(mrig_multi_blocks_add(g, m->h[k]), m->in[k] ? -EEXIST : 0);
		m->in[k] = true;
		return;
	}
	assert_int_equal(mrig_multi_blocks_remove(g, m->h[k]), !m->in[k]    ? -ENOENT
							       : m->used[k] ? -EBUSY
									    : 0);
	m->in[k] = m->in[k] && m->used[k];
}

/* The lowest that are free, of the member that was chosen. */
static void step_alloc(struct mrig_multi_blocks *g, struct ref *m, uint32_t k)
{
	uint32_t count = 1 + rnd(rnd(4) ? 4 : NUM(k) + 1), i, n = 0;
	void *out[NUM(MOST) + 1];
	size_t bytes = 1;
	int err = 0;

	if (!m->in[k])
		err = -EINVAL;
	else if (count > NUM(k) - m->used[k])
		err = -ENOMEM;
	assert_int_equal(mrig_multi_blocks_alloc(g, m->h[k], count, out, &bytes), err);
	assert_int_equal(bytes, err ? 1 : 64);
	for (i = 0; !err && n < count; i++) {
		if (m->live[k][i])
			continue;
		assert_ptr_equal(out[n++], (void *)(BASE(k) + i * 64));
		m->live[k][i] = true;
	}
	m->used[k] += n;
}

/* A few in a row, rarely with one of another allocator behind them. */
static void step_free(struct mrig_multi_blocks *g, struct ref *m, uint32_t k)
{
	uint32_t first = rnd(NUM(k)), count = 1 + rnd(4), i;
	bool foreign = !rnd(16);
	void *list[5];
	int err = m->in[k] ? 0 : -EINVAL;

	if (first + count > NUM(k))
		count = NUM(k) - first;
	for (i = 0; i < count; i++) {
		list[i] = (void *)(BASE(k) + (first + i) * 64);
		if (!m->live[k][first + i] && !err)
			err = -EFAULT;
	}
	if (foreign) {
		list[count] = (void *)BASE((k + 1) % MOST);
		err = err ? err : -EFAULT;
	}
	if (count + foreign > NUM(k))
		err = -EINVAL;
	assert_int_equal(mrig_multi_blocks_free(g, count + foreign, list), err);
	for (i = 0; !err && i < count; i++)
		m->live[k][first + i] = false;
	m->used[k] -= err ? 0 : count;
}

static void finds(const struct mrig_multi_blocks *g, const struct ref *m)
{
	for (uint32_t k = 0; k < MOST; k++) {
		uintptr_t base = BASE(k), last = base + NUM(k) * 64 - 1;
		struct mrig_blocks *found = m->in[k] ? m->h[k] : NULL;

		assert_null(mrig_multi_blocks_find(g, (void *)(base - 1)));
		assert_null(mrig_multi_blocks_find(g, (void *)(last + 1)));
		assert_ptr_equal(mrig_multi_blocks_find(g, (void *)base), found);
		assert_ptr_equal(mrig_multi_blocks_find(g, (void *)last), found);
		assert_int_equal(m->h[k]->used, m->used[k]);
	}
}

void model_program(void)
{
	static void (*const step[])(struct mrig_multi_blocks *, struct ref *, uint32_t) = {
		step_member,
		step_alloc,
		step_alloc,
		step_free,
	};
	struct mrig_blocks *member[MOST];
	struct mrig_multi_blocks g;
	static struct ref m;
	uint32_t i;

	memset(&m, 0, sizeof(m));
	assert_int_equal(mrig_multi_blocks_init(&g, member, MOST, as_told), 0);
	for (i = 0; i < MOST; i++)
		m.h[i] = blocks_at(BASE(i), 64, NUM(i));
	for (i = 0; random_goes_on(i, 5000); i++) {
		step[rnd(4)](&g, &m, rnd(MOST));
		finds(&g, &m);
	}
	for (i = 0; i < MOST; i++) {
		assert_true(mrig_blocks_validate(m.h[i]));
		free(m.h[i]);
	}
}

static void like_the_model(void **state)
{
	model_program();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_arguments),
		cmocka_unit_test(members_must_not_overlap),
		cmocka_unit_test(one_member_serves),
		cmocka_unit_test(like_the_model),
	};

	if (argc > 1)
		random_from_seed(strtoull(argv[1], NULL, 0));
	return RUN("groups of blocks", tests);
}
