/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-fake-llm"

#include "da-fake-llm-play.h"

#include <string.h>

#include "da-fake-llm.h"
#include "da-json-writer.h"

#define NORMAL_TEXT "Hello from the fake provider. It answers the same every time."
#define SLOW_US     (2 * G_TIME_SPAN_SECOND)

/* Writing systems, combining marks, right to left, surrogate pairs, joined emoji, JSON's own
 * characters, and line ends that a careless reader takes for the end of a frame. */
static const char every_script_text[] =
  "Latin äöüß ñ ç ø — Ελληνικά — Кириллица — עברית — العربية — हिन्दी — বাংলা — தமிழ் — ไทย — "
  "ქართული — հայերեն — አማርኛ — 中文 — 日本語かなカナ — 한국어 — 𠜎𠜱𡿺 — 𝔉𝔯𝔞𝔨𝔱𝔲𝔯 — e\xcc\x81 — "
  "😀 👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪 — \"quotes\" \\ / <tag> & \t tab\nline\r\nend\n\nblank data: [DONE] "
  "\xe2\x80\xa8separators\xe2\x80\xa9 \xef\xbf\xbd end.";

const char *
da_fake_llm_every_script_text (void)
{
  return every_script_text;
}

static void
piece_free (gpointer data)
{
  DaFakePiece *piece = data;

  g_clear_pointer (&piece->bytes, g_bytes_unref);
  g_free (piece);
}

void
da_fake_play_clear (DaFakePlay *self)
{
  g_clear_pointer (&self->pieces, g_ptr_array_unref);
  g_free (self->id);
  g_free (self->model);
  g_free (self->prompt);
  g_free (self->redirect);
  memset (self, 0, sizeof *self);
}

static DaFakePiece *
add_piece (DaFakePlay      *self,
           DaFakePieceType  type)
{
  DaFakePiece *piece = g_new0 (DaFakePiece, 1);

  piece->type = type;
  g_ptr_array_add (self->pieces, piece);
  return piece;
}

static DaFakePiece *
add_bytes (DaFakePlay *self,
           const char *bytes,
           gssize      length)
{
  DaFakePiece *piece = add_piece (self, DA_FAKE_BYTES);

  piece->bytes = g_bytes_new (bytes, length < 0 ? strlen (bytes) : (gsize) length);
  return piece;
}

/* Every piece of the body is one HTTP chunk; splitting happens when it is written. */
static DaFakePiece *
add_chunk (DaFakePlay *self,
           const char *bytes,
           gssize      length)
{
  g_autoptr (GString) out = g_string_new (NULL);
  gsize n = length < 0 ? strlen (bytes) : (gsize) length;

  g_string_append_printf (out, "%" G_GSIZE_MODIFIER "x\r\n", n);
  g_string_append_len (out, bytes, (gssize) n);
  g_string_append (out, "\r\n");
  return add_bytes (self, out->str, (gssize) out->len);
}

static void
add_head (DaFakePlay *self,
          const char *type)
{
  g_autofree char *head = g_strdup_printf ("HTTP/1.1 200 OK\r\nContent-Type: %s\r\n"
                                           "Transfer-Encoding: chunked\r\n\r\n", type);

  add_bytes (self, head, -1);
}

static void
add_reply (DaFakePlay *self,
           const char *status_line,
           const char *headers,
           const char *body)
{
  g_autofree char *all = g_strdup_printf ("HTTP/1.1 %s\r\nContent-Type: application/json\r\n"
                                          "Content-Length: %" G_GSIZE_FORMAT "\r\n%s\r\n%s",
                                          status_line, strlen (body), headers, body);

  add_bytes (self, all, -1);
}

static void
add_error (DaFakePlay *self,
           const char *status_line,
           const char *headers,
           const char *code,
           const char *message)
{
  g_autofree char *body = g_strdup_printf ("{\"error\":{\"message\":\"%s\",\"type\":\"%s\","
                                           "\"param\":null,\"code\":\"%s\"}}", message, code, code);

  add_reply (self, status_line, headers, body);
}

