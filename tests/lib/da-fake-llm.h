/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/**
 * DaFakeLlm:
 *
 * A model provider for tests: listens on a loopback port, answers POST .../chat/completions with a
 * script, and remembers what was asked and when connections were closed. It writes HTTP by itself,
 * byte for byte, because half of what it has to do (cut a chunk in the middle, never answer, split
 * a character between packets) is what a proper server refuses to do. Runs on the default main
 * context; also the program fake-llm.
 *
 * The script is chosen by the model's name, "script:NAME"; "echo" and every other name answer with
 * the last user message. GET .../models lists the scripts. da_fake_llm_scripts() names them.
 */
typedef struct _DaFakeLlm DaFakeLlm;

typedef struct {
  char     *method;
  char     *path;            /* with query */
  char     *host;            /* (nullable) the Host header */
  char     *authorization;   /* (nullable) */
  char     *goog_key;        /* (nullable) x-goog-api-key */
  char     *model;           /* (nullable) */
  char     *body;            /* never NULL */
  guint     connection;      /* number of the TCP connection it came on, from 1 */
  gint64    received_us;     /* monotonic, all three */
  gint64    finished_us;     /* 0: not yet */
  gint64    closed_us;       /* the client closed before the answer was complete; 0: it did not */
} DaFakeLlmRequest;

/* @port 0: a free one. NULL and @error when it cannot listen. */
DaFakeLlm              *da_fake_llm_new                 (guint16       port,
                                                         GError      **error);
void                    da_fake_llm_free                (DaFakeLlm    *self);
guint16                 da_fake_llm_get_port            (DaFakeLlm    *self);
/* "http://127.0.0.1:PORT/v1" */
const char             *da_fake_llm_get_base_url        (DaFakeLlm    *self);

/* This script whatever model is asked for; NULL: by the model's name. */
void                    da_fake_llm_set_script          (DaFakeLlm    *self,
                                                         const char   *name);
/* Between two tokens; 0: as fast as the client reads. */
void                    da_fake_llm_set_token_delay     (DaFakeLlm    *self,
                                                         guint         microseconds);
/* Where "redirect-away" points, without path; default http://localhost:PORT/stolen. */
void                    da_fake_llm_set_redirect        (DaFakeLlm    *self,
                                                         const char   *base);
/* Answers GET .../models with these bytes; NULL: the list of scripts. */
void                    da_fake_llm_set_models          (DaFakeLlm    *self,
                                                         const char   *json);
/* Closes idle connections and refuses further ones until unset. */
void                    da_fake_llm_set_down            (DaFakeLlm    *self,
                                                         gboolean      is_down);

guint                   da_fake_llm_get_n_requests      (DaFakeLlm    *self);
/* From 0, oldest first; valid until the next reset. */
const DaFakeLlmRequest *da_fake_llm_get_request         (DaFakeLlm    *self,
                                                         guint         index);
guint                   da_fake_llm_get_n_open          (DaFakeLlm    *self);   /* connections */
guint                   da_fake_llm_get_n_connections   (DaFakeLlm    *self);   /* ever accepted */
guint                   da_fake_llm_get_n_closed_early  (DaFakeLlm    *self);
/* Requests that came to /stolen, and those among them that carried a key. */
guint                   da_fake_llm_get_n_stolen        (DaFakeLlm    *self);
guint                   da_fake_llm_get_n_stolen_keys   (DaFakeLlm    *self);
void                    da_fake_llm_reset               (DaFakeLlm    *self);
/* (transfer full): the counters as JSON, as GET /__stats answers them. */
char                   *da_fake_llm_dup_stats           (DaFakeLlm    *self);
/* NULL-terminated names. */
const char *const      *da_fake_llm_scripts             (void);
/* The text of "script:every-script", and the two halves every test may rely on. */
const char             *da_fake_llm_every_script_text   (void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (DaFakeLlm, da_fake_llm_free)

G_END_DECLS
