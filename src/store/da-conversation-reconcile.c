/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-store-reconcile"

#include "da-conversation-reconcile.h"

#include <string.h>

#define PICTURE_MARK "[Image]"
/* Bounds for what counts as a picture, so that a text of brackets costs no more than its length. */
#define MAX_ALT_BYTES 2000

/* The walk over the incoming list. */
typedef struct {
  GHashTable *ids;        /* stored message ids */
  GHashTable *questions;  /* fingerprint -> GPtrArray of stored questions not met yet */
  guint       left;       /* stored questions not met yet */
  gboolean    take;       /* what comes now belongs to something new */
  gboolean    unanswered; /* the last stored message is a question nobody of ours answers */
} Walk;

static void
picture_free (gpointer data)
{
  DaReconciledPicture *picture = data;

  g_free (picture->message_id);
  g_free (picture->display_content);
  g_free (picture);
}

void
da_reconciliation_free (DaReconciliation *reconciliation)
{
  if (reconciliation == NULL)
    return;
  g_ptr_array_unref (reconciliation->append);
  g_ptr_array_unref (reconciliation->pictures);
  g_free (reconciliation);
}

/* The "]" of a bracket whose text begins at @at, without brackets inside; or NULL. */
static const char *
find_close (const char *at)
{
  for (guint i = 0; i < MAX_ALT_BYTES && at[i] != '\0' && at[i] != '['; i++)
    if (at[i] == ']')
      return at + i;
  return NULL;
}

/* Just behind a picture that begins at @at, or NULL. */
static const char *
skip_picture (const char *at)
{
  const char *close;

  if (g_str_has_prefix (at, "[Image]"))
    return at + strlen ("[Image]");
  if (g_str_has_prefix (at, "[Image: "))
    {
      close = find_close (at + 1);
      return close != NULL ? close + 1 : NULL;
    }
  if (!g_str_has_prefix (at, "!["))
    return NULL;
  close = find_close (at + 2);
  if (close == NULL ||
      (!g_str_has_prefix (close, "](data:") && !g_str_has_prefix (close, "](assets:") &&
       !g_str_has_prefix (close, "](http")))
    return NULL;
  close += 2;
  close += strcspn (close, ")([ \n\t");
  return *close == ')' ? close + 1 : NULL;
}

static gboolean
has_real_picture (const char *text)
{
  for (const char *at = strchr (text, '!'); at != NULL; at = strchr (at + 1, '!'))
    if (at[1] == '[' && skip_picture (at) != NULL)
      return TRUE;
  return FALSE;
}

char *
da_conversation_fingerprint (const char *text)
{
  GString *out = g_string_new (NULL);
  gboolean gap = FALSE;

  while (*text != '\0')
    {
      gunichar c = g_utf8_get_char (text);
      const char *behind = c == '[' || c == '!' ? skip_picture (text) : NULL;

      if (behind == NULL && g_unichar_isspace (c))
        {
          gap = out->len > 0;
          text = g_utf8_next_char (text);
          continue;
        }
      /* A picture stands alone, however much space the client leaves around it. */
      if (out->len > 0 && (gap || behind != NULL) && out->str[out->len - 1] != ' ')
        g_string_append_c (out, ' ');
      gap = FALSE;
      if (behind != NULL)
        {
          g_string_append (out, PICTURE_MARK);
          gap = TRUE;
          text = behind;
        }
      else
        {
          g_string_append_unichar (out, c);
          text = g_utf8_next_char (text);
        }
    }
  return g_string_free (out, FALSE);
}

static gboolean
is_empty (DaMessage *message)
{
  if (message->tool_calls != NULL || message->tool_results != NULL)
    return FALSE;
  for (const char *c = message->content; *c != '\0'; c = g_utf8_next_char (c))
    if (!g_unichar_isspace (g_utf8_get_char (c)))
      return FALSE;
  return TRUE;
}

static void
walk_init (Walk      *walk,
           GPtrArray *stored,
           gboolean   has_runs)
{
  walk->ids = g_hash_table_new (g_str_hash, g_str_equal);
  walk->questions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free,
                                           (GDestroyNotify) g_ptr_array_unref);
  for (guint i = 0; i < stored->len; i++)
    {
      DaMessage *message = stored->pdata[i];
      g_autofree char *print = NULL;
      GPtrArray *same;

      g_hash_table_insert (walk->ids, message->id, message);
      walk->unanswered = message->role == DA_ROLE_USER && !has_runs;
      if (message->role != DA_ROLE_USER)
        continue;
      walk->left++;
      print = da_conversation_fingerprint (message->content);
      same = g_hash_table_lookup (walk->questions, print);
      if (same == NULL)
        {
          same = g_ptr_array_new ();
          g_hash_table_insert (walk->questions, g_steal_pointer (&print), same);
        }
      g_ptr_array_add (same, message);
    }
  /* Nothing is stored yet: all of it is new, a greeting before the first question too. */
  walk->take = stored->len == 0;
}

static void
walk_clear (Walk *walk)
{
  g_hash_table_unref (walk->ids);
  g_hash_table_unref (walk->questions);
}

/* The stored question that @message is another rendering of, each met once; or NULL. */
static DaMessage *
meet_question (Walk      *walk,
               DaMessage *message)
{
  g_autofree char *print = da_conversation_fingerprint (message->content);
  GPtrArray *same = g_hash_table_lookup (walk->questions, print);
  DaMessage *by_id = g_hash_table_lookup (walk->ids, message->id);
  DaMessage *met;

  if (by_id != NULL)
    {
      g_free (print);
      print = da_conversation_fingerprint (by_id->content);
      same = g_hash_table_lookup (walk->questions, print);
      if (same != NULL && g_ptr_array_remove (same, by_id))
        walk->left--;
      return by_id;
    }
  if (same == NULL || same->len == 0)
    return NULL;
  met = same->pdata[0];
  g_ptr_array_remove_index (same, 0);
  walk->left--;
  return met;
}

static void
note_picture (DaReconciliation *result,
              DaMessage        *stored,
              DaMessage        *incoming)
{
  DaReconciledPicture *picture;

  if (stored->display_content != NULL || has_real_picture (stored->content) ||
      !has_real_picture (incoming->content))
    return;
  picture = g_new0 (DaReconciledPicture, 1);
  picture->message_id = g_strdup (stored->id);
  picture->display_content = g_strdup (incoming->content);
  g_ptr_array_add (result->pictures, picture);
}

DaReconciliation *
da_conversation_reconcile (GPtrArray *stored,
                           GPtrArray *incoming,
                           gboolean   has_runs)
{
  DaReconciliation *result = g_new0 (DaReconciliation, 1);
  Walk walk = { 0 };

  result->append = g_ptr_array_new_with_free_func (g_object_unref);
  result->pictures = g_ptr_array_new_with_free_func (picture_free);
  walk_init (&walk, stored, has_runs);
  for (guint i = 0; i < incoming->len; i++)
    {
      DaMessage *message = incoming->pdata[i];

      if (message->role == DA_ROLE_USER)
        {
          DaMessage *known = meet_question (&walk, message);

          if (known != NULL)
            note_picture (result, known, message);
          walk.take = known == NULL || (walk.unanswered && walk.left == 0);
          if (known != NULL)
            continue;
        }
      else if (message->role == DA_ROLE_SYSTEM || is_empty (message) ||
               g_hash_table_contains (walk.ids, message->id))
        {
          continue;
        }
      if (walk.take)
        g_ptr_array_add (result->append, g_object_ref (message));
    }
  walk_clear (&walk);
  return result;
}
