// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Named regions: grammar of names, persistence, who may create, open and remove, what sysfs shows.
 */
#include <dirent.h>
#include <sys/stat.h>

#include "abi.h"
#include "harness.h"

#define NAME   "abi-named"
#define LENGTH (16 * KIB)
#define SYSFS  "/sys/class/memrig/" NAME

FIXTURE(named)
{
	int session;
	uint64_t used;
};

FIXTURE_SETUP(named)
{
	self->session = session_open();
	ASSERT_GE(self->session, 0);
	region_remove(self->session, NAME);
	self->used = used_bytes(self->session);
}

FIXTURE_TEARDOWN(named)
{
	region_remove(self->session, NAME);
	EXPECT_EQ(self->used, used_bytes(self->session));
	close(self->session);
}

static int create_raw(int session, const void *name, uint32_t uid, uint32_t gid, uint32_t mode)
{
	struct memrig_region_create arg =
		ARG(memrig_region_create, .kind = MEMRIG_KIND_PAGES, .attr = MEMRIG_ATTR_CACHED,
		    .length = LENGTH, .node = MEMRIG_NODE_ANY, .uid = uid, .gid = gid,
		    .mode = mode);
	int ret;

	memcpy(arg.name, name, MEMRIG_NAME_MAX);
	ret = call(session, MEMRIG_IOC_REGION_CREATE, &arg);
	return ret ? ret : arg.fd;
}

static int create_for(int session, const char *name, uint32_t uid, uint32_t gid, uint32_t mode)
{
	__u8 field[MEMRIG_NAME_MAX];

	name_set(field, name);
	return create_raw(session, field, uid, gid, mode);
}

TEST_F(named, grammar)
{
	static const char *const good[] = {
		"a", "0", "a.b", "a-b_c.d9", "9lives", "abcdefghijklmnopqrstuvwxyz01234"
	};
	static const char *const bad[] = { ".a",  "-a",	  "_a",	 "A",  "aB", "a b",  "a/b", "..",
					   "a\n", "\xe4", "a%s", "a*", "/",  "a\\b", "a:b" };
	__u8 full[MEMRIG_NAME_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		int fd = region_named(self->session, good[i], LENGTH, 0600);

		ASSERT_GE(fd, 0)
		{
			TH_LOG("name '%s': %d", good[i], fd);
		}
		EXPECT_STREQ(good[i], (char *)region_info(fd).name);
		close(fd);
		EXPECT_EQ(0, region_remove(self->session, good[i]));
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		EXPECT_EQ(-EINVAL, region_named(self->session, bad[i], LENGTH, 0600))
		{
			TH_LOG("name '%s'", bad[i]);
		}
	}
	/* No terminating NUL. */
	memset(full, 'a', sizeof(full));
	EXPECT_EQ(-EINVAL, create_raw(self->session, full, MEMRIG_ID_SELF, MEMRIG_ID_SELF, 0600));
	EXPECT_EQ(-EINVAL, region_named(self->session, NAME, LENGTH, 01777));
	EXPECT_EQ(-EINVAL, region_named(self->session, NAME, LENGTH, 0700));
}

TEST_F(named, open_and_remove_check_names)
{
	struct memrig_region_open open_arg = ARG(memrig_region_open);
	struct memrig_region_remove remove_arg = ARG(memrig_region_remove);

	EXPECT_EQ(-ENOENT, region_open(self->session, "absent", 0));
	EXPECT_EQ(-ENOENT, region_remove(self->session, "absent"));
	memset(open_arg.name, 'a', MEMRIG_NAME_MAX);
	memset(remove_arg.name, 'a', MEMRIG_NAME_MAX);
	EXPECT_EQ(-EINVAL, call(self->session, MEMRIG_IOC_REGION_OPEN, &open_arg));
	EXPECT_EQ(-EINVAL, call(self->session, MEMRIG_IOC_REGION_REMOVE, &remove_arg));
	EXPECT_EQ(-EINVAL, region_open(self->session, "", 0));
	EXPECT_EQ(-EINVAL, region_remove(self->session, ""));
}

TEST_F(named, persists_with_content)
{
	int fd = region_named(self->session, NAME, LENGTH, 0600);
	uint64_t id = region_info(fd).id;
	int other = session_open();
	char *map;

	ASSERT_GE(fd, 0);
	map = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_TRUE(map != MAP_FAILED);
	memset(map, 0x3c, LENGTH);
	munmap(map, LENGTH);
	close(fd);
	EXPECT_EQ(self->used + LENGTH, used_bytes(other));
	EXPECT_EQ(-EEXIST, region_named(other, NAME, LENGTH, 0600));
	fd = region_open(other, NAME, 0);
	ASSERT_GE(fd, 0);
	EXPECT_EQ(id, region_info(fd).id);
	EXPECT_TRUE(region_info(fd).flags & MEMRIG_REGION_STATE_NAMED);
	map = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	ASSERT_TRUE(map != MAP_FAILED);
	EXPECT_EQ(0x3c, map[LENGTH - 1]);
	munmap(map, LENGTH);
	close(fd);
	close(other);
}

