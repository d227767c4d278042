// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* libFuzzer target: any bytes are members, a table of rules and a request (rules_model.c). */
#include <stdlib.h>

#include "rules_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rules_case c;

	rules_case_from(&c, data, size);
	if (!rules_case_holds(&c))
		abort();
	return 0;
}
