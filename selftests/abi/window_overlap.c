// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Faults do not wait for each other: as many as there are wait for the store at once, and those on
 * one page for one read. The store is slow, so that all have begun before the first one is done:
 * many times slower than threads begin on this machine. When each operation began and ended is in
 * the trace.
 */
#include <pthread.h>
#include <sys/stat.h>

#include "harness.h"
#include "touch.h"
#include "window.h"

#define INSTANCE "/sys/kernel/tracing/instances/memrig-overlap"
#define TEXT	 (1 << 18)
#define FRAMES	 16
#define PAGES	 (2 * FRAMES)
#define MARGIN	 8
#define AT_LEAST (400 * MSEC)

/* Operations of one kind: how many, the last beginning and the first end, in seconds. */
struct span {
	int count;
	double began;
	double ended;
};

FIXTURE(overlap)
{
	int session;
	int window;
	char *map;
	char *text;
	uint64_t delay;
};

FIXTURE_VARIANT(overlap)
{
	uint32_t flags;
};

/* clang-format off */
FIXTURE_VARIANT_ADD(overlap, parallel) { .flags = MEMRIG_WINDOW_INJECT };
FIXTURE_VARIANT_ADD(overlap, serial) { .flags = MEMRIG_WINDOW_INJECT | MEMRIG_WINDOW_SERIAL };
/* clang-format on */

static void *toucher(void *at)
{
	return touch_read(at) ? at : NULL;
}

/* Threads that touch @count pages, @step bytes apart. Return: how many could. */
static int touch_all(char *at, size_t step, int count)
{
	pthread_t threads[FRAMES];
	int good = 0;
	void *ok;

	for (int i = 0; i < count; i++)
		pthread_create(&threads[i], NULL, toucher, at + i * step);
	for (int i = 0; i < count; i++) {
		pthread_join(threads[i], &ok);
		good += !!ok;
	}
	return good;
}

/* How slow the store has to be for so many threads as there are frames; 0: they cannot be had. */
static uint64_t delay_get(char *page)
{
	uint64_t start, took = -1ULL;

	page[0] = 1;
	/* The first time is not as fast as the others. */
	for (int i = 0; i < 3; i++) {
		start = now_ns();
		if (touch_all(page, 0, FRAMES) != FRAMES)
			return 0;
		start = now_ns() - start;
		took = start < took ? start : took;
	}
	took *= MARGIN;
	return took < AT_LEAST ? AT_LEAST : took > 3000 * MSEC ? 3000 * MSEC : took;
}

FIXTURE_SETUP(overlap)
{
	struct memrig_window_create arg;

	if (mkdir(INSTANCE, 0700) && errno != EEXIST)
		SKIP(return, "no tracefs");
	self->session = session_open();
	ASSERT_GE(self->session, 0);
	arg = window_arg(self->session, FRAMES, PAGES);
	arg.flags = variant->flags;
	arg.policy = MEMRIG_POLICY_FIFO;
	arg.store_timeout_ns = 200000 * MSEC;
	self->window = window_create(self->session, &arg);
	ASSERT_GE(self->window, 0);
	close(arg.region_fd);
	self->map = window_map(self->window, PAGES);
	ASSERT_TRUE(self->map != MAP_FAILED);
	self->text = malloc(TEXT);
	ASSERT_NE(NULL, self->text);
	self->delay = delay_get(self->map);
	ASSERT_NE(0, self->delay);
	printf("# operations take %llu ms\n", (unsigned long long)(self->delay / MSEC));
	ASSERT_EQ(0, file_write(INSTANCE "/trace_clock", "mono"));
	ASSERT_EQ(0, file_write(INSTANCE "/events/memrig/memrig_page_in/enable", "1"));
	ASSERT_EQ(0, file_write(INSTANCE "/events/memrig/memrig_page_out/enable", "1"));
}

FIXTURE_TEARDOWN(overlap)
{
	munmap(self->map, PAGES * page_size());
	close(self->window);
	close(self->session);
	file_write(INSTANCE "/events/enable", "0");
	rmdir(INSTANCE);
	free(self->text);
}

