/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-ui-export-pictures"

#include "config.h"

#include "da-export-pictures.h"

#include <string.h>

#include "da-engine-conversations.h"
#include "da-plain-file.h"
#include "da-worker.h"

#define MAX_PICTURE_BYTES (16 * 1024 * 1024)

/* One picture after the other: find the next address, the file it stands for, its bytes. */
typedef struct {
  DaEngine *engine;
  char *text;
  const char *at;              /* in @text: what is not done yet */
  const char *end;             /* of the address that is looked up */
  GString *out;
} Pictures;

static void next_picture (GTask *task);

static void
pictures_free (Pictures *self)
{
  g_object_unref (self->engine);
  g_free (self->text);
  if (self->out != NULL)
    g_string_free (self->out, TRUE);
  g_free (self);
}

/* Worker thread. Answers with a data: URL, or NULL. */
static void
read_job (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  DaAsset *asset = data;
  g_autoptr(GBytes) bytes = da_plain_file_read (asset->path, MAX_PICTURE_BYTES, NULL);
  g_autofree char *base64 = NULL;

  if (bytes == NULL)
    {
      g_task_return_pointer (task, NULL, NULL);
      return;
    }
  base64 = g_base64_encode (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_task_return_pointer (task, g_strdup_printf ("data:%s;base64,%s", asset->content_type, base64),
                         g_free);
}

/* @url (nullable): in the place of the address. */
static void
pass (GTask *task, const char *url)
{
  Pictures *self = g_task_get_task_data (task);

  if (url != NULL)
    g_string_append (self->out, url);
  else
    g_string_append_len (self->out, self->at, self->end - self->at);
  self->at = self->end;
  next_picture (task);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *url = g_task_propagate_pointer (G_TASK (result), &error);

  if (error != NULL)
    {
      g_task_return_error (user_data, g_steal_pointer (&error));
      g_object_unref (user_data);
      return;
    }
  pass (user_data, url);
}

static void
found_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  DaAsset *asset = da_engine_find_asset_finish (DA_ENGINE (source), result, NULL);
  g_autoptr(GTask) job = NULL;

  if (asset == NULL)
    {
      pass (user_data, NULL);
      return;
    }
  job = g_task_new (NULL, NULL, read_cb, user_data);
  g_task_set_source_tag (job, found_cb);
  g_task_set_task_data (job, asset, (GDestroyNotify) da_asset_free);
  da_worker_push (da_worker_get_slow (), job, read_job);
}

/* Owns @task. */
static void
next_picture (GTask *task)
{
  Pictures *self = g_task_get_task_data (task);
  const char *found = strstr (self->at, DA_ASSET_SCHEME);
  g_autofree char *address = NULL;
  g_autofree char *id = NULL;
  g_autofree char *name = NULL;

  if (found == NULL)
    {
      g_string_append (self->out, self->at);
      g_task_return_pointer (task, g_string_free (g_steal_pointer (&self->out), FALSE), g_free);
      g_object_unref (task);
      return;
    }
  g_string_append_len (self->out, self->at, found - self->at);
  self->at = found;
  self->end = found + strcspn (found, ")\"'<> \t\n\\");
  address = g_strndup (found, (gsize) (self->end - found));
  if (!da_asset_parse (address, &id, &name))
    pass (task, NULL);
  else
    da_engine_find_asset_async (self->engine, id, name, FALSE, NULL, found_cb, task);
}

void
da_export_pictures_async (DaEngine            *engine,
                          const char          *text,
                          GAsyncReadyCallback  callback,
                          gpointer             user_data)
{
  GTask *task = g_task_new (NULL, NULL, callback, user_data);
  Pictures *self = g_new0 (Pictures, 1);

  g_task_set_source_tag (task, da_export_pictures_async);
  g_task_set_task_data (task, self, (GDestroyNotify) pictures_free);
  self->engine = g_object_ref (engine);
  self->text = g_strdup (text);
  self->at = self->text;
  self->out = g_string_new (NULL);
  next_picture (task);
}

char *
da_export_pictures_finish (GAsyncResult  *result,
                           GError       **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
