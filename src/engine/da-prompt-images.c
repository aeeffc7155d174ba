/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-prompt-images"

#include "da-prompt.h"

#include <string.h>

#include "da-attachment-store.h"
#include "da-engine-conversations.h"
#include "da-json-writer.h"
#include "da-plain-file.h"
#include "da-worker.h"

#define MAX_IMAGES 8
#define MAX_IMAGE_BYTES (8 * 1024 * 1024)   /* contract 10 2.1 */

typedef struct {
  DaLlmMessage *message;   /* borrowed from the array */
  char *alt;
  char *url;               /* as written */
  char *data_url;          /* (nullable) what the model gets */
  gsize start, end;        /* bytes of the Markdown image in the content */
} Image;

typedef struct {
  GPtrArray *messages;
  DaStore *store;
  char *conversation_id;
  GArray *images;          /* Image, newest first */
  guint next;
} Attach;

static void
clear_image (gpointer data)
{
  Image *image = data;

  g_free (image->alt);
  g_free (image->url);
  g_free (image->data_url);
}

static void
attach_free (gpointer data)
{
  Attach *self = data;

  g_ptr_array_unref (self->messages);
  g_clear_object (&self->store);
  g_free (self->conversation_id);
  g_array_unref (self->images);
  g_free (self);
}

static gboolean
is_wanted (const char *alt, const char *url)
{
  if (g_str_has_prefix (url, DA_ASSET_SCHEME)
      || g_str_has_prefix (url, "data:image/"))
    return TRUE;
  /* An address is only passed on where a script sent it as an image part; see da-chat-request.c. */
  return g_str_equal (alt, "image")
         && (g_str_has_prefix (url, "https://") || g_str_has_prefix (url, "http://"));
}

static void
scan_message (Attach *self, DaLlmMessage *message)
{
  const char *text = message->content;
  const char *p = text;
  guint first = self->images->len;

  while (self->images->len < MAX_IMAGES && (p = strstr (p, "![")) != NULL)
    {
      const char *alt_end = strstr (p, "](");
      const char *url_end = alt_end != NULL ? strchr (alt_end, ')') : NULL;
      Image image = { .message = message };

      if (url_end == NULL)
        break;
      image.alt = g_strndup (p + 2, alt_end - p - 2);
      image.url = g_strndup (alt_end + 2, url_end - alt_end - 2);
      image.start = p - text;
      image.end = url_end + 1 - text;
      if (strchr (image.alt, '\n') == NULL && is_wanted (image.alt, image.url))
        g_array_append_val (self->images, image);
      else
        clear_image (&image);
      p = url_end + 1;
    }
  g_assert (self->images->len >= first);
}

/* One user message with its images as OpenAI content parts. */
static void
build_parts (Attach *self, DaLlmMessage *message)
{
  g_autoptr(GString) text = g_string_new (NULL);
  g_autoptr(DaJsonWriter) writer = da_json_writer_new (256);
  gsize from = 0;
  guint used = 0;

  da_json_writer_begin_array (writer, NULL);
  for (guint i = 0; i < self->images->len; i++)
    {
      Image *image = &g_array_index (self->images, Image, i);

      if (image->message != message)
        continue;
      g_string_append_len (text, message->content + from, image->start - from);
      g_string_append_printf (text, "[Image: %s]", image->alt);
      from = image->end;
      used += image->data_url != NULL;
    }
  g_string_append (text, message->content + from);
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "type", "text");
  da_json_writer_string (writer, "text", text->str);
  da_json_writer_end_object (writer);
  for (guint i = 0; i < self->images->len; i++)
    {
      Image *image = &g_array_index (self->images, Image, i);

      if (image->message != message || image->data_url == NULL)
        continue;
      da_json_writer_begin_object (writer, NULL);
      da_json_writer_string (writer, "type", "image_url");
      da_json_writer_begin_object (writer, "image_url");
      da_json_writer_string (writer, "url", image->data_url);
      da_json_writer_end_object (writer);
      da_json_writer_end_object (writer);
    }
  da_json_writer_end_array (writer);
  g_free (message->content);
  message->content = g_strdup (text->str);
  if (used > 0)
    message->parts = da_json_writer_free_to_string (g_steal_pointer (&writer));
}