/* A line is written when an operation ends, and says how long it took. */
static struct span span_of(const char *text, const char *event)
{
	struct span span = { .ended = 1e18 };
	const char *line, *at;

	for (line = text; (line = strstr(line, event)); line++) {
		double end, began;

		/* "  1234.567890: memrig_page_in: window=1 ... ns=123 error=0" */
		for (at = line - 2; at > text && strchr("0123456789.", at[-1]);)
			at--;
		end = strtod(at, NULL);
		at = strstr(line, "ns=");
		began = end - (at ? strtod(at + 3, NULL) / 1e9 : 0);
		span.count++;
		span.began = began > span.began ? began : span.began;
		span.ended = end < span.ended ? end : span.ended;
	}
	return span;
}

/* One at a time, they do not overlap however fast they are. */
#define DELAY (variant->flags & MEMRIG_WINDOW_SERIAL ? AT_LEAST : self->delay)

static void slow(int window, uint64_t delay)
{
	window_inject(window, (struct memrig_window_inject){ .delay_ns = delay });
}

/* Each fault throws a page out that has changed, so each writes, and then reads. */
TEST_F(overlap, faults_wait_for_the_store_at_once)
{
	int count = variant->flags & MEMRIG_WINDOW_SERIAL ? 3 : FRAMES;
	struct span in, out;

	pattern_fill(self->map, PAGES, 1);
	ASSERT_EQ(0, page_out(self->window, 0, FRAMES));
	ASSERT_EQ(FRAMES, window_stat(self->window).resident);
	close(open(INSTANCE "/trace", O_WRONLY | O_TRUNC));
	ASSERT_EQ(0, window_reset(self->window));
	slow(self->window, DELAY);
	EXPECT_EQ(count, touch_all(self->map, page_size(), count));
	slow(self->window, 0);
	ASSERT_GT(file_read(INSTANCE "/trace", self->text, TEXT), 0);
	in = span_of(self->text, "memrig_page_in:");
	out = span_of(self->text, "memrig_page_out:");
	EXPECT_EQ(count, in.count);
	EXPECT_EQ(count, out.count);
	/* All have begun when the first one ends; or, one at a time, none but that one has. */
	EXPECT_EQ(count == FRAMES, in.began < in.ended);
	EXPECT_EQ(count == FRAMES, out.began < out.ended);
	EXPECT_EQ(count, window_stat(self->window).faults);
	EXPECT_EQ(0, window_stat(self->window).sigbus);
	for (int i = 0; i < count; i++)
		EXPECT_TRUE(pattern_is(self->map + i * page_size(), i, 1));
}

/* A call that writes, and a touch that throws out another page. */
TEST_F(overlap, calls_and_touches)
{
	pthread_t thread;
	struct span out;

	pattern_fill(self->map, PAGES, 1);
	close(open(INSTANCE "/trace", O_WRONLY | O_TRUNC));
	slow(self->window, DELAY);
	ASSERT_EQ(0, pthread_create(&thread, NULL, toucher, self->map));
	EXPECT_EQ(0, page_flush(self->window, PAGES - 1, 1));
	pthread_join(thread, NULL);
	slow(self->window, 0);
	ASSERT_GT(file_read(INSTANCE "/trace", self->text, TEXT), 0);
	out = span_of(self->text, "memrig_page_out:");
	EXPECT_EQ(2, out.count);
	EXPECT_EQ(!(variant->flags & MEMRIG_WINDOW_SERIAL), out.began < out.ended);
}

TEST_F(overlap, touches_of_one_page_wait_for_one_read)
{
	pattern_fill(self->map, PAGES, 1);
	ASSERT_EQ(0, page_out(self->window, 0, PAGES));
	ASSERT_EQ(0, window_reset(self->window));
	slow(self->window, self->delay);
	EXPECT_EQ(FRAMES, touch_all(self->map, 0, FRAMES));
	slow(self->window, 0);
	EXPECT_EQ(1, window_stat(self->window).page_ins);
	EXPECT_EQ(1, window_stat(self->window).faults);
	/* All of them waited for it. */
	EXPECT_EQ(FRAMES, window_stat(self->window).waits);
	EXPECT_TRUE(pattern_is(self->map, 0, 1));
}

TEST_HARNESS_MAIN
