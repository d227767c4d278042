/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The figures of several allocators behind one call, as the listings show them.
 */
#ifndef MEMRIG_CLI_MULTI_REPORT_H
#define MEMRIG_CLI_MULTI_REPORT_H

#include "util.h"

/* With an array "members" and an array "rules". NULL if they cannot be had; report() says why. */
struct json_object *multi_record(memrig_multi_t *multi);
/* Prints such a record, and releases it. */
void multi_record_print(struct json_object *record);

#endif /* MEMRIG_CLI_MULTI_REPORT_H */
