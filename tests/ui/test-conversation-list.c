/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-conversation-list"

#include "da-conversation-list.h"

#include "da-test-util.h"
#include "da-worker.h"
#include "ui-sample.h"

#define HOUR (60LL * 60 * 1000)

typedef struct {
  char *root;
  DaEngine *engine;
  DaConversation *old;
  DaConversation *middle;
  DaConversation *young;
  DaConversationList *list;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  self->root = da_test_make_dir ();
  self->engine = ui_sample_engine (self->root);
  self->old = ui_sample_conversation (self->engine, "Old", 2, 50 * HOUR);
  self->middle = ui_sample_conversation (self->engine, "Middle", 4, 5 * HOUR);
  self->young = ui_sample_conversation (self->engine, "Young", 2, HOUR);
  self->list = da_conversation_list_new (self->engine);
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  da_test_await_finalize (self->list);
  g_clear_object (&self->old);
  g_clear_object (&self->middle);
  g_clear_object (&self->young);
  ui_sample_engine_stop (self->engine);
  da_test_remove_tree (self->root);
  g_free (self->root);
}

/* The titles in order, as "Young, Middle, Old". */
static char *
titles (Fixture *self)
{
  g_autoptr(GString) out = g_string_new (NULL);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->list));

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(DaConversation) item = g_list_model_get_item (G_LIST_MODEL (self->list), i);

      g_string_append_printf (out, "%s%s", i > 0 ? ", " : "", item->title);
    }
  return g_strdup (out->str);
}

typedef struct {
  Fixture *fixture;
  const char *expected;
} Expect;

static gboolean
shows (gpointer data)
{
  Expect *expect = data;
  g_autofree char *now = titles (expect->fixture);

  return g_strcmp0 (now, expect->expected) == 0
         && !da_conversation_list_get_loading (expect->fixture->list);
}

static void
await_titles (Fixture *self, const char *expected)
{
  Expect expect = { self, expected };

  da_test_await (shows, &expect);
}

static void
test_newest_first (Fixture *self, gconstpointer data)
{
  await_titles (self, "Young, Middle, Old");
  g_assert_false (da_conversation_list_get_has_more (self->list));
  g_assert_cmpint (da_conversation_list_section_of (self->list, self->old), ==,
                   DA_CONVERSATION_SECTION_RECENT);
}

static void
rename_to (Fixture *self, DaConversation *conversation, const char *title)
{
  g_autoptr(GAsyncResult) result = NULL;
  g_autoptr(GError) error = NULL;

  da_engine_rename_conversation_async (self->engine, conversation->id, title, NULL,
                                       da_test_async_cb, &result);
  da_test_run_async (&result);
  da_engine_rename_conversation_finish (self->engine, result, &error);
  g_assert_no_error (error);
}

static void
test_follows_a_rename (Fixture *self, gconstpointer data)
{
  await_titles (self, "Young, Middle, Old");
  rename_to (self, self->middle, "Other");
  await_titles (self, "Young, Other, Old");
}

static void
count_changed (GListModel *model, guint position, guint removed, guint added, guint *count)
{
  *count += removed + added;
}

static gboolean
is_two (gpointer data)
{
  return *(guint *) data == 2;
}

static void
test_touches_only_what_changed (Fixture *self, gconstpointer data)
{
  guint count = 0;

  await_titles (self, "Young, Middle, Old");
  g_signal_connect (self->list, "items-changed", G_CALLBACK (count_changed), &count);
  rename_to (self, self->middle, "Other");
  await_titles (self, "Young, Other, Old");
  g_assert_cmpuint (count, ==, 2);
}

static void
test_follows_delete_and_restore (Fixture *self, gconstpointer data)
{
  g_autoptr(GAsyncResult) deleted = NULL;
  g_autoptr(GAsyncResult) restored = NULL;

  da_engine_delete_conversation_async (self->engine, self->middle->id, NULL, da_test_async_cb,
                                       &deleted);
  da_test_run_async (&deleted);
  g_assert_true (da_engine_delete_conversation_finish (self->engine, deleted, NULL));
  await_titles (self, "Young, Old");
  da_engine_restore_conversation_async (self->engine, self->middle->id, NULL, da_test_async_cb,
                                        &restored);
  da_test_run_async (&restored);
  g_assert_true (da_engine_restore_conversation_finish (self->engine, restored, NULL));
  await_titles (self, "Young, Middle, Old");
}

static void
test_pinned_come_first (Fixture *self, gconstpointer data)
{
  await_titles (self, "Young, Middle, Old");
  da_conversation_list_set_pinned (self->list, self->old->id, TRUE);
  await_titles (self, "Old, Young, Middle");
  g_assert_cmpint (da_conversation_list_section_of (self->list, self->old), ==,
                   DA_CONVERSATION_SECTION_PINNED);
  da_conversation_list_set_pinned (self->list, self->old->id, FALSE);
  await_titles (self, "Young, Middle, Old");
}