/* Frames */

static void
begin_frame (DaFakePlay *self,
             GString    *out)
{
  g_string_append (out, "data: {\"id\":\"");
  g_string_append (out, self->id);
  g_string_append (out, "\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,"
                   "\"model\":");
  da_json_append_quoted (out, self->model, -1);
}

static void
append_delta (DaFakePlay *self,
              GString    *out,
              const char *member,
              const char *quoted)
{
  begin_frame (self, out);
  g_string_append_printf (out, ",\"choices\":[{\"index\":0,\"delta\":{\"%s\":%s},"
                          "\"finish_reason\":null}]}\n\n", member, quoted);
}

/* @quoted is a JSON value, which may hold half a character. */
static void
add_delta (DaFakePlay *self,
           const char *member,
           const char *quoted)
{
  g_autoptr (GString) out = g_string_new (NULL);

  append_delta (self, out, member, quoted);
  add_chunk (self, out->str, (gssize) out->len)->delay_us = self->token_delay_us;
}

static void
add_text (DaFakePlay *self,
          const char *text,
          gssize      length)
{
  g_autoptr (GString) quoted = g_string_new (NULL);

  da_json_append_quoted (quoted, text, length);
  add_delta (self, "content", quoted->str);
}

static void
add_words (DaFakePlay *self,
           const char *text)
{
  const char *start = text;

  for (const char *p = text; *p; p = g_utf8_next_char (p))
    {
      if (*p != ' ' || p == start)
        continue;
      add_text (self, start, p - start);
      start = p;
    }
  if (*start)
    add_text (self, start, -1);
}

static void
add_finish (DaFakePlay *self,
            const char *reason)
{
  g_autoptr (GString) out = g_string_new (NULL);

  begin_frame (self, out);
  g_string_append_printf (out, ",\"choices\":[{\"index\":0,\"delta\":{},"
                          "\"finish_reason\":\"%s\"}]}\n\n", reason);
  add_chunk (self, out->str, (gssize) out->len);
}

static void
add_usage (DaFakePlay *self,
           guint64     n_tokens)
{
  g_autoptr (GString) out = g_string_new (NULL);

  if (!self->include_usage)
    return;
  begin_frame (self, out);
  g_string_append_printf (out, ",\"choices\":[],\"usage\":{\"prompt_tokens\":7,"
                          "\"completion_tokens\":%" G_GUINT64_FORMAT ",\"total_tokens\":%"
                          G_GUINT64_FORMAT ",\"prompt_tokens_details\":{\"cached_tokens\":3}}}\n\n",
                          n_tokens, n_tokens + 7);
  add_chunk (self, out->str, (gssize) out->len);
}

static void
add_end (DaFakePlay *self)
{
  add_bytes (self, "0\r\n\r\n", -1);
}

static void
add_done (DaFakePlay *self,
          guint64     n_tokens)
{
  add_usage (self, n_tokens);
  add_chunk (self, "data: [DONE]\n\n", -1);
  add_end (self);
}

static void
add_whole (DaFakePlay *self,
           const char *text)
{
  g_autoptr (GString) out = g_string_new (NULL);

  g_string_append_printf (out, "{\"id\":\"%s\",\"object\":\"chat.completion\","
                          "\"created\":1700000000,\"model\":", self->id);
  da_json_append_quoted (out, self->model, -1);
  g_string_append (out, ",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
                   "\"content\":");
  da_json_append_quoted (out, text, -1);
  g_string_append (out, "},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":7,"
                   "\"completion_tokens\":5,\"total_tokens\":12}}");
  add_reply (self, "200 OK", "", out->str);
}

