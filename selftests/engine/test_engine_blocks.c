// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* Slabs and runs of blocks behind the uniform interface: what is theirs alone. */
#include "test.h"

#define GIB ((uint64_t)1 << 30)

static void open_grid(struct world *w, const struct mrig_heap_ops *ops, uint64_t block,
		      uint32_t num)
{
	const struct mrig_heap_cfg cfg = {
		.bytes = 4096,
		.block_size = block,
		.num_blocks = num,
		.stats = true,
		.tags = true,
	};

	assert_int_equal(world_open(w, ops, &cfg), 0);
}

static void bad_geometry(void **state)
{
	const struct mrig_heap_cfg good = { .base = 4096, .bytes = 4096, .block_size = 64 };
	const struct mrig_heap_ops *ops[] = { &mrig_heap_slab, &mrig_heap_blocks };
	int i;

	for (i = 0; i < 2; i++) {
		struct mrig_heap_cfg cfg = good;

		cfg.num_blocks = 64;
		assert_true(ops[i]->control_bytes(&cfg) > 0);
		cfg.num_blocks = 65;
		assert_int_equal(ops[i]->control_bytes(&cfg), 0);
		cfg.num_blocks = ~0U;
		assert_int_equal(ops[i]->control_bytes(&cfg), 0);
		cfg = good;
		cfg.block_size = 4;
		assert_int_equal(ops[i]->control_bytes(&cfg), 0);
		cfg.block_size = 65;
		assert_int_equal(ops[i]->control_bytes(&cfg), 0);
		cfg.block_size = 4104;
		assert_int_equal(ops[i]->control_bytes(&cfg), 0);
		cfg.block_size = UINT64_MAX - 7;
		assert_int_equal(ops[i]->control_bytes(&cfg), 0);
		cfg = good;
		cfg.base = 4100;
		assert_int_equal(ops[i]->control_bytes(&cfg), 0);
		cfg = good;
		cfg.block_size = 24;
		assert_int_equal(!!ops[i]->control_bytes(&cfg), ops[i] == &mrig_heap_slab);
	}
}

/* As many blocks as a large region has are a legal request; as many as cannot be are not. */
static void large_pools(void **state)
{
	struct mrig_heap_cfg cfg = { .base = 4096, .bytes = GIB, .block_size = 64, .tags = true };
	size_t slab = mrig_heap_slab.control_bytes(&cfg);
	size_t blocks = mrig_heap_blocks.control_bytes(&cfg);

	assert_in_range(slab, (16 << 20) * 16, (16 << 20) * 16 + 4096);
	assert_in_range(blocks, (16 << 20) * 14, (16 << 20) * 15);
	/* larger than a kernel has in one piece, where it is refused; not wrapped around */
	cfg.bytes = 64 * GIB;
	cfg.block_size = 64;
	assert_true(mrig_heap_slab.control_bytes(&cfg) > 16 * GIB - 1);
	assert_true(mrig_heap_blocks.control_bytes(&cfg) > 8 * GIB);
}

static void slab_serves_its_size(void **state)
{
	struct mrig_heap_info info;
	struct world w;
	int64_t off;
	int i;

	open_grid(&w, &mrig_heap_slab, 96, 0);
	assert_int_equal(world_alloc(&w, 0, 97), -ENOMEM);
	/* 96 is a multiple of 32 but not of 64 */
	assert_int_equal(world_alloc(&w, 64, 8), -ENOMEM);
	assert_int_equal(world_alloc(&w, 32 | 8, 8), -ENOMEM);
	for (i = 0; i < 42; i++) {
		off = world_alloc(&w, i % 2 ? 32 : 0, 1 + 95 * (size_t)(i % 2));
		assert_int_equal(off, i * 96);
		assert_int_equal(w.ops->usable(&w.heap, (uint64_t)off), 96);
	}
	assert_int_equal(world_alloc(&w, 0, 1), -ENOMEM);
	w.ops->info(&w.heap, &info);
	assert_int_equal(info.live_blocks, 42);
	assert_int_equal(info.largest_free, 0);
	assert_int_equal(info.allocated_bytes, 42 * 96);
	assert_int_equal(world_resize(&w, 96, 96), 0);
	assert_int_equal(world_resize(&w, 96, 97), -ENOMEM);
	assert_int_equal(w.ops->free(&w.heap, 96), 0);
	assert_int_equal(w.ops->free(&w.heap, 96), -ENOENT);
	assert_int_equal(w.ops->free(&w.heap, 97), -ENOENT);
	w.ops->info(&w.heap, &info);
	assert_int_equal(info.free_blocks, 1);
	assert_int_equal(info.largest_free, 96);
	assert_int_equal(world_alloc(&w, 0, 96), 96);
	world_close(&w);
}

