// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The library's Zephyr-named objects over mapped memory of every kind and attribute the machine
 * offers. They run in this process; only the memory is the device's.
 */
#include <memrig/patterns.h>
#include <memrig/zephyr.h>

#include "device_memories.h"

#define HALF (LENGTH / 2)

static const struct memrig_span_opts outside = { .flags = MEMRIG_SPAN_OOB, .hardening = 1 };

/* Its headers are between the blocks, which is right here: nobody else writes this memory. */
TEST_F(zephyr, k_heap)
{
	for (struct memory *m = self->all; m < self->all + self->count; m++) {
		struct k_heap heap;
		void *block[60];

		EXPECT_EQ(-EINVAL, k_heap_init(&heap, NULL, LENGTH));
		EXPECT_EQ(-EINVAL, k_heap_init(&heap, m->at, 0));
		ASSERT_EQ(0, k_heap_init(&heap, m->at, LENGTH));
		for (int i = 0; i < 60; i++) {
			block[i] = k_heap_aligned_alloc(&heap, 64, 100 + i, K_NO_WAIT);
			ASSERT_TRUE(within(block[i], m));
			EXPECT_EQ(0, (uintptr_t)block[i] % 64);
			memset(block[i], i, 100 + i);
		}
		EXPECT_EQ(NULL, k_heap_alloc(&heap, LENGTH, K_NO_WAIT));
		block[0] = k_heap_realloc(&heap, block[0], 5000, K_NO_WAIT);
		ASSERT_TRUE(within(block[0], m));
		for (int i = 0; i < 60; i++) {
			EXPECT_TRUE(holds(block[i], 100 + i, i));
			k_heap_free(&heap, block[i]);
		}
		EXPECT_TRUE(sys_heap_validate(&heap.heap));
		EXPECT_NE(NULL, k_heap_alloc(&heap, LENGTH * 3 / 4, K_NO_WAIT));
	}
}

TEST_F(zephyr, k_mem_slab)
{
	for (struct memory *m = self->all; m < self->all + self->count; m++) {
		struct k_mem_slab slab = { 0 };
		void *block[16], *none;

		EXPECT_EQ(-EINVAL, k_mem_slab_init(&slab, NULL, 4096, 16));
		EXPECT_EQ(-EINVAL, k_mem_slab_init(&slab, m->at, 4095, 16));
		ASSERT_EQ(0, k_mem_slab_init(&slab, m->at, 4096, 16));
		for (int i = 0; i < 16; i++) {
			ASSERT_EQ(0, k_mem_slab_alloc(&slab, &block[i], K_NO_WAIT));
			ASSERT_TRUE(within(block[i], m));
			memset(block[i], i, 4096);
		}
		EXPECT_EQ(-ENOMEM, k_mem_slab_alloc(&slab, &none, K_NO_WAIT));
		EXPECT_EQ(-EAGAIN, k_mem_slab_alloc(&slab, &none, K_MSEC(1)));
		EXPECT_EQ(-EBUSY, mrig_mem_slab_fini(&slab));
		EXPECT_EQ(-EINVAL, mrig_mem_slab_free(&slab, (char *)block[0] + 8));
		EXPECT_EQ(-ENOENT, mrig_mem_slab_free(&slab, m->at + 16 * 4096));
		for (int i = 0; i < 16; i++) {
			EXPECT_TRUE(holds(block[i], 4096, i));
			EXPECT_EQ(0, mrig_mem_slab_free(&slab, block[i]));
			EXPECT_EQ(-EALREADY, mrig_mem_slab_free(&slab, block[i]));
		}
		EXPECT_EQ(0, mrig_mem_slab_fini(&slab));
	}
}

static sys_mem_blocks_t *as_told(struct sys_multi_mem_blocks *group, void *cfg)
{
	return cfg;
}

