/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-bench-store"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "da-conversation-rows.h"
#include "da-conversation-store.h"
#include "da-database.h"
#include "da-macros.h"
#include "da-random.h"
#include "da-run-store.h"
#include "da-store-private.h"
#include "da-store.h"
#include "da-test-util.h"

/* P2 (the store's part), P10, P11, P12 of the budgets on a database of a size nobody has yet.
 *
 *   bench-store [CONVERSATIONS [FOLDER [list|load|search|append]]]
 *
 * With FOLDER the database is made there once and kept, for the benchmarks of whole programs. */

#define MESSAGES_PER_CONVERSATION 20
#define VOCABULARY 20000
#define FIRST_TIME G_GINT64_CONSTANT (1700000000000)

static guint n_over;

static double
now_ms (void)
{
  return g_get_monotonic_time () / 1000.0;
}

static int
compare_doubles (gconstpointer a,
                 gconstpointer b)
{
  double left = *(const double *) a;
  double right = *(const double *) b;

  return left < right ? -1 : left > right;
}

static double
percentile (GArray *samples,
            double  share)
{
  g_array_sort (samples, compare_doubles);
  return g_array_index (samples, double, (guint) ((samples->len - 1) * share));
}

static void
report (const char *name,
        double      value,
        double      budget,
        const char *unit)
{
  gboolean over = budget > 0 && value > budget;

  if (budget > 0)
    printf ("%-44s %10.2f %-3s  budget %8.2f  %s\n", name, value, unit, budget,
            over ? "OVER" : "ok");
  else
    printf ("%-44s %10.2f %-3s\n", name, value, unit);
  n_over += over;
}

/* --- the generator ------------------------------------------------------------------------- */

/* The same database every time. */
static guint32 seed = 12345;

static guint32
next_number (guint32 bound)
{
  seed = seed * 1664525u + 1013904223u;
  return (guint32) (((guint64) (seed >> 8) * bound) >> 24);
}

/* Words as often as in a language: the nth one about 1/n of the first. */
static guint
next_word (void)
{
  double share = (next_number (1 << 20) + 1) / (double) (1 << 20);

  return MIN ((guint) pow (VOCABULARY, share), VOCABULARY - 1);
}

static void
append_word (GString *out,
             guint    number)
{
  static const char *const syllables[] = {
    "ka", "lo", "mi", "ter", "su", "ran", "vo", "del", "pi", "nor", "ga", "wes", "tu", "fel", "ba",
    "rin", "jo", "mas", "ke", "dul",
  };

  do
    {
      g_string_append (out, syllables[number % G_N_ELEMENTS (syllables)]);
      number /= G_N_ELEMENTS (syllables);
    }
  while (number > 0);
}

static void
fill_text (GString *out,
           guint    n_words)
{
  g_string_truncate (out, 0);
  for (guint i = 0; i < n_words; i++)
    {
      if (i > 0)
        g_string_append_c (out, i % 12 == 0 ? '\n' : ' ');
      append_word (out, next_word ());
    }
}

static void
must (gboolean   done,
      GError   **error)
{
  if (!done)
    g_error ("%s", *error != NULL ? (*error)->message : "failed");
}

static void
generate_conversation (DaDatabase *database,
                       guint       index,
                       GString    *text)
{
  g_autofree char *id = g_strdup_printf ("conv_%u_bench", index);
  g_autofree char *title = NULL;
  g_autofree char *preview = NULL;
  gint64 time = FIRST_TIME + index * G_GINT64_CONSTANT (600000);
  GError *error = NULL;
  gint64 serial;

  fill_text (text, 6);
  title = g_strdup (text->str);
  fill_text (text, 30);
  preview = g_strndup (text->str, 180);
  must (da_database_run (database, &error,
          "INSERT INTO conversations (id, title, title_source, created_at, stored_at, updated_at, "
          "last_message_at, message_count, last_message, preview) "
          "VALUES (?, ?, 'local_generated', ?, ?, ?, ?, ?, ?, ?)", "ttiiiiitt",
          id, title, time, time, time, time, (gint64) MESSAGES_PER_CONVERSATION, preview, preview),
        &error);
  serial = da_database_last_serial (database);
  for (gint64 i = 0; i < MESSAGES_PER_CONVERSATION; i++)
    {
      g_autofree char *message_id = g_strdup_printf ("msg_%u_%d", index, (int) i);
      gboolean chinese = next_number (50) == 0;

      fill_text (text, i % 2 == 0 ? 8 + next_number (20) : 30 + next_number (60));
      if (chinese)
        g_string_append (text, " 今天北京的天气很好");
      must (da_database_run (database, &error,
              "INSERT INTO messages (conversation, sequence, id, role, content, grams, timestamp) "
              "VALUES (?, ?, ?, ?, ?, ?, ?)", "iitttti", serial, i, message_id,
              i % 2 == 0 ? "user" : "assistant", text->str,
              chinese ? "今 天 北 京 的 天 气 很 好" : NULL, time + i), &error);
    }
}