static void
add_answer (DaFakePlay *self,
            const char *text)
{
  if (!self->stream)
    {
      add_whole (self, text);
      return;
    }
  add_head (self, "text/event-stream");
  add_delta (self, "role", "\"assistant\"");
  add_words (self, text);
  add_finish (self, "stop");
  add_done (self, 5);
}

void
da_fake_play_append_token (DaFakePlay *self,
                           GString    *out,
                           guint64     number)
{
  g_autoptr (GString) frame = g_string_sized_new (256);
  char quoted[32];

  g_snprintf (quoted, sizeof quoted, "\"t%" G_GUINT64_FORMAT " \"", number);
  append_delta (self, frame, "content", quoted);
  g_string_append_printf (out, "%" G_GSIZE_MODIFIER "x\r\n", frame->len);
  g_string_append_len (out, frame->str, (gssize) frame->len);
  g_string_append (out, "\r\n");
}

static void
add_tokens (DaFakePlay *self,
            guint64     count)
{
  DaFakePiece *piece = add_piece (self, DA_FAKE_TOKENS);

  piece->count = count;
  piece->delay_us = self->token_delay_us;
}

/* Scripts */

static void
script_echo (DaFakePlay *self)
{
  add_answer (self, self->prompt);
}

static void
script_normal (DaFakePlay *self)
{
  add_answer (self, NORMAL_TEXT);
}

static void
script_slow_first_token (DaFakePlay *self)
{
  guint first;

  add_head (self, "text/event-stream");
  first = self->pieces->len;
  add_words (self, NORMAL_TEXT);
  ((DaFakePiece *) g_ptr_array_index (self->pieces, first))->delay_us = SLOW_US;
  add_finish (self, "stop");
  add_done (self, 5);
}

static void
script_slow_head (DaFakePlay *self)
{
  script_normal (self);
  ((DaFakePiece *) g_ptr_array_index (self->pieces, 0))->delay_us = SLOW_US;
}

static void
script_rate_limit (DaFakePlay *self)
{
  if (self->nth % 2 == 1)
    script_normal (self);
  else
    add_error (self, "429 Too Many Requests", "Retry-After: 1\r\n", "rate_limit_exceeded",
               "Rate limit reached for requests");
}

static void
script_rate_limit_always (DaFakePlay *self)
{
  add_error (self, "429 Too Many Requests", "Retry-After: 600\r\n", "rate_limit_exceeded",
             "Rate limit reached for requests");
}

static void
script_quota (DaFakePlay *self)
{
  add_error (self, "429 Too Many Requests", "", "insufficient_quota",
             "You exceeded your current quota");
}

static void
script_server_error_twice (DaFakePlay *self)
{
  if (self->nth % 3 == 2)
    script_normal (self);
  else
    add_error (self, "500 Internal Server Error", "", "server_error", "The server had an error");
}

static void
script_server_error (DaFakePlay *self)
{
  add_error (self, "502 Bad Gateway", "", "server_error", "upstream is down");
}

static void
script_garbage (DaFakePlay *self)
{
  add_head (self, "text/event-stream");
  add_text (self, "This much ", -1);
  add_text (self, "was fine.", -1);
  add_chunk (self, "data: {\"choices\":[{\"delta\":{\"content\":\x01\xff\xfe}}garbage\n\n", -1);
  add_text (self, " Never seen.", -1);
  add_finish (self, "stop");
  add_done (self, 5);
}

static void
script_cut (DaFakePlay *self)
{
  add_head (self, "text/event-stream");
  add_tokens (self, 5);
  add_piece (self, DA_FAKE_CUT)->delay_us = 20000;
}

static void
script_cut_once (DaFakePlay *self)
{
  if (self->nth % 2 == 1)
    {
      script_normal (self);
      return;
    }
  add_head (self, "text/event-stream");
  add_delta (self, "role", "\"assistant\"");
  add_piece (self, DA_FAKE_CUT)->delay_us = 20000;
}