/* The name goes at once, the memory with the last user. */
TEST_F(named, removed_while_mapped)
{
	int fd = region_named(self->session, NAME, LENGTH, 0600);
	int heap = heap_new(fd, MEMRIG_PLACEMENT_OOB, 0);
	char *map = mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	int again;

	ASSERT_TRUE(map != MAP_FAILED);
	ASSERT_GE(heap, 0);
	map[9] = 9;
	EXPECT_EQ(0, region_remove(self->session, NAME));
	EXPECT_EQ(-ENOENT, region_open(self->session, NAME, 0));
	EXPECT_EQ(-ENOENT, region_remove(self->session, NAME));
	EXPECT_EQ(9, map[9]);
	map[LENGTH - 1] = 1;
	EXPECT_GE(heap_alloc(heap, 100, 0), 0);
	again = region_named(self->session, NAME, LENGTH, 0600);
	ASSERT_GE(again, 0);
	EXPECT_NE(region_info(fd).id, region_info(again).id);
	EXPECT_EQ(self->used + 2 * LENGTH, used_bytes(self->session));
	close(again);
	EXPECT_EQ(0, region_remove(self->session, NAME));
	close(fd);
	close(heap);
	EXPECT_EQ(self->used + LENGTH, used_bytes(self->session));
	munmap(map, LENGTH);
	EXPECT_EQ(self->used, used_bytes(self->session));
}

/* Opening as another user: mode bits decide, first class that matches counts. */
struct attempt {
	int session;
	uid_t uid;
	gid_t gid;
	uint32_t flags;
	int expect;
};

static int try_open(void *arg)
{
	struct attempt *a = arg;
	int fd;

	become(a->uid, a->gid);
	fd = region_open(a->session, NAME, a->flags);
	if (a->expect) {
		CHECK(fd == a->expect);
		return 0;
	}
	CHECK(fd >= 0);
	return 0;
}

TEST_F(named, mode_decides)
{
	static const struct {
		uint32_t mode;
		int owner, owner_ro, group, group_ro, other, other_ro;
	} table[] = {
		{ 0600, 0, 0, -EACCES, -EACCES, -EACCES, -EACCES },
		{ 0640, 0, 0, -EACCES, 0, -EACCES, -EACCES },
		{ 0660, 0, 0, 0, 0, -EACCES, -EACCES },
		{ 0664, 0, 0, 0, 0, -EACCES, 0 },
		{ 0666, 0, 0, 0, 0, 0, 0 },
		{ 0444, -EACCES, 0, -EACCES, 0, -EACCES, 0 },
		{ 0066, -EACCES, -EACCES, 0, 0, 0, 0 },
		{ 0000, -EACCES, -EACCES, -EACCES, -EACCES, -EACCES, -EACCES },
	};

	for (size_t i = 0; i < ARRAY_SIZE(table); i++) {
		const struct attempt attempts[] = {
			{ self->session, NOBODY_UID, 1, 0, table[i].owner },
			{ self->session, NOBODY_UID, 1, MEMRIG_OPEN_READ_ONLY, table[i].owner_ro },
			{ self->session, OTHER_UID, NOBODY_GID, 0, table[i].group },
			{ self->session, OTHER_UID, NOBODY_GID, MEMRIG_OPEN_READ_ONLY,
			  table[i].group_ro },
			{ self->session, OTHER_UID, 1, 0, table[i].other },
			{ self->session, OTHER_UID, 1, MEMRIG_OPEN_READ_ONLY, table[i].other_ro },
		};
		int fd = create_for(self->session, NAME, NOBODY_UID, NOBODY_GID, table[i].mode);
		struct memrig_region_info info;

		ASSERT_GE(fd, 0);
		info = region_info(fd);
		EXPECT_EQ(NOBODY_UID, info.uid);
		EXPECT_EQ(NOBODY_GID, info.gid);
		EXPECT_EQ(table[i].mode, info.mode);
		close(fd);
		for (size_t a = 0; a < ARRAY_SIZE(attempts); a++) {
			EXPECT_EQ(0, in_child(try_open, (void *)&attempts[a]))
			{
				TH_LOG("mode %04o, attempt %zu", table[i].mode, a);
			}
		}
		/* Root reads and writes whatever the mode says. */
		fd = region_open(self->session, NAME, 0);
		EXPECT_GE(fd, 0);
		close(fd);
		EXPECT_EQ(0, region_remove(self->session, NAME));
	}
}

