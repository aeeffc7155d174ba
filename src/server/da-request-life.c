/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-request"

#include "da-request-private.h"

#include <string.h>

#include "da-clock.h"
#include "da-server-private.h"

/*
 * How a request ends.
 *
 *   gate -> (body) -> handler -> answered -> written -> finished
 *                         \-> paused or taken over -> answered -> written -> finished
 *                                    \-> client gone, key revoked, cut -> finished
 *
 * While it is paused or taken over, libsoup does not look at the socket; the guard stream watches
 * it.
 */

gboolean
_da_request_is_gone (DaRequest *self)
{
  return self->is_finished || self->is_cut || self->connection == NULL
         || da_guard_stream_is_broken (self->connection->guard);
}

static void
tell_gone (DaRequest *self)
{
  void (*ended) (gpointer data) = self->ended;

  if (self->is_cut)
    return;
  self->is_cut = TRUE;
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  self->ended = NULL;
  self->tick = NULL;
  if (ended != NULL)
    ended (self->stream_data);
}

/* Called with a reference held by the connection; may end it. */
void
_da_request_cut (DaRequest *self)
{
  g_autoptr (DaRequest) guard = da_request_ref (self);

  if (self->is_finished)
    return;
  tell_gone (self);
  if (self->is_taken)
    _da_request_release (self, FALSE);
  else if (self->is_paused)
    _da_request_resume (self);
}

static void
on_hung_up (gpointer user_data,
            gboolean half)
{
  DaRequest *self = user_data;

  if (half && self->half_closed != NULL)
    {
      self->half_closed (self->stream_data);
      return;
    }
  if (half && !self->half_is_gone)
    return;
  if (self->connection != NULL)
    da_connection_cut (self->connection);
}

static void
on_drained (gpointer user_data)
{
  DaRequest *self = user_data;

  if (self->drained != NULL)
    self->drained (self->stream_data);
}

static const DaGuardWatch guard_watch = { .drained = on_drained, .hung_up = on_hung_up };

static void
on_revoked (GCancellable *revoked,
            gpointer      user_data)
{
  DaRequest *self = user_data;

  if (self->outlives_key)
    return;
  g_info ("The key of %s was revoked; its connection is ended", self->identity->name);
  if (self->connection != NULL)
    da_connection_cut (self->connection);
}

/* A request that lasts is ended with its key; one that is answered at once need not watch. */
static void
watch_ends (DaRequest *self)
{
  self->is_watched = TRUE;
  if (self->connection != NULL)
    da_guard_stream_watch (self->connection->guard, &guard_watch, self);
  if (self->identity->revoked != NULL && self->revoked_handler == 0)
    self->revoked_handler = g_signal_connect (self->identity->revoked, "cancelled",
                                              G_CALLBACK (on_revoked), self);
}

static void
unwatch_ends (DaRequest *self)
{
  if (!self->is_watched)
    return;
  self->is_watched = FALSE;
  if (self->connection != NULL)
    da_guard_stream_watch (self->connection->guard, NULL, NULL);
  if (self->revoked_handler != 0)
    g_clear_signal_handler (&self->revoked_handler, self->identity->revoked);
}

void
_da_request_pause (DaRequest *self)
{
  if (self->is_paused || _da_request_is_gone (self))
    return;
  self->is_paused = TRUE;
  soup_server_message_pause (self->message);
  /* Most answers follow in a moment and need no watch; the next tick begins one for the others. */
  if (self->half_is_gone)
    watch_ends (self);
}

void
_da_request_resume (DaRequest *self)
{
  if (!self->is_paused)
    return;
  self->is_paused = FALSE;
  if (!self->is_finished)
    {
      unwatch_ends (self);
      soup_server_message_unpause (self->message);
    }
}

gboolean
_da_request_take_over (DaRequest *self)
{
  g_autoptr (GIOStream) stream = NULL;

  g_assert (self->status == 0 && !self->is_taken);
  if (_da_request_is_gone (self))
    return FALSE;

  /* libsoup lets go of message and stream; both are ours too. */
  self->is_taken = TRUE;
  self->is_paused = FALSE;
  stream = soup_server_message_steal_connection (self->message);
  watch_ends (self);
  return TRUE;
}

void
_da_request_release (DaRequest *self,
                     gboolean   keep)
{
  g_autoptr (DaRequest) guard = da_request_ref (self);
  DaConnection *connection = self->connection;

  g_assert (self->is_taken);
  if (self->is_finished || connection == NULL)
    {
      _da_request_finish (self);
      return;
    }

  da_connection_ref (connection);
  unwatch_ends (self);
  da_guard_stream_flush (connection->guard);
  keep = keep && !self->is_cut && !da_guard_stream_is_broken (connection->guard)
         && !self->context->is_stopping;
  _da_request_finish (self);
  if (keep)
    da_connection_hand_over (connection);
  else
    g_io_stream_close (G_IO_STREAM (connection->guard), NULL, NULL);
  da_connection_unref (connection);
}

void
_da_request_tick (DaRequest *self,
                  gint64     now)
{
  if (self->is_paused && !self->is_watched)
    watch_ends (self);
  if (self->tick != NULL)
    self->tick (self->stream_data, now);
}

static void
write_access_line (DaRequest *self)
{
  DaServerContext *context = self->context;
  const char *who = self->identity != NULL ? self->identity->name : "-";
  const char *route = self->match.route != NULL ? self->match.route->pattern : "-";
  const char *method = soup_server_message_get_method (self->message);

  da_access_log_add (context->access_log, self->address, who, method, route, self->status,
                     da_clock_monotonic_us () - self->started_us);
}

void
_da_request_finish (DaRequest *self)
{
  g_autoptr (DaRequest) guard = NULL;
  DaConnection *connection = self->connection;

  if (self->is_finished)
    return;

  guard = da_request_ref (self);
  if (self->status == 0 || (connection != NULL && da_guard_stream_is_broken (connection->guard)))
    tell_gone (self);
  unwatch_ends (self);
  self->is_finished = TRUE;
  self->is_paused = FALSE;
  self->ended = NULL;
  self->tick = NULL;
  self->drained = NULL;
  if (self->chunk_handler != 0)
    g_clear_signal_handler (&self->chunk_handler, self->message);

  write_access_line (self);
  _da_request_write_audit (self);
  _da_request_schedule_after (self);

  self->connection = NULL;
  self->context->n_requests--;
  if (connection != NULL && connection->request == self)
    {
      connection->request = NULL;
      da_request_unref (self);
    }
  _da_server_settled (self->context);
}

void
_da_request_connection_closed (DaRequest *self)
{
  DaConnection *connection = self->connection;

  tell_gone (self);
  if (self->revoked_handler != 0)
    g_clear_signal_handler (&self->revoked_handler, self->identity->revoked);
  _da_request_finish (self);
  g_assert (connection == NULL || connection->request == NULL);
}