/* As a provider whose keep-alive ran out just when we asked. */
static void
script_close_kept (DaFakePlay *self)
{
  if (self->is_reused)
    add_piece (self, DA_FAKE_CLOSE);
  else
    script_normal (self);
}

/* The body ends in order, the answer does not. */
static void
script_cut_clean (DaFakePlay *self)
{
  add_head (self, "text/event-stream");
  add_tokens (self, 5);
  add_end (self);
}

static void
script_never_ending (DaFakePlay *self)
{
  if (self->token_delay_us == 0)
    self->token_delay_us = 10000;
  add_head (self, "text/event-stream");
  add_tokens (self, G_MAXUINT64);
}

static void
script_stall (DaFakePlay *self)
{
  add_head (self, "text/event-stream");
  add_tokens (self, 3);
  add_piece (self, DA_FAKE_STALL);
}

static void
script_silent (DaFakePlay *self)
{
  add_piece (self, DA_FAKE_STALL);
}

static void
script_every_script (DaFakePlay *self)
{
  if (!self->stream)
    {
      add_whole (self, every_script_text);
      return;
    }
  add_head (self, "text/event-stream");
  for (const char *p = every_script_text; *p; p = g_utf8_next_char (p))
    add_text (self, p, g_utf8_next_char (p) - p);
  add_finish (self, "stop");
  add_done (self, 5);
}

static void
script_split_packets (DaFakePlay *self)
{
  self->split_bytes = TRUE;
  script_every_script (self);
}

/* One byte of UTF-8 for each event: the JSON of most of them is not valid text by itself. */
static void
script_split_events (DaFakePlay *self)
{
  add_head (self, "text/event-stream");
  for (const char *p = every_script_text; *p; p++)
    {
      char quoted[4] = { '"', *p, '"', '\0' };

      if ((guchar) *p < 0x80)
        add_text (self, p, 1);
      else
        add_delta (self, "content", quoted);
    }
  add_finish (self, "stop");
  add_done (self, 5);
}

/* As servers in JavaScript cut: UTF-16 halves, escaped. */
static void
script_split_surrogates (DaFakePlay *self)
{
  g_autofree gunichar2 *units = g_utf8_to_utf16 (every_script_text, -1, NULL, NULL, NULL);

  add_head (self, "text/event-stream");
  for (gsize i = 0; units[i]; i++)
    {
      char quoted[10];

      g_snprintf (quoted, sizeof quoted, "\"\\u%04x\"", units[i]);
      add_delta (self, "content", quoted);
    }
  add_finish (self, "stop");
  add_done (self, 5);
}

static void
script_context_length (DaFakePlay *self)
{
  add_error (self, "400 Bad Request", "", "context_length_exceeded",
             "This model's maximum context length is 8192 tokens");
}

static void
script_unauthorized (DaFakePlay *self)
{
  add_error (self, "401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n",
             "invalid_api_key", "Incorrect API key provided");
}

static void
script_no_model (DaFakePlay *self)
{
  add_error (self, "404 Not Found", "", "model_not_found", "The model does not exist");
}

static void
script_redirect_away (DaFakePlay *self)
{
  g_autofree char *header = g_strdup_printf ("Location: %s/v1/chat/completions\r\n",
                                             self->redirect);

  add_reply (self, "307 Temporary Redirect", header, "{}");
}

static void
script_redirect_same (DaFakePlay *self)
{
  if (self->nth % 2 == 1)
    script_normal (self);
  else
    add_reply (self, "307 Temporary Redirect", "Location: /v1/chat/completions?again=1\r\n", "{}");
}

static void
script_no_stream_options (DaFakePlay *self)
{
  if (self->has_stream_options)
    add_error (self, "400 Bad Request", "", "unknown_parameter",
               "Unrecognized request argument supplied: stream_options");
  else
    script_normal (self);
}

static void
script_no_done (DaFakePlay *self)
{
  add_head (self, "text/event-stream");
  add_words (self, NORMAL_TEXT);
  add_finish (self, "stop");
  add_end (self);
}

