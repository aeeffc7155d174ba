/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-llm-codec"

#include "da-llm-codec.h"

#include <string.h>

#include "da-json.h"
#include "da-llm-calls.h"
#include "da-llm-fault.h"
#include "da-llm-scan.h"

/* An answer larger than this is not an answer: a model writes some 500 KB at the very most. */
#define MAX_ANSWER_BYTES (16 * 1024 * 1024)

/* One kind of text of the answer. */
typedef struct {
  DaLlmText waiting;
  GString  *fresh;       /* what the current chunk brought */
} Channel;

struct _DaLlmCodec {
  char           *provider_name;
  DaLlmEventFunc  func;
  gpointer        func_data;

  Channel         text;
  Channel         reasoning;
  DaLlmCalls     *calls;
  DaLlmResult    *result;
  gsize           total;          /* bytes of everything so far */
  char           *fault;          /* (nullable) the error member of the current chunk, as JSON */
  gboolean        has_choice;
};

DaLlmCodec *
da_llm_codec_new (const char     *provider_name,
                  DaLlmEventFunc  func,
                  gpointer        func_data)
{
  DaLlmCodec *self = g_new0 (DaLlmCodec, 1);

  self->provider_name = g_strdup (provider_name);
  self->func = func;
  self->func_data = func_data;
  self->text.fresh = g_string_sized_new (256);
  self->reasoning.fresh = g_string_sized_new (256);
  self->calls = da_llm_calls_new ();
  self->result = g_new0 (DaLlmResult, 1);
  self->result->input_tokens = -1;
  self->result->output_tokens = -1;
  self->result->cached_tokens = -1;
  return self;
}

void
da_llm_codec_free (DaLlmCodec *self)
{
  if (!self)
    return;
  g_free (self->provider_name);
  g_string_free (self->text.fresh, TRUE);
  g_string_free (self->reasoning.fresh, TRUE);
  da_llm_calls_free (self->calls);
  da_llm_result_free (self->result);
  g_free (self->fault);
  g_free (self);
}

static void
emit (DaLlmCodec     *self,
      DaLlmEventType  type,
      GString        *fresh)
{
  DaLlmEvent event = { .type = type, .text = fresh->str, .length = fresh->len };

  if (fresh->len == 0)
    return;
  self->total += fresh->len;
  if (self->func)
    self->func (&event, self->func_data);
  g_string_truncate (fresh, 0);
}

static void
replace_span (char           **field,
              const DaLlmSpan *span)
{
  g_free (*field);
  *field = da_llm_span_dup (span);
}

