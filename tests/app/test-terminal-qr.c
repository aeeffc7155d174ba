/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#include "config.h"

#include "da-terminal-qr.h"

#include <string.h>

#include <glib/gstdio.h>
#include <qrencode.h>

#include "da-error.h"

#define LINK "dotagents://config?baseUrl=http%3A%2F%2F192.168.178.23%3A3210%2Fv1&apiKey=" \
             "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* What a person sees: TRUE where a character's half is drawn. */
static void
read_character (gunichar c, gboolean *upper, gboolean *lower)
{
  *upper = c == 0x2580 || c == 0x2588;
  *lower = c == 0x2584 || c == 0x2588;
  g_assert_true (c == ' ' || *upper || *lower);
}

/* The lines as modules, 1 dark, quiet zone and all. @color: drawn is dark; else drawn is light. */
static guint8 *
read_back (const char *text, gboolean color, guint *width)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);
  guint n_lines = g_strv_length (lines) - 1;
  guint n = 0;
  guint8 *out = NULL;

  for (guint i = 0; i < n_lines; i++)
    {
      const char *p = lines[i];

      if (color)
        {
          g_assert_true (g_str_has_prefix (p, "\033[38;5;16;48;5;231m"));
          p += strlen ("\033[38;5;16;48;5;231m");
        }
      if (out == NULL)
        {
          const char *end = color ? strstr (p, "\033[0m") : p + strlen (p);

          n = (guint) g_utf8_strlen (p, end - p);
          out = g_new0 (guint8, (gsize) n * 2 * n_lines);
        }
      for (guint j = 0; j < n; j++, p = g_utf8_next_char (p))
        {
          gboolean upper, lower;

          read_character (g_utf8_get_char (p), &upper, &lower);
          out[2 * i * n + j] = upper == color;
          out[(2 * i + 1) * n + j] = lower == color;
        }
    }
  *width = n;
  return out;
}

static void
check_modules (gboolean color)
{
  QRcode *expected = QRcode_encodeString8bit (LINK, 0, QR_ECLEVEL_M);
  g_autoptr(DaQr) qr = da_qr_new (LINK, NULL);
  g_autofree char *text = da_terminal_qr_render (qr, color, NULL);
  g_autofree guint8 *modules = NULL;
  guint width;

  modules = read_back (text, color, &width);
  g_assert_cmpuint (width, ==, da_terminal_qr_columns (qr));
  g_assert_cmpuint (width, ==, expected->width + 2 * DA_QR_QUIET);
  for (guint row = 0; row < width; row++)
    for (guint column = 0; column < width; column++)
      {
        gboolean inside = row >= DA_QR_QUIET && column >= DA_QR_QUIET
                          && row < width - DA_QR_QUIET && column < width - DA_QR_QUIET;
        guint8 dark = inside ? expected->data[(row - DA_QR_QUIET) * expected->width + column
                                              - DA_QR_QUIET] & 1 : 0;

        g_assert_cmpuint (modules[row * width + column], ==, dark);
      }
  QRcode_free (expected);
}

static void
test_colored_blocks_are_the_code (void)
{
  check_modules (TRUE);
}

static void
test_plain_blocks_are_the_code (void)
{
  check_modules (FALSE);
}

/* A plain PBM picture, eight pixels a module, as a camera would see the screen. */
static char *
draw (const guint8 *modules, guint width)
{
  GString *out = g_string_new (NULL);
  guint size = width * 8;

  g_string_append_printf (out, "P1\n%u %u\n", size, size);
  for (guint y = 0; y < size; y++)
    {
      for (guint x = 0; x < size; x++)
        g_string_append_c (out, modules[y / 8 * width + x / 8] ? '1' : '0');
      g_string_append_c (out, '\n');
    }
  return g_string_free (out, FALSE);
}