/* One group over all memories at once: the program's function says which, the address who. */
TEST_F(zephyr, groups_of_mem_blocks)
{
	sys_mem_blocks_t member[16] = { 0 };
	sys_multi_mem_blocks_t group;
	void *block[16][32], *none[2];
	size_t size;

	ASSERT_EQ(0, sys_multi_mem_blocks_init(&group, as_told));
	for (int i = 0; i < self->count; i++) {
		EXPECT_EQ(-EINVAL, mrig_mem_blocks_init(&member[i], self->all[i].at, 1000, 64));
		ASSERT_EQ(0, mrig_mem_blocks_init(&member[i], self->all[i].at, 4096, 64));
		ASSERT_EQ(0, sys_multi_mem_blocks_add_allocator(&group, &member[i]));
	}
	for (int i = 0; i < self->count; i++) {
		ASSERT_EQ(0, sys_multi_mem_blocks_alloc(&group, &member[i], 32, block[i], &size));
		EXPECT_EQ(4096, size);
		for (int n = 0; n < 32; n++) {
			ASSERT_TRUE(within(block[i][n], &self->all[i]));
			memset(block[i][n], i * 32 + n, size);
		}
		EXPECT_EQ(-ENOMEM, sys_mem_blocks_alloc_contiguous(&member[i], 33, none));
		EXPECT_EQ(-EFAULT, sys_mem_blocks_get(&member[i], self->all[i].at + LENGTH, 1));
	}
	EXPECT_EQ(-EINVAL, sys_multi_mem_blocks_alloc(&group, NULL, 1, none, &size));
	none[0] = &group;
	EXPECT_EQ(-EINVAL, sys_multi_mem_blocks_free(&group, 1, none));
	for (int i = 0; i < self->count; i++) {
		for (int n = 0; n < 32; n++)
			EXPECT_TRUE(holds(block[i][n], 4096, i * 32 + n));
		EXPECT_EQ(0, sys_multi_mem_blocks_free(&group, 32, block[i]));
		EXPECT_EQ(-EFAULT, sys_multi_mem_blocks_free(&group, 1, block[i]));
		EXPECT_EQ(0, sys_multi_mem_blocks_remove_allocator(&group, &member[i]));
		EXPECT_EQ(0, mrig_mem_blocks_fini(&member[i]));
	}
	EXPECT_EQ(0, mrig_multi_mem_blocks_fini(&group));
}

/* Each memory in the pool with a custom attribute of its own besides what it is like. */
TEST_F(zephyr, shared_multi_heap)
{
	struct shared_multi_heap_region region;
	struct memrig_smh_opts opts = { .span = outside, .node = -1 };
	struct memrig_smh_region_info info;
	void *block[16];
	struct memory *m;

	ASSERT_EQ(0, shared_multi_heap_pool_init());
	for (int i = 0; i < self->count; i++) {
		m = &self->all[i];
		region = (struct shared_multi_heap_region){ m->attr == MEMRIG_ATTR_CACHED
								    ? SMH_REG_ATTR_CACHEABLE
								    : SMH_REG_ATTR_NON_CACHEABLE,
							    (uintptr_t)m->at, LENGTH };
		opts.attrs = MRIG_SMH_BIT(MRIG_SMH_CUSTOM + i);
		ASSERT_EQ(0, memrig_smh_add(&region, m, &opts));
	}
	for (int i = 0; i < self->count; i++) {
		struct mrig_smh_req req = { .with = MRIG_SMH_BIT(MRIG_SMH_CUSTOM + i) };

		block[i] = memrig_smh_alloc(&req, 0, 3000);
		ASSERT_TRUE(within(block[i], &self->all[i]));
		memset(block[i], i, 3000);
		block[i] = memrig_smh_realloc(&req, block[i], 0, 9000);
		ASSERT_TRUE(within(block[i], &self->all[i]));
		req.with |= MRIG_SMH_BIT(MRIG_SMH_DEVICE);
		EXPECT_EQ(NULL, memrig_smh_alloc(&req, 0, 8));
	}
	for (uint32_t attr = 0; attr <= SMH_REG_ATTR_NON_CACHEABLE; attr++) {
		void *p = shared_multi_heap_alloc(attr, 100);
		bool cached = attr == SMH_REG_ATTR_CACHEABLE, there = false;

		for (int i = 0; i < self->count; i++)
			there |= cached == (self->all[i].attr == MEMRIG_ATTR_CACHED);
		ASSERT_EQ(there, !!p)
		{
			TH_LOG("attribute %u", attr);
		}
		if (!there) {
			TH_LOG("this machine offers no memory of attribute %u", attr);
			continue;
		}
		ASSERT_EQ(0, memrig_smh_region_of(p, &info));
		m = info.user_data;
		EXPECT_EQ(attr == SMH_REG_ATTR_CACHEABLE, m->attr == MEMRIG_ATTR_CACHED);
		EXPECT_TRUE(info.span.out_of_band);
		shared_multi_heap_free(p);
	}
	EXPECT_EQ(NULL, shared_multi_heap_alloc(SMH_REG_ATTR_EXTERNAL, 8));
	for (int i = 0; i < self->count; i++) {
		EXPECT_TRUE(holds(block[i], 3000, i));
		EXPECT_EQ(0, memrig_smh_free(block[i]));
		EXPECT_EQ(-ENOENT, memrig_smh_free(block[i]));
		EXPECT_EQ(0, memrig_smh_remove(self->all[i].at));
	}
	EXPECT_EQ(0, memrig_smh_fini());
}

