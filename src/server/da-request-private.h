/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include "da-connection.h"
#include "da-reply-status.h"
#include "da-request.h"
#include "da-router.h"

G_BEGIN_DECLS

struct _DaRequest {
  int                ref_count;
  DaServerContext   *context;       /* owned */
  DaConnection      *connection;    /* (nullable) borrowed: NULL once it is closed */
  SoupServerMessage *message;       /* owned */
  DaRouteMatch       match;         /* owned contents */
  DaIdentity        *identity;      /* (nullable) owned: NULL until the key was right */
  GHashTable        *query;         /* (nullable) owned */
  char              *address;       /* owned: outlives the connection */

  GByteArray        *body;          /* (nullable) owned: while it comes */
  GBytes            *body_bytes;    /* (nullable) owned: when it is complete */
  JsonNode          *json;          /* (nullable) owned */
  gsize              body_limit;
  gsize              body_seen;
  gulong             chunk_handler;

  GCancellable      *cancellable;   /* (nullable) owned: made when asked for */
  gulong             revoked_handler;
  char              *device_header; /* (nullable) owned */
  char              *range;         /* (nullable) owned: kept from libsoup, which would act on it */
  GSList            *after;         /* owned */
  char              *audit_action, *audit_details, *audit_failure;   /* (nullable) owned */
  DaRefusal          refusal;       /* told by who refuses, never guessed from the answer */
  char              *refused;       /* (nullable) owned: what a person can allow */

  /* For an answer in pieces: who makes them. */
  void             (*tick)   (gpointer data, gint64 now);    /* about once a second */
  /* the client is gone, or was cut off */
  void             (*ended)  (gpointer data);
  void             (*drained) (gpointer data);               /* there is room again */
  void             (*half_closed) (gpointer data);           /* perhaps gone: writing will tell */
  gpointer           stream_data;

  gint64             started_us;
  guint              status;        /* 0 until answered */
  unsigned           allow_origin : 1;   /* there is an Origin and it is allowed */
  unsigned           has_body : 1;
  unsigned           is_dispatched : 1;  /* the handler was called */
  unsigned           is_paused : 1;
  unsigned           is_taken : 1;       /* the connection was taken from libsoup */
  unsigned           is_finished : 1;    /* answered and sent, or the client is gone */
  unsigned           is_cut : 1;
  unsigned           is_watched : 1;     /* for a hang-up or a revoked key */
  unsigned           outlives_key : 1;   /* it is what ends its own key, and must still answer */
  unsigned           half_is_gone : 1;   /* no more from the client means it hung up */
};

DaRequest     *_da_request_new               (DaServerContext    *context,
                                              DaConnection       *connection,
                                              SoupServerMessage  *message,
                                              GHashTable         *query);
/* The body starts to come: keep it (up to body_limit) or drop it. */
void           _da_request_expect_body       (DaRequest          *self,
                                              gint64              content_length);
/* The body is complete: parse it, call the handler. */
void           _da_request_dispatch          (DaRequest          *self);
/* The one end of every request. */
void           _da_request_finish            (DaRequest          *self);
/* For the list of requests: why the answer is a refusal. @refused: (nullable): the host or origin
 * as the lists have it, where allowing it would help. */
void           _da_request_refuse            (DaRequest          *self,
                                              DaRefusal           refusal,
                                              const char         *refused);
/* The rows of the audit log, and the device's count of open requests; da-request-audit.c. */
void           _da_request_identified        (DaRequest          *self);
void           _da_request_write_audit       (DaRequest          *self);
void           _da_request_connection_closed (DaRequest          *self);
void           _da_request_cut               (DaRequest          *self);
void           _da_request_tick              (DaRequest          *self,
                                              gint64              now);
/* TRUE as well for one that is about to be closed. */
gboolean       _da_request_is_gone           (DaRequest          *self);
void           _da_request_schedule_after    (DaRequest          *self);

/* Sets the headers every answer has. @content_type (nullable). */
void           _da_request_add_headers       (DaRequest          *self,
                                              SoupMessageHeaders *headers,
                                              const char         *content_type);
/* Answers with bytes (nullable) (transfer none). */
void           _da_request_respond           (DaRequest          *self,
                                              guint               status,
                                              const char         *content_type,
                                              GBytes             *body);
void           _da_request_pause             (DaRequest          *self);
/* As da_reply_gerror(), with a status from elsewhere. */
void           _da_reply_gerror_as           (DaRequest           *self,
                                              const GError        *error,
                                              const DaReplyStatus *how);
/* Lets libsoup write what was set. */
void           _da_request_resume            (DaRequest          *self);
/* Takes the connection from libsoup for an answer we write ourselves. FALSE: the client is gone. */
gboolean       _da_request_take_over         (DaRequest          *self);
/* Ends such an answer. @keep: the connection may carry another request. */
void           _da_request_release           (DaRequest          *self,
                                              gboolean            keep);

G_END_DECLS
