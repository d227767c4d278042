// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Tracking: who asked for which block, when, for how much and where, as any client of the heap can
 * see it; and what is said when a client leaves blocks behind.
 */
#include <sys/stat.h>
#include <sys/time.h>
#include <time.h>

#include "abi.h"
#include "harness.h"

#define TRACEFS	 "/sys/kernel/tracing"
#define INSTANCE TRACEFS "/instances/memrig-track"
#define LENGTH	 (64 * KIB)
#define TEXT	 (1 << 18)

FIXTURE(track)
{
	int session;
	int region;
	int heap;
};

FIXTURE_SETUP(track)
{
	self->session = session_open();
	self->region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	self->heap =
		heap_new(self->region, MEMRIG_PLACEMENT_OOB, MEMRIG_HEAP_STATS | MEMRIG_HEAP_TRACK);
	ASSERT_GE(self->heap, 0);
}

FIXTURE_TEARDOWN(track)
{
	EXPECT_EQ(0, heap_validate(self->heap));
	close(self->heap);
	close(self->region);
	close(self->session);
}

static int64_t alloc_at(int heap, uint64_t bytes, const char *site)
{
	struct memrig_alloc arg = ARG(memrig_alloc, .bytes = bytes, .site = (uintptr_t)site);
	int ret = heap_alloc_full(heap, &arg);

	return ret ? ret : (int64_t)arg.offset;
}

/* What is known of the block at @offset; its flags are 0 if it is not listed. */
static struct memrig_track_entry known(int heap, int64_t offset)
{
	struct memrig_track_entry all[64], none = { 0 };
	int64_t n = heap_tracked(heap, all, ARRAY_SIZE(all), 3);

	for (int64_t i = 0; i < n && i < (int64_t)ARRAY_SIZE(all); i++)
		if (all[i].offset == (uint64_t)offset)
			return all[i];
	return none;
}

static uint64_t boot_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_BOOTTIME, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

TEST_F(track, knows_who_when_and_where)
{
	uint64_t before = boot_ns();
	int64_t off = alloc_at(self->heap, 100, "main.c:42");
	struct memrig_track_entry e = known(self->heap, off);

	ASSERT_GE(off, 0);
	EXPECT_EQ(MEMRIG_BLOCK_USED | MEMRIG_BLOCK_MINE, e.flags);
	EXPECT_EQ(100, e.bytes);
	EXPECT_EQ(heap_usable(self->heap, off), e.usable);
	EXPECT_EQ(heap_stat(self->heap).client, e.client);
	EXPECT_EQ(getpid(), e.pid);
	EXPECT_GE(e.when_ns, before);
	EXPECT_LE(e.when_ns, boot_ns());
	EXPECT_STREQ("main.c:42", (char *)e.site);
	EXPECT_STREQ(program_invocation_short_name, (char *)e.comm);
	EXPECT_EQ(0, heap_free(self->heap, off));
	EXPECT_EQ(0, heap_tracked(self->heap, NULL, 0, 8));
}

TEST_F(track, time_goes_on)
{
	uint64_t last = 0;

	for (int i = 0; i < 20; i++) {
		struct memrig_track_entry e = known(self->heap, heap_alloc(self->heap, 8, 0));

		ASSERT_GE(e.when_ns, last);
		ASSERT_NE(0, e.when_ns);
		EXPECT_STREQ("", (char *)e.site);
		last = e.when_ns;
	}
	EXPECT_EQ(20, heap_tracked(self->heap, NULL, 0, 7));
	EXPECT_EQ(20, heap_tracked(self->heap, NULL, 0, 1));
}

TEST_F(track, refuses_what_is_no_site)
{
	char text[MEMRIG_SITE_MAX + 1];
	int64_t off;

	memset(text, 'x', sizeof(text));
	text[MEMRIG_SITE_MAX] = 0;
	EXPECT_EQ(-EINVAL, alloc_at(self->heap, 8, text)); /* no room for the NUL */
	text[MEMRIG_SITE_MAX - 1] = 0;
	off = alloc_at(self->heap, 8, text);
	ASSERT_GE(off, 0);
	EXPECT_STREQ(text, (char *)known(self->heap, off).site);
	EXPECT_EQ(-EINVAL, alloc_at(self->heap, 8, "a\nb"));
	EXPECT_EQ(-EINVAL, alloc_at(self->heap, 8, "\x1b[31m"));
	EXPECT_EQ(-EINVAL, alloc_at(self->heap, 8, "d\xc3\xa9j\xc3\xa0"));
	EXPECT_EQ(-EFAULT, alloc_at(self->heap, 8, (const char *)1));
	EXPECT_GE(alloc_at(self->heap, 8, ""), 0);
	EXPECT_EQ(2, heap_stat(self->heap).allocs);
}

