// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * The program of family.c, for those who start it themselves.
 */
#include "family.h"

int main(int argc, char **argv)
{
	return family(argc, argv);
}
