// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A module that uses memrig as any other would. It does so when it is loaded; what came of it can
 * be read from memrig_consumer/results in debugfs, as TAP. Told that memrig has a system heap by
 * its parameters, it tries that alone.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/debugfs.h>
#include <linux/module.h>
#include <linux/seq_file.h>

#include "consumer.h"

#define NAMES	160
#define TESTS	96

static const struct test *const suites[] = {
	heap_tests, malloc_tests, region_tests, sets_tests, fixed_tests, wait_tests, atomic_tests,
	zephyr_tests, patterns_tests, sys_tests, stream_tests, smart_tests, pools_tests,
	irq_tests, kinds_tests, paging_tests,
};

/**
 * struct outcome - of one test
 * @name: of it
 * @failed: expectations that did not hold
 * @first: the first of them
 */
static struct outcome {
	const char *name;
	atomic_t failed;
	char first[NAMES];
} outcomes[TESTS];

static unsigned int nr_outcomes;
static struct outcome *now;
static struct dentry *dir;

/**
 * consumer_expect() - note whether something holds
 * @holds: does it?
 * @file: where it is expected
 * @line: in @file
 * @what: in words
 *
 * Context: any.
 * Return: @holds.
 */
bool consumer_expect(bool holds, const char *file, int line, const char *what)
{
	if (!holds && atomic_inc_return(&now->failed) == 1)
		snprintf(now->first, NAMES, "%s:%d: %s", kbasename(file), line, what);
	return holds;
}

static int results_show(struct seq_file *m, void *unused)
{
	unsigned int i;

	seq_printf(m, "TAP version 13\n1..%u\n", nr_outcomes);
	for (i = 0; i < nr_outcomes; i++) {
		const struct outcome *o = &outcomes[i];
		int failed = atomic_read(&o->failed);

		seq_printf(m, "%s %u - %s\n", failed ? "not ok" : "ok", i + 1, o->name);
		if (failed)
			seq_printf(m, "#   %d expectations, the first %s\n", failed, o->first);
	}
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(results);

static void run(const struct test *t)
{
	for (; t->name && nr_outcomes < TESTS; t++) {
		now = &outcomes[nr_outcomes++];
		now->name = t->name;
		t->run();
		cond_resched();
	}
}

static void run_all(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(suites); i++)
		run(suites[i]);
}

static int __init consumer_init(void)
{
	dir = debugfs_create_dir("memrig_consumer", NULL);
	consumer_log_start();
	if (consumer_pool_size)
		run(configured_tests);
	else
		run_all();
	debugfs_create_file("results", 0444, dir, NULL, &results_fops);
	return 0;
}

static void __exit consumer_exit(void)
{
	debugfs_remove_recursive(dir);
	region_tests_end();
}

module_init(consumer_init);
module_exit(consumer_exit);

MEMRIG_MODULE;
MODULE_DESCRIPTION("A sample of how modules use memrig");
MODULE_AUTHOR("memrig authors");
MODULE_LICENSE("GPL");