/* Reasons as OpenAI names them; other dialects' words are translated. */
static const char *
normal_reason (const char *reason)
{
  static const struct { const char *theirs, *ours; } words[] = {
    { "function_call", "tool_calls" }, { "tool_use", "tool_calls" }, { "tool_call", "tool_calls" },
    { "max_tokens", "length" }, { "model_length", "length" },
    { "end_turn", "stop" }, { "eos", "stop" }, { "stop_sequence", "stop" },
    { "safety", "content_filter" }, { "recitation", "content_filter" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      if (g_ascii_strcasecmp (words[i].theirs, reason) == 0)
        return words[i].ours;
    }
  return NULL;
}

static void
read_finish_reason (DaLlmCodec *self,
                    DaLlmScan  *scan)
{
  g_autofree char *reason = NULL;
  const char *known;
  DaLlmSpan span;

  if (!da_llm_scan_string (scan, &span) || span.length == 0)
    return;
  reason = da_llm_span_dup (&span);
  known = normal_reason (reason);
  g_free (self->result->finish_reason);
  self->result->finish_reason = known ? g_strdup (known) : g_ascii_strdown (reason, -1);
}

static void read_parts (DaLlmCodec *self,
                        DaLlmScan  *scan,
                        Channel    *channel);

static void
append_string (DaLlmScan *scan,
               Channel   *channel)
{
  DaLlmSpan span;

  if (da_llm_scan_string (scan, &span))
    da_llm_text_append (&channel->waiting, channel->fresh, &span);
}

/* {type:"text",text:"..."} or {type:"thinking",thinking:"..." or a list of text parts}. */
static void
read_part (DaLlmCodec *self,
           DaLlmScan  *scan,
           Channel    *channel)
{
  DaLlmSpan name;

  if (!da_llm_scan_enter_object (scan))
    return;
  while (da_llm_scan_next_member (scan, &name))
    {
      if (da_llm_span_is (&name, "text"))
        append_string (scan, channel);
      else if (!da_llm_span_is (&name, "thinking"))
        da_llm_scan_skip (scan, NULL);
      else if (da_llm_scan_peek (scan) == DA_LLM_SCAN_ARRAY)
        read_parts (self, scan, &self->reasoning);
      else
        append_string (scan, &self->reasoning);
    }
}

/* Content as a list of parts. */
static void
read_parts (DaLlmCodec *self,
            DaLlmScan  *scan,
            Channel    *channel)
{
  if (!da_llm_scan_enter_array (scan))
    return;
  while (da_llm_scan_next_element (scan))
    {
      if (da_llm_scan_peek (scan) == DA_LLM_SCAN_OBJECT)
        read_part (self, scan, channel);
      else
        append_string (scan, channel);
    }
}

static void
read_text (DaLlmCodec *self,
           DaLlmScan  *scan,
           Channel    *channel)
{
  if (da_llm_scan_peek (scan) == DA_LLM_SCAN_ARRAY)
    read_parts (self, scan, channel);
  else
    append_string (scan, channel);
}

/* The "delta" of a chunk or the "message" of a whole completion. */
static void
read_delta (DaLlmCodec *self,
            DaLlmScan  *scan)
{
  gboolean has_reasoning = FALSE;
  DaLlmSpan name;

  if (da_llm_scan_peek (scan) != DA_LLM_SCAN_OBJECT)
    {
      da_llm_scan_skip (scan, NULL);
      return;
    }
  if (!da_llm_scan_enter_object (scan))
    return;
  while (da_llm_scan_next_member (scan, &name))
    {
      if (da_llm_span_is (&name, "content") || da_llm_span_is (&name, "refusal"))
        read_text (self, scan, &self->text);
      else if (!has_reasoning && (da_llm_span_is (&name, "reasoning_content") ||
                                  da_llm_span_is (&name, "reasoning")))
        {
          /* Some providers send the same text under both names. */
          read_text (self, scan, &self->reasoning);
          has_reasoning = self->reasoning.fresh->len > 0;
        }
      else if (da_llm_span_is (&name, "tool_calls"))
        self->total += da_llm_calls_read (self->calls, scan);
      else
        da_llm_scan_skip (scan, NULL);
    }
}

static void
read_choice (DaLlmCodec *self,
             DaLlmScan  *scan)
{
  DaLlmSpan name;

  if (!da_llm_scan_enter_object (scan))
    return;
  self->has_choice = TRUE;
  while (da_llm_scan_next_member (scan, &name))
    {
      if (da_llm_span_is (&name, "delta") || da_llm_span_is (&name, "message"))
        read_delta (self, scan);
      else if (da_llm_span_is (&name, "finish_reason"))
        read_finish_reason (self, scan);
      else if (da_llm_span_is (&name, "error") && da_llm_scan_peek (scan) == DA_LLM_SCAN_OBJECT)
        {
          DaLlmSpan span;

          da_llm_scan_skip (scan, &span);
          g_free (self->fault);
          self->fault = g_strndup (span.text, span.length);
        }
      else
        da_llm_scan_skip (scan, NULL);
    }
}

/* One answer is asked for; further choices of a provider that sends more are not read. */
static void
read_choices (DaLlmCodec *self,
              DaLlmScan  *scan)
{
  guint n = 0;

  if (da_llm_scan_peek (scan) != DA_LLM_SCAN_ARRAY)
    {
      da_llm_scan_skip (scan, NULL);
      return;
    }
  if (!da_llm_scan_enter_array (scan))
    return;
  while (da_llm_scan_next_element (scan))
    {
      if (n++ == 0 && da_llm_scan_peek (scan) == DA_LLM_SCAN_OBJECT)
        read_choice (self, scan);
      else
        da_llm_scan_skip (scan, NULL);
    }
}

static void
read_cached (DaLlmCodec *self,
             DaLlmScan  *scan)
{
  DaLlmSpan name;

  if (da_llm_scan_peek (scan) != DA_LLM_SCAN_OBJECT)
    {
      da_llm_scan_skip (scan, NULL);
      return;
    }
  if (!da_llm_scan_enter_object (scan))
    return;
  while (da_llm_scan_next_member (scan, &name))
    {
      if (da_llm_span_is (&name, "cached_tokens"))
        da_llm_scan_int (scan, &self->result->cached_tokens);
      else
        da_llm_scan_skip (scan, NULL);
    }
}

static void
read_usage (DaLlmCodec *self,
            DaLlmScan  *scan)
{
  DaLlmSpan name;

  if (da_llm_scan_peek (scan) != DA_LLM_SCAN_OBJECT)
    {
      da_llm_scan_skip (scan, NULL);
      return;
    }
  if (!da_llm_scan_enter_object (scan))
    return;
  while (da_llm_scan_next_member (scan, &name))
    {
      if (da_llm_span_is (&name, "prompt_tokens"))
        da_llm_scan_int (scan, &self->result->input_tokens);
      else if (da_llm_span_is (&name, "completion_tokens"))
        da_llm_scan_int (scan, &self->result->output_tokens);
      else if (da_llm_span_is (&name, "prompt_tokens_details"))
        read_cached (self, scan);
      else
        da_llm_scan_skip (scan, NULL);
    }
}

static void
read_fault (DaLlmCodec *self,
            DaLlmScan  *scan)
{
  gboolean is_fault = da_llm_scan_peek (scan) == DA_LLM_SCAN_OBJECT ||
                      da_llm_scan_peek (scan) == DA_LLM_SCAN_STRING;
  DaLlmSpan span;

  da_llm_scan_skip (scan, &span);
  if (!is_fault || scan->failed)
    return;
  g_free (self->fault);
  self->fault = g_strndup (span.text, span.length);
}

static void
read_model (DaLlmCodec *self,
            DaLlmScan  *scan)
{
  DaLlmSpan span;

  if (da_llm_scan_string (scan, &span) && span.length > 0 && !self->result->model)
    replace_span (&self->result->model, &span);
}

static void
read_document (DaLlmCodec *self,
               DaLlmScan  *scan)
{
  DaLlmSpan name;

  if (!da_llm_scan_enter_object (scan))
    return;
  while (da_llm_scan_next_member (scan, &name))
    {
      if (da_llm_span_is (&name, "choices"))
        read_choices (self, scan);
      else if (da_llm_span_is (&name, "usage"))
        read_usage (self, scan);
      else if (da_llm_span_is (&name, "model"))
        read_model (self, scan);
      else if (da_llm_span_is (&name, "error"))
        read_fault (self, scan);
      else
        da_llm_scan_skip (scan, NULL);
    }
}

static GError *
take_fault (DaLlmCodec *self)
{
  g_autofree char *text = g_steal_pointer (&self->fault);
  g_autoptr (JsonNode) node = NULL;

  if (*text == '{')
    node = da_json_parse (text, strlen (text), 64 * 1024, NULL);
  else
    {
      DaLlmSpan span = { text + 1, strlen (text) - 2, TRUE };
      g_autofree char *plain = da_llm_span_dup (&span);

      node = json_node_init_string (json_node_alloc (), plain);
    }
  return da_llm_fault_from_node (self->provider_name, node);
}

gboolean
da_llm_codec_read (DaLlmCodec  *self,
                   const char  *json,
                   gsize        length,
                   GError     **error)
{
  DaLlmScan scan;
  gboolean was_valid;

  g_string_truncate (self->text.fresh, 0);
  g_string_truncate (self->reasoning.fresh, 0);
  da_llm_scan_init (&scan, json, length);
  read_document (self, &scan);
  was_valid = da_llm_scan_finish (&scan);
  if (!was_valid)
    {
      g_propagate_error (error, da_llm_fault_bad_answer (self->provider_name, "it is not JSON"));
      return FALSE;
    }
  emit (self, DA_LLM_EVENT_REASONING, self->reasoning.fresh);
  emit (self, DA_LLM_EVENT_TEXT, self->text.fresh);
  if (self->fault)
    {
      g_propagate_error (error, take_fault (self));
      return FALSE;
    }
  if (self->total > MAX_ANSWER_BYTES)
    {
      g_propagate_error (error, da_llm_fault_bad_answer (self->provider_name, "it is too long"));
      return FALSE;
    }
  return TRUE;
}

gboolean
da_llm_codec_has_choice (DaLlmCodec *self)
{
  return self->has_choice;
}

gboolean
da_llm_codec_is_finished (DaLlmCodec *self)
{
  return self->result->finish_reason != NULL;
}

static void
flush (DaLlmCodec     *self,
       Channel        *channel,
       DaLlmEventType  type)
{
  da_llm_text_finish (&channel->waiting, channel->fresh);
  emit (self, type, channel->fresh);
}

DaLlmResult *
da_llm_codec_take_result (DaLlmCodec *self)
{
  DaLlmResult *result = self->result;

  g_assert (result);
  flush (self, &self->reasoning, DA_LLM_EVENT_REASONING);
  flush (self, &self->text, DA_LLM_EVENT_TEXT);
  result->tool_calls = da_llm_calls_to_json (self->calls);
  if (result->tool_calls && g_strcmp0 (result->finish_reason, "length") != 0)
    {
      g_free (result->finish_reason);
      result->finish_reason = g_strdup ("tool_calls");
    }
  if (!result->finish_reason)
    result->finish_reason = g_strdup ("stop");
  da_llm_calls_announce (self->calls, self->func, self->func_data);
  self->result = NULL;
  return result;
}
