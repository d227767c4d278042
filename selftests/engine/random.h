/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What random programs take their decisions from: a seed in the unit tests, any bytes in the fuzzer
 * (fuzz_model.c). So one model serves both.
 */
#ifndef RANDOM_H
#define RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void random_from_seed(uint64_t seed);
void random_from_bytes(const uint8_t *data, size_t size);

/* A number below @below; 0 when the bytes are used up. */
uint32_t rnd(uint32_t below);

/* Does a program of at most @most steps go on after @done of them? Not without bytes. */
bool random_goes_on(uint32_t done, uint32_t most);

/* One random program against the model. Each test file that has one defines it. */
void model_program(void);

#endif /* RANDOM_H */