static void
generate (const char *path,
          guint       n_conversations)
{
  g_autoptr (GString) text = g_string_new (NULL);
  DaDatabase *database;
  GError *error = NULL;

  database = da_database_open (path, &error);
  must (database != NULL, &error);
  for (guint i = 0; i < n_conversations; i++)
    {
      if (i % 1000 == 0)
        must (da_database_begin (database, FALSE, &error), &error);
      generate_conversation (database, i, text);
      if (i % 1000 == 999 || i + 1 == n_conversations)
        {
          must (da_database_run (database, &error,
                  "INSERT INTO messages_fts (rowid, content, grams) SELECT serial, content, grams "
                  "FROM messages WHERE serial > (SELECT indexed FROM search_progress)", "") &&
                da_database_run (database, &error, "UPDATE search_progress SET indexed = "
                                 "(SELECT max (serial) FROM messages)", ""), &error);
          must (da_database_commit (database, &error), &error);
        }
    }
  da_database_free (database);
}

/* --- the measurements ---------------------------------------------------------------------- */

static DaStore *
open_store (const char *folder,
            double     *ms)
{
  g_autoptr (GAsyncResult) result = NULL;
  double start = now_ms ();
  DaStore *store = da_store_new (folder);
  GError *error = NULL;

  da_store_open_async (store, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  must (da_store_open_finish (store, result, &error), &error);
  *ms = now_ms () - start;
  return store;
}

static void
close_store (DaStore *store)
{
  da_store_close (store);
  da_test_drain ();
  g_object_unref (store);
}

static guint
list_once (DaStore *store,
           guint    limit,
           double  *ms)
{
  DaConversationQuery query = { .limit = limit };
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) list = NULL;
  double start = now_ms ();
  GError *error = NULL;

  da_store_list_conversations_async (store, &query, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  list = da_store_list_conversations_finish (store, result, &error);
  must (list != NULL, &error);
  *ms = now_ms () - start;
  return list->len;
}

static void
measure_list (DaStore    *store,
              guint       limit,
              guint       rounds,
              const char *name,
              double      budget)
{
  g_autoptr (GArray) samples = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < rounds; i++)
    {
      double ms;

      list_once (store, limit, &ms);
      g_array_append_val (samples, ms);
    }
  report (name, percentile (samples, 0.5), budget, "ms");
}

static void
search_once (DaStore    *store,
             const char *query,
             guint      *hits,
             GArray     *samples)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) found = NULL;
  double start = now_ms ();
  GError *error = NULL;
  double ms;

  da_store_search_async (store, query, 50, NULL, da_test_async_cb, &result);
  da_test_run_async (&result);
  found = da_store_search_finish (store, result, &error);
  must (found != NULL, &error);
  ms = now_ms () - start;
  *hits = found->len;
  g_array_append_val (samples, ms);
}

static void
measure_search (DaStore *store)
{
  static const struct {
    const char *name;
    guint       first;   /* rank of the word */
    guint       second;  /* 0: none */
    guint       cut;     /* letters of a prefix; 0: whole word */
  } kinds[] = {
    { "one common word", 2, 0, 0 },
    { "one middling word", 300, 0, 0 },
    { "one rare word", 15000, 0, 0 },
    { "two words", 40, 900, 0 },
    { "the beginning of a word, 2 letters", 15000, 0, 2 },
    { "the beginning of a word, 4 letters", 9000, 0, 4 },
  };
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i <= G_N_ELEMENTS (kinds); i++)
    {
      g_autoptr (GArray) samples = g_array_new (FALSE, FALSE, sizeof (double));
      g_autofree char *name = NULL;
      guint hits = 0;

      for (guint round = 0; round < 21; round++)
        {
          g_autoptr (GString) query = g_string_new (NULL);

          if (i < G_N_ELEMENTS (kinds))
            {
              append_word (query, kinds[i].first + round);
              if (kinds[i].cut > 0)
                g_string_truncate (query, kinds[i].cut);
              if (kinds[i].second > 0)
                {
                  g_string_append_c (query, ' ');
                  append_word (query, kinds[i].second + round);
                }
            }
          else
            g_string_append (query, "天气");
          search_once (store, query->str, &hits, samples);
        }
      g_array_append_vals (all, samples->data, samples->len);
      name = g_strdup_printf ("  %s (%u hits)",
                              i < G_N_ELEMENTS (kinds) ? kinds[i].name : "two Chinese letters",
                              hits);
      report (name, percentile (samples, 0.5), 0, "ms");
    }
  report ("P11 search, p50 of all", percentile (all, 0.5), 20, "ms");
  report ("    search, p95 of all", percentile (all, 0.95), 0, "ms");
}

