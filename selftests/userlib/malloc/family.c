// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Every function of the malloc family, used rightly and wrongly, by a program that knows nothing of
 * memrig.
 */
#include <errno.h>
#include <malloc.h>
#include <string.h>
#include <unistd.h>

#include "family.h"

#define HUGE (SIZE_MAX / 2 + 1)

/* ---- every function ------------------------------------------------------------------ */

static void aligned_calls(void)
{
	size_t align;
	void *p;

	for (align = 1; align <= 1 << 18; align *= 2) {
		p = memalign(align, 100);
		CHECK(p && (uintptr_t)p % align == 0);
		free(p);
		p = aligned_alloc(align, 3 * align);
		CHECK(p && (uintptr_t)p % align == 0 && malloc_usable_size(p) >= 3 * align);
		free(p);
		if (align < sizeof(void *))
			continue;
		CHECK(!posix_memalign(&p, align, 7) && (uintptr_t)p % align == 0);
		free(p);
	}
	p = valloc(1);
	CHECK((uintptr_t)p % 4096 == 0);
	free(p);
	p = pvalloc(1);
	CHECK((uintptr_t)p % 4096 == 0 && malloc_usable_size(p) >= 4096);
	free(p);
}

static void wrong_sizes(void)
{
	void *p = &p;

	errno = 0;
	CHECK(!malloc(HUGE) && errno == ENOMEM);
	errno = 0;
	CHECK(!malloc(SIZE_MAX) && errno == ENOMEM);
	errno = 0;
	CHECK(!calloc(SIZE_MAX / 2, 3) && errno == ENOMEM);
	errno = 0;
	CHECK(!reallocarray(NULL, SIZE_MAX / 2, 3) && errno == ENOMEM);
	errno = 0;
	CHECK(!pvalloc(SIZE_MAX) && errno == ENOMEM);
	errno = 0;
	CHECK(!aligned_alloc(24, 8) && errno == EINVAL);
	errno = 0;
	CHECK(!memalign(0, 8) && errno == EINVAL);
	errno = 0;
	CHECK(posix_memalign(&p, 24, 8) == EINVAL && posix_memalign(&p, 4, 8) == EINVAL);
	CHECK(posix_memalign(&p, 16, HUGE) == ENOMEM && errno == 0 && p == &p);
	CHECK(posix_memalign(&p, HUGE, 16) == ENOMEM && errno == 0 && p == &p);
	CHECK(malloc_usable_size(NULL) == 0);
	free(NULL);
}

static void reallocs(void)
{
	unsigned char *p = realloc(NULL, 10), *old;
	size_t i;

	for (i = 0; i < 10; i++)
		p[i] = (unsigned char)(i + 1);
	p = realloc(p, 200000);
	for (i = 0; i < 10; i++)
		CHECK(p[i] == i + 1);
	memset(p, 0x5a, 200000);
	p = realloc(p, 5);
	CHECK(p && p[0] == 0x5a && p[4] == 0x5a);
	old = p;
	errno = 0;
	CHECK(!realloc(p, HUGE) && errno == ENOMEM && old[4] == 0x5a);
	errno = 0;
	CHECK(!reallocarray(p, SIZE_MAX / 2, 3) && errno == ENOMEM && old[4] == 0x5a);
	CHECK(!realloc(p, 0));
}

static void every_call(void)
{
	unsigned char *p, *q;
	size_t i, n;

	errno = 77;
	p = malloc(0);
	q = malloc(0);
	CHECK(p && q && p != q);
	free(p);
	free(q);
	for (n = 1; n < 3000; n++) {
		p = malloc(n);
		CHECK(p && (uintptr_t)p % 16 == 0 && malloc_usable_size(p) >= n);
		memset(p, 0xff, malloc_usable_size(p));
		free(p);
		p = calloc(n, 1);
		for (i = 0; i < n; i++)
			CHECK(!p[i]);
		free(p);
	}
	CHECK(errno == 77);
	aligned_calls();
	CHECK(errno == 77);
	reallocs();
	wrong_sizes();
}

/* ---- pointers that are none ---------------------------------------------------------- */

static void bad_pointers(void)
{
	char stack[64] __attribute__((aligned(16)));
	char *p = malloc(100), *guard = malloc(100), *hidden = stack + 16;

	__asm__("" : "+r"(hidden)); /* the compiler would say what is wrong here */
	memset(guard, 1, 100);
	errno = 5;
	free(hidden);
	free((void *)(uintptr_t)16);
	free(p);
	__asm__("" : "+r"(p));
	free(p);
	CHECK(errno == 5);
	CHECK(!realloc(hidden, 10) && errno == EINVAL);
	errno = 0;
	CHECK(!realloc(p, 10) && errno == EINVAL);
	CHECK(malloc_usable_size(hidden) == 0 && malloc_usable_size(p) == 0);
	CHECK(guard[0] == 1 && guard[99] == 1);
	free(guard);
}

/* ---- no room ------------------------------------------------------------------------- */

static unsigned int fill(void **list)
{
	unsigned int n = 0;
	void **p;

	for (;;) {
		errno = 0;
		p = malloc(5000);
		if (!p)
			break;
		*p = *list;
		*list = p;
		n++;
	}
	CHECK(errno == ENOMEM);
	return n;
}

static void drop(void **list)
{
	void **p;

	while ((p = *list)) {
		*list = *p;
		free(p);
	}
}

static void full(void)
{
	void *list = NULL;
	unsigned int first = fill(&list), second;

	CHECK(first > 50);
	drop(&list);
	second = fill(&list);
	CHECK(second + 1 >= first);
	drop(&list);
	printf("%u\n", first);
}

int family(int argc, char **argv)
{
	const char *part = argc > 1 ? argv[1] : "";

	if (!strcmp(part, "calls"))
		every_call();
	else if (!strcmp(part, "bad"))
		bad_pointers();
	else if (!strcmp(part, "churn"))
		churn(12345, 200000, 2000);
	else if (!strcmp(part, "threads"))
		threads(argc > 2 ? (unsigned int)atoi(argv[2]) : 30000);
	else if (!strcmp(part, "forks"))
		forks(argc > 2 ? (unsigned int)atoi(argv[2]) : 20);
	else if (!strcmp(part, "clone"))
		bare_clone(argc > 2 ? atoi(argv[2]) : 7);
	else if (!strcmp(part, "signals"))
		signals();
	else if (!strcmp(part, "full"))
		full();
	else if (!strcmp(part, "exec"))
		execv("/proc/self/exe", (char *[]){ strdup(argv[0]), "calls", NULL });
	else
		return 2;
	return 0;
}
