/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * What happens to an allocator that was just created: a script drives it, a command inherits it, or
 * it is held until a signal.
 */
#ifndef MEMRIG_CLI_CREATE_HOLD_H
#define MEMRIG_CLI_CREATE_HOLD_H

#include "drive.h"

/*
 * Runs the script, if one was given, then @command, if that is not NULL; with neither, prints the
 * figures and holds. @region NULL: the command inherits none. Returns the exit status.
 */
int create_use(struct target *target, memrig_region_t *region, const struct drive_args *drive,
	       char **command);

/* For ARGP_KEY_END: what lives in this process alone ends with it and can be given to nobody. */
void create_check_local(const struct argp_state *state, const struct drive_args *drive,
			char *const *command);

#endif /* MEMRIG_CLI_CREATE_HOLD_H */
