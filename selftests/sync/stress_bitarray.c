// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Many threads on one sys_bitarray, under the thread sanitizer: regions are claimed by search and
 * by name, bit by bit too, and whoever has one finds it as nobody else may leave it. The bits that
 * a thread has stand for bytes that it writes without any other lock. At the end all is clear.
 *
 *	stress_bitarray [SEED [SECONDS]]
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <zephyr/sys/bitarray.h>

#include "k_thread.h"
#include "stress.h"

#define THREADS 8
#define BITS	150 /* not whole words */
#define LONGEST 40  /* over a word */
#define HELD	3

SYS_BITARRAY_DEFINE_STATIC(array, BITS);

static unsigned char bytes[BITS];
static int64_t end;
static unsigned long searched, named, single, refused, lost;

/**
 * struct region - of one thread
 * @num: bits; 0: it has none
 * @at: the first
 */
struct region {
	size_t num;
	size_t at;
};

/* Bit by bit; what others have had is given back. */
static int claim_bits(const struct region *r)
{
	size_t i;
	int was;

	for (i = r->at; i < r->at + r->num; i++) {
		if (sys_bitarray_test_and_set_bit(&array, i, &was))
			fail("a bit that is there is refused");
		if (was)
			break;
	}
	if (i == r->at + r->num)
		return 0;
	while (i-- > r->at) {
		if (sys_bitarray_test_and_clear_bit(&array, i, &was) || !was)
			fail("somebody cleared a bit that is not his");
	}
	return -EEXIST;
}

static void get(struct region *r, unsigned int *seed, unsigned char fill)
{
	unsigned int how = (unsigned int)rand_r(seed) % 3;
	int err;

	r->num = 1 + (size_t)rand_r(seed) % (rand_r(seed) % 2 ? LONGEST : 4);
	r->at = (size_t)rand_r(seed) % (BITS - r->num + 1);
	if (how == 0)
		err = sys_bitarray_alloc(&array, r->num, &r->at);
	else if (how == 1)
		err = sys_bitarray_test_and_set_region(&array, r->num, r->at, true);
	else
		err = claim_bits(r);
	if (err) {
		if (err != (how ? -EEXIST : -ENOSPC))
			fail("an unexpected error");
		tick(how ? &lost : &refused);
		r->num = 0;
		return;
	}
	tick(how == 0 ? &searched : how == 1 ? &named : &single);
	memset(bytes + r->at, fill, r->num);
}

static void put(struct region *r, unsigned int how, unsigned char fill)
{
	int err = 0;

	if (!r->num)
		return;
	inspect(bytes + r->at, r->num, fill);
	if (!sys_bitarray_is_region_set(&array, r->num, r->at) ||
	    sys_bitarray_is_region_cleared(&array, r->num, r->at))
		fail("somebody cleared what is not his");
	if (how == 0)
		err = sys_bitarray_free(&array, r->num, r->at);
	else if (how == 1)
		err = sys_bitarray_clear_region(&array, r->num, r->at);
	else if (how == 2)
		err = sys_bitarray_test_and_set_region(&array, r->num, r->at, false);
	else
		for (size_t i = 0; i < r->num && !err; i++)
			err = sys_bitarray_clear_bit(&array, r->at + i);
	if (err)
		fail("a region cannot be given back");
	r->num = 0;
}

/* What a thread has, it may set again and look at. */
static void look(const struct region *r)
{
	int val = 0;

	if (!r->num)
		return;
	if (sys_bitarray_set_region(&array, r->num, r->at) || sys_bitarray_set_bit(&array, r->at) ||
	    sys_bitarray_test_bit(&array, r->at, &val) || !val)
		fail("a bit of a region is not set");
}

static void *work(void *arg)
{
	unsigned int seed = *(unsigned int *)arg;
	unsigned char fill = (unsigned char)(seed * 37 + 1);
	struct region held[HELD] = { 0 };

	while (mrig_clock() < end) {
		struct region *r = &held[rand_r(&seed) % HELD];
		unsigned int dice = (unsigned int)rand_r(&seed);

		if (!r->num)
			get(r, &seed, fill);
		else if (dice % 3)
			put(r, dice / 3 % 4, fill);
		else
			look(r);
	}
	for (int i = 0; i < HELD; i++)
		put(&held[i], (unsigned int)i, fill);
	return NULL;
}

int main(int argc, char **argv)
{
	unsigned int seed = argc > 1 ? (unsigned int)strtoul(argv[1], NULL, 0) : 1;
	int seconds = argc > 2 ? atoi(argv[2]) : 3;
	unsigned int seeds[THREADS];
	pthread_t threads[THREADS];

	end = mrig_clock() + seconds * 1000000000LL;
	for (int i = 0; i < THREADS; i++) {
		seeds[i] = seed * 100 + (unsigned int)i;
		if (pthread_create(&threads[i], NULL, work, &seeds[i]))
			fail("no thread");
	}
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	if (!sys_bitarray_is_region_cleared(&array, BITS, 0))
		fail("not all is clear at the end");
	if (!searched || !named || !single || !refused || !lost)
		fail("not everything happened");
	printf("%lu searched, %lu named, %lu bit by bit, %lu refused, %lu lost\n", searched, named,
	       single, refused, lost);
	return 0;
}
