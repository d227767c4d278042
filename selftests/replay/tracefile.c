// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Trace files for tests.
 */
#include "tracefile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void must(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(99);
}

void tracefile_open(struct tracefile *file)
{
	memset(file, 0, sizeof(*file));
	file->fd = memfd_create("trace", MFD_CLOEXEC);
	must(file->fd >= 0, "memfd_create");
	snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d", file->fd);
	memcpy(file->header.magic, MEMRIG_TRACE_MAGIC, sizeof(file->header.magic));
	file->header.version = MEMRIG_TRACE_VERSION;
	file->header.header_bytes = sizeof(file->header);
	file->header.pid = 1;
	file->header.seq = 8;
	strcpy(file->header.command, "made by hand");
	tracefile_commit(file)->seq = 8;
	tracefile_commit(file)->threads = 2;
}

void tracefile_close(struct tracefile *file)
{
	close(file->fd);
}

struct memrig_trace_commit *tracefile_commit(struct tracefile *file)
{
	return &file->header.commit[file->header.seq & 1];
}

static void put_number(struct tracefile *file, uint64_t value)
{
	for (; value > 0x7f; value >>= 7)
		file->records[file->bytes++] = (uint8_t)(value | 0x80);
	file->records[file->bytes++] = (uint8_t)value;
}

void tracefile_put(struct tracefile *file, uint8_t op, unsigned int operands, uint64_t a,
		   uint64_t b)
{
	struct memrig_trace_commit *commit = tracefile_commit(file);

	must(file->bytes + MEMRIG_TRACE_RECORD_MAX <= sizeof(file->records), "trace too long");
	file->records[file->bytes++] = op;
	if (operands > 0)
		put_number(file, a);
	if (operands > 1)
		put_number(file, b);
	commit->records++;
	if (op == MEMRIG_TRACE_FREE)
		commit->frees++;
	else if (op == MEMRIG_TRACE_REALLOC)
		commit->reallocs++;
	else if (op != MEMRIG_TRACE_THREAD)
		commit->allocs++;
}

void tracefile_write(struct tracefile *file)
{
	struct memrig_trace_commit *commit = tracefile_commit(file);

	commit->bytes = file->bytes;
	commit->data_sum = memrig_trace_sum(MEMRIG_TRACE_SUM_INIT, file->records, file->bytes);
	commit->sum = memrig_trace_commit_sum(&file->header, commit);
	tracefile_write_raw(file, tracefile_size(file));
}

void tracefile_write_raw(struct tracefile *file, size_t bytes)
{
	size_t header = bytes < sizeof(file->header) ? bytes : sizeof(file->header);

	must(!ftruncate(file->fd, 0), "ftruncate");
	must(pwrite(file->fd, &file->header, header, 0) == (ssize_t)header, "pwrite");
	bytes -= header;
	must(pwrite(file->fd, file->records, bytes, (off_t)header) == (ssize_t)bytes, "pwrite");
}

size_t tracefile_size(const struct tracefile *file)
{
	return sizeof(file->header) + file->bytes;
}

void tracefile_sample(struct tracefile *file, int sealed)
{
	tracefile_open(file);
	tracefile_put(file, MEMRIG_TRACE_ALLOC, 1, 100, 0);
	tracefile_put(file, MEMRIG_TRACE_ALLOC_ZERO, 1, 0, 0);
	tracefile_put(file, MEMRIG_TRACE_THREAD, 1, 1, 0);
	tracefile_put(file, MEMRIG_TRACE_ALLOC_ALIGNED, 2, 12, 5000);
	tracefile_put(file, MEMRIG_TRACE_FREE, 1, 3, 0); /* the 100 bytes */
	tracefile_put(file, MEMRIG_TRACE_ALLOC, 1, 70000, 0);
	tracefile_put(file, MEMRIG_TRACE_REALLOC, 2, 1, 300); /* the 70000 bytes */
	tracefile_put(file, MEMRIG_TRACE_FREE, 1, 2, 0);      /* the 5000 bytes */
	tracefile_put(file, MEMRIG_TRACE_ALLOC, 1, 1, 0);
	tracefile_commit(file)->sealed = (uint64_t)sealed;
	tracefile_write(file);
}
