/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-base-array-diff"

#include "da-array-diff.h"

#define NONE G_MAXUINT

typedef struct {
  GPtrArray *items;
  GPtrArray *wanted;
  DaArrayChangedFunc changed;
  gpointer data;
  guint position;              /* in items: all before it is as wanted */
  guint removed;               /* from there on, not yet done */
  guint added;
  guint next;                  /* in wanted: the first that is not in items yet */
} Step;

static void
take_step (Step *step)
{
  if (step->removed > 0)
    g_ptr_array_remove_range (step->items, step->position, step->removed);
  for (guint i = 0; i < step->added; i++)
    g_ptr_array_insert (step->items, (int) (step->position + i),
                        g_object_ref (g_ptr_array_index (step->wanted, step->next + i)));
  if (step->removed > 0 || step->added > 0)
    step->changed (step->position, step->removed, step->added, step->data);
  step->position += step->added;
  step->next += step->added;
  step->removed = step->added = 0;
}

/* Which old item each wanted one is, and the other way round; NONE when there is none that is the
 * same. */
static void
match (GPtrArray *items, GPtrArray *wanted, DaArrayKeyFunc key, GEqualFunc same, guint *to_new,
       guint *to_old)
{
  g_autoptr(GHashTable) places = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; i < items->len; i++)
    {
      to_new[i] = NONE;
      g_hash_table_insert (places, (gpointer) key (g_ptr_array_index (items, i)),
                           GUINT_TO_POINTER (i + 1));
    }
  for (guint i = 0; i < wanted->len; i++)
    {
      GObject **slot = (GObject **) &g_ptr_array_index (wanted, i);
      guint place = GPOINTER_TO_UINT (g_hash_table_lookup (places, key (*slot)));

      to_old[i] = NONE;
      if (place == 0 || to_new[place - 1] != NONE
          || !same (g_ptr_array_index (items, place - 1), *slot))
        continue;
      to_old[i] = place - 1;
      to_new[place - 1] = i;
      g_set_object (slot, g_ptr_array_index (items, place - 1));
    }
}

void
da_array_diff (GPtrArray          *items,
               GPtrArray          *wanted,
               DaArrayKeyFunc      key,
               GEqualFunc          same,
               DaArrayChangedFunc  changed,
               gpointer            data)
{
  g_autofree guint *to_new = g_new (guint, items->len + 1);
  g_autofree guint *to_old = g_new (guint, wanted->len + 1);
  const guint n_old = items->len;
  Step step = { items, wanted, changed, data, 0, 0, 0, 0 };
  guint i = 0;
  guint j = 0;

  match (items, wanted, key, same, to_new, to_old);
  while (i < n_old || j < wanted->len)
    {
      if (i < n_old && to_new[i] == NONE)
        {
          step.removed++;
          i++;
        }
      else if (j < wanted->len && to_old[j] == NONE)
        {
          step.added++;
          j++;
        }
      else if (to_new[i] == j)
        {
          take_step (&step);
          step.position++;
          step.next++;
          i++;
          j++;
        }
      /* Their ways cross: the one that went further is the one that moved. */
      else if (to_old[j] - i >= to_new[i] - j)
        {
          to_new[to_old[j]] = NONE;
          to_old[j] = NONE;
        }
      else
        {
          to_old[to_new[i]] = NONE;
          to_new[i] = NONE;
        }
    }
  take_step (&step);
}
