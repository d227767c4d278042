// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * libmemrig on the real device: sessions, regions, heaps, pointers and offsets, clients, failures.
 */
#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "device.h"

TEST_F(device, caps_and_list)
{
	struct memrig_region_info infos[8] = { { .size = sizeof(infos[0]) } };
	struct memrig_caps caps = { .size = sizeof(caps) };
	uint64_t cursor = 0;
	int n, i, found = 0;

	ASSERT_EQ(0, memrig_caps(self->rig, &caps));
	EXPECT_EQ(MEMRIG_UAPI_VERSION, caps.version);
	EXPECT_LE(LENGTH, caps.used_bytes);
	while ((n = memrig_region_list(self->rig, &cursor, infos, 8)) > 0)
		for (i = 0; i < n; i++)
			found += infos[i].length == LENGTH && infos[i].heaps == 1;
	EXPECT_EQ(0, n);
	EXPECT_LE(1, found);
}

/* The descriptor of a session is there for calls that the library does not make. */
TEST_F(device, descriptor)
{
	struct memrig_caps by_call = { .size = sizeof(by_call) };
	struct memrig_caps by_fd = { .size = sizeof(by_fd) };
	memrig_t *rig;
	int fd;

	ASSERT_EQ(0, memrig_open(&rig));
	fd = memrig_fd(rig);
	ASSERT_GT(fd, STDERR_FILENO);
	EXPECT_NE(memrig_fd(self->rig), fd);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	ASSERT_EQ(0, memrig_caps(rig, &by_call));
	ASSERT_EQ(0, ioctl(fd, MEMRIG_IOC_CAPS, &by_fd));
	EXPECT_EQ(0, memcmp(&by_call, &by_fd, sizeof(by_fd)));
	memrig_close(rig);
	EXPECT_EQ(-1, fcntl(fd, F_GETFD));
	EXPECT_EQ(EBADF, errno);
}

TEST_F(device, pointers_are_the_memory)
{
	struct memrig_region_info info = { .size = sizeof(info) };
	uint64_t offset;
	void *ptr, *map;
	size_t usable;

	ASSERT_EQ(0, memrig_heap_alloc(self->heap, 64, 1000, &ptr));
	EXPECT_EQ(0, (uintptr_t)ptr % 64);
	ASSERT_EQ(0, memrig_heap_usable(self->heap, ptr, &usable));
	EXPECT_LE(1000, usable);
	memset(ptr, 0x5a, usable);
	ASSERT_EQ(0, memrig_heap_offset(self->heap, ptr, &offset));
	ASSERT_EQ(0, memrig_region_map(self->region, &map));
	EXPECT_EQ((char *)map + offset, ptr);
	ASSERT_EQ(0, memrig_region_info(self->region, &info));
	EXPECT_EQ(1, info.mappings); /* one, however many use it */
	ASSERT_EQ(0, memrig_region_unmap(self->region));
	EXPECT_EQ(0x5a, *(char *)ptr); /* the heap still holds it */
	EXPECT_EQ(0, memrig_heap_free(self->heap, ptr));
	EXPECT_EQ(-ENOENT, memrig_heap_free(self->heap, ptr));
	EXPECT_EQ(-EINVAL, memrig_region_unmap(self->region));
}

TEST_F(device, realloc_keeps_content)
{
	void *ptr = NULL, *wall;
	int i;

	ASSERT_EQ(0, memrig_heap_realloc(self->heap, &ptr, 0, 500));
	for (i = 0; i < 500; i++)
		((unsigned char *)ptr)[i] = i;
	ASSERT_EQ(0, memrig_heap_alloc(self->heap, 0, 100, &wall));
	ASSERT_EQ(0, memrig_heap_realloc(self->heap, &ptr, 0, 20000));
	for (i = 0; i < 500; i++)
		ASSERT_EQ((unsigned char)i, ((unsigned char *)ptr)[i]);
	ASSERT_EQ(0, memrig_heap_realloc(self->heap, &ptr, 0, 0));
	EXPECT_EQ(NULL, ptr);
}

TEST_F(device, failure_has_reason_and_words)
{
	uint64_t offset;
	char text[512];

	ASSERT_EQ(-ENOMEM, memrig_heap_alloc_at(self->heap, 0, LENGTH + 1, &offset, NULL));
	EXPECT_EQ(MEMRIG_REASON_TOO_LARGE, memrig_failure()->reason);
	ASSERT_EQ(0, memrig_heap_alloc_at(self->heap, 0, LENGTH * 3 / 4, &offset, NULL));
	ASSERT_EQ(-ENOMEM, memrig_heap_alloc_at(self->heap, 0, LENGTH / 2, &offset, NULL));
	EXPECT_EQ(MEMRIG_REASON_EMPTY, memrig_failure()->reason);
	EXPECT_LT(0, memrig_explain(NULL, text, sizeof(text)));
	EXPECT_NE(NULL, strstr(text, "try: "));
}

TEST_F(device, batches)
{
	struct memrig_alloc_req reqs[4] = {
		{ .bytes = 100 },
		{ .bytes = 200 },
		{ .bytes = 300, .align = 256 },
		{ .bytes = LENGTH },
	};
	uint64_t offsets[3];
	uint32_t done;
	int i;

	EXPECT_EQ(-ENOMEM,
		  memrig_heap_alloc_batch(self->heap, reqs, 4, MEMRIG_BATCH_ALL_OR_NONE, &done));
	EXPECT_EQ(0, done);
	ASSERT_EQ(0, memrig_heap_alloc_batch(self->heap, reqs, 3, 0, &done));
	ASSERT_EQ(3, done);
	for (i = 0; i < 3; i++)
		offsets[i] = reqs[i].offset;
	EXPECT_EQ(0, memrig_heap_free_batch(self->heap, offsets, 3, &done));
	EXPECT_EQ(3, done);
}