TEST_F(named, read_only_open)
{
	int fd = region_named(self->session, NAME, LENGTH, 0600);
	int ro = region_open(self->session, NAME, MEMRIG_OPEN_READ_ONLY);
	char *map;

	ASSERT_GE(ro, 0);
	EXPECT_TRUE(region_info(ro).flags & MEMRIG_REGION_STATE_READ_ONLY);
	EXPECT_FALSE(region_info(fd).flags & MEMRIG_REGION_STATE_READ_ONLY);
	EXPECT_TRUE(mmap(NULL, LENGTH, PROT_READ | PROT_WRITE, MAP_SHARED, ro, 0) == MAP_FAILED);
	EXPECT_EQ(EACCES, errno);
	EXPECT_TRUE(mmap(NULL, LENGTH, PROT_WRITE, MAP_SHARED, ro, 0) == MAP_FAILED);
	map = mmap(NULL, LENGTH, PROT_READ, MAP_SHARED, ro, 0);
	ASSERT_TRUE(map != MAP_FAILED);
	EXPECT_EQ(-1, mprotect(map, LENGTH, PROT_READ | PROT_WRITE));
	EXPECT_EQ(EACCES, errno);
	EXPECT_EQ(0, map[0]);
	munmap(map, LENGTH);
	/* Managing the memory is writing it. */
	EXPECT_EQ(-EACCES, heap_new(ro, MEMRIG_PLACEMENT_OOB, 0));
	close(ro);
	close(fd);
}

static int create_as_nobody(void *arg)
{
	int session = *(int *)arg;

	become(NOBODY_UID, NOBODY_GID);
	CHECK(region_named(session, "nobodys", 4096, 0600) == -EPERM);
	CHECK(create_for(session, "nobodys", 0, 0, 0600) == -EPERM);
	return 0;
}

static int remove_as_other(void *arg)
{
	become(OTHER_UID, NOBODY_GID);
	CHECK(region_remove(*(int *)arg, NAME) == -EPERM);
	return 0;
}

static int remove_as_owner(void *arg)
{
	become(NOBODY_UID, NOBODY_GID);
	CHECK(region_remove(*(int *)arg, NAME) == 0);
	return 0;
}

TEST_F(named, who_may_create_and_remove)
{
	int fd;

	EXPECT_EQ(0, in_child(create_as_nobody, &self->session));
	fd = create_for(self->session, NAME, NOBODY_UID, NOBODY_GID, 0666);
	ASSERT_GE(fd, 0);
	close(fd);
	EXPECT_EQ(0, in_child(remove_as_other, &self->session));
	EXPECT_EQ(0, in_child(remove_as_owner, &self->session));
	EXPECT_EQ(-ENOENT, region_remove(self->session, NAME));
}

/* Each attribute is one 0440 file; none of them tells where the memory is. */
TEST_F(named, sysfs)
{
	int fd = region_named(self->session, NAME, LENGTH, 0600);
	struct memrig_region_addr addr;
	char path[512], text[4096], phys[32], frame[32];
	struct dirent *entry;
	struct stat st;
	int files = 0;
	DIR *dir;

	ASSERT_GE(fd, 0);
	ASSERT_EQ(0, region_addr(fd, 0, &addr));
	snprintf(phys, sizeof(phys), "%llx", (unsigned long long)addr.phys);
	snprintf(frame, sizeof(frame), "%llx", (unsigned long long)addr.phys >> 12);
	dir = opendir(SYSFS);
	ASSERT_NE(NULL, dir);
	while ((entry = readdir(dir))) {
		snprintf(path, sizeof(path), SYSFS "/%s", entry->d_name);
		if (lstat(path, &st) || !S_ISREG(st.st_mode))
			continue;
		if (file_read(path, text, sizeof(text)) < 0)
			continue;
		EXPECT_EQ(NULL, strstr(text, phys));
		EXPECT_EQ(NULL, strstr(text, frame));
		if (!strcmp(entry->d_name, "uevent"))
			continue;
		files++;
		EXPECT_EQ(0440, st.st_mode & 07777)
		{
			TH_LOG("%s", entry->d_name);
		}
	}
	closedir(dir);
	EXPECT_GE(files, 3);
	close(fd);
	EXPECT_EQ(0, stat(SYSFS, &st));
	EXPECT_EQ(0, region_remove(self->session, NAME));
	EXPECT_EQ(-1, stat(SYSFS, &st));
}

TEST_HARNESS_MAIN
