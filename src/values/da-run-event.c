/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-values-run-event"

#include "da-run-event.h"

static const char *const type_names[] = {
  [DA_RUN_EVENT_STARTED] = "started",
  [DA_RUN_EVENT_DELTA] = "delta",
  [DA_RUN_EVENT_RETRY] = "retry",
  [DA_RUN_EVENT_STEP] = "step",
  [DA_RUN_EVENT_USAGE] = "usage",
  [DA_RUN_EVENT_MESSAGE] = "message",
  [DA_RUN_EVENT_TITLE] = "title",
  [DA_RUN_EVENT_DONE] = "done",
  [DA_RUN_EVENT_FAILED] = "failed",
  [DA_RUN_EVENT_CANCELLED] = "cancelled",
};

static const char *const state_names[] = {
  [DA_RUN_STATE_QUEUED] = "queued",
  [DA_RUN_STATE_RUNNING] = "running",
  [DA_RUN_STATE_COMPLETED] = "completed",
  [DA_RUN_STATE_FAILED] = "failed",
  [DA_RUN_STATE_CANCELLED] = "cancelled",
  [DA_RUN_STATE_INTERRUPTED] = "interrupted",
};

static gboolean
find_name (const char *const *names,
           guint              n_names,
           const char        *text,
           guint             *index)
{
  for (guint i = 0; text != NULL && i < n_names; i++)
    {
      if (g_str_equal (names[i], text))
        {
          *index = i;
          return TRUE;
        }
    }
  return FALSE;
}

const char *
da_run_event_type_to_string (DaRunEventType type)
{
  g_assert ((guint) type < G_N_ELEMENTS (type_names));

  return type_names[type];
}

gboolean
da_run_event_type_parse (const char     *text,
                         DaRunEventType *out)
{
  guint index;

  if (!find_name (type_names, G_N_ELEMENTS (type_names), text, &index))
    return FALSE;

  *out = (DaRunEventType) index;
  return TRUE;
}

DaRunEvent *
da_run_event_copy (const DaRunEvent *event)
{
  DaRunEvent *copy = g_new (DaRunEvent, 1);

  *copy = *event;
  copy->payload = g_strdup (event->payload);
  return copy;
}

void
da_run_event_free (DaRunEvent *event)
{
  if (event == NULL)
    return;

  g_free (event->payload);
  g_free (event);
}

const char *
da_run_state_to_string (DaRunState state)
{
  g_assert ((guint) state < G_N_ELEMENTS (state_names));

  return state_names[state];
}

gboolean
da_run_state_parse (const char *text,
                    DaRunState *out)
{
  guint index;

  if (!find_name (state_names, G_N_ELEMENTS (state_names), text, &index))
    return FALSE;

  *out = (DaRunState) index;
  return TRUE;
}

DaRunRecord *
da_run_record_new (void)
{
  return g_new0 (DaRunRecord, 1);
}

void
da_run_record_free (DaRunRecord *record)
{
  if (record == NULL)
    return;

  g_free (record->id);
  g_free (record->conversation_id);
  g_free (record->session_id);
  g_free (record->model);
  g_free (record->provider);
  g_free (record->error);
  g_free (record);
}

void
da_run_journal_free (DaRunJournal *journal)
{
  if (journal == NULL)
    return;

  da_run_record_free (journal->run);
  g_free (journal->text);
  g_clear_pointer (&journal->events, g_ptr_array_unref);
  g_free (journal);
}
