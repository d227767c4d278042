// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Every allocation call once, with what it should leave in the trace beside it. Prints what the
 * trace must hold: "allocs frees reallocs refused live-bytes-at-the-end". Asked for nothing, it
 * makes no call at all.
 */
#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *kept[16];

static void succeed(void)
{
	void *p;

	kept[0] = malloc(1000);			/* 1 */
	kept[1] = calloc(10, 100);		/* 2 */
	kept[2] = memalign(64, 100);		/* 3 */
	kept[3] = aligned_alloc(256, 512);	/* 4 */
	if (posix_memalign(&kept[4], 4096, 10)) /* 5 */
		abort();
	kept[5] = valloc(20);				/* 6 */
	kept[6] = pvalloc(1);				/* 7: a whole page */
	kept[7] = realloc(NULL, 50);			/* 8: an alloc */
	kept[7] = realloc(kept[7], 5000);		/* realloc 1 */
	kept[7] = reallocarray(kept[7], 10, 10);	/* realloc 2: 100 bytes */
	kept[8] = reallocarray(NULL, 4, 25);		/* 9 */
	kept[9] = malloc(0);				/* 10 */
	free(NULL);					/* nothing */
	free(malloc(77));				/* 11, free 1 */
	p = malloc(30);					/* 12 */
	p = realloc(p, 0);				/* free 2 */
	kept[10] = strdup("from within the C library"); /* 13: 26 bytes */
	kept[11] = p;
}

static int refused(const void *p)
{
	return !p && errno == ENOMEM;
}

static int fail_all(void)
{
	volatile size_t huge = (size_t)-1 / 2;
	void *p = NULL;
	int good = 1;

	good &= refused(malloc(huge));			 /* refused 1 */
	good &= refused(calloc(huge, 4));		 /* refused 2 */
	good &= refused(realloc(kept[0], huge));	 /* refused 3 */
	good &= refused(reallocarray(kept[0], huge, 4)); /* never asked */
	good &= posix_memalign(&p, 64, huge) == ENOMEM;	 /* refused 4 */
	good &= posix_memalign(&p, 3, 8) == EINVAL;	 /* never asked */
	good &= refused(memalign(64, huge));		 /* refused 5 */
	return good;
}

static int contents_are_sound(void)
{
	size_t i;

	memset(kept[0], 1, 1000);
	for (i = 0; i < 1000; i++) {
		if (((char *)kept[1])[i])
			return 0;
	}
	return !((size_t)kept[2] % 64) && !((size_t)kept[3] % 256) && !((size_t)kept[4] % 4096) &&
	       !((size_t)kept[5] % 4096) && !strcmp(kept[10], "from within the C library");
}

int main(int argc, char **argv)
{
	char text[64];
	int len;

	if (argc > 1 && !strcmp(argv[1], "nothing"))
		return 0;
	succeed();
	if (open("/dev/null", O_RDONLY) != 3) /* descriptor numbers are the program's */
		return 1;
	if (!fail_all() || !contents_are_sound())
		return 1;
	/* stdio would allocate a buffer. */
	len = snprintf(text, sizeof(text), "13 2 2 5 %d\n",
		       1000 + 1000 + 100 + 512 + 10 + 20 + 4096 + 100 + 100 + 0 + 26);
	return write(STDOUT_FILENO, text, (size_t)len) != len;
}
