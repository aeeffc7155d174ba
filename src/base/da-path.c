/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-base-path"

#include "da-path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "da-error.h"

/* Longest conversation id; a file name may have 255 bytes, suffixes need some. */
#define MAX_ID_BYTES 200

static gboolean
refuse (GError     **error,
        const char  *message)
{
  g_set_error_literal (error, DA_ERROR, DA_ERROR_INVALID, message);
  return FALSE;
}

static gboolean
check_components (const char  *relative,
                  GError     **error)
{
  g_auto (GStrv) parts = NULL;

  if (relative[0] == '\0')
    return refuse (error, "The path is empty");
  if (g_path_is_absolute (relative))
    return refuse (error, "The path must be relative");

  parts = g_strsplit (relative, "/", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      if (parts[i][0] == '\0')
        return refuse (error, "The path has an empty component");
      if (g_str_equal (parts[i], ".") || g_str_equal (parts[i], ".."))
        return refuse (error, "The path contains “.” or “..”");
    }

  return TRUE;
}

static gboolean
is_beneath (const char *root,
            const char *path)
{
  gsize length = strlen (root);

  if (g_str_equal (root, "/"))
    return TRUE;

  return strncmp (root, path, length) == 0 && path[length] == '/';
}

char *
da_path_resolve_beneath (const char  *root,
                         const char  *relative,
                         GError     **error)
{
  g_autofree char *joined = NULL;
  g_autofree char *parent = NULL;
  g_autofree char *base = NULL;
  char *real_root = NULL;
  char *real_parent = NULL;
  char *real = NULL;
  char *result = NULL;
  struct stat info;

  g_assert (g_path_is_absolute (root));

  if (!check_components (relative, error))
    return NULL;

  joined = g_build_filename (root, relative, NULL);
  parent = g_path_get_dirname (joined);
  base = g_path_get_basename (joined);
  real_root = realpath (root, NULL);
  real_parent = realpath (parent, NULL);

  if (real_root == NULL || real_parent == NULL)
    refuse (error, "The folder of the path does not exist");
  else if (!g_str_equal (real_root, real_parent) && !is_beneath (real_root, real_parent))
    refuse (error, "The path leaves its folder");
  else
    {
      result = g_build_filename (real_parent, base, NULL);

      /* Only now may the last component be looked at; a dangling link is refused as well, because
       * creating it would write wherever it points. */
      if (lstat (result, &info) == 0 && S_ISLNK (info.st_mode))
        {
          real = realpath (result, NULL);
          if (real == NULL || !is_beneath (real_root, real))
            {
              refuse (error, "The path leaves its folder");
              g_clear_pointer (&result, g_free);
            }
          else
            {
              g_free (result);
              result = g_strdup (real);
            }
        }
    }

  free (real_root);
  free (real_parent);
  free (real);
  return result;
}

static gboolean
is_device_name (const char *lower,
                gsize       length)
{
  static const char *const names[] = { "con", "prn", "aux", "nul" };

  if (length == 3)
    {
      for (guint i = 0; i < G_N_ELEMENTS (names); i++)
        {
          if (strncmp (lower, names[i], 3) == 0)
            return TRUE;
        }
    }

  return length == 4 && g_ascii_isdigit (lower[3])
         && (strncmp (lower, "com", 3) == 0 || strncmp (lower, "lpt", 3) == 0);
}

static gboolean
is_blank (const char *text)
{
  for (const char *at = text; *at != '\0'; at++)
    {
      if (!g_ascii_isspace (*at))
        return FALSE;
    }
  return TRUE;
}

gboolean
da_path_check_id (const char  *id,
                  GError     **error)
{
  g_autofree char *lower = NULL;
  gsize length;
  gsize stem;

  if (id == NULL || is_blank (id))
    return refuse (error, "The conversation id is empty");

  length = strlen (id);
  if (strstr (id, "..") != NULL || strchr (id, '/') != NULL || strchr (id, '\\') != NULL)
    return refuse (error, "The conversation id must not contain “..”, “/” or “\\”");
  if (g_str_equal (id, ".") || id[length - 1] == '.' || id[length - 1] == ' ')
    return refuse (error, "The conversation id must not end in a dot or a space");

  lower = g_ascii_strdown (id, -1);
  if (g_str_equal (lower, "index") || g_str_equal (lower, "metadata"))
    return refuse (error, "The conversation id is a reserved name");

  stem = strcspn (lower, ".");
  if (is_device_name (lower, length) || is_device_name (lower, stem))
    return refuse (error, "The conversation id is a reserved device name");

  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_isalnum (id[i]) && strchr ("_-@.", id[i]) == NULL)
        return refuse (error, "The conversation id may contain only letters, digits and _ - @ .");
    }

  if (length > MAX_ID_BYTES)
    return refuse (error, "The conversation id is longer than 200 characters");

  return TRUE;
}

gboolean
da_path_ensure_private (const char  *folder,
                        GError     **error)
{
  struct stat info;

  if (g_mkdir_with_parents (folder, 0700) == 0 && stat (folder, &info) == 0)
    {
      if ((info.st_mode & 0077) == 0 || chmod (folder, 0700) == 0)
        return TRUE;
    }

  if (errno == ENOSPC || errno == EDQUOT)
    g_set_error (error, DA_ERROR, DA_ERROR_NO_SPACE,
                 "The folder “%s” could not be made: the disk is full", folder);
  else
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                 "The folder “%s” could not be made private: %s", folder, g_strerror (errno));
  return FALSE;
}
