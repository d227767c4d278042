// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Ring heap: order, wrapping, full and empty, bad input, and random streams against a map of
 * what each byte is. argv[1] is the seed.
 */
#include <string.h>
#include "random.h"
#include "test.h"
#include "mrig_ring.h"

#define SPAN   500
#define ROOM   16
#define ROUNDS 100000

/* Over memory of exactly the right size. */
static struct mrig_ring *ring_of(uint64_t bytes, uint64_t align, uint32_t blocks)
{
	struct mrig_ring *ring = malloc(mrig_ring_control_bytes(blocks));

	assert_non_null(ring);
	assert_int_equal(mrig_ring_init(ring, bytes, align, blocks), 0);
	return ring;
}

static void in_order(void **state)
{
	struct mrig_ring *ring = ring_of(1000, 8, 10);
	struct mrig_ring_block b;

	assert_int_equal(mrig_ring_oldest(ring, &b), -ENOENT);
	assert_int_equal(mrig_ring_alloc(ring, 100), 0);
	assert_int_equal(mrig_ring_alloc(ring, 1), 104);
	assert_int_equal(mrig_ring_alloc(ring, 8), 112);
	assert_int_equal(mrig_ring_oldest(ring, &b), 0);
	assert_int_equal(b.off, 0);
	assert_int_equal(b.bytes, 100);
	assert_int_equal(mrig_ring_free(ring, 104), -EBUSY);
	assert_int_equal(mrig_ring_free(ring, 112), -EBUSY);
	assert_int_equal(mrig_ring_free(ring, 8), -ENOENT);
	assert_int_equal(mrig_ring_free(ring, 120), -ENOENT);
	assert_int_equal(mrig_ring_free(ring, UINT64_MAX), -ENOENT);
	assert_int_equal(mrig_ring_usable(ring, 0), 104);
	assert_int_equal(mrig_ring_usable(ring, 104), 8);
	assert_int_equal(mrig_ring_usable(ring, 105), -ENOENT);
	assert_int_equal(mrig_ring_free(ring, 0), 0);
	assert_int_equal(mrig_ring_free(ring, 0), -ENOENT);
	assert_int_equal(mrig_ring_free(ring, 104), 0);
	assert_int_equal(mrig_ring_free(ring, 112), 0);
	assert_int_equal(mrig_ring_free(ring, 112), -ENOENT);
	assert_int_equal(mrig_ring_usable(ring, 112), -ENOENT);
	free(ring);
}

static void wraps_without_tearing(void **state)
{
	struct mrig_ring *ring = ring_of(1000, 8, 10);
	struct mrig_ring_info info;

	assert_int_equal(mrig_ring_alloc(ring, 400), 0);
	assert_int_equal(mrig_ring_alloc(ring, 400), 400);
	assert_int_equal(mrig_ring_alloc(ring, 300), -ENOMEM);
	assert_int_equal(mrig_ring_free(ring, 0), 0);
	assert_int_equal(mrig_ring_alloc(ring, 408), -ENOMEM);
	/* 200 are left at the end, and stay there */
	assert_int_equal(mrig_ring_alloc(ring, 300), 0);
	mrig_ring_info(ring, &info);
	assert_int_equal(info.skipped, 200);
	assert_int_equal(info.used, 704);
	assert_int_equal(info.largest, 96);
	assert_int_equal(mrig_ring_free(ring, 400), 0);
	mrig_ring_info(ring, &info);
	assert_int_equal(info.skipped, 0);
	assert_int_equal(info.largest, 1000 - 304);
	assert_int_equal(info.max_used, 800);
	mrig_ring_reset_max(ring);
	mrig_ring_info(ring, &info);
	assert_int_equal(info.max_used, 304);
	free(ring);
}

