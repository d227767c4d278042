/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What one operation costs: in instructions where something counts them, else in nanoseconds. Both
 * are told apart everywhere; they are never added or compared.
 *
 * Who counts instructions, in this order: an emulator that keeps the count in a word of our address
 * space ($MEMRIG_REPLAY_COUNTER is its address), or the processor through a perf event. Neither
 * sees what the kernel does for us, so operations of the kernel's heaps are timed.
 */
#ifndef MEMRIG_REPLAY_CLOCK_H
#define MEMRIG_REPLAY_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/**
 * enum replay_unit - what a clock counts
 * @REPLAY_NS: nanoseconds of the wall clock
 * @REPLAY_INSTRUCTIONS: instructions of this thread in user space
 */
enum replay_unit {
	REPLAY_NS,
	REPLAY_INSTRUCTIONS,
};

/**
 * struct replay_clock - a clock that is running
 * @unit: what it counts
 * @overhead: what two readings with nothing between them differ by, at least
 * @fd: of the perf event, -1: there is none
 * @word: of the emulator, NULL: there is none
 */
struct replay_clock {
	enum replay_unit unit;
	uint64_t overhead;
	int fd;
	const volatile uint64_t *word;
};

/**
 * replay_clock_open() - start a clock
 * @clock: out
 * @kernel: what is measured happens in the kernel
 */
void replay_clock_open(struct replay_clock *clock, bool kernel);

/**
 * replay_clock_read() - how far it has counted
 * @clock: opened
 *
 * Return: the count; only differences mean anything.
 */
uint64_t replay_clock_read(const struct replay_clock *clock);

/**
 * replay_clock_close() - stop it
 * @clock: opened
 */
void replay_clock_close(struct replay_clock *clock);

/**
 * replay_unit_name() - as users read it
 * @unit: valid
 *
 * Return: "ns" or "instructions".
 */
const char *replay_unit_name(enum replay_unit unit);

#endif /* MEMRIG_REPLAY_CLOCK_H */
