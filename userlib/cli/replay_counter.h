/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * User-space instructions of this thread, where the machine counts them and the system lets us.
 */
#ifndef MEMRIG_REPLAY_COUNTER_H
#define MEMRIG_REPLAY_COUNTER_H

#include <stdint.h>

/**
 * struct replay_counter - a measurement
 * @fd: of the perf event, -1: there is none
 */
struct replay_counter {
	int fd;
};

/**
 * replay_counter_start() - begin to count
 * @counter: to start
 */
void replay_counter_start(struct replay_counter *counter);

/**
 * replay_counter_stop() - end it
 * @counter: started
 *
 * Return: the number, 0 when it could not be counted.
 */
uint64_t replay_counter_stop(struct replay_counter *counter);

#endif /* MEMRIG_REPLAY_COUNTER_H */
