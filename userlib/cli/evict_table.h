/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What policies made of a trace, as a table or as JSON: a row for each policy and number of frames,
 * and for each policy the geometric mean over all numbers of frames.
 */
#ifndef MEMRIG_EVICT_TABLE_H
#define MEMRIG_EVICT_TABLE_H

#include "evict_play.h"

struct json_object;

#define EVICT_POLICIES_MAX 16

/**
 * struct evict_mean - of one policy
 * @ops: policy
 * @logs: sum of the logarithms of misses over those of the optimum
 * @worst: the highest of these ratios
 * @count: of them
 */
struct evict_mean {
	const struct mrig_evict_ops *ops;
	double logs;
	double worst;
	unsigned int count;
};

/**
 * struct evict_table - the table
 * @rows: array of objects
 * @means: of the policies
 */
struct evict_table {
	struct json_object *rows;
	struct evict_mean means[EVICT_POLICIES_MAX];
};

void evict_table_init(struct evict_table *table);
/* @ops NULL: the optimum itself. */
void evict_table_add(struct evict_table *table, const struct mrig_evict_ops *ops, uint32_t frames,
		     const struct evict_result *result, const struct evict_result *best);
/* Prints it and releases it; not @good: only releases it. */
void evict_table_print(struct evict_table *table, const char *file, const struct page_trace *trace,
		       bool good);

#endif /* MEMRIG_EVICT_TABLE_H */
