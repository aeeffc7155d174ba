/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-values-conversation"

#include "da-conversation.h"

#include <string.h>

#include "da-clock.h"
#include "da-random.h"

/* Characters of a default title (contract 10, 4.2). */
#define TITLE_CHARACTERS 50

/* White space in front that is trimmed away must not hide the title; beyond this it does. */
#define MAX_PLAIN_BYTES (8 * 1024)

G_DEFINE_FINAL_TYPE (DaConversation, da_conversation, G_TYPE_OBJECT)

DaConversation *
da_conversation_new (const char *id)
{
  DaConversation *self = g_object_new (DA_TYPE_CONVERSATION, NULL);

  self->id = id != NULL ? g_strdup (id) : da_random_id ("conv");
  self->title = g_strdup ("");
  self->last_message = g_strdup ("");
  self->preview = g_strdup ("");
  self->created_at = da_clock_now_ms ();
  self->updated_at = self->created_at;
  return self;
}

/* Just behind a Markdown image that begins at @at, with its alternative text in @alt; or NULL. With
 * @last_close, the last “)” of the text, openings that never close are not searched again each. */
static const char *
skip_image (const char  *at,
            const char  *last_close,
            const char **alt,
            gsize       *alt_length)
{
  const char *close;
  const char *end;

  if (at[0] != '!' || at[1] != '[')
    return NULL;

  close = memchr (at + 2, ']', strnlen (at + 2, MAX_PLAIN_BYTES));
  if (close == NULL || close[1] != '(' || last_close == NULL || close + 2 > last_close)
    return NULL;
  end = strchr (close + 2, ')');

  *alt = at + 2;
  *alt_length = (gsize) (close - *alt);
  return end + 1;
}

/* Alternative texts stand for their images. What a title cannot show any more is not looked at: a
 * text of megabytes, or of openings that never close, costs no more than its beginning. */
char *
da_conversation_title_from (const char *text)
{
  g_autofree char *valid = g_utf8_make_valid (text != NULL ? text : "", -1);
  g_autoptr (GString) plain = g_string_new (NULL);
  g_autofree char *head = NULL;
  const char *last_close = strrchr (valid, ')');

  for (const char *at = valid; *at != '\0' && plain->len < MAX_PLAIN_BYTES;)
    {
      const char *alt;
      gsize alt_length;
      const char *next = skip_image (at, last_close, &alt, &alt_length);

      if (next != NULL)
        g_string_append_len (plain, alt, (gssize) alt_length);
      else
        {
          const char *mark;

          next = at + 1;
          mark = strchr (next, '!');
          next = mark != NULL ? mark : at + strlen (at);
          g_string_append_len (plain, at, next - at);
        }
      at = next;
    }

  g_strstrip (plain->str);
  if (plain->str[0] == '\0')
    return g_strdup ("Image");

  if (g_utf8_strlen (plain->str, -1) <= TITLE_CHARACTERS)
    return g_strdup (plain->str);

  head = g_utf8_substring (plain->str, 0, TITLE_CHARACTERS);
  return g_strconcat (head, "...", NULL);
}

gboolean
da_conversation_title_source_valid (const char *source)
{
  static const char *const sources[] = {
    "default", "local_generated", "server_generated", "manual", "system", NULL,
  };

  return source != NULL && g_strv_contains (sources, source);
}

static void
da_conversation_finalize (GObject *object)
{
  DaConversation *self = DA_CONVERSATION (object);

  g_clear_pointer (&self->id, g_free);
  g_clear_pointer (&self->title, g_free);
  g_clear_pointer (&self->title_source, g_free);
  g_clear_pointer (&self->client_session_id, g_free);
  g_clear_pointer (&self->profile_id, g_free);
  g_clear_pointer (&self->device_id, g_free);
  g_clear_pointer (&self->branch_source, g_free);
  g_clear_pointer (&self->metadata, g_free);
  g_clear_pointer (&self->last_message, g_free);
  g_clear_pointer (&self->preview, g_free);
  g_clear_pointer (&self->messages, g_ptr_array_unref);

  G_OBJECT_CLASS (da_conversation_parent_class)->finalize (object);
}

static void
da_conversation_class_init (DaConversationClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = da_conversation_finalize;
}

static void
da_conversation_init (DaConversation *self)
{
}