static void full_is_not_empty(void **state)
{
	struct mrig_ring *ring = ring_of(64, 8, 10);
	struct mrig_ring_info info;

	mrig_ring_info(ring, &info);
	assert_int_equal(info.live, 0);
	assert_int_equal(info.largest, 64);
	assert_int_equal(mrig_ring_alloc(ring, 64), 0);
	mrig_ring_info(ring, &info);
	assert_int_equal(info.live, 1);
	assert_int_equal(info.largest, 0);
	assert_int_equal(mrig_ring_alloc(ring, 1), -ENOMEM);
	assert_int_equal(mrig_ring_free(ring, 0), 0);
	/* filled across the end: head and tail meet in the middle */
	assert_int_equal(mrig_ring_alloc(ring, 32), 0);
	assert_int_equal(mrig_ring_alloc(ring, 32), 32);
	assert_int_equal(mrig_ring_free(ring, 0), 0);
	assert_int_equal(mrig_ring_alloc(ring, 32), 0);
	assert_int_equal(mrig_ring_alloc(ring, 1), -ENOMEM);
	mrig_ring_info(ring, &info);
	assert_int_equal(info.used, 64);
	assert_int_equal(info.largest, 0);
	assert_int_equal(mrig_ring_free(ring, 0), -EBUSY);
	assert_int_equal(mrig_ring_free(ring, 32), 0);
	assert_int_equal(mrig_ring_free(ring, 0), 0);
	mrig_ring_info(ring, &info);
	assert_int_equal(info.live, 0);
	assert_int_equal(mrig_ring_alloc(ring, 64), 0);
	free(ring);
}

/* Who does not keep to the order: the space waits for the older ones. */
static void dropped_out_of_order(void **state)
{
	struct mrig_ring *ring = ring_of(1000, 8, 10);
	struct mrig_ring_info info;

	assert_int_equal(mrig_ring_drop(ring, 0), -ENOENT);
	assert_int_equal(mrig_ring_alloc(ring, 400), 0);
	assert_int_equal(mrig_ring_alloc(ring, 400), 400);
	assert_int_equal(mrig_ring_alloc_aligned(ring, 64, 128, 0), 896);
	assert_int_equal(mrig_ring_drop(ring, 8), -ENOENT);
	assert_int_equal(mrig_ring_drop(ring, UINT64_MAX), -ENOENT);
	assert_int_equal(mrig_ring_drop(ring, 400), 0);
	assert_int_equal(mrig_ring_drop(ring, 400), -ENOENT);
	assert_int_equal(mrig_ring_free(ring, 400), -ENOENT);
	assert_int_equal(mrig_ring_usable(ring, 400), -ENOENT);
	mrig_ring_info(ring, &info);
	assert_int_equal(info.live, 2);
	assert_int_equal(info.used, 464);
	assert_int_equal(info.largest, 40);
	assert_int_equal(mrig_ring_free(ring, 0), 0);
	mrig_ring_info(ring, &info);
	assert_int_equal(info.live, 1);
	assert_int_equal(info.largest, 896);
	assert_int_equal(mrig_ring_drop(ring, 896), 0);
	mrig_ring_info(ring, &info);
	assert_int_equal(info.live, 0);
	assert_int_equal(info.used, 0);
	assert_int_equal(info.largest, 1000);
	/* an alignment that leaves nothing */
	assert_int_equal(mrig_ring_alloc_aligned(ring, 8, 1024, 8), -ENOMEM);
	assert_int_equal(mrig_ring_alloc_aligned(ring, 8, 1024, 1024), 0);
	free(ring);
}

