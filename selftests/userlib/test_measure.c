// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What the probe measures: the memory it is given, all of it.
 */
#include <signal.h>
#include <sys/mman.h>
#include <sys/time.h>

#include "measure.h"
#include "test.h"

#define PAGES 8192
#define PAGE  4096

static char *memory;
static bool visited[PAGES];
static volatile sig_atomic_t watching;

/* In the middle of a measurement: from here on every page shows its first access. */
static void watch(int number)
{
	watching = 1;
	mprotect(memory, (size_t)PAGES * PAGE, PROT_NONE);
}

static void note(int number, siginfo_t *info, void *context)
{
	size_t page = ((char *)info->si_addr - memory) / PAGE;

	if (!watching || (char *)info->si_addr < memory || page >= PAGES)
		abort();
	visited[page] = true;
	mprotect(memory + page * PAGE, PAGE, PROT_READ | PROT_WRITE);
}

static size_t pages_visited(enum access_way way)
{
	struct itimerval soon = { .it_value = { .tv_usec = 300000 } };
	size_t count = 0, i;

	memset(visited, 0, sizeof(visited));
	setitimer(ITIMER_REAL, &soon, NULL);
	assert_true(measure(way, memory, (size_t)PAGES * PAGE, 900000000) > 0);
	assert_true(watching);
	watching = 0;
	assert_int_equal(mprotect(memory, (size_t)PAGES * PAGE, PROT_READ | PROT_WRITE), 0);
	for (i = 0; i < PAGES; i++)
		count += visited[i];
	return count;
}

/* Latency depends on how much is walked through: caches hold a part of it. */
static void every_way_visits_all_of_the_memory(void **state)
{
	struct sigaction on_fault = { .sa_sigaction = note, .sa_flags = SA_SIGINFO | SA_NODEFER };
	struct sigaction before;
	enum access_way way;

	memory = mmap(NULL, (size_t)PAGES * PAGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	assert_true(memory != MAP_FAILED);
	sigaction(SIGSEGV, &on_fault, &before);
	signal(SIGALRM, watch);
	for (way = 0; way < ACCESS_COUNT; way++)
		if (pages_visited(way) < PAGES * 9 / 10)
			fail_msg("%s visits a part of the memory only", access_names[way]);
	sigaction(SIGSEGV, &before, NULL);
	munmap(memory, (size_t)PAGES * PAGE);
}

static void every_way_gives_a_figure(void **state)
{
	enum access_way way;
	void *page = aligned_alloc(PAGE, 2 * PAGE);

	assert_non_null(page);
	for (way = 0; way < ACCESS_COUNT; way++) {
		assert_true(measure(way, page, 2 * PAGE, 0) > 0);
		assert_true(strlen(access_names[way]) > 3);
	}
	free(page);
}

int main(void)
{
	const struct CMUnitTest measures[] = {
		cmocka_unit_test(every_way_visits_all_of_the_memory),
		cmocka_unit_test(every_way_gives_a_figure),
	};

	return RUN(measures);
}
