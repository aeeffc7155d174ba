/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-server-chat"

#include "da-chat-frames.h"

#include <string.h>

#include "da-json.h"

/* Contract 10 2.5: the history in progress is a window. */
#define HISTORY_WINDOW 120
/* A provider's tool calls are its own text; more than this is no call. */
#define TOOL_CALLS_BYTES (4 * 1024 * 1024)

static void
make_prefix (DaChatFrames *self)
{
  GString *prefix = g_string_new ("data: {\"id\":");

  da_json_append_quoted (prefix, self->id, -1);
  g_string_append_printf (prefix, ",\"object\":\"chat.completion.chunk\",\"created\":%"
                          G_GINT64_FORMAT ",\"model\":", self->created);
  da_json_append_quoted (prefix, self->model, -1);
  if (self->with_usage)
    g_string_append (prefix, ",\"usage\":null");
  g_string_append (prefix, ",\"choices\":[{\"index\":0,\"delta\":");
  g_free (self->prefix);
  self->prefix = g_string_free (prefix, FALSE);
}

void
da_chat_frames_init (DaChatFrames *self,
                     const char   *run_id,
                     gint64        created,
                     gboolean      with_usage)
{
  const char *bare = g_str_has_prefix (run_id, "run_") ? run_id + 4 : run_id;

  memset (self, 0, sizeof *self);
  self->id = g_strconcat ("chatcmpl-", bare, NULL);
  self->model = g_strdup ("");
  self->created = created;
  self->with_usage = with_usage;
  make_prefix (self);
}

void
da_chat_frames_clear (DaChatFrames *self)
{
  g_clear_pointer (&self->id, g_free);
  g_clear_pointer (&self->model, g_free);
  g_clear_pointer (&self->prefix, g_free);
}

void
da_chat_frames_set_model (DaChatFrames *self,
                          const char   *model)
{
  if (model == NULL || strcmp (model, self->model) == 0)
    return;

  g_free (self->model);
  self->model = g_strdup (model);
  make_prefix (self);
}

void
da_chat_frames_delta (const DaChatFrames *self,
                      GString            *out,
                      const char         *text,
                      gsize               length)
{
  g_string_append (out, self->prefix);
  g_string_append (out, "{\"content\":");
  da_json_append_quoted (out, text, (gssize) length);
  g_string_append (out, "},\"finish_reason\":null}]}\n\n");
}

void
da_chat_frames_heartbeat (const DaChatFrames *self,
                          GString            *out)
{
  g_string_append (out, self->prefix);
  g_string_append (out, "{},\"finish_reason\":null}],\"type\":\"heartbeat\"}\n\n");
}

static void
write_message (DaJsonWriter *writer,
               DaMessage    *message,
               gboolean      for_progress)
{
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "role", da_role_to_string (message->role));
  da_json_writer_string (writer, "content", message->content);
  da_json_writer_opt_raw (writer, "toolCalls", message->tool_calls);
  da_json_writer_opt_raw (writer, "toolResults", message->tool_results);
  if (for_progress)
    da_json_writer_opt_string (writer, "displayContent", message->display_content);
  da_json_writer_int (writer, "timestamp", message->timestamp);
  da_json_writer_end_object (writer);
}

static void
write_plain (DaJsonWriter *writer,
             const char   *role,
             const char   *content)
{
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "role", role);
  da_json_writer_string (writer, "content", content);
  da_json_writer_end_object (writer);
}

/* The conversation as it was when the run began, and the answer. Returns the number of messages. */
static guint
write_history (DaJsonWriter         *writer,
               const char           *name,
               const DaChatProgress *progress,
               guint                 skip,
               gboolean              for_progress)
{
  DaConversation *conversation = progress->conversation;
  guint n = 0;

  da_json_writer_begin_array (writer, name);
  if (conversation != NULL && conversation->messages != NULL)
    {
      for (; n < conversation->messages->len; n++)
        if (n >= skip)
          write_message (writer, conversation->messages->pdata[n], for_progress);
    }
  else if (progress->prompt != NULL)
    {
      write_plain (writer, "user", progress->prompt);
      n++;
    }
  if (progress->answer != NULL)
    {
      write_message (writer, progress->answer, for_progress);
      n++;
    }
  da_json_writer_end_array (writer);
  return n;
}

static guint
count_skipped (const DaChatProgress *progress)
{
  DaConversation *conversation = progress->conversation;
  guint n;

  if (conversation == NULL || conversation->messages == NULL)
    return 0;
  n = conversation->messages->len + (progress->answer != NULL ? 1 : 0);
  return n > HISTORY_WINDOW ? n - HISTORY_WINDOW : 0;
}

