// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Using what was created.
 */
#include <stdlib.h>
#include <unistd.h>

#include "child.h"
#include "create_hold.h"
#include "heap_report.h"
#include "multi_report.h"

static int target_fd(const struct target *target)
{
	return target->heap ? memrig_heap_fd(target->heap) : memrig_multi_fd(target->multi);
}

/* Says where it is, so that others can look at it, and keeps it there. */
static int hold_target(const struct target *target)
{
	const char *group = target->heap ? "heap map" : "map";
	struct json_object *record;
	int fd = target_fd(target);

	record = target->heap ? heap_record(target->heap) : multi_record(target->multi);
	if (!record)
		return report();
	json_set_u64(record, "pid", getpid());
	json_set_u64(record, "fd", fd);
	if (target->heap)
		heap_record_print(record);
	else
		multi_record_print(record);
	if (!common.json)
		printf("\nheld; look at it with: memrig %s %d:%d\n"
		       "Ctrl-C lets go of it\n",
		       group, getpid(), fd);
	hold();
	return EXIT_SUCCESS;
}

static int run_command(const struct target *target, memrig_region_t *region, char **command)
{
	int ret;

	ret = child_inherit(target->heap ? "MEMRIG_HEAP_FD" : "MEMRIG_MULTI_FD", target_fd(target));
	if (!ret && region)
		ret = child_inherit("MEMRIG_REGION_FD", memrig_region_fd(region));
	return ret ? ret : child_run(command);
}

int create_use(struct target *target, memrig_region_t *region, const struct drive_args *drive,
	       char **command)
{
	int ret = drive->given ? drive_run(target, &drive->script) : EXIT_SUCCESS;

	if (ret)
		return ret;
	if (command)
		return run_command(target, region, command);
	return drive->given ? EXIT_SUCCESS : hold_target(target);
}

void create_check_local(const struct argp_state *state, const struct drive_args *drive,
			char *const *command)
{
	if (command)
		argp_error(state, "--local: what lives in this process cannot be inherited");
	if (!drive->given)
		argp_error(state, "--local: it ends with this command; say what to do with it "
				  "(--do or --script)");
}
