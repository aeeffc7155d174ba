/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-context-budget"

#include "da-context-budget.h"

#include <string.h>

#include "da-llm-context.h"

static gint64
cost_of (const DaBudgetItem *items, guint n)
{
  gint64 sum = 0;
  gboolean folded = FALSE;

  for (guint i = 0; i < n; i++)
    {
      if (items[i].verdict == DA_BUDGET_KEEP)
        sum += items[i].tokens;
      else if (items[i].verdict == DA_BUDGET_SHORTEN)
        sum += MIN (items[i].tokens, items[i].max_tokens);
      else
        folded = TRUE;
    }
  return sum + (folded ? DA_BUDGET_SUMMARY_TOKENS : 0);
}

static void
test_what_fits_is_left_alone (void)
{
  DaBudgetItem items[] = { { .tokens = 10, .pinned = TRUE }, { .tokens = 50 }, { .tokens = 40 } };

  g_assert_false (da_context_budget_plan (items, 3, 100));
  for (guint i = 0; i < 3; i++)
    g_assert_cmpint (items[i].verdict, ==, DA_BUDGET_KEEP);
  g_assert_false (da_context_budget_plan (items, 0, 100));
}

static void
test_long_old_messages_are_shortened_first (void)
{
  DaBudgetItem items[] = { { .tokens = 9000 }, { .tokens = 50 }, { .tokens = 40 } };

  g_assert_true (da_context_budget_plan (items, 3, 2000));
  g_assert_cmpint (items[0].verdict, ==, DA_BUDGET_SHORTEN);
  g_assert_cmpint (items[1].verdict, ==, DA_BUDGET_KEEP);
  g_assert_cmpint (items[2].verdict, ==, DA_BUDGET_KEEP);
}

static void
test_the_oldest_are_folded_and_the_system_prompt_never (void)
{
  DaBudgetItem items[12] = { { .tokens = 100, .pinned = TRUE } };

  for (guint i = 1; i < 12; i++)
    items[i].tokens = 200;
  g_assert_true (da_context_budget_plan (items, 12, 1500));
  g_assert_cmpint (items[0].verdict, ==, DA_BUDGET_KEEP);
  g_assert_cmpint (items[1].verdict, ==, DA_BUDGET_FOLD);
  g_assert_cmpint (items[11].verdict, ==, DA_BUDGET_KEEP);
  g_assert_cmpint (cost_of (items, 12), <=, 1500);
}

/* Whatever the sizes, the plan fits: the conversation never stops. */
static void
test_every_mixture_fits (void)
{
  GRand *rand = g_rand_new_with_seed (20261122);

  for (guint round = 0; round < 5000; round++)
    {
      DaBudgetItem items[40] = { 0 };
      guint n = (guint) g_rand_int_range (rand, 1, 40);
      gint64 target = g_rand_int_range (rand, 2000, 20000);

      for (guint i = 0; i < n; i++)
        {
          items[i].tokens = g_rand_int_range (rand, 0, g_rand_boolean (rand) ? 100 : 40000);
          items[i].pinned = i == 0;
        }
      da_context_budget_plan (items, n, target);
      g_assert_cmpint (cost_of (items, n), <=, target);
      g_assert_cmpint (items[n - 1].verdict, !=, DA_BUDGET_FOLD);
    }
  g_rand_free (rand);
}

static void
test_shortening_keeps_head_and_tail_and_whole_characters (void)
{
  g_autoptr(GString) text = g_string_new ("START");
  g_autofree char *shorter = NULL;

  for (guint i = 0; i < 5000; i++)
    g_string_append (text, "ü€😀");
  g_string_append (text, "END");
  shorter = da_context_budget_shorten (text->str, 500);
  g_assert_true (g_utf8_validate (shorter, -1, NULL));
  g_assert_true (g_str_has_prefix (shorter, "START"));
  g_assert_true (g_str_has_suffix (shorter, "END"));
  g_assert_cmpint (da_llm_estimate_tokens (shorter), <=, 520);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/engine/context-budget/what-fits-is-left-alone", test_what_fits_is_left_alone);
  g_test_add_func ("/engine/context-budget/long-old-messages-are-shortened-first",
                   test_long_old_messages_are_shortened_first);
  g_test_add_func ("/engine/context-budget/the-oldest-are-folded-and-the-system-prompt-never",
                   test_the_oldest_are_folded_and_the_system_prompt_never);
  g_test_add_func ("/engine/context-budget/every-mixture-fits", test_every_mixture_fits);
  g_test_add_func ("/engine/context-budget/shortening-keeps-head-and-tail-and-whole-characters",
                   test_shortening_keeps_head_and_tail_and_whole_characters);
  return g_test_run ();
}
