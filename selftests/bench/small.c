// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Questions about a region of a given size: what are the largest blocks a heap gives, what does a
 * handful of blocks cost outside the region, and does an access to a region that must not be
 * touched really end the program?
 */
#include <errno.h>
#include <error.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"

#define STEP 8	/* bytes between two attempts */
#define FEW  10 /* blocks */

/* Largest request that an empty heap grants beside a first block of @first bytes, or of none. */
static size_t largest(size_t first)
{
	size_t bytes;

	for (bytes = run.heap & ~(STEP - 1UL); bytes; bytes -= STEP) {
		void *heap = bench_adapter.init(run.region, run.heap, &run.level);
		intptr_t handle;

		if (!heap || (first && bench_refused(bench_alloc(heap, first))))
			return 0;
		handle = bench_alloc(heap, bytes);
		if (bench_refused(handle))
			continue;
		bench_place(handle, bytes, 1);
		break;
	}
	return bytes;
}

/**
 * bench_small() - print the largest block of the region, alone and beside another one
 *
 * A heap may give a lone block what it needs for itself when there are more.
 */
void bench_small(void)
{
	bench_print_run("small");
	printf(" largest=%zu second=%zu\n", largest(0), largest(STEP));
}

/**
 * bench_sparse() - print what a few blocks cost outside the region
 */
void bench_sparse(void)
{
	void *heap = bench_boot();
	int i;

	for (i = 0; i < FEW; i++) {
		if (bench_refused(bench_alloc(heap, 4096)))
			error(EXIT_FAILURE, 0, "%s refuses a page", bench_adapter.name);
	}
	bench_print_run("sparse");
	printf(" blocks=%d bytes=%zu\n", FEW,
	       bench_adapter.side_bytes ? bench_adapter.side_bytes(heap) : 0);
}

/**
 * bench_selftest() - prove that an allocator which must not touch the region cannot
 */
void bench_selftest(void)
{
	const struct rlimit no_core = { 0 };
	int status = 0;
	pid_t pid;

	pid = fork();
	if (!pid) {
		setrlimit(RLIMIT_CORE, &no_core);
		_exit(__atomic_load_n((char *)run.region, __ATOMIC_RELAXED));
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		error(EXIT_FAILURE, errno, "running the intruder");
	bench_print_run("selftest");
	printf(" trapped=%d\n", WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}
