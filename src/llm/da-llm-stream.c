/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-llm-stream"

#include "da-llm-stream.h"

#include <string.h>

#include "da-llm-codec.h"
#include "da-llm-fault.h"
#include "da-sse-parser.h"

/* What the first bytes showed the body to be. The declared content type is not asked: proxies and
 * small servers get it wrong, the first byte never. */
typedef enum {
  FORM_UNKNOWN,
  FORM_EVENTS,
  FORM_JSON,
  FORM_PAGE,              /* HTML: a login page, a wrong base URL */
} Form;

struct _DaLlmStream {
  char             *provider_name;
  DaLlmCodec       *codec;
  DaSseParser      *parser;
  GString          *body;          /* FORM_JSON, and while the form is unknown */
  GError           *error;         /* why FAILED */
  Form              form;
  DaLlmStreamState  state;
};

static void
stream_fail (DaLlmStream *self,
             GError      *error)
{
  g_clear_error (&self->error);
  self->error = error;
  self->state = DA_LLM_STREAM_FAILED;
}

static void
on_event (const char *event,
          const char *data,
          gsize       length,
          gpointer    user_data)
{
  DaLlmStream *self = user_data;
  g_autoptr (GError) error = NULL;

  if (self->state >= DA_LLM_STREAM_DONE)
    return;
  while (length > 0 && g_ascii_isspace (*data))
    {
      data++;
      length--;
    }
  if (length == 0)
    return;
  if (length >= 6 && memcmp (data, "[DONE]", 6) == 0)
    {
      self->state = DA_LLM_STREAM_DONE;
      return;
    }
  if (!da_llm_codec_read (self->codec, data, length, &error))
    stream_fail (self, g_steal_pointer (&error));
  else if (da_llm_codec_is_finished (self->codec))
    self->state = DA_LLM_STREAM_TAIL;
}

DaLlmStream *
da_llm_stream_new (const char     *provider_name,
                   DaLlmEventFunc  func,
                   gpointer        func_data)
{
  DaLlmStream *self = g_new0 (DaLlmStream, 1);

  self->provider_name = g_strdup (provider_name);
  self->codec = da_llm_codec_new (provider_name, func, func_data);
  self->body = g_string_new (NULL);
  self->parser = da_sse_parser_new (DA_LLM_STREAM_MAX_BYTES, on_event, self);
  return self;
}

void
da_llm_stream_free (DaLlmStream *self)
{
  if (!self)
    return;
  g_free (self->provider_name);
  da_llm_codec_free (self->codec);
  da_sse_parser_free (self->parser);
  g_string_free (self->body, TRUE);
  g_clear_error (&self->error);
  g_free (self);
}

static void
sniff (DaLlmStream *self,
       const char  *data,
       gsize        length)
{
  for (gsize i = 0; i < length; i++)
    {
      /* White space and the bytes of a byte order mark decide nothing. */
      if (g_ascii_isspace (data[i]) || strchr ("\xef\xbb\xbf", data[i]))
        continue;
      if (data[i] == '{' || data[i] == '[')
        self->form = FORM_JSON;
      else
        self->form = data[i] == '<' ? FORM_PAGE : FORM_EVENTS;
      return;
    }
}

/* Until the form is known, and then for JSON, the bytes are kept. */
static void
keep (DaLlmStream *self,
      const char  *data,
      gsize        length)
{
  if (self->body->len + length > DA_LLM_STREAM_MAX_BYTES)
    stream_fail (self, da_llm_fault_bad_answer (self->provider_name, "it is too long"));
  else
    g_string_append_len (self->body, data, (gssize) length);
}

static void
feed_events (DaLlmStream *self,
             const char  *data,
             gsize        length)
{
  g_autoptr (GError) error = NULL;

  if (!da_sse_parser_feed (self->parser, data, length, &error) &&
      self->state < DA_LLM_STREAM_DONE)
    stream_fail (self, da_llm_fault_bad_answer (self->provider_name, "one piece is too long"));
}

DaLlmStreamState
da_llm_stream_feed (DaLlmStream *self,
                    const char  *data,
                    gsize        length)
{
  gboolean was_unknown = self->form == FORM_UNKNOWN;

  if (self->state >= DA_LLM_STREAM_DONE || length == 0)
    return self->state;
  if (self->form == FORM_EVENTS)
    {
      feed_events (self, data, length);
      return self->state;
    }
  keep (self, data, length);
  if (!was_unknown || self->state == DA_LLM_STREAM_FAILED)
    return self->state;
  sniff (self, data, length);
  if (self->form == FORM_EVENTS)
    {
      feed_events (self, self->body->str, self->body->len);
      g_string_truncate (self->body, 0);
    }
  else if (self->form == FORM_PAGE)
    stream_fail (self, da_llm_fault_bad_answer (self->provider_name, "it is a web page"));
  return self->state;
}

/* A last event without its blank line counts when it is whole; half of one is a cut connection. */
static void
flush_events (DaLlmStream *self)
{
  g_autoptr (GError) error = NULL;

  if (self->state >= DA_LLM_STREAM_DONE)
    return;
  if (!da_sse_parser_feed (self->parser, "\n\n", 2, &error) || self->state == DA_LLM_STREAM_FAILED)
    {
      if (g_error_matches (self->error, DA_LLM_ERROR, DA_LLM_ERROR_BAD_ANSWER))
        stream_fail (self, da_llm_fault_cut (self->provider_name));
    }
}

static void
finish_json (DaLlmStream  *self,
             const GError *cut)
{
  g_autoptr (GError) error = NULL;
  const char *text = self->body->str;
  gsize length = self->body->len;

  if (self->state >= DA_LLM_STREAM_DONE)
    return;
  if (length >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    {
      text += 3;
      length -= 3;
    }
  if (!da_llm_codec_read (self->codec, text, length, &error))
    stream_fail (self, cut ? da_llm_fault_cut (self->provider_name) : g_steal_pointer (&error));
  else if (!da_llm_codec_has_choice (self->codec))
    stream_fail (self, da_llm_fault_bad_answer (self->provider_name, "it holds no choice"));
  else
    self->state = DA_LLM_STREAM_DONE;
}

DaLlmResult *
da_llm_stream_finish (DaLlmStream   *self,
                      const GError  *cut,
                      GError       **error)
{
  if (self->form == FORM_JSON)
    finish_json (self, cut);
  else
    flush_events (self);

  if (self->state == DA_LLM_STREAM_MORE)
    {
      if (cut)
        stream_fail (self, g_error_copy (cut));
      else
        stream_fail (self, da_llm_fault_cut (self->provider_name));
    }
  else if (self->state == DA_LLM_STREAM_DONE && !da_llm_codec_has_choice (self->codec))
    stream_fail (self, da_llm_fault_bad_answer (self->provider_name, "it is empty"));
  if (self->state == DA_LLM_STREAM_FAILED)
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      return NULL;
    }
  return da_llm_codec_take_result (self->codec);
}
