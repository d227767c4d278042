// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Synthetic traces of page uses, as memrig evict-sim reads them (words).
 *
 *   page_gen KIND FRAMES [SEED] >trace.words
 *
 * 16384 pages, 2000000 references; FRAMES matters to the kinds that are made to fit a window badly.
 * Three pages in ten are write-heavy: 80 % of their uses write, of the others' 5 %.
 */
#include <err.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGES 16384U
#define REFS  2000000U
#define WRITE 0x80000000U
#define SEED  0x7ace0000U

static uint32_t refs[REFS];
static uint64_t state;

static uint64_t rnd(void)
{
	uint64_t z = (state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

static uint32_t below(uint32_t n)
{
	return (uint32_t)(((__uint128_t)rnd() * n) >> 64);
}

static double uniform(void)
{
	return (double)(rnd() >> 11) * 0x1p-53;
}

/**
 * struct zipf - pages of which the i-th most used is used in proportion to i ^ -exponent
 * @n: pages
 * @sum: by rank, share of the uses up to it
 * @page: by rank
 */
struct zipf {
	uint32_t n;
	double sum[PAGES];
	uint32_t page[PAGES];
};

static void zipf_init(struct zipf *z, uint32_t n, double exponent)
{
	double sum = 0;
	uint32_t i;

	z->n = n;
	for (i = 0; i < n; i++) {
		sum += pow(i + 1.0, -exponent);
		z->sum[i] = sum;
		z->page[i] = i;
	}
	for (i = 0; i < n; i++)
		z->sum[i] /= sum;
	for (i = n - 1; i > 0; i--) {
		uint32_t j = below(i + 1), page = z->page[i];

		z->page[i] = z->page[j];
		z->page[j] = page;
	}
}

static uint32_t zipf_draw(const struct zipf *z)
{
	double u = uniform();
	uint32_t low = 0, high = z->n - 1;

	while (low < high) {
		uint32_t middle = (low + high) / 2;

		if (z->sum[middle] < u)
			low = middle + 1;
		else
			high = middle;
	}
	return z->page[low];
}

static struct zipf zipf;

/* @percent / 100: exponent. */
static void independent(uint32_t frames, uint32_t percent)
{
	uint32_t i;

	zipf_init(&zipf, PAGES, percent / 100.0);
	for (i = 0; i < REFS; i++)
		refs[i] = zipf_draw(&zipf);
}

/* Half of the pages skewed; every 20000 references a scan over an eighth of the others. */
static void scanmix(uint32_t frames, uint32_t unused)
{
	uint32_t half = PAGES / 2, at = 0, left = 0, i;

	zipf_init(&zipf, half, 1.0);
	for (i = 0; i < REFS; i++) {
		if (i % 20000 == 19999)
			left = (PAGES - half) / 8;
		if (left && (i & 1)) {
			refs[i] = half + at;
			at = (at + 1) % (PAGES - half);
			left--;
		} else {
			refs[i] = zipf_draw(&zipf);
		}
	}
}

/* Round and round @percent of the frames; one use in ten goes to a few pages besides. */
static void loop(uint32_t frames, uint32_t percent)
{
	uint32_t length = (uint32_t)((uint64_t)frames * percent / 100) + 1, hot = frames / 20 + 1;
	uint32_t at = 0, i;

	for (i = 0; i < REFS; i++) {
		if (below(10) == 0) {
			refs[i] = length + below(hot);
		} else {
			refs[i] = at;
			at = (at + 1) % length;
		}
	}
}

/* Now and then another window of the pages, skewed inside; @pieces of the trace. */
static void phases(uint32_t frames, uint32_t pieces)
{
	uint32_t base = 0, i;

	zipf_init(&zipf, PAGES / 4, 0.9);
	for (i = 0; i < REFS; i++) {
		if (i % (REFS / pieces) == 0)
			base = below(PAGES);
		refs[i] = (base + zipf_draw(&zipf)) % PAGES;
	}
}

static void all_alike(uint32_t frames, uint32_t unused)
{
	uint32_t i;

	for (i = 0; i < REFS; i++)
		refs[i] = below(PAGES);
}

/* A look-up: root, one of 64 inner nodes, a leaf, a record. */
static void btree(uint32_t frames, uint32_t unused)
{
	uint32_t leaves = (PAGES - 65) / 3, records = PAGES - 65 - leaves, i;

	zipf_init(&zipf, leaves, 0.7);
	for (i = 0; i + 4 <= REFS; i += 4) {
		uint32_t leaf = zipf_draw(&zipf);

		refs[i] = 0;
		refs[i + 1] = 1 + leaf * 64 / leaves;
		refs[i + 2] = 65 + leaf;
		refs[i + 3] = 65 + leaves + below(records);
	}
}

/* A skewed window that wanders, a page every @every references. */
static void drift(uint32_t frames, uint32_t every)
{
	uint32_t i;

	zipf_init(&zipf, PAGES / 3, 0.9);
	for (i = 0; i < REFS; i++)
		refs[i] = (zipf_draw(&zipf) + i / every) % PAGES;
}

/* A loop of @percent of the frames and skewed uses by turns. */
static void turns(uint32_t frames, uint32_t percent)
{
	uint32_t length = (uint32_t)((uint64_t)frames * percent / 100) + 1, at = 0, i;

	if (length > PAGES)
		length = PAGES;
	zipf_init(&zipf, PAGES, 0.9);
	for (i = 0; i < REFS; i++) {
		if (i / (REFS / 8) & 1) {
			refs[i] = at;
			at = (at + 1) % length;
		} else {
			refs[i] = zipf_draw(&zipf);
		}
	}
}

/* Short loops, each gone through five times before the next, over three times the frames. */
static void nested(uint32_t frames, uint32_t percent)
{
	uint32_t length = (uint32_t)((uint64_t)frames * percent / 100) + 1, base = 0, i = 0, k;

	while (i < REFS) {
		for (k = 0; k < 5 * length && i < REFS; k++)
			refs[i++] = (base + k % length) % (3 * frames);
		base = (base + length) % (3 * frames);
	}
}

/**
 * struct kind - a kind of trace
 * @name: name
 * @make: fills refs
 * @number: its second argument
 */
struct kind {
	const char *name;
	void (*make)(uint32_t frames, uint32_t number);
	uint32_t number;
};

static const struct kind kinds[] = {
	{ "zipf08", independent, 80 },
	{ "zipf10", independent, 100 },
	{ "scanmix", scanmix, 0 },
	{ "loop", loop, 110 },
	{ "phase", phases, 10 },
	{ "random", all_alike, 0 },
	{ "btree", btree, 0 },
	{ "zipf06", independent, 60 },
	{ "zipf12", independent, 120 },
	{ "loop105", loop, 105 },
	{ "loop150", loop, 150 },
	{ "loop200", loop, 200 },
	{ "phase25", phases, 25 },
	{ "drift", drift, 300 },
	{ "turns", turns, 130 },
	{ "nested", nested, 30 },
	{ NULL, NULL, 0 },
};

static void mark_writes(void)
{
	uint32_t i;

	for (i = 0; i < REFS; i++) {
		uint32_t hash = (refs[i] * 2654435761U) >> 16;

		if (uniform() < (hash % 10 < 3 ? 0.8 : 0.05))
			refs[i] |= WRITE;
	}
}

int main(int argc, char **argv)
{
	const struct kind *kind = kinds;
	uint32_t frames;

	if (argc < 3 || argc > 4)
		errx(2, "usage: page_gen KIND FRAMES [SEED]");
	while (kind->name && strcmp(kind->name, argv[1]))
		kind++;
	frames = (uint32_t)strtoul(argv[2], NULL, 0);
	if (!kind->name || !frames || frames > PAGES)
		errx(2, "no kind '%s', or not 1 to %u frames", argv[1], PAGES);
	state = argc > 3 ? strtoul(argv[3], NULL, 0) : SEED;
	kind->make(frames, kind->number);
	mark_writes();
	if (fwrite(refs, sizeof(refs), 1, stdout) != 1 || fflush(stdout))
		err(1, "standard output");
	return 0;
}