static void
finish (GTask *task)
{
  Attach *self = g_task_get_task_data (task);

  for (guint i = 0; i < self->messages->len; i++)
    {
      DaLlmMessage *message = g_ptr_array_index (self->messages, i);
      gboolean has_image = FALSE;

      for (guint j = 0; j < self->images->len; j++)
        has_image |= g_array_index (self->images, Image, j).message == message;
      if (has_image)
        build_parts (self, message);
    }
  g_task_return_boolean (task, TRUE);
}

static void load_next (GTask *task);

/* Worker thread. */
static void
read_job (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  DaAttachment *file = data;
  g_autoptr(GBytes) bytes = da_plain_file_read (file->path, file->size, NULL);
  g_autofree char *base64 = NULL;

  if (bytes == NULL || g_bytes_get_size (bytes) != file->size)
    {
      g_task_return_pointer (task, NULL, NULL);
      return;
    }
  base64 = g_base64_encode (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_task_return_pointer (task, g_strdup_printf ("data:%s;base64,%s", file->content_type, base64),
                         g_free);
}

static void
read_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  Attach *self = g_task_get_task_data (task);
  Image *image = &g_array_index (self->images, Image, self->next - 1);

  image->data_url = g_task_propagate_pointer (G_TASK (result), NULL);
  load_next (task);
}

static void
find_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  GTask *task = user_data;
  g_autoptr(GError) error = NULL;
  DaAttachment *file = da_store_find_attachment_finish (DA_STORE (source), result, &error);
  g_autoptr(GTask) job = NULL;

  if (file == NULL || file->size == 0 || file->size > MAX_IMAGE_BYTES)
    {
      g_clear_pointer (&file, da_attachment_free);
      load_next (task);
      return;
    }
  job = g_task_new (NULL, g_task_get_cancellable (task), read_cb, task);
  g_task_set_source_tag (job, find_cb);
  g_task_set_task_data (job, file, (GDestroyNotify) da_attachment_free);
  da_worker_push (da_worker_get_slow (), job, read_job);
}

/* Owns @task. */
static void
load_next (GTask *task)
{
  Attach *self = g_task_get_task_data (task);

  while (self->next < self->images->len)
    {
      Image *image = &g_array_index (self->images, Image, self->next++);
      const char *name = strrchr (image->url, '/');

      if (!g_str_has_prefix (image->url, "assets://"))
        {
          if (strlen (image->url) <= MAX_IMAGE_BYTES * 4 / 3 + 64)
            image->data_url = g_strdup (image->url);
          continue;
        }
      if (self->store == NULL || self->conversation_id == NULL)
        continue;
      da_store_find_attachment_async (self->store, self->conversation_id, name + 1,
                                      g_task_get_cancellable (task), find_cb, task);
      return;
    }
  finish (task);
  g_object_unref (task);
}

void
da_prompt_attach_images_async (GPtrArray           *messages,
                               DaStore             *store,
                               const char          *conversation_id,
                               GCancellable        *cancellable,
                               GAsyncReadyCallback  callback,
                               gpointer             user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Attach *self = g_new0 (Attach, 1);

  g_task_set_source_tag (task, da_prompt_attach_images_async);
  self->messages = g_ptr_array_ref (messages);
  self->store = store != NULL ? g_object_ref (store) : NULL;
  self->conversation_id = g_strdup (conversation_id);
  self->images = g_array_new (FALSE, FALSE, sizeof (Image));
  g_array_set_clear_func (self->images, clear_image);
  g_task_set_task_data (task, self, attach_free);
  for (guint i = messages->len; i > 0; i--)
    {
      DaLlmMessage *message = g_ptr_array_index (messages, i - 1);

      if (message->role == DA_ROLE_USER && message->content != NULL && message->parts == NULL)
        scan_message (self, message);
    }
  load_next (task);
}

gboolean
da_prompt_attach_images_finish (GAsyncResult  *result,
                                GError       **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}
