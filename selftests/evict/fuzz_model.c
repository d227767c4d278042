// SPDX-License-Identifier: GPL-2.0-only OR MIT
/* libFuzzer target: any bytes are the life of a window (test_model.c). */
#include <stdlib.h>

#include "random.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	return setenv("CMOCKA_TEST_ABORT", "1", 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	random_from_bytes(data, size);
	model_program();
	return 0;
}
