/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-store-migrations"

#include "config.h"

#include "da-migrations.h"

#include <gio/gio.h>

#include "da-error.h"
#include "da-store-resources.h"

#define SQL_FOLDER DA_RESOURCE_BASE "/sql/"
/* "DAgt" in the file header: tells our file from another program's. */
#define APPLICATION_ID 0x44416774

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

/* (transfer full) (element-type char*): the names in order, checked to be 0001, 0002, ... */
static GPtrArray *
list_scripts (void)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_auto (GStrv) children = NULL;

  children = g_resource_enumerate_children (da_store_get_resource (), SQL_FOLDER,
                                            G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_assert (children != NULL);
  for (guint i = 0; children[i] != NULL; i++)
    g_ptr_array_add (names, g_strdup (children[i]));
  g_ptr_array_sort (names, compare_names);
  for (guint i = 0; i < names->len; i++)
    g_assert (g_ascii_strtoull (names->pdata[i], NULL, 10) == i + 1);
  return g_steal_pointer (&names);
}

gint64
da_migrations_newest (void)
{
  g_autoptr (GPtrArray) names = list_scripts ();

  return names->len;
}

static gboolean
apply_script (DaDatabase  *database,
              const char  *name,
              gint64       version,
              GError     **error)
{
  g_autofree char *path = g_strconcat (SQL_FOLDER, name, NULL);
  g_autofree char *mark = NULL;
  g_autoptr (GBytes) script = NULL;

  script = g_resource_lookup_data (da_store_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE,
                                   error);
  if (script == NULL)
    return FALSE;
  mark = g_strdup_printf ("PRAGMA application_id = %d; PRAGMA user_version = %" G_GINT64_FORMAT,
                          APPLICATION_ID, version);
  if (!da_database_begin (database, TRUE, error))
    return FALSE;
  /* Resource data ends with a NUL that is not counted. */
  if (!da_database_exec (database, g_bytes_get_data (script, NULL), error) ||
      !da_database_exec (database, mark, error))
    {
      g_prefix_error (error, "%s: ", name);
      da_database_rollback (database);
      return FALSE;
    }
  return da_database_commit (database, error);
}

static gboolean
check_owner (DaDatabase  *database,
             gint64       version,
             GError     **error)
{
  gint64 application = 0, tables = 0;

  if (!da_database_query_int (database, &application, error, "PRAGMA application_id", "") ||
      !da_database_query_int (database, &tables, error, "SELECT count(*) FROM sqlite_schema", ""))
    return FALSE;
  if (application == APPLICATION_ID || (application == 0 && tables == 0 && version == 0))
    return TRUE;
  g_set_error_literal (error, DA_ERROR, DA_ERROR_CORRUPT,
                       "The file is a database of another program");
  return FALSE;
}

gboolean
da_migrations_apply (DaDatabase  *database,
                     GError     **error)
{
  g_autoptr (GPtrArray) names = list_scripts ();
  gint64 version = 0;

  if (!da_database_query_int (database, &version, error, "PRAGMA user_version", "") ||
      !check_owner (database, version, error))
    return FALSE;
  if (version > (gint64) names->len)
    {
      g_set_error (error, DA_ERROR, DA_ERROR_CONFLICT,
                   "The database was written by a newer version of DotAgents (its schema is %"
                   G_GINT64_FORMAT ", this version knows up to %u); use that version, or move the "
                   "file away", version, names->len);
      return FALSE;
    }
  for (guint i = MAX (version, 0); i < names->len; i++)
    if (!apply_script (database, names->pdata[i], i + 1, error))
      return FALSE;
  return TRUE;
}
