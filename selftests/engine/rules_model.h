/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Rules as the manual states them, without any cleverness, and a check of the engine against that:
 * for the model test and for the fuzzer.
 */
#ifndef MRIG_RULES_MODEL_H
#define MRIG_RULES_MODEL_H

#include <stddef.h>

#include "mrig_rules.h"

#define RULES_MEMBERS 12
#define RULES_RULES   8

/**
 * struct rules_case - one question
 * @members: that there are, @nr_members of them
 * @rules: the table, @nr_rules lines
 * @req: the request
 */
struct rules_case {
	struct mrig_rule_member members[RULES_MEMBERS];
	uint32_t nr_members;
	struct mrig_rule rules[RULES_RULES];
	uint32_t nr_rules;
	struct mrig_rule_req req;
};

/* A question out of any bytes. */
void rules_case_from(struct rules_case *c, const uint8_t *data, size_t size);
/* Do engine and model give the same members by the same rules, and the same rules that match? */
bool rules_case_holds(const struct rules_case *c);

#endif /* MRIG_RULES_MODEL_H */
