// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * sys_multi_heap: what each call promises, bad input, and random programs against a list of blocks
 * and a linear search. argv[1] is the seed.
 */
#include <string.h>
#include "random.h"
#include "test.h"
#include "sys_multi_heap.h"

#define HEAPS  40
#define BYTES  4096
#define LIVE   300
#define ROUNDS 40000

/* The heap whose user data is cfg. */
static void *by_data(struct sys_multi_heap *mheap, void *cfg, size_t align, size_t size)
{
	for (unsigned int i = 0; i < mheap->nheaps; i++) {
		if (mheap->heaps[i].user_data == cfg)
			return sys_heap_aligned_alloc(mheap->heaps[i].heap, align, size);
	}
	return NULL;
}

/* The first that can. */
static void *any(struct sys_multi_heap *mheap, void *cfg, size_t align, size_t size)
{
	void *p = NULL;

	for (unsigned int i = 0; i < mheap->nheaps && !p; i++)
		p = sys_heap_aligned_alloc(mheap->heaps[i].heap, align, size);
	return p;
}

struct rig {
	struct sys_multi_heap m;
	struct sys_heap h[HEAPS];
	char *mem[HEAPS];
	int n;
};

static void up(struct rig *r, sys_multi_heap_fn_t choice, int n)
{
	memset(r, 0, sizeof(*r));
	sys_multi_heap_init(&r->m, choice);
	for (r->n = 0; r->n < n; r->n++)
		r->mem[r->n] = heap_of(&r->h[r->n], BYTES, MRIG_HARDEN_BASIC, true);
}

static void down(struct rig *r)
{
	for (int i = 0; i < r->n; i++) {
		assert_true(sys_heap_validate(&r->h[i]));
		free(r->mem[i]);
	}
}

static void eight_fit_a_ninth_does_not(void **state)
{
	static struct rig r;

	up(&r, by_data, 9);
	for (int i = 0; i < MAX_MULTI_HEAPS; i++)
		assert_int_equal(sys_multi_heap_add_heap(&r.m, &r.h[i], &r.h[i]), 0);
	assert_int_equal(sys_multi_heap_add_heap(&r.m, &r.h[8], NULL), -ENOMEM);
	assert_int_equal(r.m.nheaps, 8);
	for (int i = 0; i < MAX_MULTI_HEAPS; i++) {
		char *p = sys_multi_heap_alloc(&r.m, &r.h[i], 100);

		assert_true(p > r.mem[i] && p < r.mem[i] + BYTES);
		assert_ptr_equal(sys_multi_heap_get_heap(&r.m, p)->heap, &r.h[i]);
		assert_ptr_equal(sys_multi_heap_get_heap(&r.m, p)->user_data, &r.h[i]);
		p = sys_multi_heap_aligned_alloc(&r.m, &r.h[i], 256, 100);
		assert_int_equal((uintptr_t)p % 256, 0);
	}
	down(&r);
}

static void any_number_with_memory_handed_in(void **state)
{
	struct sys_multi_heap_rec recs[HEAPS];
	static struct rig r;

	up(&r, by_data, HEAPS);
	for (int i = 0; i < MAX_MULTI_HEAPS; i++)
		assert_int_equal(sys_multi_heap_add_heap(&r.m, &r.h[i], &r.h[i]), 0);
	assert_int_equal(sys_multi_heap_set_room(NULL, recs, HEAPS), -EINVAL);
	assert_int_equal(sys_multi_heap_set_room(&r.m, recs, 7), -EINVAL);
	assert_int_equal(sys_multi_heap_set_room(&r.m, recs, HEAPS), 0);
	for (int i = MAX_MULTI_HEAPS; i < HEAPS; i++)
		assert_int_equal(sys_multi_heap_add_heap(&r.m, &r.h[i], &r.h[i]), 0);
	for (int i = 0; i < HEAPS; i++)
		assert_non_null(sys_multi_heap_alloc(&r.m, &r.h[i], 3000));
	for (int i = 1; i < HEAPS; i++)
		assert_true(recs[i - 1].heap->heap < recs[i].heap->heap);
	assert_int_equal(sys_multi_heap_set_room(&r.m, NULL, 0), -EINVAL);
	down(&r);
}

