/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/* Compiled into each test of an AddressSanitizer build (a library's copy would not be pulled in).
 * The libraries of Debian 12 have no frame pointers: without the slow unwinder a leak in them has
 * no caller, so it can neither be told nor suppressed (tests/extra/lsan.supp). The options of the
 * environment are read after these. */
const char *__asan_default_options (void);

const char *
__asan_default_options (void)
{
  return "fast_unwind_on_malloc=0";
}
