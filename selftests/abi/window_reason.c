// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Touches that fail say why: in the trace, in the figures, and to nobody else.
 */
#include <sys/mount.h>
#include <sys/stat.h>

#include "touch.h"
#include "window_fixture.h"

#define FRAMES	 8
#define PAGES	 32
#define TRACEFS	 "/sys/kernel/tracing"
#define INSTANCE TRACEFS "/instances/memrig-reason"
#define EVENT	 INSTANCE "/events/memrig/memrig_window_sigbus/enable"
#define MOUNT	 "/tmp/window-reason"
#define TEXT	 (64 * 1024)

FIXTURE(reason)
{
	int session;
	size_t page;
	struct memrig_window_create arg;
	char *text;
	int window;
	char *map;
};

FIXTURE_SETUP(reason)
{
	self->page = page_size();
	self->text = malloc(TEXT);
	ASSERT_NE(NULL, self->text);
	if (mkdir(INSTANCE, 0700) && errno != EEXIST)
		SKIP(return, "no tracefs at " TRACEFS);
	if (file_write(EVENT, "1"))
		SKIP(return, "no events/memrig in tracefs (CONFIG_EVENT_TRACING)");
	WINDOW_ASK_SETUP(self);
	self->arg.policy = MEMRIG_POLICY_FIFO;
	self->arg.flags = MEMRIG_WINDOW_INJECT;
	self->arg.store_timeout_ns = 2000 * MSEC;
	self->arg.frame_timeout_ns = 50 * MSEC;
}

FIXTURE_TEARDOWN(reason)
{
	file_write(EVENT, "0");
	rmdir(INSTANCE);
	close(self->arg.region_fd);
	close(self->session);
	free(self->text);
}

static void trace_clear(void)
{
	close(open(INSTANCE "/trace", O_WRONLY | O_TRUNC));
}

/* How often the trace has @line, and whether it has others of the same event. */
static int traced(char *text, const char *line, int *others)
{
	int n = 0;

	*others = 0;
	if (file_read(INSTANCE "/trace", text, TEXT) < 0)
		return -1;
	for (char *at = text; (at = strstr(at, "memrig_window_sigbus: ")); at++) {
		bool ours = !strncmp(strchr(at, ' ') + 1, line, strlen(line));

		n += ours;
		*others += !ours;
	}
	return n;
}

/*
 * Page @index fails for @why, and is the only one: to the program once, and to a call of the
 * kernel's on its behalf, which may try more than once.
 */
static void fails(struct __test_metadata *_metadata, char *text, int window, const char *map,
		  uint64_t index, uint32_t why)
{
	uint64_t id = window_stat(window).id, before = window_stat(window).sigbus;
	int others, p[2];
	char line[96];

	snprintf(line, sizeof(line), "window=%llu page=%llu reason=%u\n", (unsigned long long)id,
		 (unsigned long long)index, why);
	trace_clear();
	EXPECT_FALSE(touch_read(map + index * page_size()));
	EXPECT_EQ(1, traced(text, line, &others))
	{
		TH_LOG("not '%s' in the trace, but %s", line, text);
	}
	EXPECT_EQ(0, others);
	EXPECT_EQ(before + 1, window_stat(window).sigbus);
	EXPECT_EQ(why, window_stat(window).last_reason);

	ASSERT_EQ(0, pipe(p));
	EXPECT_EQ(-1, write(p[1], map + index * page_size(), 1));
	EXPECT_EQ(EFAULT, errno);
	close(p[0]);
	close(p[1]);
	EXPECT_EQ(window_stat(window).sigbus - before, traced(text, line, &others));
	EXPECT_LE(before + 2, window_stat(window).sigbus);
	EXPECT_EQ(0, others);
}

#define FAILS(index, why) fails(_metadata, self->text, self->window, self->map, index, why)

TEST_F(reason, pinned)
{
	WINDOW_MAKE(self, self->window, self->map);
	ASSERT_EQ(0, page_pin(self->window, 0, FRAMES));
	FAILS(FRAMES, MEMRIG_REASON_FRAMES);
	ASSERT_EQ(0, page_unpin(self->window, 0, FRAMES));
	EXPECT_TRUE(touch_read(self->map + FRAMES * self->page));
	window_drop(self->window, self->map, PAGES);
}

