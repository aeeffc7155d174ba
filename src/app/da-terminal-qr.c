/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SPDX-FileCopyrightText: 2026 The DotAgents Authors */

#define G_LOG_DOMAIN "da-app-qr"

#include "config.h"

#include "da-terminal-qr.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <glib/gi18n.h>
#include <qrencode.h>

#include "da-error.h"

/* Columns for the text beside a code. */
#define BESIDE_COLUMNS 46

/* Black and white of the 256 colours, which themes leave alone. */
#define COLOR_ON  "\033[38;5;16;48;5;231m"
#define COLOR_OFF "\033[0m"

#define UPPER "\342\226\200"
#define LOWER "\342\226\204"
#define FULL  "\342\226\210"

DaQr *
da_qr_new (const char  *text,
           GError     **error)
{
  QRcode *code = QRcode_encodeString8bit (text, 0, QR_ECLEVEL_M);
  DaQr *self;

  if (code == NULL)
    {
      g_set_error (error, DA_ERROR, DA_ERROR_TOO_LARGE, _("The text does not fit into a QR code"));
      return NULL;
    }
  self = g_new0 (DaQr, 1);
  self->width = (guint) code->width;
  self->modules = g_new (guint8, (gsize) self->width * self->width);
  for (gsize i = 0; i < (gsize) self->width * self->width; i++)
    self->modules[i] = code->data[i] & 1;
  QRcode_free (code);
  return self;
}

void
da_qr_free (DaQr *self)
{
  g_free (self->modules);
  g_free (self);
}

guint
da_terminal_qr_columns (const DaQr *qr)
{
  return qr->width + 2 * DA_QR_QUIET;
}

guint
da_terminal_qr_lines (const DaQr *qr)
{
  return (qr->width + 2 * DA_QR_QUIET + 1) / 2;
}

/* Light outside of the code. */
static gboolean
is_dark (const DaQr *qr,
         guint       row,
         guint       column)
{
  if (row < DA_QR_QUIET || column < DA_QR_QUIET
      || row >= qr->width + DA_QR_QUIET || column >= qr->width + DA_QR_QUIET)
    return FALSE;
  return qr->modules[(row - DA_QR_QUIET) * qr->width + column - DA_QR_QUIET] != 0;
}

static void
append_line (GString    *out,
             const DaQr *qr,
             guint       row,
             gboolean    color)
{
  /* What is drawn is dark on white paper, and light on a dark terminal. */
  static const char *const blocks[] = { " ", LOWER, UPPER, FULL };
  guint n = da_terminal_qr_columns (qr);

  for (guint column = 0; column < n; column++)
    {
      gboolean upper = is_dark (qr, row, column) == color;
      gboolean lower = is_dark (qr, row + 1, column) == color;

      /* A width is odd, so the last line has nothing below it. */
      if (row + 1 >= n && !color)
        lower = FALSE;
      g_string_append (out, blocks[(upper ? 2 : 0) + (lower ? 1 : 0)]);
    }
}

char *
da_terminal_qr_render (const DaQr        *qr,
                       gboolean           color,
                       const char *const *beside)
{
  GString *out = g_string_new (NULL);
  guint n_lines = da_terminal_qr_lines (qr);
  guint n_beside = beside != NULL ? g_strv_length ((char **) beside) : 0;
  guint first = n_lines > n_beside ? (n_lines - n_beside) / 2 : 0;

  for (guint line = 0; line < n_lines; line++)
    {
      if (color)
        g_string_append (out, COLOR_ON);
      append_line (out, qr, 2 * line, color);
      if (color)
        g_string_append (out, COLOR_OFF);
      if (line >= first && line - first < n_beside && *beside[line - first] != '\0')
        g_string_append_printf (out, "  %s", beside[line - first]);
      g_string_append_c (out, '\n');
    }
  return g_string_free (out, FALSE);
}

