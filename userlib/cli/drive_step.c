// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The steps of a script that allocate and free.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "drive.h"

/* ---- allocating ---------------------------------------------------------------------- */

/* A tracked allocation; the place is what the script calls it. */
static int alloc_named(memrig_heap_t *heap, const struct step *step, uint64_t *offset,
		       uint64_t *usable)
{
	int ret = memrig_heap_tracked_alloc_at(heap, step->align, step->bytes, step->site,
					       (int)step->line, offset);

	return ret ? ret : memrig_heap_usable_at(heap, *offset, usable);
}

static int alloc_heap(memrig_heap_t *heap, const struct step *step, uint64_t *offset,
		      uint64_t *usable)
{
	if (step->op == STEP_WAIT)
		return memrig_heap_alloc_wait_at(heap, step->align, step->bytes, step->timeout_ns,
						 offset, usable);
	if (step->site[0])
		return alloc_named(heap, step, offset, usable);
	return memrig_heap_alloc_at(heap, step->align, step->bytes, offset, usable);
}

static int alloc_multi(memrig_multi_t *multi, const struct step *step, uint32_t *member,
		       uint64_t *offset, uint64_t *usable)
{
	struct memrig_multi_alloc args = {
		.size = sizeof(args),
		.flags = step->op == STEP_WAIT ? MEMRIG_ALLOC_WAIT : 0,
		.bytes = step->bytes,
		.align = step->align,
		.with = step->with,
		.without = step->without,
		.priority = step->priority,
		.timeout_ns = step->op == STEP_WAIT ? step->timeout_ns : 0,
	};
	char site[MEMRIG_SITE_MAX];
	int ret;

	if (step->site[0]) {
		snprintf(site, sizeof(site), "%s:%d", step->site, (int)step->line);
		args.site = (uintptr_t)site;
	}
	ret = memrig_multi_alloc_at(multi, &args);
	*member = args.member;
	*offset = args.offset;
	*usable = args.usable;
	return ret;
}

static int do_alloc(struct drive *drive, const struct step *step, struct json_object *record)
{
	uint64_t offset, usable;
	uint32_t member = 0;
	int ret;

	ret = drive_check_name(drive, step, record);
	if (ret)
		return ret;
	if (drive->target->heap)
		ret = alloc_heap(drive->target->heap, step, &offset, &usable);
	else
		ret = alloc_multi(drive->target->multi, step, &member, &offset, &usable);
	if (ret)
		return ret;
	ret = drive_hold(drive, step, &member, &offset, 1, record);
	drive_put_place(drive, record, member, offset, usable);
	return ret;
}

/* One call of a heap. */
static int batch_heap(memrig_heap_t *heap, const struct step *step, uint32_t count,
		      uint64_t *offsets, struct json_object *record)
{
	struct memrig_alloc_req *reqs = reallocarray(NULL, count, sizeof(*reqs));
	uint32_t done, i;
	int ret;

	if (!reqs)
		return drive_refuse(record, -ENOMEM, "out of memory");
	for (i = 0; i < count; i++)
		reqs[i] = (struct memrig_alloc_req){ .bytes = step->bytes, .align = step->align };
	ret = memrig_heap_alloc_batch(heap, reqs, count, MEMRIG_BATCH_ALL_OR_NONE, &done);
	for (i = 0; !ret && i < done; i++)
		offsets[i] = reqs[i].offset;
	free(reqs);
	return ret;
}

/* The member that gives the first block gives the others, too, in one call; all or none. */
static int batch_multi(struct drive *drive, const struct step *step, uint32_t *members,
		       uint64_t *offsets, struct json_object *record)
{
	memrig_multi_t *multi = drive->target->multi;
	memrig_heap_t *heap;
	uint64_t usable;
	uint32_t i;
	int ret;

	ret = alloc_multi(multi, step, &members[0], &offsets[0], &usable);
	if (ret)
		return ret;
	ret = target_member(drive->target, members[0], &heap);
	if (!ret && step->count > 1)
		ret = batch_heap(heap, step, step->count - 1, offsets + 1, record);
	if (ret) {
		memrig_multi_free_at(multi, members[0], offsets[0]);
		return ret;
	}
	for (i = 1; i < step->count; i++)
		members[i] = members[0];
	json_set_u64(record, "member", members[0]);
	return 0;
}

static int batch(struct drive *drive, const struct step *step, uint32_t *members, uint64_t *offsets,
		 struct json_object *record)
{
	int ret;

	if (drive->target->multi)
		ret = batch_multi(drive, step, members, offsets, record);
	else
		ret = batch_heap(drive->target->heap, step, step->count, offsets, record);
	if (ret)
		return ret;
	json_set_u64(record, "blocks", step->count);
	return drive_hold(drive, step, members, offsets, step->count, record);
}

static int do_batch(struct drive *drive, const struct step *step, struct json_object *record)
{
	uint32_t *members;
	uint64_t *offsets;
	int ret;

	ret = drive_check_name(drive, step, record);
	if (ret)
		return ret;
	if (!step->count || step->count > MEMRIG_BATCH_MAX)
		return drive_refuse(record, -EINVAL, "a batch has 1 to 4096 blocks");
	members = calloc(step->count, sizeof(*members));
	offsets = calloc(step->count, sizeof(*offsets));
	if (members && offsets)
		ret = batch(drive, step, members, offsets, record);
	else
		ret = drive_refuse(record, -ENOMEM, "out of memory");
	free(members);
	free(offsets);
	return ret;
}

