/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Running a script on an allocator.
 */
#ifndef MEMRIG_CLI_DRIVE_H
#define MEMRIG_CLI_DRIVE_H

#include "script.h"
#include "target.h"

/**
 * struct drive_args - where steps come from; a child of the argp of commands that take some
 * @script: what was given
 * @given: whether anything was
 */
struct drive_args {
	struct script script;
	bool given;
};

/* --do STEPS and --script FILE; their input is a zeroed struct drive_args. */
extern const struct argp drive_argp;

/*
 * Runs a script: each step prints a line, or with --json is an element of one array. Goes on after
 * steps that fail. Returns EXIT_FAILURE if one did, or did not fail as it was expected to, else 0.
 */
int drive_run(struct target *target, const struct script *script);

/* ---- what it has; drive_held.c ------------------------------------------------------- */

/**
 * struct held - blocks that a script has
 * @name: of them
 * @members: they are of, one each
 * @offsets: of them
 * @count: their number
 */
struct held {
	char name[STEP_NAME];
	uint32_t *members;
	uint64_t *offsets;
	uint32_t count;
};

/**
 * struct drive - a script that runs
 * @target: on this
 * @held: what it has
 * @count: number of these
 * @named: blocks that got a number for a name
 */
struct drive {
	struct target *target;
	struct held *held;
	size_t count;
	unsigned int named;
};

/* A step that cannot be done for a reason of this program's: returns @error. */
int drive_refuse(struct json_object *record, int error, const char *why);
struct held *drive_find(struct drive *drive, const char *name);
/* Keeps blocks under the step's name, or a number. 0 or -errno. */
int drive_hold(struct drive *drive, const struct step *step, const uint32_t *members,
	       const uint64_t *offsets, uint32_t count, struct json_object *record);
/* The first @count of them are gone; with all, the name is. */
void drive_drop_first(struct drive *drive, struct held *held, uint32_t count);
void drive_drop_all(struct drive *drive);
/* Names are taken once; said before anything is allocated. */
int drive_check_name(struct drive *drive, const struct step *step, struct json_object *record);
void drive_put_place(struct drive *drive, struct json_object *record, uint32_t member,
		     uint64_t offset, uint64_t usable);
/* Until a descriptor can be read, which is what was watched for. 0 or -errno. */
int drive_poll(int fd, uint64_t timeout_ns, const char *in_vain, struct json_object *record);

/* ---- one step; drive_step.c ---------------------------------------------------------- */

/*
 * Does one step; what came of it goes into @record. 0 or -errno; the library knows more of those
 * errors unless @record has an "explanation".
 */
int drive_step(struct drive *drive, const struct step *step, struct json_object *record);

/* Messages and tracking: send, receive, listen, track; drive_queue.c. */
int drive_queue(struct drive *drive, const struct step *step, struct json_object *record);

/* Looking at it: walk, map, stat, validate, reset; drive_look.c. */
int drive_look(struct drive *drive, const struct step *step, struct json_object *record);

#endif /* MEMRIG_CLI_DRIVE_H */
