// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* libFuzzer target: any bytes are a program of heap operations (stream.c). */
#include <stdlib.h>
#include "stream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (!stream_run(data, size))
		abort();
	return 0;
}