TEST_F(track, only_where_it_was_asked_for)
{
	int region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	int heap = heap_new(region, MEMRIG_PLACEMENT_OOB, 0);

	EXPECT_EQ(-EINVAL, heap_tracked(heap, NULL, 0, 8));
	/* A site is not even read. */
	EXPECT_GE(alloc_at(heap, 8, (const char *)1), 0);
	EXPECT_EQ(0, heap_stat(heap).flags & MEMRIG_HEAP_TRACK);
	EXPECT_NE(0, heap_stat(self->heap).flags & MEMRIG_HEAP_TRACK);
	close(heap);
	close(region);
}

TEST_F(track, refuses_bad_listings)
{
	struct memrig_track_entry entry;
	struct memrig_track_list arg =
		ARG(memrig_track_list, .entries = (uintptr_t)&entry, .entry_size = sizeof(entry));

	EXPECT_EQ(-EINVAL, call(self->heap, MEMRIG_IOC_TRACK_LIST, &arg));
	arg.count = MEMRIG_BATCH_MAX + 1;
	EXPECT_EQ(-EINVAL, call(self->heap, MEMRIG_IOC_TRACK_LIST, &arg));
	arg.count = 1;
	arg.flags = 1;
	EXPECT_EQ(-EOPNOTSUPP, call(self->heap, MEMRIG_IOC_TRACK_LIST, &arg));
	arg = ARG(memrig_track_list, .entries = (uintptr_t)&entry, .count = 1, .entry_size = 8);
	EXPECT_EQ(-EINVAL, call(self->heap, MEMRIG_IOC_TRACK_LIST, &arg));
	arg.count = 1;
	arg.entry_size = 1 << 20;
	EXPECT_EQ(-EINVAL, call(self->heap, MEMRIG_IOC_TRACK_LIST, &arg));
	ASSERT_GE(heap_alloc(self->heap, 8, 0), 0);
	arg = ARG(memrig_track_list, .entries = 1, .count = 1, .entry_size = sizeof(entry));
	EXPECT_EQ(-EFAULT, call(self->heap, MEMRIG_IOC_TRACK_LIST, &arg));
	EXPECT_EQ(-ENOTTY, call(self->region, MEMRIG_IOC_TRACK_LIST, &arg));
}

TEST_F(track, what_is_known_stays_with_the_block)
{
	uint32_t id, reason;
	int peer = heap_attach(self->heap, &id);
	int64_t off = alloc_at(self->heap, 100, "here:1"), wall, moved;
	struct memrig_track_entry first = known(self->heap, off), e;

	ASSERT_GE(off, 0);
	/* Given away. */
	EXPECT_EQ(0, heap_give(self->heap, off, id));
	e = known(self->heap, off);
	EXPECT_EQ(id, e.client);
	EXPECT_EQ(MEMRIG_BLOCK_USED, e.flags);
	EXPECT_STREQ("here:1", (char *)e.site);
	EXPECT_EQ(first.when_ns, e.when_ns);
	/* Sent, and received. */
	EXPECT_EQ(0, heap_send(peer, off, 0));
	e = known(self->heap, off);
	EXPECT_EQ(MEMRIG_BLOCK_USED | MEMRIG_BLOCK_QUEUED, e.flags);
	EXPECT_EQ(first.when_ns, e.when_ns);
	EXPECT_EQ(off, heap_receive(self->heap));
	/* Resized in place and moved. */
	wall = heap_alloc(self->heap, 8, 0);
	EXPECT_EQ(off, heap_realloc(self->heap, off, 50, 0, 0));
	EXPECT_EQ(50, known(self->heap, off).bytes);
	moved = heap_realloc(self->heap, off, 5000, 0, 0);
	ASSERT_GE(moved, 0);
	ASSERT_NE(off, moved);
	e = known(self->heap, moved);
	EXPECT_EQ(5000, e.bytes);
	EXPECT_EQ(first.when_ns, e.when_ns);
	EXPECT_EQ(getpid(), e.pid);
	EXPECT_STREQ("here:1", (char *)e.site);
	EXPECT_EQ(0, known(self->heap, off).flags);
	/* Kept. */
	EXPECT_EQ(0, heap_keep(self->heap, moved, &reason));
	e = known(self->heap, moved);
	EXPECT_EQ(MEMRIG_BLOCK_USED | MEMRIG_BLOCK_KEPT, e.flags);
	EXPECT_EQ(0, e.client);
	EXPECT_STREQ("here:1", (char *)e.site);
	EXPECT_EQ(0, heap_free(self->heap, wall));
	EXPECT_EQ(0, heap_free(self->heap, moved));
	close(peer);
}