static void
write_steps (DaJsonWriter         *writer,
             const DaChatProgress *progress)
{
  /* Always an array: the app calls array methods on it. Empty for plain text, or a step would
   * become visible text (contract 40). */
  da_json_writer_begin_array (writer, "steps");
  if (progress->step != NULL)
    da_json_writer_raw (writer, NULL, progress->step);
  da_json_writer_end_array (writer);
  da_json_writer_begin_array (writer, "stepSummaries");
  da_json_writer_end_array (writer);
}

static void
write_progress (DaJsonWriter         *writer,
                const char           *model,
                const DaChatProgress *progress)
{
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "sessionId", progress->session_id);
  da_json_writer_int (writer, "runId", progress->run_number);
  da_json_writer_string (writer, "conversationId", progress->conversation_id);
  da_json_writer_int (writer, "currentIteration", progress->is_first ? 0 : 1);
  da_json_writer_null (writer, "maxIterations");
  write_steps (writer, progress);
  da_json_writer_boolean (writer, "isComplete", progress->is_complete);
  da_json_writer_string (writer, "conversationState", progress->state);
  da_json_writer_int (writer, "sessionStartIndex", 0);
  da_json_writer_opt_string (writer, "conversationTitle", progress->title);
  da_json_writer_opt_raw (writer, "retryInfo", progress->retry);
  if (progress->text != NULL)
    {
      da_json_writer_begin_object (writer, "streamingContent");
      da_json_writer_string_len (writer, "text", progress->text, (gssize) progress->text_length);
      da_json_writer_boolean (writer, "isStreaming", !progress->is_complete);
      da_json_writer_end_object (writer);
    }
  if (progress->is_complete && progress->answer != NULL)
    da_json_writer_string (writer, "finalContent", progress->answer->content);
  if (progress->with_history)
    {
      guint skip = count_skipped (progress);
      guint total = write_history (writer, "conversationHistory", progress, skip, TRUE);

      da_json_writer_int (writer, "conversationHistoryStartIndex", skip);
      da_json_writer_int (writer, "conversationHistoryTotalCount", total);
    }
  if (progress->provider != NULL && model[0] != '\0')
    {
      da_json_writer_begin_object (writer, "modelInfo");
      da_json_writer_string (writer, "provider", progress->provider);
      da_json_writer_string (writer, "model", model);
      da_json_writer_end_object (writer);
    }
  da_json_writer_end_object (writer);
}

void
da_chat_frames_progress (const DaChatFrames   *self,
                         GString              *out,
                         const DaChatProgress *progress)
{
  DaJsonWriter *writer;

  g_string_append (out, self->prefix);
  g_string_append (out, progress->is_first ? "{\"role\":\"assistant\",\"content\":\"\"}" : "{}");
  g_string_append (out, ",\"finish_reason\":null}],\"type\":\"progress\",\"data\":");
  writer = da_json_writer_new_on (out);
  write_progress (writer, self->model, progress);
  da_json_writer_free (writer);
  g_string_append (out, "}\n\n");
}

/* A stream's tool calls carry their position, unlike those of a whole answer. */
static void
write_indexed_calls (DaJsonWriter *writer,
                     JsonArray    *calls)
{
  da_json_writer_begin_array (writer, NULL);
  for (guint i = 0; i < json_array_get_length (calls); i++)
    {
      JsonObject *call = da_json_array_get_object (calls, i);
      g_autoptr (GList) members = call != NULL ? json_object_get_members (call) : NULL;

      da_json_writer_begin_object (writer, NULL);
      da_json_writer_int (writer, "index", i);
      for (GList *item = members; item != NULL; item = item->next)
        if (strcmp (item->data, "index") != 0)
          da_json_writer_node (writer, item->data, json_object_get_member (call, item->data));
      da_json_writer_end_object (writer);
    }
  da_json_writer_end_array (writer);
}

void
da_chat_frames_tool_calls (const DaChatFrames *self,
                           GString            *out,
                           const char         *tool_calls)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) node = NULL;
  DaJsonWriter *writer;

  node = da_json_parse (tool_calls, strlen (tool_calls), TOOL_CALLS_BYTES, &error);
  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    {
      g_warning ("Tool calls that are no JSON array are not passed on");
      return;
    }

  g_string_append (out, self->prefix);
  g_string_append (out, "{\"tool_calls\":");
  writer = da_json_writer_new_on (out);
  write_indexed_calls (writer, json_node_get_array (node));
  da_json_writer_free (writer);
  g_string_append (out, "},\"finish_reason\":null}]}\n\n");
}

