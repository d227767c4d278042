// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What the trace says of waiting, of messages, of multi objects, of power and of what clients leave
 * behind: each event once for each thing that happened, with its figures.
 */
#include <stdarg.h>
#include <sys/stat.h>

#include "harness.h"
#include "waiter.h"

#define TRACEFS	 "/sys/kernel/tracing"
#define INSTANCE TRACEFS "/instances/memrig-events"
#define EVENTS	 INSTANCE "/events/memrig/enable"
#define TEXT	 (1 << 20)
#define LENGTH	 (64 * KIB)

FIXTURE(events)
{
	int session;
	int region;
	int heap;
	struct memrig_heap_stat stat;
	char *text;
};

FIXTURE_SETUP(events)
{
	self->text = NULL;
	if (mkdir(INSTANCE, 0700) && errno != EEXIST)
		SKIP(return, "no tracefs at " TRACEFS);
	if (file_write(EVENTS, "1"))
		SKIP(return, "no events/memrig in tracefs (CONFIG_EVENT_TRACING)");
	self->text = malloc(TEXT);
	ASSERT_NE(NULL, self->text);
	self->session = session_open();
	self->region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	self->heap = heap_new(self->region, MEMRIG_PLACEMENT_OOB, MEMRIG_HEAP_STATS);
	ASSERT_GE(self->heap, 0);
	self->stat = heap_stat(self->heap);
	close(open(INSTANCE "/trace", O_WRONLY | O_TRUNC));
}

FIXTURE_TEARDOWN(events)
{
	file_write(EVENTS, "0");
	close(self->heap);
	close(self->region);
	close(self->session);
	rmdir(INSTANCE);
	free(self->text);
}

/* How often the trace, as it was read last, has these words, and where it has them first. */
static int said(const char *text, const char **first, const char *format, ...)
{
	char words[256];
	va_list args;
	int n = 0;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	*first = strstr(text, words);
	while ((text = strstr(text, words))) {
		n++;
		text++;
	}
	return n;
}

/* Whether the line that begins or goes on at @at ends so; @at may be NULL. */
static bool ends(const char *at, int error)
{
	const char *end = at ? strchr(at, '\n') : NULL;
	char words[32];
	int n = snprintf(words, sizeof(words), " error=%d", error);

	return end && end - at >= n && !strncmp(end - n, words, n);
}

#define READ()	  ASSERT_GT(file_read(INSTANCE "/trace", self->text, TEXT), 0)
#define SAID(...) said(self->text, &at, __VA_ARGS__)
#define U(n)	  ((unsigned long long)(n))

TEST_F(events, waiting_in_vain)
{
	struct memrig_alloc free_one = ARG(memrig_alloc, .flags = MEMRIG_ALLOC_WAIT, .bytes = 8,
					   .timeout_ns = MEMRIG_FOREVER);
	const char *at, *begin;

	/* Who is served at once has not waited. */
	ASSERT_EQ(0, heap_alloc_full(self->heap, &free_one));
	EXPECT_EQ(-ETIMEDOUT, heap_alloc_wait(self->heap, LENGTH, 64, 20 * MSEC));
	READ();
	EXPECT_EQ(1, SAID("memrig_wait_begin:"));
	EXPECT_EQ(1, SAID("memrig_wait_end:"));
	EXPECT_EQ(1, SAID("memrig_wait_begin: heap=%llu client=%u bytes=%llu align=0x40 prio=",
			  U(self->stat.id), self->stat.client, LENGTH));
	begin = at;
	EXPECT_EQ(1, SAID(" timeout_ns=%llu\n", 20 * MSEC));
	EXPECT_EQ(1, SAID("memrig_wait_end: heap=%llu client=%u bytes=%llu waited_ns=",
			  U(self->stat.id), self->stat.client, LENGTH));
	ASSERT_NE(NULL, at);
	EXPECT_LT(begin, at);
	at = strstr(at, "waited_ns=");
	ASSERT_NE(NULL, at);
	EXPECT_GE(strtoull(at + 10, (char **)&at, 10), 20 * MSEC);
	EXPECT_TRUE(ends(at, -ETIMEDOUT));
}

TEST_F(events, waiting_with_success)
{
	struct waiter waiter = { .heap = self->heap, .bytes = 1000, .timeout_ns = MEMRIG_FOREVER };
	int64_t all = heap_alloc(self->heap, heap_stat(self->heap).largest_free, 0);
	const char *at;

	ASSERT_GE(all, 0);
	ASSERT_EQ(0, waiter_start(&waiter));
	READ();
	EXPECT_EQ(1, SAID("memrig_wait_begin:"));
	EXPECT_EQ(1, SAID(" timeout_ns=%llu\n", U(MEMRIG_FOREVER)));
	EXPECT_EQ(0, SAID("memrig_wait_end:"));
	EXPECT_EQ(0, heap_free(self->heap, all));
	EXPECT_EQ(0, waiter_answer(&waiter).ret);
	READ();
	EXPECT_EQ(1, SAID("memrig_wait_end: heap=%llu client=", U(self->stat.id)));
	EXPECT_TRUE(ends(at, 0));
	EXPECT_EQ(0, waiter_end(&waiter));
}