static void a_copy_in_the_own_array(void **state)
{
	struct sys_multi_heap_rec recs[2];
	static struct rig r;

	up(&r, any, 2);
	assert_int_equal(sys_multi_heap_set_room(&r.m, recs, 2), 0);
	assert_int_equal(sys_multi_heap_add_heap(&r.m, &r.h[0], NULL), 0);
	assert_int_equal(sys_multi_heap_set_room(&r.m, NULL, 0), 0);
	memset(recs, 0xff, sizeof(recs));
	assert_int_equal(sys_multi_heap_add_heap(&r.m, &r.h[1], NULL), 0);
	assert_non_null(sys_multi_heap_alloc(&r.m, NULL, 3000));
	assert_non_null(sys_multi_heap_alloc(&r.m, NULL, 3000));
	assert_null(sys_multi_heap_alloc(&r.m, NULL, 3000));
	down(&r);
}

static void bad_heaps_are_not_added(void **state)
{
	static char twice[2048] __attribute__((aligned(8)));
	struct sys_heap none = { 0 }, bad, whole, part;
	static struct rig r;

	up(&r, any, 2);
	assert_int_equal(sys_multi_heap_add_heap(NULL, &r.h[0], NULL), -EINVAL);
	assert_int_equal(sys_multi_heap_add_heap(&r.m, NULL, NULL), -EINVAL);
	assert_int_equal(sys_multi_heap_add_heap(&r.m, &none, NULL), -EINVAL);
	assert_int_equal(sys_heap_init(&bad, twice, 8), -EINVAL);
	assert_int_equal(sys_multi_heap_add_heap(&r.m, &bad, NULL), -EINVAL);
	assert_int_equal(sys_multi_heap_add_heap(&r.m, &r.h[0], NULL), 0);
	assert_int_equal(sys_multi_heap_add_heap(&r.m, &r.h[0], NULL), -EEXIST);
	assert_int_equal(sys_heap_init(&part, twice + 1024, 1024), 0);
	assert_int_equal(sys_multi_heap_add_heap(&r.m, &part, NULL), 0);
	assert_int_equal(sys_heap_init(&whole, twice, 2048), 0);
	assert_int_equal(sys_multi_heap_add_heap(&r.m, &whole, NULL), -EINVAL);
	assert_int_equal(sys_heap_init(&whole, twice + 512, 1024), 0);
	assert_int_equal(sys_multi_heap_add_heap(&r.m, &whole, NULL), -EINVAL);
	assert_int_equal(sys_heap_init(&part, twice + 1024, 1024), 0);
	assert_int_equal(sys_heap_init(&whole, twice, 1024), 0);
	assert_int_equal(sys_multi_heap_add_heap(&r.m, &whole, NULL), 0);
	assert_int_equal(r.m.nheaps, 3);
	down(&r);
}

static void removal(void **state)
{
	static struct rig r;
	void *p;

	up(&r, any, 3);
	for (int i = 0; i < 3; i++)
		assert_int_equal(sys_multi_heap_add_heap(&r.m, &r.h[i], &r.h[i]), 0);
	p = sys_multi_heap_alloc(&r.m, NULL, 3000);
	assert_int_equal(sys_multi_heap_remove_heap(NULL, &r.h[0]), -EINVAL);
	assert_int_equal(sys_multi_heap_remove_heap(&r.m, NULL), -EINVAL);
	assert_int_equal(sys_multi_heap_remove_heap(&r.m, sys_multi_heap_get_heap(&r.m, p)->heap),
			 -EBUSY);
	assert_int_equal(r.m.nheaps, 3);
	sys_multi_heap_free(&r.m, p);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(sys_multi_heap_remove_heap(&r.m, &r.h[i]), 0);
		assert_int_equal(sys_multi_heap_remove_heap(&r.m, &r.h[i]), -ENOENT);
		assert_null(sys_multi_heap_get_heap(&r.m, r.mem[i] + 100));
	}
	assert_null(sys_multi_heap_alloc(&r.m, NULL, 1));
	down(&r);
}

