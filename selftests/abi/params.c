// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Module parameters: the module is unloaded, loaded with others, tried, and in the end put back as
 * it was. Loading takes the file named by MEMRIG_KO, or /lib/memrig.ko.
 */
#include <grp.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "abi.h"
#include "harness.h"

#define PARAMETERS "/sys/module/memrig/parameters/"

static const char *module_file(void)
{
	const char *path = getenv("MEMRIG_KO");

	return path ? path : "/lib/memrig.ko";
}

static int module_load(const char *params)
{
	int fd = open(module_file(), O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	ret = syscall(SYS_finit_module, fd, params, 0) ? -errno : 0;
	close(fd);
	return ret;
}

static int module_unload(void)
{
	return syscall(SYS_delete_module, "memrig", O_NONBLOCK) ? -errno : 0;
}

/* Parameters with which the module does not load, and leaves nothing behind. */
static bool is_refused(const char *params)
{
	if (module_load(params) >= 0)
		module_unload();
	else if (access("/dev/memrig", F_OK) && access("/sys/class/memrig", F_OK))
		return true;
	return !printf("# loaded, or left something: %s\n", params);
}

/*
 * How many of @wrong the module loads with, all the same. With MEMRIG_BRIEF in the environment only
 * every third one is tried: what reads them is the same everywhere, and to load takes long.
 */
static int accepted(const char *const *wrong, size_t count)
{
	int bad = 0;

	for (size_t i = 0; i < count; i += getenv("MEMRIG_BRIEF") ? 3 : 1)
		bad += !is_refused(wrong[i]);
	return bad;
}

FIXTURE(params)
{
	bool unloaded;
};

FIXTURE_SETUP(params)
{
	if (access(module_file(), R_OK))
		SKIP(return, "no module file %s (MEMRIG_KO)", module_file());
	ASSERT_EQ(0, module_unload());
}

FIXTURE_TEARDOWN(params)
{
	module_unload();
	EXPECT_EQ(0, module_load(""));
}

static int create(int session, uint64_t length, uint32_t flags, struct memrig_region_create *arg)
{
	*arg = ARG(memrig_region_create, .flags = flags, .kind = MEMRIG_KIND_PAGES,
		   .attr = MEMRIG_ATTR_CACHED, .length = length, .node = MEMRIG_NODE_ANY);
	return call(session, MEMRIG_IOC_REGION_CREATE, arg);
}

TEST_F(params, limit)
{
	struct memrig_region_create one, two;
	struct memrig_caps caps;
	int session;

	ASSERT_EQ(0, module_load("limit=1M"));
	session = session_open();
	caps = caps_get(session);
	EXPECT_EQ(MIB, caps.limit_bytes);
	EXPECT_EQ(MIB, caps.max_region_bytes);
	EXPECT_EQ(-ENOMEM, create(session, 2 * MIB, 0, &one));
	EXPECT_EQ(MEMRIG_REASON_LIMIT, one.reason);
	EXPECT_EQ(MIB, one.detail);
	ASSERT_EQ(0, create(session, MIB - 8192, MEMRIG_REGION_KERNEL_ONLY, &one));
	caps = caps_get(session);
	EXPECT_EQ(8192, caps.max_region_bytes);
	EXPECT_EQ(MIB - 8192, caps.used_bytes);
	EXPECT_EQ(-ENOMEM, create(session, 12288, 0, &two));
	EXPECT_EQ(MEMRIG_REASON_LIMIT, two.reason);
	EXPECT_EQ(8192, two.detail);
	ASSERT_EQ(0, create(session, 8192, 0, &two));
	close(one.fd);
	EXPECT_EQ(0, create(session, MIB - 8192, 0, &one));
	close(one.fd);
	close(two.fd);
	EXPECT_EQ(0, used_bytes(session));
	close(session);
}

TEST_F(params, regions)
{
	static const char regions[] = "regions=boot-a:pages:uncached:64K,"
				      "boot-b:pages:cached:1M:kernel-only:uid=9:mode=640";
	struct memrig_region_info info;
	int session, fd;

	ASSERT_EQ(0, module_load(regions));
	session = session_open();
	EXPECT_EQ(2, region_count(session));
	fd = region_open(session, "boot-a", 0);
	ASSERT_GE(fd, 0);
	info = region_info(fd);
	EXPECT_EQ(64 * KIB, info.length);
	EXPECT_EQ(MEMRIG_ATTR_UNCACHED, info.attr);
	EXPECT_EQ(0, info.uid);
	EXPECT_EQ(0660, info.mode);
	close(fd);
	fd = region_open(session, "boot-b", 0);
	ASSERT_GE(fd, 0);
	info = region_info(fd);
	EXPECT_EQ(9, info.uid);
	EXPECT_EQ(0, info.gid);
	EXPECT_EQ(0640, info.mode);
	EXPECT_TRUE(info.flags & MEMRIG_REGION_KERNEL_ONLY);
	close(fd);
	EXPECT_EQ(64 * KIB + MIB, used_bytes(session));
	/* Removable as any other; what is left goes with the module. */
	EXPECT_EQ(0, region_remove(session, "boot-a"));
	EXPECT_EQ(MIB, used_bytes(session));
	close(session);
	EXPECT_EQ(0, module_unload());
}

TEST_F(params, attrs_of_regions)
{
	static const char params[] =
		"attr_names=32:fast,40:near-dsp "
		"regions=boot-a:pages:cached:64K:attrs=external+fast+63:cpus=1,"
		"boot-b:pages:wc:64K:attrs=powered+near-dsp";
	struct memrig_attr_name name = ARG(memrig_attr_name, .bit = 40);
	struct memrig_region_info info;
	int session, fd;

	ASSERT_EQ(0, module_load(params));
	session = session_open();
	ASSERT_EQ(0, call(session, MEMRIG_IOC_ATTR_NAME, &name));
	EXPECT_STREQ("near-dsp", (char *)name.name);
	fd = region_open(session, "boot-a", 0);
	info = region_info(fd);
	EXPECT_EQ(MEMRIG_ATTRS_CACHEABLE | MEMRIG_ATTRS_EXTERNAL | 1ULL << 32 | 1ULL << 63,
		  info.attrs);
	EXPECT_EQ(1, info.cpus);
	EXPECT_EQ(-EOPNOTSUPP, region_suspend(fd, 0));
	close(fd);
	fd = region_open(session, "boot-b", 0);
	EXPECT_EQ(MEMRIG_ATTRS_NON_CACHEABLE | MEMRIG_ATTRS_WRITE_COMBINE | MEMRIG_ATTRS_POWERED |
			  1ULL << 40,
		  region_info(fd).attrs);
	EXPECT_EQ(0, region_suspend(fd, 0));
	close(fd);
	close(session);
	EXPECT_EQ(0, module_unload()); /* suspended or not */
}

TEST_F(params, wrong_attr_names)
{
	static const char *const wrong[] = {
		"attr_names=32",	"attr_names=31:low",	 "attr_names=64:high",
		"attr_names=x:name",	"attr_names=32:Name",	 "attr_names=32:7",
		"attr_names=32:",	"attr_names=:name",	 "attr_names=32:a,32:b",
		"attr_names=32:a,33:a", "attr_names=32:powered",
	};

	EXPECT_EQ(0, accepted(wrong, ARRAY_SIZE(wrong)));
}

/* A list that cannot be made as a whole is refused as a whole. */
TEST_F(params, wrong_regions)
{
	static const char *const wrong[] = {
		"regions=x",
		"regions=x:pages",
		"regions=x:pages:cached",
		"regions=x:pages:cached:",
		"regions=x:pages:cached:0",
		"regions=x:pages:cached:12q",
		"regions=:pages:cached:4K",
		"regions=X:pages:cached:4K",
		"regions=x:nothing:cached:4K",
		"regions=x:pages:nothing:4K",
		"regions=x:pages:cached:4K:nothing",
		"regions=x:pages:cached:4K:mode=999",
		"regions=x:pages:cached:4K:uid=",
		"regions=x:pages:cached:4K:mask=32",
		"regions=x:pages:cached:4K:attrs=",
		"regions=x:pages:cached:4K:attrs=nothing",
		"regions=x:pages:cached:4K:attrs=external+",
		"regions=x:pages:cached:4K:attrs=cacheable",
		"regions=x:pages:cached:4K:attrs=31",
		"regions=x:pages:cached:4K:attrs=64",
		"regions=x:pages:cached:4K:attrs=4294967295",
		"regions=x:pages:cached:4K:cpus=",
		"regions=x:pages:cached:4K:cpus=8000000000000000",
		"regions=x:pages:cached:4K,x:pages:cached:4K",
		"regions=x:pages:cached:4K,y:pages:cached:1000000G",
		"regions=abcdefghijklmnopqrstuvwxyz012345:pages:cached:4K",
	};

	EXPECT_EQ(0, accepted(wrong, ARRAY_SIZE(wrong)));
}

static int name_as_group_member(void *arg)
{
	gid_t group = NOBODY_GID;
	int session = session_open(), fd;

	CHECK(session >= 0);
	CHECK(!setgroups(1, &group));
	CHECK(!setresgid(1, 1, 1));
	CHECK(!setresuid(NOBODY_UID, NOBODY_UID, NOBODY_UID));
	fd = region_named(session, "members", 4096, 0600);
	CHECK(fd >= 0);
	CHECK(region_info(fd).uid == NOBODY_UID);
	CHECK(region_remove(session, "members") == 0);
	return 0;
}

static int name_as_stranger(void *arg)
{
	int session = session_open();

	become(NOBODY_UID, 1);
	CHECK(region_named(session, "strangers", 4096, 0600) == -EPERM);
	return 0;
}

static int name_for_somebody_else(void *arg)
{
	struct memrig_region_create c =
		ARG(memrig_region_create, .kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED,
		    .length = 4096, .node = MEMRIG_NODE_ANY, .uid = OTHER_UID,
		    .gid = MEMRIG_ID_SELF, .mode = 0600);
	gid_t group = NOBODY_GID;
	int session = session_open();

	name_set(c.name, "others");
	CHECK(!setgroups(1, &group));
	CHECK(!setresgid(1, 1, 1));
	CHECK(!setresuid(NOBODY_UID, NOBODY_UID, NOBODY_UID));
	CHECK(call(session, MEMRIG_IOC_REGION_CREATE, &c) == -EPERM);
	return 0;
}

TEST_F(params, named_gid)
{
	ASSERT_EQ(0, module_load("named_gid=12347"));
	EXPECT_EQ(0, in_child(name_as_group_member, NULL));
	EXPECT_EQ(0, in_child(name_as_stranger, NULL));
	EXPECT_EQ(0, in_child(name_for_somebody_else, NULL));
}

TEST_F(params, keep_quota)
{
	int session, region, heap, client;
	uint32_t reason = 0;
	int64_t a, b;

	ASSERT_EQ(0, module_load("keep_quota=10000"));
	session = session_open();
	region = region_new(session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, 64 * KIB);
	heap = heap_new(region, MEMRIG_PLACEMENT_OOB, 0);
	client = heap_attach(heap, NULL);
	a = heap_alloc(client, 8000, 0);
	b = heap_alloc(client, 8000, 0);
	EXPECT_EQ(0, heap_keep(client, a, &reason));
	EXPECT_EQ(-ENOMEM, heap_keep(client, b, &reason));
	EXPECT_EQ(MEMRIG_REASON_QUOTA, reason);
	EXPECT_EQ(1, heap_stat(client).client_blocks);
	/* What is freed makes room; the quota is over all heaps of the user. */
	EXPECT_EQ(0, heap_free(heap, a));
	EXPECT_EQ(0, heap_keep(client, b, &reason));
	close(client);
	close(heap);
	heap = heap_new(region, MEMRIG_PLACEMENT_OOB, 0);
	a = heap_alloc(heap, 9000, 0);
	EXPECT_EQ(0, heap_keep(heap, a, &reason));
	close(heap);
	close(region);
	close(session);
}

TEST_F(params, max_blocks_bound)
{
	struct memrig_heap_create arg;
	int session, region, heap;

	ASSERT_EQ(0, module_load("max_blocks=100"));
	session = session_open();
	region = region_new(session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, 64 * KIB);
	heap = heap_new(region, MEMRIG_PLACEMENT_OOB, 0);
	EXPECT_EQ(100, heap_stat(heap).max_blocks);
	for (int i = 0; i < 100; i++)
		(void)!heap_alloc(heap, 16, 0);
	EXPECT_LE(heap_stat(heap).live_blocks, 100);
	EXPECT_EQ(-ENOMEM, heap_alloc(heap, 16, 0));
	close(heap);
	/* A heap may have less for itself, not more. */
	arg = ARG(memrig_heap_create, .placement = MEMRIG_PLACEMENT_OOB, .max_blocks = 101);
	EXPECT_EQ(-EINVAL, call(region, MEMRIG_IOC_HEAP_CREATE, &arg));
	arg = ARG(memrig_heap_create, .placement = MEMRIG_PLACEMENT_OOB, .max_blocks = 99);
	EXPECT_EQ(0, call(region, MEMRIG_IOC_HEAP_CREATE, &arg));
	EXPECT_EQ(99, heap_stat(arg.fd).max_blocks);
	close(arg.fd);
	close(region);
	close(session);
}

/* What the kernel has handed out of its virtual space, in bytes. */
static int64_t vmalloc_used(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	long long kib = -1;
	char line[128];

	while (file && fgets(line, sizeof(line), file) && kib < 0)
		(void)!sscanf(line, "VmallocUsed: %lld", &kib);
	if (file)
		fclose(file);
	return kib * 1024;
}

static bool reads(const char *name, const char *expected)
{
	char path[128], value[64] = "";
	FILE *file;

	snprintf(path, sizeof(path), PARAMETERS "%s", name);
	file = fopen(path, "re");
	if (!file)
		return false;
	(void)!fgets(value, sizeof(value), file);
	fclose(file);
	value[strcspn(value, "\n")] = '\0';
	return !strcmp(value, expected);
}

/* The memory behind k_malloc() is there from the start and goes with the module. */
TEST_F(params, heap_mem_pool)
{
	int64_t without, with;

	ASSERT_EQ(0, module_load(""));
	EXPECT_TRUE(reads("heap_mem_pool_size", "0"));
	EXPECT_TRUE(reads("heap_mem_pool_ignore_min", "N"));
	without = vmalloc_used();
	ASSERT_EQ(0, module_unload());
	ASSERT_EQ(0, module_load("heap_mem_pool_size=33554432 heap_mem_pool_ignore_min=1"));
	EXPECT_TRUE(reads("heap_mem_pool_size", "33554432"));
	EXPECT_TRUE(reads("heap_mem_pool_ignore_min", "Y"));
	with = vmalloc_used();
	EXPECT_GE(with - without, 31 * MIB); /* others come and go */
	ASSERT_EQ(0, module_unload());
	EXPECT_LE(vmalloc_used(), with - 31 * MIB);
	/* With its headers it would be too large for one piece of the kernel's memory. */
	EXPECT_EQ(-EINVAL, module_load("heap_mem_pool_size=2147483647"));
	EXPECT_EQ(-EINVAL, module_load("heap_mem_pool_size=2147483648"));
	EXPECT_EQ(-EINVAL, module_load("heap_mem_pool_size=9000000000"));
}

TEST_F(params, wrong_numbers)
{
	static const char *const wrong[] = { "limit=x",
					     "limit=",
					     "keep_quota=-1",
					     "max_blocks=-1",
					     "named_gid=x",
					     "heap_mem_pool_size=x",
					     "heap_mem_pool_size=-1",
					     "heap_mem_pool_ignore_min=2" };

	EXPECT_EQ(0, accepted(wrong, ARRAY_SIZE(wrong)));
}

/* Loading and unloading over and over leaves nothing behind. */
TEST_F(params, load_and_unload)
{
	struct stat st;

	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(0, module_load("regions=again:pages:wc:256K"));
		EXPECT_EQ(0, stat("/dev/memrig", &st));
		EXPECT_TRUE(S_ISCHR(st.st_mode));
		EXPECT_EQ(0660, st.st_mode & 0777);
		ASSERT_EQ(0, module_unload());
		EXPECT_NE(0, access("/dev/memrig", F_OK));
	}
}

