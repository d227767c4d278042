// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A heap over time.
 */
#include "replay_sample.h"

#include <errno.h>
#include <stdlib.h>

#include "blockmap.h"
#include "util.h"

#define FULL 9

int replay_samples_open(struct replay_samples *samples, size_t max)
{
	*samples = (struct replay_samples){ .max = max + 1 };
	samples->at = calloc(samples->max, sizeof(*samples->at));
	return samples->at ? 0 : -ENOMEM;
}

void replay_samples_close(struct replay_samples *samples)
{
	free(samples->at);
	samples->at = NULL;
}

/* Bytes of [@start, @end) that lie in each cell of @cell bytes. */
static void add_span(uint64_t *used, uint64_t cell, uint64_t start, uint64_t end)
{
	uint64_t i, stop;

	for (i = start / cell; start < end && i < REPLAY_SAMPLE_CELLS; i++) {
		stop = (i + 1) * cell < end ? (i + 1) * cell : end;
		used[i] += stop - start;
		start = stop;
	}
}

static int draw(struct replay_sample *sample, memrig_heap_t *heap,
		const struct memrig_heap_stat *stat)
{
	uint64_t cell = stat->length / REPLAY_SAMPLE_CELLS + 1;
	uint64_t used[REPLAY_SAMPLE_CELLS] = { 0 };
	struct memrig_block *blocks;
	size_t count, i;
	int ret;

	ret = blocks_read(heap, true, &blocks, &count);
	if (ret)
		return ret;
	for (i = 0; i < count; i++)
		add_span(used, cell, blocks[i].offset - stat->offset,
			 blocks[i].offset - stat->offset + blocks[i].bytes);
	free(blocks);
	for (i = 0; i < REPLAY_SAMPLE_CELLS; i++)
		sample->fill[i] = (uint8_t)((used[i] * FULL + cell - 1) / cell);
	return 0;
}

int replay_samples_take(struct replay_samples *samples, struct replay_pass *pass, uint64_t op)
{
	struct memrig_heap_stat stat = { .size = sizeof(stat) };
	struct replay_sample *sample = &samples->at[samples->nr];
	int ret;

	if (samples->nr == samples->max)
		return 0;
	ret = memrig_heap_stat(pass->heap, &stat);
	if (ret)
		return ret;
	*sample = (struct replay_sample){
		.op = op,
		.live = pass->live_bytes,
		.usable = pass->live_usable,
		.free = stat.free_bytes,
		.largest = stat.largest_free,
		.side = stat.side_bytes,
		.blocks = stat.live_blocks,
		.refused = pass->refused,
	};
	ret = draw(sample, pass->heap, &stat);
	if (!ret)
		samples->nr++;
	return ret;
}

#define SERIES(name, member)                                 \
	{                                                    \
		name, offsetof(struct replay_sample, member) \
	}

struct json_object *replay_samples_json(const struct replay_samples *samples)
{
	static const struct {
		const char *name;
		size_t offset;
	} series[] = {
		SERIES("operation", op),	 SERIES("live_bytes", live),
		SERIES("usable_bytes", usable),	 SERIES("free_bytes", free),
		SERIES("largest_free", largest), SERIES("side_bytes", side),
		SERIES("live_blocks", blocks),	 SERIES("refused", refused),
	};
	struct json_object *json = json_object_new_object(), *array;
	size_t i, s;

	for (s = 0; s < ARRAY_SIZE(series); s++) {
		array = json_object_new_array();
		for (i = 0; i < samples->nr; i++) {
			const char *sample = (const char *)&samples->at[i];

			json_object_array_add(
				array, json_object_new_uint64(
					       *(const uint64_t *)(sample + series[s].offset)));
		}
		json_object_object_add(json, series[s].name, array);
	}
	return json;
}

struct json_object *replay_samples_map_json(const struct replay_samples *samples)
{
	struct json_object *array = json_object_new_array();
	char digits[REPLAY_SAMPLE_CELLS + 1] = "";
	size_t i, cell;

	for (i = 0; i < samples->nr; i++) {
		for (cell = 0; cell < REPLAY_SAMPLE_CELLS; cell++)
			digits[cell] = (char)('0' + samples->at[i].fill[cell]);
		json_object_array_add(array, json_object_new_string(digits));
	}
	return array;
}