/* A run of blocks that is freed in part: what is left is still known. */
TEST_F(track, parts_of_a_run)
{
	int region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	struct memrig_heap_create arg = ARG(memrig_heap_create, .flags = MEMRIG_HEAP_TRACK,
					    .placement = MEMRIG_PLACEMENT_OOB,
					    .engine = MEMRIG_ENGINE_BLOCKS, .block_size = 64);
	struct memrig_track_entry e;

	ASSERT_EQ(0, call(region, MEMRIG_IOC_HEAP_CREATE, &arg));
	ASSERT_EQ(0, alloc_at(arg.fd, 64 * 8 - 10, "run:8"));
	EXPECT_EQ(0, blocks_free(arg.fd, 128, 2));
	e = known(arg.fd, 0);
	EXPECT_EQ(128, e.bytes);
	EXPECT_EQ(128, e.usable);
	EXPECT_STREQ("run:8", (char *)e.site);
	e = known(arg.fd, 256);
	EXPECT_EQ(256 - 10, e.bytes);
	EXPECT_EQ(256, e.usable);
	EXPECT_EQ(getpid(), e.pid);
	EXPECT_STREQ("run:8", (char *)e.site);
	EXPECT_EQ(2, heap_tracked(arg.fd, NULL, 0, 8));
	EXPECT_EQ(0, blocks_get(arg.fd, 128, 2));
	EXPECT_EQ(128, known(arg.fd, 128).bytes);
	EXPECT_EQ(0, blocks_free(arg.fd, 0, 8));
	EXPECT_EQ(0, heap_tracked(arg.fd, NULL, 0, 8));
	close(arg.fd);
	close(region);
}

TEST_F(track, batches_are_known)
{
	struct memrig_alloc_req reqs[20];
	struct memrig_alloc_batch arg = ARG(memrig_alloc_batch, .flags = MEMRIG_BATCH_ALL_OR_NONE,
					    .reqs = (uintptr_t)reqs, .count = ARRAY_SIZE(reqs));

	for (size_t i = 0; i < ARRAY_SIZE(reqs); i++)
		reqs[i] = (struct memrig_alloc_req){ .bytes = i + 1 };
	ASSERT_EQ(0, call(self->heap, MEMRIG_IOC_ALLOC_BATCH, &arg));
	for (size_t i = 0; i < ARRAY_SIZE(reqs); i++) {
		EXPECT_EQ(i + 1, known(self->heap, reqs[i].offset).bytes);
		EXPECT_EQ(getpid(), known(self->heap, reqs[i].offset).pid);
	}
	/* One that is undone leaves no trace. */
	reqs[19].bytes = 1ULL << 40;
	EXPECT_EQ(-ENOMEM, call(self->heap, MEMRIG_IOC_ALLOC_BATCH, &arg));
	EXPECT_EQ(ARRAY_SIZE(reqs), heap_tracked(self->heap, NULL, 0, 8));
}

struct other {
	int heap;
	int64_t offset;
	pid_t pid;
};

