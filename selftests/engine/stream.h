/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/* A program of heap operations in bytes, run against engine and model at once. */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool stream_run(const uint8_t *data, size_t size);

#endif /* STREAM_H */
