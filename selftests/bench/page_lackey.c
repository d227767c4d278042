// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * What "valgrind --tool=lackey --trace-mem=yes" says on standard input, as a trace of page uses for
 * memrig evict-sim (words).
 *
 *   page_lackey FILE [REFERENCES]
 *
 * A use is kept when its page is not among the 8 last different ones, or is the first write to it
 * since it came among them: hardware, too, sets the bits of a page when it fetches the translation.
 * Pages are 4 KiB and numbered in the order of their first use.
 */
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_SHIFT 12
#define WRITE	   0x80000000U
#define RECENT	   8
#define SLOT_BITS  22
#define SLOTS	   (1U << SLOT_BITS)

static uint64_t keys[SLOTS]; /* page + 1, 0: empty */
static uint32_t numbers[SLOTS];
static uint32_t pages;

static uint32_t number_of(uint64_t page)
{
	uint32_t slot = (uint32_t)((page * 0x9e3779b97f4a7c15ULL) >> (64 - SLOT_BITS));

	for (; keys[slot] && keys[slot] != page + 1; slot = (slot + 1) % SLOTS)
		;
	if (!keys[slot]) {
		if (pages == SLOTS / 2)
			errx(1, "more than %u pages", pages);
		keys[slot] = page + 1;
		numbers[slot] = pages++;
	}
	return numbers[slot];
}

/**
 * struct recent - one of the last pages
 * @key: page + 1
 * @written: since it came here
 */
struct recent {
	uint64_t key;
	bool written;
};

static struct recent recent[RECENT];

/* Moves the page to the front. Is the use one to be kept? */
static bool keep(uint64_t page, bool write)
{
	struct recent now = { page + 1, write };
	bool kept;
	int i = 0;

	while (i < RECENT && recent[i].key != page + 1)
		i++;
	kept = i == RECENT || (write && !recent[i].written);
	if (i < RECENT)
		now.written |= recent[i].written;
	else
		i = RECENT - 1;
	memmove(recent + 1, recent, (size_t)i * sizeof(recent[0]));
	recent[0] = now;
	return kept;
}

/* "I  addr,size" is an instruction, " L", " S" and " M" are a load, a store and both. */
static bool parse(const char *line, uint64_t *page, bool *write)
{
	char kind = line[0] == 'I' ? 'I' : line[1];

	if ((line[0] != 'I' && line[0] != ' ') || !kind || !strchr("ILSM", kind))
		return false;
	*page = strtoull(line + 3, NULL, 16) >> PAGE_SHIFT;
	*write = kind == 'S' || kind == 'M';
	return true;
}

int main(int argc, char **argv)
{
	uint64_t most = argc > 2 ? strtoull(argv[2], NULL, 0) : UINT64_MAX, kept = 0, page;
	char line[256];
	bool write;
	FILE *out;

	if (argc < 2)
		errx(2, "usage: page_lackey FILE [REFERENCES]");
	out = fopen(argv[1], "we");
	if (!out)
		err(1, "%s", argv[1]);
	while (kept < most && fgets(line, sizeof(line), stdin)) {
		uint32_t word;

		if (!parse(line, &page, &write) || !keep(page, write))
			continue;
		word = number_of(page) | (write ? WRITE : 0);
		fwrite(&word, sizeof(word), 1, out);
		kept++;
	}
	if (ferror(out) | fclose(out))
		err(1, "%s", argv[1]);
	fprintf(stderr, "%s: %llu uses of %u pages\n", argv[1], (unsigned long long)kept, pages);
	return 0;
}
