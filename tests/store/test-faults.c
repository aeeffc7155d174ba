/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-store"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "da-atomic-file.h"
#include "da-database.h"
#include "da-error.h"
#include "da-macros.h"
#include "store-fixture.h"

/* Rounds of kill -9; DA_TEST_KILLS=200 for the long run. */
#define KILLS 20

#define PNG "iVBORw0KGgo="

static const char *program;

/* --- every step fails once ------------------------------------------------------------------- */

typedef gboolean (*Verb) (Fixture   *fixture,
                          GError   **error);

static gboolean
verb_begin (Fixture  *fixture,
            GError  **error)
{
  g_autoptr (GPtrArray) messages = fixture_messages ("u:see ![x](data:image/png;base64," PNG ")",
                                                     NULL);
  g_autoptr (DaConversation) now = NULL;

  now = fixture_begin (fixture->store, "run_x", "conv_x", TRUE, messages, error);
  return now != NULL;
}

static gboolean
verb_append (Fixture  *fixture,
             GError  **error)
{
  return fixture_append (fixture->store, "run_1", 1, 5, "Hello", error);
}

static gboolean
verb_finish (Fixture  *fixture,
             GError  **error)
{
  g_autoptr (GPtrArray) messages = fixture_messages ("a:one", "t:two", "a:three", NULL);

  return fixture_finish (fixture->store, "run_1", DA_RUN_STATE_COMPLETED, messages, error);
}

static gboolean
verb_put (Fixture  *fixture,
          GError  **error)
{
  g_autoptr (GPtrArray) messages = fixture_messages ("u:hi", "a:x", "u:new", NULL);
  DaConversationPut put = { .messages = messages, .title = "T", .has_client_session_id = TRUE,
                            .client_session_id = "s", .updated_at = 5 };
  g_autoptr (DaConversation) now = fixture_put (fixture, "conv_1", &put, error);

  return now != NULL;
}

static gboolean
verb_branch (Fixture  *fixture,
             GError  **error)
{
  g_autoptr (DaConversation) now = fixture_branch (fixture, "conv_1", 0, NULL, error);

  return now != NULL;
}

static gboolean
verb_delete (Fixture  *fixture,
             GError  **error)
{
  return fixture_delete (fixture, NULL, error);
}

