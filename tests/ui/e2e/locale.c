/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/* Loaded into the program by a test (LD_PRELOAD): its translations are read from the folder that
 * DA_TEST_LOCALEDIR names, because those of this build are not installed. */

#include <dlfcn.h>
#include <libintl.h>
#include <stdlib.h>
#include <string.h>

char *
bindtextdomain (const char *domain, const char *folder)
{
  char *(*next) (const char *, const char *);
  const char *instead = getenv ("DA_TEST_LOCALEDIR");
  void *found = dlsym (RTLD_NEXT, "bindtextdomain");

  memcpy (&next, &found, sizeof next);
  if (folder != NULL && instead != NULL && strcmp (domain, "dotagents") == 0)
    folder = instead;
  return next (domain, folder);
}