static void foreign_addresses(void **state)
{
	static struct rig r;
	char *p, here;

	up(&r, any, 2);
	sys_multi_heap_init(NULL, any);
	assert_null(sys_multi_heap_get_heap(&r.m, &here));
	sys_multi_heap_free(&r.m, &here);
	assert_int_equal(sys_multi_heap_add_heap(&r.m, &r.h[0], NULL), 0);
	assert_int_equal(sys_multi_heap_add_heap(&r.m, &r.h[1], NULL), 0);
	p = sys_multi_heap_alloc(&r.m, NULL, 64);
	assert_null(sys_multi_heap_get_heap(NULL, p));
	assert_null(sys_multi_heap_get_heap(&r.m, NULL));
	assert_null(sys_multi_heap_get_heap(&r.m, (void *)1));
	assert_null(sys_multi_heap_get_heap(&r.m, (void *)UINTPTR_MAX));
	for (int i = 0; i < 2; i++) {
		assert_null(sys_multi_heap_get_heap(&r.m, r.mem[i] - 1));
		assert_null(sys_multi_heap_get_heap(&r.m, r.mem[i] + BYTES));
		assert_ptr_equal(sys_multi_heap_get_heap(&r.m, r.mem[i])->heap, &r.h[i]);
	}
	sys_multi_heap_free(&r.m, NULL);
	sys_multi_heap_free(&r.m, &here);
	sys_multi_heap_free(&r.m, p + 1);
	sys_multi_heap_free(NULL, p);
	assert_null(sys_multi_heap_realloc(&r.m, NULL, &here, 10));
	assert_null(sys_multi_heap_realloc(&r.m, NULL, &here, 0));
	assert_null(sys_multi_heap_realloc(&r.m, NULL, p + 1, 10));
	assert_null(sys_multi_heap_realloc(NULL, NULL, p, 10));
	assert_null(sys_multi_heap_aligned_realloc(&r.m, NULL, p, 7, 10));
	assert_null(sys_multi_heap_aligned_alloc(&r.m, NULL, 7, 10));
	assert_null(sys_multi_heap_alloc(&r.m, NULL, 0));
	assert_null(sys_multi_heap_alloc(&r.m, NULL, SIZE_MAX));
	assert_null(sys_multi_heap_alloc(NULL, NULL, 1));
	assert_int_equal(r.h[0].core.live + r.h[1].core.live, 1);
	sys_multi_heap_init(&r.m, NULL);
	assert_null(sys_multi_heap_alloc(&r.m, NULL, 1));
	down(&r);
}

static void realloc_moves_to_another_heap(void **state)
{
	static struct rig r;
	char *p, *q;

	up(&r, any, 2);
	assert_int_equal(sys_multi_heap_add_heap(&r.m, &r.h[0], NULL), 0);
	p = sys_multi_heap_realloc(&r.m, NULL, NULL, 1000);
	assert_non_null(sys_multi_heap_alloc(&r.m, NULL, 1000));
	memset(p, 0x5a, 1000);
	assert_null(sys_multi_heap_realloc(&r.m, NULL, p, 3000));
	assert_int_equal(r.h[0].core.live, 2);
	assert_int_equal(sys_multi_heap_add_heap(&r.m, &r.h[1], NULL), 0);
	q = sys_multi_heap_realloc(&r.m, NULL, p, 3000);
	assert_non_null(q);
	assert_ptr_equal(sys_multi_heap_get_heap(&r.m, q)->heap, &r.h[1]);
	for (int i = 0; i < 1000; i++)
		assert_int_equal(q[i], 0x5a);
	assert_int_equal(r.h[0].core.live, 1);
	assert_ptr_equal(sys_multi_heap_realloc(&r.m, NULL, q, 20), q);
	assert_null(sys_multi_heap_realloc(&r.m, NULL, q, 0));
	assert_int_equal(r.h[1].core.live, 0);
	down(&r);
}

struct live {
	uint8_t *p;
	size_t n;
	uint8_t fill;
	int heap;
};

static int linear(const struct rig *r, const void *p)
{
	for (int i = 0; i < r->n; i++) {
		if ((const char *)p >= r->mem[i] && (const char *)p < r->mem[i] + BYTES)
			return i;
	}
	return -1;
}

