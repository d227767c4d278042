// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * Pictures by gnuplot.
 */
#include "replay_plot.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record_run.h"
#include "util.h"

#define WIDTH	900
#define PROGRAM "gnuplot"
#define SCRIPT	"plots.gp"
#define MESSAGE "message"

int replay_plots_ready(const char *otherwise)
{
	char path[PATH_MAX];

	if (record_find_program(PROGRAM, path))
		return 0;
	return fail("the report is drawn by gnuplot, which is not here; try: apt-get install "
		    "gnuplot-nox, or %s",
		    otherwise);
}

int replay_plots_open(struct replay_plots *plots)
{
	*plots = (struct replay_plots){ .dir = "/tmp/memrig-plots.XXXXXX" };
	if (!mkdtemp(plots->dir))
		return fail("%s: %s", plots->dir, strerror(errno));
	plots->script = replay_plots_data(plots, SCRIPT);
	if (!plots->script) {
		rmdir(plots->dir);
		return EXIT_FAILURE;
	}
	fprintf(plots->script, "cd '%s'\n", plots->dir);
	return 0;
}

FILE *replay_plots_data(struct replay_plots *plots, const char *name)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", plots->dir, name);
	file = fopen(path, "we");
	if (!file)
		fail("%s: %s", path, strerror(errno));
	return file;
}

void replay_plots_quote(struct replay_plots *plots, const char *text)
{
	fputc('\'', plots->script);
	for (; *text; text++)
		fputc(isalnum((unsigned char)*text) || strchr(" ._:()%+-/,", *text) ? *text : '_',
		      plots->script);
	fputc('\'', plots->script);
}

unsigned int replay_plots_begin(struct replay_plots *plots, unsigned int height, const char *title)
{
	fprintf(plots->script,
		"reset\n"
		"set terminal svg noenhanced size %d,%u name 'p%u' font 'sans-serif,12'\n"
		"set output 'plot%u.svg'\n"
		"set title ",
		WIDTH, height, plots->nr, plots->nr);
	replay_plots_quote(plots, title);
	fprintf(plots->script, "\nset key outside right top\n");
	return plots->nr++;
}

/* ---- drawing ------------------------------------------------------------------------- */

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return -1;
	}
	return status;
}

/* What gnuplot says goes to a file, so that a report is not drowned in it. */
static int run(const struct replay_plots *plots)
{
	char script[PATH_MAX], message[PATH_MAX], home[PATH_MAX + 8];
	char *argv[4] = { (char *)PROGRAM, (char *)"-d", script, NULL };
	char *envp[4] = { (char *)"LC_ALL=C", (char *)"PATH=/usr/local/bin:/usr/bin:/bin", home,
			  NULL };
	posix_spawn_file_actions_t actions;
	char path[PATH_MAX];
	pid_t pid;
	int ret;

	snprintf(script, sizeof(script), "%s/" SCRIPT, plots->dir);
	snprintf(message, sizeof(message), "%s/" MESSAGE, plots->dir);
	snprintf(home, sizeof(home), "HOME=%s", plots->dir);
	if (!record_find_program(PROGRAM, path))
		return -ENOENT;
	if (posix_spawn_file_actions_init(&actions))
		return -ENOMEM;
	posix_spawn_file_actions_addopen(&actions, 1, message, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	posix_spawn_file_actions_adddup2(&actions, 1, 2);
	ret = -posix_spawn(&pid, path, &actions, NULL, argv, envp);
	posix_spawn_file_actions_destroy(&actions);
	if (ret)
		return ret;
	return wait_for(pid) ? -EIO : 0;
}

static void first_words(const struct replay_plots *plots, char *buf, size_t len)
{
	char path[PATH_MAX];
	FILE *file;
	size_t got = 0;

	snprintf(path, sizeof(path), "%s/" MESSAGE, plots->dir);
	file = fopen(path, "re");
	if (file) {
		got = fread(buf, 1, len - 1, file);
		fclose(file);
	}
	while (got && isspace((unsigned char)buf[got - 1]))
		got--;
	buf[got] = '\0';
}

int replay_plots_draw(struct replay_plots *plots)
{
	bool bad = ferror(plots->script);
	char text[400] = "";
	int ret;

	if (fclose(plots->script) || bad) {
		plots->script = NULL;
		return fail("%s/" SCRIPT ": %s", plots->dir, strerror(errno));
	}
	plots->script = NULL;
	ret = run(plots);
	first_words(plots, text, sizeof(text));
	if (!ret)
		return 0;
	return fail("gnuplot failed: %s", text[0] ? text : strerror(-ret));
}

/* ---- embedding ----------------------------------------------------------------------- */

/* Names that every picture of gnuplot has, and whatever refers to them. */
static const char *const shared_names[] = { "'gp",	"\"gp",	    "#gp",	"\"gnuplot_canvas",
					    "'textbox", "'greybox", "#textbox", "#greybox" };

/* Each picture is a document of its own; in one page their names must differ. */
static void write_renamed(const char *line, unsigned int number, FILE *out)
{
	size_t i, len;

	while (*line) {
		for (i = 0; i < ARRAY_SIZE(shared_names); i++) {
			len = strlen(shared_names[i]);
			if (!strncmp(line, shared_names[i], len))
				break;
		}
		if (i == ARRAY_SIZE(shared_names)) {
			fputc(*line++, out);
			continue;
		}
		fputc(*line, out);
		fprintf(out, "p%u_%s", number, shared_names[i] + 1);
		line += len;
	}
}

int replay_plots_embed(struct replay_plots *plots, unsigned int number, FILE *out)
{
	char path[PATH_MAX];
	char *line = NULL;
	bool inside = false;
	size_t room = 0;
	FILE *file;

	snprintf(path, sizeof(path), "%s/plot%u.svg", plots->dir, number);
	file = fopen(path, "re");
	while (file && getline(&line, &room, file) > 0) {
		inside = inside || !strncmp(line, "<svg", 4); /* after the head of a document */
		if (inside)
			write_renamed(line, number, out);
	}
	free(line);
	if (file)
		fclose(file);
	return inside ? 0 : fail("gnuplot drew no picture %u", number);
}

void replay_plots_close(struct replay_plots *plots)
{
	char path[PATH_MAX];
	struct dirent *entry;
	DIR *dir;

	if (plots->script)
		fclose(plots->script);
	dir = opendir(plots->dir);
	while (dir && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", plots->dir, entry->d_name);
		unlink(path);
	}
	if (dir)
		closedir(dir);
	rmdir(plots->dir);
}
