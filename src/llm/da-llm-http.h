/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * DaLlmHttp:
 *
 * One HTTP client for one provider: connections are kept and reused. No cookies, no cache, no
 * authentication dialogue, no compression, HTTP/1.1 only. A redirect is followed only to the same
 * scheme, host and port, so a key never leaves for another host. Main thread. Refcounted.
 */
typedef struct _DaLlmHttp DaLlmHttp;

/* @proxy (nullable): a proxy URI, not used for loopback addresses; NULL: the system's resolver. */
DaLlmHttp *da_llm_http_new   (const char *proxy,
                              const char *user_agent);
DaLlmHttp *da_llm_http_ref   (DaLlmHttp  *self);
void       da_llm_http_unref (DaLlmHttp  *self);

typedef enum {
  DA_LLM_HTTP_MORE,       /* go on reading */
  DA_LLM_HTTP_TAIL,       /* all that matters was read: go on for a moment, silence is a good end */
  DA_LLM_HTTP_ENOUGH,     /* finish now */
} DaLlmHttpVerdict;

typedef void             (*DaLlmHttpHeadFunc) (gpointer user_data);
typedef DaLlmHttpVerdict (*DaLlmHttpDataFunc) (const char *data, gsize length, gpointer user_data);
typedef void             (*DaLlmHttpPauseFunc) (gpointer user_data);

/* What to send. @url is copied; the other strings are borrowed until the end. */
typedef struct {
  const char        *url;
  GBytes            *body;            /* (nullable) JSON; with it the method is POST, else GET */
  const char        *api_key;         /* (nullable) */
  const char        *key_header;      /* (nullable): NULL sends "Authorization: Bearer" */
  const char        *accept;          /* (nullable) */
  guint              first_byte_ms;   /* until the head of the answer */
  guint              idle_ms;         /* between bytes of the body */
  gsize              max_body;        /* collected at most; more is DA_ERROR_TOO_LARGE */
  DaLlmHttpHeadFunc  on_head;         /* (nullable) the answer is a success */
  DaLlmHttpDataFunc  on_data;         /* (nullable): gets the body of a success; NULL collects it */
  DaLlmHttpPauseFunc on_pause;        /* (nullable): on_data got all there is for this turn */
  gpointer           user_data;
} DaLlmHttpCall;

typedef struct {
  guint    status;
  gint64   retry_after_ms;   /* -1 when not named */
  GString *body;             /* collected; of a failure always, at most 64 KiB of it */
  GError  *cut;              /* (nullable): the body of a success broke off */
} DaLlmHttpReply;

void            da_llm_http_reply_free  (DaLlmHttpReply       *reply);

/* Completes with a reply whatever its status, or with G_IO_ERROR_CANCELLED (the connection is
 * closed at once), G_IO_ERROR_TIMED_OUT, G_IO_ERROR_INVALID_ARGUMENT (@url) or the transport's
 * error. */
void            da_llm_http_send_async  (DaLlmHttp            *self,
                                         const DaLlmHttpCall  *call,
                                         GCancellable         *cancellable,
                                         GAsyncReadyCallback   callback,
                                         gpointer              user_data);
DaLlmHttpReply *da_llm_http_send_finish (GAsyncResult         *result,
                                         GError              **error);
/* TRUE when @key can be sent in a header: visible ASCII without spaces. */
gboolean        da_llm_http_is_key      (const char           *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaLlmHttp, da_llm_http_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaLlmHttpReply, da_llm_http_reply_free)

G_END_DECLS