static void keep(struct rig *r, struct live *l, uint8_t *p, size_t n)
{
	const struct sys_multi_heap_rec *rec = sys_multi_heap_get_heap(&r->m, p);

	l->p = p;
	l->n = n;
	l->fill = (uint8_t)rnd(256);
	l->heap = linear(r, p);
	assert_true(l->heap >= 0);
	assert_ptr_equal(rec->heap, &r->h[l->heap]);
	memset(p, l->fill, n);
}

static void intact(const struct live *l, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(l->p[i], l->fill);
}

static void step(struct rig *r, struct live *l)
{
	size_t n = 1 + rnd(rnd(8) ? 200 : 3000), old = l->n;
	struct sys_heap *want = &r->h[rnd(HEAPS)];
	size_t align = rnd(3) ? 0 : 8U << rnd(6);
	uint8_t *p;

	if (!l->p) {
		p = sys_multi_heap_aligned_alloc(&r->m, want, align, n);
		if (!p)
			return;
		keep(r, l, p, n);
		assert_ptr_equal(want, &r->h[l->heap]);
		return;
	}
	intact(l, old);
	assert_ptr_equal(sys_multi_heap_get_heap(&r->m, l->p)->heap, &r->h[l->heap]);
	if (rnd(2)) {
		sys_multi_heap_free(&r->m, l->p);
		l->p = NULL;
		return;
	}
	p = sys_multi_heap_aligned_realloc(&r->m, want, l->p, align, n);
	if (!p) {
		intact(l, old);
		return;
	}
	if (align)
		assert_int_equal((uintptr_t)p % align, 0);
	assert_true(linear(r, p) == l->heap || linear(r, p) == (int)(want - r->h));
	l->p = p;
	intact(l, old < n ? old : n);
	keep(r, l, p, n);
}

/* Heaps leave exactly while nothing lives in them. */
static void leave_and_return(struct rig *r, const struct live *l)
{
	int i = (int)rnd(HEAPS), live = 0;

	for (int k = 0; k < LIVE; k++)
		live += l[k].p && l[k].heap == i;
	assert_int_equal(sys_multi_heap_remove_heap(&r->m, &r->h[i]), live ? -EBUSY : 0);
	if (!live) {
		assert_null(sys_multi_heap_get_heap(&r->m, r->mem[i] + rnd(BYTES)));
		assert_int_equal(sys_multi_heap_add_heap(&r->m, &r->h[i], &r->h[i]), 0);
	}
}

void model_program(void)
{
	struct sys_multi_heap_rec recs[HEAPS];
	static struct live l[LIVE];
	static struct rig r;

	memset(l, 0, sizeof(l));
	up(&r, by_data, HEAPS);
	assert_int_equal(sys_multi_heap_set_room(&r.m, recs, HEAPS), 0);
	for (int i = 0; i < HEAPS; i++)
		assert_int_equal(sys_multi_heap_add_heap(&r.m, &r.h[i], &r.h[i]), 0);
	for (uint32_t i = 0; random_goes_on(i, ROUNDS); i++) {
		step(&r, &l[rnd(LIVE)]);
		if (!rnd(50))
			leave_and_return(&r, l);
	}
	for (int i = 0; i < LIVE; i++) {
		if (l[i].p)
			intact(&l[i], l[i].n);
		sys_multi_heap_free(&r.m, l[i].p);
	}
	for (int i = 0; i < HEAPS; i++)
		assert_int_equal(r.h[i].core.live, 0);
	down(&r);
}

static void random_programs(void **state)
{
	model_program();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(eight_fit_a_ninth_does_not),
		cmocka_unit_test(any_number_with_memory_handed_in),
		cmocka_unit_test(a_copy_in_the_own_array),
		cmocka_unit_test(bad_heaps_are_not_added),
		cmocka_unit_test(removal),
		cmocka_unit_test(foreign_addresses),
		cmocka_unit_test(realloc_moves_to_another_heap),
		cmocka_unit_test(random_programs),
	};

	if (argc > 1)
		random_from_seed(strtoull(argv[1], NULL, 0));
	return RUN("multi heap", tests);
}
