// SPDX-License-Identifier: GPL-2.0-only OR MIT
/*
 * A program that allocates nothing.
 */
int main(void)
{
	return 0;
}