TEST_F(device, clients_give_keep_and_lose)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	uint64_t given, kept, lost;
	memrig_heap_t *other;
	uint32_t client;

	ASSERT_EQ(0, memrig_heap_stat(self->heap, &stat));
	client = stat.client;
	ASSERT_EQ(0, memrig_heap_attach(self->heap, &other));
	ASSERT_EQ(0, memrig_heap_alloc_at(other, 0, 100, &given, NULL));
	ASSERT_EQ(0, memrig_heap_alloc_at(other, 0, 100, &kept, NULL));
	ASSERT_EQ(0, memrig_heap_alloc_at(other, 0, 100, &lost, NULL));
	EXPECT_EQ(-ENOENT, memrig_heap_give(other, given, 9999));
	ASSERT_EQ(0, memrig_heap_give(other, given, client));
	ASSERT_EQ(0, memrig_heap_keep(other, kept));
	memrig_heap_close(other);
	ASSERT_EQ(0, memrig_heap_stat(self->heap, &stat));
	EXPECT_EQ(2, stat.live_blocks);
	EXPECT_EQ(1, stat.client_blocks);
	EXPECT_EQ(1, stat.reclaimed);
	EXPECT_EQ(-ENOENT, memrig_heap_free_at(self->heap, lost));
	EXPECT_EQ(0, memrig_heap_free_at(self->heap, given));
}

TEST_F(device, walk_and_validate)
{
	struct memrig_block blocks[5];
	uint64_t offset[20], cursor = 0;
	uint32_t invariant = 1;
	int i, j, n, seen = 0;

	for (i = 0; i < 20; i++)
		ASSERT_EQ(0, memrig_heap_alloc_at(self->heap, 0, 100 + i, &offset[i], NULL));
	while ((n = memrig_heap_walk(self->heap, &cursor, blocks, 5)) > 0)
		for (i = 0; i < n; i++)
			for (j = 0; j < 20; j++)
				seen += blocks[i].offset == offset[j] &&
					(blocks[i].flags & MEMRIG_BLOCK_MINE);
	EXPECT_EQ(0, n);
	EXPECT_EQ(20, seen);
	EXPECT_EQ(0, memrig_heap_validate(self->heap, &invariant, NULL));
	EXPECT_EQ(0, invariant);
	EXPECT_EQ(0, memrig_heap_reset_max(self->heap));
}

TEST_F(device, handles_hold_what_they_need)
{
	memrig_region_t *region, *again;
	memrig_heap_t *heap;
	void *ptr;

	region = make_region(self->rig, MEMRIG_ATTR_CACHED, 0);
	ASSERT_NE(NULL, region);
	heap = make_heap(region, MEMRIG_PLACEMENT_OOB);
	ASSERT_NE(NULL, heap);
	memrig_region_close(region);
	ASSERT_EQ(0, memrig_heap_alloc(heap, 0, 100, &ptr));
	memset(ptr, 1, 100);
	ASSERT_EQ(0, memrig_heap_region(heap, &again));
	EXPECT_EQ(region, again);
	memrig_heap_close(heap);
	EXPECT_EQ(LENGTH, memrig_region_length(again));
	memrig_region_close(again);
}

TEST_F(device, descriptors_can_be_adopted)
{
	memrig_heap_t *heap;
	memrig_region_t *region;
	uint64_t offset;
	int fd;

	ASSERT_EQ(0, memrig_heap_alloc_at(self->heap, 0, 100, &offset, NULL));
	fd = dup(memrig_heap_fd(self->heap));
	ASSERT_EQ(0, memrig_heap_from_fd(fd, &heap));
	EXPECT_EQ(0, memrig_heap_free_at(heap, offset)); /* the same client */
	memrig_heap_close(heap);
	EXPECT_EQ(-EBADF, memrig_heap_from_fd(fd, &heap));
	EXPECT_EQ(-ENOTTY, memrig_heap_from_fd(memrig_region_fd(self->region), &heap));
	EXPECT_EQ(-ENOTTY, memrig_region_from_fd(memrig_heap_fd(self->heap), &region));
}

TEST_F(device, kernel_only_regions_have_no_pointers)
{
	memrig_region_t *region;
	memrig_heap_t *heap;
	uint64_t offset;
	void *ptr;

	region = make_region(self->rig, MEMRIG_ATTR_CACHED, MEMRIG_REGION_KERNEL_ONLY);
	ASSERT_NE(NULL, region);
	heap = make_heap(region, MEMRIG_PLACEMENT_INBAND);
	ASSERT_NE(NULL, heap);
	EXPECT_EQ(-EPERM, memrig_region_map(region, &ptr));
	EXPECT_EQ(-EPERM, memrig_heap_alloc(heap, 0, 100, &ptr));
	ASSERT_EQ(0, memrig_heap_alloc_at(heap, 0, 100, &offset, NULL));
	EXPECT_EQ(0, memrig_heap_free_at(heap, offset));
	memrig_heap_close(heap);
	memrig_region_close(region);
	EXPECT_EQ(NULL, make_heap(self->region, MEMRIG_PLACEMENT_INBAND));
	EXPECT_EQ(-EPERM, memrig_failure()->error);
}

TEST_HARNESS_MAIN
