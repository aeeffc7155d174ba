/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-chat-request"

#include "da-chat-request.h"

#include <string.h>

#include "da-error.h"
#include "da-json.h"
#include "da-llm-request.h"
#include "da-path.h"

/* Members that are ours, or that we refuse to pass on; every other known sampling field goes to the
 * provider as it came. */
static const char *const passed_on[] = {
  "temperature", "top_p", "max_tokens", "max_completion_tokens", "stop", "seed",
  "presence_penalty", "frequency_penalty", "logit_bias", "response_format", "tools",
  "tool_choice", "parallel_tool_calls", "reasoning_effort", "verbosity", "top_k", "min_p",
  "repetition_penalty", NULL
};

DaChatRequest *
da_chat_request_ref (DaChatRequest *self)
{
  return g_rc_box_acquire (self);
}

static void
request_clear (gpointer data)
{
  DaChatRequest *self = data;

  g_clear_pointer (&self->identity, da_identity_unref);
  g_free (self->conversation_id);
  g_free (self->profile_id);
  g_free (self->model);
  g_free (self->prompt);
  g_clear_pointer (&self->messages, g_ptr_array_unref);
  g_clear_pointer (&self->extra, json_object_unref);
}

void
da_chat_request_unref (DaChatRequest *self)
{
  g_rc_box_release_full (self, request_clear);
}

static DaChatRequest *
request_alloc (void)
{
  DaChatRequest *self = g_rc_box_new0 (DaChatRequest);

  self->messages = g_ptr_array_new_with_free_func ((GDestroyNotify) da_llm_message_free);
  self->store = TRUE;
  self->send_push = TRUE;
  return self;
}

DaChatRequest *
da_chat_request_new (const char *conversation_id,
                     const char *prompt)
{
  DaChatRequest *self = request_alloc ();

  self->client = DA_CLIENT_DESKTOP;
  self->conversation_id = g_strdup (conversation_id);
  self->prompt = g_strstrip (g_strdup (prompt));
  self->stream = TRUE;
  g_ptr_array_add (self->messages, da_llm_message_new (DA_ROLE_USER, self->prompt));
  return self;
}

/* Content: text, an array of parts, or an object with a text (contract 10 2.1). Image parts become
 * Markdown images, the one form in which an image is kept in a conversation. */

static void
append_word (GString *out, const char *text)
{
  if (text == NULL || *text == '\0')
    return;
  if (out->len > 0)
    g_string_append_c (out, ' ');
  g_string_append (out, text);
}

static void
append_part (GString *out, JsonNode *node)
{
  JsonObject *part;
  JsonObject *image;
  const char *url;

  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    {
      append_word (out, json_node_get_string (node));
      return;
    }
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return;
  part = json_node_get_object (node);
  image = da_json_get_object (part, "image_url");
  url = image != NULL ? da_json_get_string (image, "url") : da_json_get_string (part, "image_url");
  if (url != NULL && strpbrk (url, " \t\r\n()<>") == NULL)
    {
      g_string_append_printf (out, "%s![image](%s)", out->len > 0 ? "\n\n" : "", url);
      return;
    }
  append_word (out, da_json_get_string (part, "text"));
  if (!json_object_has_member (part, "text"))
    append_word (out, da_json_get_string (part, "content"));
}

static char *
content_text (JsonNode *node)
{
  GString *out;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return NULL;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    return g_strdup (json_node_get_string (node));
  out = g_string_new (NULL);
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      append_part (out, node);
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        append_part (out, json_array_get_element (array, i));
    }
  return g_string_free (out, FALSE);
}

static gboolean
is_blank (const char *text)
{
  if (text == NULL)
    return TRUE;
  return text[strspn (text, " \t\r\n\v\f")] == '\0';
}

static char *
member_text (JsonObject *object, const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL ? da_json_to_string (node, FALSE) : NULL;
}

