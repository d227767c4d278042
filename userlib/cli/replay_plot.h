/* SPDX-License-Identifier: GPL-2.0-only OR MIT */
/*
 * Pictures by gnuplot: data files and one script in a directory of their own, SVG out of it.
 *
 * open, then for each picture begin, data, plot commands; then draw, embed each, close.
 */
#ifndef MEMRIG_REPLAY_PLOT_H
#define MEMRIG_REPLAY_PLOT_H

#include <stdio.h>

/**
 * struct replay_plots - the pictures of a report
 * @dir: where everything is
 * @script: being written, NULL afterwards
 * @nr: of pictures
 */
struct replay_plots {
	char dir[32];
	FILE *script;
	unsigned int nr;
};

/**
 * replay_plots_ready() - can pictures be drawn here?
 * @otherwise: what to do instead, for the message
 *
 * Return: 0, or EXIT_FAILURE after saying that gnuplot is missing.
 */
int replay_plots_ready(const char *otherwise);

/**
 * replay_plots_open() - make the directory and begin the script
 * @plots: out
 *
 * Return: 0, or EXIT_FAILURE after saying why.
 */
int replay_plots_open(struct replay_plots *plots);

/**
 * replay_plots_begin() - the next picture
 * @plots: opened
 * @height: of it, in pixels; the width is that of the page
 * @title: above it; characters that mean something to gnuplot are replaced
 *
 * Return: its number.
 */
unsigned int replay_plots_begin(struct replay_plots *plots, unsigned int height, const char *title);

/**
 * replay_plots_data() - a data file
 * @plots: opened
 * @name: of it
 *
 * Return: to be written and closed; NULL when it cannot be had, which replay_plots_draw() reports.
 */
FILE *replay_plots_data(struct replay_plots *plots, const char *name);

/**
 * replay_plots_quote() - a text as gnuplot takes it
 * @plots: opened; the script gets it, in quotes
 * @text: to be written
 */
void replay_plots_quote(struct replay_plots *plots, const char *text);

/**
 * replay_plots_draw() - run gnuplot
 * @plots: all of them begun
 *
 * Return: 0, or EXIT_FAILURE after saying why.
 */
int replay_plots_draw(struct replay_plots *plots);

/**
 * replay_plots_embed() - write a picture into a page
 * @plots: drawn
 * @number: of it
 * @out: page
 *
 * Return: 0, or EXIT_FAILURE after saying why.
 */
int replay_plots_embed(struct replay_plots *plots, unsigned int number, FILE *out);

/**
 * replay_plots_close() - remove the directory
 * @plots: opened
 */
void replay_plots_close(struct replay_plots *plots);

#endif /* MEMRIG_REPLAY_PLOT_H */