void
da_chat_frames_done (const DaChatFrames   *self,
                     GString              *out,
                     const char           *finish_reason,
                     const char           *content,
                     const DaChatProgress *progress)
{
  DaJsonWriter *writer;

  g_string_append (out, self->prefix);
  g_string_append (out, "{},\"finish_reason\":");
  da_json_append_quoted (out, finish_reason, -1);
  g_string_append (out, "}],\"type\":\"done\",\"data\":");
  writer = da_json_writer_new_on (out);
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "content", content);
  da_json_writer_string (writer, "conversation_id", progress->conversation_id);
  write_history (writer, "conversation_history", progress, 0, FALSE);
  da_json_writer_string (writer, "model", self->model);
  da_json_writer_end_object (writer);
  da_json_writer_free (writer);
  g_string_append (out, "}\n\n");
}

static void
write_usage (DaJsonWriter *writer,
             gint64        input_tokens,
             gint64        output_tokens)
{
  da_json_writer_begin_object (writer, "usage");
  da_json_writer_int (writer, "prompt_tokens", input_tokens);
  da_json_writer_int (writer, "completion_tokens", output_tokens);
  da_json_writer_int (writer, "total_tokens", input_tokens + output_tokens);
  da_json_writer_end_object (writer);
}

void
da_chat_frames_usage (const DaChatFrames *self,
                      GString            *out,
                      gint64              input_tokens,
                      gint64              output_tokens)
{
  DaJsonWriter *writer;

  g_string_append (out, "data: ");
  writer = da_json_writer_new_on (out);
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "id", self->id);
  da_json_writer_string (writer, "object", "chat.completion.chunk");
  da_json_writer_int (writer, "created", self->created);
  da_json_writer_string (writer, "model", self->model);
  da_json_writer_begin_array (writer, "choices");
  da_json_writer_end_array (writer);
  write_usage (writer, input_tokens, output_tokens);
  da_json_writer_end_object (writer);
  da_json_writer_free (writer);
  g_string_append (out, "\n\n");
}

void
da_chat_frames_error (GString    *out,
                      const char *message,
                      const char *kind)
{
  DaJsonWriter *writer;

  g_string_append (out, "data: ");
  writer = da_json_writer_new_on (out);
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "type", "error");
  da_json_writer_begin_object (writer, "data");
  da_json_writer_string (writer, "message", message);
  da_json_writer_end_object (writer);
  da_json_writer_begin_object (writer, "error");
  da_json_writer_string (writer, "message", message);
  da_json_writer_string (writer, "type", "server_error");
  da_json_writer_string (writer, "code", kind);
  da_json_writer_end_object (writer);
  da_json_writer_end_object (writer);
  da_json_writer_free (writer);
  g_string_append (out, "\n\n");
}

void
da_chat_frames_end (GString *out)
{
  g_string_append (out, "event: done\ndata: [DONE]\n\n");
}

void
da_chat_frames_completion (const DaChatFrames   *self,
                           DaJsonWriter         *writer,
                           const char           *finish_reason,
                           const char           *content,
                           const char           *tool_calls,
                           gint64                input_tokens,
                           gint64                output_tokens,
                           const DaChatProgress *progress)
{
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_string (writer, "id", self->id);
  da_json_writer_string (writer, "object", "chat.completion");
  da_json_writer_int (writer, "created", self->created);
  da_json_writer_string (writer, "model", self->model);
  da_json_writer_begin_array (writer, "choices");
  da_json_writer_begin_object (writer, NULL);
  da_json_writer_int (writer, "index", 0);
  da_json_writer_begin_object (writer, "message");
  da_json_writer_string (writer, "role", "assistant");
  if (tool_calls != NULL && content[0] == '\0')
    da_json_writer_null (writer, "content");
  else
    da_json_writer_string (writer, "content", content);
  da_json_writer_opt_raw (writer, "tool_calls", tool_calls);
  da_json_writer_end_object (writer);
  da_json_writer_string (writer, "finish_reason", finish_reason);
  da_json_writer_end_object (writer);
  da_json_writer_end_array (writer);
  write_usage (writer, input_tokens, output_tokens);
  da_json_writer_string (writer, "conversation_id", progress->conversation_id);
  write_history (writer, "conversation_history", progress, 0, FALSE);
  da_json_writer_end_object (writer);
}

const char *
da_chat_finish_reason (const char *reason)
{
  static const char *const known[] = { "stop", "length", "tool_calls", "content_filter" };

  for (gsize i = 0; reason != NULL && i < G_N_ELEMENTS (known); i++)
    if (strcmp (reason, known[i]) == 0)
      return known[i];

  /* Our own words ("cancelled") are none that an SDK knows. */
  return "stop";
}

gsize
da_chat_whole_characters (const char *text,
                          gsize       length)
{
  gsize back = 0;

  /* The start of the last character is at most three bytes before the last byte. */
  while (back < 4 && back < length)
    {
      guchar c = (guchar) text[length - 1 - back];
      gsize needed;

      back++;
      if ((c & 0xc0) == 0x80)
        continue;
      needed = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
      return needed > back ? length - back : length;
    }

  /* No start at all: not UTF-8, so there is nothing to keep whole. */
  return length;
}
