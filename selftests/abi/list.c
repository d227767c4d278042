// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Listing regions: who sees which, in parts of any size, for callers that know fewer or more
 * members; and what /proc/PID/fdinfo says about each kind of descriptor.
 */
#include "abi.h"
#include "harness.h"

#define LENGTH (16 * KIB)
#define COUNT  5

FIXTURE(list)
{
	int session;
	int fds[COUNT];
	int64_t before;
};

FIXTURE_SETUP(list)
{
	self->session = session_open();
	ASSERT_GE(self->session, 0);
	self->before = region_count(self->session);
	for (int i = 0; i < COUNT; i++) {
		self->fds[i] =
			region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
		ASSERT_GE(self->fds[i], 0);
	}
}

FIXTURE_TEARDOWN(list)
{
	for (int i = 0; i < COUNT; i++)
		close(self->fds[i]);
	close(self->session);
}

TEST_F(list, in_parts_of_any_size)
{
	EXPECT_EQ(self->before + COUNT, region_count(self->session));
	for (uint32_t part = 1; part <= 4; part++) {
		struct memrig_region_info entries[4];
		struct memrig_region_list list =
			ARG(memrig_region_list, .entries = (uintptr_t)entries,
			    .entry_size = sizeof(entries[0]));
		int64_t seen = 0;
		uint64_t last = 0;

		for (;;) {
			list.count = part;
			ASSERT_EQ(0, call(self->session, MEMRIG_IOC_REGION_LIST, &list));
			if (!list.count)
				break;
			ASSERT_LE(list.count, part);
			for (uint32_t i = 0; i < list.count; i++) {
				/* In order, each once. */
				EXPECT_GT(entries[i].id, last);
				last = entries[i].id;
				EXPECT_EQ(sizeof(entries[0]), entries[i].size);
			}
			seen += list.count;
		}
		EXPECT_EQ(self->before + COUNT, seen);
	}
}

TEST_F(list, entries_are_what_info_says)
{
	struct memrig_region_info entries[64], info;
	struct memrig_region_list list = ARG(memrig_region_list, .entries = (uintptr_t)entries,
					     .count = 64, .entry_size = sizeof(entries[0]));
	int found = 0;

	ASSERT_EQ(0, call(self->session, MEMRIG_IOC_REGION_LIST, &list));
	for (int f = 0; f < COUNT; f++) {
		info = region_info(self->fds[f]);
		for (uint32_t i = 0; i < list.count; i++) {
			if (entries[i].id != info.id)
				continue;
			found++;
			EXPECT_EQ(info.length, entries[i].length);
			EXPECT_EQ(info.kind, entries[i].kind);
			EXPECT_EQ(info.uid, entries[i].uid);
		}
	}
	EXPECT_EQ(COUNT, found);
}

/* A caller with smaller entries gets the part it knows; one with larger ones gets zeros. */
TEST_F(list, entry_sizes)
{
	size_t known = sizeof(struct memrig_region_info);
	const size_t sizes[] = { known, known + 64 };
	unsigned char buf[4 * (sizeof(struct memrig_region_info) + 64)];
	struct memrig_region_list list;

	for (size_t s = 0; s < ARRAY_SIZE(sizes); s++) {
		list = ARG(memrig_region_list, .entries = (uintptr_t)buf, .count = 3,
			   .entry_size = sizes[s]);
		memset(buf, 0x77, sizeof(buf));
		ASSERT_EQ(0, call(self->session, MEMRIG_IOC_REGION_LIST, &list));
		ASSERT_EQ(3, list.count);
		for (int i = 0; i < 3; i++) {
			struct memrig_region_info *info = (void *)(buf + i * sizes[s]);

			EXPECT_GT(info->length, 0);
			EXPECT_EQ(0, info->length % page_size());
			for (size_t b = known; b < sizes[s]; b++)
				EXPECT_EQ(0, buf[i * sizes[s] + b]);
		}
		EXPECT_EQ(0x77, buf[3 * sizes[s]]);
	}
	list = ARG(memrig_region_list, .entries = (uintptr_t)buf, .count = 3);
	EXPECT_EQ(-EINVAL, call(self->session, MEMRIG_IOC_REGION_LIST, &list));
	list = ARG(memrig_region_list, .entries = (uintptr_t)buf, .count = 3, .entry_size = 8);
	EXPECT_EQ(-EINVAL, call(self->session, MEMRIG_IOC_REGION_LIST, &list));
}