TEST_F(reason, cannot_be_read)
{
	WINDOW_MAKE(self, self->window, self->map);
	pattern_fill(self->map, PAGES, 1);
	ASSERT_EQ(0, page_out(self->window, 0, PAGES));
	ASSERT_EQ(0,
		  window_inject(self->window, (struct memrig_window_inject){ .in_errors = 100 }));
	FAILS(3, MEMRIG_REASON_STORE);
	ASSERT_EQ(0, window_inject(self->window, (struct memrig_window_inject){ 0 }));
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 1));
	window_drop(self->window, self->map, PAGES);
}

TEST_F(reason, cannot_be_written)
{
	WINDOW_MAKE(self, self->window, self->map);
	pattern_fill(self->map, PAGES, 1);
	ASSERT_EQ(0,
		  window_inject(self->window, (struct memrig_window_inject){ .out_errors = 1000 }));
	FAILS(0, MEMRIG_REASON_STORE);
	ASSERT_EQ(0, window_inject(self->window, (struct memrig_window_inject){ 0 }));
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 1));
	window_drop(self->window, self->map, PAGES);
}

TEST_F(reason, does_not_answer)
{
	self->arg.store_timeout_ns = 50 * MSEC;
	WINDOW_MAKE(self, self->window, self->map);
	pattern_fill(self->map, PAGES, 1);
	ASSERT_EQ(0, page_out(self->window, 0, PAGES));
	ASSERT_EQ(0, window_inject(self->window,
				   (struct memrig_window_inject){ .delay_ns = 5000 * MSEC }));
	FAILS(3, MEMRIG_REASON_STORE);
	ASSERT_EQ(0, window_inject(self->window, (struct memrig_window_inject){ 0 }));
	while (window_stat(self->window).moving)
		sleep_ms(10);
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 1));
	window_drop(self->window, self->map, PAGES);
}

/* A file system with room for half of the pages: @file has no others. */
static int small_file(size_t page)
{
	char size[32];
	int file;

	snprintf(size, sizeof(size), "size=%zu", PAGES / 2 * page);
	if ((mkdir(MOUNT, 0700) && errno != EEXIST) || mount("none", MOUNT, "tmpfs", 0, size))
		return -errno;
	file = open(MOUNT "/file", O_RDWR | O_CREAT, 0600);
	if (file < 0 || ftruncate(file, PAGES * page))
		return -errno;
	return file;
}

TEST_F(reason, has_no_room)
{
	uint64_t written = 0;
	int file = small_file(self->page);

	if (file < 0)
		SKIP(return, "no tmpfs: %s", strerror(-file));
	self->arg.store = MEMRIG_STORE_FILE;
	self->arg.store_fd = file;
	WINDOW_MAKE(self, self->window, self->map);
	/* As many as the file has room for, and as many as there are frames. */
	while (written < PAGES && touch_store(self->map + written * self->page, 1))
		written++;
	EXPECT_LE(PAGES / 2, written);
	ASSERT_LT(written, PAGES);
	FAILS(written, MEMRIG_REASON_STORE_FULL);
	/* All of them are dirty, so they are, too; nothing is lost. */
	ASSERT_EQ(0, mount("none", MOUNT, "tmpfs", MS_REMOUNT, "size=1m"));
	EXPECT_TRUE(touch_read(self->map + written * self->page));
	for (uint64_t i = 0; i < written; i++)
		EXPECT_EQ(1, self->map[i * self->page]);
	window_drop(self->window, self->map, PAGES);
	close(file);
	EXPECT_EQ(0, umount(MOUNT));
	rmdir(MOUNT);
}

TEST_F(reason, is_cut_short)
{
	int file = memfd_create("window-reason", 0);

	ASSERT_GE(file, 0);
	ASSERT_EQ(0, ftruncate(file, PAGES * self->page));
	self->arg.store = MEMRIG_STORE_FILE;
	self->arg.store_fd = file;
	WINDOW_MAKE(self, self->window, self->map);
	pattern_fill(self->map, PAGES, 1);
	ASSERT_EQ(0, page_out(self->window, 0, PAGES));
	ASSERT_EQ(0, ftruncate(file, PAGES / 2 * self->page));
	FAILS(PAGES / 2, MEMRIG_REASON_STORE);
	EXPECT_TRUE(pattern_is(self->map, 0, 1));
	window_drop(self->window, self->map, PAGES);
	close(file);
}

TEST_HARNESS_MAIN