/* Everything that is stored, as text. */
static char *
describe_store (Fixture *fixture)
{
  g_autoptr (GPtrArray) list = fixture_list (fixture, 0, 0, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) runs = NULL;
  GString *out = g_string_new (NULL);

  for (guint i = 0; i < list->len; i++)
    {
      DaConversation *head = list->pdata[i];
      g_autoptr (DaConversation) loaded = fixture_load (fixture, head->id, &error);
      g_autofree char *messages = fixture_describe (loaded->messages);

      g_assert_no_error (error);
      g_string_append_printf (out, "%s/%s/%u/%s/%s\n", head->title, head->preview,
                              head->message_count, head->last_message, messages);
    }
  da_store_list_runs_async (fixture->store, NULL, 0, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  runs = da_store_list_runs_finish (fixture->store, result, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < runs->len; i++)
    {
      DaRunRecord *run = runs->pdata[i];
      DaRunJournal *journal = fixture_load_run (fixture->store, run->id, 0, &error);

      g_string_append_printf (out, "%s %s %u %s\n", run->id, da_run_state_to_string (run->state),
                              journal->events->len, journal->text);
      da_run_journal_free (journal);
    }
  return g_string_free (out, FALSE);
}

static void
prepare (Fixture *fixture)
{
  g_autoptr (GPtrArray) messages = fixture_messages ("u:hi", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (DaConversation) now = NULL;

  now = fixture_begin (fixture->store, "run_1", "conv_1", TRUE, messages, &error);
  g_assert_no_error (error);
}

static void
fail_each_step (Verb verb)
{
  guint nth;

  for (nth = 1; nth < 300; nth++)
    {
      Fixture fixture = { 0 };
      g_autofree char *before = NULL;
      g_autofree char *after = NULL;
      g_autoptr (GError) error = NULL;
      gboolean done, was_hit;

      fixture_set_up (&fixture, NULL);
      prepare (&fixture);
      before = describe_store (&fixture);
      da_database_fail_nth (nth, DA_ERROR_NO_SPACE);
      done = verb (&fixture, &error);
      was_hit = !da_database_fail_pending ();
      da_database_fail_nth (0, 0);
      if (!was_hit)
        {
          g_assert_no_error (error);
          g_assert_true (done);
          fixture_tear_down (&fixture, NULL);
          break;
        }
      g_assert_false (done);
      g_assert_error (error, DA_ERROR, DA_ERROR_NO_SPACE);
      after = describe_store (&fixture);
      g_assert_cmpstr (after, ==, before);
      /* The connection is fine, and the same thing works now. */
      g_clear_error (&error);
      g_assert_true (verb (&fixture, &error));
      g_assert_no_error (error);
      fixture_tear_down (&fixture, NULL);
    }
  g_assert_cmpuint (nth, >, 2);
  g_assert_cmpuint (nth, <, 300);
}

static void
test_nth_begin (void)
{
  fail_each_step (verb_begin);
}

static void
test_nth_append (void)
{
  fail_each_step (verb_append);
}

static void
test_nth_finish (void)
{
  fail_each_step (verb_finish);
}

static void
test_nth_put (void)
{
  fail_each_step (verb_put);
}

static void
test_nth_branch (void)
{
  fail_each_step (verb_branch);
}

static void
test_nth_delete (void)
{
  fail_each_step (verb_delete);
}

static void
test_nth_open (void)
{
  guint nth;

  for (nth = 1; nth < 300; nth++)
    {
      Fixture fixture = { 0 };
      g_autoptr (GError) error = NULL;
      g_autofree char *before = NULL;
      g_autofree char *after = NULL;
      gboolean was_hit;

      fixture_set_up (&fixture, NULL);
      {
        g_autoptr (GPtrArray) messages = fixture_messages ("u:hi", NULL);
        g_autoptr (DaConversation) made = fixture_create (&fixture, "conv_1", messages);
      }
      before = describe_store (&fixture);
      fixture_close (g_steal_pointer (&fixture.store));
      da_database_fail_nth (nth, DA_ERROR_NO_SPACE);
      fixture.store = fixture_open_dir (fixture.dir, &error);
      was_hit = !da_database_fail_pending ();
      da_database_fail_nth (0, 0);
      /* Reading must be possible on a full disk, so not every failure is one of the start. */
      if (fixture.store == NULL)
        {
          g_assert_true (was_hit);
          g_assert_error (error, DA_ERROR, DA_ERROR_NO_SPACE);
        }
      fixture_reopen (&fixture);
      after = describe_store (&fixture);
      g_assert_cmpstr (after, ==, before);
      fixture_tear_down (&fixture, NULL);
      if (!was_hit)
        break;
    }
  g_assert_cmpuint (nth, >, 2);
  g_assert_cmpuint (nth, <, 300);
}

/* The file of a picture: nothing is stored that points at one that could not be written. */
static void
test_nth_file (void)
{
  guint nth;

  for (nth = 1; nth < 20; nth++)
    {
      Fixture fixture = { 0 };
      g_autofree char *before = NULL;
      g_autofree char *after = NULL;
      g_autoptr (GError) error = NULL;
      gboolean done;

      fixture_set_up (&fixture, NULL);
      prepare (&fixture);
      before = describe_store (&fixture);
      da_atomic_file_fail_nth (nth, ENOSPC);
      done = verb_begin (&fixture, &error);
      da_atomic_file_fail_nth (0, 0);
      if (!done)
        {
          g_assert_error (error, DA_ERROR, DA_ERROR_NO_SPACE);
          after = describe_store (&fixture);
          g_assert_cmpstr (after, ==, before);
          g_clear_error (&error);
          g_assert_true (verb_begin (&fixture, &error));
        }
      fixture_tear_down (&fixture, NULL);
      if (done)
        break;
    }
  g_assert_cmpuint (nth, >, 2);
  g_assert_cmpuint (nth, <, 20);
}

/* --- a disk that is full --------------------------------------------------------------------- */

static void
fill_disk (const char *dir,
           gsize       max)
{
  g_autofree char *path = g_build_filename (dir, "filler", NULL);
  static const char page[512];
  int fd = g_open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  gsize n = 0;

  while (n < max && write (fd, page, sizeof page) > 0)
    n += sizeof page;
  close (fd);
}

static void
free_disk (const char *dir)
{
  g_autofree char *path = g_build_filename (dir, "filler", NULL);

  g_unlink (path);
}

static void
write_until_full (Fixture *fixture,
                  guint   *n_stored)
{
  g_autofree char *words = g_strnfill (20000, 'x');
  g_autofree char *content = g_strconcat ("u:", words, NULL);

  for (*n_stored = 0; *n_stored < 2000; (*n_stored)++)
    {
      g_autofree char *id = g_strdup_printf ("conv_%u", *n_stored);
      g_autofree char *run = g_strdup_printf ("run_%u", *n_stored);
      g_autoptr (GPtrArray) messages = fixture_messages (content, NULL);
      g_autoptr (GError) error = NULL;
      g_autoptr (DaConversation) now = NULL;

      now = fixture_begin (fixture->store, run, id, TRUE, messages, &error);
      if (now == NULL)
        {
          g_assert_error (error, DA_ERROR, DA_ERROR_NO_SPACE);
          return;
        }
    }
  g_assert_not_reached ();
}

static void
test_full_disk (void)
{
  Fixture fixture = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) list = NULL;
  g_autoptr (GPtrArray) messages = fixture_messages ("u:more", NULL);
  g_autoptr (DaConversation) failed = NULL;
  g_autoptr (DaConversation) now = NULL;
  g_autofree char *dir = da_test_make_dir ();
  guint n_stored = 0;

  if (mount ("tmpfs", dir, "tmpfs", 0, "size=8m,mode=700") != 0)
    {
      g_test_skip ("needs to mount a tmpfs");
      da_test_remove_tree (dir);
      return;
    }
  da_main_thread_mark ();
  fixture.dir = g_build_filename (dir, "data", NULL);
  fixture.store = fixture_open_dir (fixture.dir, &error);
  g_assert_no_error (error);
  /* Room to give back later; what is left is for the test to fill. */
  fill_disk (dir, 5 * 1024 * 1024);
  write_until_full (&fixture, &n_stored);
  g_assert_cmpuint (n_stored, >, 10);

  /* Again and again: nothing is half-written, and reading works. */
  fill_disk (dir, G_MAXSIZE);
  for (guint i = 0; i < 5; i++)
    {
      failed = fixture_begin (fixture.store, "run_full", "conv_full", TRUE, messages, &error);
      g_assert_null (failed);
      g_assert_error (error, DA_ERROR, DA_ERROR_NO_SPACE);
      g_clear_error (&error);
    }
  list = fixture_list (&fixture, 0, 0, NULL);
  g_assert_cmpuint (list->len, ==, n_stored);

  /* A start on the full disk: all can be read. */
  fixture_reopen (&fixture);
  g_clear_pointer (&list, g_ptr_array_unref);
  list = fixture_list (&fixture, 0, 0, NULL);
  g_assert_cmpuint (list->len, ==, n_stored);

  free_disk (dir);
  now = fixture_begin (fixture.store, "run_after", "conv_after", TRUE, messages, &error);
  g_assert_no_error (error);
  fixture_reopen (&fixture);
  g_clear_pointer (&list, g_ptr_array_unref);
  list = fixture_list (&fixture, 0, 0, NULL);
  g_assert_cmpuint (list->len, ==, n_stored + 1);
  g_assert_null (da_store_get_recovery_notice (fixture.store));
  fixture_close (g_steal_pointer (&fixture.store));
  g_assert_no_errno (umount2 (dir, MNT_DETACH));
  g_free (fixture.dir);
  da_test_remove_tree (dir);
}

static void
test_full_at_start (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *dir = da_test_make_dir ();
  g_autofree char *data = g_build_filename (dir, "data", NULL);
  DaStore *store;

  if (mount ("tmpfs", dir, "tmpfs", 0, "size=1m,mode=700") != 0)
    {
      g_test_skip ("needs to mount a tmpfs");
      da_test_remove_tree (dir);
      return;
    }
  da_main_thread_mark ();
  g_assert_no_errno (g_mkdir (data, 0700));
  fill_disk (dir, G_MAXSIZE);
  store = fixture_open_dir (data, &error);
  g_assert_null (store);
  g_assert_error (error, DA_ERROR, DA_ERROR_NO_SPACE);
  g_clear_error (&error);
  free_disk (dir);
  store = fixture_open_dir (data, &error);
  g_assert_no_error (error);
  fixture_close (store);
  g_assert_no_errno (umount2 (dir, MNT_DETACH));
  da_test_remove_tree (dir);
}

/* --- kill -9 --------------------------------------------------------------------------------- */

/* The child: stores runs and answers, and prints the id of a message once it was told that it is
 * stored. */
static int
write_for_ever (const char *dir)
{
  g_autoptr (GError) error = NULL;
  DaStore *store;
  GRand *dice = g_rand_new ();

  da_main_thread_mark ();
  store = fixture_open_dir (dir, &error);
  if (store == NULL)
    g_error ("%s", error->message);
  for (guint i = 0;; i++)
    {
      g_autoptr (GPtrArray) question = fixture_messages ("u:what is the answer?", NULL);
      g_autoptr (GPtrArray) answer = fixture_messages ("a:thinking", "t:[calc] 42", "a:42", NULL);
      g_autofree char *conversation = g_strdup_printf ("conv_%u", g_rand_int_range (dice, 0, 20));
      g_autofree char *run = g_strdup_printf ("run_%d_%u", (int) getpid (), i);
      g_autoptr (DaConversation) now = NULL;

      now = fixture_begin (store, run, conversation, TRUE, question, &error);
      if (now == NULL || !fixture_append (store, run, 1, 4, "the ", &error) ||
          !fixture_finish (store, run, DA_RUN_STATE_COMPLETED, answer, &error))
        g_error ("%s", error->message);
      for (guint k = 0; k < answer->len; k++)
        {
          g_autofree char *line = NULL;

          line = g_strdup_printf ("%s %s\n", conversation, DA_MESSAGE (answer->pdata[k])->id);
          if (write (STDOUT_FILENO, line, strlen (line)) < 0)
            _exit (1);
        }
      da_test_drain ();
    }
}

/* Reads what the child acknowledged, for a random while, and kills it. */
static void
run_and_kill (const char *dir,
              GPtrArray  *acknowledged)
{
  const char *const argv[] = { program, "--writer", dir, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;
  int n_reads = g_test_rand_int_range (1, 120);
  char buffer[4096];
  GPid pid;
  int out;

  g_spawn_async_with_pipes (NULL, (char **) argv, NULL, G_SPAWN_DO_NOT_REAP_CHILD, NULL, NULL, &pid,
                            NULL, &out, NULL, &error);
  g_assert_no_error (error);
  for (int i = 0; i < n_reads; i++)
    {
      ssize_t got = read (out, buffer, sizeof buffer);

      g_assert_cmpint (got, >, 0);
      g_string_append_len (text, buffer, got);
    }
  g_assert_no_errno (kill (pid, SIGKILL));
  /* What it wrote before it died was acknowledged as well. */
  for (ssize_t got; (got = read (out, buffer, sizeof buffer)) > 0;)
    g_string_append_len (text, buffer, got);
  close (out);
  waitpid (pid, NULL, 0);
  g_spawn_close_pid (pid);
  lines = g_strsplit (text->str, "\n", -1);
  for (guint i = 0; lines[i] != NULL && lines[i + 1] != NULL; i++)
    g_ptr_array_add (acknowledged, g_strdup (lines[i]));
}

static void
assert_sound (const char *dir)
{
  g_autofree char *path = g_build_filename (dir, "dotagents.db", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (DaDatabase) database = da_database_open (path, &error);
  g_autoptr (DaStatement) row = NULL;
  gint64 open = -1;

  g_assert_no_error (error);
  row = da_database_query (database, &error, "PRAGMA integrity_check", "");
  g_assert_cmpint (da_statement_step (row, &error), ==, DA_STEP_ROW);
  g_assert_cmpstr (da_statement_text (row, 0), ==, "ok");
  g_clear_pointer (&row, da_statement_release);
  /* The search index holds what the messages hold: FTS5 checks itself against them. */
  g_assert_true (da_database_exec (database, "INSERT INTO messages_fts (messages_fts, rank) "
                                   "VALUES ('integrity-check', 1)", &error));
  g_assert_no_error (error);
  g_assert_true (da_database_query_int (database, &open, &error,
                                        "SELECT count(*) FROM runs WHERE ended_at = 0", ""));
  g_assert_cmpint (open, ==, 0);
}

static void
assert_all_there (Fixture   *fixture,
                  GPtrArray *acknowledged)
{
  g_autoptr (GHashTable) stored = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GPtrArray) list = fixture_list (fixture, 0, 0, NULL);
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < list->len; i++)
    {
      DaConversation *head = list->pdata[i];
      g_autoptr (DaConversation) loaded = fixture_load (fixture, head->id, &error);

      g_assert_no_error (error);
      g_assert_cmpuint (head->message_count, ==, loaded->messages->len);
      for (guint k = 0; k < loaded->messages->len; k++)
        {
          DaMessage *message = loaded->messages->pdata[k];

          g_assert_cmpint (message->sequence, ==, k);
          g_hash_table_add (stored, g_strdup_printf ("%s %s", head->id, message->id));
        }
    }
  for (guint i = 0; i < acknowledged->len; i++)
    if (!g_hash_table_contains (stored, acknowledged->pdata[i]))
      g_error ("%s was acknowledged and is lost", (char *) acknowledged->pdata[i]);
}

static void
test_kill (void)
{
  g_autoptr (GPtrArray) acknowledged = g_ptr_array_new_with_free_func (g_free);
  const char *wanted = g_getenv ("DA_TEST_KILLS");
  guint rounds = wanted != NULL ? (guint) atoi (wanted) : KILLS;
  Fixture fixture = { 0 };

  fixture_set_up (&fixture, NULL);
  for (guint i = 0; i < rounds; i++)
    {
      fixture_close (g_steal_pointer (&fixture.store));
      run_and_kill (fixture.dir, acknowledged);
      fixture_reopen (&fixture);
      g_assert_null (da_store_get_recovery_notice (fixture.store));
      assert_all_there (&fixture, acknowledged);
      fixture_close (g_steal_pointer (&fixture.store));
      assert_sound (fixture.dir);
      fixture_reopen (&fixture);
    }
  g_test_message ("%u messages acknowledged in %u rounds", acknowledged->len, rounds);
  g_assert_cmpuint (acknowledged->len, >, rounds);
  fixture_tear_down (&fixture, NULL);
}

int
main (int    argc,
      char **argv)
{
  if (argc == 3 && g_str_equal (argv[1], "--writer"))
    return write_for_ever (argv[2]);
  program = argv[0];
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/store/faults/each-step-of-begin-may-fail", test_nth_begin);
  g_test_add_func ("/store/faults/each-step-of-append-may-fail", test_nth_append);
  g_test_add_func ("/store/faults/each-step-of-finish-may-fail", test_nth_finish);
  g_test_add_func ("/store/faults/each-step-of-put-may-fail", test_nth_put);
  g_test_add_func ("/store/faults/each-step-of-branch-may-fail", test_nth_branch);
  g_test_add_func ("/store/faults/each-step-of-delete-may-fail", test_nth_delete);
  g_test_add_func ("/store/faults/each-step-of-opening-may-fail", test_nth_open);
  g_test_add_func ("/store/faults/each-step-of-a-picture-file-may-fail", test_nth_file);
  g_test_add_func ("/store/faults/a-full-disk-leaves-nothing-half-written", test_full_disk);
  g_test_add_func ("/store/faults/a-full-disk-at-start-is-told", test_full_at_start);
  g_test_add_func ("/store/faults/every-acknowledged-message-survives-a-kill", test_kill);
  return g_test_run ();
}
