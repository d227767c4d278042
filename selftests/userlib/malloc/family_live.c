// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Blocks that live for a while, under threads, forks and signals.
 */
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "family.h"

/* ---- against a list of what is live -------------------------------------------------- */

struct slot {
	unsigned char *p;
	size_t size;
	unsigned char fill;
};

static uint32_t next(uint32_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 17;
	*seed ^= *seed << 5;
	return *seed;
}

static void check_slot(const struct slot *slot)
{
	size_t i;

	for (i = 0; i < slot->size; i++)
		CHECK(slot->p[i] == slot->fill);
}

static void step(struct slot *slots, uint32_t *seed, unsigned int count)
{
	struct slot *slot = &slots[next(seed) % count];
	size_t size = next(seed) % 64 ? next(seed) % 400 : next(seed) % 20000, keep;
	unsigned char *p;

	if (slot->p && next(seed) % 4 == 0) {
		check_slot(slot);
		p = realloc(slot->p, size + 1);
		CHECK(p && (uintptr_t)p % 16 == 0);
		keep = slot->size < size + 1 ? slot->size : size + 1;
		slot->p = p;
		slot->size = keep;
		check_slot(slot);
	} else if (slot->p) {
		check_slot(slot);
		free(slot->p);
		slot->p = NULL;
	} else {
		slot->p = next(seed) % 8 ? malloc(size + 1)
					 : memalign((size_t)16 << next(seed) % 6, size + 1);
		CHECK(slot->p && (uintptr_t)slot->p % 16 == 0);
	}
	if (!slot->p)
		return;
	slot->size = size + 1;
	slot->fill = (unsigned char)next(seed);
	memset(slot->p, slot->fill, slot->size);
}

void churn(uint32_t seed, unsigned int steps, unsigned int count)
{
	struct slot *slots = calloc(count, sizeof(*slots));
	unsigned int i;

	for (i = 0; i < steps; i++)
		step(slots, &seed, count);
	for (i = 0; i < count; i++) {
		if (slots[i].p)
			check_slot(&slots[i]);
		free(slots[i].p);
	}
	free(slots);
}

/* ---- threads ------------------------------------------------------------------------- */

#define THREADS 8

static _Atomic(unsigned char *) exchange[64];
static unsigned int trades_each;

/* Blocks change hands: who frees one has not allocated it. */
static void *trader(void *arg)
{
	uint32_t seed = (uint32_t)(uintptr_t)arg;
	unsigned char *p;
	unsigned int i;
	size_t size;

	for (i = 0; i < trades_each; i++) {
		size = 8 + next(&seed) % 300;
		p = malloc(size);
		CHECK(p);
		memset(p, (int)size & 0xff, size);
		memcpy(p, &size, sizeof(size));
		p = __atomic_exchange_n(&exchange[next(&seed) % 64], p, __ATOMIC_ACQ_REL);
		if (!p)
			continue;
		memcpy(&size, p, sizeof(size));
		CHECK(size == 8 || p[size - 1] == (size & 0xff));
		free(p);
	}
	churn(seed, trades_each / 10, 100);
	return NULL;
}

void threads(unsigned int trades)
{
	pthread_t thread[THREADS];
	uintptr_t i;

	trades_each = trades;
	for (i = 0; i < THREADS; i++)
		CHECK(!pthread_create(&thread[i], NULL, trader, (void *)(i + 1)));
	for (i = 0; i < THREADS; i++)
		CHECK(!pthread_join(thread[i], NULL));
	for (i = 0; i < 64; i++)
		free(exchange[i]);
}

/* ---- processes ----------------------------------------------------------------------- */

static volatile int stop;

static void *busy(void *arg)
{
	while (!stop)
		free(malloc(100));
	return NULL;
}

static void await(pid_t pid, int want)
{
	int status;

	CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != want) {
		fprintf(stderr, "child: status %#x, wanted exit %d\n", status, want);
		exit(1);
	}
}

/* Each has its own copy from the fork on, and both go on allocating. */
void forks(unsigned int children)
{
	unsigned char *mine = malloc(50000), *more;
	pthread_t thread;
	unsigned int i, j;
	pid_t pid;

	CHECK(!pthread_create(&thread, NULL, busy, NULL));
	for (i = 0; i < children; i++) {
		memset(mine, (int)i, 50000);
		pid = fork();
		if (!pid) {
			for (j = 0; j < 50000; j++)
				CHECK(mine[j] == i);
			memset(mine, 0xee, 50000);
			churn(i + 1, 2000, 100);
			await(fork() ?: (_exit(mine[7] == 0xee ? 9 : 1), 0), 9);
			free(mine);
			_exit(3);
		}
		more = malloc(50000);
		memset(more, 0x77, 50000);
		await(pid, 3);
		for (j = 0; j < 50000; j++)
			CHECK(mine[j] == i && more[j] == 0x77);
		free(more);
	}
	stop = 1;
	pthread_join(thread, NULL);
	free(mine);
}

/* A child that the C library knows nothing of. */
void bare_clone(int want)
{
	void *p = malloc(10);
	long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);

	if (!pid)
		_exit(malloc(10) && p ? 7 : 8);
	await((pid_t)pid, want);
	free(p);
	churn(1, 1000, 50);
}

/* ---- signals ------------------------------------------------------------------------- */

static volatile int fired;

/* Allowed to nobody, and done by many. */
static void handler(int signal)
{
	char *p = malloc(32);

	if (p)
		memset(p, 1, 32);
	free(p);
	if (fired++ % 50 == 0) {
		pid_t pid = fork();

		if (!pid)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
}

void signals(void)
{
	struct itimerval often = { { 0, 200 }, { 0, 200 } }, never = { 0 };
	uint32_t seed = 1;

	signal(SIGALRM, handler);
	setitimer(ITIMER_REAL, &often, NULL);
	while (fired < 300)
		churn(seed++, 500, 50);
	setitimer(ITIMER_REAL, &never, NULL);
	churn(seed, 2000, 100);
}
