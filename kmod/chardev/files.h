/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kinds of files, and how one makes another.
 */
#ifndef MRIG_FILES_H
#define MRIG_FILES_H

#include <linux/types.h>

struct file;
struct mrig_client;
struct mrig_region;
struct mrig_ucmd;

/* session.c: /dev/memrig */
int mrig_session_init(void);
void mrig_session_fini(void);

/* region_file.c: publishes a file of @region, whose reference it takes over, on failure too */
int mrig_region_publish(struct mrig_ucmd *ucmd, struct mrig_region *region, bool writable,
			__s32 *fd_out);

/* region_file.c: the region of a file, which lives as long as the file, or NULL */
struct mrig_region *mrig_region_file_region(const struct file *file);

/* window_file.c: the ioctl of a session that makes a window, and the one that makes a client */
int mrig_window_create_ioctl(struct mrig_ucmd *ucmd);
int mrig_window_attach_ioctl(struct mrig_ucmd *ucmd);
int mrig_window_open_ioctl(struct mrig_ucmd *ucmd);

/* window_list.c: ioctls of a session on windows that there are */
int mrig_window_list_ioctl(struct mrig_ucmd *ucmd);
int mrig_paging_stat_ioctl(struct mrig_ucmd *ucmd);

/* window_ioctl.c: the ioctl of a session that lists policies and stores, and those of a window */
int mrig_window_kind_ioctl(struct mrig_ucmd *ucmd);
int mrig_window_paging_stat_ioctl(struct mrig_ucmd *ucmd);
int mrig_window_stat_ioctl(struct mrig_ucmd *ucmd);
int mrig_page_in_ioctl(struct mrig_ucmd *ucmd);
int mrig_page_out_ioctl(struct mrig_ucmd *ucmd);
int mrig_page_pin_ioctl(struct mrig_ucmd *ucmd);
int mrig_page_unpin_ioctl(struct mrig_ucmd *ucmd);
int mrig_page_flush_ioctl(struct mrig_ucmd *ucmd);
int mrig_page_map_ioctl(struct mrig_ucmd *ucmd);
int mrig_window_policy_ioctl(struct mrig_ucmd *ucmd);
int mrig_window_hist_ioctl(struct mrig_ucmd *ucmd);
int mrig_window_inject_ioctl(struct mrig_ucmd *ucmd);
int mrig_page_addr_ioctl(struct mrig_ucmd *ucmd);

/* heap_file.c: files that are clients; publishing takes the reference over, on failure too */
struct mrig_client *mrig_heap_file_client(const struct file *file);
int mrig_client_publish(struct mrig_ucmd *ucmd, struct mrig_client *client, __s32 *fd_out);

/* multi_file.c: the ioctl of a session that makes a multi object, and those on its files */
int mrig_multi_create_ioctl(struct mrig_ucmd *ucmd);
int mrig_multi_attach_ioctl(struct mrig_ucmd *ucmd);

/* multi_ioctl.c: ioctls of a multi object */
int mrig_multi_add_ioctl(struct mrig_ucmd *ucmd);
int mrig_multi_remove_ioctl(struct mrig_ucmd *ucmd);
int mrig_multi_rules_ioctl(struct mrig_ucmd *ucmd);
int mrig_multi_member_ioctl(struct mrig_ucmd *ucmd);
int mrig_multi_stat_ioctl(struct mrig_ucmd *ucmd);
int mrig_multi_watch_ioctl(struct mrig_ucmd *ucmd);

/* multi_block_ioctl.c: ioctls of a multi object on blocks */
int mrig_multi_alloc_ioctl(struct mrig_ucmd *ucmd);
int mrig_multi_free_ioctl(struct mrig_ucmd *ucmd);
int mrig_multi_realloc_ioctl(struct mrig_ucmd *ucmd);

/* heap_file.c: the ioctl of a region that makes a heap */
int mrig_heap_create_ioctl(struct mrig_ucmd *ucmd);

/* blocks_ioctl.c: ioctls of a heap of equal blocks, by number */
int mrig_blocks_get_ioctl(struct mrig_ucmd *ucmd);
int mrig_blocks_free_ioctl(struct mrig_ucmd *ucmd);
int mrig_blocks_is_free_ioctl(struct mrig_ucmd *ucmd);

/* queue_ioctl.c: messages */
int mrig_send_ioctl(struct mrig_ucmd *ucmd);
int mrig_receive_ioctl(struct mrig_ucmd *ucmd);

/* track_ioctl.c: call sites, and who has what */
int mrig_site_copy_in(char *site, u64 from);
int mrig_track_list_ioctl(struct mrig_ucmd *ucmd);

/* heap_batch.c: ioctls of a heap on many blocks at once */
int mrig_alloc_batch_ioctl(struct mrig_ucmd *ucmd);
int mrig_free_batch_ioctl(struct mrig_ucmd *ucmd);
int mrig_heap_walk_ioctl(struct mrig_ucmd *ucmd);

/* heap_ioctl.c: ioctls of a heap on one block or on the heap itself */
int mrig_heap_attach_ioctl(struct mrig_ucmd *ucmd);
int mrig_heap_region_ioctl(struct mrig_ucmd *ucmd);
int mrig_alloc_ioctl(struct mrig_ucmd *ucmd);
int mrig_free_ioctl(struct mrig_ucmd *ucmd);
int mrig_realloc_ioctl(struct mrig_ucmd *ucmd);
int mrig_usable_ioctl(struct mrig_ucmd *ucmd);
int mrig_watch_ioctl(struct mrig_ucmd *ucmd);
int mrig_give_ioctl(struct mrig_ucmd *ucmd);
int mrig_keep_ioctl(struct mrig_ucmd *ucmd);
int mrig_heap_stat_ioctl(struct mrig_ucmd *ucmd);
int mrig_heap_reset_max_ioctl(struct mrig_ucmd *ucmd);
int mrig_heap_validate_ioctl(struct mrig_ucmd *ucmd);

#endif /* MRIG_FILES_H */
