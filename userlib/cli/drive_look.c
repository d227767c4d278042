// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The steps of a script that look at the allocator. Without --json they print what they see.
 */
#include <errno.h>
#include <stdlib.h>

#include "block_rows.h"
#include "blockmap.h"
#include "drive.h"
#include "heap_report.h"
#include "multi_report.h"

#define MAP_LINES 4

/* The answer of one member, in the record of the step. */
static void add_answer(struct json_object *record, const struct drive *drive, uint32_t member,
		       struct json_object *answer)
{
	struct json_object *array, *row;

	if (!drive->target->multi) {
		json_object_object_add(record, "answer", answer);
		return;
	}
	if (!json_object_object_get_ex(record, "answer", &array)) {
		array = json_object_new_array();
		json_object_object_add(record, "answer", array);
	}
	row = json_object_new_object();
	json_set_u64(row, "member", member);
	json_object_object_add(row, "answer", answer);
	json_object_array_add(array, row);
}

static int look_walk(memrig_heap_t *heap, struct json_object **answer)
{
	int ret = block_rows(heap, true, answer);

	if (!ret && !common.json)
		block_rows_print(json_object_get(*answer));
	return ret;
}

static int look_map(memrig_heap_t *heap, struct json_object **answer)
{
	unsigned int width = blockmap_width();
	struct blockmap map;
	int ret;

	ret = blockmap_load(heap, width * MAP_LINES, &map);
	if (ret)
		return ret;
	*answer = blockmap_json(&map);
	if (!common.json)
		blockmap_draw(stdout, &map, width);
	blockmap_free(&map);
	return 0;
}

static int look_validate(memrig_heap_t *heap, struct json_object **answer)
{
	uint32_t invariant;
	uint64_t offset = 0;
	int ret;

	ret = memrig_heap_validate(heap, &invariant, &offset);
	if (ret)
		return ret;
	*answer = json_object_new_object();
	json_set_bool(*answer, "sound", !invariant);
	if (invariant) {
		json_set_u64(*answer, "invariant", invariant);
		json_set_u64(*answer, "offset", offset);
	}
	if (!common.json)
		printf("%s\n", invariant ? "damaged" : "sound");
	return 0;
}

static int look_at(memrig_heap_t *heap, enum step_op op, struct json_object **answer)
{
	*answer = NULL;
	switch (op) {
	case STEP_WALK:
		return look_walk(heap, answer);
	case STEP_MAP:
		return look_map(heap, answer);
	case STEP_VALIDATE:
		return look_validate(heap, answer);
	default:
		return memrig_heap_reset_max(heap);
	}
}

/* All members at once have figures of their own. */
static int look_stat(struct drive *drive, struct json_object *record)
{
	struct json_object *answer;

	answer = drive->target->heap ? heap_record(drive->target->heap)
				     : multi_record(drive->target->multi);
	if (!answer)
		return memrig_failure()->error;
	json_object_object_add(record, "answer", json_object_get(answer));
	if (common.json)
		json_object_put(answer);
	else if (drive->target->heap)
		heap_record_print(answer);
	else
		multi_record_print(answer);
	return 0;
}

int drive_look(struct drive *drive, const struct step *step, struct json_object *record)
{
	uint32_t members[TARGET_MEMBERS];
	struct json_object *answer;
	memrig_heap_t *heap;
	int count, i, ret;

	if (step->op == STEP_STAT)
		return look_stat(drive, record);
	count = target_members(drive->target, members);
	ret = count < 0 ? count : 0;
	for (i = 0; i < count && !ret; i++) {
		ret = target_member(drive->target, members[i], &heap);
		if (!ret && drive->target->multi && !common.json && step->op != STEP_RESET)
			printf("member %u\n", members[i]);
		if (!ret)
			ret = look_at(heap, step->op, &answer);
		if (!ret && answer)
			add_answer(record, drive, members[i], answer);
	}
	return ret;
}