static int do_realloc(struct drive *drive, const struct step *step, struct json_object *record)
{
	struct memrig_multi_realloc args = {
		.size = sizeof(args),
		.bytes = step->bytes,
		.align = step->align,
		.with = step->with,
		.without = step->without,
		.priority = step->priority,
	};
	struct held *held = drive_find(drive, step->name);
	int ret;

	if (!held)
		return drive_refuse(record, -ENOENT, "there is no block of that name");
	if (held->count != 1)
		return drive_refuse(record, -EINVAL, "one block at a time; these are several");
	args.member = held->members[0];
	args.offset = held->offsets[0];
	if (drive->target->multi)
		ret = memrig_multi_realloc_at(drive->target->multi, &args);
	else
		ret = memrig_heap_realloc_at(drive->target->heap, &held->offsets[0], step->align,
					     step->bytes, 0, (uint64_t *)&args.usable);
	if (ret < 0)
		return ret;
	if (drive->target->multi) {
		held->members[0] = args.member;
		held->offsets[0] = args.offset;
	}
	json_set_text(record, "name", held->name);
	json_set_bool(record, "moved", ret);
	drive_put_place(drive, record, held->members[0], held->offsets[0], args.usable);
	return 0;
}

/* ---- freeing ------------------------------------------------------------------------- */

static int free_at(struct drive *drive, uint32_t member, uint64_t offset)
{
	if (drive->target->multi)
		return memrig_multi_free_at(drive->target->multi, member, offset);
	return memrig_heap_free_at(drive->target->heap, offset);
}

/* Those of a batch after the first came from the member itself, and go back to it. */
static int free_batch_multi(struct drive *drive, const struct held *held, uint32_t *done)
{
	memrig_heap_t *heap;
	int ret;

	*done = 0;
	ret = free_at(drive, held->members[0], held->offsets[0]);
	if (!ret)
		*done = 1;
	if (ret || held->count == 1)
		return ret;
	ret = target_member(drive->target, held->members[0], &heap);
	if (!ret) {
		ret = memrig_heap_free_batch(heap, held->offsets + 1, held->count - 1, done);
		++*done;
	}
	return ret;
}

/* What could not be freed stays held. */
static int do_free(struct drive *drive, const struct step *step, struct json_object *record)
{
	struct held *held;
	uint32_t done = 0;
	int ret = 0;

	if (step->at)
		return free_at(drive, step->member, step->offset);
	held = drive_find(drive, step->name);
	if (!held)
		return drive_refuse(record, -ENOENT, "there is no block of that name");
	if (drive->target->heap)
		ret = memrig_heap_free_batch(drive->target->heap, held->offsets, held->count,
					     &done);
	else
		ret = free_batch_multi(drive, held, &done);
	drive_drop_first(drive, held, done);
	return ret;
}

/* ---- blocks by number, waiting ------------------------------------------------------- */

static int do_blocks(struct drive *drive, const struct step *step, struct json_object *record)
{
	memrig_heap_t *heap;
	uint64_t usable;
	int ret;

	ret = drive_check_name(drive, step, record);
	if (!ret)
		ret = target_member(drive->target, step->member, &heap);
	if (ret)
		return ret;
	if (step->op == STEP_GET)
		ret = memrig_heap_blocks_get(heap, step->offset, step->count);
	else if (step->op == STEP_PUT)
		ret = memrig_heap_blocks_free(heap, step->offset, step->count);
	else
		ret = memrig_heap_blocks_is_free(heap, step->offset, step->count);
	if (ret >= 0 && step->op == STEP_IS_FREE) {
		json_set_bool(record, "free", ret);
		ret = 0;
	}
	if (!ret && step->op == STEP_GET) {
		ret = drive_hold(drive, step, &step->member, &step->offset, 1, record);
		if (!memrig_heap_usable_at(heap, step->offset, &usable))
			drive_put_place(drive, record, step->member, step->offset, usable);
	}
	return ret;
}

static int watch(struct target *target, const struct step *step)
{
	struct memrig_multi_watch args = {
		.size = sizeof(args),
		.bytes = step->bytes,
		.align = step->align,
		.with = step->with,
		.without = step->without,
		.priority = step->priority,
	};

	if (target->multi)
		return memrig_multi_watch(target->multi, &args);
	return memrig_heap_watch(target->heap, step->align, step->bytes);
}

static int do_watch(struct drive *drive, const struct step *step, struct json_object *record)
{
	struct target *target = drive->target;
	int fd, ret;

	ret = watch(target, step);
	if (ret)
		return ret;
	fd = target->multi ? memrig_multi_fd(target->multi) : memrig_heap_fd(target->heap);
	return drive_poll(fd, step->timeout_ns, "nothing became free in time", record);
}

static int do_sleep(const struct step *step)
{
	struct timespec time = {
		.tv_sec = (time_t)(step->timeout_ns / 1000000000),
		.tv_nsec = (long)(step->timeout_ns % 1000000000),
	};

	while (nanosleep(&time, &time) && errno == EINTR)
		;
	return 0;
}

int drive_step(struct drive *drive, const struct step *step, struct json_object *record)
{
	switch (step->op) {
	case STEP_ALLOC:
	case STEP_WAIT:
		return do_alloc(drive, step, record);
	case STEP_BATCH:
		return do_batch(drive, step, record);
	case STEP_REALLOC:
		return do_realloc(drive, step, record);
	case STEP_FREE:
		return do_free(drive, step, record);
	case STEP_GET:
	case STEP_PUT:
	case STEP_IS_FREE:
		return do_blocks(drive, step, record);
	case STEP_WATCH:
		return do_watch(drive, step, record);
	case STEP_SEND:
	case STEP_RECEIVE:
	case STEP_LISTEN:
	case STEP_TRACK:
		return drive_queue(drive, step, record);
	case STEP_SLEEP:
		return do_sleep(step);
	default:
		return drive_look(drive, step, record);
	}
}
