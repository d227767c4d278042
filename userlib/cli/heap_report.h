/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A heap's figures as the listings show them.
 */
#ifndef MEMRIG_CLI_HEAP_REPORT_H
#define MEMRIG_CLI_HEAP_REPORT_H

#include "util.h"

/* NULL if they cannot be had; report() says why. */
struct json_object *heap_record(memrig_heap_t *heap);
/* Prints a record of heap_record(), more members or not, and releases it. */
void heap_record_print(struct json_object *record);

#endif /* MEMRIG_CLI_HEAP_REPORT_H */
