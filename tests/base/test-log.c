/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-test-log"

#include "da-log.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "da-clock.h"
#include "da-test-util.h"

/* Standard error goes to a file while a test logs; it is put back after. */
typedef struct {
  char *folder;
  char *path;
  int   real_stderr;
} Fixture;

static void
set_up (Fixture       *self,
        gconstpointer  data)
{
  int fd;

  self->folder = da_test_make_dir ();
  self->path = g_build_filename (self->folder, "stderr", NULL);
  self->real_stderr = dup (STDERR_FILENO);
  fd = open (self->path, O_CREAT | O_WRONLY | O_APPEND, 0600);
  dup2 (fd, STDERR_FILENO);
  close (fd);
  da_log_set_level (DA_LOG_LEVEL_INFO);
  da_log_clear ();
}

static void
tear_down (Fixture       *self,
           gconstpointer  data)
{
  dup2 (self->real_stderr, STDERR_FILENO);
  close (self->real_stderr);
  da_test_remove_tree (self->folder);
  g_free (self->path);
  g_free (self->folder);
  da_log_clear ();
}

/* g_log() makes warnings fatal in a test; the structured form does not. */
static void
say (GLogLevelFlags  level,
     const char     *domain,
     const char     *message)
{
  g_log_structured (domain, level, "MESSAGE", "%s", message);
}

static void
assert_printed (Fixture    *self,
                const char *part)
{
  g_autofree char *text = da_test_read_file (self->path, NULL);

  if (strstr (text, part) == NULL)
    g_error ("“%s” is not in “%s”", part, text);
}

static void
test_line_form (Fixture       *self,
                gconstpointer  data)
{
  g_autofree char *text = NULL;
  g_autoptr (GRegex) form =
    g_regex_new ("^\\d\\d:\\d\\d:\\d\\d info server-router: hello Grüße\\n$", 0, 0, NULL);

  say (G_LOG_LEVEL_MESSAGE, "da-server-router", "hello Grüße");
  text = da_test_read_file (self->path, NULL);
  g_assert_true (g_regex_match (form, text, 0, NULL));
}

static void
test_levels (Fixture       *self,
             gconstpointer  data)
{
  static const struct { DaLogLevel level; const char *names; } cases[] = {
    { DA_LOG_LEVEL_ERROR, "error," },
    { DA_LOG_LEVEL_INFO, "error,warning,info,info," },
    { DA_LOG_LEVEL_DEBUG, "error,warning,info,info,debug," },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GPtrArray) entries = NULL;
      g_autoptr (GString) names = g_string_new (NULL);

      da_log_clear ();
      da_log_set_level (cases[i].level);
      g_assert_cmpint (da_log_get_level (), ==, cases[i].level);
      say (G_LOG_LEVEL_CRITICAL, "da-x", "1");
      say (G_LOG_LEVEL_WARNING, "da-x", "2");
      say (G_LOG_LEVEL_MESSAGE, "da-x", "3");
      say (G_LOG_LEVEL_INFO, "da-x", "4");
      say (G_LOG_LEVEL_DEBUG, "da-x", "5");
      entries = da_log_dup_entries (100);
      for (guint j = 0; j < entries->len; j++)
        {
          const DaLogEntry *entry = g_ptr_array_index (entries, j);

          g_string_append_printf (names, "%s,", entry->level);
          g_assert_cmpstr (entry->component, ==, "x");
        }
      g_assert_cmpstr (names->str, ==, cases[i].names);
    }
}

static void
test_chatter_of_libraries_is_dropped (Fixture       *self,
                                      gconstpointer  data)
{
  g_autoptr (GPtrArray) entries = NULL;

  da_log_set_level (DA_LOG_LEVEL_DEBUG);
  say (G_LOG_LEVEL_DEBUG, "GLib-GIO", "noise");
  say (G_LOG_LEVEL_INFO, "libsoup", "noise");
  say (G_LOG_LEVEL_WARNING, "GLib-GIO", "matters");
  entries = da_log_dup_entries (100);
  g_assert_cmpuint (entries->len, ==, 1);
  g_assert_cmpstr (((DaLogEntry *) g_ptr_array_index (entries, 0))->component, ==, "GLib-GIO");
}

