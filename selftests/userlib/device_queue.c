// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * libmemrig on the real device: messages and streams between processes, by pointers into the mapped
 * region, and what is known of blocks in another process.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <memrig/track.h>

#include "device.h"

#define MS 1000000ULL

static memrig_heap_t *make(memrig_region_t *region, uint32_t engine, uint64_t block)
{
	struct memrig_heap_create args = {
		.size = sizeof(args),
		.placement = MEMRIG_PLACEMENT_OOB,
		.flags = MEMRIG_HEAP_TRACK,
		.engine = engine,
		.block_size = block,
	};
	memrig_heap_t *heap;

	return memrig_heap_create(region, &args, &heap) ? NULL : heap;
}

FIXTURE(queue)
{
	memrig_t *rig;
	memrig_region_t *region;
};

FIXTURE_SETUP(queue)
{
	ASSERT_EQ(0, memrig_open(&self->rig));
	self->region = make_region(self->rig, MEMRIG_ATTR_CACHED, 0);
	ASSERT_NE(NULL, self->region);
}

FIXTURE_TEARDOWN(queue)
{
	memrig_region_close(self->region);
	memrig_close(self->rig);
}

/* A process with a client of its own: @fn gets it; its status. */
static pid_t in_process(memrig_heap_t *heap, int (*fn)(memrig_heap_t *heap))
{
	memrig_heap_t *own;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (pid)
		return pid;
	_exit(memrig_heap_attach(heap, &own) ? 99 : fn(own));
}

static int status_of(pid_t pid)
{
	int status;

	return waitpid(pid, &status, 0) == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int send_words(memrig_heap_t *heap)
{
	static const char *const words[] = { "one", "two", "three" };
	char *msg;
	size_t i;

	for (i = 0; i < 3; i++) {
		if (memrig_heap_alloc_wait(heap, 0, 64, MEMRIG_FOREVER, (void **)&msg))
			return 1;
		strcpy(msg, words[i]);
		if (memrig_heap_send(heap, msg, strlen(words[i])))
			return 2;
	}
	return 0;
}

TEST_F(queue, words_from_another_process)
{
	memrig_heap_t *heap = make(self->region, MEMRIG_ENGINE_SLAB, 64);
	struct pollfd pfd = { .events = POLLIN };
	size_t bytes = 1;
	char *msg;
	pid_t pid;

	ASSERT_NE(NULL, heap);
	EXPECT_EQ(-EAGAIN, memrig_heap_receive(heap, 0, (void **)&msg, NULL));
	EXPECT_EQ(-ETIMEDOUT, memrig_heap_receive(heap, 10 * MS, (void **)&msg, &bytes));
	EXPECT_EQ(0, memrig_heap_watch_messages(heap));
	pfd.fd = memrig_heap_fd(heap);
	EXPECT_EQ(0, poll(&pfd, 1, 0));
	pid = in_process(heap, send_words);
	EXPECT_EQ(1, poll(&pfd, 1, 20000));
	EXPECT_EQ(POLLIN, pfd.revents);
	ASSERT_EQ(0, memrig_heap_receive(heap, MEMRIG_FOREVER, (void **)&msg, &bytes));
	EXPECT_EQ(3, bytes);
	EXPECT_EQ(0, memcmp(msg, "one", 3));
	EXPECT_EQ(0, memrig_heap_free(heap, msg));
	EXPECT_EQ(-ENOENT, memrig_heap_send(heap, msg, 0));
	EXPECT_EQ(0, status_of(pid));
	/* The rest survives its sender. */
	ASSERT_EQ(0, memrig_heap_receive(heap, 0, (void **)&msg, &bytes));
	EXPECT_EQ(0, memcmp(msg, "two", 3));
	ASSERT_EQ(0, memrig_heap_receive(heap, 0, (void **)&msg, &bytes));
	EXPECT_EQ(5, bytes);
	EXPECT_EQ(-EINVAL, memrig_heap_send(heap, msg, 65));
	EXPECT_EQ(0, memrig_heap_send(heap, msg, 64));
	EXPECT_EQ(-EBUSY, memrig_heap_free(heap, msg));
	memrig_heap_close(heap);
}

static int stream_numbers(memrig_heap_t *heap)
{
	uint32_t i, k, *chunk;

	for (i = 0; i < 2000; i++) {
		uint32_t count = 1 + i % 97;

		if (memrig_heap_alloc_wait(heap, 0, 4 * count, MEMRIG_FOREVER, (void **)&chunk))
			return 1;
		for (k = 0; k < count; k++)
			chunk[k] = i + k;
		if (memrig_heap_send(heap, chunk, 4 * count))
			return 2;
	}
	return 0;
}

TEST_F(queue, a_stream_of_numbers)
{
	memrig_heap_t *heap = make(self->region, MEMRIG_ENGINE_RING, 0);
	uint32_t i, k, *chunk;
	size_t bytes;
	pid_t pid;

	ASSERT_NE(NULL, heap);
	pid = in_process(heap, stream_numbers);
	for (i = 0; i < 2000; i++) {
		ASSERT_EQ(0, memrig_heap_receive(heap, MEMRIG_FOREVER, (void **)&chunk, &bytes));
		ASSERT_EQ(4 * (1 + i % 97), bytes);
		for (k = 0; k < bytes / 4; k++)
			ASSERT_EQ(i + k, chunk[k]);
		ASSERT_EQ(0, memrig_heap_free(heap, chunk));
	}
	EXPECT_EQ(0, status_of(pid));
	memrig_heap_close(heap);
}

/* What a report says, as a string of the caller's. */
static char *report(memrig_heap_t *heap)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (memrig_heap_track_report(heap, out))
		fputs("refused", out);
	fclose(out);
	return text;
}