/* An open file of any kind holds the module. */
TEST_F(params, open_files_hold_the_module)
{
	int session, region, heap;
	char *map;

	ASSERT_EQ(0, module_load(""));
	session = session_open();
	EXPECT_EQ(-EAGAIN, module_unload());
	region = region_new(session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, 4096);
	close(session);
	EXPECT_EQ(-EAGAIN, module_unload());
	map = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, region, 0);
	heap = heap_new(region, MEMRIG_PLACEMENT_OOB, 0);
	close(region);
	EXPECT_EQ(-EAGAIN, module_unload());
	close(heap);
	EXPECT_EQ(-EAGAIN, module_unload());
	map[0] = 1;
	munmap(map, 4096);
	EXPECT_EQ(0, module_unload());
}

/* A page in a pipe holds neither the region nor the module, and is still there afterwards. */
TEST_F(params, spliced_page_outlives_the_module)
{
	struct {
		void *base;
		size_t len;
	} iov;
	int session, region, p[2];
	char got[4096], *map;

	ASSERT_EQ(0, pipe(p));
	ASSERT_EQ(0, module_load(""));
	session = session_open();
	map = region_mapped(session, 8192, &region);
	ASSERT_TRUE(map != MAP_FAILED);
	memset(map, 0x6e, 8192);
	iov.base = map;
	iov.len = 4096;
	ASSERT_EQ(4096, syscall(SYS_vmsplice, p[1], &iov, 1, 0));
	munmap(map, 8192);
	close(region);
	close(session);
	EXPECT_EQ(0, module_unload());
	ASSERT_EQ(4096, read(p[0], got, 4096));
	for (int i = 0; i < 4096; i++)
		ASSERT_EQ(0x6e, got[i]);
}

TEST_HARNESS_MAIN
