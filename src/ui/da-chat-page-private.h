/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-chat-page.h"

#include "da-composer.h"
#include "da-message-list.h"
#include "da-message-row.h"
#include "da-queue-view.h"

G_BEGIN_DECLS

/* da-chat-page.c: what it is and what it sends; da-chat-page-messages.c: which messages there are;
 * da-chat-page-scroll.c: which of them have a row, and scrolling; da-chat-page-run.c: following the
 * answer; da-chat-page-failure.c: what has none. */
struct _DaChatPage {
  GtkWidget parent_instance;

  /* owned */
  DaEngine *engine;
  char *conversation_id;       /* (nullable) */
  char *title;
  GCancellable *cancellable;
  GPtrArray *messages;         /* DaMessage, all of the conversation */
  DaSession *session;          /* (nullable) */
  DaRun *run;                  /* (nullable) the one that is followed */
  DaMessageRow *answer;        /* (nullable) borrowed: its row, the last of the list */
  DaMessageRow *failed;        /* (nullable) borrowed: the row that offers to try again */
  GListModel *sessions;
  guint64 seen_event;
  gsize seen_text;
  guint run_watch;
  gulong changed_id;
  gulong sessions_id;
  gulong session_run_id;
  gulong adjustment_ids[2];
  GdkFrameClock *clock;        /* (nullable) while a second layout of this frame is awaited */
  gulong layout_id;
  guint rows_tick;             /* while rows are being opened and dropped */

  /* template */
  GtkWidget *box;
  GtkStack *stack;
  GtkScrolledWindow *scroller;
  DaMessageList *list;
  GtkRevealer *down_revealer;
  GtkWidget *new_page;
  GtkWidget *failed_page;
  DaQueueView *queue;
  DaComposer *composer;
  GtkLabel *status;

  DaMessageRow *anchor;        /* (nullable) borrowed: what is seen, while rows change */
  double anchor_offset;        /* pixels from the top of the view */
  double last_value;           /* of the vertical adjustment */
  gint64 moved_at;             /* us, monotonic: when the person scrolled last */
  guint stick : 1;             /* the view stays at the lower end */
  guint moving_up : 1;
  guint placing : 1;           /* the view is moved, not by the person */
  guint moved_late : 1;        /* the view was moved after its content had been placed */
  guint keyed : 1;             /* a key has moved the focus, which is to be seen at rest */
  guint loaded : 1;
  guint stored : 1;            /* it was in the store; when it no longer is, it is gone */
  guint reload_again : 1;
  guint loading : 1;
};

/* Messages */
/* Takes the conversation's messages as they are stored now; only what differs is built again. */
void _da_chat_page_sync             (DaChatPage *self,
                                     GPtrArray  *messages);
void _da_chat_page_append_row       (DaChatPage   *self,
                                     DaMessageRow *row);
/* One without a message. What was read in it is gone: the focus goes to the field for the words. */
void _da_chat_page_remove_row       (DaChatPage   *self,
                                     DaMessageRow *row);
void _da_chat_page_remove_answer    (DaChatPage *self);
void _da_chat_page_show_messages    (DaChatPage *self);

/* Scrolling */
void _da_chat_page_init_scroll      (DaChatPage *self);
void _da_chat_page_dispose_scroll   (DaChatPage *self);
/* Of the @n last messages those that are seen first, before a frame is drawn. */
void _da_chat_page_open_last        (DaChatPage *self,
                                     guint       n);
void _da_chat_page_scroll_down      (DaChatPage *self);
/* The viewport does not do it: of a message longer than the view, selecting would go to its top. */
void _da_chat_page_show_focus       (DaChatPage *self);

/* Run */
void _da_chat_page_watch_sessions   (DaChatPage *self);
void _da_chat_page_unwatch          (DaChatPage *self);
void _da_chat_page_follow           (DaChatPage *self,
                                     DaRun      *run);
/* Offers to ask again when the last message has no whole answer and none is being made. */
void _da_chat_page_update_failure   (DaChatPage *self);
void _da_chat_page_forget_failure   (DaChatPage *self);
/* (transfer none) (nullable): the question that can be asked again. */
const char *_da_chat_page_peek_unanswered (DaChatPage *self);
void _da_chat_page_set_status       (DaChatPage *self,
                                     const char *text);

G_END_DECLS