/* The answer is complete, and the connection just stays open. */
static void
script_no_end (DaFakePlay *self)
{
  add_head (self, "text/event-stream");
  add_words (self, NORMAL_TEXT);
  add_finish (self, "stop");
  add_piece (self, DA_FAKE_STALL);
}

/* Ends its answer and does not stop talking. */
static void
script_talks_on (DaFakePlay *self)
{
  if (self->token_delay_us == 0)
    self->token_delay_us = 10000;
  add_head (self, "text/event-stream");
  add_words (self, NORMAL_TEXT);
  add_finish (self, "stop");
  add_chunk (self, "data: [DONE]\n\n", -1);
  add_tokens (self, G_MAXUINT64);
}

static void
script_plain_json (DaFakePlay *self)
{
  add_whole (self, NORMAL_TEXT);
}

static void
script_web_page (DaFakePlay *self)
{
  add_head (self, "text/html");
  add_chunk (self, "<!doctype html><title>Sign in</title>", -1);
  add_end (self);
}

static void
script_empty (DaFakePlay *self)
{
  add_head (self, "text/event-stream");
  add_end (self);
}

static void
script_odd_framing (DaFakePlay *self)
{
  add_head (self, "text/plain");
  add_chunk (self, "\xef\xbb\xbf: a comment\r\n\r\nevent: message\r\nid: 1\r\nretry: 5\r\n", -1);
  add_chunk (self, "data:{\"choices\":[{\"delta\":{\"content\":\"no space, \"}}]}\r\n\r\n", -1);
  add_chunk (self, ": ping\n\ndata: {\"choices\":[{\"delta\":\n"
             "data: {\"content\":\"two lines, \"}}]}\n\n", -1);
  add_chunk (self, "data:{\"choices\":[{\"delta\":{\"content\":\"no last line\"},"
             "\"finish_reason\":\"stop\"}]}", -1);
  add_end (self);
}

static void
script_error_in_stream (DaFakePlay *self)
{
  add_head (self, "text/event-stream");
  add_text (self, "Half of", -1);
  add_chunk (self, "data: {\"error\":{\"message\":\"The engine is overloaded\","
             "\"type\":\"server_error\",\"code\":503}}\n\n", -1);
  add_end (self);
}

static void
script_tool_call (DaFakePlay *self)
{
  static const char *const calls[] = {
    "[{\"index\":0,\"id\":\"call_a\",\"type\":\"function\",\"function\":{\"name\":\"get_weather\","
    "\"arguments\":\"\"}}]",
    "[{\"index\":0,\"function\":{\"arguments\":\"{\\\"city\\\":\"}}]",
    "[{\"index\":0,\"function\":{\"arguments\":\"\\\"Köln\\\"}\"}}]",
    "[{\"index\":1,\"id\":\"call_b\",\"type\":\"function\",\"function\":{\"name\":\"get_time\","
    "\"arguments\":\"{}\"}}]",
  };

  add_head (self, "text/event-stream");
  add_delta (self, "role", "\"assistant\"");
  add_text (self, "Let me look.", -1);
  for (guint i = 0; i < G_N_ELEMENTS (calls); i++)
    add_delta (self, "tool_calls", calls[i]);
  add_finish (self, "tool_calls");
  add_done (self, 5);
}

static void
script_reasoning (DaFakePlay *self)
{
  add_head (self, "text/event-stream");
  add_delta (self, "reasoning_content", "\"I think \"");
  add_delta (self, "reasoning_content", "\"hard.\"");
  add_words (self, "Done thinking.");
  add_finish (self, "stop");
  add_done (self, 5);
}