TEST_F(events, messages)
{
	int64_t first = heap_alloc(self->heap, 100, 0), second = heap_alloc(self->heap, 200, 0);
	uint32_t id;
	int peer = heap_attach(self->heap, &id);
	const char *at;

	ASSERT_GE(second, 0);
	EXPECT_EQ(-EINVAL, heap_send(self->heap, first, 100000));
	EXPECT_EQ(-EPERM, heap_send(peer, first, 0));
	EXPECT_EQ(0, heap_send(self->heap, first, 60));
	EXPECT_EQ(0, heap_send(self->heap, second, 0));
	EXPECT_EQ(first, heap_receive(peer));
	EXPECT_EQ(second, heap_receive(peer));
	EXPECT_EQ(-EAGAIN, heap_receive(peer));
	READ();
	EXPECT_EQ(4, SAID("memrig_send:"));
	EXPECT_EQ(1, SAID("memrig_send: heap=%llu client=%u offset=0x%llx bytes=100000 error=%d\n",
			  U(self->stat.id), self->stat.client, U(first), -EINVAL));
	EXPECT_EQ(1, SAID("memrig_send: heap=%llu client=%u offset=0x%llx bytes=0 error=%d\n",
			  U(self->stat.id), id, U(first), -EPERM));
	EXPECT_EQ(1, SAID("memrig_send: heap=%llu client=%u offset=0x%llx bytes=60 error=0\n",
			  U(self->stat.id), self->stat.client, U(first)));
	EXPECT_EQ(1, SAID("memrig_send: heap=%llu client=%u offset=0x%llx bytes=0 error=0\n",
			  U(self->stat.id), self->stat.client, U(second)));
	EXPECT_EQ(3, SAID("memrig_receive:"));
	EXPECT_EQ(1, SAID("memrig_receive: heap=%llu client=%u offset=0x%llx bytes=60 from=%u ",
			  U(self->stat.id), id, U(first), self->stat.client));
	EXPECT_TRUE(ends(at, 0));
	EXPECT_EQ(1, SAID("memrig_receive: heap=%llu client=%u offset=0x%llx bytes=%lld from=%u ",
			  U(self->stat.id), id, U(second), (long long)heap_usable(peer, second),
			  self->stat.client));
	EXPECT_TRUE(ends(at, 0));
	EXPECT_EQ(1, SAID("memrig_receive: heap=%llu client=%u offset=0x0 bytes=0 from=0 ",
			  U(self->stat.id), id));
	EXPECT_TRUE(ends(at, -EAGAIN));
	close(peer);
}

TEST_F(events, multi_objects)
{
	const struct memrig_rule rules[] = {
		{ .max_bytes = 1, .prio_min = INT32_MIN, .uid = MEMRIG_UID_ANY, .member = 7 },
		{ .prio_min = -5, .uid = MEMRIG_UID_ANY, .member = 0 },
	};
	struct memrig_multi_alloc arg = { .bytes = 321, .priority = -5 };
	struct memrig_multi_alloc low = { .bytes = 322, .priority = -6 };
	struct memrig_multi_alloc big = { .bytes = 2 * LENGTH };
	uint64_t attrs = MEMRIG_ATTRS_CUSTOM(3) | region_info(self->region).attrs;
	int multi = multi_new(self->session);
	const char *at;

	ASSERT_EQ(0, multi_add(multi, self->heap, MEMRIG_ATTRS_CUSTOM(3)));
	EXPECT_EQ(-EEXIST, multi_add(multi, self->heap, 0));
	ASSERT_EQ(0, multi_rules(multi, rules, 2));
	ASSERT_EQ(0, multi_alloc_full(multi, &arg));
	EXPECT_EQ(-ENOENT, multi_alloc_full(multi, &low));
	EXPECT_EQ(-ENOMEM, multi_alloc_full(multi, &big));
	EXPECT_EQ(0, multi_free(multi, 0, arg.offset));
	EXPECT_EQ(0, multi_remove(multi, 0));
	EXPECT_EQ(-ENOENT, multi_remove(multi, 0));
	READ();
	EXPECT_EQ(3, SAID("memrig_multi_member:"));
	EXPECT_EQ(1, SAID(" heap=%llu member=0 attrs=0x%llx added=1 error=0\n", U(self->stat.id),
			  U(attrs)));
	EXPECT_EQ(1, SAID(" added=1 error=%d\n", -EEXIST));
	EXPECT_EQ(1, SAID(" heap=%llu member=0 attrs=0x%llx added=0 error=0\n", U(self->stat.id),
			  U(attrs)));
	EXPECT_EQ(3, SAID("memrig_multi_alloc:"));
	EXPECT_EQ(1, SAID(" member=0 rule=1 bytes=321 priority=-5 offset=0x%llx error=0 reason=0\n",
			  U(arg.offset)));
	EXPECT_EQ(1, SAID(" member=%u rule=%u bytes=322 priority=-6 offset=0x0 error=%d reason=0\n",
			  ~0u, ~0u, -ENOENT));
	EXPECT_EQ(1, SAID(" bytes=%llu priority=0 offset=0x0 error=%d reason=%u\n", 2 * LENGTH,
			  -ENOMEM, MEMRIG_REASON_TOO_LARGE));
	close(multi);
}

