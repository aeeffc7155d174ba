/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-values-message"

#include "da-message.h"

#include "da-clock.h"
#include "da-random.h"

G_DEFINE_FINAL_TYPE (DaMessage, da_message, G_TYPE_OBJECT)

static const char *const role_names[] = {
  [DA_ROLE_USER] = "user",
  [DA_ROLE_ASSISTANT] = "assistant",
  [DA_ROLE_TOOL] = "tool",
  [DA_ROLE_SYSTEM] = "system",
};

const char *
da_role_to_string (DaRole role)
{
  g_assert ((guint) role < G_N_ELEMENTS (role_names));

  return role_names[role];
}

gboolean
da_role_from_string (const char *text,
                     DaRole     *out)
{
  if (text == NULL)
    return FALSE;

  for (guint i = 0; i < G_N_ELEMENTS (role_names); i++)
    {
      if (g_ascii_strcasecmp (text, role_names[i]) == 0)
        {
          *out = (DaRole) i;
          return TRUE;
        }
    }

  if (g_ascii_strcasecmp (text, "developer") != 0)
    return FALSE;

  *out = DA_ROLE_SYSTEM;
  return TRUE;
}

DaMessage *
da_message_new (DaRole      role,
                const char *content)
{
  DaMessage *self = g_object_new (DA_TYPE_MESSAGE, NULL);

  self->id = da_random_id ("msg");
  self->role = role;
  self->content = g_utf8_make_valid (content != NULL ? content : "", -1);
  self->timestamp = da_clock_now_ms ();
  return self;
}

static void
da_message_finalize (GObject *object)
{
  DaMessage *self = DA_MESSAGE (object);

  g_clear_pointer (&self->id, g_free);
  g_clear_pointer (&self->content, g_free);
  g_clear_pointer (&self->tool_calls, g_free);
  g_clear_pointer (&self->tool_results, g_free);
  g_clear_pointer (&self->display_content, g_free);
  g_clear_pointer (&self->run_id, g_free);
  g_clear_pointer (&self->finish_reason, g_free);

  G_OBJECT_CLASS (da_message_parent_class)->finalize (object);
}

static void
da_message_class_init (DaMessageClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = da_message_finalize;
}

static void
da_message_init (DaMessage *self)
{
  self->sequence = -1;
}
