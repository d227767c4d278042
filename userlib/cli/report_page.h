/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What pages of reports share: HTML that is XML, too.
 */
#ifndef MEMRIG_CLI_REPORT_PAGE_H
#define MEMRIG_CLI_REPORT_PAGE_H

#include <stdio.h>

/* Up to and including the heading. */
void report_page_begin(FILE *out, const char *title);
void report_page_end(FILE *out);
/* A text, whatever is in it. */
void report_page_escape(FILE *out, const char *text);

/*
 * Makes the file and has it written; a page that is not whole is removed. @write returns 0, or
 * EXIT_FAILURE after saying why, and so does this.
 */
int report_page_write(const char *path, int (*write)(FILE *out, void *arg), void *arg);

#endif /* MEMRIG_CLI_REPORT_PAGE_H */
