/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-engine-context-budget"

#include "da-context-budget.h"

#include <string.h>

#include "da-llm-context.h"

#define LONG_TOKENS 1250       /* about 5,000 characters (contract 10 9.6, step 0b) */
#define SHORT_TOKENS 1000      /* about 4,000 characters */
#define KEEP_LAST 3            /* mcpContextLastNMessages */
#define LEAST_TOKENS 32

static gint64
cost (const DaBudgetItem *item)
{
  switch (item->verdict)
    {
    case DA_BUDGET_KEEP: return item->tokens;
    case DA_BUDGET_SHORTEN: return MIN (item->tokens, item->max_tokens);
    case DA_BUDGET_FOLD: return 0;
    }
  g_assert_not_reached ();
}

static gint64
total (const DaBudgetItem *items, guint n_items)
{
  gint64 sum = 0;
  gboolean folded = FALSE;

  for (guint i = 0; i < n_items; i++)
    {
      sum += cost (&items[i]);
      folded |= items[i].verdict == DA_BUDGET_FOLD;
    }
  return sum + (folded ? DA_BUDGET_SUMMARY_TOKENS : 0);
}

static void
shorten_to (DaBudgetItem *item, gint64 tokens)
{
  if (item->tokens <= tokens)
    return;
  item->verdict = DA_BUDGET_SHORTEN;
  item->max_tokens = MAX (tokens, LEAST_TOKENS);
}

/* When even the pinned and the newest messages are too much, each gets its share of the room, the
 * question half of it. */
static void
share_out (DaBudgetItem *items, guint n_items, gint64 target)
{
  guint kept = 0;
  gint64 room = target;

  for (guint i = 0; i < n_items; i++)
    {
      kept += items[i].verdict != DA_BUDGET_FOLD;
      if (items[i].verdict == DA_BUDGET_FOLD)
        room = target - DA_BUDGET_SUMMARY_TOKENS;
    }
  room = MAX (room, 2 * LEAST_TOKENS);
  for (guint i = 0; i < n_items; i++)
    {
      if (items[i].verdict == DA_BUDGET_FOLD)
        continue;
      if (kept == 1)
        shorten_to (&items[i], room);
      else if (i == n_items - 1)
        shorten_to (&items[i], room / 2);
      else
        shorten_to (&items[i], room / 2 / (kept - 1));
    }
}

gboolean
da_context_budget_plan (DaBudgetItem *items,
                        guint         n_items,
                        gint64        target)
{
  for (guint i = 0; i < n_items; i++)
    {
      items[i].verdict = DA_BUDGET_KEEP;
      items[i].max_tokens = 0;
    }
  if (n_items == 0 || total (items, n_items) <= target)
    return FALSE;

  for (guint i = 0; i + 1 < n_items; i++)
    if (!items[i].pinned && items[i].tokens > LONG_TOKENS)
      shorten_to (&items[i], SHORT_TOKENS);

  for (guint i = 0; i + KEEP_LAST < n_items && total (items, n_items) > target; i++)
    if (!items[i].pinned)
      items[i].verdict = DA_BUDGET_FOLD;

  if (total (items, n_items) > target)
    share_out (items, n_items, target);
  return TRUE;
}

/* Cut at a character, near @bytes from the start. */
static gsize
cut_before (const char *text, gsize bytes)
{
  while (bytes > 0 && (text[bytes] & 0xc0) == 0x80)
    bytes--;
  return bytes;
}

char *
da_context_budget_shorten (const char *text,
                           gint64      max_tokens)
{
  gint64 tokens = da_llm_estimate_tokens (text);
  gsize length = strlen (text);
  gsize room, head, tail;

  if (tokens <= max_tokens)
    return g_strdup (text);
  room = (gsize) ((double) length * (double) max_tokens / (double) tokens);
  room = room > 64 ? room - 48 : room;
  head = cut_before (text, room * 2 / 3);
  tail = cut_before (text, length - room / 3);
  return g_strdup_printf ("%.*s\n[… %" G_GSIZE_FORMAT " bytes left out …]\n%s",
                          (int) head, text, tail - head, text + tail);
}
