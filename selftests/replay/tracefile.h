/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Trace files for tests, in memory: written by hand, damaged at will.
 */
#ifndef REPLAY_TRACEFILE_H
#define REPLAY_TRACEFILE_H

#include <stddef.h>
#include <stdint.h>

#include "replay_trace.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define RECORDS_MAX   4096

/**
 * struct tracefile - a file, and what is to be in it
 * @fd: of a memfd
 * @path: under which it can be opened
 * @header: with the commit in commit[seq & 1]
 * @records: bytes
 * @bytes: of them
 */
struct tracefile {
	int fd;
	char path[64];
	struct memrig_trace_header header;
	uint8_t records[RECORDS_MAX];
	size_t bytes;
};

void tracefile_open(struct tracefile *file);
void tracefile_close(struct tracefile *file);

/* The commit in force. */
struct memrig_trace_commit *tracefile_commit(struct tracefile *file);

/* Append a record of 1 + @operands numbers, and count it. */
void tracefile_put(struct tracefile *file, uint8_t op, unsigned int operands, uint64_t a,
		   uint64_t b);

/* Compute the checksums, then write the file. */
void tracefile_write(struct tracefile *file);

/* Write the file with the checksums as they are, cut to @bytes. */
void tracefile_write_raw(struct tracefile *file, size_t bytes);

size_t tracefile_size(const struct tracefile *file);

/* A small valid trace: 5 objects, all kinds of records, 2 threads; sealed or not. */
void tracefile_sample(struct tracefile *file, int sealed);

#endif /* REPLAY_TRACEFILE_H */
