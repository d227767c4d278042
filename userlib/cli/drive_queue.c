// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The steps of a script that send and receive messages, and that list tracked blocks.
 */
#include <errno.h>

#include "drive.h"
#include "track_rows.h"

static int do_send(struct drive *drive, const struct step *step, struct json_object *record)
{
	struct held *held = drive_find(drive, step->name);
	memrig_heap_t *heap;
	uint32_t done = 0;
	int ret;

	if (!held)
		return drive_refuse(record, -ENOENT, "there is no block of that name");
	do {
		ret = target_member(drive->target, held->members[done], &heap);
		if (!ret)
			ret = memrig_heap_send_at(heap, held->offsets[done], step->bytes);
	} while (!ret && ++done < held->count);
	drive_drop_first(drive, held, done);
	return ret;
}

static int do_receive(struct drive *drive, const struct step *step, struct json_object *record)
{
	struct memrig_receive got;
	memrig_heap_t *heap;
	uint64_t offset;
	int ret;

	ret = drive_check_name(drive, step, record);
	if (!ret)
		ret = target_member(drive->target, step->member, &heap);
	if (!ret)
		ret = memrig_heap_receive_at(heap, step->timeout_ns, &got);
	if (ret)
		return ret;
	offset = got.offset;
	ret = drive_hold(drive, step, &step->member, &offset, 1, record);
	drive_put_place(drive, record, step->member, got.offset, got.usable);
	json_set_u64(record, "message", got.bytes);
	json_set_u64(record, "from", got.from);
	return ret;
}

static int do_listen(struct drive *drive, const struct step *step, struct json_object *record)
{
	memrig_heap_t *heap;
	int ret;

	ret = target_member(drive->target, step->member, &heap);
	if (!ret)
		ret = memrig_heap_watch_messages(heap);
	return ret ? ret
		   : drive_poll(memrig_heap_fd(heap), step->timeout_ns, "no message came in time",
				record);
}

static int do_track(struct drive *drive, const struct step *step, struct json_object *record)
{
	struct json_object *rows;
	memrig_heap_t *heap;
	int ret;

	ret = target_member(drive->target, step->member, &heap);
	if (!ret)
		ret = track_rows(heap, &rows);
	if (ret)
		return ret;
	if (!common.json)
		track_rows_print(json_object_get(rows));
	json_object_object_add(record, "answer", rows);
	return 0;
}

int drive_queue(struct drive *drive, const struct step *step, struct json_object *record)
{
	switch (step->op) {
	case STEP_SEND:
		return do_send(drive, step, record);
	case STEP_RECEIVE:
		return do_receive(drive, step, record);
	case STEP_LISTEN:
		return do_listen(drive, step, record);
	default:
		return do_track(drive, step, record);
	}
}
