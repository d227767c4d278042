// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Demand paging: a window of 32 pages over 8 frames is written page by page, then read page by
 * page, under three policies. Which touches fault and what has to be written can be told
 * beforehand, and is compared with what Zephyr's statistics say.
 *
 * Needs the module, and 32 KiB of locked memory (ulimit -l).
 */
#include <sys/mman.h>
#include <unistd.h>

#include <memrig/window.h>
#include <memrig/zephyr.h>

#define PAGES  32UL
#define FRAMES 8UL
#define NEVER  3600000 /* milliseconds: no tick of nru in the middle of the walk */

/**
 * struct expected - what a walk comes to
 * @name: of the policy
 * @policy: enum memrig_policy
 * @faults: of the walk that reads; the one that writes has one for each page
 * @clean: evictions of both
 * @dirty: likewise, with a write
 *
 * FIFO, and LRU where nothing is used twice: the page that comes next has just left, so each touch
 * faults. Whatever was written is written back once. NRU prefers clean pages: the first page that
 * is read makes room for all that follow, until the walk comes to those that are still there.
 */
static const struct expected {
	const char *name;
	uint32_t policy;
	unsigned long faults;
	unsigned long clean;
	unsigned long dirty;
} expected[] = {
	{ "fifo", MEMRIG_POLICY_FIFO, PAGES, PAGES - FRAMES, PAGES },
	{ "lru", MEMRIG_POLICY_LRU, PAGES, PAGES - FRAMES, PAGES },
	{ "nru", MEMRIG_POLICY_NRU, PAGES - FRAMES + 1, PAGES - FRAMES, PAGES - FRAMES + 1 },
};

/* A byte of each page. Returns how many are not what was written. */
static unsigned int walk(volatile unsigned char *at, size_t page, bool write)
{
	unsigned int wrong = 0;
	size_t i;

	for (i = 0; i < PAGES; i++) {
		if (write)
			at[i * page] = (unsigned char)(i + 1);
		else
			wrong += at[i * page] != i + 1;
	}
	return wrong;
}

static bool check(const struct expected *want, const struct k_mem_paging_stats_t *written,
		  const struct k_mem_paging_stats_t *stats, unsigned int wrong)
{
	unsigned long reads = stats->pagefaults.cnt - written->pagefaults.cnt;
	bool good = !wrong && written->pagefaults.cnt == PAGES && reads == want->faults &&
		    stats->eviction.clean == want->clean && stats->eviction.dirty == want->dirty;

	printk("%s: %lu page faults writing, %lu reading; %lu clean and %lu dirty evictions%s\n",
	       want->name, written->pagefaults.cnt, reads, stats->eviction.clean,
	       stats->eviction.dirty, good ? "" : ": NOT as expected");
	return good;
}

static bool page_with(memrig_t *rig, const struct expected *want)
{
	struct memrig_window_create args = MEMRIG_WINDOW_DEFAULTS;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	struct k_mem_paging_stats_t written, stats;
	memrig_window_t *window;
	unsigned int wrong;
	bool good;
	void *at;

	args.pages = PAGES;
	args.frames = FRAMES;
	args.policy = want->policy;
	args.tick_ms = want->policy == MEMRIG_POLICY_NRU ? NEVER : 0;
	if (memrig_window_create(rig, NULL, &args, &window))
		return false;
	if (memrig_window_map(window, 0, 0, PROT_READ | PROT_WRITE, &at)) {
		memrig_window_close(window);
		return false;
	}
	wrong = walk(at, page, true);
	k_mem_paging_stats_get(&written);
	wrong += walk(at, page, false);
	k_mem_paging_stats_get(&stats);
	good = check(want, &written, &stats, wrong);
	memrig_window_close(window); /* and so the next one counts from 0 */
	return good;
}

int main(void)
{
	char why[512];
	memrig_t *rig;
	bool good = true;
	size_t i;

	if (memrig_open(&rig)) {
		memrig_explain(NULL, why, sizeof(why));
		printk("no windows here: %s\n", why);
		return 1;
	}
	printk("%lu pages, %lu frames\n", PAGES, FRAMES);
	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
		good &= page_with(rig, &expected[i]);
	memrig_close(rig);
	printk("%s\n", good ? "all as expected" : "FAILED");
	return good ? 0 : 1;
}