/* Made and taken back: nothing is lost, whatever was dropped or skipped before. */
static void the_newest_is_unmade(void **state)
{
	struct mrig_ring *ring = ring_of(1000, 8, 10);
	struct mrig_ring_info info;

	assert_int_equal(mrig_ring_pop(ring, 0), -ENOENT);
	assert_int_equal(mrig_ring_alloc(ring, 400), 0);
	assert_int_equal(mrig_ring_alloc(ring, 400), 400);
	assert_int_equal(mrig_ring_pop(ring, 0), -EBUSY);
	assert_int_equal(mrig_ring_pop(ring, 8), -ENOENT);
	for (int i = 0; i < 100; i++) {
		assert_int_equal(mrig_ring_alloc(ring, 100), 800);
		assert_int_equal(mrig_ring_pop(ring, 800), 0);
		assert_int_equal(mrig_ring_pop(ring, 800), -ENOENT);
	}
	assert_int_equal(mrig_ring_free(ring, 0), 0);
	/* wrapped, and back again */
	assert_int_equal(mrig_ring_alloc(ring, 300), 0);
	mrig_ring_info(ring, &info);
	assert_int_equal(info.skipped, 200);
	assert_int_equal(mrig_ring_pop(ring, 0), 0);
	mrig_ring_info(ring, &info);
	assert_int_equal(info.skipped, 0);
	assert_int_equal(info.largest, 400);
	assert_int_equal(mrig_ring_alloc(ring, 200), 800);
	/* it takes those along that were dropped before it */
	assert_int_equal(mrig_ring_alloc(ring, 64), 0);
	assert_int_equal(mrig_ring_drop(ring, 800), 0);
	assert_int_equal(mrig_ring_pop(ring, 0), 0);
	mrig_ring_info(ring, &info);
	assert_int_equal(info.live, 1);
	assert_int_equal(info.used, 400);
	assert_int_equal(info.skipped, 0);
	assert_int_equal(mrig_ring_alloc(ring, 200), 800);
	assert_int_equal(mrig_ring_pop(ring, 800), 0);
	assert_int_equal(mrig_ring_pop(ring, 400), 0);
	mrig_ring_info(ring, &info);
	assert_int_equal(info.live, 0);
	assert_int_equal(info.largest, 1000);
	free(ring);
}

static void few_records(void **state)
{
	struct mrig_ring *ring = ring_of(1000, 1, 2);
	struct mrig_ring_info info;

	assert_int_equal(mrig_ring_alloc(ring, 1), 0);
	assert_int_equal(mrig_ring_alloc(ring, 1), 1);
	assert_int_equal(mrig_ring_alloc(ring, 1), -ENOSPC);
	mrig_ring_info(ring, &info);
	assert_int_equal(info.largest, 0);
	assert_int_equal(mrig_ring_free(ring, 0), 0);
	assert_int_equal(mrig_ring_alloc(ring, 1), 2);
	free(ring);
}

static void the_newest_changes_its_size(void **state)
{
	struct mrig_ring *ring = ring_of(100, 4, 4);

	assert_int_equal(mrig_ring_resize(ring, 0, 1), -ENOENT);
	assert_int_equal(mrig_ring_alloc(ring, 40), 0);
	assert_int_equal(mrig_ring_alloc(ring, 50), 40);
	assert_int_equal(mrig_ring_resize(ring, 0, 4), -EBUSY);
	assert_int_equal(mrig_ring_resize(ring, 4, 4), -ENOENT);
	assert_int_equal(mrig_ring_resize(ring, 40, 0), -EINVAL);
	assert_int_equal(mrig_ring_resize(ring, 40, 61), -ENOMEM);
	assert_int_equal(mrig_ring_resize(ring, 40, UINT64_MAX), -ENOMEM);
	assert_int_equal(mrig_ring_resize(ring, 40, 60), 0);
	assert_int_equal(mrig_ring_resize(ring, 40, 5), 0);
	assert_int_equal(mrig_ring_usable(ring, 40), 8);
	assert_int_equal(mrig_ring_alloc(ring, 4), 48);
	assert_int_equal(mrig_ring_free(ring, 0), 0);
	assert_int_equal(mrig_ring_alloc(ring, 50), -ENOMEM);
	assert_int_equal(mrig_ring_alloc(ring, 48), 52);
	assert_int_equal(mrig_ring_alloc(ring, 8), 0);
	assert_int_equal(mrig_ring_resize(ring, 0, 40), 0);
	assert_int_equal(mrig_ring_resize(ring, 0, 41), -ENOMEM);
	free(ring);
}

