/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What memrig run says when the program has ended.
 */
#ifndef MEMRIG_CLI_RUN_REPORT_H
#define MEMRIG_CLI_RUN_REPORT_H

#include <stdbool.h>

#include "page.h"
#include "run_window.h"

/**
 * run_report() - say what the heap was used for, and always what went wrong with it
 * @page: of the program
 * @window: it ran in, NULL: in none
 * @status: its exit status
 * @stats: all of it
 */
void run_report(const struct malloc_page *page, const struct run_window *window, int status,
		bool stats);

#endif /* MEMRIG_CLI_RUN_REPORT_H */
