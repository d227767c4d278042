/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Which allocator replays a trace: every engine, run by the library or by the kernel.
 */
#ifndef MEMRIG_REPLAY_ENGINE_H
#define MEMRIG_REPLAY_ENGINE_H

#include <argp.h>
#include <stdbool.h>
#include <memrig/memrig.h>

#include "replay_place.h"
#include "replay_trace.h"

#define REPLAY_ENGINES_MAX 16

/**
 * struct replay_engine - an allocator as the command line names it
 * @name: of it
 * @engine: enum memrig_engine
 * @placement: enum memrig_placement
 * @kernel: the kernel runs it, one ioctl per operation, headers in its own memory; else the library
 * @what: a few words on it
 */
struct replay_engine {
	const char *name;
	uint32_t engine;
	uint32_t placement;
	bool kernel;
	const char *what;
};

/**
 * struct replay_engines - those of one comparison
 * @at: which, in order
 * @nr: of them
 * @all: asked for as "all": what they cannot do is a result
 */
struct replay_engines {
	const struct replay_engine *at[REPLAY_ENGINES_MAX];
	size_t nr;
	bool all;
};

/**
 * struct replay_params - what heaps of a comparison have in common
 * @block_size: of slab and blocks; 0: replay_block_size() decides
 * @hardening: level
 */
struct replay_params {
	uint64_t block_size;
	uint32_t hardening;
};

/**
 * replay_engine_find() - by name
 * @name: as the user wrote it
 *
 * Return: NULL when there is none.
 */
const struct replay_engine *replay_engine_find(const char *name);

/**
 * replay_engine_twin() - the same algorithm in the library
 * @engine: any
 *
 * Return: @engine itself unless the kernel runs it.
 */
const struct replay_engine *replay_engine_twin(const struct replay_engine *engine);

/**
 * replay_engine_has_blocks() - is it made of blocks of one size?
 * @engine: of the table
 *
 * Return: whether it is.
 */
bool replay_engine_has_blocks(const struct replay_engine *engine);

/**
 * replay_engines_parse() - names separated by commas; "all" and "kernel:all" are lists of names
 * @list: the text, which is cut up
 * @state: for complaints
 * @engines: out
 */
void replay_engines_parse(char *list, const struct argp_state *state,
			  struct replay_engines *engines);

/**
 * replay_engines_limit() - leave out what this kernel does not run
 * @engines: parsed
 * @mask: caps.engines
 */
void replay_engines_limit(struct replay_engines *engines, uint32_t mask);

/**
 * replay_block_size() - that of an engine for a trace
 * @engine: any
 * @trace: to be replayed
 * @wanted: by the user; 0: nothing in particular
 *
 * A slab holds the largest request, aligned as any is, in one block. The blocks of mem_blocks are
 * the largest power of two that wastes at most an eighth of what is asked for at the peak.
 *
 * Return: bytes; 0 for engines without blocks of one size.
 */
uint64_t replay_block_size(const struct replay_engine *engine, const struct replay_trace *trace,
			   uint64_t wanted);

/**
 * replay_heap_open() - a fresh heap over a place
 * @place: opened
 * @engine: that the place can have: no kernel heap over memory of this process
 * @params: block size as replay_block_size() says
 * @stats: keep statistics
 * @heap: out
 *
 * Return: 0, or a negative errno that memrig_explain() can explain.
 */
int replay_heap_open(const struct replay_place *place, const struct replay_engine *engine,
		     const struct replay_params *params, bool stats, memrig_heap_t **heap);

#endif /* MEMRIG_REPLAY_ENGINE_H */
