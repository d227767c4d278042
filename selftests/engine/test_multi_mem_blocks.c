// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Groups of block allocators: who serves, who gets back, members coming and going. */
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

/* Random coming and going against a flag per allocator. */
static void finds_like_the_model(void **state)
{
	struct mrig_blocks *h[MOST], *member[MOST];
	struct mrig_multi_blocks g;
	bool in[MOST] = { false };
	unsigned int i, j, k, rnd = 1;

	assert_int_equal(mrig_multi_blocks_init(&g, member, MOST, as_told), 0);
	for (i = 0; i < MOST; i++)
		h[i] = blocks_at((i + 1) * STEP, 64, 1 + i * 7);
	for (i = 0; i < 5000; i++) {
		rnd = rnd * 1103515245 + 12345;
		k = (rnd >> 16) % MOST;
		if (rnd >> 31)
			assert_int_equal(mrig_multi_blocks_add(&g, h[k]), in[k] ? -EEXIST : 0);
		else
			assert_int_equal(mrig_multi_blocks_remove(&g, h[k]), in[k] ? 0 : -ENOENT);
		in[k] = rnd >> 31;
		for (j = 0; j < MOST; j++) {
			uintptr_t base = (j + 1) * STEP, last = base + (1 + j * 7) * 64 - 1;

			assert_null(mrig_multi_blocks_find(&g, (void *)(base - 1)));
			assert_null(mrig_multi_blocks_find(&g, (void *)(last + 1)));
			assert_ptr_equal(mrig_multi_blocks_find(&g, (void *)base),
					 in[j] ? h[j] : NULL);
			assert_ptr_equal(mrig_multi_blocks_find(&g, (void *)last),
					 in[j] ? h[j] : NULL);
		}
	}
	for (i = 0; i < MOST; i++)
		free(h[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_arguments),
		cmocka_unit_test(members_must_not_overlap),
		cmocka_unit_test(one_member_serves),
		cmocka_unit_test(finds_like_the_model),
	};

	return RUN("groups of blocks", tests);
}