TEST_F(zephyr, ring_and_messages)
{
	for (struct memory *m = self->all; m < self->all + self->count; m++) {
		struct memrig_msgpool *pool;
		struct memrig_ring *ring;
		unsigned char in[700], out[700];
		void *msg;

		ASSERT_EQ(0, memrig_ring_create(&ring, m->at, HALF, 8, 64));
		ASSERT_EQ(0, memrig_msgpool_create(&pool, NULL, m->at + HALF, 512, 4));
		EXPECT_EQ(-ENOENT, memrig_ring_free(ring, m->at));
		for (int i = 0; i < 400; i++) {
			memset(in, i, sizeof(in));
			ASSERT_EQ(0, memrig_ring_put(ring, in, sizeof(in), K_NO_WAIT));
			msg = memrig_msgpool_alloc(pool, K_NO_WAIT);
			ASSERT_TRUE(within(msg, m));
			memset(msg, ~i, 512);
			ASSERT_EQ(0, memrig_msgpool_put(pool, msg));
			ASSERT_EQ(700, memrig_ring_read(ring, out, sizeof(out), K_NO_WAIT));
			EXPECT_EQ(0, memcmp(in, out, sizeof(out)));
			EXPECT_EQ(msg, memrig_msgpool_get(pool, K_NO_WAIT));
			EXPECT_TRUE(holds(msg, 512, ~i));
			EXPECT_EQ(0, memrig_msgpool_free(pool, msg));
		}
		EXPECT_EQ(NULL, memrig_msgpool_get(pool, K_NO_WAIT));
		EXPECT_EQ(0, memrig_msgpool_destroy(pool));
		EXPECT_EQ(0, memrig_ring_destroy(ring));
	}
}

TEST_F(zephyr, smart_and_prio)
{
	for (struct memory *m = self->all; m < self->all + self->count; m++) {
		struct memrig_smart *smart;
		struct memrig_prio *prio;
		void *small, *large, *low;

		ASSERT_EQ(0, memrig_smart_create(&smart, 0));
		ASSERT_EQ(0, memrig_smart_add_tier(smart, m->at, 256, 16));
		ASSERT_EQ(0, memrig_smart_add_heap(smart, m->at + 4096, HALF - 4096, &outside));
		ASSERT_EQ(0, memrig_prio_create(&prio));
		ASSERT_EQ(0, memrig_prio_add(prio, MEMRIG_PRIO_HIGH, m->at + HALF, HALF, &outside));
		small = memrig_smart_alloc(smart, 200);
		large = memrig_smart_calloc(smart, 10, 500);
		ASSERT_TRUE(within(small, m) && (char *)small < m->at + 4096);
		ASSERT_TRUE(within(large, m) && (char *)large >= m->at + 4096);
		EXPECT_TRUE(holds(large, 5000, 0));
		memset(small, 0x66, 200);
		small = memrig_smart_realloc(smart, small, 3000);
		EXPECT_TRUE(within(small, m) && holds(small, 200, 0x66));
		EXPECT_EQ(NULL, memrig_prio_alloc(prio, MEMRIG_PRIO_LOW, 8));
		low = memrig_prio_alloc(prio, MEMRIG_PRIO_HIGH, 8);
		EXPECT_TRUE(within(low, m));
		EXPECT_EQ(-ENOENT, memrig_prio_free(prio, small));
		EXPECT_EQ(0, memrig_prio_free(prio, low));
		EXPECT_EQ(-ENOENT, memrig_prio_free(prio, low));
		EXPECT_EQ(0, memrig_smart_free(smart, small));
		EXPECT_EQ(0, memrig_smart_free(smart, large));
		EXPECT_EQ(-EINVAL, memrig_smart_free(smart, m->at + 8));
		EXPECT_EQ(0, memrig_prio_destroy(prio));
		EXPECT_EQ(0, memrig_smart_destroy(smart));
	}
}

TEST_HARNESS_MAIN
