// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* What every engine of the table promises, whatever it is made for. */
#include <string.h>
#include "test.h"

#define SPAN  16384
#define LIVE  96
#define STEPS 4000

static uint64_t seed = 1;

static uint32_t rnd(uint32_t below)
{
	seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(seed >> 33) % below;
}

#define each_engine(e) for (const struct mrig_heap_ops *const *(e) = mrig_heap_engines; *(e); (e)++)

static void open_heap(struct world *w, const struct mrig_heap_ops *ops)
{
	const struct mrig_heap_cfg cfg = { .bytes = SPAN, .stats = true, .tags = true };

	assert_int_equal(world_open(w, ops, &cfg), 0);
}

static void tables_and_names(void **state)
{
	each_engine(e)
	{
		assert_true(strlen((*e)->name) > 0);
		each_engine(f)
		{
			assert_true(e == f || strcmp((*e)->name, (*f)->name));
		}
	}
}

static void configurations_that_cannot_be(void **state)
{
	const struct mrig_heap_cfg good = { .base = 4096, .bytes = 4096, .hardening = 1 };

	each_engine(e)
	{
		struct mrig_heap_cfg cfg = good;
		struct mrig_heap heap;

		assert_true((*e)->control_bytes(&cfg) > 0);
		cfg.bytes = 0;
		assert_int_equal((*e)->control_bytes(&cfg), 0);
		assert_int_equal((*e)->init(&heap, &cfg, &cfg), -EINVAL);
		cfg = good;
		cfg.hardening = MRIG_HARDEN_EXTREME + 1;
		assert_int_equal((*e)->control_bytes(&cfg), 0);
		assert_int_equal((*e)->init(&heap, &cfg, &cfg), -EINVAL);
		if (*e == &mrig_heap_inband)
			continue;
		cfg = good;
		cfg.bytes = UINT64_MAX - 4095;
		assert_int_equal((*e)->control_bytes(&cfg), 0);
		cfg = good;
		cfg.base = UINTPTR_MAX - 4095;
		cfg.bytes = 8192;
		assert_true(*e == &mrig_heap_oob || !(*e)->control_bytes(&cfg));
	}
}

static void bad_requests(void **state)
{
	each_engine(e)
	{
		struct world w;
		int64_t off;

		open_heap(&w, *e);
		assert_int_equal(world_alloc(&w, 0, 0), -EINVAL);
		assert_int_equal(world_alloc(&w, 7, 8), -EINVAL);
		assert_int_equal(world_alloc(&w, 64 | 4, 8), -EINVAL);
		assert_int_equal(world_alloc(&w, 0, SPAN + 1), -ENOMEM);
		for (size_t back = 0; back < 70; back++) {
			assert_int_equal(world_alloc(&w, 0, SIZE_MAX - back), -ENOMEM);
			assert_int_equal(world_alloc(&w, 64, SIZE_MAX - back), -ENOMEM);
		}
		assert_int_equal(world_alloc(&w, ~(SIZE_MAX >> 1), 8), -ENOMEM);
		off = world_alloc(&w, 0, 40);
		assert_true(off >= 0);
		assert_int_equal(world_resize(&w, (uint64_t)off, 0), -EINVAL);
		assert_int_equal(world_resize(&w, (uint64_t)off, SIZE_MAX), -ENOMEM);
		assert_int_equal(world_resize(&w, (uint64_t)off, SPAN + 1), -ENOMEM);
		assert_int_equal(world_resize(&w, (uint64_t)off, 1), 0);
		assert_true(world_sound(&w));
		assert_int_equal(w.ops->free(&w.heap, (uint64_t)off), 0);
		world_close(&w);
	}
}

static void nothing_there(struct world *w, uint64_t off)
{
	uint64_t tag;

	assert_int_equal(w->ops->free(&w->heap, off), -ENOENT);
	assert_int_equal(w->ops->usable(&w->heap, off), -ENOENT);
	assert_int_equal(w->ops->resize(&w->heap, off, 8), -ENOENT);
	assert_int_equal(w->ops->set_tag(&w->heap, off, 1), -ENOENT);
	assert_int_equal(w->ops->get_tag(&w->heap, off, &tag), -ENOENT);
}

static void frees_of_what_is_not_live(void **state)
{
	each_engine(e)
	{
		struct world w;
		int64_t off;
		int k;

		open_heap(&w, *e);
		off = world_alloc(&w, 0, 40);
		for (k = 1; k < 40; k++)
			if (!w.touchable || k % 8)
				nothing_there(&w, (uint64_t)off + (uint64_t)k);
		nothing_there(&w, SPAN);
		nothing_there(&w, SPAN + 8);
		nothing_there(&w, UINT64_MAX);
		nothing_there(&w, UINT64_MAX - 63);
		nothing_there(&w, (uint64_t)1 << 63);
		assert_int_equal(w.ops->free(&w.heap, (uint64_t)off), 0);
		nothing_there(&w, (uint64_t)off);
		assert_true(world_sound(&w));
		world_close(&w);
	}
}

