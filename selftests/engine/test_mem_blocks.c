// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Runs of equal blocks: placement, bad input, and random programs against an array of flags. */
#include "random.h"
#include "test.h"
#include "mem_blocks_core.h"

#define BASE  0x100000UL /* never dereferenced */
#define BLOCK 64
#define AT(n) ((void *)(BASE + (uintptr_t)(n)*BLOCK))

/* A control block of exactly the right size, so that the sanitizer sees the first byte beyond. */
static struct mrig_blocks *blocks_of(uint32_t num)
{
	struct mrig_blocks *h = calloc(1, mrig_blocks_control_bytes(num));

	assert_non_null(h);
	assert_int_equal(mrig_blocks_init(h, BASE, BLOCK, num), 0);
	return h;
}

static void assert_used(const struct mrig_blocks *h, uint32_t used, uint32_t max_used)
{
	assert_int_equal(h->used, used);
	assert_int_equal(h->max_used, max_used);
	assert_true(mrig_blocks_validate(h));
}

static int init(uintptr_t base, uint64_t bytes, uint32_t num)
{
	struct mrig_blocks *h = calloc(1, mrig_blocks_control_bytes(4));
	int err = mrig_blocks_init(h, base, bytes, num);

	free(h);
	return err;
}

static void bad_geometry(void **state)
{
	assert_int_equal(init(BASE, 0, 4), -EINVAL);
	assert_int_equal(init(BASE, 48, 4), -EINVAL);
	assert_int_equal(init(BASE, 64, 0), -EINVAL);
	assert_int_equal(init(BASE, 64, MRIG_BLOCKS_MAX + 1), -EINVAL);
	assert_int_equal(init(BASE, 1UL << 62, 4), -EINVAL);
	assert_int_equal(init(UINTPTR_MAX - 255, 64, 4), -EINVAL);
	assert_int_equal(init(UINTPTR_MAX - 256, 64, 4), 0);
	assert_int_equal(init(0, 1, 4), 0);
	assert_int_equal(mrig_blocks_control_bytes(0), 0);
	assert_int_equal(mrig_blocks_control_bytes(MRIG_BLOCKS_MAX + 1), 0);
	assert_true(mrig_blocks_control_bytes(MRIG_BLOCKS_MAX) < 8UL * MRIG_BLOCKS_MAX);
	assert_true(mrig_blocks_class(MRIG_BLOCKS_MAX) < MRIG_BLOCKS_CLASSES);
}

static void singles_are_the_lowest(void **state)
{
	struct mrig_blocks *h = blocks_of(200);
	void *out[200];
	int i;

	assert_int_equal(mrig_blocks_alloc(h, 200, out), 0);
	for (i = 0; i < 200; i++)
		assert_ptr_equal(out[i], AT(i));
	assert_int_equal(mrig_blocks_alloc(h, 1, out), -ENOMEM);
	for (i = 3; i < 200; i += 7)
		assert_int_equal(mrig_blocks_free_contiguous(h, AT(i), 1), 0);
	assert_int_equal(mrig_blocks_free_contiguous(h, AT(101), 1), -EFAULT);
	assert_int_equal(mrig_blocks_free_contiguous(h, AT(102), 3), 0);
	assert_int_equal(mrig_blocks_alloc(h, 18, out), 0);
	for (i = 0; i < 15; i++)
		assert_ptr_equal(out[i], AT(3 + 7 * i));
	assert_ptr_equal(out[15], AT(102));
	assert_ptr_equal(out[17], AT(104));
	assert_used(h, 186, 200);
	free(h);
}

static void all_or_nothing(void **state)
{
	struct mrig_blocks *h = blocks_of(8);
	void *out[16] = { NULL }, *mark = &out;

	out[0] = mark;
	assert_int_equal(mrig_blocks_alloc(h, 9, out), -ENOMEM);
	assert_int_equal(mrig_blocks_alloc(h, SIZE_MAX, out), -ENOMEM);
	assert_int_equal(mrig_blocks_alloc(h, 1, NULL), -EINVAL);
	assert_int_equal(mrig_blocks_alloc(h, 0, NULL), 0);
	assert_ptr_equal(out[0], mark);
	assert_int_equal(mrig_blocks_alloc_contiguous(h, 9, out), -ENOMEM);
	assert_int_equal(mrig_blocks_alloc_contiguous(h, SIZE_MAX, out), -ENOMEM);
	assert_int_equal(mrig_blocks_alloc_contiguous(h, 1, NULL), -EINVAL);
	assert_ptr_equal(out[0], mark);
	assert_int_equal(mrig_blocks_alloc_contiguous(h, 0, out), 0);
	assert_null(out[0]);
	assert_int_equal(mrig_blocks_alloc_run(h, 0), -EINVAL);
	assert_used(h, 0, 0);
	/* every second one free: enough blocks, no run */
	assert_int_equal(mrig_blocks_alloc(h, 8, out), 0);
	assert_int_equal(mrig_blocks_free(h, 4, (void *[]){ AT(6), AT(0), AT(4), AT(2) }), 0);
	assert_int_equal(mrig_blocks_alloc_contiguous(h, 2, out), -ENOMEM);
	assert_int_equal(mrig_blocks_largest(h), 1);
	assert_int_equal(mrig_blocks_alloc(h, 5, out), -ENOMEM);
	assert_used(h, 4, 8);
	assert_int_equal(mrig_blocks_alloc(h, 4, out), 0);
	assert_ptr_equal(out[3], AT(6));
	assert_used(h, 8, 8);
	assert_int_equal(mrig_blocks_largest(h), 0);
	free(h);
}

