// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Fixed-size blocks: order, figures, bad input, and random programs against a plain model. */
#include "random.h"
#include "test.h"
#include "mem_slab_core.h"

#define BASE 0x10000UL /* never dereferenced */

/* A control block of exactly the right size, so that the sanitizer sees the first byte beyond. */
static struct mrig_slab *slab_of(uintptr_t base, uint64_t bytes, uint32_t num)
{
	struct mrig_slab *s = calloc(1, mrig_slab_control_bytes(num));

	assert_non_null(s);
	assert_int_equal(mrig_slab_init(s, base, bytes, num), 0);
	return s;
}

static void assert_figures(const struct mrig_slab *s, uint32_t used, uint32_t max_used)
{
	struct mrig_slab_info info;

	mrig_slab_get_info(s, &info);
	assert_int_equal(info.used, used);
	assert_int_equal(info.max_used, max_used);
	assert_true(mrig_slab_validate(s));
}

static int init(uintptr_t base, uint64_t bytes, uint32_t num)
{
	struct mrig_slab *s = calloc(1, mrig_slab_control_bytes(4));
	int err;

	memset(s, 0x5a, sizeof(*s));
	err = mrig_slab_init(s, base, bytes, num);
	if (err) {
		assert_null(mrig_slab_alloc(s));
		assert_int_equal(mrig_slab_take(s), -ENOMEM);
		assert_true(mrig_slab_free(s, (void *)base) < 0);
		assert_int_equal(mrig_slab_put(s, 0), -ENOENT);
		assert_int_equal(mrig_slab_put(s, 1), -ENOENT);
		assert_figures(s, 0, 0);
	}
	free(s);
	return err;
}

static void bad_geometry(void **state)
{
	assert_int_equal(init(BASE, 0, 4), -EINVAL);
	assert_int_equal(init(BASE, 12, 4), -EINVAL);
	assert_int_equal(init(BASE + 4, 16, 4), -EINVAL);
	assert_int_equal(init(BASE, 16, MRIG_SLAB_MAX + 1), -EINVAL);
	assert_int_equal(init(BASE, 1UL << 62, 4), -EINVAL);
	assert_int_equal(init(BASE, UINT64_MAX - 7, 1), -EINVAL);
	assert_int_equal(init(UINTPTR_MAX - 31, 16, 2), -EINVAL);
	assert_int_equal(init(UINTPTR_MAX - 39, 16, 2), 0);
	assert_int_equal(init(0, 8, 4), 0);
	assert_int_equal(mrig_slab_control_bytes(MRIG_SLAB_MAX + 1), 0);
	assert_int_equal(mrig_slab_control_bytes(UINT32_MAX), 0);
	assert_true(mrig_slab_control_bytes(MRIG_SLAB_MAX) > (size_t)8 * MRIG_SLAB_MAX);
}

static void no_blocks(void **state)
{
	struct mrig_slab *s = slab_of(BASE, 64, 0);

	assert_null(mrig_slab_alloc(s));
	assert_int_equal(mrig_slab_take(s), -ENOMEM);
	assert_int_equal(mrig_slab_free(s, (void *)BASE), -ENOENT);
	assert_int_equal(mrig_slab_number(s, (void *)BASE), -ENOENT);
	mrig_slab_reset_max(s);
	assert_figures(s, 0, 0);
	free(s);
}

static void ascending_then_last_in_first_out(void **state)
{
	struct mrig_slab *s = slab_of(BASE, 24, 5);
	uintptr_t i;

	for (i = 0; i < 5; i++)
		assert_ptr_equal(mrig_slab_alloc(s), BASE + 24 * i);
	assert_null(mrig_slab_alloc(s));
	assert_null(mrig_slab_alloc(s));
	assert_figures(s, 5, 5);
	assert_int_equal(mrig_slab_free(s, (void *)(BASE + 24 * 3)), 0);
	assert_int_equal(mrig_slab_free(s, (void *)BASE), 1);
	assert_int_equal(mrig_slab_free(s, (void *)(BASE + 24 * 4)), 2);
	assert_ptr_equal(mrig_slab_alloc(s), BASE + 24 * 4);
	assert_ptr_equal(mrig_slab_alloc(s), BASE);
	assert_ptr_equal(mrig_slab_alloc(s), BASE + 24 * 3);
	assert_null(mrig_slab_alloc(s));
	assert_figures(s, 5, 5);
	free(s);
}