TEST_F(list, goes_with_the_region)
{
	uint64_t id = region_info(self->fds[2]).id;
	struct memrig_region_info entries[64];
	struct memrig_region_list list = ARG(memrig_region_list, .entries = (uintptr_t)entries,
					     .count = 64, .entry_size = sizeof(entries[0]));

	close(self->fds[2]);
	ASSERT_EQ(0, call(self->session, MEMRIG_IOC_REGION_LIST, &list));
	for (uint32_t i = 0; i < list.count; i++)
		EXPECT_NE(id, entries[i].id);
	EXPECT_EQ(self->before + COUNT - 1, region_count(self->session));
}

static int list_as_nobody(void *arg)
{
	int session = *(int *)arg, fd;

	become(NOBODY_UID, NOBODY_GID);
	/* Of all there is, only the named region that others may read. */
	CHECK(region_count(session) == 1);
	fd = region_new(session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, 4096);
	CHECK(fd >= 0);
	CHECK(region_info(fd).uid == NOBODY_UID);
	CHECK(region_count(session) == 2);
	return 0;
}

TEST_F(list, shows_what_the_caller_may_open)
{
	int open = region_named(self->session, "list-open", LENGTH, 0604);
	int closed = region_named(self->session, "list-closed", LENGTH, 0600);

	ASSERT_GE(open, 0);
	ASSERT_GE(closed, 0);
	EXPECT_EQ(self->before + COUNT + 2, region_count(self->session));
	EXPECT_EQ(0, in_child(list_as_nobody, &self->session));
	EXPECT_EQ(0, region_remove(self->session, "list-open"));
	EXPECT_EQ(0, region_remove(self->session, "list-closed"));
}

static int read_fdinfo(int fd, char *buf, size_t size)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	return file_read(path, buf, size);
}

TEST_F(list, fdinfo_tells_what_it_is)
{
	int heap = heap_new(self->fds[0], MEMRIG_PLACEMENT_OOB, MEMRIG_HEAP_STATS);
	struct memrig_region_addr addr;
	char text[4096], phys[32], want[64];

	ASSERT_GE(heap, 0);
	ASSERT_GE(heap_alloc(heap, 100, 0), 0);
	ASSERT_EQ(0, region_addr(self->fds[0], 0, &addr));
	snprintf(phys, sizeof(phys), "%llx", (unsigned long long)addr.phys);

	ASSERT_GT(read_fdinfo(self->fds[0], text, sizeof(text)), 0);
	EXPECT_NE(NULL, strstr(text, "memrig"));
	snprintf(want, sizeof(want), "%llu", (unsigned long long)LENGTH);
	EXPECT_NE(NULL, strstr(text, want));
	EXPECT_EQ(NULL, strstr(text, phys));
	EXPECT_EQ(NULL, strstr(text, "ffff"));

	ASSERT_GT(read_fdinfo(heap, text, sizeof(text)), 0);
	EXPECT_NE(NULL, strstr(text, "memrig"));
	EXPECT_EQ(NULL, strstr(text, phys));
	EXPECT_EQ(NULL, strstr(text, "ffff"));
	ASSERT_GT(read_fdinfo(self->session, text, sizeof(text)), 0);
	EXPECT_EQ(NULL, strstr(text, "ffff"));
}

/* Every call that takes an array bounds the number of its elements. */
TEST_F(list, bad_counts)
{
	const uint32_t counts[] = { 0, MEMRIG_BATCH_MAX + 1, 0x80000000u, 0xffffffffu };
	struct memrig_region_list list;
	struct memrig_alloc_batch allocs;
	struct memrig_free_batch frees;
	struct memrig_heap_walk walk;
	int heap = heap_new(self->fds[0], MEMRIG_PLACEMENT_OOB, 0);
	unsigned char buf[256];
	uint64_t page = (uintptr_t)buf;

	for (size_t i = 0; i < ARRAY_SIZE(counts); i++) {
		list = ARG(memrig_region_list, .entries = page, .count = counts[i],
			   .entry_size = sizeof(struct memrig_region_info));
		allocs = ARG(memrig_alloc_batch, .reqs = page, .count = counts[i]);
		frees = ARG(memrig_free_batch, .offsets = page, .count = counts[i]);
		walk = ARG(memrig_heap_walk, .blocks = page, .count = counts[i]);
		EXPECT_EQ(-EINVAL, call(self->session, MEMRIG_IOC_REGION_LIST, &list));
		EXPECT_EQ(-EINVAL, call(heap, MEMRIG_IOC_ALLOC_BATCH, &allocs));
		EXPECT_EQ(-EINVAL, call(heap, MEMRIG_IOC_FREE_BATCH, &frees));
		EXPECT_EQ(-EINVAL, call(heap, MEMRIG_IOC_HEAP_WALK, &walk));
	}
}

TEST_HARNESS_MAIN