static void named_runs(void **state)
{
	struct mrig_blocks *h = blocks_of(100);

	assert_int_equal(mrig_blocks_get(h, AT(40), 20), 0);
	assert_int_equal(mrig_blocks_get(h, AT(39), 2), -ENOMEM);
	assert_int_equal(mrig_blocks_get(h, AT(59), 1), -ENOMEM);
	assert_int_equal(mrig_blocks_get(h, AT(95), 6), -ENOMEM);
	assert_int_equal(mrig_blocks_get(h, AT(95), SIZE_MAX), -ENOMEM);
	assert_int_equal(mrig_blocks_get(h, AT(100), 1), -EFAULT);
	assert_int_equal(mrig_blocks_get(h, (char *)AT(0) - 1, 1), -EFAULT);
	assert_int_equal(mrig_blocks_get(h, NULL, 1), -EFAULT);
	assert_int_equal(mrig_blocks_get(h, (char *)AT(1) + 1, 1), -EINVAL);
	assert_int_equal(mrig_blocks_get(h, NULL, 0), 0);
	assert_int_equal(mrig_blocks_get_run(h, 0, 0), -EINVAL);
	assert_int_equal(mrig_blocks_get_run(h, UINT64_MAX, 2), -ENOMEM);
	assert_int_equal(mrig_blocks_get_run(h, 1UL << 32, 1), -ENOMEM);
	assert_used(h, 20, 20);
	assert_int_equal(mrig_blocks_is_region_free(h, AT(0), 40), 1);
	assert_int_equal(mrig_blocks_is_region_free(h, AT(0), 41), 0);
	assert_int_equal(mrig_blocks_is_region_free(h, AT(60), 40), 1);
	assert_int_equal(mrig_blocks_is_region_free(h, AT(60), 41), 0);
	assert_int_equal(mrig_blocks_is_region_free(h, AT(60), SIZE_MAX), 0);
	assert_int_equal(mrig_blocks_is_region_free(h, AT(10), 0), 0);
	assert_int_equal(mrig_blocks_is_region_free(h, AT(100), 1), 0);
	assert_int_equal(mrig_blocks_is_region_free(h, NULL, 1), 0);
	assert_int_equal(mrig_blocks_is_region_free(h, (char *)AT(10) + 8, 1), 0);
	assert_int_equal(mrig_blocks_get(h, AT(0), 40), 0);
	assert_int_equal(mrig_blocks_get(h, AT(60), 40), 0);
	assert_used(h, 100, 100);
	mrig_blocks_reset_max(h);
	assert_int_equal(mrig_blocks_free_contiguous(h, AT(30), 50), 0);
	assert_used(h, 50, 100);
	mrig_blocks_reset_max(h);
	assert_used(h, 50, 50);
	free(h);
}