static const struct {
  const char *name;
  void      (*prepare) (DaFakePlay *self);
} scripts[] = {
  { "echo", script_echo },
  { "normal", script_normal },
  { "slow-first-token", script_slow_first_token },
  { "slow-head", script_slow_head },
  { "rate-limit", script_rate_limit },
  { "rate-limit-always", script_rate_limit_always },
  { "quota", script_quota },
  { "server-error-twice", script_server_error_twice },
  { "server-error", script_server_error },
  { "garbage", script_garbage },
  { "cut", script_cut },
  { "cut-once", script_cut_once },
  { "cut-clean", script_cut_clean },
  { "close-kept", script_close_kept },
  { "never-ending", script_never_ending },
  { "stall", script_stall },
  { "silent", script_silent },
  { "every-script", script_every_script },
  { "split-packets", script_split_packets },
  { "split-events", script_split_events },
  { "split-surrogates", script_split_surrogates },
  { "context-length", script_context_length },
  { "unauthorized", script_unauthorized },
  { "no-model", script_no_model },
  { "redirect-away", script_redirect_away },
  { "redirect-same", script_redirect_same },
  { "no-stream-options", script_no_stream_options },
  { "no-done", script_no_done },
  { "no-end", script_no_end },
  { "talks-on", script_talks_on },
  { "plain-json", script_plain_json },
  { "web-page", script_web_page },
  { "empty", script_empty },
  { "odd-framing", script_odd_framing },
  { "error-in-stream", script_error_in_stream },
  { "tool-call", script_tool_call },
  { "reasoning", script_reasoning },
  { "tokens-10000", NULL },
};

const char *const *
da_fake_llm_scripts (void)
{
  static const char *names[G_N_ELEMENTS (scripts) + 1];

  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    names[i] = scripts[i].name;
  return names;
}

/* "tokens-N", any N. */
static gboolean
prepare_tokens (DaFakePlay *self,
                const char *script)
{
  guint64 count = 0;

  if (!g_str_has_prefix (script, "tokens-") ||
      !g_ascii_string_to_unsigned (script + strlen ("tokens-"), 10, 0, 100000000, &count, NULL))
    return FALSE;
  add_head (self, "text/event-stream");
  add_tokens (self, count);
  add_finish (self, "stop");
  add_done (self, count);
  return TRUE;
}

/* "cut-at-N" and "garbage-at-N": the first N pieces of the answer of "normal" (the head is one),
 * then a reset, or bytes that are no answer and the rest. */
static gboolean
prepare_fault (DaFakePlay *self,
               const char *script)
{
  gboolean cuts = g_str_has_prefix (script, "cut-at-");
  DaFakePiece *fault;
  guint64 at = 0;

  if ((!cuts && !g_str_has_prefix (script, "garbage-at-")) ||
      !g_ascii_string_to_unsigned (strstr (script, "-at-") + strlen ("-at-"), 10, 0, 10000, &at,
                                   NULL))
    return FALSE;
  script_normal (self);
  if (at >= self->pieces->len)
    return TRUE;
  if (cuts)
    {
      g_ptr_array_set_size (self->pieces, (int) at);
      add_piece (self, DA_FAKE_CUT)->delay_us = at > 0 ? 20000 : 0;
      return TRUE;
    }
  fault = at > 0 ? add_chunk (self, "data: {\"choices\":[{\"delta\":\x01\xff\xfe}}\n\n", -1)
                 : add_bytes (self, "SSH-2.0-OpenSSH_9.2\r\n", -1);
  g_ptr_array_steal_index (self->pieces, self->pieces->len - 1);
  g_ptr_array_insert (self->pieces, (int) at, fault);
  return TRUE;
}

gboolean
da_fake_play_prepare (DaFakePlay *self,
                      const char *script)
{
  self->pieces = g_ptr_array_new_with_free_func (piece_free);
  for (guint i = 0; i < G_N_ELEMENTS (scripts); i++)
    {
      if (!scripts[i].prepare || !g_str_equal (scripts[i].name, script))
        continue;
      scripts[i].prepare (self);
      return TRUE;
    }
  return prepare_tokens (self, script) || prepare_fault (self, script);
}
