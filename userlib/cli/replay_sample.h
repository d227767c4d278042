/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * A heap over time: its figures and a picture of its blocks, at regular intervals of a replay.
 */
#ifndef MEMRIG_REPLAY_SAMPLE_H
#define MEMRIG_REPLAY_SAMPLE_H

#include <json.h>

#include "replay_run.h"

#define REPLAY_SAMPLES	    100
#define REPLAY_SAMPLES_MAX  10000
#define REPLAY_SAMPLE_CELLS 64 /* of the picture, from the lowest offset to the highest */

/**
 * struct replay_sample - one look
 * @op: number of the operation after which it was taken
 * @live: bytes asked for and live
 * @usable: bytes of their blocks
 * @free: bytes that are free
 * @largest: free bytes in one piece
 * @side: bytes of bookkeeping outside the heap
 * @blocks: live
 * @refused: requests refused so far
 * @fill: of each cell of the heap, in ninths; a cell with a byte in use is not 0
 */
struct replay_sample {
	uint64_t op;
	uint64_t live;
	uint64_t usable;
	uint64_t free;
	uint64_t largest;
	uint64_t side;
	uint64_t blocks;
	uint64_t refused;
	uint8_t fill[REPLAY_SAMPLE_CELLS];
};

/**
 * struct replay_samples - those of one replay
 * @at: in order of time
 * @nr: of them
 * @max: how many there is room for
 */
struct replay_samples {
	struct replay_sample *at;
	size_t nr;
	size_t max;
};

/**
 * replay_samples_open() - make room
 * @samples: out
 * @max: most that will be taken, one more for the end not counted
 *
 * Return: 0 or -ENOMEM.
 */
int replay_samples_open(struct replay_samples *samples, size_t max);

/**
 * replay_samples_close() - give it back
 * @samples: opened
 */
void replay_samples_close(struct replay_samples *samples);

/**
 * replay_samples_take() - look at the heap of a pass
 * @samples: opened; when they are full nothing happens
 * @pass: between two operations
 * @op: number of the last operation
 *
 * Return: 0, or a negative errno of the library.
 */
int replay_samples_take(struct replay_samples *samples, struct replay_pass *pass, uint64_t op);

/**
 * replay_samples_json() - the figures as arrays of equal length, one for each
 * @samples: taken
 *
 * Return: a new object.
 */
struct json_object *replay_samples_json(const struct replay_samples *samples);

/**
 * replay_samples_map_json() - the pictures: a string of digits 0 (free) to 9 (full) for each sample
 * @samples: taken
 *
 * Return: a new array.
 */
struct json_object *replay_samples_map_json(const struct replay_samples *samples);

#endif /* MEMRIG_REPLAY_SAMPLE_H */
