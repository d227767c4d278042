// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Every refused call leaves a line in the trace, every alloc and free does, and nothing that an
 * ordinary reader of traces, debugfs or fdinfo sees is an address.
 */
#include <dirent.h>
#include <sys/stat.h>

#include "abi.h"
#include "harness.h"
#include "uapi_table.h"

#define TRACEFS	 "/sys/kernel/tracing"
#define INSTANCE TRACEFS "/instances/memrig-abi"
#define TEXT	 (1 << 20)

FIXTURE(trace)
{
	struct world world;
	char *text;
};

FIXTURE_SETUP(trace)
{
	self->text = NULL;
	if (mkdir(INSTANCE, 0700) && errno != EEXIST)
		SKIP(return, "no tracefs at " TRACEFS);
	if (file_write(INSTANCE "/events/memrig/enable", "1"))
		SKIP(return, "no events/memrig in tracefs (CONFIG_EVENT_TRACING)");
	self->text = malloc(TEXT);
	ASSERT_NE(NULL, self->text);
	ASSERT_EQ(0, world_setup(&self->world));
}

FIXTURE_TEARDOWN(trace)
{
	world_teardown(&self->world);
	file_write(INSTANCE "/events/memrig/enable", "0");
	rmdir(INSTANCE);
	free(self->text);
}

static void trace_clear(void)
{
	int fd = open(INSTANCE "/trace", O_WRONLY | O_TRUNC);

	close(fd);
}

static int count(const char *text, const char *word)
{
	int n = 0;

	while ((text = strstr(text, word))) {
		n++;
		text++;
	}
	return n;
}

TEST_F(trace, every_refused_call)
{
	static const char *const faces[] = {
		"session", "region", "heap", "heap", "multi", "window"
	};

	for (const struct row *row = rows; row < rows + row_count; row++) {
		unsigned char buf[512] = { 0 };
		char want[96];

		*(__u32 *)buf = 4; /* too short for anything */
		trace_clear();
		ASSERT_EQ(-EINVAL, call(self->world.fd[row->face], row->cmd, buf));
		ASSERT_GT(file_read(INSTANCE "/trace", self->text, TEXT), 0);
		snprintf(want, sizeof(want),
			 "memrig_reject: object=%s cmd=0x%08lx nr=0x%02lx error=%d",
			 faces[row->face], row->cmd, row->cmd & 0xff, -EINVAL);
		EXPECT_EQ(1, count(self->text, want))
		{
			TH_LOG("%s: no '%s'", row->name, want);
		}
	}
	/* Unknown calls too. */
	trace_clear();
	EXPECT_EQ(-ENOTTY, call(self->world.fd[FACE_HEAP], _IO(MEMRIG_IOC_TYPE, 0xfe), NULL));
	ASSERT_GT(file_read(INSTANCE "/trace", self->text, TEXT), 0);
	EXPECT_EQ(1, count(self->text, "memrig_reject: object=heap"));
}

TEST_F(trace, life_of_a_block)
{
	int heap = self->world.fd[FACE_HEAP];
	int64_t off;
	char want[64];

	trace_clear();
	off = heap_alloc(heap, 1234, 64);
	ASSERT_GE(off, 0);
	off = heap_realloc(heap, off, 100, 0, 0);
	EXPECT_EQ(0, heap_free(heap, off));
	EXPECT_EQ(-ENOENT, heap_free(heap, off));
	EXPECT_EQ(-ENOMEM, heap_alloc(heap, 1ULL << 40, 0));
	close(heap_attach(heap, NULL));
	ASSERT_GT(file_read(INSTANCE "/trace", self->text, TEXT), 0);
	EXPECT_EQ(1, count(self->text, "bytes=1234 align=0x40"));
	EXPECT_EQ(1, count(self->text, "memrig_realloc:"));
	snprintf(want, sizeof(want), "offset=0x%llx", (unsigned long long)off);
	EXPECT_GE(count(self->text, want), 2);
	EXPECT_EQ(1, count(self->text, "memrig_free:"));
	EXPECT_EQ(1, count(self->text, "error=-2"));
	EXPECT_GE(count(self->text, "error=-12 reason=3"), 1);
}

TEST_F(trace, life_of_objects)
{
	int session = self->world.fd[FACE_SESSION];
	int region, heap, client;

	trace_clear();
	region = region_new(session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_UNCACHED, 64 * KIB);
	heap = heap_new(region, MEMRIG_PLACEMENT_OOB, 0);
	client = heap_attach(heap, NULL);
	ASSERT_GE(heap_alloc(client, 100, 0), 0);
	close(client);
	close(heap);
	close(region);
	ASSERT_GT(file_read(INSTANCE "/trace", self->text, TEXT), 0);
	EXPECT_EQ(1, count(self->text, "memrig_region_create:"));
	EXPECT_EQ(1, count(self->text, "memrig_region_destroy:"));
	EXPECT_EQ(1, count(self->text, "memrig_heap_create:"));
	EXPECT_EQ(1, count(self->text, "memrig_heap_destroy:"));
	EXPECT_EQ(1, count(self->text, "memrig_reclaim:"));
}

