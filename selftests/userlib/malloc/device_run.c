// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * memrig run on the real device: this program starts itself, as one that knows nothing of memrig,
 * on memory of every attribute the machine has, and in windows. TAP. The command is in PATH. Not
 * statically linked: nothing could be preloaded into that.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/memrig.h>

#include "family.h"

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

static const struct {
	const char *name;
	uint32_t kind;
	uint32_t attr; /* 0: what coherent memory is on this machine */
	const char *options;
} places[] = {
	{ "cached", MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, "--size 4M --attr cached" },
	{ "wc", MEMRIG_KIND_PAGES, MEMRIG_ATTR_WRITE_COMBINE, "--size 4M --attr wc" },
	{ "uncached", MEMRIG_KIND_PAGES, MEMRIG_ATTR_UNCACHED, "--size 4M --attr uncached" },
	{ "coherent", MEMRIG_KIND_COHERENT, 0, "--size 4M --kind coherent" },
	{ "window", MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED, "--window 4M --frames 2M" },
	{ "window, nru, compressed", MEMRIG_KIND_PAGES, MEMRIG_ATTR_CACHED,
	  "--window 4M --frames 2M --policy nru --store compressed" },
};

static const char *const placements[] = { "oob", "inband" };
/* Less of each than where nothing is emulated: it is the memory that is different here. */
static const char *const parts[] = {
	"calls", "threads 3000", "forks 4", "full", "exec", "clone 126",
};

static unsigned int points;
static int failed;

static int run(const char *command)
{
	int status = system(command);

	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void point(const char *command, int want)
{
	int status = run(command);

	points++;
	if (status != want) {
		printf("# status %d, wanted %d\n", status, want);
		failed = 1;
	}
	printf("%sok %u - %s\n", status == want ? "" : "not ", points, command);
	fflush(stdout);
}

static int offered(const struct memrig_caps *caps, size_t place)
{
	uint32_t attrs =
		places[place].kind == MEMRIG_KIND_PAGES ? caps->attrs_pages : caps->attrs_coherent;

	if (!(caps->kinds & 1u << places[place].kind))
		return 0;
	return places[place].attr ? !!(attrs & 1u << places[place].attr) : !!attrs;
}

static void everywhere(const struct memrig_caps *caps, const char *self)
{
	char command[512];
	size_t i, j, k;

	for (i = 0; i < ARRAY_SIZE(places); i++) {
		for (j = 0; offered(caps, i) && j < ARRAY_SIZE(placements); j++) {
			for (k = 0; k < ARRAY_SIZE(parts); k++) {
				snprintf(command, sizeof(command),
					 "memrig run %s --placement %s -- %s %s "
					 ">/dev/null 2>&1",
					 places[i].options, placements[j], self, parts[k]);
				point(command, 0);
			}
		}
	}
}

int main(int argc, char **argv)
{
	struct memrig_caps before = { .size = sizeof(before) }, after = before;
	char self[256];
	ssize_t len;
	int fd;

	if (argc > 1)
		return family(argc, argv);
	fd = open("/dev/memrig", O_RDWR | O_CLOEXEC);
	len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	if (fd < 0 || len < 0 || ioctl(fd, MEMRIG_IOC_CAPS, &before)) {
		perror("memrig");
		return 1;
	}
	self[len] = '\0';
	everywhere(&before, self);
	CHECK(!ioctl(fd, MEMRIG_IOC_CAPS, &after));
	points++;
	if (after.used_bytes != before.used_bytes)
		failed = 1;
	printf("%sok %u - no region is left\n", failed ? "not " : "", points);
	printf("1..%u\n", points);
	return failed;
}
