// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig leaks: who has which block of an allocator that tracks, since when, and from where; of
 * several behind one call, each of those that do.
 */
#include <errno.h>
#include <stdlib.h>

#include "commands.h"
#include "heap_target.h"
#include "target.h"
#include "track_rows.h"
#include "util.h"

/* The rows say which member they are of. */
static void add_rows(struct json_object *all, struct json_object *rows, uint32_t member)
{
	struct json_object *row;
	size_t i;

	for (i = 0; i < json_object_array_length(rows); i++) {
		row = json_object_get(json_object_array_get_idx(rows, i));
		json_set_u64(row, "member", member);
		json_object_array_add(all, row);
	}
	json_object_put(rows);
}

/* One after the other, or as one array. -EINVAL: none of them tracks. */
static int list_members(struct target *target)
{
	static uint32_t members[TARGET_MEMBERS];
	struct json_object *all = json_object_new_array(), *rows;
	int count = target_members(target, members), i, ret = count < 0 ? count : 0;
	memrig_heap_t *heap;
	uint32_t listed = 0;

	for (i = 0; i < count && !ret; i++) {
		ret = target_member(target, members[i], &heap);
		if (!ret)
			ret = track_rows(heap, &rows);
		if (ret == -EINVAL) {
			ret = 0;
			continue;
		}
		if (ret)
			break;
		if (common.json) {
			add_rows(all, rows, members[i]);
		} else {
			printf("%smember %u\n", listed ? "\n" : "", members[i]);
			track_rows_print(rows);
		}
		listed++;
	}
	if (!ret && listed && common.json)
		json_print(all);
	else
		json_object_put(all);
	return ret || listed ? ret : -EINVAL;
}

static int list_heap(memrig_heap_t *heap)
{
	struct json_object *rows;
	int ret = track_rows(heap, &rows);

	if (!ret)
		track_rows_print(rows);
	return ret;
}

int cmd_leaks(int argc, char **argv)
{
	static const struct argp argp = {
		.children = common_children,
		.parser = heap_target_parse,
		.args_doc = HEAP_TARGET_ARGS,
		.doc = "List the live blocks of an allocator that was created with --track, the "
		       "oldest first: who asked, when, and where." HEAP_TARGET_DOC,
	};
	const char *text = NULL;
	struct target target;
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &text);
	ret = target_open(text, NULL, &target);
	if (ret)
		return ret;
	ret = target.heap ? list_heap(target.heap) : list_members(&target);
	if (ret == -EINVAL)
		ret = fail("this heap keeps no such record; try: memrig create ... --track");
	else if (ret)
		ret = report();
	target_close(&target);
	return ret;
}