static void bad_frees(void **state)
{
	struct mrig_slab *s = slab_of(BASE, 48, 10);
	char *p = mrig_slab_alloc(s), *q = mrig_slab_alloc(s);
	uintptr_t off;

	for (off = 1; off < 48; off++) {
		assert_int_equal(mrig_slab_free(s, p + off), -EINVAL);
		assert_int_equal(mrig_slab_number(s, p + 9 * 48 + off), -EINVAL);
	}
	assert_int_equal(mrig_slab_free(s, NULL), -ENOENT);
	assert_int_equal(mrig_slab_free(s, p - 48), -ENOENT);
	assert_int_equal(mrig_slab_free(s, p - 1), -ENOENT);
	assert_int_equal(mrig_slab_free(s, p + 480), -ENOENT);
	assert_int_equal(mrig_slab_free(s, (void *)UINTPTR_MAX), -ENOENT);
	/* never handed out */
	assert_int_equal(mrig_slab_free(s, p + 2 * 48), -EALREADY);
	assert_int_equal(mrig_slab_free(s, p + 9 * 48), -EALREADY);
	/* twice */
	assert_int_equal(mrig_slab_free(s, q), 8);
	assert_int_equal(mrig_slab_free(s, q), -EALREADY);
	assert_int_equal(mrig_slab_free(s, q), -EALREADY);
	assert_figures(s, 1, 2);
	assert_ptr_equal(mrig_slab_alloc(s), q);
	assert_figures(s, 2, 2);
	free(s);
}

static void by_number(void **state)
{
	struct mrig_slab *s = slab_of(BASE, 64, 3);

	assert_int_equal(mrig_slab_take(s), 1);
	assert_int_equal(mrig_slab_take(s), 2);
	assert_int_equal(mrig_slab_number(s, (void *)(BASE + 64)), 2);
	assert_true(mrig_slab_is_live(s, 2));
	assert_false(mrig_slab_is_live(s, 0));
	assert_false(mrig_slab_is_live(s, 3));
	assert_false(mrig_slab_is_live(s, 4));
	assert_false(mrig_slab_is_live(s, UINT64_MAX));
	assert_int_equal(mrig_slab_put(s, 0), -ENOENT);
	assert_int_equal(mrig_slab_put(s, 4), -ENOENT);
	assert_int_equal(mrig_slab_put(s, UINT64_MAX), -ENOENT);
	assert_int_equal(mrig_slab_put(s, 1UL << 32 | 1), -ENOENT);
	assert_int_equal(mrig_slab_put(s, 3), -EALREADY);
	assert_int_equal(mrig_slab_put(s, 1), 1);
	assert_int_equal(mrig_slab_put(s, 1), -EALREADY);
	assert_figures(s, 1, 2);
	free(s);
}

/* A multiple of a huge odd size must not be mistaken for a small one after wrapping around. */
static void huge_blocks(void **state)
{
	const uint64_t bytes = (UINT64_MAX / 3) & ~7UL;
	struct mrig_slab *s = slab_of(0, bytes, 3);
	uint64_t off = 0;
	int i;

	for (i = 0; i < 3; i++)
		assert_ptr_equal(mrig_slab_alloc(s), i * bytes);
	for (i = 0; i < 1000; i++, off += bytes) {
		int64_t n = mrig_slab_number(s, (void *)(uintptr_t)off);

		if (off % bytes)
			assert_true(n == -EINVAL || n == -ENOENT);
		else
			assert_int_equal(n, off / bytes < 3 ? (int64_t)(off / bytes) + 1 : -ENOENT);
	}
	free(s);
}

static void peak_and_its_reset(void **state)
{
	struct mrig_slab *s = slab_of(BASE, 8, 8);
	int i;

	for (i = 1; i <= 6; i++)
		mrig_slab_take(s);
	for (i = 1; i <= 4; i++)
		mrig_slab_put(s, (uint64_t)i);
	assert_figures(s, 2, 6);
	mrig_slab_reset_max(s);
	assert_figures(s, 2, 2);
	mrig_slab_reset_max(s);
	assert_figures(s, 2, 2);
	assert_int_equal(mrig_slab_take(s), 4);
	assert_figures(s, 3, 3);
	mrig_slab_put(s, 4);
	mrig_slab_put(s, 6);
	assert_figures(s, 1, 3);
	mrig_slab_reset_max(s);
	for (i = 2; i <= 8; i++) {
		assert_true(mrig_slab_take(s) > 0);
		assert_figures(s, (uint32_t)i, (uint32_t)i);
	}
	assert_int_equal(mrig_slab_take(s), -ENOMEM);
	assert_figures(s, 8, 8);
	mrig_slab_reset_max(s);
	assert_figures(s, 8, 8);
	free(s);
}

