/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <glib-object.h>

#include "da-message.h"

G_BEGIN_DECLS

/**
 * DaConversation:
 *
 * One conversation: what the list shows (contract 10 4.3), and its messages when it was loaded
 * with them. Immutable by convention, like DaMessage.
 */
struct _DaConversation {
  GObject    parent_instance;

  char      *id;
  char      *title;              /* never NULL */
  char      *title_source;       /* (nullable) default|local_generated|server_generated|manual|
                                  * system */
  char      *client_session_id;  /* (nullable) the phone's own id */
  char      *profile_id;         /* (nullable) agent profile frozen at the first run */
  char      *device_id;          /* (nullable) the device that began it */
  char      *branch_source;      /* (nullable) JSON object as text */
  char      *metadata;           /* (nullable) JSON object as text */
  gint64     created_at;         /* Unix ms */
  gint64     updated_at;         /* activity time: max of the stored time and the newest message */
  gint64     last_message_at;    /* 0 when there is none */
  guint      message_count;
  char      *last_message;       /* <= 500 characters, white space collapsed */
  char      *preview;            /* first three messages, <= 200 characters */
  GPtrArray *messages;           /* (nullable) (element-type DaMessage) when loaded with messages */
};

#define DA_TYPE_CONVERSATION (da_conversation_get_type ())
G_DECLARE_FINAL_TYPE (DaConversation, da_conversation, DA, CONVERSATION, GObject)

/* @id may be NULL: one is made. Title "", times now. */
DaConversation *da_conversation_new          (const char *id);
/* (transfer full): the title made from a first message (contract 10 4.2, "Default titles"). */
char           *da_conversation_title_from   (const char *text);
/* TRUE for the five known sources. */
gboolean        da_conversation_title_source_valid (const char *source);

G_END_DECLS