static void slab_of_one_has_the_alignment_it_has(void **state)
{
	struct world w;

	open_grid(&w, &mrig_heap_slab, 24, 1);
	assert_int_equal(world_alloc(&w, 4096, 24), 0);
	assert_int_equal(world_alloc(&w, 0, 1), -ENOMEM);
	world_close(&w);
}

static void runs_of_blocks(void **state)
{
	struct mrig_heap_info info;
	struct world w;

	open_grid(&w, &mrig_heap_blocks, 64, 0);
	assert_int_equal(world_alloc(&w, 0, 65), 0);
	assert_int_equal(w.ops->usable(&w.heap, 0), 128);
	assert_int_equal(world_alloc(&w, 0, 64), 128);
	assert_int_equal(w.ops->free(&w.heap, 64), -ENOENT);
	assert_int_equal(world_resize(&w, 0, 129), -ENOMEM);
	assert_int_equal(world_resize(&w, 0, 128), 0);
	assert_int_equal(world_resize(&w, 128, 1000), 0);
	assert_int_equal(w.ops->usable(&w.heap, 128), 1024);
	assert_int_equal(world_resize(&w, 128, 64), 0);
	assert_int_equal(world_resize(&w, 0, 1), 0);
	assert_int_equal(w.ops->usable(&w.heap, 0), 64);
	w.ops->info(&w.heap, &info);
	assert_int_equal(info.live_blocks, 2);
	assert_int_equal(info.free_blocks, 2);
	assert_int_equal(info.allocated_bytes, 128);
	assert_int_equal(info.max_allocated_bytes, 1152);
	assert_int_equal(info.largest_free, 4096 - 192);
	assert_int_equal(world_alloc(&w, 0, 4096 - 191), -ENOMEM);
	assert_int_equal(world_alloc(&w, 0, 4096 - 192), 192);
	assert_int_equal(w.ops->free(&w.heap, 192), 0);
	assert_int_equal(w.ops->free(&w.heap, 0), 0);
	assert_int_equal(w.ops->free(&w.heap, 128), 0);
	w.ops->info(&w.heap, &info);
	assert_int_equal(info.free_blocks, 1);
	assert_int_equal(info.frag_permille, 0);
	world_close(&w);
}

static void alignment_beyond_a_block(void **state)
{
	struct mrig_heap_info info;
	struct world w;

	open_grid(&w, &mrig_heap_blocks, 64, 0);
	assert_int_equal(world_alloc(&w, 0, 64), 0);
	assert_int_equal(world_alloc(&w, 1024, 100), 1024);
	assert_int_equal(world_alloc(&w, 512 | 64, 100), 448);
	assert_int_equal(world_alloc(&w, 512 | 8, 100), -ENOMEM);
	assert_int_equal(world_alloc(&w, 32 | 8, 100), -ENOMEM);
	assert_int_equal(world_alloc(&w, 8192, 64), -ENOMEM);
	w.ops->info(&w.heap, &info);
	assert_int_equal(info.allocated_bytes, 64 + 128 + 128);
	/* what was taken in passing was never anybody's */
	assert_int_equal(info.max_allocated_bytes, info.allocated_bytes);
	assert_true(world_sound(&w));
	world_close(&w);
}

static void parts_of_runs(void **state)
{
	struct world w;
	uint64_t tag;

	open_grid(&w, &mrig_heap_blocks, 64, 0);
	assert_int_equal(world_alloc(&w, 0, 640), 0);
	assert_int_equal(w.ops->set_tag(&w.heap, 0, 77), 0);
	assert_int_equal(mrig_heap_blocks_split(&w.heap, 0), 0);
	assert_int_equal(mrig_heap_blocks_split(&w.heap, 128), 0);
	assert_int_equal(mrig_heap_blocks_split(&w.heap, 256), 0);
	assert_int_equal(mrig_heap_blocks_split(&w.heap, 256), 0);
	assert_int_equal(mrig_heap_blocks_split(&w.heap, 640), -ENOENT);
	assert_int_equal(mrig_heap_blocks_start(&w.heap, 64), 0);
	assert_int_equal(mrig_heap_blocks_start(&w.heap, 128), 128);
	assert_int_equal(mrig_heap_blocks_start(&w.heap, 192), 128);
	assert_int_equal(mrig_heap_blocks_start(&w.heap, 640), -ENOENT);
	assert_int_equal(mrig_heap_blocks_start(&w.heap, 100), -EINVAL);
	assert_int_equal(mrig_heap_blocks_start(&w.heap, 4096), -EINVAL);
	assert_int_equal(mrig_heap_blocks_split(&w.heap, 100), -EINVAL);
	assert_int_equal(mrig_heap_blocks_split(&w.heap, 4096), -EINVAL);
	assert_int_equal(mrig_heap_blocks_split(&w.heap, UINT64_MAX - 63), -EINVAL);
	assert_int_equal(w.ops->usable(&w.heap, 0), 128);
	assert_int_equal(w.ops->usable(&w.heap, 128), 128);
	assert_int_equal(w.ops->usable(&w.heap, 256), 384);
	assert_int_equal(w.ops->get_tag(&w.heap, 256, &tag), 0);
	assert_int_equal(tag, 77);
	assert_int_equal(w.ops->free(&w.heap, 128), 0);
	assert_int_equal(mrig_heap_blocks_split(&w.heap, 128), -ENOENT);
	assert_int_equal(mrig_heap_blocks_split(&w.heap, 192), -ENOENT);
	assert_int_equal(w.ops->usable(&w.heap, 0), 128);
	assert_true(world_sound(&w));
	world_close(&w);
}