static int look_from_outside(void *arg)
{
	struct other *other = arg;
	struct memrig_track_entry e;
	int client = heap_attach(other->heap, NULL);

	CHECK(client >= 0);
	e = known(client, other->offset);
	CHECK(e.flags == MEMRIG_BLOCK_USED);
	CHECK(e.pid == (uint32_t)other->pid);
	CHECK(!strcmp((char *)e.site, "parent:7"));
	return 0;
}

TEST_F(track, other_processes_can_see_it)
{
	struct other other = { .heap = self->heap, .pid = getpid() };

	other.offset = alloc_at(self->heap, 10, "parent:7");
	ASSERT_GE(other.offset, 0);
	EXPECT_EQ(0, in_child(look_from_outside, &other));
}

TEST_F(track, through_a_multi_object)
{
	int region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	int second = heap_new(region, MEMRIG_PLACEMENT_OOB, MEMRIG_HEAP_TRACK);
	int multi = multi_new(self->session), m0, m1;
	struct memrig_multi_alloc arg =
		ARG(memrig_multi_alloc, .bytes = 100, .site = (uintptr_t) "multi:1");
	struct memrig_multi_realloc move;
	struct memrig_track_entry e;
	uint64_t when;

	m0 = multi_add(multi, self->heap, MEMRIG_ATTRS_CUSTOM(0));
	m1 = multi_add(multi, second, MEMRIG_ATTRS_CUSTOM(1));
	ASSERT_EQ(0, m0);
	ASSERT_EQ(1, m1);
	arg.with = MEMRIG_ATTRS_CUSTOM(0);
	ASSERT_EQ(0, call(multi, MEMRIG_IOC_MULTI_ALLOC, &arg));
	e = known(self->heap, arg.offset);
	EXPECT_STREQ("multi:1", (char *)e.site);
	EXPECT_EQ(100, e.bytes);
	when = e.when_ns;
	move = ARG(memrig_multi_realloc, .offset = arg.offset, .member = arg.member, .bytes = 200,
		   .with = MEMRIG_ATTRS_CUSTOM(1));
	ASSERT_EQ(0, call(multi, MEMRIG_IOC_MULTI_REALLOC, &move));
	EXPECT_EQ(0, known(self->heap, arg.offset).flags);
	e = known(second, move.offset);
	EXPECT_STREQ("multi:1", (char *)e.site);
	EXPECT_EQ(200, e.bytes);
	EXPECT_EQ(when, e.when_ns);
	arg.site = (uintptr_t) "a\tb";
	EXPECT_EQ(-EINVAL, call(multi, MEMRIG_IOC_MULTI_ALLOC, &arg));
	close(multi);
	close(second);
	close(region);
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

TEST_F(track, what_is_left_behind_is_told)
{
	static char text[TEXT];
	int client = heap_attach(self->heap, NULL);
	int64_t stays = alloc_at(self->heap, 10, "stays:1"), freed;

	if (mkdir(INSTANCE, 0700) && errno != EEXIST)
		SKIP(return, "no tracefs at " TRACEFS);
	ASSERT_EQ(0, file_write(INSTANCE "/events/memrig/memrig_leak/enable", "1"));
	freed = alloc_at(client, 20, "freed:2");
	ASSERT_GE(alloc_at(client, 30, "leaked:3"), 0);
	ASSERT_GE(alloc_at(client, 31, "leaked:3"), 0);
	EXPECT_EQ(0, heap_send(client, alloc_at(client, 40, "sent:4"), 0));
	EXPECT_EQ(0, heap_free(client, freed));
	close(client);
	ASSERT_GT(file_read(INSTANCE "/trace", text, TEXT), 0);
	EXPECT_EQ(2, count(text, "memrig_leak:"));
	EXPECT_EQ(2, count(text, "site=leaked:3"));
	EXPECT_EQ(1, count(text, " bytes=30 "));
	EXPECT_EQ(1, count(text, " bytes=31 "));
	file_write(INSTANCE "/events/memrig/memrig_leak/enable", "0");
	rmdir(INSTANCE);
	EXPECT_EQ(2, heap_stat(self->heap).reclaimed);
	EXPECT_EQ(2, heap_tracked(self->heap, NULL, 0, 8));
	EXPECT_EQ(0, heap_free(self->heap, stays));
}

TEST_HARNESS_MAIN
