/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The trace file: every allocation call of one process, in one total order.
 *
 * Written by libmemrig-record.so while the process runs, through a shared mapping, so that nothing
 * that was recorded is lost however the process ends. Read by "memrig replay".
 *
 *   0                 struct memrig_trace_header
 *   header_bytes      records, commit.bytes of them
 *   then              room for more, up to the end of the file; none in a sealed file
 *
 * A record is one byte, enum memrig_trace_op, followed by its operands as unsigned LEB128 numbers
 * in the fewest bytes possible. *Objects* are what an allocation call returns; they are numbered
 * 0, 1, 2... in the order of their ALLOC records and keep their number when reallocated. A
 * *distance* names an object: 1 is the one allocated last. No address is ever stored.
 *
 * The writer adds a record, fills the commit that is not in force, and puts it in force by storing
 * its number: whenever the process is killed, one commit describes exactly what is in the file.
 * Checksums are FNV-1a, 64 bit. Everything is little-endian; sizes in bytes.
 */
#ifndef MEMRIG_TRACE_FORMAT_H
#define MEMRIG_TRACE_FORMAT_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#define MEMRIG_TRACE_MAGIC	"\x89MRIGTR\n"
#define MEMRIG_TRACE_VERSION	1
#define MEMRIG_TRACE_COMMAND	256
#define MEMRIG_TRACE_THREADS	65536	     /* threads told apart; later ones share the last */
#define MEMRIG_TRACE_SIZE_MAX	(1ULL << 47) /* no block is larger */
#define MEMRIG_TRACE_ALIGN_MAX	46	     /* log2 */
#define MEMRIG_TRACE_RECORD_MAX 24	     /* bytes of the longest record */

/**
 * enum memrig_trace_op - what a record says
 * @MEMRIG_TRACE_ALLOC: size: malloc
 * @MEMRIG_TRACE_ALLOC_ZERO: size: calloc
 * @MEMRIG_TRACE_ALLOC_ALIGNED: log2 of the alignment, size: memalign and its kin
 * @MEMRIG_TRACE_FREE: distance
 * @MEMRIG_TRACE_REALLOC: distance, new size
 * @MEMRIG_TRACE_THREAD: number of the thread all following records come from; 0 at the start
 */
enum memrig_trace_op {
	MEMRIG_TRACE_ALLOC = 1,
	MEMRIG_TRACE_ALLOC_ZERO = 2,
	MEMRIG_TRACE_ALLOC_ALIGNED = 3,
	MEMRIG_TRACE_FREE = 4,
	MEMRIG_TRACE_REALLOC = 5,
	MEMRIG_TRACE_THREAD = 6,
};

/* Why a trace ends before its process does. */
#define MEMRIG_TRACE_STOP_SPACE 1 /* no room left on the file system */
#define MEMRIG_TRACE_STOP_OPEN	2 /* the file could not be opened again */
#define MEMRIG_TRACE_STOP_MEM	3 /* no memory for the recorder itself */

/**
 * struct memrig_trace_commit - what is in the file
 * @seq: number of this commit; those with odd numbers live in commit[1]
 * @bytes: of records
 * @records: all, THREAD included
 * @allocs: ALLOC, ALLOC_ZERO and ALLOC_ALIGNED records
 * @frees: FREE records
 * @reallocs: REALLOC records
 * @foreign: calls that named a block the recorder had not seen allocated; not in the records
 * @refused: calls the program's own allocator refused; not in the records
 * @missed: calls made from within the recorder (a signal handler); not in the records
 * @threads: seen
 * @stop: MEMRIG_TRACE_STOP_*, 0 while recording
 * @sealed: 1 when the file ends with its records and the other commit is zeroed
 * @data_sum: checksum of the records
 * @sum: checksum of the header up to @seq of struct memrig_trace_header, then of this struct up
 *	to here
 */
struct memrig_trace_commit {
	uint64_t seq;
	uint64_t bytes;
	uint64_t records;
	uint64_t allocs;
	uint64_t frees;
	uint64_t reallocs;
	uint64_t foreign;
	uint64_t refused;
	uint64_t missed;
	uint32_t threads;
	uint32_t stop;
	uint64_t sealed;
	uint64_t data_sum;
	uint64_t sum;
};

/**
 * struct memrig_trace_header - the first page of the file
 * @magic: MEMRIG_TRACE_MAGIC, without its NUL
 * @version: MEMRIG_TRACE_VERSION
 * @header_bytes: where the records begin
 * @pid: of the process
 * @ppid: of its parent
 * @start_ns: CLOCK_REALTIME
 * @forked: 1 when the process was forked from a recorded one and has not called exec since
 * @reserved: 0
 * @command: arguments of the process, separated by blanks, cut to fit
 * @seq: number of the commit in force
 * @commit: two, in turn
 * @pad: 0
 */
struct memrig_trace_header {
	uint8_t magic[8];
	uint32_t version;
	uint32_t header_bytes;
	uint32_t pid;
	uint32_t ppid;
	uint64_t start_ns;
	uint32_t forked;
	uint32_t reserved;
	char command[MEMRIG_TRACE_COMMAND];
	uint64_t seq;
	struct memrig_trace_commit commit[2];
	uint8_t pad[3584];
};

static_assert(sizeof(struct memrig_trace_commit) == 104, "commit layout");
static_assert(offsetof(struct memrig_trace_header, seq) == 296, "header layout");
static_assert(offsetof(struct memrig_trace_header, commit) == 304, "header layout");
static_assert(sizeof(struct memrig_trace_header) == 4096, "header layout");

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the trace format is little-endian"
#endif

#define MEMRIG_TRACE_SUM_INIT 0xcbf29ce484222325ULL

static inline uint64_t memrig_trace_sum(uint64_t sum, const void *data, size_t bytes)
{
	const uint8_t *p = data;

	while (bytes--)
		sum = (sum ^ *p++) * 0x100000001b3ULL;
	return sum;
}

static inline uint64_t memrig_trace_commit_sum(const struct memrig_trace_header *header,
					       const struct memrig_trace_commit *commit)
{
	uint64_t sum = MEMRIG_TRACE_SUM_INIT;

	sum = memrig_trace_sum(sum, header, offsetof(struct memrig_trace_header, seq));
	return memrig_trace_sum(sum, commit, offsetof(struct memrig_trace_commit, sum));
}

#endif /* MEMRIG_TRACE_FORMAT_H */
