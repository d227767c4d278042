/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What memrig run says when the program has ended.
 */
#ifndef MEMRIG_CLI_RUN_REPORT_H
#define MEMRIG_CLI_RUN_REPORT_H

#include <stdbool.h>

#include "page.h"

/**
 * run_report() - say what the heap was used for, and always what went wrong with it
 * @page: of the program
 * @status: its exit status
 * @stats: all of it
 */
void run_report(const struct malloc_page *page, int status, bool stats);

#endif /* MEMRIG_CLI_RUN_REPORT_H */
