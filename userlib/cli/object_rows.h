/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * All objects of all kinds as rows of a listing, for memrig stat and memrig top.
 *
 * Regions come from the device's list, the others from descriptors of processes. Where a descriptor
 * can be duplicated the row has every figure; where its fdinfo can be read but no more (another
 * process of the same user under kernel.yama.ptrace_scope) it has those of the fdinfo.
 */
#ifndef MEMRIG_CLI_OBJECT_ROWS_H
#define MEMRIG_CLI_OBJECT_ROWS_H

#include "util.h"

/*
 * An array with one row per object, regions first, each kind in the order of creation. Objects that
 * vanish meanwhile are left out. NULL if there is no device and nothing to see: report() says why.
 */
struct json_object *object_rows(void);

/* A member of a row, 0 if it has none. */
uint64_t row_u64(struct json_object *row, const char *key);
/* The same for text, "" if it has none. */
const char *row_text(struct json_object *row, const char *key);

#endif /* MEMRIG_CLI_OBJECT_ROWS_H */
