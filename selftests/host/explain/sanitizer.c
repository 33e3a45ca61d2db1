// SPDX-License-Identifier: GPL-2.0-only
/*
 * For AddressSanitizer, which looks for leaks, and for options, in /proc, where
 * there may be none.
 */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
	return "detect_leaks=0";
}
