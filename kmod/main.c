// SPDX-License-Identifier: GPL-2.0-only
/*
 * The module: brings the layers up from the bottom and takes them down from the top.
 *
 * It cannot be unloaded while any file of it is open: files hold it through their operations. When
 * exit runs, no client, no heap and no mapping is left; regions that have only their name left go
 * with the module.
 */
#include <linux/init.h>
#include <linux/module.h>

#include "chardev/files.h"
#include "core/fault.h"
#include "debugfs.h"
#include "kapi/kapi.h"
#include "mrig_sync_port.h"
#include "paging/window.h"
#include "region/region.h"
#include "sync/mem_attr_pool.h"
#include "sync/memrig_track.h"
#include "sync/mrig_handle.h"
#include "sync/mrig_side.h"
#include "sync/smh_pool.h"

static int __init mrig_init(void)
{
	int err;

	mrig_fault_init();
	err = mrig_region_init();
	if (err)
		goto err_fault;
	err = mrig_window_init();
	if (err)
		goto err_region;
	err = mrig_kapi_init();
	if (err)
		goto err_window;
	mrig_debugfs_init();
	/* Last: from here on user space is in. */
	err = mrig_session_init();
	if (err)
		goto err_debugfs;
	return 0;

err_debugfs:
	mrig_debugfs_fini();
	mrig_kapi_fini();
err_window:
	mrig_window_fini();
err_region:
	mrig_region_remove_all();
	mrig_region_fini();
	mrig_sync_port_fini();
err_fault:
	mrig_fault_fini();
	return err;
}

static void __exit mrig_exit(void)
{
	mrig_session_fini();
	mrig_debugfs_fini();
	mrig_kapi_fini();
	mrig_window_fini();
	mrig_region_remove_all();
	mrig_region_fini();
	memrig_track_fini(&memrig_tracker);
	mrig_mem_attr_pool_exit();
	mrig_smh_pool_exit();
	mrig_side_drop_all();
	mrig_handle_drop_all();
	mrig_sync_port_fini();
	mrig_fault_fini();
}

module_init(mrig_init);
module_exit(mrig_exit);

MODULE_DESCRIPTION("A test rig for memory: allocators over real memory with real attributes");
MODULE_AUTHOR("memrig authors");
MODULE_LICENSE("GPL");
MODULE_VERSION("0.1.0");
