// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * libmemrig and the memory itself: heaps of the library over mapped regions of every attribute,
 * what the page tables say, content that stays in named regions, threads that share one handle.
 */
#include <pthread.h>

#include "device.h"

static int fill_pattern(memrig_heap_t *heap, unsigned char *block[], int count)
{
	void *ptr;
	int i;

	for (i = 0; i < count; i++) {
		if (memrig_heap_alloc(heap, 0, 300 + i, &ptr))
			return -1;
		block[i] = ptr;
		memset(ptr, i, 300 + i);
	}
	return 0;
}

/* Both placements, over memory of every attribute, run by the library in this process. */
TEST_F(device, local_heaps_over_every_attribute)
{
	struct memrig_caps caps = { .size = sizeof(caps) };
	uint32_t attr, placement, invariant = 0;
	unsigned char *block[100];
	int i;

	ASSERT_EQ(0, memrig_caps(self->rig, &caps));
	for (attr = 1; attr < 32; attr++) {
		if (!(caps.attrs_pages & (1u << attr)))
			continue;
		for (placement = MEMRIG_PLACEMENT_OOB; placement <= MEMRIG_PLACEMENT_INBAND;
		     placement++) {
			memrig_region_t *region = make_region(self->rig, attr, 0);
			struct memrig_heap_create args = {
				.size = sizeof(args),
				.placement = placement,
				.hardening = 2,
				.offset = 4096,
				.length = LENGTH - 8192,
			};
			memrig_heap_t *heap;

			ASSERT_NE(NULL, region);
			ASSERT_EQ(0, memrig_local_create_over(region, &args, &heap));
			ASSERT_EQ(0, fill_pattern(heap, block, 100));
			for (i = 0; i < 100; i++) {
				EXPECT_EQ((unsigned char)i, block[i][299 + i]);
				EXPECT_EQ(0, memrig_heap_free(heap, block[i]));
			}
			EXPECT_EQ(0, memrig_heap_validate(heap, &invariant, NULL));
			EXPECT_EQ(0, invariant);
			memrig_heap_close(heap);
			memrig_region_close(region);
		}
	}
}

TEST_F(device, attributes_are_what_the_page_tables_say)
{
	struct memrig_attr_query query = { .size = sizeof(query) };
	memrig_region_t *region;
	void *map;

	region = make_region(self->rig, MEMRIG_ATTR_UNCACHED, 0);
	ASSERT_NE(NULL, region);
	ASSERT_EQ(0, memrig_region_map(region, &map));
	*(volatile char *)map = 0;
	ASSERT_EQ(0, memrig_region_attr_query(region, 0, map, &query));
	EXPECT_EQ(MEMRIG_ATTR_UNCACHED, query.asked);
	EXPECT_NE(MEMRIG_MEMTYPE_WB, query.user_type);
	EXPECT_NE(MEMRIG_MEMTYPE_NONE, query.user_type);
	EXPECT_EQ(-EINVAL, memrig_region_attr_query(region, LENGTH, NULL, &query));
	memrig_region_close(region);
}

TEST_F(device, named_regions_come_and_go)
{
	struct memrig_region_create args = {
		.size = sizeof(args),
		.kind = MEMRIG_KIND_PAGES,
		.attr = MEMRIG_ATTR_CACHED,
		.length = LENGTH,
		.node = MEMRIG_NODE_ANY,
		.name = "lib-named",
		.mode = 0600,
		.uid = MEMRIG_ID_SELF,
		.gid = MEMRIG_ID_SELF,
	};
	memrig_region_t *region, *reader;
	struct memrig_heap_create heap_args = {
		.size = sizeof(heap_args),
		.placement = MEMRIG_PLACEMENT_OOB,
	};
	memrig_heap_t *heap;
	void *map;

	ASSERT_EQ(0, memrig_region_create(self->rig, &args, &region));
	ASSERT_EQ(0, memrig_region_map(region, &map));
	strcpy(map, "left here");
	memrig_region_close(region);
	EXPECT_EQ(-EEXIST, memrig_region_create(self->rig, &args, &region));
	ASSERT_EQ(0, memrig_region_open(self->rig, "lib-named", MEMRIG_OPEN_READ_ONLY, &reader));
	ASSERT_EQ(0, memrig_region_map(reader, &map));
	EXPECT_STREQ("left here", map);
	EXPECT_EQ(-EACCES, memrig_heap_create(reader, &heap_args, &heap));
	EXPECT_EQ(-EACCES, memrig_local_create_over(reader, &heap_args, &heap));
	ASSERT_EQ(0, memrig_region_remove(self->rig, "lib-named"));
	EXPECT_STREQ("left here", map);
	EXPECT_EQ(-ENOENT, memrig_region_open(self->rig, "lib-named", 0, &region));
	EXPECT_EQ(-EINVAL,
		  memrig_region_open(self->rig, "a-name-that-is-longer-than-any-name-can-be", 0,
				     &region));
	memrig_region_close(reader);
}

/* ---- threads ------------------------------------------------------------------------- */

struct worker {
	memrig_heap_t *heap;
	int bad;
};

static void *work(void *arg)
{
	struct worker *worker = arg;
	void *ptr[8] = { NULL };
	int i, k;

	for (i = 0; i < 400; i++) {
		k = (i * 7) % 8;
		if (memrig_heap_realloc(worker->heap, &ptr[k], 0, 1 + (i * 37) % 900))
			worker->bad++;
		else
			memset(ptr[k], k, 1);
	}
	for (k = 0; k < 8; k++)
		worker->bad += memrig_heap_free(worker->heap, ptr[k]) != 0;
	return NULL;
}

TEST_F(device, threads_share_a_handle)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	struct worker worker[3];
	pthread_t thread[3];
	int t;

	for (t = 0; t < 3; t++) {
		worker[t] = (struct worker){ .heap = self->heap };
		ASSERT_EQ(0, pthread_create(&thread[t], NULL, work, &worker[t]));
	}
	for (t = 0; t < 3; t++) {
		pthread_join(thread[t], NULL);
		EXPECT_EQ(0, worker[t].bad);
	}
	ASSERT_EQ(0, memrig_heap_stat(self->heap, &stat));
	EXPECT_EQ(0, stat.live_blocks);
}

TEST_HARNESS_MAIN
