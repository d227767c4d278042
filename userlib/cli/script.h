/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Scripts that drive an allocator: one step per line or between semicolons, # up to the end of the
 * line is a comment.
 *
 *	alloc BYTES [OPTION...]			a block; its name is its number, or NAME
 *	wait TIME BYTES [OPTION...]		the same, waiting up to TIME for it
 *	batch COUNT BYTES [OPTION...]		that many in one call; NAME is all of them
 *	get AT COUNT [as NAME]			given blocks of a blocks allocator
 *	realloc NAME BYTES [OPTION...]
 *	free NAME, free AT
 *	put AT COUNT				given blocks of a blocks allocator back
 *	isfree AT COUNT				are these free?
 *	watch TIME BYTES [OPTION...]		until BYTES would be given, up to TIME
 *	send NAME [bytes N], commit NAME	it leaves the script and waits in the queue
 *	receive TIME [OPTION...], get TIME	the oldest message, waiting up to TIME for one
 *	done NAME				the same as free NAME
 *	listen TIME [member N]			until a message waits, up to TIME
 *	track [member N]			its live blocks: who, when and where
 *	walk, map, stat, validate, reset	its live blocks, and so on; reset forgets the peak
 *	sleep TIME
 *	expect ERROR STEP...			the step has to fail with that errno, like ENOMEM
 *
 * AT is @OFFSET, or @MEMBER:OFFSET. TIME is a number with us, ms or s, or ever. OPTION is one of
 * align N, as NAME, site NAME, and for several allocators in one: with ATTRS, without ATTRS,
 * prio N, and for messages, which are of one allocator: member N.
 *
 * A script is read as a whole before its first step runs.
 */
#ifndef MEMRIG_CLI_SCRIPT_H
#define MEMRIG_CLI_SCRIPT_H

#include "util.h"

#define STEP_NAME 32 /* room for the name of a block */

enum step_op {
	STEP_ALLOC,
	STEP_WAIT,
	STEP_BATCH,
	STEP_GET,
	STEP_REALLOC,
	STEP_FREE,
	STEP_PUT,
	STEP_IS_FREE,
	STEP_WATCH,
	STEP_SEND,
	STEP_RECEIVE,
	STEP_LISTEN,
	STEP_TRACK,
	STEP_WALK,
	STEP_MAP,
	STEP_STAT,
	STEP_VALIDATE,
	STEP_RESET,
	STEP_SLEEP,
};

/**
 * struct step - one step
 * @op: what
 * @text: as written
 * @name: of the block, "" if it has none of its own
 * @site: where it is asked for, "" if that is not said
 * @line: goes with it: the how manieth step it is
 * @at: an offset is given, and not a name
 * @member: goes with it
 * @offset: goes with it
 * @bytes: size
 * @align: alignment
 * @count: blocks
 * @timeout_ns: how long; UINT64_MAX: for ever
 * @with: attributes the member has
 * @without: attributes it has not
 * @priority: of the request
 * @expect: errno that it has to fail with, 0: none
 */
struct step {
	enum step_op op;
	char *text;
	char name[STEP_NAME];
	char site[STEP_NAME];
	uint32_t line;
	bool at;
	uint32_t member;
	uint64_t offset;
	uint64_t bytes;
	uint64_t align;
	uint32_t count;
	uint64_t timeout_ns;
	uint64_t with;
	uint64_t without;
	int32_t priority;
	int expect;
};

/**
 * struct script - steps
 * @steps: in order
 * @count: number of them
 */
struct script {
	struct step *steps;
	size_t count;
};

/* Reads @text and appends. Says what is wrong with it; returns 0 or EXIT_USAGE. */
int script_parse(const char *text, struct script *script);
/* The same for a file, "-": standard input. EXIT_FAILURE if it cannot be read. */
int script_read(const char *path, struct script *script);
void script_free(struct script *script);

/* "100ms", "2s", "50us", "ever". -EINVAL. */
int parse_time(const char *text, uint64_t *ns);

#endif /* MEMRIG_CLI_SCRIPT_H */