static void named_blocks(void **state)
{
	struct world w;
	uint64_t tag;

	open_grid(&w, &mrig_heap_blocks, 64, 0);
	assert_int_equal(mrig_heap_blocks_is_free(&w.heap, 0, 64), 1);
	assert_int_equal(mrig_heap_blocks_is_free(&w.heap, 0, 65), 0);
	assert_int_equal(mrig_heap_blocks_is_free(&w.heap, 0, 0), 0);
	assert_int_equal(mrig_heap_blocks_is_free(&w.heap, 64, UINT64_MAX), 0);
	assert_int_equal(mrig_heap_blocks_is_free(&w.heap, 32, 1), -EINVAL);
	assert_int_equal(mrig_heap_blocks_is_free(&w.heap, 4096, 1), -EINVAL);
	assert_int_equal(mrig_heap_blocks_get(&w.heap, 640, 3), 0);
	assert_int_equal(mrig_heap_blocks_get(&w.heap, 640, 1), -ENOMEM);
	assert_int_equal(mrig_heap_blocks_get(&w.heap, 576, 2), -ENOMEM);
	assert_int_equal(mrig_heap_blocks_get(&w.heap, 0, 0), -EINVAL);
	assert_int_equal(mrig_heap_blocks_get(&w.heap, 0, UINT64_MAX), -ENOMEM);
	assert_int_equal(mrig_heap_blocks_get(&w.heap, 4032, 2), -ENOMEM);
	assert_int_equal(mrig_heap_blocks_get(&w.heap, 1, 1), -EINVAL);
	assert_int_equal(mrig_heap_blocks_get(&w.heap, 4096, 1), -EINVAL);
	assert_int_equal(mrig_heap_blocks_is_free(&w.heap, 832, 1), 1);
	assert_int_equal(mrig_heap_blocks_is_free(&w.heap, 768, 1), 0);
	assert_int_equal(w.ops->usable(&w.heap, 640), 192);
	assert_int_equal(w.ops->get_tag(&w.heap, 640, &tag), 0);
	assert_int_equal(tag, 0);
	assert_true(world_sound(&w));
	assert_int_equal(w.ops->free(&w.heap, 640), 0);
	assert_int_equal(mrig_heap_blocks_is_free(&w.heap, 0, 64), 1);
	world_close(&w);
}

static void for_blocks_only(void **state)
{
	const struct mrig_heap_ops *const *e;
	struct world w;

	for (e = mrig_heap_engines; *e; e++) {
		if (*e == &mrig_heap_blocks)
			continue;
		open_grid(&w, *e, 64, 0);
		assert_int_equal(mrig_heap_blocks_split(&w.heap, 0), -EOPNOTSUPP);
		assert_int_equal(mrig_heap_blocks_get(&w.heap, 0, 1), -EOPNOTSUPP);
		assert_int_equal(mrig_heap_blocks_is_free(&w.heap, 0, 1), -EOPNOTSUPP);
		world_close(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_geometry),
		cmocka_unit_test(large_pools),
		cmocka_unit_test(slab_serves_its_size),
		cmocka_unit_test(slab_of_one_has_the_alignment_it_has),
		cmocka_unit_test(runs_of_blocks),
		cmocka_unit_test(alignment_beyond_a_block),
		cmocka_unit_test(parts_of_runs),
		cmocka_unit_test(named_blocks),
		cmocka_unit_test(for_blocks_only),
	};

	return RUN("slab and blocks", tests);
}