static void bad_rings(void **state)
{
	struct mrig_ring *ring = ring_of(100, 4, 4);

	assert_int_equal(mrig_ring_control_bytes(0), 0);
	assert_int_equal(mrig_ring_control_bytes(MRIG_RING_MAX + 1), 0);
	assert_int_equal(mrig_ring_init(NULL, 100, 4, 4), -EINVAL);
	assert_int_equal(mrig_ring_init(ring, 100, 0, 4), -EINVAL);
	assert_int_equal(mrig_ring_init(ring, 100, 12, 4), -EINVAL);
	assert_int_equal(mrig_ring_init(ring, 3, 4, 4), -EINVAL);
	assert_int_equal(mrig_ring_init(ring, 0, 1, 4), -EINVAL);
	assert_int_equal(mrig_ring_init(ring, 1ULL << 62, 1, 4), -EINVAL);
	assert_int_equal(mrig_ring_init(ring, 100, 4, 0), -EINVAL);
	assert_int_equal(mrig_ring_init(ring, 103, 4, 4), 0);
	assert_int_equal(mrig_ring_alloc(ring, 0), -EINVAL);
	assert_int_equal(mrig_ring_alloc(ring, 101), -EINVAL);
	assert_int_equal(mrig_ring_alloc(ring, UINT64_MAX), -EINVAL);
	assert_int_equal(mrig_ring_alloc(ring, 100), 0);
	free(ring);
}

/* What becomes of a byte. */
enum { FREE, OWNED, WAITS /* dropped, behind somebody older */ };

/* The reference: what each byte is, and a queue. */
struct ref {
	uint8_t byte[SPAN];
	uint64_t off[ROOM], size[ROOM];
	bool gone[ROOM];
	int n;
	uint64_t bytes, align;
};

static uint64_t run_from(const struct ref *m, uint64_t at)
{
	uint64_t n = 0;

	while (at + n < m->bytes && m->byte[at + n] == FREE)
		n++;
	return n;
}

static int64_t expect(const struct ref *m, uint64_t size)
{
	uint64_t at = m->n ? m->off[m->n - 1] + m->size[m->n - 1] : 0;

	if (m->n == ROOM)
		return -ENOSPC;
	if (run_from(m, at) >= size)
		return (int64_t)at;
	if (at + run_from(m, at) == m->bytes && run_from(m, 0) >= size)
		return 0;
	return -ENOMEM;
}

static void mark(struct ref *m, uint64_t off, uint64_t size, uint8_t was, uint8_t is)
{
	for (uint64_t i = 0; i < size; i++) {
		assert_int_equal(m->byte[off + i], was);
		m->byte[off + i] = is;
	}
}

static uint64_t up_to(const struct ref *m, uint64_t bytes)
{
	while (bytes % m->align)
		bytes++;
	return bytes;
}

static void push(struct mrig_ring *ring, struct ref *m, uint64_t bytes)
{
	int64_t off = mrig_ring_alloc(ring, bytes);

	assert_int_equal(off, expect(m, up_to(m, bytes)));
	if (off < 0)
		return;
	m->off[m->n] = (uint64_t)off;
	m->gone[m->n] = false;
	m->size[m->n++] = up_to(m, bytes);
	mark(m, (uint64_t)off, up_to(m, bytes), FREE, OWNED);
}

static void retire(struct ref *m)
{
	mark(m, m->off[0], m->size[0], m->gone[0] ? WAITS : OWNED, FREE);
	m->n--;
	memmove(m->off, m->off + 1, sizeof(m->off) - sizeof(*m->off));
	memmove(m->size, m->size + 1, sizeof(m->size) - sizeof(*m->size));
	memmove(m->gone, m->gone + 1, sizeof(m->gone) - sizeof(*m->gone));
}

static void pop(struct mrig_ring *ring, struct ref *m)
{
	int i = (int)rnd(ROOM);

	if (i && i < m->n)
		assert_int_equal(mrig_ring_free(ring, m->off[i]), m->gone[i] ? -ENOENT : -EBUSY);
	if (!m->n)
		return;
	assert_int_equal(mrig_ring_free(ring, m->off[0]), 0);
	do {
		retire(m);
	} while (m->n && m->gone[0]);
}

