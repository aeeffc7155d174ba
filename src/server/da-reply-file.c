/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-reply"

#include "da-reply.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "da-error.h"
#include "da-range.h"
#include "da-request-private.h"
#include "da-worker.h"

/* One piece is read while none is waiting to be sent, so this is what a download holds in memory.
   */
#define PIECE_BYTES (64 * 1024)

typedef struct {
  int        ref_count;
  DaRequest *request;        /* owned */
  char      *path;
  char      *content_type;
  int        fd;             /* -1 until opened; used by one job at a time */
  guint64    size;
  guint64    offset;
  guint64    left;
  gulong     chunk_handler;
  gulong     finished_handler;
} FileReply;

static FileReply *
file_reply_ref (FileReply *self)
{
  g_atomic_int_inc (&self->ref_count);
  return self;
}

static void
file_reply_unref (gpointer data)
{
  FileReply *self = data;

  if (!g_atomic_int_dec_and_test (&self->ref_count))
    return;
  if (self->fd >= 0)
    close (self->fd);
  da_request_unref (self->request);
  g_free (self->path);
  g_free (self->content_type);
  g_free (self);
}

static void
run_open (GTask        *task,
          gpointer      source,
          gpointer      task_data,
          GCancellable *cancellable)
{
  FileReply *self = task_data;
  struct stat status;

  /* A link in our folder was not put there by us. */
  self->fd = open (self->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (self->fd < 0 || fstat (self->fd, &status) != 0 || !S_ISREG (status.st_mode))
    {
      g_task_return_new_error (task, DA_ERROR, DA_ERROR_NOT_FOUND, "There is no such file");
      return;
    }

  self->size = (guint64) status.st_size;
  g_task_return_boolean (task, TRUE);
}

static void
run_read (GTask        *task,
          gpointer      source,
          gpointer      task_data,
          GCancellable *cancellable)
{
  FileReply *self = task_data;
  gsize wanted = (gsize) MIN (self->left, (guint64) PIECE_BYTES);
  char *piece = g_malloc (wanted);
  gssize n = pread (self->fd, piece, wanted, (off_t) self->offset);

  if (n <= 0)
    {
      g_free (piece);
      g_task_return_new_error (task, DA_ERROR, DA_ERROR_CORRUPT, "The file became shorter");
      return;
    }
  g_task_return_pointer (task, g_bytes_new_take (piece, (gsize) n), (GDestroyNotify) g_bytes_unref);
}

static void
push_job (FileReply           *self,
          GTaskThreadFunc      func,
          GAsyncReadyCallback  callback)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, callback, file_reply_ref (self));

  g_task_set_source_tag (task, push_job);
  g_task_set_task_data (task, file_reply_ref (self), file_reply_unref);
  da_worker_push (da_worker_get_slow (), task, func);
}

static void
stop_feeding (FileReply *self)
{
  if (self->chunk_handler == 0)
    return;
  g_clear_signal_handler (&self->chunk_handler, self->request->message);
  g_clear_signal_handler (&self->finished_handler, self->request->message);
  file_reply_unref (self);
}

static void
read_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  FileReply *self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) piece = g_task_propagate_pointer (G_TASK (result), &error);

  if (self->request->is_finished)
    {
      /* The client has gone; nothing more to do. */
    }
  else if (piece == NULL)
    {
      g_warning ("%s: %s", self->path, error->message);
      da_connection_cut (self->request->connection);
    }
  else
    {
      self->offset += g_bytes_get_size (piece);
      self->left -= g_bytes_get_size (piece);
      soup_message_body_append_bytes (
        soup_server_message_get_response_body (self->request->message), piece);
      soup_server_message_unpause (self->request->message);
    }

  file_reply_unref (self);
}

static void
on_wrote_chunk (SoupServerMessage *message,
                gpointer           user_data)
{
  FileReply *self = user_data;

  if (self->left > 0)
    push_job (self, run_read, read_cb);
}

static void
on_finished (SoupServerMessage *message,
             gpointer           user_data)
{
  stop_feeding (user_data);
}

static void
begin_answer (FileReply      *self,
              DaRangeOutcome  outcome)
{
  DaRequest *request = self->request;
  SoupServerMessage *message = request->message;
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  gboolean is_head = strcmp (soup_server_message_get_method (message), "HEAD") == 0;

  soup_message_headers_replace (headers, "Accept-Ranges", "bytes");
  soup_message_headers_replace (headers, "Cache-Control", "private, max-age=86400");
  if (outcome == DA_RANGE_PART)
    {
      g_autofree char *range = NULL;

      range = g_strdup_printf ("bytes %" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "/%"
      G_GUINT64_FORMAT, self->offset, self->offset + self->left - 1, self->size);
      soup_message_headers_replace (headers, "Content-Range", range);
    }

  /* Before the answer is begun: with a length of nought libsoup would be done at once. */
  soup_message_headers_set_content_length (headers, (goffset) self->left);
  if (!is_head && self->left > 0)
    {
      file_reply_ref (self);
      self->chunk_handler = g_signal_connect (message, "wrote-chunk", G_CALLBACK (on_wrote_chunk),
                                              self);
      self->finished_handler = g_signal_connect (message, "finished", G_CALLBACK (on_finished),
                                                 self);
      push_job (self, run_read, read_cb);
    }

  _da_request_respond (request, outcome == DA_RANGE_PART ? 206 : 200, self->content_type, NULL);
}

static void
open_cb (GObject      *source,
         GAsyncResult *result,
         gpointer      user_data)
{
  FileReply *self = user_data;
  g_autoptr (GError) error = NULL;
  DaRangeOutcome outcome;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      da_reply_gerror (self->request, error);
      file_reply_unref (self);
      return;
    }
  if (_da_request_is_gone (self->request))
    {
      file_reply_unref (self);
      return;
    }

  outcome = da_range_parse (self->request->range, self->size, &self->offset, &self->left);
  if (outcome == DA_RANGE_UNSATISFIABLE)
    {
      SoupMessageHeaders *headers;
      g_autofree char *range = g_strdup_printf ("bytes */%" G_GUINT64_FORMAT, self->size);

      headers = soup_server_message_get_response_headers (self->request->message);
      soup_message_headers_replace (headers, "Content-Range", range);
      soup_message_headers_replace (headers, "Accept-Ranges", "bytes");
      _da_request_respond (self->request, 416, NULL, NULL);
    }
  else
    {
      begin_answer (self, outcome);
    }

  file_reply_unref (self);
}

void
da_reply_file (DaRequest  *request,
               const char *path,
               const char *content_type)
{
  FileReply *self = g_new0 (FileReply, 1);

  self->ref_count = 1;
  self->request = da_request_ref (request);
  self->path = g_strdup (path);
  self->content_type = g_strdup (content_type);
  self->fd = -1;
  push_job (self, run_open, open_cb);
  file_reply_unref (self);
}
