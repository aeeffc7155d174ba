/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

/*
 * Reading again while the program runs. Our own writes set off the watch as those of others do;
 * they end here, because the bytes on the disk are those we last wrote. A damaged file is reported
 * and not restored: it may be one that another program is just writing.
 */

#define G_LOG_DOMAIN "da-settings-reload"

#include "da-settings-private.h"

#include "da-macros.h"
#include "da-worker.h"

/* One reading of all files, on the worker. */
typedef struct {
  GPtrArray         *paths;
  DaSettingsContent *contents;
} Reading;

static void
reading_free (Reading *reading)
{
  for (guint i = 0; i < reading->paths->len; i++)
    da_settings_content_clear (&reading->contents[i]);
  g_free (reading->contents);
  g_ptr_array_unref (reading->paths);
  g_free (reading);
}

static void
run_reading (GTask        *task,
             gpointer      source_object,
             gpointer      task_data,
             GCancellable *cancellable)
{
  Reading *reading = task_data;

  for (guint i = 0; i < reading->paths->len; i++)
    da_settings_content_read (&reading->contents[i], reading->paths->pdata[i]);
  g_task_return_boolean (task, TRUE);
}

static gboolean
contents_differ (const DaSettingsContent *a,
                 const DaSettingsContent *b)
{
  if (a->bytes == NULL || b->bytes == NULL)
    return a->bytes != b->bytes || a->state != b->state || g_strcmp0 (a->problem, b->problem) != 0;
  return !g_bytes_equal (a->bytes, b->bytes);
}

/* TRUE when a file differs from what we last saw or wrote: our own writes end here. */
static gboolean
adopt_reading (DaSettings *self,
               Reading    *reading)
{
  gboolean has_changed = FALSE;
  guint n = 0;

  for (guint i = 0; i < DA_SETTINGS_N_LAYERS; i++)
    for (guint j = 0; self->layers[i] != NULL && j < self->layers[i]->n_files; j++, n++)
      {
        DaSettingsContent *content = &self->layers[i]->files[j].content;

        if (!contents_differ (content, &reading->contents[n]))
          continue;
        g_info ("%s was changed by another program", self->layers[i]->files[j].path);
        da_settings_content_adopt (content, &reading->contents[n]);
        has_changed = TRUE;
      }
  return has_changed;
}

static void
reload_cb (GObject      *object,
           GAsyncResult *result,
           gpointer      user_data)
{
  DaSettings *self = DA_SETTINGS (object);
  g_autoptr (GTask) outer = user_data;
  g_autoptr (GError) error = NULL;
  gboolean again = self->reload_again;

  self->is_reloading = FALSE;
  self->reload_again = FALSE;
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      g_debug ("Not read again: %s", error->message);
      if (outer != NULL)
        g_task_return_error (outer, g_steal_pointer (&error));
      return;
    }
  if (adopt_reading (self, g_task_get_task_data (G_TASK (result))))
    _da_settings_refresh (self);
  if (outer != NULL)
    g_task_return_boolean (outer, TRUE);
  if (again)
    _da_settings_reload (self);
}

static void
push_reading (DaSettings *self,
              GTask      *outer)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, reload_cb, outer);
  Reading *reading = g_new0 (Reading, 1);

  g_task_set_source_tag (task, push_reading);
  reading->paths = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < DA_SETTINGS_N_LAYERS; i++)
    for (guint j = 0; self->layers[i] != NULL && j < self->layers[i]->n_files; j++)
      g_ptr_array_add (reading->paths, g_strdup (self->layers[i]->files[j].path));
  reading->contents = g_new0 (DaSettingsContent, reading->paths->len);
  g_task_set_task_data (task, reading, (GDestroyNotify) reading_free);
  self->is_reloading = TRUE;
  da_worker_push (da_worker_get_slow (), task, run_reading);
}

void
_da_settings_reload (DaSettings *self)
{
  if (self->is_reloading)
    self->reload_again = TRUE;
  else
    push_reading (self, NULL);
}

void
da_settings_reload_async (DaSettings          *self,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  GTask *task;

  g_assert (DA_IS_SETTINGS (self));
  DA_ASSERT_MAIN_THREAD ();

  task = g_task_new (self, NULL, callback, user_data);
  g_task_set_source_tag (task, da_settings_reload_async);
  push_reading (self, task);
}

gboolean
da_settings_reload_finish (DaSettings    *self,
                           GAsyncResult  *result,
                           GError       **error)
{
  g_assert (g_task_is_valid (result, self));

  return g_task_propagate_boolean (G_TASK (result), error);
}