static int report_has_it(memrig_heap_t *heap)
{
	char *text = report(heap);

	return strstr(text, "device_queue.c:") && strstr(text, " 123 bytes") &&
			       strstr(text, "1 blocks live, 123 bytes")
		       ? 0
		       : 1;
}

TEST_F(queue, tracked_blocks_are_known_elsewhere)
{
	memrig_heap_t *heap = make(self->region, MEMRIG_ENGINE_SYS_HEAP, 0);
	struct memrig_track_entry entries[4];
	uint64_t cursor = 0, offset;
	char site[MEMRIG_SITE_MAX];
	int line;
	void *ptr;

	ASSERT_NE(NULL, heap);
	line = __LINE__ + 1;
	ASSERT_EQ(0, MEMRIG_TRACKED_ALLOC(heap, 0, 123, &ptr));
	EXPECT_EQ(0, status_of(in_process(heap, report_has_it)));
	ASSERT_EQ(1, memrig_heap_track_list(heap, &cursor, entries, 4));
	snprintf(site, sizeof(site), "device_queue.c:%d", line);
	EXPECT_STREQ(site, (char *)entries[0].site);
	EXPECT_EQ(getpid(), entries[0].pid);
	EXPECT_EQ(0, memrig_heap_track_list(heap, &cursor, entries, 4));
	EXPECT_EQ(0, memrig_heap_free(heap, ptr));
	/* Long names keep their end; odd characters become question marks. */
	ASSERT_EQ(0, memrig_heap_tracked_alloc_at(
			     heap, 0, 8, "/a/b/a-file-with-a-name-of-more-than-40-characters\n.c",
			     7, &offset));
	cursor = 0;
	ASSERT_EQ(1, memrig_heap_track_list(heap, &cursor, entries, 4));
	EXPECT_EQ(MEMRIG_SITE_MAX - 1, strlen((char *)entries[0].site));
	EXPECT_NE(NULL, strstr((char *)entries[0].site, "characters?.c:7"));
	cursor = 0;
	EXPECT_EQ(-EINVAL, memrig_heap_track_list(heap, &cursor, entries, 0));
	memrig_heap_close(heap);
	heap = make_heap(self->region, MEMRIG_PLACEMENT_OOB);
	EXPECT_EQ(-EINVAL, memrig_heap_track_report(heap, stdout));
	EXPECT_EQ(0, MEMRIG_TRACKED_ALLOC(heap, 0, 123, &ptr));
	memrig_heap_close(heap);
}

TEST_HARNESS_MAIN