static void
test_level_words (void)
{
  DaLogLevel level;

  g_assert_true (da_log_level_parse ("error", &level) && level == DA_LOG_LEVEL_ERROR);
  g_assert_true (da_log_level_parse ("info", &level) && level == DA_LOG_LEVEL_INFO);
  g_assert_true (da_log_level_parse ("debug", &level) && level == DA_LOG_LEVEL_DEBUG);
  g_assert_false (da_log_level_parse ("warn", &level));
  g_assert_false (da_log_level_parse ("INFO", &level));
  g_assert_false (da_log_level_parse ("", &level));
  g_assert_false (da_log_level_parse (NULL, &level));
}

static void
test_secrets_are_hidden (Fixture       *self,
                         gconstpointer  data)
{
  g_autoptr (GPtrArray) entries = NULL;
  g_autofree char *text = NULL;

  say (G_LOG_LEVEL_MESSAGE, "da-x", "Bearer abcdefgh12345678 was refused");
  text = da_test_read_file (self->path, NULL);
  g_assert_null (strstr (text, "abcdefgh"));
  assert_printed (self, "x: Bearer *** was refused\n");
  entries = da_log_dup_entries (1);
  g_assert_cmpstr (((DaLogEntry *) g_ptr_array_index (entries, 0))->message, ==,
                   "Bearer *** was refused");
}

static void
test_one_entry_is_one_line (Fixture       *self,
                            gconstpointer  data)
{
  say (G_LOG_LEVEL_MESSAGE, "da-x", "a\nb\rc\x1b[31m\xc2\x9b" "d\te\xff");
  assert_printed (self, "x: a\\nb\\x0dc\\x1b[31m\\x9bd e\uFFFD\n");
}

static void
test_ring_keeps_the_newest (Fixture       *self,
                            gconstpointer  data)
{
  g_autoptr (GPtrArray) all = NULL;
  g_autoptr (GPtrArray) few = NULL;

  for (guint i = 0; i < DA_LOG_RING_SIZE + 10; i++)
    {
      g_autofree char *text = g_strdup_printf ("%u", i);

      say (G_LOG_LEVEL_MESSAGE, "da-x", text);
    }
  all = da_log_dup_entries (G_MAXUINT);
  g_assert_cmpuint (all->len, ==, DA_LOG_RING_SIZE);
  g_assert_cmpstr (((DaLogEntry *) g_ptr_array_index (all, 0))->message, ==, "10");
  few = da_log_dup_entries (2);
  g_assert_cmpuint (few->len, ==, 2);
  g_assert_cmpstr (((DaLogEntry *) g_ptr_array_index (few, 0))->message, ==, "520");
  g_assert_cmpstr (((DaLogEntry *) g_ptr_array_index (few, 1))->message, ==, "521");
}

static void
test_long_message_is_cut_in_the_ring (Fixture       *self,
                                      gconstpointer  data)
{
  g_autoptr (GString) text = g_string_new ("x");
  g_autoptr (GPtrArray) entries = NULL;
  const char *kept;

  while (text->len < 100000)
    g_string_append (text, "ü");
  say (G_LOG_LEVEL_MESSAGE, "da-x", text->str);
  entries = da_log_dup_entries (1);
  kept = ((DaLogEntry *) g_ptr_array_index (entries, 0))->message;
  g_assert_cmpuint (strlen (kept), <=, 4096);
  g_assert_cmpuint (strlen (kept), >, 4000);
  g_assert_true (g_utf8_validate (kept, -1, NULL));
}