static void bad_frees(void **state)
{
	struct mrig_blocks *h = blocks_of(16);
	void *out[16];

	assert_int_equal(mrig_blocks_alloc(h, 12, out), 0);
	assert_int_equal(mrig_blocks_free_contiguous(h, AT(0), 17), -EINVAL);
	assert_int_equal(mrig_blocks_free_contiguous(h, AT(10), 7), -EINVAL);
	assert_int_equal(mrig_blocks_free_contiguous(h, AT(10), 3), -EFAULT);
	assert_int_equal(mrig_blocks_free_contiguous(h, AT(12), 1), -EFAULT);
	assert_int_equal(mrig_blocks_free_contiguous(h, AT(16), 1), -EFAULT);
	assert_int_equal(mrig_blocks_free_contiguous(h, NULL, 1), -EFAULT);
	assert_int_equal(mrig_blocks_free_contiguous(h, (char *)AT(3) + 1, 1), -EINVAL);
	assert_int_equal(mrig_blocks_free_contiguous(h, NULL, 0), 0);
	assert_int_equal(mrig_blocks_free_run(h, 0, 0), -EINVAL);
	assert_int_equal(mrig_blocks_free_run(h, UINT64_MAX, 2), -EINVAL);
	assert_int_equal(mrig_blocks_free(h, 17, out), -EINVAL);
	assert_int_equal(mrig_blocks_free(h, 1, NULL), -EINVAL);
	assert_int_equal(mrig_blocks_free(h, 0, NULL), 0);
	/* a bad one anywhere on the list: nothing is freed */
	assert_int_equal(mrig_blocks_free(h, 4, (void *[]){ AT(1), AT(2), AT(9), AT(13) }),
			 -EFAULT);
	assert_used(h, 12, 12);
	assert_int_equal(mrig_blocks_free(h, 4, (void *[]){ AT(5), AT(2), AT(3), AT(5) }), -EFAULT);
	assert_used(h, 12, 12);
	assert_int_equal(mrig_blocks_free(h, 3, (void *[]){ AT(5), AT(6), AT(16) }), -EFAULT);
	assert_int_equal(mrig_blocks_free(h, 2, (void *[]){ AT(5), (char *)AT(6) + 4 }), -EINVAL);
	assert_int_equal(mrig_blocks_free(h, 2, (void *[]){ AT(11), AT(12) }), -EFAULT);
	assert_used(h, 12, 12);
	assert_int_equal(mrig_blocks_is_region_free(h, AT(11), 1), 0);
	assert_int_equal(mrig_blocks_free(h, 12, out), 0);
	assert_int_equal(mrig_blocks_free(h, 12, out), -EFAULT);
	assert_used(h, 0, 12);
	assert_int_equal(mrig_blocks_largest(h), 16);
	free(h);
}

static void validate_notices(void **state)
{
	struct mrig_blocks *h = blocks_of(300);

	mrig_blocks_get_run(h, 100, 10);
	assert_true(mrig_blocks_validate(h));
	h->extent[299 / 2].len--;
	assert_false(mrig_blocks_validate(h));
	h->extent[299 / 2].len++;
	h->last.level[1][0] ^= 2;
	assert_false(mrig_blocks_validate(h));
	h->last.level[1][0] ^= 2;
	h->last.level[2][0] ^= 1;
	assert_false(mrig_blocks_validate(h));
	h->last.level[2][0] ^= 1;
	h->map[0] ^= 1UL << 9;
	assert_false(mrig_blocks_validate(h));
	h->map[0] ^= 1UL << 9;
	h->where[7] ^= 1;
	assert_false(mrig_blocks_validate(h));
	h->where[7] ^= 1;
	h->in_region[0] ^= 1UL << 5;
	assert_false(mrig_blocks_validate(h));
	h->in_region[0] ^= 1UL << 5;
	assert_true(mrig_blocks_validate(h));
	h->used++;
	assert_false(mrig_blocks_validate(h));
	h->used--;
	h->extent[99 / 2].prev = 299;
	assert_false(mrig_blocks_validate(h));
	free(h);
}

#define MOST 5000

/**
 * struct reference - what there must be
 * @live: by number
 * @num: blocks
 * @used: live ones
 * @max: high-water mark
 */
struct reference {
	bool live[MOST];
	uint32_t num;
	uint32_t used;
	uint32_t max;
};

static bool all(const struct reference *r, uint32_t first, uint32_t count, bool live)
{
	uint32_t i;

	for (i = 0; i < count; i++) {
		if (first + i >= r->num || r->live[first + i] != live)
			return false;
	}
	return true;
}

static void set(struct reference *r, uint32_t first, uint32_t count, bool live)
{
	assert_true(all(r, first, count, !live));
	memset(r->live + first, live, count);
	r->used += live ? count : -count;
	r->max = r->max < r->used ? r->used : r->max;
}

static uint32_t longest(const struct reference *r)
{
	uint32_t best = 0, len = 0, i;

	for (i = 0; i < r->num; i++) {
		len = r->live[i] ? 0 : len + 1;
		best = best < len ? len : best;
	}
	return best;
}

/* Mostly short, sometimes as long as it gets. */
static uint32_t draw(const struct reference *r)
{
	return 1 + rnd(1 + rnd(rnd(3) ? 9 : r->num));
}

