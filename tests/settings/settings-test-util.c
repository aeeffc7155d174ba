/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-settings"

#include "settings-test-util.h"

#include <string.h>
#include <sys/stat.h>

#include <glib/gstdio.h>

#include "da-json.h"

void
fixture_set_up (Fixture       *fixture,
                gconstpointer  unused)
{
  fixture->root = da_test_make_dir ();
  fixture->agents = g_build_filename (fixture->root, "home", ".agents", NULL);
  fixture->workspace = g_build_filename (fixture->root, "work", NULL);
  fixture->local = g_build_filename (fixture->root, "data", "settings.json", NULL);
  fixture->changed = g_ptr_array_new ();
}

void
fixture_tear_down (Fixture       *fixture,
                   gconstpointer  unused)
{
  fixture_close (fixture);
  da_test_remove_tree (fixture->root);
  g_free (fixture->root);
  g_free (fixture->agents);
  g_free (fixture->workspace);
  g_free (fixture->local);
  g_ptr_array_unref (fixture->changed);
}

static void
on_settings_changed (DaSettings          *settings,
                     const DaSettingSpec *spec,
                     gpointer             user_data)
{
  Fixture *fixture = user_data;

  g_ptr_array_add (fixture->changed, (gpointer) spec->name);
}

void
fixture_make (Fixture *fixture)
{
  g_assert_null (fixture->settings);
  fixture->settings = da_settings_new (fixture->agents, fixture->workspace, fixture->local);
  g_signal_connect (fixture->settings, "changed", G_CALLBACK (on_settings_changed), fixture);
}

void
fixture_open (Fixture *fixture)
{
  if (fixture->settings == NULL)
    fixture_make (fixture);
  da_settings_load (fixture->settings);
}

void
fixture_close (Fixture *fixture)
{
  if (fixture->settings == NULL)
    return;
  g_signal_handlers_disconnect_by_data (fixture->settings, fixture);
  da_test_await_finalize (g_steal_pointer (&fixture->settings));
  g_ptr_array_set_size (fixture->changed, 0);
}

void
fixture_write (Fixture    *fixture,
               const char *relative,
               const char *text)
{
  g_autofree char *path = g_build_filename (fixture->root, relative, NULL);
  g_autofree char *folder = g_path_get_dirname (path);

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  da_test_write_file (path, text);
}

char *
fixture_read (Fixture    *fixture,
              const char *relative)
{
  g_autofree char *path = g_build_filename (fixture->root, relative, NULL);

  return da_test_read_file (path, NULL);
}

gboolean
fixture_has (Fixture    *fixture,
             const char *relative)
{
  g_autofree char *path = g_build_filename (fixture->root, relative, NULL);

  return g_file_test (path, G_FILE_TEST_EXISTS);
}

int
fixture_mode (Fixture    *fixture,
              const char *relative)
{
  g_autofree char *path = g_build_filename (fixture->root, relative, NULL);
  struct stat info;

  g_assert_cmpint (stat (path, &info), ==, 0);
  return info.st_mode & 07777;
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GPtrArray *
fixture_list (Fixture    *fixture,
              const char *relative)
{
  g_autofree char *path = g_build_filename (fixture->root, relative, NULL);
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);
  return names;
}

JsonNode *
parse_json (const char *text)
{
  g_autoptr (GError) error = NULL;
  JsonNode *node = da_json_parse (text, strlen (text), G_MAXSIZE, &error);

  g_assert_no_error (error);
  return node;
}

gboolean
fixture_apply (Fixture     *fixture,
               const char  *json,
               GError     **error)
{
  g_autoptr (JsonNode) root = parse_json (json);
  JsonObject *object = json_node_get_object (root);
  g_autoptr (GList) names = json_object_get_members (object);
  g_autoptr (GHashTable) values = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GAsyncResult) result = NULL;

  for (GList *link = names; link != NULL; link = link->next)
    {
      JsonNode *node = json_object_get_member (object, link->data);

      g_hash_table_insert (values, link->data, JSON_NODE_HOLDS_NULL (node) ? NULL : node);
    }
  da_settings_apply_async (fixture->settings, values, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  return da_settings_apply_finish (fixture->settings, result, error);
}

void
fixture_assert_problem (Fixture *fixture,
                        ...)
{
  const char *const *problems = da_settings_get_problems (fixture->settings);
  g_autofree char *all = g_strjoinv ("\n  ", (char **) problems);

  for (guint i = 0; problems[i] != NULL; i++)
    {
      gboolean fits = TRUE;
      const char *text;
      va_list args;

      va_start (args, fixture);
      while ((text = va_arg (args, const char *)) != NULL)
        fits = fits && strstr (problems[i], text) != NULL;
      va_end (args);
      if (fits)
        return;
    }
  g_error ("no such problem among:\n  %s", all);
}

void
fixture_assert_no_problems (Fixture *fixture)
{
  g_assert_cmpstr (da_settings_get_problems (fixture->settings)[0], ==, NULL);
}

gboolean
fixture_did_change (Fixture    *fixture,
                    const char *name)
{
  for (guint i = 0; i < fixture->changed->len; i++)
    if (g_str_equal (fixture->changed->pdata[i], name))
      return TRUE;
  return FALSE;
}
