/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * What can happen in a run. Events of a run are numbered from 1 without gaps; a client that has
 * read up to N asks for N + 1 (da_run_peek_event()).
 */
typedef enum {
  DA_RUN_EVENT_STARTED,        /* the user message is stored, the run begins */
  DA_RUN_EVENT_DELTA,          /* visible assistant text was appended */
  DA_RUN_EVENT_RETRY,          /* an upstream call waits and is tried again; payload: retryInfo */
  DA_RUN_EVENT_STEP,           /* a tool, approval or delegation step; payload: Step object */
  DA_RUN_EVENT_USAGE,          /* token counts; payload: OpenAI usage object */
  DA_RUN_EVENT_MESSAGE,        /* a message was stored; payload: {"id":..,"role":..} */
  DA_RUN_EVENT_TITLE,          /* the conversation got a title; payload: {"title":..,"source":..} */
  DA_RUN_EVENT_DONE,           /* last event: the answer is stored */
  DA_RUN_EVENT_FAILED,         /* last event; payload: {"message":..,"kind":..} */
  DA_RUN_EVENT_CANCELLED,      /* last event: stopped by a person; what was said is stored */
} DaRunEventType;

const char *da_run_event_type_to_string (DaRunEventType type);
gboolean    da_run_event_type_parse     (const char *text, DaRunEventType *out);

typedef struct {
  guint64        number;       /* from 1 */
  DaRunEventType type;
  gint64         time_ms;
  gsize          text_end;     /* bytes of answer text that exist after this event */
  char          *payload;      /* (nullable) JSON object as text */
} DaRunEvent;

DaRunEvent *da_run_event_copy (const DaRunEvent *event);
void        da_run_event_free (DaRunEvent *event);

typedef enum {
  DA_RUN_STATE_QUEUED,
  DA_RUN_STATE_RUNNING,
  DA_RUN_STATE_COMPLETED,
  DA_RUN_STATE_FAILED,
  DA_RUN_STATE_CANCELLED,
  DA_RUN_STATE_INTERRUPTED,    /* the program died while it ran */
} DaRunState;

const char *da_run_state_to_string (DaRunState state);
gboolean    da_run_state_parse     (const char *text, DaRunState *out);

/* A stored run, without its events. */
typedef struct {
  char       *id;               /* "run_..." */
  char       *conversation_id;
  char       *session_id;
  guint       number;           /* 1, 2, ... within its session */
  DaRunState  state;
  char       *model;            /* (nullable) */
  char       *provider;         /* (nullable) */
  char       *error;            /* (nullable) */
  gint64      started_at;
  gint64      ended_at;         /* 0 while it runs */
  gint64      input_tokens;     /* 0 when unknown */
  gint64      output_tokens;
} DaRunRecord;

DaRunRecord *da_run_record_new  (void);
void         da_run_record_free (DaRunRecord *record);

/* A stored run with what happened in it. Events of text that came together are one, so numbers
 * have gaps. */
typedef struct {
  DaRunRecord *run;
  char        *text;       /* the answer so far */
  GPtrArray   *events;     /* (element-type DaRunEvent), by number */
} DaRunJournal;

void         da_run_journal_free (DaRunJournal *journal);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaRunJournal, da_run_journal_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaRunEvent, da_run_event_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaRunRecord, da_run_record_free)

G_END_DECLS
