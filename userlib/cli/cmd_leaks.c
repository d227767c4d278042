// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig leaks: who has which block of a heap that tracks, since when, and from where.
 */
#include <errno.h>
#include <stdlib.h>

#include "commands.h"
#include "heap_target.h"
#include "track_rows.h"
#include "util.h"

int cmd_leaks(int argc, char **argv)
{
	static const struct argp argp = {
		.children = common_children,
		.parser = heap_target_parse,
		.args_doc = HEAP_TARGET_ARGS,
		.doc = "List the live blocks of a heap that was created with --track, the oldest "
		       "first: who asked for them, when, and where in the program." HEAP_TARGET_DOC,
	};
	const char *target = NULL;
	struct json_object *rows;
	memrig_heap_t *heap;
	int ret;

	argp_parse(&argp, argc, argv, 0, NULL, &target);
	ret = heap_target_open(target, &heap);
	if (ret)
		return ret;
	ret = track_rows(heap, &rows);
	memrig_heap_close(heap);
	if (ret == -EINVAL)
		return fail("this heap keeps no such record; try: memrig create ... --track");
	if (ret)
		return report();
	track_rows_print(rows);
	return EXIT_SUCCESS;
}