static void
test_errors_are_counted_by_age (Fixture       *self,
                                gconstpointer  data)
{
  say (G_LOG_LEVEL_CRITICAL, "da-x", "old");
  say (G_LOG_LEVEL_WARNING, "da-x", "no error");
  da_clock_set_offset (10000, 0);
  say (G_LOG_LEVEL_CRITICAL, "da-x", "new");
  g_assert_cmpuint (da_log_count_errors (60000), ==, 2);
  g_assert_cmpuint (da_log_count_errors (5000), ==, 1);
  da_log_clear ();
  g_assert_cmpuint (da_log_count_errors (60000), ==, 0);
  da_clock_set_offset (0, 0);
}

static void
note_entry (const DaLogEntry *entry,
            gpointer          user_data)
{
  GString *seen = user_data;

  g_string_append_printf (seen, "%s,", entry->message);
  /* A watcher that logs must not set itself off. */
  say (G_LOG_LEVEL_MESSAGE, "da-x", "echo");
}

static gpointer
log_from_a_thread (gpointer data)
{
  for (guint i = 0; i < 200; i++)
    say (G_LOG_LEVEL_MESSAGE, "da-x", "t");
  return NULL;
}

static void
test_watchers (Fixture       *self,
               gconstpointer  data)
{
  g_autoptr (GString) seen = g_string_new (NULL);
  guint id = da_log_watch (note_entry, seen);

  say (G_LOG_LEVEL_MESSAGE, "da-x", "a");
  say (G_LOG_LEVEL_MESSAGE, "da-x", "b");
  g_assert_cmpstr (seen->str, ==, "");
  da_test_drain ();
  g_assert_cmpstr (seen->str, ==, "a,b,");

  g_thread_join (g_thread_new ("logger", log_from_a_thread, NULL));
  da_test_drain ();
  g_assert_cmpuint (seen->len, ==, strlen ("a,b,") + 200 * strlen ("t,"));

  say (G_LOG_LEVEL_MESSAGE, "da-x", "c");
  da_log_unwatch (id);
  say (G_LOG_LEVEL_MESSAGE, "da-x", "d");
  da_test_drain ();
  g_assert_null (strchr (seen->str, 'c'));
  g_assert_null (strchr (seen->str, 'd'));
  da_log_unwatch (id);
}

/* Nobody reads the pipe: lines are lost, we are not. */
static void
test_full_pipe_does_not_block (Fixture       *self,
                               gconstpointer  data)
{
  g_autofree char *text = g_strnfill (3000, 'x');
  int fds[2];

  g_assert_cmpint (pipe (fds), ==, 0);
  dup2 (fds[1], STDERR_FILENO);
  for (guint i = 0; i < 200; i++)
    say (G_LOG_LEVEL_MESSAGE, "da-x", text);
  close (fds[0]);
  say (G_LOG_LEVEL_MESSAGE, "da-x", "to a pipe that nobody holds");
  close (fds[1]);
  close (STDERR_FILENO);
  say (G_LOG_LEVEL_MESSAGE, "da-x", "to no descriptor at all");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  da_log_init ();

#define ADD(path, func) \
  g_test_add ("/base/log/" path, Fixture, NULL, set_up, func, tear_down)
  ADD ("line-form", test_line_form);
  ADD ("levels-filter", test_levels);
  ADD ("chatter-of-libraries-is-dropped", test_chatter_of_libraries_is_dropped);
  ADD ("secrets-are-hidden", test_secrets_are_hidden);
  ADD ("one-entry-is-one-line", test_one_entry_is_one_line);
  ADD ("ring-keeps-the-newest", test_ring_keeps_the_newest);
  ADD ("long-message-is-cut-in-the-ring", test_long_message_is_cut_in_the_ring);
  ADD ("errors-are-counted-by-age", test_errors_are_counted_by_age);
  ADD ("watchers-hear-on-the-main-loop", test_watchers);
  ADD ("full-pipe-does-not-block", test_full_pipe_does_not_block);
  g_test_add_func ("/base/log/level-words", test_level_words);

  return g_test_run ();
}