/* The newest one is first before and after: only its section changes. */
static void
test_pinning_the_first_is_told (Fixture *self, gconstpointer data)
{
  guint count = 0;

  await_titles (self, "Young, Middle, Old");
  g_signal_connect (self->list, "items-changed", G_CALLBACK (count_changed), &count);
  da_conversation_list_set_pinned (self->list, self->young->id, TRUE);
  da_test_await (is_two, &count);
  await_titles (self, "Young, Middle, Old");
  da_conversation_list_set_pinned (self->list, self->old->id, TRUE);
  await_titles (self, "Old, Young, Middle");
  /* It moved, and is of another section. */
  g_assert_cmpuint (count, ==, 2 + 2 + 2);
}

/* A burst of changes, as many answers at once make it, is not a read for each. */
static void
test_rests_in_a_burst (Fixture *self, gconstpointer data)
{
  gint64 begin = g_get_monotonic_time ();
  guint count = 0;

  await_titles (self, "Young, Middle, Old");
  g_signal_connect (self->list, "items-changed", G_CALLBACK (count_changed), &count);
  for (guint i = 0; i < 40; i++)
    {
      g_autofree char *title = g_strdup_printf ("Name %u", i);

      rename_to (self, self->young, title);
      da_test_iterate_for (20);
    }
  await_titles (self, "Name 39, Middle, Old");
  g_assert_cmpuint (count, <=, 2 * (2 + (g_get_monotonic_time () - begin) / 250000));
}

static void
test_archived_are_apart (Fixture *self, gconstpointer data)
{
  await_titles (self, "Young, Middle, Old");
  da_conversation_list_set_pinned (self->list, self->middle->id, TRUE);
  await_titles (self, "Middle, Young, Old");
  da_conversation_list_archive (self->list, self->middle->id, TRUE);
  await_titles (self, "Young, Old");
  g_assert_false (da_conversation_list_is_pinned (self->list, self->middle->id));
  da_conversation_list_set_archived (self->list, TRUE);
  await_titles (self, "Middle");
  da_conversation_list_archive (self->list, self->middle->id, FALSE);
  await_titles (self, "");
  da_conversation_list_set_archived (self->list, FALSE);
  await_titles (self, "Young, Middle, Old");
}

static void
test_archive_searches_itself (Fixture *self, gconstpointer data)
{
  await_titles (self, "Young, Middle, Old");
  da_conversation_list_archive (self->list, self->middle->id, TRUE);
  await_titles (self, "Young, Old");
  da_conversation_list_set_query (self->list, "question old");
  await_titles (self, "Old");
  da_conversation_list_set_archived (self->list, TRUE);
  await_titles (self, "");
  da_conversation_list_set_query (self->list, "question middle");
  await_titles (self, "Middle");
}

static void
test_search_reads_the_messages (Fixture *self, gconstpointer data)
{
  g_autoptr(DaConversation) found = NULL;

  await_titles (self, "Young, Middle, Old");
  da_conversation_list_set_query (self->list, "question middle");
  await_titles (self, "Middle");
  found = g_list_model_get_item (G_LIST_MODEL (self->list), 0);
  g_assert_nonnull (strchr (found->preview, '\002'));
  g_assert_cmpint (da_conversation_list_section_of (self->list, found), ==,
                   DA_CONVERSATION_SECTION_FOUND);
  da_conversation_list_set_query (self->list, "zanzibar");
  await_titles (self, "");
  da_conversation_list_set_query (self->list, "  ");
  await_titles (self, "Young, Middle, Old");
}

static void
test_dies_while_it_loads (void)
{
  g_autofree char *root = da_test_make_dir ();
  DaEngine *engine = ui_sample_engine (root);
  DaConversationList *list = da_conversation_list_new (engine);

  da_conversation_list_set_query (list, "anything");
  da_test_await_finalize (list);
  ui_sample_engine_stop (engine);
  da_test_remove_tree (root);
}

int
main (int argc, char *argv[])
{
  int status;

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
#define ADD(path, func) g_test_add (path, Fixture, NULL, set_up, func, tear_down)
  ADD ("/ui/conversation-list/shows-the-newest-first", test_newest_first);
  ADD ("/ui/conversation-list/follows-a-rename", test_follows_a_rename);
  ADD ("/ui/conversation-list/touches-only-what-changed", test_touches_only_what_changed);
  ADD ("/ui/conversation-list/follows-delete-and-restore", test_follows_delete_and_restore);
  ADD ("/ui/conversation-list/pinned-come-first", test_pinned_come_first);
  ADD ("/ui/conversation-list/pinning-the-first-is-told", test_pinning_the_first_is_told);
  ADD ("/ui/conversation-list/rests-in-a-burst", test_rests_in_a_burst);
  ADD ("/ui/conversation-list/archived-are-apart", test_archived_are_apart);
  ADD ("/ui/conversation-list/archive-searches-itself", test_archive_searches_itself);
  ADD ("/ui/conversation-list/search-reads-the-messages", test_search_reads_the_messages);
#undef ADD
  g_test_add_func ("/ui/conversation-list/dies-while-it-loads", test_dies_while_it_loads);
  status = g_test_run ();
  da_worker_stop (da_worker_get_slow ());
  return status;
}