static void
test_a_reader_reads_what_is_on_the_screen (void)
{
  g_autofree char *program = g_find_program_in_path ("zbarimg");
  g_autoptr(DaQr) qr = da_qr_new (LINK, NULL);
  g_autofree char *text = da_terminal_qr_render (qr, TRUE, NULL);
  g_autofree guint8 *modules = NULL;
  g_autofree char *picture = NULL;
  g_autofree char *path = g_build_filename (g_get_user_cache_dir (), "code.pbm", NULL);
  g_autofree char *answer = NULL;
  const char *argv[] = { program, "--raw", "--quiet", path, NULL };
  g_autoptr(GError) error = NULL;
  guint width;

  if (program == NULL)
    {
      g_test_skip ("there is no zbarimg");
      return;
    }
  modules = read_back (text, TRUE, &width);
  picture = draw (modules, width);
  g_mkdir_with_parents (g_get_user_cache_dir (), 0700);
  g_assert_true (g_file_set_contents (path, picture, -1, &error));
  g_assert_true (g_spawn_sync (NULL, (char **) argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL,
                               &answer, NULL, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (g_strchomp (answer), ==, LINK);
}

static const DaTerminalPairing pairing = {
  .link = LINK,
  .base_url = "http://192.168.178.23:3210/v1",
  .reason = "The network this computer is online with",
  .key_preview = "0123...cdef",
  .expires_at = 1700000000000,
};

static guint
longest_line (const char *text)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);
  glong longest = 0;

  for (guint i = 0; lines[i] != NULL; i++)
    longest = MAX (longest, g_utf8_strlen (lines[i], -1));
  return (guint) longest;
}

static void
test_a_wide_terminal_has_the_words_beside (void)
{
  g_autofree char *text = da_terminal_pairing_render (&pairing, (DaTerminal) { 120, 40, FALSE });

  g_assert_nonnull (strstr (text, "http://192.168.178.23:3210/v1"));
  g_assert_nonnull (strstr (text, "0123...cdef"));
  g_assert_null (strstr (text, "456789abcdef"));
  g_assert_cmpuint (longest_line (text), <=, 120);
  g_assert_cmpuint (longest_line (text), >, 60);
}

static void
test_a_middling_terminal_has_the_words_below (void)
{
  g_autofree char *text = da_terminal_pairing_render (&pairing, (DaTerminal) { 60, 40, FALSE });

  g_assert_nonnull (strstr (text, "http://192.168.178.23:3210/v1"));
  g_assert_nonnull (strstr (text, "\342\226\210"));
  g_assert_cmpuint (longest_line (text), <=, 60);
  g_assert_null (strstr (text, LINK));
}

static void
check_link_instead (DaTerminal terminal, const char *word)
{
  g_autofree char *text = da_terminal_pairing_render (&pairing, terminal);

  g_assert_nonnull (strstr (text, word));
  g_assert_nonnull (strstr (text, "\n" LINK "\n"));
  g_assert_null (strstr (text, "\342\226\210"));
}

static void
test_a_small_terminal_is_told_the_link (void)
{
  check_link_instead ((DaTerminal) { 40, 60, FALSE }, "narrow");
  check_link_instead ((DaTerminal) { 100, 20, TRUE }, "low");
}

static void
test_a_text_that_is_too_long_is_an_error (void)
{
  g_autofree char *text = g_strnfill (4000, 'x');
  g_autoptr(GError) error = NULL;

  g_assert_null (da_qr_new (text, &error));
  g_assert_error (error, DA_ERROR, DA_ERROR_TOO_LARGE);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  g_test_add_func ("/app/terminal-qr/colored-blocks-are-the-code",
                   test_colored_blocks_are_the_code);
  g_test_add_func ("/app/terminal-qr/plain-blocks-are-the-code", test_plain_blocks_are_the_code);
  g_test_add_func ("/app/terminal-qr/a-reader-reads-what-is-on-the-screen",
                   test_a_reader_reads_what_is_on_the_screen);
  g_test_add_func ("/app/terminal-qr/a-wide-terminal-has-the-words-beside",
                   test_a_wide_terminal_has_the_words_beside);
  g_test_add_func ("/app/terminal-qr/a-middling-terminal-has-the-words-below",
                   test_a_middling_terminal_has_the_words_below);
  g_test_add_func ("/app/terminal-qr/a-small-terminal-is-told-the-link",
                   test_a_small_terminal_is_told_the_link);
  g_test_add_func ("/app/terminal-qr/a-text-that-is-too-long-is-an-error",
                   test_a_text_that_is_too_long_is_an_error);
  return g_test_run ();
}
