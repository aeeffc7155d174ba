/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-util"

#include "da-test-util.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

static gboolean
wake_cb (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
  return G_SOURCE_REMOVE;
}

void
_da_test_await (GSourceFunc  func,
                gpointer     user_data,
                const char  *where,
                const char  *what)
{
  gboolean late = FALSE;
  guint timer = g_timeout_add_seconds (DA_TEST_LIMIT_SECONDS, wake_cb, &late);

  while (!func (user_data))
    {
      g_main_context_iteration (NULL, TRUE);
      if (late)
        g_error ("%s: waited %d seconds for %s", where, DA_TEST_LIMIT_SECONDS, what);
    }

  if (!late)
    g_source_remove (timer);
}

static gboolean
flag_is_set (gpointer user_data)
{
  return *(const gboolean *) user_data;
}

void
_da_test_await_boolean (const gboolean *flag,
                        const char     *where,
                        const char     *what)
{
  _da_test_await (flag_is_set, (gpointer) flag, where, what);
}

static gboolean
result_is_there (gpointer user_data)
{
  return *(GAsyncResult **) user_data != NULL;
}

void
da_test_async_cb (GObject      *source,
                  GAsyncResult *result,
                  gpointer      user_data)
{
  GAsyncResult **out = user_data;

  g_assert_null (*out);
  *out = g_object_ref (result);
}

void
_da_test_run_async (GAsyncResult **result,
                    const char    *where)
{
  _da_test_await (result_is_there, result, where, "an asynchronous result");
}

void
da_test_drain (void)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
}

void
da_test_iterate_for (guint milliseconds)
{
  gboolean over = FALSE;

  g_timeout_add (milliseconds, wake_cb, &over);
  while (!over)
    g_main_context_iteration (NULL, TRUE);
}

static void
gone_cb (gpointer  user_data,
         GObject  *where_it_was)
{
  *(gboolean *) user_data = TRUE;
  g_main_context_wakeup (NULL);
}

void
_da_test_await_finalize (GObject    *object,
                         const char *where)
{
  gboolean gone = FALSE;

  g_object_weak_ref (object, gone_cb, &gone);
  g_object_unref (object);
  _da_test_await (flag_is_set, &gone, where, "an object to be finalized");
}

char *
da_test_make_dir (void)
{
  g_autoptr (GError) error = NULL;
  char *path = g_dir_make_tmp ("da-test-XXXXXX", &error);

  g_assert_no_error (error);
  return path;
}

static void
remove_entry (const char *path)
{
  struct stat info;

  if (lstat (path, &info) != 0)
    return;

  if (S_ISDIR (info.st_mode))
    {
      g_autoptr (GDir) dir = NULL;
      const char *name;

      g_chmod (path, 0700);
      dir = g_dir_open (path, 0, NULL);
      while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
        {
          g_autofree char *child = g_build_filename (path, name, NULL);

          remove_entry (child);
        }
    }

  g_remove (path);
}

void
da_test_remove_tree (const char *path)
{
  g_autofree char *prefix = g_build_filename (g_get_tmp_dir (), "/", NULL);

  g_assert_true (g_str_has_prefix (path, prefix));
  g_assert_null (strstr (path, ".."));
  remove_entry (path);
}

char *
da_test_read_file (const char *path,
                   gsize      *length)
{
  g_autoptr (GError) error = NULL;
  char *text = NULL;

  g_file_get_contents (path, &text, length, &error);
  g_assert_no_error (error);
  return text;
}

char *
da_test_read_data (const char *relative,
                   gsize      *length)
{
  g_autofree char *path = g_build_filename (DA_TEST_DATA, relative, NULL);

  return da_test_read_file (path, length);
}

void
da_test_write_file (const char *path,
                    const char *text)
{
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
}

/* The linear congruential generator of Knuth's MMIX; its high bits are good enough for samples. */
guint
da_test_pseudo_random (guint64 *state,
                       guint    bound)
{
  *state = *state * G_GUINT64_CONSTANT (6364136223846793005)
           + G_GUINT64_CONSTANT (1442695040888963407);
  return (guint) ((*state >> 33) % bound);
}

gsize
da_test_resident_bytes (void)
{
  g_autofree char *text = da_test_read_file ("/proc/self/statm", NULL);
  g_auto (GStrv) fields = g_strsplit (text, " ", 3);

  return (gsize) g_ascii_strtoull (fields[1], NULL, 10) * (gsize) sysconf (_SC_PAGESIZE);
}
