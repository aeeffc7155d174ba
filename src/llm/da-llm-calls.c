/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-llm-calls"

#include "da-llm-calls.h"

#include <string.h>

#include "da-json-writer.h"
#include "da-random.h"

/* More calls in one answer are noise. */
#define MAX_CALLS 128

typedef struct {
  gint64    index;         /* as the provider numbered it; -1 when it did not */
  char     *id;            /* (nullable) */
  GString  *name;
  GString  *arguments;
  DaLlmText waiting;       /* half a character of the arguments */
} Call;

struct _DaLlmCalls {
  GPtrArray *calls;        /* (element-type Call) in order of appearance */
};

/* One element of a delta. */
typedef struct {
  gint64    index;
  DaLlmSpan id;
  DaLlmSpan name;
  DaLlmSpan arguments;
  gboolean  has_id, has_name, has_arguments, is_object;
} Delta;

static void
call_free (gpointer data)
{
  Call *call = data;

  g_free (call->id);
  g_string_free (call->name, TRUE);
  g_string_free (call->arguments, TRUE);
  g_free (call);
}

DaLlmCalls *
da_llm_calls_new (void)
{
  DaLlmCalls *self = g_new0 (DaLlmCalls, 1);

  self->calls = g_ptr_array_new_with_free_func (call_free);
  return self;
}

void
da_llm_calls_free (DaLlmCalls *self)
{
  if (!self)
    return;
  g_ptr_array_unref (self->calls);
  g_free (self);
}

static Call *
add_call (DaLlmCalls  *self,
          const Delta *delta)
{
  Call *call;

  if (self->calls->len >= MAX_CALLS)
    return NULL;
  call = g_new0 (Call, 1);
  call->index = delta->index;
  call->name = g_string_new (NULL);
  call->arguments = g_string_new (NULL);
  if (delta->has_id)
    call->id = da_llm_span_dup (&delta->id);
  g_ptr_array_add (self->calls, call);
  return call;
}

static gboolean
is_id (const Call  *call,
       const Delta *delta)
{
  g_autofree char *id = da_llm_span_dup (&delta->id);

  return g_strcmp0 (call->id, id) == 0;
}

/* The call that @delta continues, or NULL when it begins one. Looks from the end: a provider that
 * numbers every call 0 means its latest. */
static Call *
find_call (DaLlmCalls  *self,
           const Delta *delta)
{
  for (guint i = self->calls->len; i > 0; i--)
    {
      Call *call = g_ptr_array_index (self->calls, i - 1);

      if (delta->index >= 0 && call->index != delta->index)
        continue;
      if (delta->has_id && call->id && !is_id (call, delta))
        {
          if (delta->index >= 0 && !delta->has_name)
            return call;
          continue;
        }
      /* Without number and id, a name begins a whole new call. */
      if (delta->index < 0 && !delta->has_id && delta->has_name)
        return NULL;
      return call;
    }
  return NULL;
}

static void
read_function (DaLlmScan *scan,
               Delta     *delta)
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
      if (da_llm_span_is (&name, "name"))
        delta->has_name = da_llm_scan_string (scan, &delta->name) && delta->name.length > 0;
      else if (!da_llm_span_is (&name, "arguments"))
        da_llm_scan_skip (scan, NULL);
      else if (da_llm_scan_peek (scan) == DA_LLM_SCAN_OBJECT)
        {
          da_llm_scan_skip (scan, &delta->arguments);
          delta->has_arguments = delta->is_object = TRUE;
        }
      else
        delta->has_arguments = da_llm_scan_string (scan, &delta->arguments);
    }
}

static gboolean
read_delta (DaLlmScan *scan,
            Delta     *delta)
{
  DaLlmSpan name;

  delta->index = -1;
  if (da_llm_scan_peek (scan) != DA_LLM_SCAN_OBJECT)
    {
      da_llm_scan_skip (scan, NULL);
      return FALSE;
    }
  if (!da_llm_scan_enter_object (scan))
    return FALSE;
  while (da_llm_scan_next_member (scan, &name))
    {
      if (da_llm_span_is (&name, "index"))
        da_llm_scan_int (scan, &delta->index);
      else if (da_llm_span_is (&name, "id"))
        delta->has_id = da_llm_scan_string (scan, &delta->id) && delta->id.length > 0;
      else if (da_llm_span_is (&name, "function"))
        read_function (scan, delta);
      else
        da_llm_scan_skip (scan, NULL);
    }
  return !scan->failed;
}

static gsize
apply_delta (DaLlmCalls  *self,
             const Delta *delta)
{
  Call *call = find_call (self, delta);

  if (!call)
    call = add_call (self, delta);
  if (!call)
    return 0;
  if (delta->has_id && !call->id)
    call->id = da_llm_span_dup (&delta->id);
  /* The name comes whole; a provider that repeats it in every delta must not double it. */
  if (delta->has_name && call->name->len == 0)
    {
      g_autofree char *name = da_llm_span_dup (&delta->name);

      g_string_assign (call->name, name);
    }
  if (delta->is_object)
    g_string_append_len (call->arguments, delta->arguments.text, (gssize) delta->arguments.length);
  else if (delta->has_arguments)
    da_llm_text_append (&call->waiting, call->arguments, &delta->arguments);
  return delta->arguments.length + 16;
}

gsize
da_llm_calls_read (DaLlmCalls *self,
                   DaLlmScan  *scan)
{
  gsize added = 0;

  if (da_llm_scan_peek (scan) != DA_LLM_SCAN_ARRAY)
    {
      da_llm_scan_skip (scan, NULL);
      return 0;
    }
  if (!da_llm_scan_enter_array (scan))
    return 0;
  while (da_llm_scan_next_element (scan))
    {
      Delta delta = { 0 };

      if (read_delta (scan, &delta))
        added += apply_delta (self, &delta);
    }
  return added;
}

char *
da_llm_calls_to_json (DaLlmCalls *self)
{
  g_autoptr (DaJsonWriter) writer = NULL;

  if (self->calls->len == 0)
    return NULL;
  writer = da_json_writer_new (512);
  da_json_writer_begin_array (writer, NULL);
  for (guint i = 0; i < self->calls->len; i++)
    {
      Call *call = g_ptr_array_index (self->calls, i);

      da_llm_text_finish (&call->waiting, call->arguments);
      if (!call->id)
        {
          g_autofree char *tail = da_random_hex (12);

          call->id = g_strconcat ("call_", tail, NULL);
        }
      da_json_writer_begin_object (writer, NULL);
      da_json_writer_string (writer, "id", call->id);
      da_json_writer_string (writer, "type", "function");
      da_json_writer_begin_object (writer, "function");
      da_json_writer_string (writer, "name", call->name->str);
      da_json_writer_string (writer, "arguments",
                             call->arguments->len > 0 ? call->arguments->str : "{}");
      da_json_writer_end_object (writer);
      da_json_writer_end_object (writer);
    }
  da_json_writer_end_array (writer);
  return da_json_writer_free_to_string (g_steal_pointer (&writer));
}

void
da_llm_calls_announce (DaLlmCalls     *self,
                       DaLlmEventFunc  func,
                       gpointer        func_data)
{
  for (guint i = 0; func && i < self->calls->len; i++)
    {
      Call *call = g_ptr_array_index (self->calls, i);
      DaLlmEvent event = {
        .type = DA_LLM_EVENT_TOOL_CALL, .text = call->name->str, .length = call->name->len,
      };

      func (&event, func_data);
    }
}
