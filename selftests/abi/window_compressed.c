// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * COMPRESSED stores, each compressor for itself: that it is the one that was asked for, what it
 * makes of pages, and that they come back.
 */
#include "harness.h"
#include "kmod.h"
#include "window_fixture.h"

#define FRAMES 8
#define PAGES  64

FIXTURE(compressed)
{
	int session;
	size_t page;
	struct memrig_window_create arg;
	int uses; /* of the algorithm, before there is a window */
	int window;
	char *map;
};

FIXTURE_VARIANT(compressed)
{
	uint32_t compressor;
	const char *name;   /* of the algorithm, and of the module that has it */
	bool codes_symbols; /* not only what is repeated */
};

#define COMPRESSOR(variant_name, number, algorithm, symbols)                 \
	FIXTURE_VARIANT_ADD(compressed, variant_name)                        \
	{                                                                    \
		.compressor = MEMRIG_COMPRESSOR_##number, .name = algorithm, \
		.codes_symbols = symbols                                     \
	}
COMPRESSOR(usual, DEFAULT, "lzo", false);
COMPRESSOR(lzo, LZO, "lzo", false);
COMPRESSOR(lz4, LZ4, "lz4", false);
COMPRESSOR(zstd, ZSTD, "zstd", true);

/* References on all implementations of an algorithm, by what the kernel tells; -1: it has none. */
static int algorithm_uses(const char *name)
{
	FILE *list = fopen("/proc/crypto", "r");
	char line[256], word[64];
	int sum = -1, uses;
	bool ours = false;

	while (list && fgets(line, sizeof(line), list)) {
		if (sscanf(line, "name : %63s", word) == 1)
			ours = !strcmp(word, name);
		else if (ours && sscanf(line, "refcnt : %d", &uses) == 1)
			sum = sum < 0 ? uses : sum + uses;
	}
	if (list)
		fclose(list);
	return sum;
}

/* A new algorithm tests itself, and is let go of a moment after its last user. */
static int algorithm_uses_settled(const char *name)
{
	int uses = algorithm_uses(name), same = 0;

	for (int i = 0; i < 250 && same < 10; i++) {
		int now;

		sleep_ms(20);
		now = algorithm_uses(name);
		same = now == uses ? same + 1 : 0;
		uses = now;
	}
	return uses;
}

FIXTURE_SETUP(compressed)
{
	int loaded =
		variant->compressor > MEMRIG_COMPRESSOR_LZO ? spare_load(variant->name, "") : 0;

	self->page = page_size();
	WINDOW_ASK_SETUP(self);
	self->arg.store = MEMRIG_STORE_COMPRESSED;
	self->arg.compressor = variant->compressor;
	/* The first use may register or load what it needs. */
	self->window = window_create(self->session, &self->arg);
	if (self->window == -EOPNOTSUPP && loaded == -ENOENT)
		SKIP(return, "no module %s for this kernel", variant->name);
	ASSERT_GE(self->window, 0)
	{
		TH_LOG("%s: %d, its module: %d", variant->name, self->window, loaded);
	}
	close(self->window);
	self->uses = algorithm_uses_settled(variant->name);
	ASSERT_LE(0, self->uses);
	self->window = window_create(self->session, &self->arg);
	ASSERT_GE(self->window, 0);
	self->map = window_map(self->window, PAGES);
	ASSERT_TRUE(self->map != MAP_FAILED);
}

FIXTURE_TEARDOWN(compressed)
{
	munmap(self->map, PAGES * self->page);
	close(self->window);
	/* It gave the algorithm back. */
	EXPECT_EQ(self->uses, algorithm_uses_settled(variant->name));
	close(self->arg.region_fd);
	close(self->session);
}

TEST_F(compressed, by_whom)
{
	static const char *const all[] = { "lzo", "lz4", "zstd" };
	int uses[ARRAY_SIZE(all)];

	EXPECT_LT(self->uses, algorithm_uses(variant->name));
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		uses[i] = algorithm_uses(all[i]);
	munmap(self->map, PAGES * self->page);
	close(self->window);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		EXPECT_EQ(!strcmp(all[i], variant->name), algorithm_uses_settled(all[i]) < uses[i]);
	self->window = window_create(self->session, &self->arg);
	ASSERT_GE(self->window, 0);
	self->map = window_map(self->window, PAGES);
}

/* Text is small, and zeros are nothing. */
TEST_F(compressed, text_and_zeros)
{
	struct memrig_window_stat stat;

	for (uint64_t i = 0; i < PAGES; i++)
		for (size_t j = 0; j < self->page; j++)
			self->map[i * self->page + j] = "a test rig for memory "[(i + j) % 22];
	ASSERT_EQ(0, page_out(self->window, 0, PAGES));
	stat = window_stat(self->window);
	EXPECT_EQ(PAGES, stat.stored);
	EXPECT_GT(PAGES * self->page / 4, stat.stored_bytes);
	EXPECT_LT(0, stat.stored_bytes);
	for (uint64_t i = 0; i < PAGES; i++)
		for (size_t j = 0; j < self->page; j++)
			ASSERT_EQ("a test rig for memory "[(i + j) % 22],
				  self -> map[i * self->page + j]);

	memset(self->map, 0, PAGES * self->page);
	ASSERT_EQ(0, page_out(self->window, 0, PAGES));
	EXPECT_EQ(0, window_stat(self->window).stored_bytes);
	EXPECT_TRUE(page_is_zero(self->map + 5 * self->page));
}

/* The same bytes every time; as many different ones as @mask allows. */
static void noise_fill(char *map, size_t bytes, int mask)
{
	unsigned int seed = 1;

	for (size_t i = 0; i < bytes; i++)
		map[i] = rand_r(&seed) >> 4 & mask;
}

static size_t noise_wrong(const char *map, size_t bytes, int mask)
{
	unsigned int seed = 1;
	size_t wrong = 0;

	for (size_t i = 0; i < bytes; i++)
		wrong += map[i] != (char)(rand_r(&seed) >> 4 & mask);
	return wrong;
}

/* Noise stays what it is. */
TEST_F(compressed, noise)
{
	const size_t bytes = PAGES * self->page;

	noise_fill(self->map, bytes, 0xff);
	ASSERT_EQ(0, page_out(self->window, 0, PAGES));
	EXPECT_LE(bytes, window_stat(self->window).stored_bytes);
	EXPECT_EQ(0, noise_wrong(self->map, bytes, 0xff));
}

/* Eight letters without an order: less than half of it for who counts letters, more for others. */
TEST_F(compressed, letters)
{
	const size_t bytes = PAGES * self->page;
	uint64_t stored;

	noise_fill(self->map, bytes, 7);
	ASSERT_EQ(0, page_out(self->window, 0, PAGES));
	stored = window_stat(self->window).stored_bytes;
	TH_LOG("%s: %llu of %zu bytes", variant->name, (unsigned long long)stored, bytes);
	EXPECT_EQ(variant->codes_symbols, stored <= bytes / 2);
	EXPECT_EQ(0, noise_wrong(self->map, bytes, 7));
}

TEST_HARNESS_MAIN
