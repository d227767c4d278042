// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What people see of windows: /sys/kernel/debug/memrig/windows and /proc/PID/fdinfo.
 */
#include "harness.h"
#include "window.h"

#define FRAMES 8
#define PAGES  32
#define VIEW   "/sys/kernel/debug/memrig/windows"
#define TEXT   (1 << 20)

FIXTURE(show)
{
	int session;
	int fd;
	char *map;
	char *text;
};

FIXTURE_SETUP(show)
{
	self->session = session_open();
	ASSERT_GE(self->session, 0);
	self->text = malloc(TEXT);
	ASSERT_NE(NULL, self->text);
	self->fd = window_new(self->session, FRAMES, PAGES, MEMRIG_STORE_RAM);
	ASSERT_GE(self->fd, 0);
	self->map = window_map(self->fd, PAGES);
	ASSERT_TRUE(self->map != MAP_FAILED);
}

FIXTURE_TEARDOWN(show)
{
	munmap(self->map, PAGES * page_size());
	close(self->fd);
	free(self->text);
	close(self->session);
}

static bool has_line(const char *text, uint64_t id)
{
	char want[64];

	snprintf(want, sizeof(want), "window %llu:", (unsigned long long)id);
	return strstr(text, want);
}

/* The text that is about one window. */
static char *part_of(char *text, uint64_t id)
{
	char want[64], *from, *end;

	snprintf(want, sizeof(want), "window %llu:", (unsigned long long)id);
	from = strstr(text, want);
	end = from ? strstr(from + 1, "window ") : NULL;
	if (end)
		*end = 0;
	return from;
}

TEST_F(show, figures)
{
	struct memrig_window_stat stat;
	char want[128], *part;

	pattern_fill(self->map, PAGES, 1);
	EXPECT_EQ(0, pattern_wrong(self->map, PAGES, 1));
	stat = window_stat(self->fd);
	if (file_read(VIEW, self->text, TEXT) < 0)
		SKIP(return, "no " VIEW);
	part = part_of(self->text, stat.id);
	ASSERT_NE(NULL, part);
	snprintf(want, sizeof(want), "%u pages over %u frames", PAGES, FRAMES);
	EXPECT_NE(NULL, strstr(part, want));
	snprintf(want, sizeof(want),
		 "faults: user %llu, kernel 0; soft %llu; evictions: clean %llu",
		 (unsigned long long)stat.faults, (unsigned long long)stat.soft_faults,
		 (unsigned long long)stat.evict_clean);
	EXPECT_NE(NULL, strstr(part, want));
	snprintf(want, sizeof(want), "in %llu, out %llu, errors", (unsigned long long)stat.page_ins,
		 (unsigned long long)stat.page_outs);
	EXPECT_NE(NULL, strstr(part, want));
	snprintf(want, sizeof(want), "resident %u,", FRAMES);
	EXPECT_NE(NULL, strstr(part, want));
	EXPECT_NE(NULL, strstr(part, "  choice, ns: "));
	EXPECT_NE(NULL, strstr(part, "  page in, ns: "));
	EXPECT_NE(NULL, strstr(part, "  page out, ns: "));
}

/* The last bin is the one for all the rest, and empty bins are not shown. */
TEST_F(show, histograms)
{
	struct memrig_window_hist hist =
		ARG(memrig_window_hist, .flags = MEMRIG_HIST_SET, .which = MEMRIG_HIST_PAGE_OUT,
		    .bins = 2, .bounds = { 0, 1 });
	char *part;

	ASSERT_EQ(0, call(self->fd, MEMRIG_IOC_WINDOW_HIST, &hist));
	pattern_fill(self->map, PAGES, 1);
	ASSERT_EQ(0, page_out(self->fd, 0, PAGES));
	if (file_read(VIEW, self->text, TEXT) < 0)
		SKIP(return, "no " VIEW);
	part = part_of(self->text, window_stat(self->fd).id);
	ASSERT_NE(NULL, part);
	EXPECT_NE(NULL, strstr(part, "  page out, ns: more 32\n"));
	EXPECT_NE(NULL, strstr(part, "  page in, ns:\n"));
}

TEST_F(show, come_and_go)
{
	int second = window_new(self->session, FRAMES, PAGES, MEMRIG_STORE_NULL);
	uint64_t id;

	ASSERT_GE(second, 0);
	id = window_stat(second).id;
	if (file_read(VIEW, self->text, TEXT) < 0)
		SKIP(return, "no " VIEW);
	EXPECT_TRUE(has_line(self->text, id));
	EXPECT_TRUE(has_line(self->text, window_stat(self->fd).id));
	close(second);
	ASSERT_GE(file_read(VIEW, self->text, TEXT), 0);
	EXPECT_FALSE(has_line(self->text, id));
	EXPECT_TRUE(has_line(self->text, window_stat(self->fd).id));
}

static int reads_as_nobody(void *arg)
{
	become(NOBODY_UID, NOBODY_GID);
	CHECK(open(VIEW, O_RDONLY) < 0);
	return 0;
}

TEST_F(show, for_root_alone)
{
	if (access(VIEW, R_OK))
		SKIP(return, "no " VIEW);
	EXPECT_EQ(0, in_child(reads_as_nobody, NULL));
}

TEST_F(show, fdinfo)
{
	char path[64], want[64];

	pattern_fill(self->map, PAGES, 1);
	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", self->fd);
	ASSERT_GT(file_read(path, self->text, TEXT), 0);
	EXPECT_NE(NULL, strstr(self->text, "memrig-object:\twindow\n"));
	EXPECT_NE(NULL, strstr(self->text, "memrig-store:\tram\n"));
	snprintf(want, sizeof(want), "memrig-faults:\t%u\n", PAGES);
	EXPECT_NE(NULL, strstr(self->text, want));
	snprintf(want, sizeof(want), "memrig-frames:\t%u\n", FRAMES);
	EXPECT_NE(NULL, strstr(self->text, want));
}

TEST_HARNESS_MAIN