/* What the machine needs to make one page durable. */
static double
fsync_once (int fd)
{
  static const char page[4096] = { 1 };
  double start = now_ms ();

  if (write (fd, page, sizeof page) != sizeof page || fsync (fd) != 0)
    g_error ("fsync failed");
  return now_ms () - start;
}

typedef struct {
  char      *id;
  GPtrArray *messages;
} Append;

static gpointer
append_job (DaStore   *store,
            gpointer   data,
            GError   **error)
{
  Append *append = data;
  gint64 serial = da_rows_need (store, append->id, error);

  return serial != 0 && da_rows_append (store, serial, append->id, append->messages, FALSE, error)
           ? DA_STORE_OK : NULL;
}

static gpointer
checkpoint_job (DaStore   *store,
                gpointer   data,
                GError   **error)
{
  da_database_checkpoint (store->database);
  return DA_STORE_OK;
}

/* A program that has run for a while writes over its log, it does not make it longer. */
static void
rewind_log (DaStore *store)
{
  g_autoptr (GAsyncResult) result = NULL;
  GError *error = NULL;

  da_store_submit (store, checkpoint_job, DA_STORE_READ, checkpoint_job, NULL, NULL, NULL, NULL,
                   da_test_async_cb, &result);
  da_test_run_async (&result);
  must (da_store_submit_boolean (store, result, checkpoint_job, &error), &error);
}

/* Back and forth over the worker, as every verb does. */
static void
measure_append (DaStore    *store,
                const char *folder)
{
  g_autoptr (GArray) samples = g_array_new (FALSE, FALSE, sizeof (double));
  g_autoptr (GArray) probes = g_array_new (FALSE, FALSE, sizeof (double));
  g_autofree char *path = g_build_filename (folder, "fsync-probe", NULL);
  int fd = g_open (path, O_CREAT | O_RDWR | O_TRUNC | O_CLOEXEC, 0600);
  double probe, p50;

  /* In turns, so that both see the same machine. The first hundred makes the log. */
  for (guint i = 0; i < 501; i++)
    {
      double once = fsync_once (fd);
      g_autoptr (GAsyncResult) result = NULL;
      g_autofree char *id = g_strdup_printf ("conv_%u_bench", next_number (1000));
      g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func (g_object_unref);
      g_autoptr (GString) text = g_string_new (NULL);
      Append append = { id, messages };
      GError *error = NULL;
      double start, ms;

      if (i % 100 == 0)
        rewind_log (store);
      fill_text (text, 30);
      g_ptr_array_add (messages, da_message_new (DA_ROLE_USER, text->str));
      start = now_ms ();
      da_store_submit (store, append_job, DA_STORE_WRITE, append_job, &append, NULL, NULL, NULL,
                       da_test_async_cb, &result);
      da_test_run_async (&result);
      must (da_store_submit_boolean (store, result, append_job, &error), &error);
      ms = now_ms () - start;
      if (i < 100)
        continue;
      g_array_append_val (samples, ms);
      g_array_append_val (probes, once);
    }
  close (fd);
  g_unlink (path);
  p50 = percentile (samples, 0.5);
  probe = percentile (probes, 0.5);
  report ("one page written and fsynced, p50", probe, 0, "ms");
  report ("append one message durably, p50", p50, 0, "ms");
  report ("    append one message durably, p95", percentile (samples, 0.95), 0, "ms");
  report ("P12 append over the machine's fsync, p50", p50 / probe, 2, "x");
}

