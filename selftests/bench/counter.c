// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Exact cost of one call: instructions, loads and stores inside the callee, its return included.
 *
 * The counters run on the page of qicount.h. Each kind of call has one small function that reads
 * them around an indirect call. What that function itself costs is measured on callees of known
 * length and subtracted; a callee of another known length then has to come out right, or the
 * program ends.
 */
#include <error.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "bench.h"
#include "qicount.h"

#define NOPS   100 /* of the callee that proves the counter */
#define STORES 64  /* probe which counter sees stores */

/* Callees of known length: two instructions, one, and NOPS + 1. */
__asm__(".text\n"
	"bench_two_alloc: bench_two_aligned: bench_two_realloc:\n"
	"	xorl	%eax, %eax\n"
	"	ret\n"
	"bench_one_free:\n"
	"	ret\n"
	"bench_nops_alloc:\n"
	"	.rept	100\n"
	"	nop\n"
	"	.endr\n"
	"	ret\n");

static struct bench_cost overhead[BENCH_KINDS];
static struct bench_cost cost; /* of the call in progress, all its attempts together */

/* QEMU 7.2 counts stores where reads were asked for, and everything where writes were. */
static bool swapped;

static inline uint64_t counter(unsigned int word)
{
	return __atomic_load_n((uint64_t *)QICOUNT_ADDRESS + word, __ATOMIC_RELAXED);
}

static inline struct bench_cost before(void)
{
	struct bench_cost c;

	c.loads = counter(QICOUNT_MEM_R);
	c.stores = counter(QICOUNT_MEM_W);
	c.insns = counter(QICOUNT_INSNS);
	return c;
}

static inline void after(struct bench_cost c, enum bench_kind kind)
{
	uint64_t insns = counter(QICOUNT_INSNS) - c.insns;
	uint64_t reads = counter(QICOUNT_MEM_R) - c.loads;
	uint64_t writes = counter(QICOUNT_MEM_W) - c.stores;

	insns -= overhead[kind].insns;
	cost.insns += insns;
	if (cost.most < insns)
		cost.most = insns;
	cost.loads += (swapped ? writes - reads : reads) - overhead[kind].loads;
	cost.stores += (swapped ? reads : writes) - overhead[kind].stores;
}

static mrig_noinline intptr_t call_alloc(const struct bench_adapter *a, void *heap, size_t bytes)
{
	struct bench_cost c = before();
	intptr_t handle = a->alloc(heap, bytes);

	after(c, BENCH_ALLOC);
	return handle;
}

static mrig_noinline intptr_t call_aligned(const struct bench_adapter *a, void *heap, size_t align,
					   size_t bytes)
{
	struct bench_cost c = before();
	intptr_t handle = a->aligned(heap, align, bytes);

	after(c, BENCH_ALIGNED);
	return handle;
}

static mrig_noinline intptr_t call_realloc(const struct bench_adapter *a, void *heap, intptr_t old,
					   size_t old_bytes, size_t bytes)
{
	struct bench_cost c = before();
	intptr_t handle = a->realloc(heap, old, old_bytes, bytes);

	after(c, BENCH_REALLOC);
	return handle;
}

static mrig_noinline void call_free(const struct bench_adapter *a, void *heap, intptr_t handle,
				    size_t bytes)
{
	struct bench_cost c = before();

	a->free(heap, handle, bytes);
	after(c, BENCH_FREE);
}

static void see_stores(void)
{
	uint64_t word, first = counter(QICOUNT_MEM_R);

	__asm__ volatile(".rept %c1\n\tmovq %%rax, (%0)\n\t.endr"
			 :
			 : "r"(&word), "i"(STORES)
			 : "memory");
	swapped = counter(QICOUNT_MEM_R) - first >= STORES;
}

/* Take what the pending cost says beyond the callee's own @insns and its load of the return. */
static void settle(enum bench_kind kind, uint64_t insns)
{
	overhead[kind].insns = cost.insns - insns;
	overhead[kind].loads = cost.loads - 1;
	overhead[kind].stores = cost.stores;
	cost = (struct bench_cost){ 0 };
}

/**
 * bench_counter_start() - find the counters, calibrate, prove
 */
void bench_counter_start(void)
{
	struct bench_adapter known = {
		.alloc = bench_two_alloc,
		.aligned = bench_two_aligned,
		.free = bench_one_free,
		.realloc = bench_two_realloc,
	};

	if (msync((void *)QICOUNT_ADDRESS, QICOUNT_BYTES, MS_ASYNC) ||
	    counter(QICOUNT_SIGN) != QICOUNT_MAGIC)
		error(EXIT_FAILURE, 0, "no counter: run under qemu-x86_64 -plugin qicount.so");
	see_stores();
	call_alloc(&known, NULL, 0);
	settle(BENCH_ALLOC, 2);
	call_aligned(&known, NULL, 0, 0);
	settle(BENCH_ALIGNED, 2);
	call_realloc(&known, NULL, 0, 0, 0);
	settle(BENCH_REALLOC, 2);
	call_free(&known, NULL, 0, 0);
	settle(BENCH_FREE, 1);

	known.alloc = bench_nops_alloc;
	call_alloc(&known, NULL, 0);
	if (cost.insns != NOPS + 1 || cost.loads != 1 || cost.stores != 0)
		error(EXIT_FAILURE, 0, "the counter is wrong: %lu/%lu/%lu instead of %d/1/0",
		      cost.insns, cost.loads, cost.stores, NOPS + 1);
	cost = (struct bench_cost){ 0 };
}

static bool again(void *heap, intptr_t handle)
{
	return bench_refused(handle) && bench_adapter.refill && bench_adapter.refill(heap, handle);
}

/**
 * bench_count_alloc() - bench_alloc() with its cost, all attempts together
 * @heap: heap
 * @bytes: size
 */
intptr_t bench_count_alloc(void *heap, size_t bytes)
{
	intptr_t handle;

	do {
		handle = call_alloc(&bench_adapter, heap, bytes);
	} while (again(heap, handle));
	return handle;
}

/**
 * bench_count_aligned() - bench_aligned() with its cost
 * @heap: heap
 * @align: power of two
 * @bytes: size
 */
intptr_t bench_count_aligned(void *heap, size_t align, size_t bytes)
{
	intptr_t handle;

	do {
		handle = call_aligned(&bench_adapter, heap, align, bytes);
	} while (again(heap, handle));
	return handle;
}

/**
 * bench_count_realloc() - bench_realloc() with its cost
 * @heap: heap
 * @old: block
 * @old_bytes: its size
 * @bytes: new size
 */
intptr_t bench_count_realloc(void *heap, intptr_t old, size_t old_bytes, size_t bytes)
{
	intptr_t handle;

	do {
		handle = call_realloc(&bench_adapter, heap, old, old_bytes, bytes);
	} while (again(heap, handle));
	return handle;
}

/**
 * bench_count_free() - free with its cost
 * @heap: heap
 * @handle: block
 * @bytes: its requested size
 */
void bench_count_free(void *heap, intptr_t handle, size_t bytes)
{
	call_free(&bench_adapter, heap, handle, bytes);
}

/**
 * bench_count_keep() - end a call: record its cost, or forget it
 * @kind: of the call; BENCH_KINDS: forget
 */
void bench_count_keep(enum bench_kind kind)
{
	if (kind != BENCH_KINDS)
		bench_record(kind, &cost);
	cost = (struct bench_cost){ 0 };
}
