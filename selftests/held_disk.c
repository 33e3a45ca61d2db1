// SPDX-License-Identifier: GPL-2.0-only
/*
 * A disk whose I/O can be held back, by the kernel's device mapper: while the
 * device is suspended, what is read from it or written to it waits.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/dm-ioctl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "guest_files.h"
#include "held_disk.h"

static struct {
	struct dm_ioctl ioctl;
	struct dm_target_spec target;
	char params[64];
} request;

static void prepare(unsigned int flags)
{
	memset(&request, 0, sizeof(request));
	request.ioctl.version[0] = DM_VERSION_MAJOR;
	request.ioctl.data_size = sizeof(request);
	request.ioctl.data_start = sizeof(request.ioctl);
	request.ioctl.flags = flags;
	snprintf(request.ioctl.name, sizeof(request.ioctl.name), "held");
}

static void command(unsigned long number, const char *name)
{
	int fd = open("/dev/mapper/control", O_RDWR);

	if (fd < 0 || ioctl(fd, number, &request))
		fail("device mapper: %s: %s", name, strerror(errno));
	close(fd);
}

/* Makes HELD_DISK of a whole disk. */
int held_disk(int argc, char **argv)
{
	unsigned long nr_sectors;
	int fd;

	if (argc != 1)
		return 2;
	fd = open(argv[0], O_RDONLY);
	if (fd < 0 || ioctl(fd, BLKGETSIZE, &nr_sectors))
		fail("%s: %s", argv[0], strerror(errno));
	close(fd);

	prepare(0);
	command(DM_DEV_CREATE, "create");
	prepare(0);
	request.ioctl.target_count = 1;
	request.target.length = nr_sectors;
	snprintf(request.target.target_type,
		 sizeof(request.target.target_type), "linear");
	snprintf(request.params, sizeof(request.params), "%s 0", argv[0]);
	command(DM_TABLE_LOAD, "load");
	held_disk_let_go();
	return 0;
}

/* What is asked of it from here on waits, at the longest until we end. */
void held_disk_hold(void)
{
	static bool begun;

	if (!begun)
		atexit(held_disk_let_go);
	begun = true;
	prepare(DM_SUSPEND_FLAG | DM_NOFLUSH_FLAG | DM_SKIP_LOCKFS_FLAG);
	command(DM_DEV_SUSPEND, "suspend");
}

void held_disk_let_go(void)
{
	prepare(0);
	command(DM_DEV_SUSPEND, "resume");
}
