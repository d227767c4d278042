/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A comparison as one page of HTML that needs nothing else.
 */
#ifndef MEMRIG_REPLAY_REPORT_H
#define MEMRIG_REPLAY_REPORT_H

#include <json.h>

/**
 * replay_report_ready() - can a report be made here?
 *
 * Return: 0, or EXIT_FAILURE after saying what is missing.
 */
int replay_report_ready(void);

/**
 * replay_report() - write it
 * @result: comparison; see replay_result.h
 * @path: of the page, which is replaced
 *
 * Return: 0, or EXIT_FAILURE after saying why.
 */
int replay_report(struct json_object *result, const char *path);

#endif /* MEMRIG_REPLAY_REPORT_H */
