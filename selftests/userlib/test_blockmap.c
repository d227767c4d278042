// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Block maps: what is drawn is what is there.
 */
#include "blockmap.h"
#include "fill.h"
#include "test.h"

static const uint32_t placements[] = { MEMRIG_PLACEMENT_INBAND, MEMRIG_PLACEMENT_OOB };

static uint64_t sum(const struct blockmap *map)
{
	uint64_t total = 0;
	uint32_t i;

	for (i = 0; i < map->cells; i++)
		total += map->used[i];
	return total;
}

static void cells_add_up_to_the_live_bytes(void **state)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	struct blockmap map;
	size_t i;

	for (i = 0; i < 2; i++) {
		memrig_heap_t *heap = make_heap(placements[i], 1 << 20, 0);

		assert_int_equal(fill_heap(heap, 60), 0);
		assert_int_equal(memrig_heap_stat(heap, &stat), 0);
		assert_true(stat.live_blocks > 10);
		assert_int_equal(blockmap_read(heap, 100, &map), 0);
		assert_int_equal(map.live_blocks, stat.live_blocks);
		assert_int_equal(map.live_bytes, stat.allocated_bytes);
		assert_int_equal(sum(&map), stat.allocated_bytes);
		blockmap_free(&map);
		memrig_heap_close(heap);
	}
}

static void fill_reaches_its_target(void **state)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	memrig_heap_t *heap = make_heap(MEMRIG_PLACEMENT_OOB, 1 << 20, 0);

	assert_int_equal(fill_heap(heap, 50), 0);
	assert_int_equal(memrig_heap_stat(heap, &stat), 0);
	assert_true(stat.allocated_bytes > (1 << 20) * 45 / 100);
	assert_true(stat.allocated_bytes < (1 << 20) * 55 / 100);
	assert_true(stat.frees > 50);
	assert_sound(heap);
	memrig_heap_close(heap);
}

static void holes_are_found(void **state)
{
	memrig_heap_t *heap = make_heap(MEMRIG_PLACEMENT_OOB, 65536, 0);
	uint64_t offset[8], holes = 0;
	struct blockmap map;
	int i;

	for (i = 0; i < 8; i++)
		assert_int_equal(memrig_heap_alloc_at(heap, 0, 1024, &offset[i], NULL), 0);
	assert_int_equal(memrig_heap_free_at(heap, offset[1]), 0);
	assert_int_equal(memrig_heap_free_at(heap, offset[3]), 0);
	assert_int_equal(blockmap_read(heap, 64, &map), 0);
	for (i = 0; i < HOLE_CLASSES; i++)
		holes += map.holes[i];
	assert_int_equal(holes, 3);	   /* two between blocks and the rest */
	assert_int_equal(map.holes[6], 2); /* 2^(6+4) = 1024 */
	assert_true(map.largest_hole > 56000);
	assert_int_equal(sum(&map), map.live_bytes);
	blockmap_free(&map);
	memrig_heap_close(heap);
}

static void tiny_heaps_can_be_drawn(void **state)
{
	memrig_heap_t *heap = make_heap(MEMRIG_PLACEMENT_INBAND, 256, 0);
	struct blockmap map;
	uint64_t offset;
	char *text = NULL;
	size_t len = 0;
	FILE *out;

	assert_int_equal(memrig_heap_alloc_at(heap, 0, 100, &offset, NULL), 0);
	assert_int_equal(blockmap_read(heap, 1000, &map), 0);
	assert_true(map.cells <= 32);
	out = open_memstream(&text, &len);
	blockmap_draw(out, &map, 10);
	fclose(out);
	assert_non_null(strstr(text, "1 live blocks"));
	assert_non_null(strchr(text, '#'));
	free(text);
	blockmap_free(&map);
	memrig_heap_close(heap);
}

int main(void)
{
	const struct CMUnitTest blockmap[] = {
		cmocka_unit_test(cells_add_up_to_the_live_bytes),
		cmocka_unit_test(fill_reaches_its_target),
		cmocka_unit_test(holes_are_found),
		cmocka_unit_test(tiny_heaps_can_be_drawn),
	};

	common.ascii = true;
	return RUN(blockmap);
}
