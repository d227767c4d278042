// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * libFuzzer target: any bytes are the decisions of the random program of the test file that this is
 * linked with, which compares engine and model. A check that does not hold ends the process.
 */
#include <stdlib.h>
#include "random.h"
#include "test.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	setenv("CMOCKA_TEST_ABORT", "1", 1);
	return quiet(NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	random_from_bytes(data, size);
	model_program();
	return 0;
}