static void drop(struct mrig_ring *ring, struct ref *m)
{
	int i = (int)rnd(ROOM);

	if (i >= m->n)
		return;
	assert_int_equal(mrig_ring_drop(ring, m->off[i]), m->gone[i] ? -ENOENT : 0);
	if (m->gone[i])
		return;
	mark(m, m->off[i], m->size[i], OWNED, WAITS);
	m->gone[i] = true;
	while (m->n && m->gone[0])
		retire(m);
}

static void trim(struct mrig_ring *ring, struct ref *m, uint64_t bytes)
{
	uint64_t size = up_to(m, bytes), off, was;

	if (!m->n)
		return;
	off = m->off[m->n - 1];
	was = m->size[m->n - 1];
	if (m->gone[m->n - 1]) {
		assert_int_equal(mrig_ring_resize(ring, off, bytes), -ENOENT);
		return;
	}
	if (size > was && run_from(m, off + was) < size - was) {
		assert_int_equal(mrig_ring_resize(ring, off, bytes), -ENOMEM);
		return;
	}
	assert_int_equal(mrig_ring_resize(ring, off, bytes), 0);
	mark(m, off, was, OWNED, FREE);
	mark(m, off, size, FREE, OWNED);
	m->size[m->n - 1] = size;
}

static void compare(struct mrig_ring *ring, const struct ref *m)
{
	uint64_t used = 0, largest = 0;
	struct mrig_ring_block oldest;
	struct mrig_ring_info info;
	int live = 0;

	for (uint64_t i = 0; i < m->bytes; i++) {
		int64_t usable = -ENOENT;

		used += m->byte[i] == OWNED;
		for (int k = 0; k < m->n; k++)
			usable = m->off[k] == i && !m->gone[k] ? (int64_t)m->size[k] : usable;
		assert_int_equal(mrig_ring_usable(ring, i), usable);
	}
	while (largest < m->bytes && expect(m, largest + m->align) >= 0)
		largest += m->align;
	for (int k = 0; k < m->n; k++)
		live += !m->gone[k];
	assert_int_equal(mrig_ring_oldest(ring, &oldest), m->n ? 0 : -ENOENT);
	if (m->n) {
		assert_int_equal(oldest.off, m->off[0]);
		assert_int_equal(up_to(m, oldest.bytes), m->size[0]);
	}
	mrig_ring_info(ring, &info);
	assert_int_equal(info.live, live);
	assert_int_equal(info.used, used);
	assert_int_equal(info.largest, largest);
	assert_true(info.used + info.skipped <= info.bytes && info.max_used >= used);
}

void model_program(void)
{
	uint64_t align = 1U << rnd(5);
	struct mrig_ring *ring = ring_of(SPAN, align, ROOM);
	struct ref m = { .bytes = SPAN / align * align, .align = align };

	for (uint32_t i = 0; random_goes_on(i, ROUNDS / 10); i++) {
		uint64_t bytes = 1 + rnd(rnd(4) ? 60 : (uint32_t)m.bytes);

		switch (rnd(7)) {
		case 0:
		case 1:
		case 2:
			push(ring, &m, bytes);
			break;
		case 3:
			trim(ring, &m, bytes);
			break;
		case 4:
			drop(ring, &m);
			break;
		default:
			pop(ring, &m);
		}
		if (i % 16 == 0)
			compare(ring, &m);
	}
	compare(ring, &m);
	free(ring);
}

static void random_streams(void **state)
{
	for (int round = 0; round < 10; round++)
		model_program();
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_order),
		cmocka_unit_test(wraps_without_tearing),
		cmocka_unit_test(full_is_not_empty),
		cmocka_unit_test(dropped_out_of_order),
		cmocka_unit_test(the_newest_is_unmade),
		cmocka_unit_test(few_records),
		cmocka_unit_test(the_newest_changes_its_size),
		cmocka_unit_test(bad_rings),
		cmocka_unit_test(random_streams),
	};

	if (argc > 1)
		random_from_seed(strtoull(argv[1], NULL, 0));
	return RUN("ring", tests);
}