static void validate_notices(void **state)
{
	struct mrig_slab *s = slab_of(BASE, 8, 4);
	int i;

	for (i = 0; i < 4; i++)
		mrig_slab_take(s);
	mrig_slab_put(s, 1);
	mrig_slab_put(s, 2);
	assert_true(mrig_slab_validate(s));
	s->level[2].free = 3; /* a live one on the stack */
	assert_false(mrig_slab_validate(s));
	s->level[2].free = 5; /* none at all */
	assert_false(mrig_slab_validate(s));
	s->level[2].free = 2;
	assert_true(mrig_slab_validate(s));
	s->level[1].free = 2; /* one twice, the other never */
	assert_false(mrig_slab_validate(s));
	s->level[1].free = 1;
	s->level[4].live = 0; /* neither live nor on the stack */
	assert_false(mrig_slab_validate(s));
	free(s);
}

/**
 * struct reference - what a slab must do, the obvious way
 * @stack: free blocks, top last
 * @depth: how many
 * @live: by number
 * @num: blocks
 * @max: high-water mark
 */
struct reference {
	uint32_t stack[64];
	uint32_t depth;
	bool live[66];
	uint32_t num;
	uint32_t max;
};

static void step_take(struct mrig_slab *s, struct reference *r)
{
	uint32_t n;

	if (!r->depth) {
		assert_int_equal(mrig_slab_take(s), -ENOMEM);
		return;
	}
	n = r->stack[--r->depth];
	assert_int_equal(mrig_slab_take(s), n);
	r->live[n] = true;
	if (r->max < r->num - r->depth)
		r->max = r->num - r->depth;
}

static void step_put(struct mrig_slab *s, struct reference *r, uint64_t bytes)
{
	uint32_t n = rnd(r->num + 2);
	char *block = (char *)BASE + (n - 1L) * (long)bytes;

	if (!n || n > r->num) {
		assert_int_equal(mrig_slab_free(s, block), -ENOENT);
	} else if (!r->live[n]) {
		assert_int_equal(mrig_slab_free(s, block), -EALREADY);
	} else {
		assert_int_equal(mrig_slab_free(s, block + 1), -EINVAL);
		assert_int_equal(mrig_slab_free(s, block), r->depth);
		r->live[n] = false;
		r->stack[r->depth++] = n;
	}
}

void model_program(void)
{
	uint32_t num = rnd(65), bias = 1 + rnd(8), n;
	uint64_t bytes = 8 + 8 * (uint64_t)rnd(40);
	struct mrig_slab *s = slab_of(BASE, bytes, num);
	struct reference r = { .num = num };

	for (n = num; n; n--)
		r.stack[r.depth++] = n;
	for (uint32_t i = 0; random_goes_on(i, 600); i++) {
		if (!rnd(40))
			bias = 1 + rnd(8);
		if (!rnd(50)) {
			mrig_slab_reset_max(s);
			r.max = r.num - r.depth;
		} else if (rnd(9) < bias) {
			step_take(s, &r);
		} else {
			step_put(s, &r, bytes);
		}
		assert_figures(s, r.num - r.depth, r.max);
		for (n = 0; n < num + 2; n++)
			assert_int_equal(mrig_slab_is_live(s, n), r.live[n]);
	}
	free(s);
}

static void like_the_model(void **state)
{
	for (int i = 0; i < 300; i++)
		model_program();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_geometry),
		cmocka_unit_test(no_blocks),
		cmocka_unit_test(ascending_then_last_in_first_out),
		cmocka_unit_test(bad_frees),
		cmocka_unit_test(by_number),
		cmocka_unit_test(huge_blocks),
		cmocka_unit_test(peak_and_its_reset),
		cmocka_unit_test(validate_notices),
		cmocka_unit_test(like_the_model),
	};

	if (argc > 1)
		random_from_seed(strtoull(argv[1], NULL, 0));
	return RUN("slab", tests);
}