static guint
number_of (const char *name)
{
  const char *text = g_getenv (name);
  guint64 value = text != NULL ? g_ascii_strtoull (text, NULL, 10) : 0;

  return value > 0 && value < 10000 ? (guint) value : 0;
}

DaTerminal
da_terminal_get (void)
{
  const char *term = g_getenv ("TERM");
  gboolean is_terminal = isatty (STDOUT_FILENO) != 0;
  DaTerminal terminal = { .columns = number_of ("COLUMNS"), .lines = number_of ("LINES") };
  struct winsize size;

  if (is_terminal && ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    {
      terminal.columns = size.ws_col;
      terminal.lines = size.ws_row;
    }
  terminal.color = is_terminal && g_getenv ("NO_COLOR") == NULL && term != NULL
                   && strcmp (term, "dumb") != 0;
  return terminal;
}

static char *
format_time (gint64 ms)
{
  g_autoptr(GDateTime) time = g_date_time_new_from_unix_local (ms / 1000);

  return g_date_time_format (time, "%H:%M");
}

/* (transfer full): the words beside the code. */
static char **
describe (const DaTerminalPairing *pairing)
{
  g_autoptr(GStrvBuilder) lines = g_strv_builder_new ();
  g_autofree char *time = format_time (pairing->expires_at);
  g_autofree char *key = g_strdup_printf (_("Key: %s"), pairing->key_preview);
  g_autofree char *until = g_strdup_printf (_("Good until %s, for one phone"), time);

  g_strv_builder_add_many (lines, _("Scan this with the DotAgents app:"), "", pairing->base_url,
                           key, until, NULL);
  return g_strv_builder_end (lines);
}

static void
append_words (GString                 *out,
              const DaTerminalPairing *pairing,
              char                   **words)
{
  for (guint i = 0; words[i] != NULL; i++)
    g_string_append_printf (out, "%s\n", words[i]);
  if (pairing->reason != NULL)
    g_string_append_printf (out, "%s\n", pairing->reason);
}

static void
append_link (GString                 *out,
             const DaTerminalPairing *pairing)
{
  g_autofree char *time = format_time (pairing->expires_at);

  g_string_append_printf (out, _("Open this link on the phone instead (good until %s):\n"), time);
  g_string_append_printf (out, "\n%s\n\n%s\n", pairing->link, pairing->base_url);
}

char *
da_terminal_pairing_render (const DaTerminalPairing *pairing,
                            DaTerminal               terminal)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(DaQr) qr = da_qr_new (pairing->link, &error);
  g_auto(GStrv) words = describe (pairing);
  GString *out = g_string_new (NULL);
  guint columns, lines;

  if (qr == NULL)
    {
      g_string_append_printf (out, "%s\n", error->message);
      append_link (out, pairing);
      return g_string_free (out, FALSE);
    }
  columns = da_terminal_qr_columns (qr);
  lines = da_terminal_qr_lines (qr);
  if ((terminal.columns > 0 && terminal.columns < columns)
      || (terminal.lines > 0 && terminal.lines < lines))
    {
      if (terminal.columns > 0 && terminal.columns < columns)
        g_string_append_printf (out, _("This terminal is too narrow for the code: it has %u "
                                       "columns, the code takes %u.\n"),
                                terminal.columns, columns);
      else
        g_string_append_printf (out, _("This terminal is too low for the code: it has %u lines, "
                                       "the code takes %u.\n"), terminal.lines, lines);
      append_link (out, pairing);
    }
  else if (terminal.columns == 0 || terminal.columns >= columns + BESIDE_COLUMNS)
    {
      g_autofree char *code = da_terminal_qr_render (qr, terminal.color,
                                                     (const char *const *) words);

      g_string_append (out, code);
      if (pairing->reason != NULL)
        g_string_append_printf (out, "%s\n", pairing->reason);
    }
  else
    {
      g_autofree char *code = da_terminal_qr_render (qr, terminal.color, NULL);

      g_string_append (out, code);
      append_words (out, pairing, words);
    }
  return g_string_free (out, FALSE);
}