static void
measure_begin (DaStore *store)
{
  g_autoptr (GArray) samples = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < 401; i++)
    {
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (DaConversation) now = NULL;
      g_autoptr (DaRunRecord) run = da_run_record_new ();
      g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func (g_object_unref);
      g_autoptr (GString) text = g_string_new (NULL);
      GError *error = NULL;
      double start, ms;

      fill_text (text, 30);
      run->id = da_random_id ("run");
      run->conversation_id = g_strdup_printf ("conv_%u_bench", next_number (1000));
      run->session_id = g_strdup ("session_bench");
      run->state = DA_RUN_STATE_RUNNING;
      run->started_at = FIRST_TIME;
      g_ptr_array_add (messages, da_message_new (DA_ROLE_USER, text->str));
      start = now_ms ();
      da_store_begin_run_async (store, run, NULL, messages, NULL, da_test_async_cb, &result);
      da_test_run_async (&result);
      now = da_store_begin_run_finish (store, result, &error);
      must (now != NULL, &error);
      ms = now_ms () - start;
      g_array_append_val (samples, ms);
    }
  report ("begin a run (append, history back), p50", percentile (samples, 0.5), 0, "ms");
  report ("    begin a run, p95", percentile (samples, 0.95), 0, "ms");
}

static void
measure_load (DaStore *store)
{
  g_autoptr (GArray) samples = g_array_new (FALSE, FALSE, sizeof (double));

  for (guint i = 0; i < 201; i++)
    {
      g_autofree char *id = g_strdup_printf ("conv_%u_bench", next_number (1000));
      g_autoptr (GAsyncResult) result = NULL;
      g_autoptr (DaConversation) conversation = NULL;
      double start = now_ms (), ms;
      GError *error = NULL;

      da_store_load_conversation_async (store, id, NULL, da_test_async_cb, &result);
      da_test_run_async (&result);
      conversation = da_store_load_conversation_finish (store, result, &error);
      must (conversation != NULL, &error);
      ms = now_ms () - start;
      g_array_append_val (samples, ms);
    }
  report ("load one conversation, p50", percentile (samples, 0.5), 0, "ms");
}

static gboolean
is_wanted (const char *only,
           const char *part)
{
  return only == NULL || g_str_equal (only, part);
}

static void
run_all (const char *folder,
         guint       n_conversations,
         const char *only)
{
  g_autofree char *path = g_build_filename (folder, "dotagents.db", NULL);
  g_autofree char *mark = g_strconcat (path, ".clean", NULL);
  gsize resident;
  DaStore *store;
  struct stat info;
  double ms, start;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      store = open_store (folder, &ms);
      report ("open, new", ms, 0, "ms");
      close_store (store);
      start = now_ms ();
      generate (path, n_conversations);
      report ("made the database", (now_ms () - start) / 1000, 0, "s");
      store = open_store (folder, &ms);
      close_store (store);
    }
  g_assert_no_errno (stat (path, &info));
  report ("its size", info.st_size / 1048576.0, 0, "MiB");

  store = open_store (folder, &ms);
  report ("P2  open, clean", ms, 50, "ms");

  resident = da_test_resident_bytes ();
  if (is_wanted (only, "list"))
    {
      measure_list (store, 100, 101, "P10 list of 100, p50", 5);
      measure_list (store, 0, 11, "P10 list of all, p50", 150);
    }
  if (is_wanted (only, "load"))
    measure_load (store);
  if (is_wanted (only, "search"))
    measure_search (store);
  if (is_wanted (only, "append"))
    {
      measure_append (store, folder);
      measure_begin (store);
    }
  report ("memory grown by", (da_test_resident_bytes () - resident) / 1048576.0, 0, "MiB");
  close_store (store);

  /* Last: its check goes on beside everything else. */
  g_unlink (mark);
  store = open_store (folder, &ms);
  report ("P2  open, after a crash", ms, 50, "ms");
  close_store (store);
}

int
main (int    argc,
      char **argv)
{
  guint n_conversations = argc > 1 ? g_ascii_strtoull (argv[1], NULL, 10) : 10000;
  g_autofree char *made = NULL;
  const char *folder;

  da_main_thread_mark ();
  if (argc > 2)
    {
      folder = argv[2];
      g_mkdir_with_parents (folder, 0700);
    }
  else
    {
      made = da_test_make_dir ();
      folder = made;
    }
  printf ("%u conversations, %u messages\n", n_conversations,
          n_conversations * MESSAGES_PER_CONVERSATION);
  run_all (folder, n_conversations, argc > 3 ? argv[3] : NULL);
  if (made != NULL)
    da_test_remove_tree (made);
  return n_over > 0 ? 1 : 0;
}