TEST_F(events, power)
{
	int region = region_with(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH,
				 MEMRIG_ATTRS_POWERED);
	unsigned long long id = region_info(region).id;
	const char *at, *off;

	ASSERT_GE(region, 0);
	EXPECT_EQ(0, region_suspend(region, 0));
	EXPECT_EQ(-EALREADY, region_suspend(region, 0));
	EXPECT_EQ(0, region_resume(region));
	EXPECT_EQ(-EALREADY, region_resume(region));
	EXPECT_EQ(-EOPNOTSUPP, region_suspend(self->region, 0));
	READ();
	EXPECT_EQ(5, SAID("memrig_region_power:"));
	EXPECT_EQ(1, SAID("memrig_region_power: region=%llu on=0 error=0\n", id));
	off = at;
	EXPECT_EQ(1, SAID("memrig_region_power: region=%llu on=0 error=%d\n", id, -EALREADY));
	EXPECT_EQ(1, SAID("memrig_region_power: region=%llu on=1 error=0\n", id));
	EXPECT_LT(off, at);
	EXPECT_EQ(1, SAID("memrig_region_power: region=%llu on=1 error=%d\n", id, -EALREADY));
	EXPECT_EQ(1, SAID("memrig_region_power: region=%llu on=0 error=%d\n",
			  U(self->stat.region_id), -EOPNOTSUPP));
	close(region);
}

#define LEFT   1100
#define TRACED 1024

/* A client that leaves very much behind does not drown all else: so many blocks are told. */
TEST_F(events, leaks_are_told_up_to_a_bound)
{
	int region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	int heap = heap_new(region, MEMRIG_PLACEMENT_OOB, MEMRIG_HEAP_TRACK);
	uint64_t id = heap_stat(heap).id;
	const char *at;
	uint32_t client;
	int leaver = heap_attach(heap, &client);

	for (int i = 0; i < LEFT; i++)
		ASSERT_GE(heap_alloc(leaver, 8, 0), 0);
	close(open(INSTANCE "/trace", O_WRONLY | O_TRUNC));
	close(leaver);
	READ();
	EXPECT_EQ(TRACED, SAID("memrig_leak: heap=%llu client=%u ", U(id), client));
	EXPECT_EQ(TRACED, SAID("memrig_leak:"));
	EXPECT_EQ(1, SAID("memrig_reclaim: heap=%llu client=%u blocks=%d bytes=", U(id), client,
			  LEFT));
	EXPECT_EQ(0, heap_stat(heap).live_blocks);
	close(heap);
	close(region);
}

/* Whether a record of the kernel's log has these words; it has been read up to its end then. */
static bool logged(int log, const char *words)
{
	char record[2048];
	bool found = false;
	ssize_t n;

	for (;;) {
		n = read(log, record, sizeof(record) - 1);
		if (n < 0 && errno == EPIPE)
			continue; /* others wrote so much that some is lost */
		if (n <= 0)
			return found;
		record[n] = '\0';
		found |= !!strstr(record, words);
	}
}

/* The log has a line for each client; it keeps silent for seconds when there were many. */
TEST_F(events, leaks_are_in_the_log)
{
	int region = region_new(self->session, MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, LENGTH);
	int heap = heap_new(region, MEMRIG_PLACEMENT_OOB, MEMRIG_HEAP_TRACK);
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	struct memrig_heap_stat stat = heap_stat(heap);
	bool found = false;
	char words[160];

	ASSERT_GE(log, 0);
	lseek(log, 0, SEEK_END);
	for (int i = 0; i < 4 && !found; i++) {
		uint64_t bytes = 0;
		uint32_t id;
		int client = heap_attach(heap, &id);

		for (int n = 0; n < 3; n++)
			bytes += heap_usable(client, heap_alloc(client, 50, 0));
		close(client);
		snprintf(words, sizeof(words),
			 "heap %llu of region %llu: client %u left 3 blocks, %llu bytes",
			 U(stat.id), U(stat.region_id), id, U(bytes));
		found = logged(log, words);
		if (!found)
			sleep_ms(2000);
	}
	EXPECT_TRUE(found)
	{
		TH_LOG("no '%s'", words);
	}
	/* Who leaves nothing is not mentioned, and neither is anybody where nothing is tracked. */
	close(heap_attach(heap, NULL));
	snprintf(words, sizeof(words), "heap %llu of", U(stat.id));
	EXPECT_FALSE(logged(log, words));
	ASSERT_GE(heap_alloc(self->heap, 50, 0), 0);
	close(self->heap);
	self->heap = -1;
	snprintf(words, sizeof(words), "heap %llu of", U(self->stat.id));
	EXPECT_FALSE(logged(log, words));
	close(log);
	close(heap);
	close(region);
}

TEST_HARNESS_MAIN
