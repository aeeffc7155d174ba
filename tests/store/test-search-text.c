/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-store"

#include "da-search-text.h"

static void
test_grams (void)
{
  g_autofree char *none = da_search_text_grams ("plain, ümläut, кириллица, ελληνικά");
  g_autofree char *chinese = da_search_text_grams ("hello 你好，世界!");
  g_autofree char *thai = da_search_text_grams ("สวัสดี");

  g_assert_null (none);
  g_assert_cmpstr (chinese, ==, "你 好 世 界");
  g_assert_nonnull (thai);
  g_assert_null (da_search_text_grams (NULL));
  g_assert_null (da_search_text_grams (""));
}

static const struct {
  const char *text;
  const char *expression;
} queries[] = {
  { "", NULL },
  { "  \n ", NULL },
  { "!!! ---", NULL },
  { "a", "c : \"a\"" },
  { "ab", "c : \"ab\" *" },
  { "one two", "c : \"one\" AND c : \"two\" *" },
  /* Quotes are no word characters: nothing of them may reach the expression. */
  { "say \"hi\"", "c : \"say\" AND c : \"hi\"" },
  { "NOT x OR", "c : \"NOT\" AND c : \"x\" AND c : \"OR\" *" },
  { "天气", "g : \"天 气\"" },
  { "beijing天气 ok", "c : \"beijing\" AND g : \"天 气\" AND c : \"ok\" *" },
};

static void
test_queries (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (queries); i++)
    {
      g_auto (DaSearchQuery) query = { 0 };

      da_search_query_parse (queries[i].text, "c", "g", &query);
      g_assert_cmpstr (query.expression, ==, queries[i].expression);
    }
}

static const struct {
  const char *query;
  const char *text;
  const char *snippet;
} snippets[] = {
  { "fox", "the quick brown fox", "the quick brown \2fox\3" },
  { "FOX quick", "the quick brown Fox", "the \2quick\3 brown \2Fox\3" },
  { "uber", "Über alles", "\2Über\3 alles" },
  { "qui", "quick acqui", "\2qui\3ck acqui" },
  { "quick fox", "quickly fox", "quickly \2fox\3" },
  { "天气", "今天天气很好", "今天\2天气\3很好" },
  { "x", "no match here", "no match here" },
  { "a", "\2a\3", "\2a\3" },
};

static void
test_snippets (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (snippets); i++)
    {
      g_auto (DaSearchQuery) query = { 0 };
      g_autofree char *got = NULL;

      da_search_query_parse (snippets[i].query, "c", "g", &query);
      got = da_search_text_snippet (snippets[i].text, (const char *const *) query.marks);
      g_assert_cmpstr (got, ==, snippets[i].snippet);
    }
}

static void
test_long (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_auto (DaSearchQuery) query = { 0 };
  g_autofree char *got = NULL;

  for (guint i = 0; i < 1000; i++)
    g_string_append (text, "wörter ");
  g_string_insert (text, (gssize) text->len / 2 / 8 * 8, "needle ");
  da_search_query_parse ("needle", "c", "g", &query);
  got = da_search_text_snippet (text->str, (const char *const *) query.marks);
  g_assert_nonnull (strstr (got, "\2needle\3"));
  g_assert_true (g_str_has_prefix (got, "…"));
  g_assert_true (g_str_has_suffix (got, "…"));
  g_assert_cmpuint (g_utf8_strlen (got, -1), <, 180);
  g_assert_true (g_utf8_validate (got, -1, NULL));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/store/search-text/only-dense-scripts-have-grams", test_grams);
  g_test_add_func ("/store/search-text/words-of-a-person-are-quoted", test_queries);
  g_test_add_func ("/store/search-text/matches-are-marked", test_snippets);
  g_test_add_func ("/store/search-text/a-long-text-is-cut-around-the-match", test_long);
  return g_test_run ();
}