/* One entry; entries we do not know are left out, as the phone's history may hold any. */
static DaLlmMessage *
parse_message (JsonObject *object)
{
  g_autofree char *text = NULL;
  const char *role_name = da_json_get_string (object, "role");
  JsonArray *calls = da_json_get_array (object, "tool_calls");
  DaLlmMessage *message;
  DaRole role;

  if (role_name == NULL || !da_role_from_string (role_name, &role))
    return NULL;
  text = content_text (json_object_get_member (object, "content"));
  if (is_blank (text) && calls == NULL && role != DA_ROLE_TOOL)
    return NULL;
  message = da_llm_message_new (role, text);
  if (calls != NULL && json_array_get_length (calls) > 0)
    message->tool_calls = member_text (object, "tool_calls");
  message->tool_call_id = g_strdup (da_json_get_string (object, "tool_call_id"));
  return message;
}

static void
collect_messages (DaChatRequest *self,
                  JsonArray     *array)
{
  guint last_user = 0;

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonObject *object = da_json_array_get_object (array, i);
      DaLlmMessage *message = object != NULL ? parse_message (object) : NULL;

      if (message == NULL)
        continue;
      g_ptr_array_add (self->messages, message);
      if (message->role == DA_ROLE_USER && !is_blank (message->content))
        last_user = self->messages->len;
    }
  if (last_user > 0)
    {
      DaLlmMessage *message = g_ptr_array_index (self->messages, last_user - 1);

      self->prompt = g_strstrip (g_strdup (message->content));
    }
}

static void
take_fallback_prompt (DaChatRequest *self, JsonObject *body)
{
  static const char *const names[] = { "prompt", "input" };

  for (guint i = 0; i < G_N_ELEMENTS (names) && self->prompt == NULL; i++)
    {
      g_autofree char *text = NULL;

      if (json_object_has_member (body, names[i]))
        text = content_text (json_object_get_member (body, names[i]));
      if (is_blank (text))
        continue;
      self->prompt = g_strstrip (g_steal_pointer (&text));
      g_ptr_array_add (self->messages, da_llm_message_new (DA_ROLE_USER, self->prompt));
    }
}

static char *
optional_text (JsonObject *body, const char *name)
{
  const char *text = da_json_get_string (body, name);

  return text != NULL && *text != '\0' ? g_strdup (text) : NULL;
}

static void
take_extra (DaChatRequest *self, JsonObject *body)
{
  self->extra = json_object_new ();
  for (guint i = 0; passed_on[i] != NULL; i++)
    {
      JsonNode *node = json_object_get_member (body, passed_on[i]);

      if (node != NULL && !JSON_NODE_HOLDS_NULL (node))
        json_object_set_member (self->extra, passed_on[i], json_node_copy (node));
    }
}

static gboolean
take_options (DaChatRequest *self, JsonObject *body, GError **error)
{
  JsonObject *stream_options = da_json_get_object (body, "stream_options");
  gint64 choices = da_json_get_int (body, "n", 1);

  if (choices != 1)
    {
      g_set_error_literal (error, DA_ERROR, DA_ERROR_INVALID,
                           "\"n\" must be 1: one answer per request");
      return FALSE;
    }
  self->stream = da_json_get_boolean (body, "stream", FALSE);
  self->store = da_json_get_boolean (body, "store", TRUE);
  self->send_push = da_json_get_boolean (body, "send_push_notification", TRUE);
  self->include_usage = stream_options != NULL
                        && da_json_get_boolean (stream_options, "include_usage", FALSE);
  self->model = optional_text (body, "model");
  self->profile_id = optional_text (body, "profile_id");
  self->conversation_id = optional_text (body, "conversation_id");
  return self->conversation_id == NULL || da_path_check_id (self->conversation_id, error);
}

DaChatRequest *
da_chat_request_parse (JsonNode  *root,
                       GError   **error)
{
  g_autoptr(DaChatRequest) self = request_alloc ();
  JsonObject *body;
  JsonArray *messages;

  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root))
    {
      g_set_error_literal (error, DA_ERROR, DA_ERROR_INVALID,
                           "The body must be a JSON object with \"messages\"");
      return NULL;
    }
  body = json_node_get_object (root);
  messages = da_json_get_array (body, "messages");
  if (messages != NULL)
    collect_messages (self, messages);
  take_fallback_prompt (self, body);
  if (self->prompt == NULL)
    {
      g_set_error_literal (error, DA_ERROR, DA_ERROR_INVALID,
                           "\"messages\" has no user message with text");
      return NULL;
    }
  if (!take_options (self, body, error))
    return NULL;
  take_extra (self, body);
  return g_steal_pointer (&self);
}
