/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum {
  DA_ROLE_USER,
  DA_ROLE_ASSISTANT,
  DA_ROLE_TOOL,
  DA_ROLE_SYSTEM,     /* only in what a script sends; never stored */
} DaRole;

const char *da_role_to_string   (DaRole      role);
/* Case-insensitive; "developer" counts as system. */
gboolean    da_role_from_string (const char *text,
                                 DaRole     *out);

/**
 * DaMessage:
 *
 * One message of a conversation (contract 10 4.2). A plain immutable-by-convention object: set its
 * fields right after da_message_new(), never once others can see it. All strings are owned by
 * the message and valid UTF-8. Readable from any thread.
 */
struct _DaMessage {
  GObject  parent_instance;

  char    *id;                /* "msg_..." */
  DaRole   role;
  char    *content;           /* never NULL */
  gint64   timestamp;         /* Unix ms */
  char    *tool_calls;        /* (nullable) JSON array [{name,arguments}] as text */
  char    *tool_results;      /* (nullable) JSON array [{success,content,error?}] as text */
  char    *display_content;   /* (nullable) shown instead of content */
  char    *run_id;            /* (nullable) the run that produced it */
  char    *finish_reason;     /* (nullable) assistant: "stop", "length", "cancelled", "error",
                               * "interrupted" */
  gint64   sequence;          /* position in the conversation, from 0; -1 when not stored */
  gboolean is_summary;
};

#define DA_TYPE_MESSAGE (da_message_get_type ())
G_DECLARE_FINAL_TYPE (DaMessage, da_message, DA, MESSAGE, GObject)

/* Copies @content (repairing bad UTF-8); makes an id and the current time. */
DaMessage *da_message_new (DaRole      role,
                           const char *content);

G_END_DECLS