static void step_run(struct mrig_blocks *h, struct reference *r)
{
	uint32_t count = draw(r), most = longest(r);
	int64_t first;

	assert_true(mrig_blocks_largest(h) <= most);
	assert_int_equal(mrig_blocks_class(mrig_blocks_largest(h)), mrig_blocks_class(most));
	if (!rnd(8) && r->used < r->num) {
		count = mrig_blocks_largest(h);
		assert_int_equal(mrig_blocks_alloc_run(h, count + 1), -ENOMEM);
		assert_true(mrig_blocks_largest(h) == count);
	} else if (count > mrig_blocks_largest(h)) {
		assert_int_equal(mrig_blocks_alloc_run(h, count), -ENOMEM);
		return;
	}
	first = mrig_blocks_alloc_run(h, count);
	if (first < 0) {
		/* only where no longer list has one, and not where one list is one length */
		assert_int_equal(first, -ENOMEM);
		assert_true(count >= 64 && mrig_blocks_class(most) == mrig_blocks_class(count));
		return;
	}
	set(r, (uint32_t)first, count, true);
}

static void step_singles(struct mrig_blocks *h, struct reference *r)
{
	static void *out[MOST];
	uint32_t count = draw(r), i, n = 0;

	if (count > r->num - r->used) {
		assert_int_equal(mrig_blocks_alloc(h, count, out), -ENOMEM);
		return;
	}
	assert_int_equal(mrig_blocks_alloc(h, count, out), 0);
	for (i = 0; n < count; i++) {
		if (r->live[i])
			continue;
		assert_ptr_equal(out[n++], AT(i));
		set(r, i, 1, true);
	}
}

static void step_named(struct mrig_blocks *h, struct reference *r)
{
	uint32_t first = rnd(r->num), count = draw(r);
	bool free_now = all(r, first, count, false);

	assert_int_equal(mrig_blocks_is_region_free(h, AT(first), count), free_now);
	assert_int_equal(mrig_blocks_get(h, AT(first), count), free_now ? 0 : -ENOMEM);
	if (free_now)
		set(r, first, count, true);
}

static void step_free_run(struct mrig_blocks *h, struct reference *r)
{
	uint32_t first = rnd(r->num), count = draw(r);
	int err = 0;

	if (first + count > r->num)
		err = -EINVAL;
	else if (!all(r, first, count, true))
		err = -EFAULT;
	assert_int_equal(mrig_blocks_free_contiguous(h, AT(first), count), err);
	if (!err)
		set(r, first, count, false);
}

static void step_free_list(struct mrig_blocks *h, struct reference *r)
{
	static void *list[MOST];
	static bool on[MOST];
	uint32_t count = 0, i = rnd(r->num), n, want = draw(r);
	bool bad = false;

	memset(on, 0, sizeof(on));
	/* live blocks in a random stride, rarely a free one or one twice */
	for (n = 0; n < r->num && count < want; n++, i = (i + 1 + rnd(3)) % r->num) {
		if ((!r->live[i] || on[i]) && rnd(200))
			continue;
		bad |= !r->live[i] || on[i];
		on[i] = true;
		list[count++] = AT(i);
	}
	assert_int_equal(mrig_blocks_free(h, count, list), bad ? -EFAULT : 0);
	for (i = 0; !bad && i < r->num; i++) {
		if (on[i])
			set(r, i, 1, false);
	}
}

static void assert_same(struct mrig_blocks *h, const struct reference *r)
{
	uint32_t first, len, i = 0;
	uint64_t cursor = 0;

	assert_used(h, r->used, r->max);
	for (;;) {
		len = mrig_blocks_walk(h, &cursor, &first);
		if (!len)
			break;
		assert_true(all(r, i, first - i, true));
		assert_true(all(r, first, len, false));
		i = first + len;
	}
	assert_true(all(r, i, r->num - i, true));
}

/* Few blocks mostly, in which all happens soon; sometimes many. */
void model_program(void)
{
	static void (*const step[])(struct mrig_blocks *, struct reference *) = {
		step_run, step_singles, step_named, step_free_run, step_free_list,
	};
	static struct reference r;
	struct mrig_blocks *h;
	uint32_t i;

	memset(&r, 0, sizeof(r));
	r.num = rnd(16) ? 1 + rnd(200) : MOST - rnd(1000);
	h = blocks_of(r.num);
	for (i = 0; random_goes_on(i, 300); i++) {
		step[rnd(sizeof(step) / sizeof(step[0]))](h, &r);
		if (!rnd(30)) {
			mrig_blocks_reset_max(h);
			r.max = r.used;
		}
		assert_same(h, &r);
	}
	free(h);
}

static void like_the_model(void **state)
{
	int i;

	for (i = 0; i < 160; i++)
		model_program();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_geometry),	  cmocka_unit_test(singles_are_the_lowest),
		cmocka_unit_test(all_or_nothing), cmocka_unit_test(named_runs),
		cmocka_unit_test(bad_frees),	  cmocka_unit_test(validate_notices),
		cmocka_unit_test(like_the_model),
	};

	if (argc > 1)
		random_from_seed(strtoull(argv[1], NULL, 0));
	return RUN("blocks", tests);
}
