/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * The subcommands; the table is in memrig.c.
 */
#ifndef MEMRIG_CLI_COMMANDS_H
#define MEMRIG_CLI_COMMANDS_H

int cmd_attr_clear(int argc, char **argv);
int cmd_attr_name(int argc, char **argv);
int cmd_attr_names(int argc, char **argv);
int cmd_caps(int argc, char **argv);
int cmd_config(int argc, char **argv);
int cmd_create(int argc, char **argv);
int cmd_create_multi(int argc, char **argv);
int cmd_demo(int argc, char **argv);
int cmd_drive(int argc, char **argv);
int cmd_evict_sim(int argc, char **argv);
int cmd_heap_blocks(int argc, char **argv);
int cmd_heap_list(int argc, char **argv);
int cmd_heap_stat(int argc, char **argv);
int cmd_heap_validate(int argc, char **argv);
int cmd_leaks(int argc, char **argv);
int cmd_map(int argc, char **argv);
int cmd_probe(int argc, char **argv);
int cmd_record(int argc, char **argv);
int cmd_region_create(int argc, char **argv);
int cmd_region_list(int argc, char **argv);
int cmd_region_resume(int argc, char **argv);
int cmd_region_rm(int argc, char **argv);
int cmd_region_show(int argc, char **argv);
int cmd_region_suspend(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_stat(int argc, char **argv);
int cmd_top(int argc, char **argv);
int cmd_window_create(int argc, char **argv);
int cmd_window_hist(int argc, char **argv);
int cmd_window_kinds(int argc, char **argv);
int cmd_window_list(int argc, char **argv);
int cmd_window_map(int argc, char **argv);
int cmd_window_policy(int argc, char **argv);
int cmd_window_record(int argc, char **argv);
int cmd_window_report(int argc, char **argv);
int cmd_window_stat(int argc, char **argv);
int cmd_window_top(int argc, char **argv);

#endif /* MEMRIG_CLI_COMMANDS_H */