static void tags_begin_at_zero(void **state)
{
	each_engine(e)
	{
		struct world w;
		uint64_t tag;
		int64_t off;
		int i;

		if (*e == &mrig_heap_inband)
			continue;
		open_heap(&w, *e);
		for (i = 0; i < 3; i++) {
			off = world_alloc(&w, 0, 40);
			assert_true(off >= 0);
			assert_int_equal(w.ops->get_tag(&w.heap, (uint64_t)off, &tag), 0);
			assert_int_equal(tag, 0);
			assert_int_equal(w.ops->set_tag(&w.heap, (uint64_t)off, UINT64_MAX), 0);
			assert_int_equal(w.ops->get_tag(&w.heap, (uint64_t)off, &tag), 0);
			assert_true(tag == UINT64_MAX);
			assert_int_equal(w.ops->free(&w.heap, (uint64_t)off), 0);
		}
		world_close(&w);
	}
}

static void peaks_begin_anew(void **state)
{
	each_engine(e)
	{
		const struct mrig_heap_cfg without = { .bytes = SPAN };
		struct mrig_heap_info info;
		struct world w;
		int64_t off;

		open_heap(&w, *e);
		off = world_alloc(&w, 0, 40);
		assert_int_equal(w.ops->free(&w.heap, (uint64_t)off), 0);
		w.ops->info(&w.heap, &info);
		assert_int_equal(info.allocated_bytes, 0);
		assert_true(info.max_allocated_bytes >= 40);
		assert_true(info.side_bytes > 0);
		assert_int_equal(w.ops->reset_max(&w.heap), 0);
		w.ops->info(&w.heap, &info);
		assert_int_equal(info.max_allocated_bytes, 0);
		world_close(&w);

		assert_int_equal(world_open(&w, *e, &without), 0);
		off = world_alloc(&w, 0, 40);
		assert_true(off >= 0);
		assert_int_equal(w.ops->reset_max(&w.heap), -EINVAL);
		w.ops->info(&w.heap, &info);
		assert_int_equal(info.live_blocks, 1);
		assert_int_equal(info.allocated_bytes | info.max_allocated_bytes | info.free_bytes,
				 0);
		assert_int_equal(w.ops->held(&w.heap, NULL), w.ops->usable(&w.heap, (uint64_t)off));
		world_close(&w);
	}
}

struct held {
	int64_t off;
	bool old;
	unsigned int seen;
};

/* One block comes or goes; those that were there when the walk began may go, too. */
static void change(struct world *w, struct held *b)
{
	struct held *h = &b[rnd(LIVE)];

	if (h->off >= 0 && rnd(4)) {
		assert_int_equal(w->ops->free(&w->heap, (uint64_t)h->off), 0);
		*h = (struct held){ .off = -1 };
	} else if (h->off < 0) {
		h->off = world_alloc(w, 0, 1 + rnd(rnd(4) ? 64 : 400));
	}
}

static void mark_seen(struct held *b, uint64_t off)
{
	for (int i = 0; i < LIVE; i++)
		b[i].seen += b[i].off == (int64_t)off;
}

/* A block that lives throughout is seen once, whatever comes and goes between two calls. */
static void walk_survives(struct world *w, struct held *b)
{
	struct mrig_block out[5];
	uint64_t cursor = 0;
	uint32_t n, i;

	for (i = 0; i < LIVE; i++) {
		b[i].old = b[i].off >= 0;
		b[i].seen = 0;
	}
	while ((n = w->ops->walk(&w->heap, &cursor, out, 1 + rnd(5)))) {
		for (i = 0; i < n; i++)
			if (out[i].used)
				mark_seen(b, out[i].offset);
		for (i = rnd(8); i; i--)
			change(w, b);
	}
	for (i = 0; i < LIVE; i++)
		assert_true(!b[i].old || b[i].seen == 1);
}

static void cursors_survive_changes(void **state)
{
	each_engine(e)
	{
		struct held b[LIVE];
		struct world w;
		int i;

		if (*e == &mrig_heap_inband)
			continue;
		open_heap(&w, *e);
		for (i = 0; i < LIVE; i++)
			b[i] = (struct held){ .off = -1 };
		for (i = 0; i < STEPS; i++) {
			change(&w, b);
			if (i % 16 == 0)
				walk_survives(&w, b);
		}
		assert_true(world_sound(&w));
		world_close(&w);
	}
}

/* Any cursor that a caller may think of. */
static void wild_cursors(void **state)
{
	each_engine(e)
	{
		struct mrig_fault fault;
		struct mrig_block out[4];
		struct world w;
		int i;

		if (*e == &mrig_heap_inband)
			continue;
		open_heap(&w, *e);
		for (i = 0; i < 40; i++)
			world_alloc(&w, 0, 1 + rnd(64));
		for (i = 0; i < 64; i++) {
			uint64_t at = (uint64_t)1 << i, cursor = at;

			assert_true(w.ops->walk(&w.heap, &cursor, out, 4) <= 4);
			cursor = at - 1;
			assert_true(w.ops->walk(&w.heap, &cursor, out, 4) <= 4);
			cursor = at;
			assert_int_equal(w.ops->validate(&w.heap, &cursor, 4, &fault), 0);
		}
		world_close(&w);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_and_names),
		cmocka_unit_test(configurations_that_cannot_be),
		cmocka_unit_test(bad_requests),
		cmocka_unit_test(frees_of_what_is_not_live),
		cmocka_unit_test(tags_begin_at_zero),
		cmocka_unit_test(peaks_begin_anew),
		cmocka_unit_test(cursors_survive_changes),
		cmocka_unit_test(wild_cursors),
	};

	if (argc > 1)
		seed = strtoull(argv[1], NULL, 0);
	return RUN("engines", tests);
}