TEST_F(trace, blocks_change_hands)
{
	int heap = self->world.fd[FACE_HEAP], client;
	uint32_t id, reason;
	int64_t off = heap_alloc(heap, 100, 0);
	uint64_t rejects = heap_stat(heap).rejects;
	char want[96];

	ASSERT_GE(off, 0);
	client = heap_attach(heap, &id);
	trace_clear();
	EXPECT_EQ(0, heap_give(heap, off, id));
	EXPECT_EQ(-EPERM, heap_give(heap, off, id));
	EXPECT_EQ(-EPERM, heap_keep(heap, off, &reason));
	EXPECT_EQ(-ENOENT, heap_usable(heap, off + 8));
	EXPECT_EQ(rejects + 3, heap_stat(heap).rejects);
	EXPECT_EQ(0, heap_keep(client, off, &reason));
	ASSERT_GT(file_read(INSTANCE "/trace", self->text, TEXT), 0);
	snprintf(want, sizeof(want), "offset=0x%llx to=%u error=0", (unsigned long long)off, id);
	EXPECT_EQ(1, count(self->text, want));
	snprintf(want, sizeof(want), "offset=0x%llx to=%u error=-1", (unsigned long long)off, id);
	EXPECT_EQ(1, count(self->text, want));
	EXPECT_EQ(2, count(self->text, "memrig_give:"));
	EXPECT_EQ(2, count(self->text, "memrig_keep:"));
	EXPECT_EQ(1, count(self->text, "error=-1 reason=0"));
	EXPECT_EQ(1, count(self->text, "error=0 reason=0"));
	EXPECT_EQ(0, heap_free(heap, off));
	close(client);
}

TEST_F(trace, mappings)
{
	int region = region_new(self->world.fd[FACE_SESSION], MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED,
				64 * KIB);
	void *map;

	ASSERT_GE(region, 0);
	trace_clear();
	map = mmap(NULL, 64 * KIB, PROT_READ | PROT_WRITE, MAP_SHARED, region, 0);
	ASSERT_TRUE(map != MAP_FAILED);
	munmap(map, 64 * KIB);
	EXPECT_TRUE(mmap(NULL, 64 * KIB, PROT_READ, MAP_PRIVATE, region, 0) == MAP_FAILED);
	EXPECT_TRUE(mmap(NULL, 64 * KIB, PROT_READ, MAP_SHARED, region, 4096) == MAP_FAILED);
	ASSERT_GT(file_read(INSTANCE "/trace", self->text, TEXT), 0);
	EXPECT_EQ(3, count(self->text, "memrig_mmap:"));
	EXPECT_EQ(1, count(self->text, "page=0 pages=16 write=1 error=0"));
	EXPECT_EQ(1, count(self->text, "page=0 pages=16 write=0 error=-22"));
	EXPECT_EQ(1, count(self->text, "page=1 pages=16 write=0 error=-22"));
	close(region);
}

/* A kernel address: 16 hexadecimal digits of which the first four are f. */
static bool has_kernel_address(const char *text)
{
	for (; (text = strstr(text, "ffff")); text++)
		if (strspn(text, "0123456789abcdef") >= 12)
			return true;
	return false;
}

static int scan_directory(struct __test_metadata *_metadata, const char *path, const char *phys,
			  char *text)
{
	struct dirent *entry;
	DIR *dir = opendir(path);
	int files = 0;

	if (!dir)
		return 0;
	while ((entry = readdir(dir))) {
		char name[512];

		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		if (entry->d_type == DT_DIR) {
			files += scan_directory(_metadata, name, phys, text);
			continue;
		}
		if (file_read(name, text, TEXT) < 0)
			continue;
		files++;
		EXPECT_FALSE(has_kernel_address(text))
		{
			TH_LOG("%s", name);
		}
		EXPECT_EQ(NULL, strstr(text, phys))
		{
			TH_LOG("%s", name);
		}
	}
	closedir(dir);
	return files;
}

TEST_F(trace, nothing_tells_an_address)
{
	struct memrig_region_create kernel_only =
		ARG(memrig_region_create, .flags = MEMRIG_REGION_KERNEL_ONLY,
		    .kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED, .length = MIB,
		    .node = MEMRIG_NODE_ANY);
	struct memrig_region_addr addr;
	char phys[32], path[64];
	int inband;

	ASSERT_EQ(0, call(self->world.fd[FACE_SESSION], MEMRIG_IOC_REGION_CREATE, &kernel_only));
	inband = heap_new(kernel_only.fd, MEMRIG_PLACEMENT_INBAND, 0);
	ASSERT_GE(inband, 0);
	ASSERT_EQ(0, region_addr(kernel_only.fd, 0, &addr));
	snprintf(phys, sizeof(phys), "%llx", (unsigned long long)addr.phys);
	/* Refusals of big numbers, so that nothing is echoed that looks like an address. */
	trace_clear();
	for (int i = 0; i < 20; i++) {
		int64_t off = heap_alloc(inband, 100 + i, 0);

		ASSERT_GE(off, 0);
		ASSERT_LT(off, MIB);
		if (i % 2)
			EXPECT_EQ(0, heap_free(inband, off));
	}
	ASSERT_GT(file_read(INSTANCE "/trace", self->text, TEXT), 0);
	EXPECT_GE(count(self->text, "memrig_alloc:"), 20);
	EXPECT_FALSE(has_kernel_address(self->text));
	EXPECT_EQ(NULL, strstr(self->text, phys));
	for (int i = 0; i < 2; i++) {
		snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", i ? inband : kernel_only.fd);
		ASSERT_GT(file_read(path, self->text, TEXT), 0);
		EXPECT_FALSE(has_kernel_address(self->text));
		EXPECT_EQ(NULL, strstr(self->text, phys));
	}
	if (!scan_directory(_metadata, "/sys/kernel/debug/memrig", phys, self->text))
		SKIP(return, "no /sys/kernel/debug/memrig");
}

TEST_HARNESS_MAIN
